"""The MCP session: opened, pinged, its tools listed, one of them called."""

from __future__ import annotations

import asyncio
import difflib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from diagnostics import answers
from diagnostics.mcp import McpError, ToolInfo, open_session
from diagnostics.mcp import Session as McpSession
from wizard.entries import Entry, Remote
from wizard.errors import AuthwizardError

from . import credentials, program_login
from .ask import Taken, failed
from .log import Log
from .permissions import as_text

if TYPE_CHECKING:
    from diagnostics.target import Target
    from wizard.transport import Reply, Transport

AFTER: Final = ("ping", "tools", program_login.STEP, "call")
_NOT_STARTED: Final = frozenset(
    {
        "no-command",
        "no-folder",
        "command-not-found",
        "command-not-executable",
        "command-not-startable",
        "command-ended",
    }
)
_WIRES: Final = {
    "stateless": "stateless wire",
    "initialize": "initialize wire",
    "sse": "legacy HTTP+SSE",
    "stdio": "stdio",
}
_SHOWN: Final = 6


async def session(
    log: Log,
    target: Target,
    entry: Entry,
    transport: Transport,
    *,
    call: tuple[str, Mapping[str, object]] | None,
    timeout: float,
    says_credential: bool,
) -> tuple[tuple[ToolInfo, ...], Taken | None, Reply | None]:
    """The steps from ``credential`` (or ``start``) to ``call``: the tools, how the credential was taken, and the first
    answer that refuses it, at whatever request."""
    began = time.monotonic()
    opened = False
    try:
        async with open_session(entry, transport, timeout=timeout) as live:
            opened = True
            seconds = time.monotonic() - began
            taken = Taken(True, "200", seconds=seconds)
            if not isinstance(entry, Remote):
                log.add("start", True, "a running command", "it runs", seconds=seconds)
            log.add("session", True, "an MCP session", _about(live), " ".join(live.notes), seconds=seconds)
            _, (tools, refusal) = await asyncio.gather(_ping(log, live), _tools(log, target, live))
            if says_credential:
                taken = refusal or taken
                credentials.credential(log, taken)
            refused = refusal.reply if refusal else None
            if not isinstance(entry, Remote) and not log.failed("tools"):
                await program_login.log_in(log, target, live, transport, tools)
            if call is not None:
                refused = await _call(log, live, transport, tools, call) or refused
            return tools, taken, refused
    except AuthwizardError as error:
        if opened:
            raise
        taken = _not_opened(log, entry, error, time.monotonic() - began, says_credential=says_credential)
        return (), taken, taken.reply if taken.accepted is False else None


def _not_opened(
    log: Log, entry: Entry, error: AuthwizardError, seconds: float, *, says_credential: bool
) -> Taken:
    taken = failed(error, seconds)
    waits = "session"
    if not isinstance(entry, Remote):
        if error.id in _NOT_STARTED:
            log.add("start", False, "a running command", error.title, error.detail, seconds=seconds)
            log.wait("start", "session")
            waits = "start"
        else:
            log.add("start", True, "a running command", "it runs", seconds=seconds)
    if says_credential:
        credentials.credential(log, taken)
        step = log.get("credential")
        if step is not None and step.ok is False:
            waits = step.title
            log.wait(waits, "session")
    log.add("session", False, "an MCP session", error.title, error.detail, seconds=seconds)
    log.wait("MCP session" if waits == "session" else waits, *AFTER)
    return taken


def _about(live: McpSession) -> str:
    version = f" {live.protocol}" if live.protocol else ""
    who = f", {live.server_name} {live.server_version}".rstrip() if live.server_name else ""
    return f"{_WIRES[live.wire]}{version}{who}"


async def _ping(log: Log, live: McpSession) -> None:
    began = time.monotonic()
    try:
        await live.ping()
    except AuthwizardError as error:
        # A server that does not know ping answers all the same.
        alive = isinstance(error, McpError) and error.code == -32601
        log.add("ping", alive, "an answer", error.detail or error.title, began=began)
        return
    detail = "This wire has no ping; server/discover was asked again." if live.wire == "stateless" else ""
    log.add("ping", True, "an answer", f"{(time.monotonic() - began) * 1000:.0f} ms", detail, began=began)


async def _tools(log: Log, target: Target, live: McpSession) -> tuple[tuple[ToolInfo, ...], Taken | None]:
    began = time.monotonic()
    expected = "a list of tools"
    try:
        tools = await live.tools()
    except AuthwizardError as error:
        taken = failed(error, time.monotonic() - began)
        log.add("tools", False, expected, taken.seen, error.detail, began=began)
        return (), taken if taken.accepted is False else None
    names = [t.name for t in tools]
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    seen = f"{len(names)} tool{'' if len(names) == 1 else 's'}: {shown}" if names else "none"
    log.add("tools", True, expected, seen, _about_tools(target, names), began=began)
    return tools, None


def _about_tools(target: Target, names: list[str]) -> str:
    if not names:
        return "The server lists no tools to this credential."
    told = target.service.tools_for(frozenset(target.scopes)) if target.service and target.scopes else ()
    absent = [t.name for t in told if t.name not in names]
    return f"Not listed, though your scopes unlock them: {', '.join(absent)}." if absent else ""


async def _call(
    log: Log,
    live: McpSession,
    transport: Transport,
    tools: tuple[ToolInfo, ...],
    call: tuple[str, Mapping[str, object]],
) -> Reply | None:
    """The step ``call``; the answer that refuses it, where the server does and not the tool."""
    name, args = call
    began = time.monotonic()
    title, expected = f"call {answers.clean(name, 60)}", "an answer of the tool"
    names = [t.name for t in tools]
    if log.failed("tools"):
        log.wait("tools", "call")
        return None
    if name not in names:
        near = _near(name, names)
        detail = f"Did you mean {', '.join(near)}?" if near else ""
        log.add(
            "call", False, expected, "the server lists no tool of this name", detail, began=began, title=title
        )
        return None
    try:
        result = await live.call(name, args)
    except AuthwizardError as error:
        seen = answers.clean(transport.redact(f"{error.title} {error.detail}"))
        log.add("call", False, expected, seen, began=began, title=title)
        return error.reply if isinstance(error, McpError) and error.id == "refused" else None
    text = answers.clean(transport.redact(result.text)) or as_text(result.structured)
    seen = f"the tool failed: {text}" if result.is_error else f"answered: {text}"
    log.add("call", not result.is_error, expected, seen, began=began, title=title)
    return None


def _near(name: str, names: list[str]) -> list[str]:
    """Names that nearly match: another case, ``-`` for ``_``, a server's prefix, a slip of the keys."""

    def plain(text: str) -> str:
        return text.lower().replace("-", "_").replace(".", "_")

    wanted = plain(name)
    alike = [
        n for n in names if plain(n) == wanted or plain(n).endswith(f"_{wanted}") or wanted.endswith(plain(n))
    ]
    return (alike or difflib.get_close_matches(name, names, 3, 0.6))[:3]
