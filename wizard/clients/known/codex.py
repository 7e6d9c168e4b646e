"""Codex: `config.toml` of a person (`$CODEX_HOME`), and of a project that it trusts.

What it accepts, refuses, hands on and sends was seen by running Codex 0.169.0. Nothing is expanded: a header's whole
value comes from a variable by name, or from a helper. A helper, and a program that is started, get a few variables
alone. One entry that is wrong, and the whole file is refused. The path of its login's redirect URI is made of the
server's address (github.com/openai/codex/pull/20237).
"""

from __future__ import annotations

import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Final

from ...documents import TOML, Document, Form
from ...entries import Entry, EntryPlan, Reference, Remote, RemotePlan, Slot, Stdio, StdioPlan, Value, slots
from ...errors import UsageError
from ...livetest import Evidence
from ...secret import Secret
from .. import addresses, programs
from ..exact import ExactClient
from ..layers import Layered
from ..model import ENV, HELPER, OAUTH, Job, Reading, Scope
from ..places import Places
from ..refusing import hidden
from ..syntax import Expanding
from ..usual import Shape, UsualClient

_BEARER, _LITERAL, _NAMED = "bearer_token_env_var", "http_headers", "env_http_headers"
_TYPES: Final[Mapping[str, type]] = {
    **dict.fromkeys(("url", "command", "cwd", _BEARER, "http_headers_helper", "oauth_resource"), str),
    **dict.fromkeys(("args", "env_vars", "scopes"), list),
    **dict.fromkeys(("env", _LITERAL, _NAMED, "oauth"), dict),
}
_WORDS: Final[Mapping[type, str]] = {str: "a text", list: "a list", dict: "a table"}
_OF_PROGRAMS: Final = ("args", "env", "env_vars", "cwd")
_OF_SERVERS: Final = (_BEARER, _LITERAL, _NAMED, "http_headers_helper", "oauth", "oauth_resource", "auth")
_PASSED_OVER: Final[Mapping[str, str]] = {
    "headers": _LITERAL,
    "headersHelper": "http_headers_helper",
    "httpUrl": "url",
    "serverUrl": "url",
    "type": "",
    "transport": "",
    "disabled": "enabled",
    "timeout": "tool_timeout_sec",
}
_HANDED_ON: Final = frozenset(
    "HOME LANG LC_ALL LOGNAME PATH SHELL SSL_CERT_FILE TERM TMPDIR TZ USER".split()  # noqa: SIM905  # read as words
)
"""What a helper or a started program gets of Codex's own variables, on Linux and macOS."""
_HEADER: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Codex(ExactClient):
    """Codex."""

    id: ClassVar[str] = "codex"
    title: ClassVar[str] = "Codex"
    rank: ClassVar[int] = 10
    judge: ClassVar[str] = "run"
    key: ClassVar[str] = "mcp_servers"
    foreign_key: ClassVar[str] = "mcpServers"
    form_of_file: ClassVar[Form] = TOML
    programs: ClassVar[tuple[str, ...]] = ("codex",)
    places: ClassVar[Places] = Places(
        own=("~/.codex/config.toml",), project=(".codex/config.toml",), variable="CODEX_HOME"
    )
    shape: ClassVar[Shape] = Shape(
        headers=_LITERAL, sse=None, helper="http_headers_helper", off={"enabled": False}
    )
    names: ClassVar[re.Pattern[str]] = re.compile(r"[A-Za-z0-9_:@/.-]+")
    names_say: ClassVar[str] = "letters, digits, -, _, :, @, / and ."
    kept: ClassVar[frozenset[str]] = frozenset(
        {
            *(
                "enabled",
                "required",
                "startup_timeout_sec",
                "startup_timeout_ms",
                "tool_timeout_sec",
                "tools",
            ),
            *("enabled_tools", "disabled_tools", "default_tools_approval_mode"),
            *("supports_parallel_tool_calls", "startup_readiness"),
        }
    )
    desktop: ClassVar[bool] = False
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Use a project's servers before you trust the folder.", "Start `codex` in the folder once."),
        ("Put a variable into a part of a header, except after `Bearer `.", "Use the way `helper`."),
        ("Take a key for the address from a variable.", "Only `inline` writes it there."),
        (
            "Give a program's variable another name than your own has.",
            "Use the way `helper`.",
        ),
        ("Pass your variables to a helper.", "Keep the secret in a store, or use the way `env`."),
        ("Use a server of the older SSE transport.", "It goes through mcp-remote."),
        (
            "Keep a project's entry apart from your own of that name: it mixes them.",
            "Give one of them another name with --name.",
        ),
    )
    logs_in: ClassVar[str] = "Run `codex mcp login {name}`: log in in the browser that opens."
    holds: ClassVar[tuple[str, str]] = ("approve", "now")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        (
            "Start `codex` in this folder, and trust the folder when asked.",
            "Type `/mcp`: {name} is listed with its tools.",
        ),
        (
            "Start `codex` again; one that runs now keeps its old list.",
            "Type `/mcp`: {name} is listed with its tools.",
        ),
    )

    def document(self, content: bytes | None, where: str) -> Document:
        """The file; a byte order mark is taken."""
        return UsualClient.document(self, content, where)

    def scopes(self) -> tuple[Scope, ...]:
        """The project's entry, mixed with the person's own of that name; then the person's own."""
        *projects, own = super().scopes()
        return (*(replace(p, client=Mixed((own.path,))) for p in projects), own)

    # which way

    def refers(self, plan: EntryPlan) -> bool:
        """Whether each secret is a header's whole value, a bearer token, or a program's variable of the same name."""
        if isinstance(plan, StdioPlan):
            return bool(slots(plan)) and all(_handed(n, v) for n, v in plan.env.items() if _secret(v))
        plain = bool(slots(plan)) and not addresses.keyed(plan)
        return plain and all(_whole(n, v) for n, v in plan.headers.items() if _secret(v))

    def check(self, job: Job) -> None:
        """A variable keeps its name on the way to a program, and none goes to a helper."""
        super().check(job)
        if job.how == ENV and isinstance(job.plan, StdioPlan):
            _refuse_renamed(job, job.plan)
        if job.how == HELPER and isinstance(job.plan, RemotePlan) and job.variables and slots(job.plan):
            instead = ["Or use --secrets env."] if ENV in self.ways(job.plan) else []
            raise hidden(job.variables.values(), self.title, "a helper", *instead)

    def handed_on(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """The few variables that it hands on."""
        return environ if os.name == "nt" else {n: v for n, v in environ.items() if n in _HANDED_ON}

    def headers_command(self, connection: str) -> str:
        """With what this program needs of the environment, as it stands now; never a password (of a proxy)."""
        needed = programs.needed(os.environ, _HANDED_ON) if os.name != "nt" else {}
        return programs.headers_command(connection, {n: v for n, v in needed.items() if "@" not in v})

    # writing

    def remote_value(self, job: Job, plan: RemotePlan) -> dict[str, object]:
        """A server, its secrets by the names of variables where it refers to them."""
        if job.how != ENV:
            return super().remote_value(job, plan)
        own = {n: v for n, v in plan.headers.items() if not _secret(v)}
        out = super().remote_value(job, replace(plan, headers=own))
        named: dict[str, str] = {}
        for name, value in plan.headers.items():
            for slot in (p for p in value if isinstance(p, Slot)):
                if len(value) == 1:
                    named[name] = job.variable(slot)
                else:
                    out[_BEARER] = job.variable(slot)
        return {**out, **({_NAMED: named} if named else {})}

    def stdio_value(self, job: Job, plan: StdioPlan) -> dict[str, object]:
        """A program, with the names of the variables that it is to get of Codex's own."""
        names: list[str] = []
        if job.how == ENV:
            names = [job.variable(p) for v in plan.env.values() for p in v if isinstance(p, Slot)]
            plan = replace(plan, env={n: v for n, v in plan.env.items() if not _secret(v)})
        elif job.how == HELPER and slots(plan):
            names = [*job.variables.values(), *programs.needed(os.environ, _HANDED_ON)]
        out = super().stdio_value(job, plan)
        return {**out, **({"env_vars": list(dict.fromkeys(names))} if names else {})}

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # the base's
        """A client id of one's own with the port of its login, and the scopes; without it, it registers itself."""
        login = plan.login
        if login is None:
            return {}
        own = {"oauth": {"client_id": login.client_id, "callback_port": login.port}}
        scopes = {"scopes": list(login.scopes)} if login.scopes else {}
        return {**scopes, **(own if login.client_id else {})}

    def login_acts(self, job: Job) -> tuple[str, ...]:
        """With a client id of one's own, its redirect URI has to be known there."""
        acts, plan = super().login_acts(job), job.plan
        if not isinstance(plan, RemotePlan) or plan.login is None or not plan.login.client_id:
            return acts
        uri = f"http://127.0.0.1:{plan.login.port}/callback/{_callback(str(self.value(job)['url']))}"
        return (f"Register this redirect URI for the client id {plan.login.client_id}: {uri}", *acts)

    def command_line(self, job: Job, project: bool) -> tuple[str, ...]:
        """`codex mcp add`, which knows a person's own file, an address and the variable of a bearer token."""
        value = self.value(job) if job.how in (ENV, OAUTH) or not slots(job.plan) else {}
        words = ("codex", "mcp", "add", job.plan.name)
        if project or not value:
            return ()
        if value.keys() <= {"url", _BEARER}:
            more = ("--bearer-token-env-var", str(value[_BEARER])) if _BEARER in value else ()
            return (*words, "--url", str(value["url"]), *more)
        if isinstance(job.plan, StdioPlan) and value.keys() <= {"command", "args", "env"}:
            own = (w for n, v in job.plan.env.items() for w in ("--env", f"{n}={self.text(job, v)}"))
            return (*words, *own, "--", *job.plan.command)
        return ()

    # reading

    def read(self, path: Path, server: str, environ: Mapping[str, str]) -> Reading:
        """The entry, and what Codex passes over in it without a word."""
        reading = super().read(path, server, environ)
        notes = tuple(Evidence("client-config", f"Codex {n}.") for n in _unsaid(self.raw(path, server)))
        return replace(reading, notes=(*reading.notes, *notes, *_not_asked(reading.references)))

    def entry(self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding) -> Entry:
        """An entry, its members all of the right type."""
        for name, kind in _TYPES.items():
            if name in raw and not isinstance(raw[name], kind):
                words = _WORDS[kind]
                raise self.skipped(path, server, f"`{name}` in it is not {words}", f"Make it {words}.")
        return super().entry(path, server, raw, met)

    def kind(self, path: Path, server: str, raw: Mapping[str, Any]) -> str:
        """By its command or its address; what belongs to the other kind is refused."""
        if "bearer_token" in raw:
            fix = f"Name a variable with `{_BEARER}` instead, or write it anew: authwizard export NAME."
            raise self.skipped(path, server, "it has a `bearer_token`", fix)
        started = "command" in raw
        other = next((n for n in (("url", *_OF_SERVERS) if started else _OF_PROGRAMS) if n in raw), "")
        if not started and "url" not in raw:
            fix = "Give it an address as `url`, or a program as `command`."
            raise self.skipped(path, server, "it has neither a `url` nor a `command`", fix)
        if other:
            has = "command" if started else "url"
            why = f"it has a `{has}`, with which it takes no `{other}`"
            raise self.skipped(path, server, why, f"Take `{other}` out, or `{has}`.")
        return "stdio" if started else "http"

    def read_remote(
        self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding, kind: str
    ) -> Remote:
        """The server. A variable goes before a literal header of its name, the bearer token before all."""
        entry = UsualClient.read_remote(self, path, server, raw, met, kind)
        sent = {n: v for n, v in entry.headers.items() if _sendable(n, v.reveal())}
        for name, variable in self.texts(path, server, raw, _NAMED).items():
            value = _named(met, f"{_NAMED}.{name}", variable)
            if value.strip() and _sendable(name, value):
                sent = _with(sent, name, value)
        if bearer := _named(met, _BEARER, raw[_BEARER]) if _BEARER in raw else "":
            sent = _with(sent, "Authorization", f"Bearer {bearer}")
        return replace(entry, headers=sent)

    def read_stdio(self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding) -> Stdio:
        """The program, with the variables that it gets by name; its own `env` goes before them."""
        entry = super().read_stdio(path, server, raw, met)
        given: dict[str, Secret] = {}
        for i, one in enumerate(raw.get("env_vars", ())):
            name = one.get("name") if isinstance(one, dict) else one
            if not isinstance(name, str):
                fix = 'Write `env_vars` as `["NAME"]`.'
                raise self.skipped(path, server, "`env_vars` in it is not a list of names", fix)
            if _named(met, f"env_vars[{i}]", name) or name in met.environ:
                given[name] = Secret(met.environ[name])
        return replace(entry, env={**given, **entry.env}, cwd=raw.get("cwd"))


class Mixed(Layered, Codex):
    """Codex in a folder that has a file of its own."""


def _secret(value: Value) -> bool:
    return any(isinstance(p, Slot) for p in value)


def _whole(header: str, value: Value) -> bool:
    """Whether a header's value is a variable's, or a bearer token's."""
    bearer = header.lower() == "authorization" and value[:1] == ("Bearer ",)
    return len(value) == (2 if bearer else 1)


def _handed(name: str, value: Value) -> bool:
    return len(value) == 1 and isinstance(value[0], Slot) and value[0].variable == name


def _refuse_renamed(job: Job, plan: StdioPlan) -> None:
    """A program gets a variable under the name that it has."""
    for name, value in plan.env.items():
        held = next((job.variable(p) for p in value if isinstance(p, Slot)), name)
        if held != name:
            raise UsageError(
                "variable-has-another-name",
                f"Codex hands a variable on under its own name: the program wants {name}, the secret is in {held}.",
                "--secrets env cannot give it another name.",
                ["Use --secrets helper.", "Nothing was written."],
            )


def _callback(url: str) -> str:
    """The last part of the redirect URI's path."""
    return urlsafe_b64encode(sha256(url.encode()).digest()[:9]).decode()


def _named(met: Expanding, place: str, variable: str) -> str:
    """What a variable that an entry names holds; empty where it is not there."""
    value = met.environ.get(variable, "")
    met.seen.append(Reference(place, variable, "resolved" if value else "empty", variable))
    return value


def _with(headers: Mapping[str, Secret], name: str, value: str) -> dict[str, Secret]:
    """The headers with one more, which goes before another of its name."""
    return {**{n: v for n, v in headers.items() if n.lower() != name.lower()}, name: Secret(value)}


def _sendable(name: str, value: str) -> bool:
    """Whether it can be sent: Codex leaves the others out."""
    return bool(_HEADER.fullmatch(name)) and not _CONTROL.search(value)


def _unsaid(raw: Mapping[str, Any]) -> Iterator[str]:
    for name in (n for n in raw if n in _PASSED_OVER):
        takes = f"; it takes `{_PASSED_OVER[name]}`" if _PASSED_OVER[name] else ""
        yield f"passes over `{name}`{takes}"
    literal = raw.get(_LITERAL)
    for name, value in literal.items() if isinstance(literal, dict) else ():
        if isinstance(value, str) and not _sendable(name, value):
            yield f"leaves out the header `{name}`, which cannot be sent"


def _not_asked(references: tuple[Reference, ...]) -> Iterator[Evidence]:
    for one in references:
        if one.place == _BEARER and one.state == "empty":
            says = f"Codex does not ask the server at all while {one.variable} is empty or not set."
            yield Evidence("client-config", says)


CLIENT = Codex()
