"""The MCP gateway's own files, as its scripts write them into ``.oauth-tokens``: two configs, and the tokens in them.

``mcp.json`` is for Roo Code and Claude Code, ``vscode_mcp.json`` has the form of the gateway's guide (VS Code itself
now reads another one: client ``vscode``). Both hold the tokens themselves, as everything in that folder: 0600 in a
folder of 0700. Beside them stand the token files that its other scripts read (`wizard.gateway.tokens`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from ...documents import Document
from ...entries import Entry, EntryPlan, Remote, RemotePlan, fill
from ...gateway import tokens
from ...gateway.tokens import TokenFile
from ...livetest import Evidence
from ...secret import Secret
from ..base import ConfigClient
from ..model import FILE, Beside, Edit, Job, Reading, written
from ..refusing import refuse_unsendable

_MAIN: Final = "mcp.json"
_GUIDE: Final = "vscode_mcp.json"
_WRITTEN: Final = {"http": "streamable-http", "sse": "sse"}
_READ: Final = {"streamable-http": "http", "http": "http", "sse": "sse"}


class Gateway(ConfigClient):
    """The gateway's generated config."""

    id: ClassVar[str] = "gateway"
    title: ClassVar[str] = "MCP gateway files"
    rank: ClassVar[int] = 80
    judge: ClassVar[str] = "run"
    # whether it is switched off, and what it may do without asking
    kept: ClassVar[frozenset[str]] = frozenset(["disabled", "alwaysAllow"])

    def found(self) -> bool:
        """Whether the working folder has such a folder."""
        return self._folder().is_dir()

    def path(self, project: bool) -> Path | None:  # noqa: ARG002  # the scripts know the working folder alone
        """`.oauth-tokens/mcp.json` in the working folder."""
        return self._folder() / _MAIN

    def place(self, path: Path) -> Path:
        """The config in a gateway's folder, in its ``.oauth-tokens``, or the file itself."""
        if path.suffix == ".json":
            return path
        return (path if path.name == tokens.FOLDER else path / tokens.FOLDER) / _MAIN

    @staticmethod
    def _folder() -> Path:
        return Path.cwd() / tokens.FOLDER

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """The tokens themselves in a file of 0600; nothing for a stdio server."""
        return (FILE,) if isinstance(plan, RemotePlan) else ()

    def check(self, job: Job) -> None:
        """What a header cannot carry."""
        refuse_unsendable(job, self.title)

    def value(self, job: Job) -> dict[str, object]:
        """`{type, url, headers, disabled, alwaysAllow}`."""
        plan = _remote(job)
        out: dict[str, object] = {"type": _WRITTEN[plan.transport], "url": self.address(job, "")}
        if plan.headers:
            out["headers"] = {n: written(v, job, "") for n, v in plan.headers.items()}
        return out | {"disabled": False, "alwaysAllow": []}

    def beside(self, where: Path, job: Job | None) -> tuple[Beside, ...]:
        """The guide's form for VS Code, and the token files."""
        guide = Beside(where.with_name(_GUIDE), _Guide())
        if job is None:
            return (guide,)
        files = tokens.from_plan(_remote(job), job.secrets, where.parent)
        return (guide, *(Beside(where.with_name(f.name), _Tokens(f)) for f in files))

    def after(self, job: Job, project: bool) -> str:  # noqa: ARG002  # the protocol's
        """Whoever reads such a file reads it when it starts."""
        return "restart"

    def next_act(self, name: str, project: bool) -> tuple[str, ...]:  # noqa: ARG002  # the protocol's
        """Point a program at it; mind that the tokens in it end."""
        return (
            f"Point a client at {_MAIN}, or copy its entry `{name}`; {_GUIDE} has the form of the gateway's guide.",
            "The tokens in these files end, some after an hour. Run this export again for new ones.",
            "Keep the folder out of version control.",
        )

    def read(self, path: Path, server: str, environ: Mapping[str, str]) -> Reading:  # noqa: ARG002  # nothing is expanded
        """The entry as it stands."""
        raw = self.raw(path, server)
        kind = raw.get("type")
        if not isinstance(kind, str) or kind not in _READ:
            seen = f"its type is `{kind}`" if isinstance(kind, str) else "it has no `type`"
            raise self.skipped(path, server, seen, 'Write `"type": "streamable-http"`.')
        url = raw.get("url")
        if not isinstance(url, str) or not url:
            raise self.skipped(path, server, "it has no `url`", "Give it the server's address as `url`.")
        headers = {n: Secret(v) for n, v in self.texts(path, server, raw, "headers").items()}
        entry: Entry = Remote(url, headers, _READ[kind])
        off = raw.get("disabled") is True
        says = f"`{server}` is switched off there (`disabled`)."
        return Reading(entry, (), (Evidence("client-config", says),) if off else ())


class _Guide(ConfigClient):
    """The form of the gateway's guide for VS Code: `{"mcp": {"servers": …}}`."""

    id: ClassVar[str] = "gateway"
    title: ClassVar[str] = "MCP gateway files"

    @property
    def holder(self) -> tuple[str, ...]:
        """Two objects deep."""
        return ("mcp", "servers")

    def value(self, job: Job) -> dict[str, object]:
        """`{url, headers}`."""
        plan = _remote(job)
        out: dict[str, object] = {"url": self.address(job, "")}
        if plan.headers:
            out["headers"] = {n: written(v, job, "") for n, v in plan.headers.items()}
        return out

    def servers(self, path: Path) -> Mapping[str, object]:
        """Whatever stands there; a file of another form has none."""
        from ..base import read_file

        content = read_file(path)
        found = self.document(content, str(path)).get(*self.holder) if content is not None else None
        return found if isinstance(found, dict) else {}


class _Tokens(ConfigClient):
    """A token file: its members are set one by one, and others in it stay."""

    id: ClassVar[str] = "gateway"
    title: ClassVar[str] = "MCP gateway files"

    def __init__(self, file: TokenFile) -> None:
        self.file = file

    def edits(self, document: Document, job: Job) -> tuple[Edit, ...]:  # noqa: ARG002  # the base's
        """Each member; one that is a `Value` is filled."""
        return tuple(Edit((name,), _filled(value, job)) for name, value in self.file.members.items())


def _filled(value: object, job: Job) -> Any:
    return fill(value, job.secrets).reveal() if isinstance(value, tuple) else value


def _remote(job: Job) -> RemotePlan:
    if not isinstance(job.plan, RemotePlan):
        raise TypeError("a gateway's servers are remote")
    return job.plan


CLIENT = Gateway()
