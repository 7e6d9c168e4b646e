"""A real OpenID provider (npm `oidc-provider`), one per test session, with clients for the client credentials grant.

Mark the tests ``@pytest.mark.real("npm")``.

* ``oidc.issuer``, ``oidc.token_endpoint``, ``oidc.jwks``
* ``oidc.client(name)``  id and secret: ``basic`` and ``post`` are registered for that way (this provider takes either);
  ``odd`` is basic with a secret that has to be form-encoded
* ``oidc.resource``      the audience of its JWTs
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import pytest

from wizard.secret import Secret

from .keycloak import wanted
from .real import free_port

HERE: Final = Path(__file__).parent


@dataclass(frozen=True)
class OpenIdProvider:
    """A running provider; see the module's own words."""

    issuer: str
    resource: str
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def token_endpoint(self) -> str:
        return f"{self.issuer}/token"

    @property
    def jwks(self) -> str:
        return f"{self.issuer}/jwks"

    def client(self, name: str = "basic") -> tuple[str, Secret]:
        return name, Secret(self.secrets[name])


@pytest.fixture(scope="session")
def oidc() -> Iterator[OpenIdProvider]:
    """The provider of the module's own words."""
    place = wanted("AUTHWIZARD_CI_OIDC", "oidc")
    port = free_port()
    made = {name: secrets.token_urlsafe(24) for name in ("basic", "post")}
    made["odd"] = f"{secrets.token_urlsafe(12)} :%+~/{secrets.token_urlsafe(12)}"
    provider = OpenIdProvider(f"http://127.0.0.1:{port}", "https://mcp.example/mcp", made)
    clients = [
        {
            "client_id": name,
            "client_secret": secret,
            "token_endpoint_auth_method": f"client_secret_{'post' if name == 'post' else 'basic'}",
            "grant_types": ["client_credentials"],
            "redirect_uris": [],
            "response_types": [],
            "scope": "read",
        }
        for name, secret in made.items()
    ]
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME")}
    process = subprocess.Popen(
        [str(place / "node_modules/node/bin/node"), str(HERE / "oidc_provider.mjs"), str(port)],
        env={
            **kept,
            "NODE_ENV": "test",
            "OIDC_FOLDER": str(place),
            "OIDC_CLIENTS": json.dumps(clients),
            "OIDC_RESOURCE": provider.resource,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait(f"{provider.issuer}/.well-known/openid-configuration", process)
        yield provider
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, timeout=5, trust_env=False).status_code == 200:
                return
        if process.poll() is not None:
            assert process.stderr is not None
            raise AssertionError(process.stderr.read().decode()[-2000:])
        assert time.monotonic() < deadline, "oidc-provider did not start"
        time.sleep(0.05)
