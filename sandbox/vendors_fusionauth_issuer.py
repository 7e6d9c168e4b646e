"""How FusionAuth answers as an issuer: metadata, keys, introspection, user info, validation.

https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/endpoints ("OpenID Configuration", which names no
introspection endpoint; "JSON Web Key Set"; "Introspect": 401 where the token was not issued for the client that asks;
"userInfo": openid wanted; "OAuthError": ``error``, ``error_reason``), /docs/apis/jwt#validate-a-jwt (200 with ``jwt``,
else 401). That introspection says ``active: false`` to another client in place of 401 is reported in
https://github.com/FusionAuth/fusionauth-site/pull/3411 and
https://github.com/FusionAuth/fusionauth-issues/issues/3010; ``demands`` = ``inactive`` answers so.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote_plus

from wizard.secret import Secret

from .sites import bearer
from .vendors import EMAIL, VendorSite

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from starlette.requests import Request
    from starlette.responses import Response

_HOUR: Final = 3600
_ALGORITHM: Final = "ES256"
CONFIGURATION: Final = "/.well-known/openid-configuration"
JWKS: Final = "/.well-known/jwks.json"
INTROSPECT: Final = "/oauth2/introspect"
USERINFO: Final = "/oauth2/userinfo"
VALIDATE: Final = "/api/jwt/validate"
TOKEN: Final = "/oauth2/token"  # noqa: S105  # a path


class Issuer:
    """Two applications: a client, whose the access token is, and a server that checks the tokens of its clients."""

    def __init__(self, site: VendorSite) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec

        self.site = site
        self.key: EllipticCurvePrivateKey = ec.generate_private_key(ec.SECP256R1())
        self.kid = secrets.token_urlsafe(20)
        self.clients = {
            n: (str(uuid.uuid4()), Secret(secrets.token_urlsafe(32))) for n in ("client", "server")
        }
        self.user = str(uuid.uuid4())
        site.credentials |= {
            "access_token": self.token(),
            "client_id": Secret(self.clients["client"][0]),
            "client_secret": self.clients["client"][1],
            "server_client_id": Secret(self.clients["server"][0]),
            "server_client_secret": self.clients["server"][1],
        }

    def token(self, **changes: object) -> Secret:
        """An access token of the client's application; ``changes`` replace claims, None drops one."""
        import jwt

        now = int(time.time())
        application = self.clients["client"][0]
        claims: dict[str, object] = {
            "iss": self.site.origin,
            "aud": application,
            "applicationId": application,
            "sub": self.user,
            "scope": "openid profile email get_name",
            "authenticationType": "PASSWORD",
            "email": EMAIL,
            "roles": ["user"],
            "iat": now,
            "exp": now + _HOUR,
            "jti": str(uuid.uuid4()),
        }
        kept = {n: v for n, v in (claims | changes).items() if v is not None}
        return Secret(jwt.encode(kept, self.key, algorithm=_ALGORITHM, headers={"kid": self.kid}))

    def pages(self) -> Mapping[tuple[str, str], Callable[[Request], Awaitable[Response]]]:
        """Its handlers by method and path."""
        return {
            ("GET", CONFIGURATION): self._configuration,
            ("GET", JWKS): self._keys,
            ("POST", TOKEN): self._token,
            ("POST", INTROSPECT): self._introspect,
            ("GET", USERINFO): self._user_info,
            ("POST", USERINFO): self._user_info,
            ("GET", VALIDATE): self._validate,
        }

    async def _configuration(self, _: Request) -> Response:
        root = self.site.origin
        return _json(
            {
                "issuer": root,
                "authorization_endpoint": f"{root}/oauth2/authorize",
                "token_endpoint": f"{root}{TOKEN}",
                "userinfo_endpoint": f"{root}{USERINFO}",
                "jwks_uri": f"{root}{JWKS}",
                "device_authorization_endpoint": f"{root}/oauth2/device_authorize",
                "end_session_endpoint": f"{root}/oauth2/logout",
                "response_types_supported": ["code", "id_token", "token id_token"],
                "scopes_supported": ["openid", "offline_access"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_basic",
                    "client_secret_post",
                    "none",
                ],
            }
        )

    async def _keys(self, _: Request) -> Response:
        from jwt.algorithms import ECAlgorithm

        public = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return _json({"keys": [{**public, "alg": _ALGORITHM, "kid": self.kid, "use": "sig"}]})

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        if self._client(request, form) is None:
            return _refused(401, "invalid_client", "invalid_client_authentication")
        return _refused(400, "invalid_grant", "auth_code_not_found")

    async def _introspect(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        if "token" not in form:
            return _refused(400, "invalid_request", "missing_token")
        client = self._client(request, form)
        if client is None:
            return _refused(401, "invalid_client", "invalid_client_authentication")
        claims = self._claims(form["token"])
        if claims is None:
            return _json({"active": False})
        if claims.get("aud") != client:
            if self.site.demands == "inactive":
                return _json({"active": False})
            return _refused(401, "invalid_token", "client_id_mismatch")
        return _json({"active": True, **claims})

    async def _user_info(self, request: Request) -> Response:
        claims = self._claims(bearer(request.headers.get("authorization", "")) or "")
        if claims is None:
            return _refused(401, "invalid_token", "access_token_invalid")
        if "openid" not in str(claims.get("scope", "")).split():
            return _refused(400, "invalid_token", "missing_required_scope")
        kept = ("sub", "applicationId", "email", "roles", "scope")
        return _json(
            {n: claims[n] for n in kept if n in claims} | {"email_verified": True, "name": "Practice"}
        )

    async def _validate(self, request: Request) -> Response:
        from starlette.responses import Response as Empty

        claims = self._claims(bearer(request.headers.get("authorization", "")) or "")
        return _json({"jwt": claims}) if claims is not None else Empty(status_code=401)

    def _claims(self, token: str) -> dict[str, Any] | None:
        import jwt

        try:
            return dict(
                jwt.decode(
                    token, self.key.public_key(), algorithms=[_ALGORITHM], options={"verify_aud": False}
                )
            )
        except jwt.InvalidTokenError:
            return None

    def _client(self, request: Request, form: Mapping[str, str]) -> str | None:
        """The client that asks, by Basic or in the body; a secret that is given is checked."""
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        name, secret = form.get("client_id", ""), form.get("client_secret", "")
        if scheme.lower() == "basic":
            try:
                pair = base64.b64decode(encoded, validate=True).decode()
            except ValueError:
                return None
            name, secret = (unquote_plus(part) for part in pair.partition(":")[::2])
        known = {id: held.reveal() for id, held in self.clients.values()}.get(name)
        return name if known is not None and hmac.compare_digest(known.encode(), secret.encode()) else None


def _json(body: object) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(body)


def _refused(status: int, error: str, reason: str) -> Response:
    from starlette.responses import JSONResponse

    words = reason.replace("_", " ").capitalize()
    return JSONResponse({"error": error, "error_reason": reason, "error_description": f"{words}."}, status)
