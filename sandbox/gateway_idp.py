"""The practice gateway's identity provider: a realm as Keycloak has it, and a user pool as Amazon Cognito has it.

Both give tokens for client credentials. What they answer is as their documentation says:
https://www.keycloak.org/docs/latest/server_admin/ and
https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote_plus

from wizard.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from jwt import PyJWKClient
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

REALM: Final = "mcp-gateway"
MASTER: Final = "master"
REGION: Final = "us-east-1"
UNRESTRICTED: Final = "mcp-servers-unrestricted"
RESTRICTED: Final = "mcp-servers-restricted"
_HOUR: Final = 3600
_KEYCLOAK_SCOPES: Final = frozenset({"openid", "email", "profile"})
_POOL_KEY: Final = "cognito"


@dataclass(frozen=True, slots=True)
class App:
    """A client with a service account: its secret, the groups that it is in, the scopes that it may ask for."""

    secret: Secret
    groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a token stands for. ``client`` and ``pool`` are what the other headers have to name with Cognito."""

    name: str
    groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    client: str = ""
    pool: str = ""


@dataclass
class Idp:
    """``origin`` is where it is served. ``trusted`` is the issuer of another Keycloak that the gateway believes as
    well. ``mapper`` is False where the realm's clients have no groups mapper; ``spell`` changes a group's name.
    ``ahead`` is how many seconds its clock is ahead; ``calls_itself`` the origin in its tokens, where it is another."""

    origin: str
    trusted: str = ""
    mapper: bool = True
    spell: Callable[[str], str] = str
    ahead: int = 0
    calls_itself: str = ""
    pool: str = field(default_factory=lambda: f"{REGION}_{secrets.token_hex(5)[:9]}")
    agents: dict[str, App] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    _keys: PyJWKClient | None = None

    def __post_init__(self) -> None:
        for group in (UNRESTRICTED, RESTRICTED):
            self.agents[f"agent-{secrets.token_hex(4)}-m2m"] = App(_secret(), (group,))
        every = tuple(
            f"{group}/{what}" for group in (UNRESTRICTED, RESTRICTED) for what in ("read", "execute")
        )
        self.apps[secrets.token_hex(13)] = App(_secret(), (UNRESTRICTED,), every)

    def realm_issuer(self, realm: str = REALM) -> str:
        """The issuer of a realm."""
        return f"{self.origin}/realms/{realm}"

    def pool_issuer(self) -> str:
        """The issuer of the user pool."""
        return f"{self.origin}/cognito/{self.pool}"

    def agent_token(self, client: str, realm: str = REALM, **changes: object) -> Secret:
        """An access token of a realm for a service account; ``changes`` replace claims, None drops one."""
        now = int(time.time()) + self.ahead
        app = self.agents.get(client)
        claims: dict[str, object] = {
            "exp": now + _HOUR,
            "iat": now,
            "jti": str(uuid.uuid4()),
            "iss": self.realm_issuer(realm).replace(self.origin, self.calls_itself or self.origin, 1),
            "aud": "account",
            "sub": str(uuid.uuid5(uuid.NAMESPACE_URL, client)),
            "typ": "Bearer",
            "azp": client,
            "scope": "profile email",
            "preferred_username": f"service-account-{client}",
            "client_id": client,
            "groups": [self.spell(g) for g in app.groups] if app and self.mapper else None,
        }
        return _signed({**claims, **changes}, realm)

    def app_token(self, client: str, **changes: object) -> Secret:
        """An access token of the user pool: it has no ``aud``, and names its client in ``client_id``."""
        now = int(time.time()) + self.ahead
        app = self.apps.get(client)
        claims: dict[str, object] = {
            "sub": client,
            "token_use": "access",
            "scope": " ".join(app.scopes) if app else "",
            "cognito:groups": [self.spell(g) for g in app.groups] if app and self.mapper else None,
            "auth_time": now,
            "iss": self.pool_issuer(),
            "exp": now + _HOUR,
            "iat": now,
            "version": 2,
            "jti": str(uuid.uuid4()),
            "client_id": client,
        }
        return _signed({**claims, **changes}, _POOL_KEY)

    def caller(self, token: str) -> Caller | None:
        """Whom the gateway takes a token for; None where it does not believe it. May ask another Keycloak's keys."""
        import jwt

        try:
            kid = jwt.get_unverified_header(token).get("kid")
            if kid == REALM:
                claims = jwt.decode(
                    token, _key().public_key(), ["RS256"], issuer=self.realm_issuer(), audience="account"
                )
            elif kid == _POOL_KEY:
                claims = jwt.decode(
                    token,
                    _key().public_key(),
                    ["RS256"],
                    issuer=self.pool_issuer(),
                    options={"verify_aud": False},
                )
            elif self.trusted:
                claims = self._of_another(token)
            else:
                return None
        except (jwt.PyJWTError, ValueError):
            return None
        return _caller(claims, self.pool)

    def _of_another(self, token: str) -> dict[str, object]:
        import jwt

        if self._keys is None:
            self._keys = jwt.PyJWKClient(f"{self.trusted}/protocol/openid-connect/certs", timeout=5)
        key = self._keys.get_signing_key_from_jwt(token)
        # Keycloak gives a service account the audience `account` only with some of its default scopes
        options = {"verify_aud": False}
        found: dict[str, object] = jwt.decode(token, key, ["RS256"], issuer=self.trusted, options=options)  # type: ignore[arg-type]  # a plain dict is taken
        return found

    def routes(self) -> list[BaseRoute]:
        """Token endpoints, keys and discovery of both."""
        from starlette.responses import JSONResponse
        from starlette.routing import Route

        connect = "/realms/{realm}/protocol/openid-connect"

        async def token(request: Request) -> Response:
            realm = str(request.path_params["realm"])
            if realm not in (REALM, MASTER):
                return JSONResponse({"error": "Realm does not exist"}, 404)
            return self._keycloak_token(realm, *_form(request.headers, await request.body()))

        async def pool_token(request: Request) -> Response:
            return self._cognito_token(*_form(request.headers, await request.body()))

        async def certs(request: Request) -> Response:
            return JSONResponse({"keys": [_public(str(request.path_params.get("realm", _POOL_KEY)))]})

        async def discovery(request: Request) -> Response:
            issuer = self.realm_issuer(str(request.path_params["realm"]))
            base = f"{issuer}/protocol/openid-connect"
            document = {"issuer": issuer, "token_endpoint": f"{base}/token", "jwks_uri": f"{base}/certs"}
            return JSONResponse({**document, "grant_types_supported": ["client_credentials"]})

        return [
            Route(f"{connect}/token", token, methods=["POST"]),
            Route(f"{connect}/certs", certs),
            Route("/realms/{realm}/.well-known/openid-configuration", discovery),
            Route("/cognito/oauth2/token", pool_token, methods=["POST"]),
            Route("/cognito/{pool}/.well-known/jwks.json", certs),
        ]

    def _keycloak_token(self, realm: str, form: Mapping[str, str], client: str, secret: str) -> Response:
        from starlette.responses import JSONResponse

        if form.get("grant_type") != "client_credentials":
            return _error(400, "unsupported_grant_type", "Unsupported grant_type")
        app = self.agents.get(client)
        if app is None or not _same(app.secret, secret):
            name = "unauthorized_client" if app else "invalid_client"
            return _error(401, name, "Invalid client or Invalid client credentials")
        wanted = form.get("scope", "")
        if not set(wanted.split()) <= _KEYCLOAK_SCOPES:
            return _error(400, "invalid_scope", f"Invalid scopes: {wanted}")
        answer = {
            "access_token": self.agent_token(client, realm).reveal(),
            "expires_in": _HOUR,
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": "profile email",
        }
        return JSONResponse(answer, headers={"cache-control": "no-store"})

    def _cognito_token(self, form: Mapping[str, str], client: str, secret: str) -> Response:
        from starlette.responses import JSONResponse

        if form.get("grant_type") != "client_credentials":
            return _error(400, "unsupported_grant_type")
        app = self.apps.get(client)
        if app is None or not _same(app.secret, secret):
            return _error(400, "invalid_client")
        wanted = form.get("scope", "").split()
        if not set(wanted) <= set(app.scopes):
            return _error(400, "invalid_scope")
        token = self.app_token(client, **({"scope": " ".join(wanted)} if wanted else {}))
        return JSONResponse({"access_token": token.reveal(), "expires_in": _HOUR, "token_type": "Bearer"})


def _caller(claims: Mapping[str, object], pool: str) -> Caller:
    cognito = "token_use" in claims
    groups = claims.get("cognito:groups" if cognito else "groups")
    name = str(claims.get("preferred_username") or claims.get("sub") or "")
    held = tuple(str(g) for g in groups) if isinstance(groups, list) else ()
    scopes = tuple(str(claims.get("scope") or "").split())
    return Caller(
        name, held, scopes, str(claims.get("client_id", "")) if cognito else "", pool if cognito else ""
    )


def _form(headers: Mapping[str, str], body: bytes) -> tuple[dict[str, str], str, str]:
    """The form, with client id and secret out of the Authorization header or out of the form itself."""
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return form, "", ""
        return form, unquote_plus(user), unquote_plus(password)
    return form, form.get("client_id", ""), form.get("client_secret", "")


def _error(status: int, error: str, description: str = "") -> Response:
    from starlette.responses import JSONResponse

    more = {"error_description": description} if description else {}
    return JSONResponse({"error": error, **more}, status)


def _same(secret: Secret, given: str) -> bool:
    return hmac.compare_digest(secret.reveal().encode(), given.encode("utf-8", "surrogateescape"))


def _secret() -> Secret:
    return Secret(secrets.token_urlsafe(24))


def _signed(claims: Mapping[str, object], kid: str) -> Secret:
    import jwt

    kept = {name: value for name, value in claims.items() if value is not None}
    return Secret(jwt.encode(kept, _key(), algorithm="RS256", headers={"kid": kid}))


def _public(kid: str) -> dict[str, object]:
    from jwt.algorithms import RSAAlgorithm

    key = RSAAlgorithm.to_jwk(_key().public_key(), as_dict=True)
    return {**key, "kid": kid, "use": "sig", "alg": "RS256"}


@cache
def _key() -> RSAPrivateKey:
    # one for the whole process, told apart by `kid`: making it costs a tenth of a second
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
