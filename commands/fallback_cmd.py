"""The fallback of a connection: kept by ``setup --fallback``, tested by ``test --fallback``, switched to by
``connections switch``."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard import connections, fallbacks, outcomes, setup
from wizard.connections import Connection
from wizard.errors import UsageError
from wizard.livetest import LiveTestReport
from wizard.outcomes import Outcome
from wizard.setup import Draft, SetupReport

from . import drafting, live
from .export_cmd import export_lines
from .output import Output, clean, test_lines
from .running import Sources, Waiting, budget, port, within

if TYPE_CHECKING:
    from wizard.entries import Entry
    from wizard.switching import Switch, Switched


def keep(args: argparse.Namespace, out: Output) -> int:
    """Test a second method, and keep it with the connection of this name. 1 where the test fails."""
    seconds = budget(args.timeout)
    first = _first(args)
    args.environment, args.url = args.environment or first.environment, args.url or first.url
    talking = not args.yes and sys.stdin.isatty() and not args.json
    d = _with_the_rest(drafting.draft(args, Sources(seconds), asks=talking), args, first)
    if talking:
        d = drafting.ask(d)
    drafting.refuse(drafting.lacking(d), d)
    d = setup.read_sources(d)
    fallbacks.with_fallback(first, setup.connection(d, {}))
    seconds = live.for_login(seconds, d)
    waiting = Waiting(say=out.tell)
    untested, back = d, port(args.port)

    async def test() -> Draft:
        return await live.with_login(untested, out, waiting, seconds=seconds, ca=args.ca, port=back)

    d = within(seconds, test, waiting)
    report = _report(d, ())
    if not report.test.ok:
        lines = [*test_lines(report.test, out), "", "Nothing was saved."]
        out.answer({**report.as_json(), "fallback": True}, lines)
        return 1
    if args.dry_run:
        lines = [*test_lines(report.test, out), "", "This was a dry run: nothing was saved."]
        out.answer({**report.as_json(), "fallback": True}, lines)
        return 0
    if talking and not _yes(f"Keep this as the fallback of {first.name}?", out):
        out.note("Nothing was saved.")
        return 1
    kept = setup.keep_as_fallback(d)
    remember(first.name, report.test)
    lines = [f"{out.mark('works')} {report.method} is the fallback of {first.name}, and works."]
    for one in kept:
        lines.append(f"  {one.field} is kept in {one.kept_in}")
        lines += [f"  {out.mark('warning')} {one.note}"] if one.note else []
    lines.append(f"  Switch to it by hand: authwizard connections switch {first.name}")
    out.answer({**_report(d, kept).as_json(), "fallback": True}, lines)
    return 0


def _first(args: argparse.Namespace) -> Connection:
    """The connection that gets the fallback."""
    if not args.name:
        raise UsageError(
            "wrong-usage",
            "--fallback goes with --name, the connection that gets it.",
            "",
            ["authwizard connections"],
        )
    if args.client or args.path or args.project or args.secrets:
        raise UsageError(
            "wrong-usage",
            "--fallback exports nothing, so it goes without --client and what belongs to it.",
            "",
            [f"A switch writes the clients anew: authwizard connections switch {args.name}"],
        )
    first = connections.get(args.name)
    if first.service != args.service:
        raise UsageError(
            "fallback-elsewhere",
            f"{first.name} is a connection to {first.service}.",
            "A fallback has to be for the same service.",
            [f"authwizard setup {first.service} --name {first.name} --fallback"],
        )
    return first


def _with_the_rest(d: Draft, args: argparse.Namespace, first: Connection) -> Draft:
    """What was not said and is not of the first method alone is as it is there."""
    from wizard import methods

    if d.service is None:
        return d
    before = d.service.method(first.method)
    own = {f.id for f in before.fields} if before else set()
    for field, text in first.settings.items():
        takes = d.method is None or field.startswith("header.") or methods.takes(d.service, d.method, field)
        if field not in own and field not in d.settings and takes:
            d = setup.with_setting(d, field, text)
    if args.scopes is None and args.preset is None and first.scopes:
        d = setup.with_tools(d, first.tools) if first.tools else d
        d = setup.with_scopes(d, first.scopes)
    return setup.with_allow(d, (*first.allow, *d.allow))


def _report(d: Draft, kept: tuple[setup.Kept, ...]) -> SetupReport:
    if d.service is None or d.method is None or d.test is None:
        raise ValueError("a report needs service, method and test")
    return SetupReport(setup.name_of(d), d.service.id, d.method.id, kept, d.test)


def remember(name: str, test: LiveTestReport) -> None:
    """What the test of a fallback came to."""
    outcomes.remember(fallbacks.target(name), outcomes.of(test, time.time()))


def switch(args: argparse.Namespace, out: Output) -> int:
    """Let a connection's two methods change places, and write its entries anew. 1 where one is not answered."""
    from wizard import switching

    plan = switching.prepare(args.name)
    if args.dry_run:
        lines = [*_preview(plan, out), "This was a dry run: nothing was switched."]
        out.answer(_answer(plan.after, plan), lines)
        return 0
    if not args.yes:
        if args.json or not sys.stdin or not sys.stdin.isatty():
            raise UsageError(
                "not-agreed",
                f"{plan.before.name} would be switched from {plan.before.method} to {plan.after.method}.",
                "",
                ["Say so with --yes.", "Or look first: --dry-run"],
            )
        for line in _preview(plan, out):
            out.note(line)
        writes = any(c.changed for c in plan.changes)
        if not _yes(f"Switch {plan.before.name}{' and write this' if writes else ''}?", out):
            raise UsageError("not-agreed", "Nothing was switched.")
    waiting = Waiting("the clients' files")
    seconds = live.for_proofs(budget(None), plan.changes)

    async def prove(connection: Connection, entry: Entry) -> LiveTestReport:
        from diagnostics import targets

        target = replace(targets.from_connection(connection), entry=entry)
        return await live.proven(target, seconds=seconds, ca=None, on_step=waiting.step, say=out.note)

    async def carry_out() -> Switched:
        return await switching.carry_out(plan, prove)

    done = within(seconds * max(1, len(plan.changes)), carry_out, waiting)
    now = done.connection
    lines = [f"{out.mark('works' if done.ok else 'warning')} {now.name} signs in by {now.method} now."]
    lines += [f"  {plan.before.method} is its fallback; the same command switches back."]
    for export in done.exports:
        lines += ["", *export_lines(export, out)]
    lines += [f"  not written: {p.what}, {p.where} ({p.why})" for p in done.stays]
    lines += [] if done.exports else [f"  See whether it works: authwizard test {now.name}"]
    out.answer(_answer(now, done), lines)
    return 0 if done.ok else 1


def _preview(plan: Switch, out: Output) -> list[str]:
    lines = [f"{plan.before.name}: {plan.after.method} in the place of {plan.before.method}."]
    lines.append(f"  {out.mark(state_of(fallbacks.last(plan.before)))} {says(fallbacks.last(plan.before))}")
    for change in plan.changes:
        what = "" if change.changed else ", stays as it is"
        lines.append(f"{change.client}: {change.path}{what}")
        lines += [clean(line) for line in change.diff.splitlines()]
    return lines + [f"  not written: {p.what}, {p.where} ({p.why})" for p in plan.stays]


def state_of(last: Outcome | None) -> str:
    """The state to mark a fallback with."""
    return last.state if last else "untested"


def says(last: Outcome | None) -> str:
    """What is known of a fallback, in a sentence."""
    if last is None:
        return "The fallback was never tested."
    if last.state == "works":
        return "The fallback worked when it was last tested."
    return f"The fallback did not work when it was last tested: {last.says}"


def _answer(connection: Connection, what: Switch | Switched) -> dict[str, object]:
    from wizard.export import ExportReport
    from wizard.switching import Switched

    from .connections_cmd import as_json

    exports = what.exports if isinstance(what, Switched) else tuple(map(ExportReport, what.changes))
    return {
        "schema": 1,
        "connections": [as_json(connection)],
        "exports": [e.as_json() for e in exports],
        "left": [p.as_json() for p in what.stays],
    }


def _yes(question: str, out: Output) -> bool:
    out.note(f"{question} [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
