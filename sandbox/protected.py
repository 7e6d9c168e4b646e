"""A practice MCP server that asks for a bearer token, to be set up by its address like any other.

It answers streamable HTTP at ``/mcp`` and the older HTTP+SSE at ``/sse``, and says by RFC 9728 what it protects.
Its token is opaque; it also takes JWTs that it issued itself, so that what a JWT can get wrong can be shown.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from wizard.secret import Secret

from .mcp_server import Endpoint
from .rpc import Core, McpTool, ToolAnswer
from .sites import FALSE, NONE, REAL, Answer, Site, Verdict, bearer, challenge, known

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

REALM = "mcp-practice"
SCOPES = ("mcp:tools",)
_PRM = "/.well-known/oauth-protected-resource"
_AS = "/.well-known/oauth-authorization-server"
_KEY_ID = "practice"
_HOUR = 3600


class ProtectedSite(Site):
    """The practice MCP server; ``url`` is its endpoint and its RFC 9728 resource."""

    id = "mcp"
    open_paths = frozenset({"/health", "/jwks", _PRM, f"{_PRM}/mcp", _AS})

    def __init__(self, origin: str, closing: asyncio.Event) -> None:
        super().__init__(origin, closing)
        self.resource = self.url = f"{origin}/mcp"
        self._token = Secret(secrets.token_urlsafe(32))
        self.credentials["token"] = self._token
        self._key: RSAPrivateKey | None = None

    def jwt(self, **changes: object) -> Secret:
        """A JWT of this server's own issuer, valid for an hour; ``changes`` replace claims, None drops one."""
        import jwt

        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.origin,
            "aud": self.resource,
            "sub": "practice-user",
            "scope": " ".join(SCOPES),
            "iat": now,
            "exp": now + _HOUR,
        }
        kept = {name: value for name, value in (claims | changes).items() if value is not None}
        return Secret(jwt.encode(kept, self._signing_key(), algorithm="RS256", headers={"kid": _KEY_ID}))

    def judge(self, headers: Mapping[str, str]) -> Verdict:
        """The opaque token, or a JWT that this server issued for itself."""
        header = headers.get("authorization")
        if header is None:
            return Verdict(NONE, refusal=self._refused("missing_token"))
        token = bearer(header)
        if token is None:
            return Verdict(
                FALSE, refusal=self._refused("invalid_request", "The header is not Bearer and a token")
            )
        if known({"token": self._token}, token):
            return Verdict(REAL, "token", "practice-user", scopes=SCOPES)
        return self._judge_jwt(token)

    def _judge_jwt(self, token: str) -> Verdict:
        why = "The access token is invalid"
        if self._key is not None and token.count(".") == 2:
            import jwt

            try:
                claims = jwt.decode(
                    token,
                    self._key.public_key(),
                    algorithms=["RS256"],
                    audience=self.resource,
                    issuer=self.origin,
                    options={"require": ["exp"]},
                )
            except jwt.ExpiredSignatureError:
                why = "The access token expired"
            except jwt.InvalidTokenError:
                pass
            else:
                scopes = tuple(str(claims.get("scope", "")).split())
                return Verdict(REAL, "jwt", str(claims.get("sub", "")), scopes=scopes)
        return Verdict(FALSE, refusal=self._refused("invalid_token", why))

    def false_credential(self) -> None:
        """A token of the right form that this server does not know."""
        self.credentials["token"] = Secret(secrets.token_urlsafe(32))

    def metadata_parameter(self) -> dict[str, str]:
        """Where a challenge sends the client for metadata (RFC 9728, section 5.1)."""
        return {"resource_metadata": f"{self.origin}{_PRM}/mcp"}

    def routes(self) -> list[BaseRoute]:
        """The endpoint on both transports, and what is published about it."""
        from starlette.responses import JSONResponse
        from starlette.routing import Route

        endpoint = Endpoint(Core("practice-mcp", "practice", _TOOLS), self.closing, streams=True)

        async def health(_: Request) -> Response:
            return JSONResponse({"status": "ok"})

        async def resource(_: Request) -> Response:
            return JSONResponse(
                {
                    "resource": self.resource,
                    "authorization_servers": [self.origin],
                    "scopes_supported": list(SCOPES),
                    "bearer_methods_supported": ["header"],
                }
            )

        async def issuer(_: Request) -> Response:
            return JSONResponse(
                {
                    "issuer": self.origin,
                    "jwks_uri": f"{self.origin}/jwks",
                    "response_types_supported": [],
                    "grant_types_supported": [],
                }
            )

        async def jwks(_: Request) -> Response:
            return JSONResponse({"keys": self._public_keys()})

        return [
            Route("/health", health),
            Route("/jwks", jwks),
            Route(_PRM, resource),
            Route(f"{_PRM}/mcp", resource),
            Route(_AS, issuer),
            Route("/mcp", endpoint.streamable, methods=["GET", "POST", "DELETE"]),
            Route("/sse", endpoint.sse),
            Route("/messages", endpoint.messages, methods=["POST"]),
        ]

    def _refused(self, error: str, why: str = "No access token was sent") -> Answer:
        # RFC 6750: a request without a credential is told no error code
        said = {} if error == "missing_token" else {"error": error, "error_description": why}
        return Answer(
            401,
            {"error": error, "error_description": why},
            challenge(REALM, **said, scope=" ".join(SCOPES), **self.metadata_parameter()),
        )

    def _signing_key(self) -> RSAPrivateKey:
        # made when first asked for: most practice needs no JWT, and the key costs a tenth of a second
        if self._key is None:
            from cryptography.hazmat.primitives.asymmetric import rsa

            self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._key

    def _public_keys(self) -> list[dict[str, object]]:
        if self._key is None:
            return []
        from jwt.algorithms import RSAAlgorithm

        key = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return [{**key, "kid": _KEY_ID, "use": "sig", "alg": "RS256"}]


def _echo(arguments: Mapping[str, object]) -> ToolAnswer:
    return ToolAnswer(str(arguments.get("text", "")))


def _add(arguments: Mapping[str, object]) -> ToolAnswer:
    a, b = arguments.get("a"), arguments.get("b")
    if not isinstance(a, int | float) or not isinstance(b, int | float):
        return ToolAnswer("a and b must be numbers.", failed=True)
    return ToolAnswer(json.dumps(a + b))


_TOOLS = (
    McpTool(
        "echo",
        "Say the text again.",
        _echo,
        {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    ),
    McpTool(
        "add",
        "Add two numbers.",
        _add,
        {
            "type": "object",
            "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
            "required": ["a", "b"],
        },
    ),
)
