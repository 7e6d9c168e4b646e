"""What every practice service has: credentials, a judgement of what was presented, and a guard before its pages."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.secret import Secret

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

NONE, FALSE, REAL = "none", "false", "real"

_REMEMBERED = 1000
_numbers = count()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer given before the service's own pages are reached."""

    status: int
    body: Mapping[str, object] | str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a request presented: ``kind`` is ``none``, ``false`` or ``real``.

    ``credential`` is the name (never the value) of the one that was accepted, with whose rights it acts;
    ``refusal`` is what the service says where it was not.
    """

    kind: str
    credential: str = ""
    account: str = ""
    tenant: str = ""
    scopes: tuple[str, ...] = ()
    expires_at: str = ""
    refusal: Answer | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as the service saw it; for tests that ask whether the right credential arrived.

    ``headers`` are kept where a service tells them: a secret one's value is the credential's name. ``number`` counts
    the requests of all services in the order in which they came.
    """

    service: str
    method: str
    path: str
    kind: str
    credential: str
    account: str
    tenant: str
    headers: tuple[tuple[str, str], ...] = ()
    number: int = field(default_factory=_numbers.__next__, compare=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a fault sees it. ``open`` says that this page needs no credential."""

    method: str
    path: str
    open: bool
    verdict: Verdict


Answering = Callable[["Site", Asked], Answer | None]
"""What is answered instead of the service's own answer; None lets the request pass."""


class Site:
    """One practice service at ``origin``. Subclasses say what they serve and whom they know."""

    id = ""
    open_paths: frozenset[str] = frozenset({"/health"})

    def __init__(self, origin: str, closing: asyncio.Event) -> None:
        self.origin = origin
        self.url = origin
        self.closing = closing
        self.credentials: dict[str, Secret] = {}
        self.token_file: Path | None = None
        self.guarded = True
        self.peers: Mapping[str, Site] = {}
        self.seen: deque[Seen] = deque(maxlen=_REMEMBERED)

    def judge(self, headers: Mapping[str, str]) -> Verdict:
        """What these headers (names in lower case) present."""
        raise NotImplementedError

    def routes(self) -> list[BaseRoute]:
        """The service's pages."""
        raise NotImplementedError

    def false_credential(self) -> None:
        """Hand out a credential of the right form that this service does not know."""
        raise NotImplementedError

    def is_open(self, path: str) -> bool:
        """Whether a page needs no credential."""
        return path in self.open_paths

    def app(self, faults: tuple[Answering, ...]) -> ASGIApp:
        """The service behind its guard."""
        from starlette.applications import Starlette

        return _guard(Starlette(routes=self.routes()), self, faults)


def known(candidates: Mapping[str, Secret], presented: str) -> str:
    """The name of the credential that was presented, compared in constant time; empty where none is it."""
    given = presented.encode("utf-8", "surrogateescape")
    found = ""
    for name, secret in candidates.items():
        if hmac.compare_digest(secret.reveal().encode("utf-8", "surrogatepass"), given):
            found = found or name
    return found


def bearer(header: str) -> str | None:
    """The token of ``Bearer TOKEN`` (the scheme in any case, as RFC 9110 says); None for anything else."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def challenge(realm: str, **parameters: str) -> dict[str, str]:
    """A WWW-Authenticate header of the Bearer scheme (RFC 6750, section 3)."""
    parts = {"realm": realm, **parameters} if realm else parameters
    said = ", ".join(f'{name}="{value}"' for name, value in parts.items())
    return {"WWW-Authenticate": f"Bearer {said}" if said else "Bearer"}


def _guard(app: ASGIApp, site: Site, faults: tuple[Answering, ...]) -> ASGIApp:
    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        verdict = site.judge(headers)
        path = str(scope["path"])
        asked = Asked(str(scope["method"]), path, site.is_open(path), verdict)
        site.seen.append(
            Seen(
                site.id, asked.method, path, verdict.kind, verdict.credential, verdict.account, verdict.tenant
            )
        )
        for answering in faults:
            instead = answering(site, asked)
            if instead is not None:
                return await say(instead, send)
        if site.guarded and not asked.open and verdict.refusal is not None:
            return await say(verdict.refusal, send)
        scope.setdefault("state", {})["verdict"] = verdict
        await app(scope, receive, send)

    return guarded


def say_json(answer: Answer) -> Response:
    """An answer as a page gives it: JSON, or text where its body is one."""
    from starlette.responses import JSONResponse, PlainTextResponse

    make = PlainTextResponse if isinstance(answer.body, str) else JSONResponse
    return make(answer.body, answer.status, dict(answer.headers))


async def say(answer: Answer, send: Callable[[dict[str, object]], Awaitable[None]]) -> None:
    """Send an answer that no page gives."""
    text = isinstance(answer.body, str)
    body = str(answer.body).encode() if text else json.dumps(answer.body).encode()
    kind = "text/plain; charset=utf-8" if text else "application/json"
    headers = {"content-type": kind, "content-length": str(len(body)), **answer.headers}
    start = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": start})
    await send({"type": "http.response.body", "body": body})
