"""curl: a shell script that asks the server once. The secret reaches curl on its standard input (`--config -`),
never as an argument, where `ps` would show it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from ..entries import Entry, EntryPlan, Reference, RemotePlan, Slot, fill, slots
from ..errors import UsageError
from . import programs
from .base import ENV, HELPER, INLINE, Job, refuse_unsendable

_INITIALIZE: Final = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "curl", "version": "1"},
    },
}


class Curl:
    """curl, as a script for sh."""

    id: ClassVar[str] = "curl"
    title: ClassVar[str] = "curl"

    def found(self) -> bool:
        """Whether curl is on this machine."""
        return shutil.which("curl") is not None

    def path(self, project: bool) -> Path | None:  # noqa: ARG002  # the protocol's
        """It has no file of its own: without --path the script is the answer's text."""
        return None

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """`authwizard secret` as the script runs, a variable, inline; nothing for a stdio server."""
        if not isinstance(plan, RemotePlan):
            return ()
        return (HELPER, ENV, INLINE) if slots(plan) else (ENV, INLINE)

    def form(self, plan: EntryPlan, how: str) -> EntryPlan:  # noqa: ARG002  # the protocol's
        """The plan as it is."""
        return plan

    def check(self, job: Job) -> None:
        """What a header cannot carry."""
        refuse_unsendable(job, self.title)

    def after(self, job: Job, project: bool) -> str:  # noqa: ARG002  # the protocol's
        """A new variable needs a new shell."""
        new = job.how == ENV and any(s.field not in job.variables for s in slots(job.plan))
        return "new-shell" if new else "now"

    def next_act(self, name: str, project: bool) -> tuple[str, ...]:  # noqa: ARG002  # the protocol's
        """Run it."""
        return (f"Run the script: the answer of {name} begins with its status.",)

    def servers(self, path: Path) -> Mapping[str, object]:  # noqa: ARG002  # the protocol's
        """A script lists no servers."""
        return {}

    def effective(
        self,
        path: Path,
        server: str,  # noqa: ARG002  # the protocol's
        environ: Mapping[str, str],  # noqa: ARG002  # the protocol's
    ) -> tuple[Entry, tuple[Reference, ...]]:
        """Not known: a script is not a config."""
        raise UsageError(
            "client-not-readable",
            "A curl script is not read back as a config.",
            str(path),
            ["Name the connection, or the URL, instead."],
        )

    def script(self, job: Job) -> str:
        """The script; with inline it holds the secret."""
        plan = job.plan
        if not isinstance(plan, RemotePlan):
            raise UsageError(
                "client-cannot",
                "curl cannot start a stdio server.",
                "",
                ["Choose another client, or the API's URL."],
            )
        names = {slot.field: _shell_name(slot) for slot in slots(plan)}
        lines = [
            "#!/bin/sh",
            f"# Asks {plan.name} once and prints its answer, status first.".replace("\n", " "),
        ]
        if names:
            lines.append("# The secret goes to curl on standard input, never as an argument.")
        lines.append("set -eu")
        if job.how != INLINE:
            lines += [_fetch(job, slot, names[slot.field]) for slot in slots(plan)]
        if job.how != INLINE and names:
            lines.append(r"""quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }""")
        lines += ["{", *(f"  {_header(job, n, names)}" for n in plan.headers)] if plan.headers else []
        call = "curl --silent --show-error --include --max-time 30"
        call += " --config -" if plan.headers else ""
        lines.append(("} | " if plan.headers else "") + call + " \\")
        lines += [f"  {part} \\" for part in _request(job, plan)]
        lines.append(f"  {shlex.quote(plan.url)}")
        return "\n".join(lines) + "\n"


def _request(job: Job, plan: RemotePlan) -> list[str]:
    if job.speaks == "api":
        return ["--header 'Accept: application/json'"]
    if plan.transport == "sse":
        return ["--no-buffer", "--header 'Accept: text/event-stream'"]
    return [
        "--header 'Accept: application/json, text/event-stream'",
        "--header 'Content-Type: application/json'",
        f"--data {shlex.quote(json.dumps(_INITIALIZE))}",
    ]


def _shell_name(slot: Slot) -> str:
    return "secret_" + re.sub(r"\W", "_", slot.field, flags=re.ASCII)


def _fetch(job: Job, slot: Slot, name: str) -> str:
    if job.how == HELPER:
        return f'{name}="$({shlex.join(programs.secret_command(job.connection, slot.field))})"'
    variable = job.variable(slot)
    return f'{name}="${{{variable}:?is not set}}"'


def _header(job: Job, header: str, names: Mapping[str, str]) -> str:
    """A line of the script that prints one `header = "..."` line of curl's config."""
    assert isinstance(job.plan, RemotePlan)  # noqa: S101  # `script` asked; this tells the type checker
    value = job.plan.headers[header]
    if job.how == INLINE:
        whole = fill(value, job.secrets).reveal()
        return "printf '%s\\n' " + shlex.quote(f'header = "{header}: {_escaped(whole)}"')
    form = "".join(
        "%s" if isinstance(p, Slot) else _escaped(p).replace("\\", "\\\\").replace("%", "%%") for p in value
    )
    args = "".join(f' "$(quoted "${names[p.field]}")"' for p in value if isinstance(p, Slot))
    return "printf " + shlex.quote(f'header = "{header}: {form}"\\n') + args


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
