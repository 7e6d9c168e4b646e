"""Real servers from PyPI: FastMCP with a static token and with a JWT verifier, and the MCP SDK's own server."""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from diagnostics import doctor, report, targets
from diagnostics.doctor import Diagnosis
from wizard.secret import Secret
from wizard.transport import Transport

pytestmark = [pytest.mark.filterwarnings("ignore")]  # what these libraries warn of is theirs


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    import uvicorn

    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve([sock]))
    while not server.started:
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def diagnosed(url: str, credential: Secret | None) -> Diagnosis:
    async with Transport(timeout=10) as transport:
        return await doctor.diagnose(targets.from_url(url, credential=credential), transport)


async def test_fastmcp_with_a_static_token() -> None:
    from fastmcp import FastMCP
    from fastmcp.server.auth.providers.jwt import StaticTokenVerifier

    good = secrets.token_urlsafe(24)
    app = FastMCP("static", auth=StaticTokenVerifier({good: {"client_id": "me", "scopes": []}})).http_app()
    async with serving(app) as base:
        found = await diagnosed(f"{base}/mcp", Secret(good))
        assert (found.verdict, found.findings, found.warnings) == ("healthy", (), ()), report.text(found)
        bare = await diagnosed(f"{base}/mcp", None)
        assert (bare.verdict, bare.findings) == ("healthy", ()), report.text(bare)
        assert [w.cause for w in bare.warnings] == ["authorization-header-missing"]
        for cause, credential in [
            ("token-not-recognised", Secret(secrets.token_urlsafe(24))),
            ("token-trailing-newline-or-crlf", Secret(f"{good}\r\n")),
            ("double-bearer-prefix", Secret(f"Bearer {good}")),
        ]:
            refused = await diagnosed(f"{base}/mcp", credential)
            assert refused.findings[0].cause == cause, report.text(refused)
        lost = await diagnosed(f"{base}/", Secret(good))
        assert lost.findings[0].cause == "wrong-transport-or-endpoint-path", report.text(lost)


async def test_fastmcp_with_a_jwt_verifier() -> None:
    from fastmcp import FastMCP
    from fastmcp.server.auth import RemoteAuthProvider
    from fastmcp.server.auth.providers.jwt import JWTVerifier, RSAKeyPair
    from pydantic import AnyHttpUrl

    pair = RSAKeyPair.generate()
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{sock.getsockname()[1]}"
    issuer = "https://issuer.example.invalid"
    verifier = JWTVerifier(
        public_key=pair.public_key, issuer=issuer, audience=f"{base}/mcp", required_scopes=["mcp:tools"]
    )
    auth = RemoteAuthProvider(verifier, [AnyHttpUrl(issuer)], base_url=base)
    app = FastMCP("jwt", auth=auth).http_app()
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve([sock]))
    while not server.started:
        await asyncio.sleep(0.02)

    def token(**more: Any) -> Secret:
        chosen = {"issuer": issuer, "audience": f"{base}/mcp", "scopes": ["mcp:tools"], **more}
        return Secret(pair.create_token(subject="me", **chosen))

    try:
        good = await diagnosed(f"{base}/mcp", token())
        assert (good.verdict, good.findings, good.warnings) == ("healthy", (), ()), report.text(good)
        for cause, credential in [
            ("access-token-expired", token(expires_in_seconds=-60)),
            ("audience-not-bound-to-resource", token(audience="account")),
            ("wrong-environment-url", token(issuer="https://staging.example.invalid")),
            ("insufficient-scope", token(scopes=["profile"])),
        ]:
            found = await diagnosed(f"{base}/mcp", credential)
            assert found.findings and found.findings[0].cause == cause, report.text(found)
    finally:
        server.should_exit = True
        await task


async def test_the_sdks_own_server() -> None:
    from mcp.server.auth.middleware.bearer_auth import AccessToken
    from mcp.server.auth.settings import AuthSettings
    from pydantic import AnyHttpUrl

    try:
        from mcp.server import MCPServer
    except ImportError:
        from mcp.server.fastmcp import FastMCP as MCPServer  # type: ignore[no-redef]  # its name before version 2

    good, narrow = secrets.token_urlsafe(24), secrets.token_urlsafe(24)

    class Verifier:
        async def verify_token(self, token: str) -> AccessToken | None:
            scopes = {good: ["mcp:tools"], narrow: ["profile"]}.get(token)
            if scopes is None:
                return None
            return AccessToken(token=token, client_id="me", scopes=scopes, expires_at=int(time.time()) + 60)

    settings = AuthSettings(
        issuer_url=AnyHttpUrl("https://issuer.example.invalid"),
        resource_server_url=AnyHttpUrl("http://127.0.0.1/mcp"),
        required_scopes=["mcp:tools"],
    )
    server = MCPServer("sdk", token_verifier=Verifier(), auth=settings)
    async with serving(server.streamable_http_app()) as base:
        found = await diagnosed(f"{base}/mcp", Secret(good))
        assert (found.verdict, found.findings, found.warnings) == ("healthy", (), ()), report.text(found)
        lacking = await diagnosed(f"{base}/mcp", Secret(narrow))
        assert lacking.findings[0].cause == "insufficient-scope", report.text(lacking)
        unknown = await diagnosed(f"{base}/mcp", Secret(secrets.token_urlsafe(24)))
        assert unknown.findings[0].cause == "token-not-recognised", report.text(unknown)
