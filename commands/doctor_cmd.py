"""``doctor``: the cause of a failure, its proof, and who must do what."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from wizard import outcomes
from wizard.errors import AuthwizardError, UsageError

from . import live
from .aiming import aimed
from .case_cmd import Kept
from .doctor_login import seconds_of, someone
from .output import Output
from .progress import shown
from .running import Sources, Waiting, within
from .several import nothing, summed

if TYPE_CHECKING:
    from diagnostics.comparing import Comparison
    from diagnostics.doctor import Diagnosis
    from diagnostics.har.model import Recording
    from diagnostics.target import Target
    from diagnostics.watch import Watch
    from wizard.connections import Connection


def run(args: argparse.Namespace, out: Output) -> int:
    """Diagnose one target, or many. 0 where all are healthy."""
    from diagnostics.doctor import Diagnosis
    from diagnostics.watch import Watch

    if args.replay:
        from .case_cmd import replayed

        return _answer(args, out, [replayed(args)], several=False)
    seconds = seconds_of(args)
    several = args.all or (args.target or "").endswith(":")
    if args.all and args.target:
        raise UsageError("wrong-usage", "--all goes without a target.")
    if args.har and not args.target and not args.all:
        return _of_recording(args, out)
    if not args.all and not args.target:
        raise UsageError("wrong-usage", "Say what to diagnose: a connection, a URL, CLIENT:SERVER, or --all.")
    if several and (args.audience or args.issuer):
        raise UsageError(
            "wrong-usage", "--audience and --issuer are what one server expects: name one target."
        )
    who = someone(args, out, seconds)
    targets = _many(args) if several else (aimed(args, Sources(seconds), lenient=True),)
    kept = Kept(args, several=several)
    waiting = Waiting("the first probe")
    har = _recording(args.har, seconds) if args.har else None
    wanted = tuple(args.require_scope)

    stopped = False

    async def one(t: Target | Diagnosis, watch: Watch) -> Diagnosis:
        if isinstance(t, Diagnosis):
            return t
        if watch.stopped:
            return Diagnosis(t.label, "undetermined", (), (), (), (), (), 0.0, cut="It was stopped before.")
        return await live.diagnosed(
            t,
            seconds=seconds,
            ca=args.ca,
            start=args.start,
            require_scopes=wanted,
            require_groups=tuple(args.require_group),
            require_roles=tuple(args.require_role),
            tool=args.tool or "",
            on_probe=waiting.probe,
            on_examined=kept.keep,
            har=har,
            person=who,
            unasked=out.note,
            watch=watch,
        )

    async def diagnose() -> list[Diagnosis]:
        nonlocal stopped
        watch = Watch(seconds)
        async with shown(watch):
            answers = [await one(t, watch) for t in targets]
        stopped = watch.stopped
        return answers

    found = within(seconds, diagnose, waiting)
    for target, diagnosis in zip(targets, found, strict=True):
        _remember(args, target, diagnosis)
    comparison, said = kept.finish()
    code = _answer(args, out, found, several=several, comparison=comparison, said=said)
    return 130 if stopped else code


def _remember(args: argparse.Namespace, target: Target | Diagnosis, found: Diagnosis) -> None:
    """What came of a saved connection as it is kept; with something else in its place it tells nothing of it."""
    from diagnostics.doctor import Diagnosis

    otherwise = (
        args.method or args.credential or args.header or args.set or args.secret or args.kind or args.har
    )
    if isinstance(target, Diagnosis) or not target.connection or otherwise:
        return
    if target.label == target.connection and (outcome := found.outcome(time.time())) is not None:
        outcomes.remember(target.connection, outcome)


def _answer(
    args: argparse.Namespace,
    out: Output,
    found: list[Diagnosis],
    *,
    several: bool,
    comparison: Comparison | None = None,
    said: str = "",
) -> int:
    """Print what was found. 0 where all are healthy."""
    from diagnostics import report

    document = {"schema": 1, "targets": [d.as_json() for d in found]} if several else found[0].as_json()
    if comparison is not None:
        document["compared"] = comparison.as_json()
    lines: list[str] = []
    for d in found:
        told = report.markdown(d) if args.markdown else report.text(d, whole=args.verbose)
        lines += [*([""] if lines else []), *told.splitlines()]
    lines += ["", total] if (total := summed(found)) else []
    lines += ["", *comparison.lines()] if comparison is not None else []
    lines += ["", said] if said else []
    out.answer(document, lines or nothing(args.target or ""))
    return 0 if all(d.verdict == "healthy" for d in found) else 1


def _of_recording(args: argparse.Namespace, out: Output) -> int:
    """Judge what a browser recorded, alone."""
    from diagnostics import recorded
    from wizard.redaction import Redactor

    kept = Kept(args, several=False)
    recording = _recording(args.har, seconds_of(args))
    kept.keep(recorded.examined(args.har, recording), Redactor().text)
    comparison, said = kept.finish()
    found = recorded.diagnose(args.har, recording)
    return _answer(args, out, [found], several=False, comparison=comparison, said=said)


def _recording(path: str, seconds: float) -> Recording:
    from diagnostics import recorded

    return recorded.read(path, seconds)


def _many(args: argparse.Namespace) -> tuple[Target | Diagnosis, ...]:
    from diagnostics import targets
    from diagnostics.target import Unreadable

    if args.all:
        from wizard import connections

        return tuple(_of(c) for c in connections.load_all())
    found = targets.every_server(args.target.removesuffix(":"), lenient=True)
    return tuple(_missed(t.label, t.problem) if isinstance(t, Unreadable) else t for t in found)


def _of(connection: Connection) -> Target | Diagnosis:
    """The connection's target; where it cannot be had, a diagnosis that says why, so that the others go on."""
    from diagnostics import targets

    try:
        return targets.from_connection(connection, lenient=True)
    except AuthwizardError as error:
        return _missed(connection.name, error)


def _missed(label: str, problem: AuthwizardError) -> Diagnosis:
    from diagnostics.doctor import Diagnosis, NotExamined

    said = " ".join(filter(None, (problem.title, problem.detail)))
    missed = NotExamined("every cause", f"{problem.id}: {said}")
    answered = tuple(text if text.endswith(".") else f"{text}." for text in (said, *problem.fix))
    return Diagnosis(label, "undetermined", (), (), (), (missed,), (), 0.0, answered=answered)
