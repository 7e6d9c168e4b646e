"""Cline: `cline_mcp_settings.json` of its VS Code extension, and of its command line.

What the command line accepts, refuses and sends was seen by running Cline 3.0.65: strict JSON, the whole file against a
schema, and nothing is expanded. It stands in for both. The extension's own source (cline/cline
src/services/mcp/schemas.ts) has the same schema; it expands `${env:NAME}` (src/utils/envExpansion.ts), which the
command line sends as it stands, so that nothing of the kind is written. The command line's own login begins in its
`cline mcp` alone, for all scopes that the server names; it was seen from its request to the token.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from ... import preview
from ...documents import Document
from ...entries import Entry, RemotePlan, StdioPlan
from ..exact import ExactClient
from ..model import INLINE, Job
from ..places import Places
from ..syntax import LITERAL, Expanding, Syntax
from ..usual import Changes, Shape

_FILE: Final = "settings/cline_mcp_settings.json"
_EXTENSION: Final = "saoudrizwan.claude-dev"
_SECONDS: Final = 60
_KINDS: Final[Mapping[str, str]] = {"stdio": "stdio", "sse": "sse", "streamableHttp": "http"}
_OLD_KINDS: Final[Mapping[str, str]] = {**_KINDS, "http": "http"}


class Cline(ExactClient):
    """Cline."""

    id: ClassVar[str] = "cline"
    title: ClassVar[str] = "Cline"
    rank: ClassVar[int] = 8
    judge: ClassVar[str] = "run"
    programs: ClassVar[tuple[str, ...]] = ("cline",)
    places: ClassVar[Places] = Places(
        own=(f"{{apps}}/Code/User/globalStorage/{_EXTENSION}/{_FILE}", f"~/.cline/data/{_FILE}")
    )
    shape: ClassVar[Shape] = Shape(
        http="streamableHttp", sse="sse", stdio="stdio", untyped="sse", off={"disabled": True}
    )
    syntax: ClassVar[Syntax] = LITERAL
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((INLINE,), "${env:", "it holds `${env:`, which begins a variable in its extension"),
    )
    kept: ClassVar[frozenset[str]] = frozenset({"disabled", "autoApprove", "timeout", "metadata"})
    desktop: ClassVar[bool] = False
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Refer to a variable.", "Use the way `helper`."),
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        (
            "Read a file in which one entry is wrong: it refuses all.",
            "The entry is named; nothing is written.",
        ),
        ("Be told the scopes of its own login.", "Use the way `helper`."),
        (
            "Let you choose where its command line's login comes back.",
            "For a client id of your own register http://127.0.0.1:1456/mcp/oauth/callback.",
        ),
    )
    logs_in: ClassVar[str] = (
        "Choose {name} in Cline's MCP servers, then Authenticate (or in `cline mcp` Authorize OAuth, then {name}):"
        " log in in the browser that opens."
    )
    holds: ClassVar[tuple[str, str]] = ("now", "now")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        (),
        (
            "Open Cline's MCP servers (Configure in the extension); start the command line again.",
            "{name} shows a green dot, and its tools.",
        ),
    )

    def own_files(self) -> tuple[Path, ...]:
        """The extension's, then the command line's, which variables may move."""
        extension, line = super().own_files()
        if named := os.environ.get("CLINE_MCP_SETTINGS_PATH", "").strip():
            line = Path(named)
        elif data := os.environ.get("CLINE_DATA_DIR", "").strip():
            line = Path(data) / _FILE
        elif whole := os.environ.get("CLINE_DIR", "").strip():
            line = Path(whole) / "data" / _FILE
        return extension, line

    def path(self, project: bool) -> Path | None:
        """The extension's where that is installed, else the command line's; no project has one."""
        extension, line = self.own_files()
        if project:
            return None
        return extension if extension.parent.parent.is_dir() else line

    def expanding(self, environ: Mapping[str, str], path: Path) -> Expanding:
        """The extension alone expands."""
        return Expanding(_IN_EXTENSION if _EXTENSION in path.parts else self.syntax, environ, path)

    def stdio_value(self, job: Job, plan: StdioPlan) -> dict[str, object]:
        """With time to start: without one the command line gives up on a program after 3 s, and the first start of
        the bridge fetches it."""
        return {**super().stdio_value(job, plan), "timeout": _SECONDS}

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # the base's
        """A client id of one's own; without it, it registers itself."""
        own = plan.login is not None and plan.login.client_id
        return {"oauthClient": {"clientId": own}} if own else {}

    def with_kept(self, document: Document, job: Job, value: dict[str, object]) -> dict[str, object]:
        """Its login stays with the entry as long as the address does, and goes nowhere else."""
        held = document.get(*self.holder, job.plan.name)
        out = super().with_kept(document, job, value)
        if not isinstance(held, dict) or "oauth" not in held or held.get("url") != value.get("url"):
            return out
        own = held["oauth"]
        return {**out, "oauth": preview.masked(own, frozenset()) if job.shown else own}

    def entry(self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding) -> Entry:
        """An entry; the command line writes its members into `transport`."""
        inner = raw.get("transport")
        return super().entry(path, server, {**raw, **inner} if isinstance(inner, dict) else raw, met)

    def kind(self, path: Path, server: str, raw: Mapping[str, Any]) -> str:
        """By its type, or the older `transportType`; else a command, then an address of the older transport."""
        said, old = raw.get("type"), raw.get("transportType")
        named, kinds = (old, _OLD_KINDS) if said is None else (said, _KINDS)
        kind = kinds.get(named) if isinstance(named, str) else None
        if kind is None and named is not None:
            why = f"it does not know the type `{named}`"
            fix = f'Write `"type": "{self.shape.http}"` for a streamable HTTP server.'
            raise self.skipped(path, server, why, fix)
        if raw.get("command") and kind in (None, "stdio"):
            return "stdio"
        if kind == "stdio" and "url" in raw:
            why = f"it has a `url` and the type `{named}`"
            raise self.skipped(path, server, why, f'Write `"type": "{self.shape.http}"`.')
        return kind or ("sse" if "url" in raw else "stdio")


_IN_EXTENSION: Final = Syntax("${env:NAME}", re.compile(r"\$\{env:(?P<name>[^}]+)\}"))

CLIENT = Cline()
