"""What is well is called well: exit 0 and no finding, on every kind of server that there is.

To add a set-up: one line in `PRACTICE` (a practice service, its method, which of its credentials go where), or a
test below that starts its server and hands the doctor's words to `is_well`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import trustme
from servers.nginx import htpasswd, nginx
from servers.proxies import tinyproxy
from servers.raw import Answerer, Asked, answer, raw_server
from servers.real import RealServer

from commands.main import main
from sandbox import practice
from sandbox.practice import Practice
from wizard import connections
from wizard.connections import Connection

Words = list[str]

PRACTICE: list[tuple[str, str, dict[str, str], tuple[str, ...]]] = [
    # service, method, secret field -> credential of the practice service, credentials that are settings
    ("fleet", "bearer", {"token": "token"}, ()),
    ("faos", "api_token", {"token": "token"}, ()),
    (
        "faos",
        "service_account",
        {"service_account_secret": "service_account_secret"},
        ("service_account_id",),
    ),
    ("mcp", "bearer", {"token": "token"}, ()),
    # its JWT is valid for an hour, of which the doctor warns
    ("gateway", "keycloak_token", {"token": "token"}, ("client_id",)),
    ("github", "classic", {"token": "token"}, ()),
    ("github", "fine_grained", {"token": "token_fine_grained"}, ()),
    ("slack", "bot_token", {"token": "token"}, ()),
    ("notion", "integration", {"token": "token"}, ()),
    ("google", "access_token", {"token": "token"}, ()),
]


@pytest.fixture(scope="module")
def sites() -> Iterator[Practice]:
    with practice.start() as running:
        yield running


def diagnosed(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, object], str]:
    """The doctor's exit code and answer, as a person gets them."""
    capfd.readouterr()
    code = main(["doctor", *words, "--timeout", "60", "--json"])
    said = capfd.readouterr()
    return code, json.loads(said.out), said.out + said.err


def is_well(capfd: pytest.CaptureFixture[str], *words: str, warns: tuple[str, ...] = ()) -> None:
    code, found, said = diagnosed(capfd, *words)
    assert (code, found["verdict"], found["findings"]) == (0, "healthy", []), said
    told = found["warnings"]
    assert isinstance(told, list)
    assert tuple(w["cause"] for w in told) == warns, said


@pytest.mark.parametrize(
    ("service", "method", "fields", "settings"), PRACTICE, ids=[f"{s}-{m}" for s, m, _, _ in PRACTICE]
)
def test_a_practice_service(  # the words of a line of the table
    service: str,
    method: str,
    fields: dict[str, str],
    settings: tuple[str, ...],
    sites: Practice,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    site = sites.services[service]
    for number, credential in enumerate(fields.values()):
        monkeypatch.setenv(f"HELD_{number}", site.credentials[credential].reveal())
    connections.save(
        Connection(
            name="it",
            service=service,
            environment="practice",
            url=site.url,
            method=method,
            settings={name: site.credentials[name].reveal() for name in settings},
            secrets={field: f"env:HELD_{number}" for number, field in enumerate(fields)},
        )
    )
    is_well(capfd, "it", warns=("token-expires-soon",) if service == "gateway" else ())


# --- real servers ----------------------------------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.parametrize(
    "name", ["fastmcp_static", "fastmcp_jwt", "fastmcp_sse", "sdk_server", "sdk_sse_server"]
)
def test_a_server_with_a_token(
    name: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """FastMCP with a static token and with a JWT, the SDK's own; streamable HTTP and the older HTTP+SSE."""
    server: RealServer = request.getfixturevalue(name)
    monkeypatch.setenv("HELD", server.token)
    is_well(capfd, server.url, "--credential", "env:HELD")


@pytest.mark.real
def test_a_server_that_asks_nobody(
    fastmcp_open: RealServer,
    capfd: pytest.CaptureFixture[str],
) -> None:
    is_well(capfd, fastmcp_open.url, "--method", "none")


@pytest.mark.real
def test_an_entry_of_a_client(
    fastmcp_static: RealServer,  # as above
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HELD", fastmcp_static.token)
    entry = {"type": "http", "url": fastmcp_static.url, "headers": {"Authorization": "Bearer ${HELD}"}}
    (home / "project" / ".mcp.json").write_text(json.dumps({"mcpServers": {"it": entry}}))
    is_well(capfd, "claude-code:it")


@pytest.mark.real("tinyproxy")
def test_a_server_through_a_proxy(
    fastmcp_static: RealServer,  # as above
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HELD", fastmcp_static.token)
    password = secrets.token_urlsafe(9)
    with tinyproxy(tmp_path, "someone", password) as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://someone:{password}@127.0.0.1:{port}")
        is_well(capfd, fastmcp_static.url, "--credential", "env:HELD")


@pytest.mark.real("nginx")
def test_an_api_with_basic_auth_at_nginx(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    password = secrets.token_urlsafe(12)
    monkeypatch.setenv("HELD", password)
    block = (
        'location / { auth_basic "here"; auth_basic_user_file {folder}/users; return 200 \'{"ok": true}\'; }'
        ' location /v1/ { auth_basic "here"; auth_basic_user_file {folder}/users; alias {folder}/; }'
    )
    with nginx(block, users=htpasswd(alice=password), data='{"ok": true}') as base:
        words = ["--method", "basic", "--set", "username=alice", "--secret", "password=env:HELD"]
        is_well(capfd, f"{base}/v1/data", *words)


@pytest.mark.real("nginx")
def test_an_mcp_server_behind_nginx_with_tls_of_a_private_authority(
    fastmcp_static: RealServer,  # as above
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    from servers.real import free_port

    monkeypatch.setenv("HELD", fastmcp_static.token)
    authority, port = trustme.CA(), free_port()
    leaf = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    block = (
        f"listen 127.0.0.1:{port} ssl; ssl_certificate {{folder}}/chain; ssl_certificate_key {{folder}}/key;"
        f" location /mcp {{ proxy_pass {fastmcp_static.url}; proxy_buffering off; }}"
    )
    chain = "".join(pem.bytes().decode() for pem in leaf.cert_chain_pems)
    with nginx(block, chain=chain, key=leaf.private_key_pem.bytes().decode()):
        words = ["--credential", "env:HELD", "--ca", str(tmp_path / "ca.pem")]
        is_well(capfd, f"https://localhost:{port}/mcp", *words)


# --- plain APIs ------------------------------------------------------------------------------------------------------


@contextmanager
def api(answerer: Answerer, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """An API in a thread of its own, for the command has its own loop. Its port."""
    ready, done = threading.Event(), threading.Event()
    ports: list[int] = []

    async def serve() -> None:
        async with _listening(answerer, tls) as port:
            ports.append(port)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(20)
        yield ports[0]
    finally:
        done.set()
        thread.join(20)


@asynccontextmanager
async def _listening(answerer: Answerer, tls: ssl.SSLContext | None) -> AsyncIterator[int]:
    if tls is None:
        async with raw_server(answerer) as raw:
            yield raw.port
        return

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = (line.partition(":") for line in head.split("\r\n")[1:])
            await answerer(Asked("GET", "/", {n.lower(): v.strip() for n, _, v in lines}, b""), writer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


def wanting(header: str, value: str) -> Answerer:
    """An API that takes one value of one header."""

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        good = asked.headers.get(header) == value
        writer.write(answer(200, {"ok": True}) if good else answer(401, {"error": "invalid_token"}))

    return reply


@pytest.mark.parametrize(
    ("header", "form", "words"),
    [
        ("authorization", "Bearer {}", ["--credential", "env:HELD"]),
        ("x-api-key", "{}", ["--secret", "header.X-API-Key=env:HELD"]),
        ("authorization", "Token {}", ["--header", "Authorization=env:WHOLE"]),
    ],
)
def test_an_api_with_a_key(
    header: str, form: str, words: Words, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    made = secrets.token_urlsafe(24)
    monkeypatch.setenv("HELD", made)
    monkeypatch.setenv("WHOLE", form.format(made))
    with api(wanting(header, form.format(made))) as port:
        is_well(capfd, f"http://127.0.0.1:{port}/v1", *words)


def test_an_open_api(capfd: pytest.CaptureFixture[str]) -> None:
    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, {"ok": True}))

    with api(reply) as port:
        is_well(capfd, f"http://127.0.0.1:{port}/v1", "--method", "none")


def test_an_api_that_redirects_within_its_origin(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    made = secrets.token_urlsafe(24)
    monkeypatch.setenv("HELD", made)

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.path == "/v1":
            writer.write(answer(301, location="/v1/"))
        else:
            await wanting("authorization", f"Bearer {made}")(asked, writer)

    with api(reply) as port:
        is_well(capfd, f"http://127.0.0.1:{port}/v1", "--credential", "env:HELD")


def test_an_api_with_tls_of_a_private_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    made = secrets.token_urlsafe(24)
    monkeypatch.setenv("HELD", made)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with api(wanting("authorization", f"Bearer {made}"), context) as port:
        words = ["--credential", "env:HELD", "--ca", str(tmp_path / "ca.pem")]
        is_well(capfd, f"https://localhost:{port}/v1", *words)
