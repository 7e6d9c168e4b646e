"""Goose: `config.yaml` of a person, YAML, in which MCP servers are `extensions` beside programs of its own.

It does not run here: what it takes, skips and replaces was read in its source (aaif-goose/goose, once block/goose:
crates/goose/src/agents/extension.rs and extension_manager, crates/goose/src/config/{base,extensions,paths}.rs). A
reference holds in the address and in headers, and only for what stands in the entry's own `envs` or is named in its
`env_keys`: such a name is looked up in capitals in the environment, then in Goose's keyring or `secrets.yaml`, and an
entry is not started where one is found nowhere. A value of the environment that is JSON, or looks like a number, is no
text to it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from ... import documents
from ...documents import YAML, Form
from ...entries import Entry, EntryPlan, Reference, RemotePlan, Slot, Stdio, StdioPlan, Value, slots
from ...errors import FileProblem, UsageError
from ...livetest import Evidence
from ...secret import Secret
from ..base import read_file
from ..model import ENV, Job
from ..places import Places
from ..refusing import refuse_characters
from ..syntax import Expanding, Syntax
from ..usual import Shape, UsualClient

_OWN_KINDS: Final = frozenset({"builtin", "platform", "frontend", "inline_python"})
"""Extensions that are no MCP servers of others."""
_DISALLOWED: Final = re.compile(
    "PATH|PATHEXT|SYSTEMROOT|WINDIR|LD_(LIBRARY_PATH|PRELOAD|AUDIT|DEBUG|BIND_NOW|ASSUME_KERNEL)"
    "|DYLD_(LIBRARY_PATH|INSERT_LIBRARIES|FRAMEWORK_PATH)|PYTHON(PATH|HOME)|NODE_OPTIONS|RUBYOPT|GEM_(PATH|HOME)"
    "|CLASSPATH|GO111MODULE|GOROOT|APPINIT_DLLS|SESSIONNAME|COMSPEC|TE?MP|LOCALAPPDATA|USERPROFILE|HOME(DRIVE|PATH)",
    re.I,
)
"""Variables that it gives to no program."""
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|true|false", re.I)
_BRACED: Final = re.compile(r"\$\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}")
_BARE: Final = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_NAMED: Final = "env_keys"


class Goose(UsualClient):
    """Goose."""

    id: ClassVar[str] = "goose"
    title: ClassVar[str] = "Goose"
    rank: ClassVar[int] = 13
    key: ClassVar[str] = "extensions"
    foreign_key: ClassVar[str] = "mcpServers"
    form_of_file: ClassVar[Form] = YAML
    programs: ClassVar[tuple[str, ...]] = ("goose",)
    places: ClassVar[Places] = Places(
        own=("{config}/goose/config.yaml",), other={"win32": ("{apps}/Block/goose/config/config.yaml",)}
    )
    shape: ClassVar[Shape] = Shape(
        url="uri",
        command="cmd",
        env="envs",
        http="streamable_http",
        sse=None,
        stdio="stdio",
        untyped="",
        off={"enabled": False},
    )
    syntax: ClassVar[Syntax] = Syntax(
        "${NAME}",
        re.compile(r"\$(?P<brace>\{\s*)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?(brace)\s*\})"),
        places=("url", "headers"),
    )
    names: ClassVar[re.Pattern[str]] = re.compile(r"[a-z0-9_-]+")
    names_say: ClassVar[str] = "small letters, digits, - and _"
    kept: ClassVar[frozenset[str]] = frozenset(
        {"enabled", "timeout", "description", "bundled", "available_tools"}
    )
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        ("Reach a server of the older transport (SSE).", "mcp-remote is put between them."),
        ("Give a program a variable under another name.", "Use the way `helper`."),
        ("Take a variable that holds a number or JSON for a text.", "Use the way `helper`."),
        ("See a variable of your shell when it is started from the desktop.", "Use the way `helper`."),
        ("Ask for chosen scopes without a client id of yours.", "Use the way `helper`."),
        ("Keep a server in a project's own file.", "Write to your own file."),
    )
    logs_in: ClassVar[str] = "Start a session with {name} switched on: log in in the browser that opens."
    holds: ClassVar[tuple[str, str]] = ("now", "now")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        (),
        ("Start a new session of Goose.", "Ask it which tools {name} has."),
    )

    def own_files(self) -> tuple[Path, ...]:
        """Below the folder that a variable names, where that is a whole path."""
        root = Path(os.environ.get("GOOSE_PATH_ROOT", ""))
        return (root / "config" / "config.yaml",) if root.is_absolute() else super().own_files()

    def servers(self, path: Path) -> Mapping[str, object]:
        """The entries that are MCP servers."""
        found = super().servers(path)
        return {
            n: e for n, e in found.items() if not (isinstance(e, dict) and str(e.get("type")) in _OWN_KINDS)
        }

    def refers(self, plan: EntryPlan) -> bool:
        """A program gets a variable under its own name alone."""
        if not isinstance(plan, StdioPlan):
            return super().refers(plan)
        return bool(slots(plan)) and all(_same_name(n, v) for n, v in plan.env.items())

    def check(self, job: Job) -> None:
        """And what Goose makes of a variable's name and value."""
        super().check(job)
        env = job.plan.env if isinstance(job.plan, StdioPlan) else {}
        if kept := sorted(name for name in env if _DISALLOWED.fullmatch(name) and not self.helped(job)):
            raise UsageError(
                "variable-not-passed",
                f"Goose gives no program the variable {kept[0]} of an entry.",
                "",
                ["Use --secrets helper.", "Nothing was written."],
            )
        if job.how != ENV:
            return
        refuse_characters(
            job, self.title, "$", "it holds a `$`, which begins a variable", "Use --secrets helper."
        )
        for slot in slots(job.plan):
            name, secret = job.variable(slot), job.secrets.get(slot.field)
            if name != name.upper() or (env and name not in env):
                raise UsageError(
                    "variable-not-passed",
                    f"Goose cannot take this secret (`{slot.field}`) from the variable {name}.",
                    "It looks for names in capitals, and gives a program each under the same name.",
                    ["Use --secrets helper.", "Nothing was written."],
                )
            if secret and _read(secret.reveal()) != secret.reveal():
                raise UsageError(
                    "secret-needs-another-way",
                    f"Goose would change this secret (`{slot.field}`) on its way: it reads it as a number or as JSON.",
                    "--secrets env cannot carry it unchanged.",
                    ["Use --secrets helper.", "Nothing was written."],
                )

    def helped(self, job: Job) -> bool:
        """Whether a program is started through this one, and has no variables in the file."""
        return job.how == "helper" and bool(slots(job.plan))

    def value(self, job: Job) -> dict[str, object]:
        """The entry, with the names of the variables that it may use."""
        name = job.plan.name
        out: dict[str, Any] = {"enabled": True, **super().value(job), "name": name, "description": name}
        named = list(dict.fromkeys(job.variable(s) for s in slots(job.plan))) if job.how == ENV else []
        if isinstance(job.plan, StdioPlan) and named:
            out["envs"] = {n: v for n, v in out["envs"].items() if n not in named}
        return {**out, **({_NAMED: named} if named else {}), "timeout": 300}

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # the base's
        """A client id of one's own, and scopes, which hold with it alone; without it, it registers itself."""
        if plan.login is None or not plan.login.client_id:
            return {}
        scopes = {"scopes": list(plan.login.scopes)} if plan.login.scopes else {}
        return {"client_id": plan.login.client_id, **scopes}

    def entry(self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding) -> Entry:
        """The entry, with the variables that are its own."""
        if not isinstance(raw.get("enabled"), bool):
            raise self.skipped(path, server, "it has no `enabled`", "Write `enabled: true` in it.")
        if not isinstance(raw.get("type"), str):
            fix = f"Write `type: {self.shape.http}`, or `type: stdio` for a program."
            raise self.skipped(path, server, "it has no `type`", fix)
        for member in ("name", "description"):
            if not isinstance(raw.get(member, ""), str | None):
                raise self.skipped(path, server, f"`{member}` in it is no text", "Make it a text.")
        if isinstance(met, _Envs):
            met.take(self.texts(path, server, raw, "envs"), self.named(path, server, raw))
        return super().entry(path, server, raw, met)

    def named(self, path: Path, server: str, raw: Mapping[str, Any]) -> tuple[str, ...]:
        """The names of `env_keys`."""
        found = raw.get(_NAMED, [])
        if not isinstance(found, list) or not all(isinstance(n, str) for n in found):
            raise self.skipped(
                path, server, f"`{_NAMED}` in it is not a list of names", f"Write `{_NAMED}: [NAME]`."
            )
        return tuple(found)

    def texts(self, path: Path, server: str, raw: Mapping[str, Any], name: str) -> dict[str, str]:
        """A mapping of texts; a number or truth value is none."""
        found = super().texts(path, server, raw, name)
        if name in raw and found != raw[name]:
            why = f"`{name}` in it is not a mapping of texts"
            raise self.skipped(path, server, why, "Put its values into quotes.")
        return found

    def read_stdio(self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding) -> Stdio:
        """The program, with all variables of the entry."""
        if "args" not in raw:
            raise self.skipped(path, server, "it has no `args`", "Write `args: []` in it.")
        started = super().read_stdio(path, server, raw, met)
        own = {n: Secret(v) for n, v in met.environ.items()} if isinstance(met, _Envs) else started.env
        cwd = raw.get("cwd")
        return replace(started, env=own, cwd=cwd if isinstance(cwd, str) else None)

    def expanding(self, environ: Mapping[str, str], path: Path) -> Expanding:
        """With the variables that the entry is given, once that is known."""
        return _Envs(self.syntax, {}, path, outer=environ)

    def notes(self, seen: list[Reference]) -> tuple[Evidence, ...]:
        """What it makes of the names in `env_keys`."""
        says = {
            "unset": "does not start the entry: `{}` of `env_keys` is no variable (its keyring may hold it)",
            "empty": "puts nothing in the place of `{}` of the entry's `env_keys`",
            "literal": "passes over `{}` of the entry's `env_keys`: the value reads as a number or as JSON",
        }
        named = [r for r in seen if r.place == _NAMED]
        found = [
            Evidence("client-config", f"{self.title} {says[r.state].format(r.written)}.")
            for r in named
            if r.state in says
        ]
        known = {r.variable for r in named}
        return (*found, *super().notes([r for r in seen if r.place != _NAMED and r.variable not in known]))


@dataclass(slots=True)
class _Envs(Expanding):
    """One reading, in which ``environ`` are the entry's own variables; ``outer`` is what Goose itself was given."""

    outer: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()

    def take(self, envs: Mapping[str, str], keys: tuple[str, ...]) -> None:
        """The entry's variables, and the names of those that are looked up."""
        known, self.keys = dict(envs), keys
        stored = _stored(self.path.with_name("secrets.yaml")) if set(keys) - set(known) else {}
        for key in (k for k in keys if k not in known):
            given = self.outer.get(key.upper())
            held = stored.get(key) if given is None else _read(given)
            if held is not None:
                known[key] = held
            state = "resolved" if held else "empty" if held == "" else "unset" if given is None else "literal"
            self.seen.append(Reference(_NAMED, key, state, key.upper()))
        self.environ = {n: v for n, v in known.items() if not _DISALLOWED.fullmatch(n)}

    def text(self, place: str, text: str) -> str:
        at = len(self.seen)
        Expanding.text(self, place, text)
        self.seen[at:] = [
            replace(r, state="literal", variable="")
            if r.state == "unset" and r.variable not in self.keys
            else r
            for r in self.seen[at:]
        ]
        used = re.split(r"[.\[]", place)[0] in self.syntax.places
        return _replaced(text, self.environ) if used else text


def _replaced(text: str, known: Mapping[str, str]) -> str:
    """What it makes of a text: braced names first, then bare ones, also those that a value brought."""
    out = text
    for match in _BRACED.finditer(text):
        out = out.replace(match[0], known.get(match[1], match[0]))
    for match in _BARE.finditer(out):
        if f"${{{match[1]}}}" not in text:
            out = out.replace(match[0], known.get(match[1], match[0]))
    return out


def _read(value: str) -> str | None:
    """What it reads in a variable: the text, or that of a text in JSON; None where it is something else."""
    try:
        found = json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None if _NUMBER.fullmatch(value.strip()) else value
    return found if isinstance(found, str) else None


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _stored(path: Path) -> dict[str, str]:
    """Its own secrets, where it keeps them in a file; nothing where that cannot be read."""
    try:
        found = documents.read(read_file(path) or b"", str(path), YAML).value
    except FileProblem:
        return {}
    return {n: v for n, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def _same_name(name: str, value: Value) -> bool:
    """Whether a program's variable is text, or a secret alone that is kept under the same name."""
    held = [part for part in value if isinstance(part, Slot)]
    return not held or (len(value) == 1 and held[0].variable == name)


CLIENT = Goose()
