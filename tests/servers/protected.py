"""FastMCP servers behind an authorization server of their own: `RemoteAuthProvider` with metadata, JWTs of one issuer.

* ``oidc_protected``      behind ``oidc``, scope ``read``; it publishes the issuer, and takes tokens for its own address
* ``keycloak_protected``  the same behind ``people``
* ``server.url``, ``server.issuer``
* ``server.heard()``      each request so far, in order: ``http`` and ``path``, the JSON-RPC ``method``, and of the
  Authorization header the ``scheme``, the ``claims`` of a JWT and the ``sha256`` of the credential, which itself is
  kept nowhere
* ``server.forget()``     begins the list anew
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .keycloak_people import People
from .oidc_provider import OpenIdProvider
from .real import free_port, running


@dataclass(frozen=True)
class Protected:
    """A running server; see the module's own words."""

    url: str
    issuer: str
    log: Path

    def heard(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def forget(self) -> None:
        self.log.write_text("")


@contextlib.contextmanager
def protected(
    place: Path, *, issuer: str, jwks: str, port: int = 0, scopes: tuple[str, ...] = ("read",)
) -> Iterator[Protected]:
    """Such a server of one's own until the block ends; its log lies in ``place``."""
    port = port or free_port()
    made = Protected(f"http://127.0.0.1:{port}/mcp", issuer, place / "heard.jsonl")
    made.log.touch(0o600)
    verifier = {"jwks_uri": jwks, "issuer": issuer, "audience": made.url, "required_scopes": scopes}
    with running(
        "fastmcp_server.py",
        port,
        str(port),
        "jwt-metadata",
        SERVER_VERIFIER=json.dumps(verifier),
        SERVER_ISSUER=issuer,
        SERVER_LOG=str(made.log),
    ):
        yield made


@pytest.fixture(scope="session")
def oidc_protected(oidc: OpenIdProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Protected]:
    """FastMCP behind oidc-provider."""
    place = tmp_path_factory.mktemp("oidc-protected")
    with protected(place, issuer=oidc.issuer, jwks=oidc.jwks) as made:
        yield made


@pytest.fixture(scope="session")
def keycloak_protected(people: People, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Protected]:
    """FastMCP behind Keycloak."""
    place = tmp_path_factory.mktemp("keycloak-protected")
    with protected(place, issuer=people.issuer, jwks=people.jwks) as made:
        people.audience(made.url)
        yield made
