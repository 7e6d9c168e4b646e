"""Claude Desktop: `claude_desktop_config.json`, strict JSON, programs only.

A remote server in that file is skipped (support.claude.com, "Getting started with custom connectors"): it goes by the
bridge. Nothing is expanded. It does not run here: the form is checked, and the bridge that it starts is run.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from ..entries import EntryPlan, Reference, RemotePlan, Stdio, slots
from ..livetest import Evidence
from ..secret import Secret
from . import bridge, usual
from .base import HELPER, INLINE, Job, JsonClient, Reading, written
from .refusing import refuse_unsendable

_PLACEHOLDER: Final = re.compile(r"\$\{[^}]*\}")


def folder(platform: str, home: Path, environ: Mapping[str, str]) -> Path:
    """Claude Desktop's folder on ``linux`` (unofficial builds), ``darwin`` or ``win32``."""
    if platform == "win32":
        appdata = environ.get("APPDATA")
        return (Path(appdata) if appdata else home / "AppData" / "Roaming") / "Claude"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "Claude"
    config = environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else home / ".config") / "Claude"


class ClaudeDesktop(JsonClient):
    """Claude Desktop."""

    id: ClassVar[str] = "claude-desktop"
    title: ClassVar[str] = "Claude Desktop"
    logs_in: ClassVar[str] = "A browser opens for {name}: log in there; mcp-remote keeps it in ~/.mcp-auth."

    def found(self) -> bool:
        """Whether its folder is on this machine."""
        return self._folder().is_dir()

    def path(self, project: bool) -> Path | None:
        """The person's own file; it knows no projects."""
        return None if project else self._folder() / "claude_desktop_config.json"

    @staticmethod
    def _folder() -> Path:
        return folder(sys.platform, Path.home(), os.environ)

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """What it starts brings its environment itself, or it stands in the file."""
        if not bridge.can(plan):
            return ()
        return (HELPER, INLINE) if slots(plan) else (INLINE,)

    def form(self, plan: EntryPlan, how: str) -> EntryPlan:  # noqa: ARG002  # the base's
        """It starts programs only: a remote server goes by the bridge."""
        return bridge.plan(plan) if isinstance(plan, RemotePlan) else plan

    def check(self, job: Job) -> None:
        """Whether the bridge can run."""
        refuse_unsendable(job, self.title)
        bridge.check(job)

    def value(self, job: Job) -> dict[str, object]:
        """`{command, args, env}`."""
        return usual.program(job, lambda value: written(value, job, "${NAME}"))

    def after(self, job: Job, project: bool) -> str:  # noqa: ARG002  # the protocol's
        """It reads its file when it starts."""
        return "restart"

    def next_act(self, name: str, project: bool) -> tuple[str, ...]:  # noqa: ARG002  # the protocol's
        """Quit it whole, and start it again."""
        return (
            "Quit Claude Desktop whole (its menu, Quit; closing the window is not enough) and start it again.",
            f"Open Settings, Developer: {name} is running.",
        )

    def read(self, path: Path, server: str, environ: Mapping[str, str]) -> Reading:  # noqa: ARG002  # it expands nothing
        """The entry as it stands."""
        raw = self.raw(path, server)
        address = next((key for key in ("url", "serverUrl") if key in raw), "")
        if address and "command" not in raw:
            why = f"it has `{address}` and no `command`: it starts programs only"
            raise self.skipped(path, server, why, f"Write it anew: authwizard export NAME --client {self.id}")
        words, env = self.words(path, server, raw), self.texts(path, server, raw, "env")
        seen = [
            Reference(f"env.{name}", found, "literal")
            for name, text in env.items()
            for found in _PLACEHOLDER.findall(text)
        ]
        notes = [
            Evidence("client-config", f"Claude Desktop passes `{r.written}` in {r.place} on as it stands.")
            for r in seen
        ]
        entry = Stdio(words, {name: Secret(text) for name, text in env.items()})
        return Reading(entry, tuple(seen), tuple(notes))
