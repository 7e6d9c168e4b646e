"""A gateway's access rules, as its ``scopes.yml`` holds them: groups to scopes, scopes to servers, methods and tools.

The form is that of the document's "Fine-Grained Access Control". How a request is judged is as the gateway does it
(agentic-community/mcp-gateway-registry, auth_server/server.py): any one entry that fits is enough; a method is open
where it is named; a call is open where its tool is named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from wizard.errors import FileProblem

CALL: Final = "tools/call"
_MAPPINGS: Final = "group_mappings"
_UI: Final = "UI-Scopes"


@dataclass(frozen=True, slots=True)
class Grant:
    """What one scope opens at one server."""

    server: str
    methods: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()

    def allows(self, method: str, tool: str = "") -> bool:
        """Whether this entry opens the method, or with `tools/call` the tool."""
        return tool in self.tools if method == CALL else method in self.methods or method in self.tools


@dataclass(frozen=True, slots=True)
class Rules:
    """``groups``: scopes by the exact name of a group. ``scopes``: grants by scope. ``source`` is where it stands."""

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scopes: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)
    source: str = ""

    def scopes_of(self, groups: Collection[str]) -> tuple[str, ...]:
        """The scopes that these groups bring; a group that is spelled otherwise brings none."""
        return tuple(dict.fromkeys(s for g in groups for s in self.groups.get(g, ())))

    def allows(self, scopes: Collection[str], server: str, method: str, tool: str = "") -> bool:
        """Whether one of these scopes opens the method at the server."""
        return any(
            g.allows(method, tool)
            for scope in scopes
            for g in self.scopes.get(scope, ())
            if g.server.strip("/") == server.strip("/")
        )

    def servers(self, scopes: Collection[str]) -> tuple[str, ...]:
        """The servers that these scopes name."""
        return tuple(dict.fromkeys(g.server.strip("/") for s in scopes for g in self.scopes.get(s, ())))

    def scopes_for(self, server: str, method: str, tool: str = "") -> tuple[str, ...]:
        """The scopes any one of which opens the method at the server."""
        return tuple(s for s in self.scopes if self.allows((s,), server, method, tool))

    def groups_for(self, scopes: Collection[str]) -> tuple[str, ...]:
        """The groups any one of which brings one of these scopes."""
        return tuple(g for g, brings in self.groups.items() if set(brings) & set(scopes))


def read(path: Path) -> Rules:
    """The rules in a file. Raises: FileProblem."""
    from wizard.reading import read_text

    return parse(read_text(path, FileProblem), str(path))


def parse(text: str, name: str) -> Rules:
    """The rules in a text; ``name`` is for messages. What is no list of servers (the UI scopes) is passed over.

    Raises:
        FileProblem: ``rules-not-yaml`` or ``rules-invalid``.
    """
    import yaml

    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        raise FileProblem(
            "rules-not-yaml",
            f"The access rules in {name} cannot be read.",
            f"It is no YAML{where}.",
            ["Give the gateway's auth_server/scopes.yml as it is."],
        ) from None
    if not isinstance(data, dict) or not isinstance(data.get(_MAPPINGS, {}), dict):
        raise FileProblem(
            "rules-invalid",
            f"The access rules in {name} are not what they should be.",
            f"Expected names at the top level, {_MAPPINGS} among them.",
            ["Give the gateway's auth_server/scopes.yml as it is."],
        )
    groups = {str(name): _texts(scopes) for name, scopes in data.get(_MAPPINGS, {}).items()}
    scopes = {
        str(name): _grants(entries)
        for name, entries in data.items()
        if name not in (_MAPPINGS, _UI) and isinstance(entries, list)
    }
    return Rules(MappingProxyType(groups), MappingProxyType(scopes), name)


def _grants(entries: list[object]) -> tuple[Grant, ...]:
    return tuple(
        Grant(str(e["server"]), _texts(e.get("methods")), _texts(e.get("tools")))
        for e in entries
        if isinstance(e, dict) and e.get("server")
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value if isinstance(v, str | int)) if isinstance(value, list) else ()
