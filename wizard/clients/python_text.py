"""A Python program as the text of a client: it connects once and prints the names of the tools. A secret is fetched
when it runs, from a variable or from this program; it stands in the text only where that was chosen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar, Final
from urllib.parse import quote

from ..entries import EntryPlan, RemotePlan, Slot, StdioPlan, Value, fill, slots
from . import programs
from .model import ENV, HELPER, INLINE, Job
from .text import TextClient, refuse_foreign

MARK: Final = "written by authwizard"
"""It stands in the first line of each of these files: by it they are known as ours."""


class PythonText(TextClient):
    """A client whose text is a Python program."""

    what: ClassVar[str] = "program"
    mcp: ClassVar[bool] = True

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """`authwizard` as the program runs, a variable, inline."""
        return (HELPER, ENV, INLINE) if slots(plan) else (ENV, INLINE)

    def next_act(self, name: str, project: bool) -> tuple[str, ...]:  # noqa: ARG002  # the protocol's
        """Run it."""
        return (f"Run it: it prints the names of the tools of {name}.",)

    def text(self, job: Job, before: bytes | None, where: str) -> str:
        """The program.

        Raises:
            FileProblem: another program stands in that file.
        """
        refuse_foreign(before, where, MARK)
        return "\n".join(self.program(job)) + "\n"

    def program(self, job: Job) -> tuple[str, ...]:
        """Its lines."""
        raise NotImplementedError


def first_line(name: str, by: str) -> str:
    """The docstring, which says whose the file is."""
    return f'"""Connects to {_plain(name)} by {by} and prints its tools; {MARK}."""'


def imports(job: Job) -> list[str]:
    """What the entry's expressions need of the standard library, one statement in a line."""
    plan = job.plan
    names = {"asyncio"}
    if slots(plan) and job.how == ENV:
        names.add("os")
    if isinstance(plan, RemotePlan) and slots(plan) and job.how == HELPER:
        names |= {"subprocess"} | ({"json"} if plan.headers else set())
    found = [f"import {name}" for name in sorted(names)]
    keyed = isinstance(plan, RemotePlan) and plan.query and job.how != INLINE
    return [*found, "from urllib.parse import quote"] if keyed else found


def definitions(job: Job) -> list[str]:
    """The function that asks this program for what it keeps, where one is needed."""
    plan = job.plan
    if job.how != HELPER or not isinstance(plan, RemotePlan) or not slots(plan):
        return []
    return [
        "def kept(*words: str) -> str:",
        '    """What authwizard keeps; it is asked each time, so that it is fresh."""',
        "    return subprocess.run(words, check=True, capture_output=True, text=True).stdout",
        "",
        "",
    ]


def url(job: Job, plan: RemotePlan) -> str:
    """The address, as an expression."""
    if not plan.query:
        return repr(plan.url)
    if job.how == INLINE:
        more = "&".join(
            f"{quote(n)}={quote(fill(v, job.secrets).reveal(), safe='')}" for n, v in plan.query.items()
        )
        return repr(f"{plan.url}{'&' if '?' in plan.url else '?'}{more}")
    found: list[str] = []
    mark = "&" if "?" in plan.url else "?"
    for name, value in plan.query.items():
        before = plan.url if not found else ""
        found.append(
            f"{before + mark + quote(name, safe='') + '='!r} + quote({_joined(value, job)}, safe='')"
        )
        mark = "&"
    return " + ".join(found)


def headers(job: Job, plan: RemotePlan) -> str:
    """The headers, as an expression; empty where there are none."""
    if not plan.headers:
        return ""
    if job.how == HELPER and any(isinstance(p, Slot) for v in plan.headers.values() for p in v):
        return f"json.loads(kept({_words((*programs.program(), 'headers', job.connection))}))"
    return _mapping({name: _joined(value, job) for name, value in plan.headers.items()})


def environment(job: Job, plan: StdioPlan) -> str:
    """The variables of a program, as an expression; empty where there are none, or a helper sets them."""
    if not plan.env or (job.how == HELPER and slots(plan)):
        return ""
    return _mapping({name: _joined(value, job) for name, value in plan.env.items()})


def command(job: Job, plan: StdioPlan) -> tuple[str, str]:
    """The program that is started and the list of its arguments, as expressions."""
    helper = job.how == HELPER and bool(slots(plan))
    first, *rest = programs.exec_command(job.connection, plan.command) if helper else plan.command
    return repr(first), f"[{_words(tuple(rest))}]"


def _joined(value: Value, job: Job) -> str:
    if job.how == INLINE:
        return repr(fill(value, job.secrets).reveal())
    return " + ".join(repr(p) if isinstance(p, str) else _slot(p, job) for p in value) or "''"


def _slot(slot: Slot, job: Job) -> str:
    if job.how == ENV:
        return f"os.environ[{job.variable(slot)!r}]"
    return f"kept({_words(programs.secret_command(job.connection, slot.field))}).removesuffix('\\n')"


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(map(repr, words))


def _mapping(values: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name!r}: {value}" for name, value in values.items()) + "}"


def _plain(text: str) -> str:
    """A name within a docstring."""
    return json.dumps(text)[1:-1].replace("\\", "").replace('"', "")
