"""A practice MCP gateway: it wants a token of its own, judges by groups and access rules, and passes the rest on.

Statuses and bodies are those that a client of the real one sees, for nginx stands in front of its auth server
(agentic-community/mcp-gateway-registry, docker/nginx_rev_proxy_http_and_https.conf and auth_server/server.py): 401
``Authentication required``, 403 ``Access forbidden``; the server behind answers in its own words.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.gateway import rules
from wizard.paths import write_private
from wizard.redaction import tells_a_secret
from wizard.secret import Secret

from .gateway_idp import REALM, REGION, Caller, Idp
from .gateway_servers import RECEIVED, Behind, refusal, servers
from .mcp_server import Endpoint
from .sites import FALSE, NONE, REAL, Answer, Answering, Asked, Seen, Site, Verdict, bearer, known, say

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

RULES: Final = Path(__file__).with_name("gateway_scopes.yml")
UNAUTHORISED: Final = Answer(401, {"error": "Authentication required"})
FORBIDDEN: Final = Answer(403, {"error": "Access forbidden"})
LISTING: Final = "/v0/servers"
_INTERNAL: Final = "io.mcpgateway/internal"
_EGRESS: Final = frozenset({"authorization", "x-atlassian-cloud-id"})
_CARRIED: Final = frozenset({"accept", "content-type", "content-length", "host", "origin", "user-agent"})
_LONGEST: Final = 1_000_000


class GatewaySite(Site):
    """``folder`` is where the token file is written; ``trusted`` the issuer of another Keycloak that is believed."""

    id = "gateway"

    def __init__(self, origin: str, closing: asyncio.Event, folder: Path, trusted: str = "") -> None:
        super().__init__(origin, closing)
        self.idp = Idp(origin, trusted)
        self.rules = _rules()
        self.behind: Mapping[str, Behind] = {s.name: s for s in servers()}
        self.egress_token = Secret(secrets.token_urlsafe(40))
        self.cloud_id = Secret(str(uuid.uuid4()))
        self.token_file = folder / "agent-practice-m2m-token.json"
        self.hand_out()

    def hand_out(self) -> None:
        """Make every credential anew from what the identity provider now says."""
        agents, (app, held) = list(self.idp.agents), next(iter(self.idp.apps.items()))
        token = self.idp.agent_token(agents[0])
        self.credentials |= {
            "token": token,
            "token_restricted": self.idp.agent_token(agents[1]),
            "client_id": Secret(agents[0]),
            "client_secret": self.idp.agents[agents[0]].secret,
            "cognito_token": self.idp.app_token(app),
            "cognito_client_id": Secret(app),
            "cognito_client_secret": held.secret,
            "user_pool_id": Secret(self.idp.pool),
            "egress_token": self.egress_token,
            "cloud_id": self.cloud_id,
        }
        self.keep(token)

    def keep(self, token: Secret) -> None:
        """Write the token file as the gateway's ``generate_tokens.py`` does."""
        client = next(iter(self.idp.agents))
        content = {
            "agent_name": client,
            "access_token": token.reveal(),
            "token_type": "Bearer",
            "provider": "keycloak",
            "keycloak_url": self.origin,
            "keycloak_realm": REALM,
            "client_id": client,
        }
        if self.token_file is not None:
            write_private(self.token_file, (json.dumps(content, indent=2) + "\n").encode())

    def judge(self, headers: Mapping[str, str]) -> Verdict:
        """The token for the gateway itself, which stands in X-Authorization."""
        return self._judged(headers, self._caller(headers))

    def false_credential(self) -> None:
        """A token that a realm which is not this one's signed."""
        self.credentials["token"] = self.idp.agent_token("agent-nobody-m2m", "nowhere")
        self.keep(self.credentials["token"])

    def _caller(self, headers: Mapping[str, str]) -> Caller | None:
        token = bearer(headers.get("x-authorization", ""))
        found = self.idp.caller(token) if token else None
        if found and found.pool:
            named = (
                headers.get("x-user-pool-id"),
                headers.get("x-client-id"),
                headers.get("x-region", REGION),
            )
            return found if named == (found.pool, found.client, REGION) else None
        return found

    def _judged(self, headers: Mapping[str, str], caller: Caller | None) -> Verdict:
        if "x-authorization" not in headers:
            return Verdict(NONE, refusal=UNAUTHORISED)
        if caller is None:
            return Verdict(FALSE, refusal=UNAUTHORISED)
        scopes = self.rules.scopes_of(caller.groups) if caller.groups else caller.scopes
        return Verdict(REAL, "ingress", caller.name, scopes=scopes)

    def routes(self) -> list[BaseRoute]:
        """What the gateway answers itself: its health, its list of servers, and its identity provider."""
        from starlette.responses import JSONResponse
        from starlette.routing import Route

        async def health(_: Request) -> Response:
            return JSONResponse({"status": "healthy", "service": "mcp-gateway-registry"})

        async def listing(request: Request) -> Response:
            verdict: Verdict = request.state.verdict
            # to whom no scope is given it lists nothing, as the registry does
            named = self.rules.servers(verdict.scopes)
            mine = [s for s in self.behind.values() if s.name in named or (named and s.open)]
            shown = [_listed(s) for s in sorted(mine, key=lambda s: s.name)]
            return JSONResponse({"servers": shown, "metadata": {"nextCursor": None, "count": len(shown)}})

        return [Route("/health", health), Route(LISTING, listing), *self.idp.routes()]

    def is_open(self, path: str) -> bool:
        """The identity provider's pages, and the servers that anybody may reach."""
        server = self.behind.get(path.split("/")[1])
        return (
            super().is_open(path)
            or path.startswith(("/realms/", "/cognito/"))
            or bool(server and server.open)
        )

    def app(self, faults: tuple[Answering, ...]) -> ASGIApp:
        """The gateway, and behind it each server on its own."""
        from starlette.applications import Starlette

        pages = Starlette(routes=self.routes())
        inner = {name: self._behind(server) for name, server in self.behind.items()}

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                return
            headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
            path, method = str(scope["path"]), str(scope["method"])
            # another Keycloak's keys may have to be fetched first
            verdict = self._judged(headers, await asyncio.to_thread(self._caller, headers))
            asked = Asked(method, path, self.is_open(path), verdict)
            kept = self._kept(headers)
            self.seen.append(
                Seen(self.id, method, path, verdict.kind, verdict.credential, verdict.account, "", kept)
            )
            for answering in faults:
                if (instead := answering(self, asked)) is not None:
                    return await say(instead, send)
            if (
                self.guarded
                and not asked.open
                and verdict.refusal is not None
                and not self._listed_for(headers, path)
            ):
                return await say(verdict.refusal, send)
            server = path.split("/")[1]
            if server not in inner:
                scope.setdefault("state", {})["verdict"] = (
                    verdict if verdict.kind == REAL else self._reader(headers)
                )
                return await pages(scope, receive, send)
            body = await _body(receive) if method == "POST" else b""
            if self.guarded and not asked.open and not self._allowed(verdict, server, body):
                return await say(FORBIDDEN, send)
            await inner[server](_onward(scope), _replayed(body, receive), send)

        return serve

    def _reader(self, headers: Mapping[str, str]) -> Verdict:
        """Who reads the registry's own pages: there the token may stand in Authorization as well."""
        as_well = {**headers, "x-authorization": headers.get("authorization", "")}
        return self._judged(as_well, self._caller(as_well))

    def _listed_for(self, headers: Mapping[str, str], path: str) -> bool:
        return path == LISTING and self._reader(headers).kind == REAL

    def _allowed(self, verdict: Verdict, server: str, body: bytes) -> bool:
        """As the auth server judges: a request without a message is let through, one whose caller has no scope not."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            return True
        method = message.get("method") if isinstance(message, dict) else None
        if not isinstance(method, str):
            return True
        params = message.get("params")
        tool = str(params.get("name", "")) if isinstance(params, dict) else ""
        return self.rules.allows(verdict.scopes, server, method, tool)

    def _behind(self, server: Behind) -> ASGIApp:
        from starlette.applications import Starlette
        from starlette.routing import Route

        endpoint = Endpoint(server.core(), self.closing, streams=True, messages=f"/{server.name}/messages")
        app = Starlette(
            routes=[
                Route(f"/{server.name}/mcp", endpoint.streamable, methods=["GET", "POST", "DELETE"]),
                Route(f"/{server.name}/sse", endpoint.sse),
                Route(f"/{server.name}/messages", endpoint.messages, methods=["POST"]),
            ]
        )

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
            refused = refusal(headers, self.egress_token, self.cloud_id) if server.wants else None
            kind = NONE if "authorization" not in headers else FALSE if refused else REAL
            name = "egress_token" if kind == REAL and server.wants else ""
            service = f"{self.id}/{server.name}"
            shown = self._kept(headers)
            method, path = str(scope["method"]), str(scope["path"])
            self.seen.append(Seen(service, method, path, kind, name, "", "", shown))
            RECEIVED.set(tuple(sorted(headers)))
            if refused is not None:
                return await say(refused, send)
            await app(scope, receive, send)

        return serve

    def _kept(self, headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return tuple((n, self._shown(n, v)) for n, v in sorted(headers.items()))

    def _shown(self, name: str, value: str) -> str:
        """A header's value as it may be kept: of a secret one only the scheme, and the name of the credential."""
        if not (tells_a_secret(name) or name in _EGRESS):
            return value
        scheme, space, rest = value.partition(" ")
        credential = known({"egress_token": self.egress_token, "cloud_id": self.cloud_id}, rest or scheme)
        return f"{scheme} {credential or 'unknown'}" if space else credential or "unknown"


@cache
def _rules() -> rules.Rules:
    return rules.read(RULES)


def _listed(server: Behind) -> dict[str, object]:
    """As the registry's transform_service.py has it."""
    internal = {
        "path": f"/{server.name}",
        "is_enabled": True,
        "health_status": "healthy",
        "num_tools": len(server.tools),
        "auth_type": "oauth" if server.wants else "none",
    }
    facts = {"title": server.title, "description": server.description, "version": "1.0.0"}
    return {"server": {"name": f"io.mcpgateway/{server.name}", **facts, "_meta": {_INTERNAL: internal}}}


def _onward(scope: Scope) -> Scope:
    """The request with the headers that the server behind may see: the protocol's own, and those of the egress leg."""

    def passed(name: str) -> bool:
        return name in _EGRESS or name in _CARRIED or name.startswith(("mcp-", "last-event"))

    kept = [(k, v) for k, v in scope["headers"] if passed(k.decode("latin-1").lower())]
    return {**scope, "headers": kept, "state": {}}


async def _body(receive: Receive) -> bytes:
    content = b""
    while len(content) <= _LONGEST:
        message = await receive()
        content += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    return content


def _replayed(body: bytes, receive: Receive) -> Receive:
    """What was read once already, then what comes after it."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        with suppress(IndexError):
            return first.pop()
        return await receive()

    return again
