"""OpenCode: `opencode.json` or `opencode.jsonc`, of a person or a project, JSON with comments.

What it takes, refuses and sends was seen by running OpenCode 1.18.33. It puts variables and files into the text of the
file before it reads it as JSON, so that a quote in a value breaks the file; it holds the file against a schema, and
starts with none of it where one entry is wrong. Entries of one name are merged, member by member, over all of its
files (opencode.ai/docs/config, "Precedence order").
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from ...documents import JSONC, Document, Form
from ...entries import Remote, RemotePlan, slots
from ...errors import FileProblem
from ..base import read_file
from ..exact import ExactClient
from ..layers import Layered
from ..model import ENV, INLINE, OAUTH, Job, Scope
from ..places import Places
from ..syntax import Expanding, Syntax
from ..usual import Changes, Shape, UsualClient

_NAMES: Final = ("opencode.jsonc", "opencode.json")
_FILE: Final = re.compile(r"\{file:(?P<path>[^}]+)\}")
_MANAGED: Final[Mapping[str, str]] = {
    "darwin": "/Library/Application Support/opencode",
    "win32": "C:/ProgramData/opencode",
}
_ACTS: Final = (
    "Start `opencode` again; one that runs now keeps its old servers.",
    "Run `opencode mcp list`: {name} is connected.",
)


class OpenCode(ExactClient):
    """OpenCode."""

    id: ClassVar[str] = "opencode"
    title: ClassVar[str] = "OpenCode"
    rank: ClassVar[int] = 12
    judge: ClassVar[str] = "run"
    key: ClassVar[str] = "mcp"
    foreign_key: ClassVar[str] = "mcpServers"
    form_of_file: ClassVar[Form] = JSONC
    programs: ClassVar[tuple[str, ...]] = ("opencode",)
    places: ClassVar[Places] = Places(own=tuple(f"{{config}}/opencode/{n}" for n in _NAMES), project=_NAMES)
    shape: ClassVar[Shape] = Shape(
        http="remote",
        sse="remote",
        stdio="local",
        untyped="",
        args="",
        env="environment",
        off={"enabled": False, "disabled": True},
        cwd="cwd",
    )
    syntax: ClassVar[Syntax] = Syntax(
        "{env:NAME}",
        re.compile(r"\{env:(?P<name>[^}]+)\}"),
        unset="empty",
    )
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((ENV,), '" \\ \t \n \r', "it goes into the file's text, and is read as JSON there"),
        Changes((ENV, INLINE), "{file:", "it holds `{file:`, which begins the name of a file there"),
        Changes((INLINE,), "{env:", "it holds `{env:`, which begins a variable there"),
    )
    kept: ClassVar[frozenset[str]] = frozenset({"enabled", "disabled", "timeout"})
    desktop: ClassVar[bool] = False
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        ("Refer to a variable that holds a quote or a backslash.", "Use the way `helper`."),
        ("Start with a file in which one entry is wrong.", "The entry is named; nothing is written."),
        ("Ask for other permissions than the server names in its own login.", "Use the way `helper`."),
    )
    logs_in: ClassVar[str] = "Run `opencode mcp auth {name}`: log in in the browser that opens."
    holds: ClassVar[tuple[str, str]] = ("now", "now")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (_ACTS, _ACTS)

    def document(self, content: bytes | None, where: str) -> Document:
        """The file; a byte order mark is taken."""
        return UsualClient.document(self, content, where)

    def remote_value(self, job: Job, plan: RemotePlan) -> dict[str, object]:
        """With a credential it does not log in by itself, whatever the server answers."""
        out = super().remote_value(job, plan)
        return out if job.how == OAUTH or not slots(plan) else {**out, "oauth": False}

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # the base's
        """A client id of one's own with the port of its login, and the scopes; without it, it registers itself."""
        login = plan.login
        if login is None:
            return {}
        own = {"clientId": login.client_id, "callbackPort": login.port} if login.client_id else {}
        scope = {"scope": " ".join(login.scopes)} if login.scopes else {}
        return {"oauth": {**own, **scope}} if own or scope else {}

    def expanding(self, environ: Mapping[str, str], path: Path) -> Expanding:
        """As it replaces texts."""
        return _Textual(self.syntax, environ, path)

    def servers(self, path: Path) -> Mapping[str, object]:
        """The entries, also those that a file of its second version holds in `servers`."""
        found = super().servers(path)
        inner, general = found.get("servers"), [n for n in ("servers", "timeout") if _no_entry(found.get(n))]
        own = {n: entry for n, entry in found.items() if n not in general}
        return {**inner, **own} if isinstance(inner, dict) and "servers" in general else own

    def check_all(self, path: Path, entries: Mapping[str, object]) -> None:
        """An entry that only switches another file's on or off is taken."""
        super().check_all(path, {n: raw for n, raw in entries.items() if not _switches(raw)})

    def read_remote(
        self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding, kind: str
    ) -> Remote:
        """The server; a reference may stand where its address begins."""
        return UsualClient.read_remote(self, path, server, raw, met, kind)

    def scopes(self) -> tuple[Scope, ...]:
        """Its files, the one that wins first. Each is read with what those behind it say of the same entry."""
        found = [s for s in self._all_files() if s[1].exists() or s[1] in (self.path(True), self.path(False))]
        return tuple(
            Scope(title, path, Merged(tuple(p for _, p in found[i + 1 :])))
            for i, (title, path) in enumerate(found)
        )

    def _all_files(self) -> list[tuple[str, Path]]:
        """Seen with 1.18.33: of folders that hold one another the outer `.opencode` wins, but the inner file."""
        folders = _up(Path.cwd())
        named = [Path(d) for d in (os.environ.get("OPENCODE_CONFIG_DIR"),) if d]
        whole = [Path(f) for f in (os.environ.get("OPENCODE_CONFIG"),) if f]
        user = [*self.own_files(), self.own_files()[0].with_name("config.json")]
        parts = {
            "managed": _each([Path(_MANAGED.get(sys.platform, "/etc/opencode")), *named]),
            "home": _each([Path.home() / ".opencode"]),
            "project": [*_each([f / ".opencode" for f in reversed(folders)]), *_each(folders)],
            "named by OPENCODE_CONFIG": whole,
            "user": user,
        }
        titled = {path: title for title, paths in reversed(parts.items()) for path in paths}
        return [(titled[p], p) for p in dict.fromkeys(p for paths in parts.values() for p in paths)]

    def command_line(self, job: Job, project: bool) -> tuple[str, ...]:
        """`opencode mcp add` writes the person's own file, and knows an address, headers, a command and variables."""
        if project or (job.how == INLINE and slots(job.plan)):
            return ()
        value = self.value(job)
        if set(value) - {"type", "url", "headers", "command", "environment"}:
            return ()
        words = ["opencode", "mcp", "add", job.plan.name]
        for option, member in (("--header", "headers"), ("--env", "environment")):
            held = value.get(member)
            words += (
                [w for n, v in held.items() for w in (option, f"{n}={v}")] if isinstance(held, dict) else []
            )
        command = value.get("command")
        rest = ("--", *command) if isinstance(command, list) else ("--url", str(value["url"]))
        return (*words, *rest)


class Merged(Layered, OpenCode):
    """OpenCode, where other files say more of an entry."""


@dataclass(slots=True)
class _Textual(Expanding):
    """Values go into the file's text, and are read as a part of it; the content of a file is made fit for that."""

    def text(self, place: str, text: str) -> str:
        at = len(self.seen)
        out = Expanding.text(self, place, text)
        read = [replace(r, state="resolved") if _FILE.fullmatch(r.written) else r for r in self.seen[at:]]
        self.seen[at:] = read
        return _FILE.sub(self._content, out)

    def _value(self, match: re.Match[str]) -> str:
        held = self.environ.get(match["name"], "")
        try:
            return str(json.loads(f'"{held}"'))
        except ValueError:
            why = f"the value of {match['name']} holds a character that breaks the file"
            raise self._broken(
                why, f"Take quotes, backslashes and line breaks out of {match['name']}."
            ) from None

    def _content(self, match: re.Match[str]) -> str:
        named = match["path"]
        file = Path.home() / named[2:] if named.startswith("~/") else self.path.parent / named
        try:
            content = read_file(file)
            if content is not None:
                return content.decode().strip()
        except (FileProblem, ValueError):
            pass
        raise self._broken(f"{file}, which it names, cannot be read", "Name a file that is there.")

    def _broken(self, why: str, fix: str) -> FileProblem:
        return CLIENT.ignored(self.path, why, fix)


def _switches(raw: object) -> bool:
    return isinstance(raw, dict) and "type" not in raw and isinstance(raw.get("enabled"), bool)


def _no_entry(raw: object) -> bool:
    return isinstance(raw, dict) and not isinstance(raw.get("type"), str) and not _switches(raw)


def _up(folder: Path) -> list[Path]:
    """A folder and those above it, up to that of its repository."""
    found: list[Path] = []
    for one in (folder, *folder.parents):
        found.append(one)
        if (one / ".git").exists():
            break
    return found


def _each(folders: list[Path]) -> list[Path]:
    return [folder / name for folder in folders for name in _NAMES]


CLIENT = OpenCode()
