"""What Claude Code has of a login that it makes by itself, read from its files.

`.credentials.json` (`mcpOAuth`, each with its server's address and `discoveryState`), `mcp-needs-auth-cache.json` (by
the server's name) and the logs below its cache folder (`PROJECT/mcp-logs-NAME/`, JSON lines; an array before that):
https://github.com/anthropics/claude-code/issues/47296, https://github.com/anthropics/claude-code/issues/72,
https://github.com/anthropics/claude-code/issues/5125.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from wizard import clients
from wizard.clients.base import ConfigClient
from wizard.errors import AuthwizardError

from .facts.client_login import ClientLogin, LogLine

_ID: Final = "claude-code"
_MOST_BYTES: Final = 1_000_000
_MOST_LINES: Final = 400
_MOST_FOLDERS: Final = 500
_GOOD: Final = re.compile(r"successfully connected|connection established", re.IGNORECASE)
_REGISTERING: Final = re.compile(r"dynamic client registration|registration_endpoint", re.IGNORECASE)
_PREFLIGHT: Final = re.compile(r"connectivity|pre-?flight|reachability|health ?check", re.IGNORECASE)
_REFUSED: Final = re.compile(r"\b401\b|unauthori[sz]ed", re.IGNORECASE)


def of_entry(
    client: str, name: str, url: str, config: Path, shown: Callable[[str], str]
) -> ClientLogin | None:
    """What this client knows; None for one whose files are not known. ``shown`` redacts a text."""
    if client != _ID:
        return None
    home = Path(os.environ.get("CLAUDE_CONFIG_DIR") or Path.home() / ".claude")
    kept, needs = home / ".credentials.json", home / "mcp-needs-auth-cache.json"
    found = _discovered(_read(kept), url)
    registering, preflight = _log(name, config, shown)
    return ClientLogin(
        clients.get(client).title,
        name,
        shown(_client_id(client, name, config)),
        str(needs) if name in _read(needs) else "",
        shown(found),
        str(kept) if found else "",
        registering,
        preflight,
    )


def _client_id(client: str, name: str, config: Path) -> str:
    held = clients.get(client)
    if not isinstance(held, ConfigClient):
        return ""
    try:
        entry = held.raw(config, name)
    except AuthwizardError:
        return ""
    oauth = entry.get("oauth")
    id = oauth.get("clientId") if isinstance(oauth, Mapping) else ""
    return id if isinstance(id, str) else ""


def _discovered(credentials: Mapping[str, Any], url: str) -> str:
    """The authorization server that is remembered for this address."""
    held = credentials.get("mcpOAuth")
    for entry in held.values() if isinstance(held, Mapping) else ():
        if not isinstance(entry, Mapping) or entry.get("serverUrl") != url:
            continue
        state = entry.get("discoveryState")
        found = state.get("authorizationServerUrl") if isinstance(state, Mapping) else ""
        if isinstance(found, str) and found:
            return found
    return ""


def _log(name: str, config: Path, shown: Callable[[str], str]) -> tuple[LogLine | None, LogLine | None]:
    """The lines about a registration, and about a first question that was refused, in the newest log."""
    newest = max(_logs(name), key=_written, default=None)
    if newest is None:
        return None, None
    later = _written(newest) >= _written(config)
    registering: str = ""
    preflight: str = ""
    about = False
    for says in _last_session(newest):
        if _GOOD.search(says):
            registering = preflight = ""
        if _REGISTERING.search(says):
            registering = says
        # the question and its answer are two lines, or one
        about = about or bool(_PREFLIGHT.search(says))
        if about and _REFUSED.search(says):
            preflight, about = says, False

    def line(says: str) -> LogLine | None:
        return LogLine(str(newest), shown(says), later) if says else None

    return line(registering), line(preflight)


def _logs(name: str) -> Iterator[Path]:
    try:
        folders = sorted(_cache().glob(f"*/mcp-logs-{name}"))[:_MOST_FOLDERS]
        for folder in folders:
            yield from (p for p in folder.iterdir() if p.suffix in (".jsonl", ".txt"))
    except OSError:
        return


def _cache() -> Path:
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library/Caches/claude-cli-nodejs"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home)) / "claude-cli-nodejs/Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "claude-cli-nodejs"


def _written(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except OSError:
        return 0.0


def _last_session(place: Path) -> list[str]:
    """What the lines of the log's last session say."""
    records = [r for r in _records(place) if isinstance(r, Mapping)][-_MOST_LINES:]
    session = records[-1].get("sessionId") if records else None
    said = [
        str(r.get("error") or r.get("debug") or r.get("message") or "")
        for r in records
        if r.get("sessionId") == session
    ]
    return [text for text in said if text]


def _records(place: Path) -> list[Any]:
    try:
        with place.open("rb") as file:
            file.seek(max(0, place.stat().st_size - _MOST_BYTES))
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    whole = _parsed(text)
    if isinstance(whole, list):
        return whole
    return [_parsed(line) for line in text.splitlines()]


def _read(place: Path) -> Mapping[str, Any]:
    """A JSON object; nothing of what is not there, or is none."""
    try:
        found = _parsed(place.read_bytes()[:_MOST_BYTES].decode("utf-8", "replace"))
    except OSError:
        return {}
    return found if isinstance(found, dict) else {}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
