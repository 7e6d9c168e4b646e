"""A client's own rules on which servers it may use: the organization's, and those of one's own settings.

Claude Code: code.claude.com/docs/en/managed-mcp (deny lists of every file hold together; a deny goes before an allow)
and code.claude.com/docs/en/settings (`disabledMcpjsonServers`). VS Code: code.visualstudio.com/docs/copilot/reference/
copilot-settings (`chat.mcp.access`), its policy `ChatMCP` in /etc/vscode/policy.json.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from wizard import clients, documents
from wizard.clients.base import read_file
from wizard.clients.known import vscode
from wizard.entries import Entry, Remote, Stdio
from wizard.errors import AuthwizardError

from .facts.entry import Blocked

_ADMIN: Final[Mapping[str, Path]] = {
    "linux": Path("/etc/claude-code"),
    "darwin": Path("/Library/Application Support/ClaudeCode"),
    "win32": Path("C:/Program Files/ClaudeCode"),
}
_VSCODE_POLICY: Final = Path("/etc/vscode/policy.json")
_NAME, _COMMAND, _URL = "serverName", "serverCommand", "serverUrl"


def blocking(client: str, name: str, entry: Entry, config: Path) -> tuple[Blocked, ...]:
    """The rules that keep this client from using the server; ``entry`` as the client has it, ``config`` its file."""
    if client == "claude-code":
        return tuple(_claude(name, entry, config))
    if client == "vscode":
        return tuple(_vscode())
    return ()


def _claude(name: str, entry: Entry, config: Path) -> Iterator[Blocked]:
    folder = _ADMIN.get(sys.platform, _ADMIN["linux"])
    managed = _read(folder / "managed-mcp.json")
    servers = managed.get("mcpServers")
    if isinstance(servers, Mapping) and name not in servers:
        says = f"only the {len(servers)} server(s) of that file are loaded, and {name} is none of them"
        yield Blocked(str(folder / "managed-mcp.json"), says, admin=True)
    project, own = Path.cwd() / ".claude", Path.home() / ".claude"
    admins = [folder / "managed-settings.json", *sorted((folder / "managed-settings.d").glob("*.json"))]
    files = [(place, True) for place in admins]
    files += [
        (p, False)
        for p in (own / "settings.json", project / "settings.json", project / "settings.local.json")
    ]
    read = [(place, admin, _read(place)) for place, admin in files]
    for place, admin, settings in read:
        denied = next(
            (rule for rule in _rules(settings, "deniedMcpServers") if _matches(rule, name, entry)), None
        )
        if denied is not None:
            yield Blocked(str(place), f"deniedMcpServers names it ({_shown(denied)})", admin)
        rejected = settings.get("disabledMcpjsonServers")
        if config.name == ".mcp.json" and isinstance(rejected, list) and name in rejected:
            yield Blocked(str(place), f"disabledMcpjsonServers names {name}", admin)
    only_admins = any(
        admin and settings.get("allowManagedMcpServersOnly") is True for _, admin, settings in read
    )
    lists = [
        (p, a, s)
        for p, a, s in read
        if isinstance(s.get("allowedMcpServers"), list) and (a or not only_admins)
    ]
    allowed = [rule for _, _, settings in lists for rule in _rules(settings, "allowedMcpServers")]
    if lists and not _allows(allowed, name, entry):
        place, admin, _ = lists[0]
        yield Blocked(str(place), f"allowedMcpServers does not name {name}", admin)


def _rules(settings: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = settings.get(key)
    return [rule for rule in found if isinstance(rule, Mapping)] if isinstance(found, list) else []


def _matches(rule: Mapping[str, Any], name: str, entry: Entry) -> bool:
    if _NAME in rule:
        return bool(rule[_NAME] == name)
    if isinstance(entry, Remote):
        pattern = rule.get(_URL)
        return isinstance(pattern, str) and fnmatchcase(
            entry.url, pattern.replace("[", "[[]").replace("?", "[?]")
        )
    return isinstance(entry, Stdio) and rule.get(_COMMAND) == list(entry.command)


def _allows(rules: Sequence[Mapping[str, Any]], name: str, entry: Entry) -> bool:
    """Where there is a rule by address (or command), a name alone does not let such a server in."""
    kind = _URL if isinstance(entry, Remote) else _COMMAND
    fitting = [rule for rule in rules if kind in rule] or [rule for rule in rules if _NAME in rule]
    return any(_matches(rule, name, entry) for rule in fitting)


def _shown(rule: Mapping[str, Any]) -> str:
    key = next((k for k in (_NAME, _URL, _COMMAND) if k in rule), "")
    value = rule.get(key)
    # the words of a command may hold a secret
    return f"{key} {value}" if isinstance(value, str) else key


def _vscode() -> Iterator[Blocked]:
    policy = _read(_VSCODE_POLICY).get("ChatMCP") if sys.platform == "linux" else None
    if policy == "none":
        yield Blocked(str(_VSCODE_POLICY), "ChatMCP is none: no MCP server may be used", admin=True)
    own = clients.get("vscode").path(False)
    places = [Path.cwd() / ".vscode" / "settings.json", *([own.parent / "settings.json"] if own else [])]
    for place in places:
        settings = _read(place)
        if settings.get("chat.mcp.access") == "none":
            yield Blocked(str(place), "chat.mcp.access is none: no MCP server may be used")
            return


def _read(place: Path) -> Mapping[str, Any]:
    """A file of settings; nothing of one that is not there, or cannot be read."""
    try:
        content = read_file(place)
        value = documents.read(content or b"", str(place), reader=vscode.VSCode.title).value
    except AuthwizardError:
        return {}
    return value if isinstance(value, dict) else {}
