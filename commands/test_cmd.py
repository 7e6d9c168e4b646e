"""``test``: the live test of a target, each step with what was expected and seen."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard import outcomes
from wizard.errors import UsageError
from wizard.livetest import LiveTestReport

from . import live
from .aiming import aimed
from .login_person import nobody, person
from .output import Output, test_lines
from .running import LOGIN_BUDGET, Sources, Waiting, budget, port, within

if TYPE_CHECKING:
    from diagnostics.target import Target
    from wizard.oauth.person import Person


def run(args: argparse.Namespace, out: Output) -> int:
    """Test a target. 0 where it works. A target that wants a login is logged in to; no token is kept."""
    from diagnostics.url_targets import complete

    seconds = budget(args.timeout, LOGIN_BUDGET)
    call = _call(args)
    someone: Person | None = person(
        out, port=port(args.port), seconds=live.for_a_person(seconds), budget=seconds
    )
    target = _second(args) if args.fallback else aimed(args, Sources(seconds))
    if args.method and "://" in args.target:
        complete(target)
    if target.connection and nobody():
        # a login for which nobody sits there would be waited for in vain; one that is kept needs none
        someone = None
    waiting = Waiting(say=out.tell, about=args.target)

    async def test() -> LiveTestReport:
        return await live.tested(
            target, seconds=seconds, ca=args.ca, call=call, on_step=waiting.step, person=someone
        )

    report = within(seconds, test, waiting)
    if args.fallback:
        from .fallback_cmd import remember

        remember(args.target, report)
    elif target.connection == args.target and not _otherwise(args):
        outcomes.remember(args.target, outcomes.of(report, time.time()))
    out.answer(report.as_json(), test_lines(report, out))
    return 0 if report.ok else 1


def _otherwise(args: argparse.Namespace) -> bool:
    """Whether something else is tested than what is kept."""
    return bool(args.method or args.credential or args.set or args.secret or args.kind)


def _second(args: argparse.Namespace) -> Target:
    """The fallback of the connection that is named."""
    from diagnostics import targets
    from wizard import connections

    if _otherwise(args):
        raise UsageError(
            "wrong-usage",
            "--fallback tests what is kept, so it goes without --method, --credential and the like.",
        )
    found = targets.from_fallback(connections.get(args.target))
    wanted = (args.scopes or "").replace(",", " ").split()
    return replace(found, scopes=tuple(wanted) or found.scopes)


def _call(args: argparse.Namespace) -> tuple[str, dict[str, object]] | None:
    if not args.call:
        if args.args:
            raise UsageError("wrong-usage", "--args goes with --call.")
        return None
    try:
        given = json.loads(args.args or "{}")
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise UsageError(
            "args-not-json", "--args takes a JSON object.", "", ["For example: --args '{\"limit\": 5}'"]
        )
    return args.call, given
