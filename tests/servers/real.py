"""Fixtures that start real MCP servers from PyPI, each in its own process on a free port, and end them by pid.

`tests/conftest.py` takes them in for every room.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@dataclass(frozen=True)
class RealServer:
    """Where it answers, and a credential that it takes (empty for an open one)."""

    url: str
    token: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(script: str, port: int, *args: str, **env: str) -> Iterator[None]:
    """The script's server, from its first accepted connection until the block ends."""
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME", "VIRTUAL_ENV")}
    process = subprocess.Popen(
        [sys.executable, str(HERE / script), *args],
        env={**kept, **env, "FASTMCP_CHECK_FOR_UPDATES": "off", "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None:
                assert process.stderr is not None
                raise AssertionError(process.stderr.read().decode()[-2000:])
            assert time.monotonic() < deadline, f"{script} did not start"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()


def _served(script: str, kind: str, path: str) -> Iterator[RealServer]:
    port, token = free_port(), f"tok_{secrets.token_urlsafe(24)}"
    with running(script, port, str(port), kind, SERVER_TOKEN=token):
        yield RealServer(f"http://127.0.0.1:{port}{path}", token)


@pytest.fixture(scope="session")
def fastmcp_static() -> Iterator[RealServer]:
    """FastMCP, streamable HTTP, one static token with scope ``read``."""
    yield from _served("fastmcp_server.py", "static", "/mcp")


@pytest.fixture(scope="session")
def fastmcp_open() -> Iterator[RealServer]:
    """FastMCP that asks nobody for anything."""
    port = free_port()
    with running("fastmcp_server.py", port, str(port), "open"):
        yield RealServer(f"http://127.0.0.1:{port}/mcp")


@pytest.fixture(scope="session")
def fastmcp_sse() -> Iterator[RealServer]:
    """FastMCP over legacy HTTP+SSE."""
    yield from _served("fastmcp_server.py", "sse", "/sse")


@pytest.fixture(scope="session")
def sdk_server() -> Iterator[RealServer]:
    """The MCP SDK's server, streamable HTTP."""
    yield from _served("sdk_server.py", "http", "/mcp")


@pytest.fixture(scope="session")
def sdk_sse_server() -> Iterator[RealServer]:
    """The MCP SDK's server over legacy HTTP+SSE."""
    yield from _served("sdk_server.py", "sse", "/sse")


@pytest.fixture
def sdk_stdio() -> tuple[str, ...]:
    """The command of the MCP SDK's stdio server."""
    return (sys.executable, str(HERE / "sdk_server.py"), "stdio")


@pytest.fixture(scope="session")
def fastmcp_jwt() -> Iterator[RealServer]:
    """FastMCP that verifies JWTs by a JWKS on loopback; ``extra["mint"](**claims)`` makes a token."""
    import jwt
    from cryptography.hazmat.primitives.asymmetric import rsa
    from jwt.algorithms import RSAAlgorithm

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = {
        **RSAAlgorithm.to_jwk(key.public_key(), as_dict=True),
        "kid": "k1",
        "use": "sig",
        "alg": "RS256",
    }
    jwks = json.dumps({"keys": [public]}).encode()

    class Keys(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(jwks)))
            self.end_headers()
            self.wfile.write(jwks)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    issuer, audience = "https://issuer.example", "https://mcp.example/mcp"

    def mint(**claims: object) -> str:
        now = int(time.time())
        whole = {"iss": issuer, "aud": audience, "sub": "alice", "iat": now, "exp": now + 600, **claims}
        return jwt.encode(whole, key, algorithm="RS256", headers={"kid": "k1"})

    keys = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    thread = threading.Thread(target=keys.serve_forever, daemon=True)
    thread.start()
    port = free_port()
    verifier = json.dumps(
        {
            "jwks_uri": f"http://127.0.0.1:{keys.server_address[1]}/jwks",
            "issuer": issuer,
            "audience": audience,
            "required_scopes": ["read"],
        }
    )
    try:
        with running("fastmcp_server.py", port, str(port), "jwt", SERVER_VERIFIER=verifier):
            extra = {"mint": mint, "issuer": issuer, "audience": audience}
            yield RealServer(f"http://127.0.0.1:{port}/mcp", mint(scope="read"), extra)
    finally:
        keys.shutdown()
        keys.server_close()
        thread.join(5)
