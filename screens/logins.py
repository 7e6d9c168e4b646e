"""The login that a service's own program keeps, as a connection's screen shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from .setup.work import shortened
from .widgets.rows import Row, numbered, row
from .words import mark, mark_of, one_line, plain

if TYPE_CHECKING:
    from wizard.caches import Cached
    from wizard.connections import Connection
    from wizard.livetest import LiveTestReport


def of(connection: Connection) -> tuple[bool, tuple[Cached, ...], tuple[Cached, ...]]:
    """Whether its program makes the login itself; that login, and the others that are kept beside it."""
    from wizard import caches, connections

    choice = connections.choice(connection)
    if choice.method.login is None:
        return False, (), ()
    return True, *caches.of_choice(choice)


def rows(logins: tuple[Cached, ...]) -> list[Row]:
    """What is kept, and how it stands."""
    if not logins:
        return [row("None: its program opens a browser when it is used next.")]
    marks = {"usable": "works", "renewable": "works", "expired": "warning", "no-token": "untested"}
    return [
        row(
            Content.assemble(plain(one_line(e.says())), plain(f"  {shortened(str(e.path))}", "$muted")),
            prefix=Content.assemble(mark(marks.get(e.state, "broken"), word=False), " "),
        )
        for e in logins
    ]


def made(report: LiveTestReport) -> list[Row]:
    """What came of a new login."""
    from wizard.livetest import PROGRAM_LOGIN

    step = next((s for s in report.steps if s.id == PROGRAM_LOGIN), None)
    failed = next((s for s in report.steps if s.ok is False), None)
    if report.ok:
        return [row(one_line(step.seen if step else "It works."), "bold", prefix=mark_of("works"))]
    if report.finding is not None:
        return [
            row(report.finding.title, "bold", prefix=mark_of("broken")),
            *numbered(report.finding.fix, indent=2),
        ]
    return [row(one_line(failed.seen if failed else "It failed."), "bold", prefix=mark_of("broken"))]
