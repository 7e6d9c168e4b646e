"""The servers behind the practice gateway. Each sees only what the gateway passes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from wizard.secret import Secret

from .rpc import Core, McpTool, ToolAnswer
from .sites import Answer, bearer, known

RECEIVED: ContextVar[tuple[str, ...]] = ContextVar("received", default=())
"""The names of the headers that came with the request that is being answered."""

_TEXT: Final = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Behind:
    """A server: ``wants`` says whether it asks for a credential of its own, ``open`` whether the gateway lets anybody
    reach it."""

    name: str
    title: str
    description: str
    tools: tuple[McpTool, ...]
    wants: bool = False
    open: bool = False

    def core(self) -> Core:
        """The server itself."""
        return Core(self.name, "practice", self.tools)


def refusal(headers: Mapping[str, str], token: Secret, cloud_id: Secret) -> Answer | None:
    """What the Atlassian server says to these headers (names in lower case); None where they are right.

    As https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ has it: a token that is not good is 401,
    one that is for another site 403.
    """
    given = bearer(headers.get("authorization", ""))
    if given is None or not known({"token": token}, given):
        return Answer(401, {"code": 401, "message": "Unauthorized"})
    if not known({"id": cloud_id}, headers.get("x-atlassian-cloud-id", "")):
        return Answer(403, {"code": 403, "message": "The app is not installed on this instance"})
    return None


def servers() -> tuple[Behind, ...]:
    """All of them, the finder first."""
    others = (
        Behind(
            "atlassian",
            "Atlassian",
            "Jira and Confluence of one site",
            (
                _said("jira_search", "Search Jira issues by JQL", "jql"),
                _said("confluence_search", "Search Confluence", "query"),
            ),
            wants=True,
        ),
        Behind(
            "currenttime",
            "Current Time API",
            "The time in any time zone",
            (
                McpTool(
                    "current_time_by_timezone",
                    "The time in a time zone, such as Europe/Rome.",
                    _time,
                    _schema("tz_name"),
                ),
            ),
        ),
        Behind(
            "fininfo",
            "Financial Info Proxy",
            "Stock data",
            (
                _said("get_stock_aggregates", "Aggregates of a stock", "stock_ticker"),
                _said("print_stock_data", "Data of a stock as text", "stock_ticker"),
                _said("forget_stock_data", "Forget what was read of a stock", "stock_ticker"),
            ),
        ),
        Behind(
            "public",
            "Public notices",
            "Open to everybody",
            (_said("read_notice", "Read a notice", "name"),),
            open=True,
        ),
    )
    finder = (
        McpTool("debug_auth_context", "Which headers this server received.", _context),
        McpTool(
            "intelligent_tool_finder",
            "Find tools on every server by what they do.",
            partial(_find, others),
            _schema("natural_language_query"),
        ),
    )
    return (Behind("mcpgw", "MCP Gateway Tools", "Finds tools on the other servers", finder), *others)


def _schema(*names: str) -> dict[str, object]:
    return {"type": "object", "properties": dict.fromkeys(names, _TEXT), "required": list(names)}


def _said(name: str, description: str, argument: str) -> McpTool:
    def run(arguments: Mapping[str, object]) -> ToolAnswer:
        return ToolAnswer(
            f"{name} answered for {arguments.get(argument, '')}. This is practice: nothing was done."
        )

    return McpTool(name, f"{description} (practice)", run, _schema(argument))


def _time(arguments: Mapping[str, object]) -> ToolAnswer:
    try:
        zone = ZoneInfo(str(arguments.get("tz_name") or "UTC"))
    except (ValueError, OSError, KeyError):
        return ToolAnswer("There is no such time zone.", failed=True)
    return ToolAnswer(datetime.now(UTC).astimezone(zone).isoformat(timespec="seconds"))


def _context(_: Mapping[str, object]) -> ToolAnswer:
    return ToolAnswer(json.dumps({"headers": list(RECEIVED.get())}))


def _find(others: tuple[Behind, ...], arguments: Mapping[str, object]) -> ToolAnswer:
    words = str(arguments.get("natural_language_query") or "").lower().split()
    found = [
        {"server": s.name, "tool": t.name, "description": t.description}
        for s in others
        for t in s.tools
        if any(w in f"{s.title} {t.name} {t.description}".lower() for w in words)
    ]
    return ToolAnswer(json.dumps(found))
