"""A real OpenID provider (npm `oidc-provider`), one per test session. Mark the tests ``@pytest.mark.real("npm")``.

It has authorization code with PKCE, device code, client credentials, refresh tokens that change at each use (an old one
ends its whole family), registration by anyone, introspection, revocation, user info and resource indicators: with
``resource`` the access token is a JWT for it, without one it is opaque and for user info (a program's own token is for
``oidc.resource`` then). A resource whose host ends in ``.invalid`` is refused as ``invalid_target``. Login and consent
are its own pages, which take any password.

* ``oidc.issuer``, ``oidc.token_endpoint``, ``oidc.jwks``
* ``oidc.client(name)``  id and secret, for client credentials: ``basic`` and ``post`` are registered for that way (this
  provider takes either); ``odd`` is basic with a secret that has to be form-encoded. For people: ``app``, basic
* ``public`` (code, device code) and ``tv`` (device code alone) have no secret; ``app`` and ``public`` come back to
  ``/callback`` at any port of 127.0.0.1 or localhost
* ``signed`` makes client credentials with ``private_key_jwt``: ``oidc.private_key`` (PEM), ES256
* ``oidc.resource``      the audience of a program's JWTs
* ``alice`` (with groups) and ``bob`` (with none) may log in
* ``oidc_like(ttl=2)``   another one, whose access tokens live so many seconds
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import pytest

from wizard.secret import Secret

from .keycloak import wanted
from .real import free_port

HERE: Final = Path(__file__).parent
RESOURCE: Final = "https://mcp.example/mcp"
ACCOUNTS: Final = {
    "alice": {"email": "alice@people.example", "groups": ["mcp-servers-unrestricted"]},
    "bob": {"email": "bob@people.example"},
}
CALLBACKS: Final = ("http://127.0.0.1/callback", "http://localhost/callback")
DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True)
class OpenIdProvider:
    """A running provider; see the module's own words."""

    issuer: str
    resource: str
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    private_key: str = field(default="", repr=False)

    @property
    def token_endpoint(self) -> str:
        return f"{self.issuer}/token"

    @property
    def jwks(self) -> str:
        return f"{self.issuer}/jwks"

    def client(self, name: str = "basic") -> tuple[str, Secret]:
        return name, Secret(self.secrets[name])


def _client(
    name: str, *grants: str, way: str = "none", callbacks: tuple[str, ...] = (), **more: object
) -> dict[str, object]:
    return {
        "client_id": name,
        "token_endpoint_auth_method": way,
        "grant_types": list(grants),
        "redirect_uris": list(callbacks),
        "response_types": ["code"] if callbacks else [],
        "application_type": "native" if callbacks else "web",
        **more,
    }


def _clients(made: dict[str, str], jwk: dict[str, object]) -> list[dict[str, object]]:
    programs = [
        _client(
            name,
            "client_credentials",
            way=f"client_secret_{'post' if name == 'post' else 'basic'}",
            client_secret=made[name],
            scope="read",
        )
        for name in ("basic", "post", "odd")
    ]
    return [
        *programs,
        _client("public", "authorization_code", "refresh_token", DEVICE, callbacks=CALLBACKS),
        _client("tv", DEVICE, "refresh_token"),
        _client(
            "app",
            "authorization_code",
            "refresh_token",
            way="client_secret_basic",
            callbacks=CALLBACKS,
            client_secret=made["app"],
        ),
        _client(
            "signed",
            "client_credentials",
            way="private_key_jwt",
            scope="read",
            token_endpoint_auth_signing_alg="ES256",
            jwks={"keys": [jwk]},
        ),
    ]


def _key() -> tuple[str, dict[str, object]]:
    """A private key as PEM, and the public one as a JWK."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from jwt.algorithms import ECAlgorithm

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode(), {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "use": "sig", "alg": "ES256"}


@contextlib.contextmanager
def running_provider(ttl: int = 600) -> Iterator[OpenIdProvider]:
    """A provider of one's own, from its first answer until the block ends; ``ttl`` of access tokens in seconds."""
    place = wanted("AUTHWIZARD_CI_OIDC", "oidc")
    port = free_port()
    made = {name: secrets.token_urlsafe(24) for name in ("basic", "post", "app")}
    made["odd"] = f"{secrets.token_urlsafe(12)} :%+~/{secrets.token_urlsafe(12)}"
    pem, jwk = _key()
    provider = OpenIdProvider(f"http://127.0.0.1:{port}", RESOURCE, made, pem)
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME")}
    process = subprocess.Popen(
        [str(place / "node_modules/node/bin/node"), str(HERE / "oidc_provider.mjs"), str(port)],
        env={
            **kept,
            "NODE_ENV": "test",
            "OIDC_FOLDER": str(place),
            "OIDC_CLIENTS": json.dumps(_clients(made, jwk)),
            "OIDC_ACCOUNTS": json.dumps(ACCOUNTS),
            "OIDC_RESOURCE": provider.resource,
            "OIDC_TTL": str(ttl),
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


@pytest.fixture(scope="session")
def oidc() -> Iterator[OpenIdProvider]:
    """The provider of the module's own words."""
    with running_provider() as provider:
        yield provider


@pytest.fixture
def oidc_like() -> Iterator[Callable[..., OpenIdProvider]]:
    """Starts a provider for one test alone; its words are those of `running_provider`."""
    with contextlib.ExitStack() as stack:
        yield lambda **words: stack.enter_context(running_provider(**words))


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
