"""People in the Keycloak of `keycloak.py`: a realm of their own with clients that log them in. Made on first use.

Mark the tests ``@pytest.mark.real("java")``. ``people`` is the fixture:

* ``people.issuer``, and ``people.admin(method, path, body)`` for this realm, to break things and mend them
* ``alice`` (in mcp-servers-unrestricted and mcp-servers-restricted) and ``bob`` (in no group):
  ``people.password(name)``
* the scope ``read`` is optional for every client: a token has it where it was asked for
* ``people.client(name)``   id and secret of ``app`` (code, confidential) and of ``stranger``, which may introspect and
  is in no token's audience. Without a secret: ``cli`` (code with PKCE S256 demanded, consent asked), ``tv`` (device
  code alone)
* ``app`` and ``cli`` come back to ``/callback`` at any port of 127.0.0.1 or localhost; both have the groups mapper
* ``people.audience(url)``  from now on the tokens of ``app``, ``cli`` and ``tv`` are for that server as well: Keycloak
  itself takes no notice of ``resource``
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from wizard.secret import Secret

from .keycloak import GROUPS, Keycloak, groups_mapper

CALLBACKS: Final = ("http://127.0.0.1/callback", "http://localhost/callback")
REALM: Final = "people"
_SIGN_IN: Final = ("app", "cli", "tv")


@dataclass(frozen=True)
class People:
    """See the module's own words."""

    keycloak: Keycloak
    _passwords: dict[str, str] = field(default_factory=dict, repr=False)
    _uuids: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def issuer(self) -> str:
        return self.keycloak.realm(REALM)

    @property
    def token_endpoint(self) -> str:
        return self.keycloak.token_endpoint(REALM)

    @property
    def jwks(self) -> str:
        return self.keycloak.jwks(REALM)

    def client(self, name: str = "app") -> tuple[str, Secret]:
        return self.keycloak.client(name, REALM)

    def password(self, name: str) -> Secret:
        return Secret(self._passwords[name])

    def audience(self, url: str) -> None:
        mapper = {
            "name": f"audience {url}",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-audience-mapper",
            "config": {"included.custom.audience": url, "access.token.claim": "true"},
        }
        for name in _SIGN_IN:
            self.admin("POST", f"/clients/{self._uuids[name]}/protocol-mappers/models", mapper)

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """The admin API, below this realm (``/clients``)."""
        return self.keycloak.admin(method, f"/{REALM}{path}", body)

    def _fill(self) -> None:
        self.keycloak.admin("POST", "", {"realm": REALM, "enabled": True, "sslRequired": "none"})
        scope = {
            "name": "read",
            "protocol": "openid-connect",
            "attributes": {"include.in.token.scope": "true", "display.on.consent.screen": "true"},
        }
        made = self.admin("POST", "/client-scopes", scope)
        self.admin("PUT", f"/default-optional-client-scopes/{made}")
        for name, groups in (("alice", GROUPS), ("bob", ())):
            self._person(name, groups)
        s256 = {"pkce.code.challenge.method": "S256"}
        self._client("app", standardFlowEnabled=True)
        self._client("cli", standardFlowEnabled=True, consentRequired=True, attributes=s256)
        self._client("tv", attributes={"oauth2.device.authorization.grant.enabled": "true"})
        self._client("stranger", serviceAccountsEnabled=True)

    def _person(self, name: str, groups: tuple[str, ...]) -> None:
        self._passwords[name] = secrets.token_urlsafe(12)
        # without all of these Keycloak asks for them at the first login
        profile = {
            "username": name,
            "enabled": True,
            "email": f"{name}@people.example",
            "emailVerified": True,
            "firstName": name.title(),
            "lastName": "Person",
            "credentials": [{"type": "password", "value": self._passwords[name], "temporary": False}],
        }
        account = str(self.admin("POST", "/users", profile))
        self.keycloak.join(account, *groups, realm=REALM)

    def _client(self, name: str, **more: object) -> None:
        public = name in ("cli", "tv")
        secret = {} if public else {"secret": self._secret(name)}
        callbacks = list(CALLBACKS) if more.get("standardFlowEnabled") else []
        client = {
            "clientId": name,
            "publicClient": public,
            "standardFlowEnabled": False,
            "redirectUris": callbacks,
            "protocolMappers": [groups_mapper()],
            **secret,
            **more,
        }
        self._uuids[name] = str(self.admin("POST", "/clients", client))

    def _secret(self, name: str) -> str:
        return self.keycloak.secrets.setdefault((REALM, name), secrets.token_urlsafe(24))


@pytest.fixture(scope="session")
def people(keycloak: Keycloak) -> People:
    """The realm of the module's own words."""
    made = People(keycloak)
    made._fill()
    return made
