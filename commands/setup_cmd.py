"""``setup``: from options to a connection that is proven to work, written into each client that was named."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard import setup
from wizard.livetest import LiveTestReport
from wizard.setup import Draft, SetupReport

from . import by_server, drafting, live
from .export_cmd import export_lines
from .output import Output, clean, test_lines, unchecked_lines
from .running import Sources, Waiting, budget, port, within

if TYPE_CHECKING:
    from wizard.entries import Entry
    from wizard.export import Change, ExportReport

_LOOK: Final = 10.0
"""Seconds that a server has to say how it wants to be signed in to."""


def run(args: argparse.Namespace, out: Output) -> int:
    """Set a service up. 1 where the test or a proof fails, and then nothing, or that export alone, is not good."""
    if args.fallback:
        from . import fallback_cmd

        return fallback_cmd.keep(args, out)
    seconds = budget(args.timeout)
    talking = not args.yes and sys.stdin.isatty() and not args.json
    d = drafting.draft(args, Sources(seconds), asks=talking)
    if by_server.undecided(d, told=bool(args.method or args.set or args.secret)):
        d = _as_the_server_says(d, seconds=seconds, ca=args.ca, asks=talking)
    if not args.yes and not args.json and (args.plain or (talking and os.environ.get("TERM") == "dumb")):
        from . import plain

        return plain.from_options(d, out, seconds=seconds, ca=args.ca, dry_run=args.dry_run)
    if talking:
        d = drafting.ask(d)
    drafting.refuse(drafting.lacking(d), d)
    if clash := setup.taken(d):
        drafting.refuse((setup.Problem("name", clash),), d)
    d = setup.read_sources(d)
    seconds = live.for_login(seconds, d)
    changes = setup.previews(d)
    waiting = Waiting(say=out.tell)

    untested, back = d, port(args.port)

    async def test() -> Draft:
        return await live.with_login(untested, out, waiting, seconds=seconds, ca=args.ca, port=back)

    d = within(seconds, test, waiting)
    if d.test is None or not d.test.ok:
        return _failed(d, out)
    replaces = setup.replaced(d)
    if replaces:
        out.note(replaces)
    if args.dry_run:
        return shown(d, changes, out)
    if talking and not _agreed(changes, out):
        out.note("Nothing was written.")
        return 1

    longer = live.for_proofs(seconds, changes)

    async def prove(draft: Draft, entry: Entry) -> LiveTestReport:
        target = live.written(draft, entry)
        return await live.proven(target, seconds=longer, ca=args.ca, on_step=waiting.step, say=out.note)

    async def finish() -> SetupReport:
        return await setup.activate(d, prove)

    report = within(longer, finish, waiting)
    more = {"replaced": True} if replaces else {}
    out.answer({**report.as_json(), **more}, report_lines(d, report, out))
    return 0 if all(e.answered for e in report.exports) else 1


def _as_the_server_says(d: Draft, *, seconds: float, ca: str | None, asks: bool) -> Draft:
    """The draft with the server's own way to sign in. Where it names none, the person chooses if there is one to ask,
    and else the test goes without, and says what it found."""

    async def look() -> str:
        return await by_server.way(d, seconds=min(_LOOK, seconds / 3), ca=ca)

    found = within(seconds, look, Waiting("how the server asks to be signed in to"))
    if found == by_server.LOGIN:
        return d
    return replace(d, method=None) if asks else by_server.without(d)


def _failed(d: Draft, out: Output) -> int:
    report = _unsaved(d)
    says = "Nothing was saved and nothing was written."
    out.answer(report.as_json(), [*test_lines(report.test, out), "", says])
    return 1


def shown(d: Draft, changes: tuple[Change, ...], out: Output) -> int:
    """The answer of a dry run."""
    from wizard.export import ExportReport

    report = _unsaved(d, tuple(ExportReport(change) for change in changes))
    lines = [*test_lines(report.test, out), ""]
    for change in changes:
        lines += [f"{change.client}: {change.path or 'as text'}", *change.diff.splitlines()]
    out.answer(report.as_json(), [*lines, "This was a dry run: nothing was saved and nothing was written."])
    return 0


def _unsaved(d: Draft, exports: tuple[ExportReport, ...] = ()) -> SetupReport:
    if d.service is None or d.method is None or d.test is None:
        raise ValueError("a report needs service, method and test")
    return SetupReport(setup.name_of(d), d.service.id, d.method.id, (), d.test, exports)


def _agreed(changes: tuple[Change, ...], out: Output) -> bool:
    for change in changes:
        out.note(f"{change.client}: {change.path or 'as text'}\n{clean(change.diff)}")
    out.note(f"Save the connection{' and write this' if changes else ''}? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def report_lines(d: Draft, report: SetupReport, out: Output) -> list[str]:
    """What was set up, where the secrets are, each export, and what to do next."""
    works = all(e.answered for e in report.exports)
    name = report.connection
    says = f"{name} is set up and works." if works else f"{name} works, but a client's entry does not."
    lines = [f"{out.mark('works' if works else 'broken')} {says}", *unchecked_lines(report.test, out)]
    for kept in report.secrets:
        lines.append(f"  {kept.field} is kept in {kept.kept_in}")
        lines += [f"  {out.mark('warning')} {kept.note}"] if kept.note else []
    for export in report.exports:
        first = d.service.first_sentence if d.service else ""
        lines += ["", *export_lines(export, out, first)]
    return lines
