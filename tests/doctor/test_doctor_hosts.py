"""The way to the other hosts that a login needs: where it ends is said with its part; no credential goes there."""

from __future__ import annotations

import secrets
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from servers.real import free_port
from servers.scripted import Asked, Reply, Scripted, scripted
from support.running import Put, Run

_PATH = "/mcp"


@contextmanager
def naming(issuer: str, tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """A protected MCP server that names this authorization server."""

    def answering(asked: Asked) -> Reply:
        base = site.url(host="localhost")
        if asked.path.startswith("/.well-known/oauth-protected-resource"):
            return Reply(body={"resource": f"{base}{_PATH}", "authorization_servers": [issuer]})
        known = f"{base}/.well-known/oauth-protected-resource{_PATH}"
        challenge = ("WWW-Authenticate", f'Bearer resource_metadata="{known}"')
        return (
            Reply(401, {"error": "invalid_token"}, headers=(challenge,))
            if asked.path == _PATH
            else Reply(404)
        )

    with scripted(answering, tls=tls) as site:
        yield site


def _expired(authority: trustme.CA) -> trustme.LeafCert:
    ended = datetime.now(UTC) - timedelta(days=2)
    return authority.issue_cert("localhost", not_before=ended - timedelta(days=9), not_after=ended)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Lets a name lead somewhere on this machine."""

    def led(name: str, address: str) -> None:
        ask = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *a, **k: ask(address if host == name else host, *a, **k)
        )

    return led


_NO_NAME = "dns-name-unresolvable-or-split-horizon"


def test_a_login_server_whose_name_nobody_knows(run: Run, put: Put) -> None:
    issuer = "https://login.example.invalid/realms/x"
    token = secrets.token_urlsafe(24)
    with naming(issuer) as site:
        url = site.url(_PATH, "localhost")
        without = run("doctor", url, "--json")
        given = run("doctor", url, "--credential", put(token), "--json")
        login = run("test", url, "--json")
    # a server that refuses who brings nothing is well, and nobody else is looked for
    assert without.code == 0
    assert _NO_NAME not in [w["cause"] for w in without.json["warnings"]]
    # why the token is refused is another matter
    assert [f["cause"] for f in given.json["findings"]] == ["token-not-recognised"]
    # and where the login itself fails, it is the cause
    finding = login.json["finding"]
    assert (finding["cause"], finding["certainty"]) == (_NO_NAME, "proven"), login.out
    assert finding["explains"] == ["as-metadata-missing"]


def test_a_login_server_that_does_not_run(run: Run) -> None:
    port = free_port()
    with naming(f"http://localhost:{port}") as site:
        finding = run("test", site.url(_PATH, "localhost"), "--json").json["finding"]
    assert finding["cause"] == "connection-refused"
    assert f"localhost, port {port}, which is the authorization server" in finding["title"]


@pytest.mark.parametrize(
    ("issued", "cause"),
    [
        (_expired, "tls-server-certificate-expired"),
        (lambda authority: authority.issue_cert("mcp.example.org"), "tls-hostname-mismatch"),
    ],
)
def test_a_login_server_whose_certificate_is_refused(
    issued: Callable[[trustme.CA], trustme.LeafCert], cause: str, run: Run, tmp_path: Path
) -> None:
    authority = trustme.CA()
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued(authority).configure_cert(context)
    with scripted(lambda _: Reply(404), tls=context) as login, naming(login.url(host="localhost")) as site:
        finding = run("test", site.url(_PATH, "localhost"), "--ca", str(ca), "--json").json["finding"]
        # the time alone may have been asked
        assert {(a.path, a.headers.get("authorization")) for a in login.asked} <= {("/", None)}
    assert (finding["cause"], finding["certainty"]) == (cause, "proven"), finding
    assert "which is the authorization server" in finding["title"]


def test_what_a_distant_server_names_is_not_looked_for_on_this_machine(
    run: Run, put: Put, names: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the login server nor anything else that it names: it cannot reach it, and must not through us."""
    from diagnostics import nearness, net

    names("mcp.acme.test", "127.0.0.1")
    tried: list[int] = []
    connect = net.connect

    async def heard(host: str, port: int, timeout: float = 5) -> net.Connected:
        tried.append(port)
        return await connect(host, port, timeout)

    monkeypatch.setattr(net, "connect", heard)
    monkeypatch.setattr(nearness, "depth_of", lambda *_: 0)
    monkeypatch.setattr("diagnostics.probes.hosts.depth_of", lambda *_: 0)
    port = free_port()
    with naming(f"http://127.0.0.1:{port}") as site:
        run("doctor", site.url(_PATH, "localhost"), "--credential", put("x" * 24), "--json")
    assert tried
    assert port not in tried
