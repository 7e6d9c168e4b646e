"""What is published of the entries of programs that do not run here, in a form of our own: which members an entry may
have, and of which kind. Each names where it was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

Kind = Callable[[Any], bool]


def text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def address(value: Any) -> bool:
    return text(value) and bool(urlsplit(value).scheme and urlsplit(value).hostname)


def one_of(*values: str) -> Kind:
    return lambda value: value in values


def holding(**members: Kind) -> Kind:
    return lambda value: isinstance(value, dict) and not faults(Sort(members, frozenset()), value)


@dataclass(frozen=True)
class Sort:
    """One sort of entry: its members, and those that it must have. No other member is allowed."""

    members: Mapping[str, Kind]
    needs: frozenset[str]


@dataclass(frozen=True)
class Published:
    """What is published of a program: the object that holds its servers, and the sorts of entries, first fit counts."""

    key: str
    read_in: str
    remote: Sort
    program: Sort


def faults(sort: Sort, entry: Mapping[str, Any]) -> list[str]:
    """What is wrong with an entry: empty where it fits."""
    missing = [f"no {name}" for name in sorted(sort.needs - set(entry))]
    wrong = [f"{n}={v!r}" for n, v in entry.items() if n not in sort.members or not sort.members[n](v)]
    return missing + wrong


_NOTHING: Final[Mapping[str, Kind]] = MappingProxyType({})


def _sorts(
    url: str = "url",
    remote: Mapping[str, Kind] = _NOTHING,
    both: Mapping[str, Kind] = _NOTHING,
    needs: tuple[str, ...] = (),
) -> tuple[Sort, Sort]:
    return (
        Sort({url: address, "headers": by_name, **remote, **both}, frozenset({url, *needs})),
        Sort({"command": text, "args": texts, "env": by_name, **both}, frozenset({"command"})),
    )


_ROO: Final = {
    "disabled": flag,
    "timeout": lambda v: number(v) and 1 <= v <= 3600,
    "alwaysAllow": texts,
    "watchPaths": texts,
    "disabledTools": texts,
}
_KIRO: Final = {"disabled": flag, "autoApprove": texts, "disabledTools": texts}


def _with(sort: Sort, **more: Kind) -> Sort:
    return Sort({**sort.members, **more}, sort.needs)


def _roo() -> tuple[Sort, Sort]:
    remote, program = _sorts(remote={"type": one_of("streamable-http", "sse")}, both=_ROO, needs=("type",))
    return remote, _with(program, type=one_of("stdio"), cwd=text)


def _amazonq() -> tuple[Sort, Sort]:
    remote, program = _sorts(
        remote={"type": one_of("http")}, both={"disabled": flag, "timeout": number}, needs=("type",)
    )
    return remote, _with(program, type=one_of("stdio"))


PUBLISHED: Final[Mapping[str, Published]] = {
    "roo": Published("mcpServers", "RooCodeInc/Roo-Code src/services/mcp/McpHub.ts @022b3b0", *_roo()),
    "windsurf": Published(
        "mcpServers", "docs.windsurf.com/windsurf/cascade/mcp", *_sorts("serverUrl", both={"disabled": flag})
    ),
    "zed": Published(
        "context_servers",
        "zed-industries/zed crates/settings_content/src/project.rs @006ce51",
        *_sorts(
            remote={"oauth": holding(client_id=text, client_secret=text)},
            both={"enabled": flag, "timeout": number},
        ),
    ),
    "kiro": Published(
        "mcpServers",
        "kiro.dev/docs/mcp/configuration",
        *_sorts(
            remote={"oauth": holding(clientId=text, redirectUri=text), "oauthScopes": texts},
            both=_KIRO,
        ),
    ),
    "lmstudio": Published(
        "mcpServers",
        "lmstudio-ai/docs 0_app/2_mcp, 4_integrations/1_mcp-remote @c6854fb",
        *_sorts(remote={"auth": holding(CLIENT_ID=text, CLIENT_SECRET=text)}),
    ),
    "amazonq": Published(
        "mcpServers", "aws/amazon-q-developer-cli schemas/agent-v1.json @0765b94", *_amazonq()
    ),
    "jetbrains": Published("mcpServers", "jetbrains.com/help/ai-assistant/mcp.html", *_sorts()),
    "mcp-json": Published("mcpServers", "the form of Fleet's and OpenAI's documents", *_sorts()),
}
