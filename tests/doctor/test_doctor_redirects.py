"""Redirects that lose the request, logins that stand before a service, and the scheme that the port does not speak."""

from __future__ import annotations

import asyncio
import os
import secrets
import ssl
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from servers.nginx import nginx
from servers.proxies import gateway
from servers.raw import Answerer, Asked, answer, raw_server
from servers.real import RealServer, free_port

from diagnostics import doctor, report, targets
from diagnostics.causes.book import REGISTRY
from diagnostics.doctor import Diagnosis
from diagnostics.login_wall import is_login_page, parameter_names, wall_of
from diagnostics.probes.other_spelling import spelled
from wizard.secret import Secret
from wizard.transport import Transport

pytestmark = pytest.mark.slow

TOKEN = Secret(secrets.token_urlsafe(24))
MCP = {
    "jsonrpc": "2.0",
    "id": 1,
    "result": {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {}},
}
SLASH = "redirect-trailing-slash-drops-auth"
LOGIN = "access-proxy-redirects-to-login"
PLAIN = "http-url-instead-of-https"
NO_TLS = "https-url-on-plain-http-port"


async def diagnosed(
    url: str, credential: Secret | None = TOKEN, *, kind: str = "", ca: str | None = None
) -> Diagnosis:
    async with Transport(timeout=5, ca=ca) as transport:
        return await doctor.diagnose(targets.from_url(url, credential=credential, kind=kind), transport)


async def first(url: str, cause: str, monkeypatch: pytest.MonkeyPatch, **more: object) -> Diagnosis:
    """The doctor's answer, in which the cause is first; without its rule it is named no more."""
    found = await diagnosed(url, **more)  # type: ignore[arg-type]  # diagnosed's own keywords
    assert found.findings, report.text(found)
    assert found.findings[0].cause == cause, report.text(found)
    with monkeypatch.context() as patch:
        patch.delitem(REGISTRY, cause)
        without = await diagnosed(url, **more)  # type: ignore[arg-type]  # as above
    assert cause not in [f.cause for f in without.findings]
    assert without.verdict != "healthy"
    return found


# --- slashes ---------------------------------------------------------------------------------------------------------


BLOCK = "{more} location /mcp/ {{ proxy_pass {url}; proxy_buffering off; }}"


@pytest.mark.real("nginx")
async def test_nginx_before_an_mcp_server_adds_a_slash_by_301(
    fastmcp_static: RealServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = Secret(fastmcp_static.token)
    with nginx(BLOCK.format(more="", url=fastmcp_static.url)) as base:
        url = f"{base}/mcp"
        found = await first(url, SLASH, monkeypatch, credential=token)
        bare = await diagnosed(url, None)
        there = await diagnosed(f"{url}/", token)
    assert found.findings[0].certainty == "proven"
    assert found.findings[0].fix[0] == f"Set the address to {url}/"
    assert "301 turns the POST into a GET" in found.findings[0].title
    assert bare.findings[0].cause == SLASH
    assert (there.verdict, there.findings) == ("healthy", ()), report.text(there)


@pytest.mark.real("nginx")
async def test_nginx_that_does_not_know_its_port_outside(
    fastmcp_static: RealServer,  # as above
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in a container with a mapped port: the redirect names another port, so another origin."""
    more = "port_in_redirect off; server_name_in_redirect off;"
    with nginx(BLOCK.format(more=more, url=fastmcp_static.url)) as base:
        found = await first(f"{base}/mcp", SLASH, monkeypatch, credential=Secret(fastmcp_static.token))
    assert "the port is lost" in found.findings[0].title
    assert found.findings[0].fix[0] == f"Set the address to {base}/mcp/"


def slashing(status: int, place: str) -> Answerer:
    """MCP at /mcp/, and /mcp sent on."""

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        good = asked.headers.get("authorization") == f"Bearer {TOKEN.reveal()}"
        if asked.path == "/mcp":
            writer.write(answer(status, location=place))
        elif asked.path != "/mcp/" or asked.method != "POST":
            writer.write(answer(404))
        else:
            writer.write(answer(200, MCP) if good else answer(401, www_authenticate="Bearer"))

    return reply


@pytest.mark.parametrize("status", [307, 308])
async def test_a_redirect_that_keeps_method_and_origin_is_no_finding(status: int) -> None:
    async with raw_server(slashing(status, "/mcp/")) as raw:
        found = await diagnosed(raw.url())
        false = await diagnosed(raw.url(), Secret(secrets.token_urlsafe(24)))
    assert (found.verdict, found.findings, found.warnings) == ("healthy", (), ()), report.text(found)
    assert [f.cause for f in false.findings] == ["token-not-recognised"], report.text(false)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_slash_at_another_scheme(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy that ends TLS: https outside, http in the redirect; and the credential went nowhere else."""
    async with raw_server(slashing(status, "ftp://127.0.0.1/mcp/")) as raw:
        strange = await diagnosed(raw.url())
        assert SLASH not in [f.cause for f in strange.findings]
    async with raw_server(slashing(status, "https://127.0.0.1/mcp/")) as raw:
        found = await diagnosed(raw.url())
        causes = [found.findings[0].cause, *found.findings[0].explains]
        assert SLASH in causes, report.text(found)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_the_credential_goes_to_no_other_origin(status: int) -> None:
    """Another port of the same host, with the slash: it is named, and nothing is asked there."""
    async with raw_server(slashing(308, "/mcp/")) as thief:
        async with raw_server(slashing(status, thief.url("/mcp/"))) as raw:
            found = await diagnosed(raw.url())
        assert found.findings[0].cause == SLASH, report.text(found)
        assert "the port is lost" in found.findings[0].title
        assert thief.asked == []


async def test_a_refused_browser_is_asked_without_the_credential() -> None:
    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(401, b"{}"))

    async with raw_server(reply) as raw:
        await diagnosed(raw.url("/v1"), kind="api")
    pages = [a for a in raw.asked if "html" in a.headers.get("accept", "")]
    assert pages
    assert not [a for a in pages if "authorization" in a.headers]


async def test_a_redirect_to_another_path_is_not_of_the_slash() -> None:
    async with raw_server(slashing(301, "/v2/mcp/")) as raw:
        found = await diagnosed(raw.url())
    assert SLASH not in [f.cause for f in found.findings], report.text(found)


@given(path=st.text("/ab", max_size=6), host=st.sampled_from(["a.example", "b.example"]))
def test_only_the_slash_at_the_end_makes_another_spelling(path: str, host: str) -> None:
    url = "https://a.example/mcp"
    found = spelled(url, f"http://{host}:81/{path}")
    assert bool(found) == (host == "a.example" and path == "mcp/")


# --- logins ----------------------------------------------------------------------------------------------------------

HERE = "https://mcp.example.com/mcp"
OAUTH = "client_id=x&response_type=code&redirect_uri=y"
WALLS = {
    # the form that https://github.com/coder/coder/issues/8297 and Cloudflare's pages show
    "cloudflare": (302, f"https://team.cloudflareaccess.com/cdn-cgi/access/login/mcp.example.com?kid=x&redirect_url={HERE}"),
    "oauth2-proxy": (302, "/oauth2/start?rd=%2Fmcp"),
    "google": (302, f"https://accounts.google.com/o/oauth2/v2/auth?{OAUTH}"),
    "microsoft": (302, f"https://login.microsoftonline.com/common/oauth2/v2.0/authorize?{OAUTH}"),
    "cognito": (302, f"https://pool.auth.eu-west-1.amazoncognito.com/oauth2/authorize?{OAUTH}"),
    "keycloak": (303, f"https://sso.example.com/realms/x/protocol/openid-connect/auth?{OAUTH}"),
    "saml": (302, "https://idp.example.com/saml?SAMLRequest=x&RelayState=y"),
    "authelia": (302, f"https://auth.example.com/?rd={HERE}&rm=POST"),
    "login": (302, "https://app.example.com/login?next=%2Fmcp"),
}  # fmt: skip
PAGE = b'<!doctype html><form action="/oauth2/start"><button>Sign in</button></form>'
FORM = b"<html><form method=post><input name=user><INPUT TYPE='password' name=p></form></html>"


def walled(status: int, place: str, page: bytes = b"") -> Answerer:
    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        more = {"location": place} if place else {}
        writer.write(answer(status, page, "text/html", **more))

    return reply


@pytest.mark.parametrize(
    ("name", "kind"), [*((name, "mcp") for name in WALLS), ("cloudflare", "api"), ("oauth2-proxy", "api")]
)
async def test_a_redirect_to_a_login(name: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    status, place = WALLS[name]

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await walled(*((status, place) if asked.path == "/mcp" else (403, "", PAGE)))(asked, writer)

    async with raw_server(reply) as raw:
        found = await first(raw.url(), LOGIN, monkeypatch, kind=kind)
    assert found.verdict == "broken"
    assert found.findings[0].certainty == "proven"
    said = repr(found.findings)
    assert "next=" not in said
    assert "client_id=x" not in said


@pytest.mark.parametrize("kind", ["mcp", "api"])
@pytest.mark.parametrize(("status", "page"), [(200, FORM), (403, PAGE), (401, FORM)])
async def test_a_login_page_where_json_is_expected(
    status: int, page: bytes, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(walled(status, "", page)) as raw:
        found = await first(raw.url("/v1"), LOGIN, monkeypatch, kind=kind)
    assert found.findings[0].certainty == "proven"
    assert "a login page" in " ".join(e.fact for e in found.findings[0].evidence)


async def test_a_proxy_that_refuses_programs_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """oauth2-proxy answers 401 to who asks for JSON, and sends a browser to its login."""

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.path.startswith("/oauth2/start"):
            writer.write(answer(302, location=f"https://idp.example.com/authorize?{OAUTH}"))
        elif "html" in asked.headers.get("accept", ""):
            writer.write(answer(302, location="/oauth2/start?rd=/v1"))
        else:
            writer.write(answer(401, b"{}"))

    async with raw_server(reply) as raw:
        found = await first(raw.url("/v1"), LOGIN, monkeypatch, kind="api")
    assert found.findings[0].certainty == "likely"


async def test_a_service_with_a_login_of_its_own_is_not_blamed() -> None:
    """The same 401 to programs, and a login page of the service itself for people."""

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.path.startswith("/login"):
            writer.write(answer(200, FORM, "text/html"))
        elif "html" in asked.headers.get("accept", ""):
            writer.write(answer(302, location="/login?next=/v1"))
        else:
            writer.write(answer(401, {"error": "invalid_token"}))

    async with raw_server(reply) as raw:
        found = await diagnosed(raw.url("/v1"), kind="api")
    assert [f.cause for f in found.findings] == ["token-not-recognised"], report.text(found)


async def test_a_page_of_an_api_is_no_login() -> None:
    async with raw_server(
        walled(200, "", b"<html><h1>Documentation</h1><form action='/search'></form></html>")
    ) as raw:
        found = await diagnosed(raw.url("/v1"), kind="api")
    assert LOGIN not in [f.cause for f in found.findings]


@given(st.binary(max_size=300), st.text(max_size=40))
def test_whatever_a_page_and_an_address_hold_nothing_breaks(page: bytes, text: str) -> None:
    assert is_login_page("application/json", page) is False
    is_login_page("text/html", page)
    wall_of(text, parameter_names(text))
    wall_of(f"https://{text}", parameter_names(f"https://x/?{text}"))


# --- schemes ---------------------------------------------------------------------------------------------------------


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, str]:
    authority = trustme.CA()
    place = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(place))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context, str(place)


@pytest.mark.parametrize("kind", ["mcp", "api"])
async def test_http_asked_where_tls_is_spoken(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    context, ca = certificate(tmp_path, "localhost")
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        found = await first(f"http://localhost:{port}/v1", PLAIN, monkeypatch, kind=kind, ca=ca)
    assert found.findings[0].certainty == "proven"
    assert found.findings[0].fix[0] == f"Set the address to https://localhost:{port}/v1"


@pytest.mark.real("nginx")
async def test_nginx_says_400_to_http_at_its_tls_port(monkeypatch: pytest.MonkeyPatch) -> None:
    leaf = trustme.CA().issue_cert("localhost")
    key = leaf.private_key_pem.bytes().decode()
    chain = "".join(pem.bytes().decode() for pem in leaf.cert_chain_pems)
    port = free_port()
    block = (
        f"listen 127.0.0.1:{port} ssl; ssl_certificate {{folder}}/chain; ssl_certificate_key {{folder}}/key;"
        " location / { return 200; }"
    )
    with nginx(block, chain=chain, key=key):
        found = await first(f"http://localhost:{port}/mcp", PLAIN, monkeypatch)
    assert found.findings[0].certainty == "proven"


async def test_http_that_redirects_to_https(monkeypatch: pytest.MonkeyPatch) -> None:
    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(301, location=f"https://127.0.0.1{asked.path}"))

    async with raw_server(reply) as raw:
        found = await first(raw.url(), PLAIN, monkeypatch)
    assert found.findings[0].fix == ("Set the address to https://127.0.0.1/mcp",)


@pytest.mark.real
async def test_https_asked_where_plain_http_is_spoken(
    fastmcp_static: RealServer,  # as above
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = Secret(fastmcp_static.token)
    url = fastmcp_static.url
    found = await first(url.replace("http:", "https:"), NO_TLS, monkeypatch, credential=token)
    well = await diagnosed(url, token)
    assert found.verdict == "unreachable"
    assert found.findings[0].fix == (f"Set the address to {url}",)
    assert not [e for e in found.exchanges if e.url.startswith("http:") and e.request_headers]
    assert (well.verdict, well.findings) == ("healthy", ())


async def test_plain_http_beyond_this_machine_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    async with raw_server(slashing(308, "/mcp/")) as raw, gateway(raw.port) as port:
        here = await diagnosed(raw.url("/mcp/"))
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        there = await diagnosed("http://mcp.example.invalid/mcp/")
    assert (here.verdict, here.findings, here.warnings) == ("healthy", (), ()), report.text(here)
    assert (there.verdict, there.findings) == ("healthy", ()), report.text(there)
    assert [w.cause for w in there.warnings] == [PLAIN]
    assert os.environ["HTTP_PROXY"]
