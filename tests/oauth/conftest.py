"""Real issuers, and MCP servers that verify the tokens of theirs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from servers.keycloak import keycloak  # noqa: F401  # fixtures are found by name
from servers.oidc_provider import oidc  # noqa: F401  # as above
from servers.real import free_port, running

Verifying = Callable[..., str]


@pytest.fixture
def verifying() -> Iterator[Verifying]:
    """Starts a FastMCP server that takes the JWTs of one issuer; ``verifying(jwks_uri=..., issuer=..., audience=...)``
    gives its address. With ``metadata`` it publishes that issuer as its authorization server."""
    with ExitStack() as stack:

        def start(*, metadata: str = "", **verifier: object) -> str:
            port = free_port()
            kind = "jwt-metadata" if metadata else "jwt"
            stack.enter_context(
                running(
                    "fastmcp_server.py",
                    port,
                    str(port),
                    kind,
                    SERVER_VERIFIER=json.dumps(verifier),
                    SERVER_ISSUER=metadata,
                )
            )
            return f"http://127.0.0.1:{port}/mcp"

        yield start
