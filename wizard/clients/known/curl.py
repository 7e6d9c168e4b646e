"""curl: a shell script that asks the server once. The secret reaches curl on its standard input (`--config -`),
never as an argument, where `ps` would show it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Mapping
from typing import ClassVar, Final
from urllib.parse import quote

from ...entries import EntryPlan, RemotePlan, Slot, Value, fill, slots
from .. import programs
from ..model import ENV, HELPER, INLINE, Job
from ..text import TextClient, refuse_foreign, remote

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
_MARK: Final = "once and prints its answer, status first."
"""By it a script is known as one of ours."""


class Curl(TextClient):
    """curl, as a script for sh."""

    id: ClassVar[str] = "curl"
    title: ClassVar[str] = "curl"
    what: ClassVar[str] = "script"
    executable: ClassVar[bool] = True

    def found(self) -> bool:
        """Whether curl is on this machine."""
        return shutil.which("curl") is not None

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """`authwizard secret` as the script runs, a variable, inline; nothing for a stdio server."""
        if not isinstance(plan, RemotePlan):
            return ()
        return (HELPER, ENV, INLINE) if slots(plan) else (ENV, INLINE)

    def next_act(self, name: str, project: bool) -> tuple[str, ...]:  # noqa: ARG002  # the protocol's
        """Run it."""
        return (f"Run the script: the answer of {name} begins with its status.",)

    def text(self, job: Job, before: bytes | None, where: str) -> str:
        """The script; with inline it holds the secret. Raises: FileProblem where something else stands there."""
        refuse_foreign(before, where, _MARK)
        plan = remote(job, self.title)
        names = {slot.field: _shell_name(slot) for slot in slots(plan)}
        lines = [
            "#!/bin/sh",
            f"# Asks {plan.name} {_MARK}".replace("\n", " "),
        ]
        if names:
            lines.append("# The secret goes to curl on standard input, never as an argument.")
        lines.append("set -eu")
        if job.how != INLINE:
            lines += [_fetch(job, slot, names[slot.field]) for slot in slots(plan)]
        if job.how != INLINE and names:
            lines.append(r"""quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }""")
        config = _config(job, plan, names)
        lines += ["{", *(f"  {line}" for line in config)] if config else []
        call = "curl --silent --show-error --include --max-time 30"
        call += " --config -" if config else ""
        lines.append(("} | " if config else "") + call + " \\")
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


def _config(job: Job, plan: RemotePlan, names: Mapping[str, str]) -> list[str]:
    """The lines of the script that print curl's config. curl percent-encodes a parameter itself: with ``get`` for a
    GET, and with ``url-query`` beside a body (curl 7.87 and newer)."""
    lines = [_line(job, f'header = "{name}: ', value, names) for name, value in plan.headers.items()]
    posts = "--data" in " ".join(_request(job, plan))
    option = "url-query" if posts else "data-urlencode"
    lines += [
        _line(job, f'{option} = "{quote(n, safe="")}=', value, names) for n, value in plan.query.items()
    ]
    return [*lines, "printf 'get\\n'"] if plan.query and not posts else lines


def _line(job: Job, before: str, value: Value, names: Mapping[str, str]) -> str:
    """A line of the script that prints one line of curl's config; ``before`` is all up to the value."""
    if job.how == INLINE:
        whole = fill(value, job.secrets).reveal()
        return "printf '%s\\n' " + shlex.quote(f'{before}{_escaped(whole)}"')
    form = "".join(
        "%s" if isinstance(p, Slot) else _escaped(p).replace("\\", "\\\\").replace("%", "%%") for p in value
    )
    args = "".join(f' "$(quoted "${names[p.field]}")"' for p in value if isinstance(p, Slot))
    return "printf " + shlex.quote(before.replace("%", "%%") + form + '"\\n') + args


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


CLIENT = Curl()
