"""Continue: `~/.continue/config.yaml`, YAML, with a list of servers.

What its command line takes, refuses and sends was seen by running `cn` 1.5.47. It holds the whole file against a schema
(`name` and `version` at the top, one wrong server and it takes none), puts each secret into the file's text, and reads
that as YAML once more. Of servers of one name it takes the first. A secret comes from the environment, then from the
`.env` of the folder, of `~/.continue`, of the folder's `.continue` (continuedev/continue
extensions/cli/src/CLIPlatformClient.ts; its editor extension asks the files first: core/config/yaml/
LocalPlatformClient.ts). Files in `.continue/mcpServers` the extension alone reads, one server each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from ... import dotenv, preview
from ...documents import Document, Form
from ...entries import Reference, Remote, Slot, values
from ...errors import FileProblem, UsageError
from ...livetest import Evidence
from ...secret import Secret
from ..base import read_file
from ..exact import ExactClient
from ..model import ENV, INLINE, Edit, Job
from ..places import Places
from ..syntax import Expanding, Syntax
from ..usual import Changes, Shape, UsualClient

_TOP: Final = {"name": "Local Config", "version": "1.0.0", "schema": "v1"}
"""What a new file begins with; without the first two nothing of it is taken."""
_CARRIED: Final = re.compile(r"(?:[\w./+=~$]|-(?=\S))(?:(?! #|: )[^\"'\\\x00-\x1f\x7f])*(?<![: ])")
"""What stays as it is within any text of YAML, quoted or not."""
_NO_TEXT: Final = re.compile(
    r"~|null|true|false|[-+]?\.inf|\.nan|0[xo][0-9a-f]+|[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?",
    re.I,
)
"""What YAML reads as no text where it stands alone."""


class Continue(ExactClient):
    """Continue."""

    id: ClassVar[str] = "continue"
    title: ClassVar[str] = "Continue"
    rank: ClassVar[int] = 14
    judge: ClassVar[str] = "run"
    form_of_file: ClassVar[Form] = Form("yaml", keyed={("mcpServers",): "name"})
    programs: ClassVar[tuple[str, ...]] = ("cn",)
    places: ClassVar[Places] = Places(own=("~/.continue/config.yaml",), variable="CONTINUE_GLOBAL_DIR")
    shape: ClassVar[Shape] = Shape(
        headers="requestOptions.headers", http="streamable-http", sse="sse", stdio="stdio", cwd="cwd"
    )
    syntax: ClassVar[Syntax] = Syntax(
        "${{ secrets.NAME }}",
        re.compile(r"\$\{\{\s*secrets\.(?:[^}\s/]+/[^}\s/]+/)*(?P<name>[^}\s/]+)\s*\}\}"),
        places=("url", "headers", "apiKey", "command", "args", "env", "cwd"),
    )
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((ENV, INLINE), "${{", "it holds `${{`, which begins a reference there"),
    )
    kept: ClassVar[frozenset[str]] = frozenset({"connectionTimeout", "faviconUrl"})
    desktop: ClassVar[bool] = False
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        ("Refer to a variable that holds a quote, a backslash or a mere number.", "Use the way `helper`."),
        ("Start with a file in which one server is wrong.", "The server is named; nothing is written."),
        ("Read a project's own file from the command line.", "Write to your own file."),
        ("Log in by itself from the command line, but by fetching a program.", "Use the way `helper`."),
    )
    holds: ClassVar[tuple[str, str]] = ("now", "now")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        (),
        (
            "Start `cn` again, or reload the editor's window; the file has to name a model too.",
            "Type `/mcp` in `cn`: {name} is connected.",
        ),
    )

    def document(self, content: bytes | None, where: str) -> Document:
        """The file; a byte order mark is taken."""
        return UsualClient.document(self, content, where)

    def servers(self, path: Path) -> Mapping[str, object]:
        """The servers by name, the first of each."""
        content = read_file(path)
        return {} if content is None else self.listed(path, self.document(content, str(path)))

    def listed(self, path: Path, document: Document) -> Mapping[str, object]:
        """The servers of a file that is taken. Raises: FileProblem where it is not."""
        whole = document.value
        if document.empty:
            return {}
        if not isinstance(whole, dict):
            raise self.ignored(path, "its top is not a mapping (`name: value`)", "Make it a mapping.")
        for member in ("name", "version"):
            if not isinstance(whole.get(member), str):
                fix = f"Write `{member}: {_TOP[member]}` at its top."
                raise self.ignored(path, f"it has no text as its `{member}`", fix)
        found = whole.get(self.key, [])
        if not isinstance(found, list):
            why = f"`{self.key}` in it is not a list"
            raise self.ignored(path, why, f"Write each server as `- name: ...` below `{self.key}`.")
        out: dict[str, object] = {}
        for at, one in enumerate(found):
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                out.setdefault(one["name"], one)
            elif not isinstance(one, dict) or not isinstance(one.get("uses"), str):
                raise self.ignored(path, f"server {at + 1} in it has no name", "Give it a `name`.")
        return out

    def edits(self, document: Document, job: Job) -> tuple[Edit, ...]:
        """What changes; a new file gets what its top needs."""
        where = Path(document.where)
        if document.empty:
            self.check_older(where)
            top = tuple(Edit((name,), value) for name, value in _TOP.items())
            return (*top, *UsualClient.edits(self, document, job))
        found = self.listed(where, document)
        self.check_all(where, {n: raw for n, raw in found.items() if n != job.plan.name})
        return UsualClient.edits(self, document, job)

    def check_older(self, where: Path) -> None:
        """Raises: FileProblem where a new file would take the place of a person's older one."""
        older = where.with_name("config.json")
        if where.name == "config.yaml" and older.exists():
            raise FileProblem(
                "client-file-hidden",
                f"Continue would no longer read your {older}.",
                f"It reads {where} in its place, which is not there yet.",
                ["Let Continue turn it into config.yaml, then export again.", "Nothing was written."],
            )

    def check(self, job: Job) -> None:
        """And that a variable's value stays what it is within the file's text."""
        super().check(job)
        for value in values(job.plan) if job.how == ENV else ():
            for slot in (p for p in value if isinstance(p, Slot)):
                secret = job.secrets.get(slot.field)
                if secret and not _stays(secret.reveal(), alone=len(value) == 1):
                    raise UsageError(
                        "secret-needs-another-way",
                        f"Continue would change this secret (`{slot.field}`) on its way: it puts it into the text of"
                        " its file, where it means something else.",
                        "--secrets env cannot carry it unchanged.",
                        ["Use --secrets helper.", "Nothing was written."],
                    )

    def with_kept(self, document: Document, job: Job, value: dict[str, object]) -> dict[str, object]:
        """With what else a person set of the requests."""
        held = document.get(*self.holder, job.plan.name)
        options = held.get("requestOptions") if isinstance(held, dict) else None
        out = super().with_kept(document, job, value)
        if self.shape.url not in out or not isinstance(options, dict):
            return out
        rest: Any = {n: v for n, v in options.items() if n != "headers"}
        own: Any = out.get("requestOptions", {})
        shown: Any = preview.masked(rest, frozenset()) if job.shown else rest
        both = {**shown, **own}
        return {**out, "requestOptions": both} if both else out

    def kind(self, path: Path, server: str, raw: Mapping[str, Any]) -> str:
        """A command goes before an address, where the type does not say otherwise."""
        if isinstance(raw.get("command"), str) and raw.get("type", "stdio") == "stdio":
            return "stdio"
        kind = super().kind(path, server, raw)
        if kind == "stdio" and "url" in raw:
            why = f"it has a `url` and the type `{raw.get('type')}`"
            raise self.skipped(path, server, why, f"Write `type: {self.shape.http}`.")
        return kind

    def read_remote(
        self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding, kind: str
    ) -> Remote:
        """The server; an `apiKey` goes before a header `Authorization`."""
        for member, wanted, says in (("requestOptions", dict, "mapping"), ("apiKey", str, "text")):
            if member in raw and not isinstance(raw[member], wanted):
                raise self.skipped(path, server, f"`{member}` in it is no {says}", f"Make it a {says}.")
        remote = UsualClient.read_remote(self, path, server, raw, met, kind)
        key = met.text("apiKey", raw["apiKey"]) if raw.get("apiKey") else ""
        sent = {"Authorization": Secret(f"Bearer {key}")} if key else {}
        return replace(remote, headers={**remote.headers, **sent})

    def expanding(self, environ: Mapping[str, str], path: Path) -> Expanding:
        """With the secrets of the `.env` files; an empty variable counts as none."""
        home, here = self.own_files()[0].parent, Path.cwd()
        loaded = {n: v for n, v in _held(here / ".env").items() if n not in environ}
        files = (home / ".env", here / ".continue" / ".env", here / ".env")
        return _Secrets(self.syntax, _Known((environ, loaded, *map(_held, files))), path)

    def notes(self, seen: list[Reference]) -> tuple[Evidence, ...]:
        """What becomes of a secret that it does not know."""
        says = "knows no value for `{}` in {}: `cn -p` stops there, else it is sent as it stands"
        unset = tuple(
            Evidence("client-config", f"{self.title} {says.format(r.written, r.place)}.")
            for r in seen
            if r.state == "unset"
        )
        return (*unset, *super().notes([r for r in seen if r.state != "unset"]))


@dataclass(frozen=True, slots=True)
class _Known(Mapping[str, str]):
    """The first value of several places that is not empty."""

    places: tuple[Mapping[str, str], ...]

    def __getitem__(self, name: str) -> str:
        for place in self.places:
            if value := place.get(name):
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({n for place in self.places for n, v in place.items() if v})

    def __len__(self) -> int:
        return len(list(iter(self)))


@dataclass(slots=True)
class _Secrets(Expanding):
    """Values go into the file's text, and are read as a part of it; one that is not known stands there with its whole
    name."""

    def _value(self, match: re.Match[str]) -> str:
        name = match["name"]
        held = self.environ.get(name)
        if held is None:
            return f"${{{{ secrets.//{name} }}}}"
        if "${{" in held or not _stays(held, alone=match.group(0) == match.string):
            why = f"the value of {name} goes into its text, and means something else there"
            fix = f"Take what YAML reads in another way out of {name}, or export with --secrets helper."
            raise CLIENT.ignored(self.path, why, fix)
        return held


def _stays(text: str, *, alone: bool) -> bool:
    """Whether a value is read as it is within a text of YAML, or ``alone`` as a whole one."""
    return bool(_CARRIED.fullmatch(text)) and not (alone and _NO_TEXT.fullmatch(text))


def _held(file: Path) -> dict[str, str]:
    """What a `.env` file holds; nothing where it cannot be read."""
    try:
        found = dict(dotenv.load(file).values())
    except (FileProblem, OSError):
        return {}
    return {name: value.reveal() for name, value in found.items() if value.reveal()}


CLIENT = Continue()
