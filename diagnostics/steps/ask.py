"""One question with what goes along with it, to an API (GET) or to an MCP server, and how it was taken."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from diagnostics import answers, refusals
from diagnostics.mcp import McpError, open_session
from wizard.errors import AuthwizardError
from wizard.services import LiveTest
from wizard.transport import Reply

if TYPE_CHECKING:
    from diagnostics.sending import Sent
    from wizard.entries import Remote
    from wizard.secret import Secret
    from wizard.transport import Transport

_LOGIN: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, repr=False)
class Taken:
    """How a request was taken: ``accepted`` is None where the answer tells nothing about the credential
    (404, 429, 5xx, no answer at all); ``error`` is an id where no usable answer came."""

    accepted: bool | None
    seen: str
    detail: str = ""
    error: str = ""
    reply: Reply | None = None
    seconds: float = 0.0

    @property
    def silent(self) -> bool:
        """Whether no answer came at all, so that no other request need be tried."""
        return self.accepted is None and self.reply is None and bool(self.error)


async def ask_api(transport: Transport, url: str, sent: Sent, live: LiveTest = refusals.UNKNOWN) -> Taken:
    """GET, and nothing else. An event stream is not read. ``live`` says where this service hides a refusal."""
    began = time.monotonic()
    try:
        reply = await get(transport, url, sent)
    except AuthwizardError as error:
        return failed(error, time.monotonic() - began)
    return judge(reply, time.monotonic() - began, live)


async def get(transport: Transport, url: str, sent: Sent) -> Reply:
    """The answer to a GET, redirects within the origin followed. Raises: TransportError, UsageError."""
    headers: dict[str, Secret | str] = {"Accept": "application/json, */*;q=0.5", **sent.headers}
    async with transport.stream("GET", url, headers=headers, query=sent.query) as answer:
        kind = (answer.headers.get("content-type") or "").lower()
        body = b"" if kind.startswith("text/event-stream") else await answer.read()
        reply = Reply(answer.status, answer.headers, body, url, answer.number)
    if reply.status in _LOGIN and reply.headers.get("location"):
        return await transport.send("GET", url, headers=headers, query=sent.query, follow=True)
    return reply


async def ask_mcp(transport: Transport, entry: Remote, sent: Sent, timeout: float) -> Taken:
    """Open a session and list the tools (some servers let anyone in and guard only what is behind)."""
    began = time.monotonic()
    where = ""
    try:
        asked = replace(entry, headers=sent.headers, query=sent.query)
        async with open_session(asked, transport, timeout=timeout) as session:
            where = " at tools/list"
            await session.tools()
    except AuthwizardError as error:
        taken = failed(error, time.monotonic() - began)
        if where and taken.accepted is None and not taken.error.startswith("refused"):
            # The session was opened: the credential, or its absence, was good enough for that.
            return replace(taken, accepted=True, seen=f"200, then {taken.seen}{where}")
        return replace(taken, seen=f"{taken.seen}{where}")
    return Taken(True, "200", seconds=time.monotonic() - began)


def failed(error: AuthwizardError, seconds: float = 0.0) -> Taken:
    """A failure as an answer: a refusal of the server, or no answer."""
    reply = error.reply if isinstance(error, McpError) else None
    if reply is not None:
        taken = judge(reply, seconds)
        if isinstance(error, McpError) and error.id == "mcp-error" and reply.status < 400:
            words = error.detail.lower()
            denied = any(w in words for w in ("unauthor", "forbidden", "authenticat", "token", "credential"))
            return replace(
                taken, accepted=False if denied else None, seen=f"{reply.status}, error {error.detail}"
            )
        if taken.accepted and error.id in ("web-page", "not-mcp"):
            taken = replace(taken, accepted=None)
        # A refusal says all in its status; another failure needs its sentence.
        return replace(taken, detail="" if error.id == "refused" else error.title, error=error.id)
    return Taken(None, error.title, error.detail, error.id, seconds=seconds)


def judge(reply: Reply, seconds: float = 0.0, live: LiveTest = refusals.UNKNOWN) -> Taken:
    """What an answer's status says of the credential, or the refusal that a 200 holds."""
    seen = answers.said(reply)
    if inside := refusals.hidden(reply, live):
        return Taken(False, f"{seen}, and in it: {inside.says}", reply=reply, seconds=seconds)
    if reply.status in (401, 403) or reply.status in _LOGIN:
        where = _redirect(reply)
        return Taken(False, f"{seen}{where}", reply=reply, seconds=seconds)
    accepted = True if reply.status < 300 else None
    return Taken(accepted, seen, reply=reply, seconds=seconds)


def _redirect(reply: Reply) -> str:
    """Where a redirect that is not followed leads, without its parameters."""
    place = reply.headers.get("location") or ""
    if reply.status not in _LOGIN or not place:
        return ""
    try:
        parts = urlsplit(urljoin(reply.url, place))
    except ValueError:
        return ", a redirect to no address"
    where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return f", a redirect to {answers.clean(where, 120)}"


def no_detour(taken: Taken) -> Taken:
    """Where nothing was sent that could be refused, a redirect is no refusal: the service did not answer at all."""
    if taken.reply is None or taken.reply.status not in _LOGIN:
        return taken
    return replace(
        taken, accepted=None, reply=None, error="redirected", detail="Only what answers there knows more."
    )
