"""Real issuers, and MCP servers that verify the tokens of theirs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from oauth_support import Verifying
from rotating_issuer import Issuer, rotating
from servers.keycloak import Keycloak
from servers.real import free_port, running


@pytest.fixture(scope="session")
def verifying() -> Iterator[Verifying]:
    """Starts a FastMCP server that takes the JWTs of one issuer; ``verifying(jwks_uri=..., issuer=..., audience=...)``
    gives its address. With ``metadata`` it publishes that issuer as its authorization server, with ``groups`` it wants
    one of these groups in the token. The same wishes get the same server."""
    with ExitStack() as stack:

        @cache
        def start(*, metadata: str = "", groups: tuple[str, ...] = (), **verifier: object) -> str:
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
                    SERVER_GROUPS=" ".join(groups),
                )
            )
            return f"http://127.0.0.1:{port}/mcp"

        yield start


@pytest.fixture(scope="session")
def by_groups(verifying: Verifying) -> Callable[[Keycloak], str]:
    """A FastMCP server that lets in whom Keycloak counts to a group, and says so where it refuses."""

    def start(made: Keycloak) -> str:
        groups = ("mcp-servers-unrestricted",)
        return verifying(jwks_uri=made.jwks(), issuer=made.realm_url, metadata=made.realm_url, groups=groups)

    return start


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer of this test alone, which rotates refresh tokens."""
    with rotating() as running:
        yield running
