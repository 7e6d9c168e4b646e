"""Gemini CLI: `settings.json` of a person or a project, JSON with comments, without a comma after the last item.

What it takes, sends and passes on was seen by running Gemini CLI 0.61.0. It replaces variables twice: once in the whole
file, where an unset one stays, then in headers and variables, where nothing takes its place and where variables that
sound like a secret are not there. Files and their order: geminicli.com/docs/reference/configuration; its own login:
google-gemini/gemini-cli docs/tools/mcp-server.md. That login was seen from its request to the token: it asks for the
scopes of the entry alone, and wants `iss` (RFC 9207) in the answer whether the server announces that or not.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from ...documents import JSON_COMMENTS, Document, Form
from ...entries import RemotePlan, slots
from ..base import read_file
from ..model import ENV, HELPER, INLINE, Job, Reading, Scope
from ..places import Places
from ..refusing import hidden
from ..syntax import Expanding, Syntax
from ..usual import Changes, Shape, UsualClient

_FILE: Final = ".gemini/settings.json"
_SYSTEM: Final[Mapping[str, str]] = {
    "darwin": "/Library/Application Support/GeminiCli/settings.json",
    "win32": "C:/ProgramData/gemini-cli/settings.json",
}
_HIDDEN: Final = re.compile("TOKEN|SECRET|PASSWORD|PASSWD|KEY|AUTH|CREDENTIAL|CREDS|PRIVATE|CERT", re.I)
"""Names of variables that it keeps from what it starts, and from its second round."""
_FIRST: Final = Syntax(
    "${NAME}",
    re.compile(
        r"\$(?P<brace>\{)?(?P<name>(?(brace)[^}]+?|\w+))(?(brace)(?::-(?P<default>[^}]*))?\})", re.ASCII
    ),
)
_SECOND: Final = Syntax(
    pattern=re.compile(
        r"(?<!\\)\$(?P<brace>\{)?(?P<name>(?(brace)[^{}]+?|[A-Za-z_]\w*))"
        r"(?(brace)(?::?-(?P<default>[^{}]*))?\})",
        re.ASCII,
    ),
    unset="empty",
    passes=5,
)


class Gemini(UsualClient):
    """Gemini CLI."""

    id: ClassVar[str] = "gemini"
    title: ClassVar[str] = "Gemini CLI"
    rank: ClassVar[int] = 11
    judge: ClassVar[str] = "run"
    form_of_file: ClassVar[Form] = JSON_COMMENTS
    programs: ClassVar[tuple[str, ...]] = ("gemini",)
    places: ClassVar[Places] = Places(own=(f"~/{_FILE}",), project=(_FILE,))
    shape: ClassVar[Shape] = Shape(http="http", sse="sse", urls=("httpUrl",), cwd="cwd")
    syntax: ClassVar[Syntax] = _FIRST
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes(
            (ENV, INLINE),
            "$ %" if sys.platform == "win32" else "$",
            "it replaces variables inside values too",
        ),
    )
    kept: ClassVar[frozenset[str]] = frozenset(
        {"timeout", "trust", "description", "includeTools", "excludeTools"}
    )
    takes: ClassVar[tuple[type, ...]] = (str,)
    desktop: ClassVar[bool] = False
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        (
            "Pass on variables that sound like a secret to what it starts.",
            "Keep the secret in a store, or use the way `env`.",
        ),
        ("Use a server before you trust the folder.", "Start `gemini` there once, and trust it."),
        (
            "Log in by itself where the answer to the browser does not name the server that logs in (`iss`).",
            "Use the way `helper`.",
        ),
    )
    logs_in: ClassVar[str] = "Start `gemini`, type `/mcp auth {name}`: log in in the browser that opens."
    holds: ClassVar[tuple[str, str]] = ("approve", "now")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        ("Start `gemini` in this folder, and trust the folder when asked.", "Type `/mcp`: {name} is ready."),
        ("Start `gemini` again, in a folder that you trust.", "Type `/mcp`: {name} is ready."),
    )

    def own_files(self) -> tuple[Path, ...]:
        """In the home, or in what GEMINI_CLI_HOME names instead."""
        moved = os.environ.get("GEMINI_CLI_HOME")
        return (Path(moved) / _FILE,) if moved else super().own_files()

    def document(self, content: bytes | None, where: str) -> Document:
        """The file, without a byte order mark."""
        if content and content.startswith(codecs.BOM_UTF8):
            fix = "Save it as UTF-8 without one."
            raise self.ignored(Path(where), "it begins with a byte order mark", fix)
        return super().document(content, where)

    def scopes(self) -> tuple[Scope, ...]:
        """The system's file wins over the project's, that over the person's own; each entry is taken whole."""
        named = os.environ.get("GEMINI_CLI_SYSTEM_SETTINGS_PATH")
        system = Path(named or _SYSTEM.get(sys.platform, "/etc/gemini-cli/settings.json"))
        return (Scope("system", system, CLIENT), *super().scopes())

    def check(self, job: Job) -> None:
        """What it starts does not get every variable."""
        super().check(job)
        names = {n for n in job.variables.values() if _HIDDEN.search(n)}
        if job.how == HELPER and names and slots(job.plan):
            raise hidden(names, self.title, "what it starts", "Or use --secrets env.")

    def handed_on(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """Without what sounds like a secret."""
        return {n: v for n, v in environ.items() if not _HIDDEN.search(n)}

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # the base's
        """A client id of one's own with the address to which its login comes back, and the scopes; else it registers
        itself."""
        login = plan.login
        if login is None:
            return {}
        back = f"http://localhost:{login.port}/oauth/callback"
        own = {"clientId": login.client_id, "redirectUri": back} if login.client_id else {}
        scopes = {"scopes": list(login.scopes)} if login.scopes else {}
        return {"oauth": {"enabled": True, **own, **scopes}} if own or scopes else {}

    def raw(self, path: Path, server: str) -> dict[str, Any]:
        """An entry with its address and type as it takes them: an address goes before a command, the older name of an
        address before the newer, and an unknown type is none."""
        found = super().raw(path, server)
        older = found.get("httpUrl")
        url = older or found.get("url")
        plain = {n: v for n, v in found.items() if n not in ("url", "httpUrl", "type")}
        if not url:
            return plain
        return {**plain, "url": url, "type": "sse" if found.get("type") == "sse" and not older else "http"}

    def read(self, path: Path, server: str, environ: Mapping[str, str]) -> Reading:
        """The entry, where no list of the file shuts it out."""
        content = read_file(path)
        rules = None if content is None else self.document(content, str(path)).get("mcp")
        lists = rules if isinstance(rules, dict) else {}
        allowed, excluded = lists.get("allowed"), lists.get("excluded")
        if isinstance(excluded, list) and server in excluded:
            raise self.switched_off(path, server, "`mcp.excluded` names it")
        if isinstance(allowed, list) and allowed and server not in allowed:
            raise self.switched_off(path, server, "`mcp.allowed` does not name it")
        return super().read(path, server, environ)

    def expanding(self, environ: Mapping[str, str], path: Path) -> Expanding:
        """As it replaces variables: twice."""
        return _Twice(self.syntax, environ, path)

    def command_line(self, job: Job, project: bool) -> tuple[str, ...]:
        """`gemini mcp add`; its lists of headers and variables end where another option begins."""
        value = self.value(job)
        held = value.get("headers", value.get("env", {}))
        if (job.how == INLINE and slots(job.plan)) or "oauth" in value or not isinstance(held, dict):
            return ()
        scope = ("-s", "project" if project else "user")
        if "url" in value:
            more = [w for n, v in held.items() for w in ("-H", f"{n}: {v}")]
            first = (job.plan.name, str(value["url"]))
            return ("gemini", "mcp", "add", *first, *scope, "-t", str(value["type"]), *more)
        more = [w for n, v in held.items() for w in ("-e", f"{n}={v}")]
        args = value["args"]
        rest = ("--", *args) if isinstance(args, list) and args else ()
        return ("gemini", "mcp", "add", job.plan.name, str(value["command"]), *scope, *more, *rest)


@dataclass(slots=True)
class _Twice(Expanding):
    def text(self, place: str, text: str) -> str:
        at = len(self.seen)
        once = Expanding.text(self, place, text)
        if place.partition(".")[0] not in ("headers", "env"):
            return once
        self.seen[at:] = [replace(r, state="empty") if r.state == "unset" else r for r in self.seen[at:]]
        shown = {n: v for n, v in self.environ.items() if not _HIDDEN.search(n)}
        return Expanding(_SECOND, shown, self.path).text(place, once).replace("\\$", "$")


CLIENT = Gemini()
