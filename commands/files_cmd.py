"""``files``: modes, owners and folders of the files in which credentials lie."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from wizard.errors import FileProblem

from .output import Output, finding_lines, table

if TYPE_CHECKING:
    from diagnostics.facts.file import Look, Place
    from diagnostics.files import Fault, Mend

_NOTHING = "There is no credential file of a known service, connection or client here. Name one: authwizard files PATH"

_NOT_AMONG = "No file in {} is known, or called, as one that holds a credential. Name the file itself."


def run(args: argparse.Namespace, out: Output) -> int:
    """Judge, and with ``--fix`` change modes. 1 where something is left that is wrong."""
    from diagnostics import file_places, files, shell_history
    from diagnostics.file_look import look

    places = (
        tuple(dict.fromkeys(p for path in args.path for p in file_places.named(path)))
        if args.path
        else file_places.every()
    )
    seen = [(place, look(place)) for place in places]
    done: list[Mend] = []
    failed: list[FileProblem] = []
    if args.fix and (others := [place.path for place in places if file_places.of_the_system(place)]):
        raise FileProblem(
            "file-of-the-system",
            f"{others[0]} is a file of the system: others have to read it, and its mode is not changed.",
            "",
            ["If it does hold a credential of yours, move that into a file of your own."],
        )
    if args.fix:
        done, failed = _mend([fault for place, found in seen for fault in files.judge(place, found)], out)
        seen = [(place, look(place)) for place in places]
    judged = [(place, found, files.judge(place, found)) for place, found in seen]
    values = {f"the value of {found.path}": found.value for _, found in seen if found.value}
    remembered = files.remembered(shell_history.find(values, unknown=not args.path))
    every = (*(fault for _, _, faults in judged for fault in faults), *remembered)
    findings, warnings = files.findings(dict.fromkeys(every))
    document = {
        "schema": 1,
        "files": [_row(place, found, faults) for place, found, faults in judged],
        "findings": [f.as_json() for f in findings],
        "warnings": [w.as_json() for w in warnings],
        "done": [mend.says() for mend in done],
        "failed": [problem.as_json() for problem in failed],
    }
    lines = [line for mend in done for line in [f"{out.mark('works')} done: {mend.says()}"]]
    lines += _lines(judged, out) or [_NOT_AMONG.format(" ".join(args.path)) if args.path else _NOTHING]
    for finding in findings:
        lines += ["", *finding_lines(finding, out.mark("broken"))]
    for warning in warnings:
        lines += ["", *finding_lines(warning, out.mark("warning"))]
    if any(fault.mend for _, _, faults in judged for fault in faults):
        lines += ["", "authwizard files --fix changes the modes."]
    out.answer(document, lines)
    return 1 if findings or failed else 0


def _mend(faults: list[Fault], out: Output) -> tuple[list[Mend], list[FileProblem]]:
    """Say what will be changed, then change it; one that cannot be changed does not keep the others."""
    from diagnostics import files
    from diagnostics.file_look import change

    planned = files.mends(faults)
    if not planned:
        return [], []
    out.note("\n".join(["These modes will be changed:", *(f"  {mend.says()}" for mend in planned)]))
    done: list[Mend] = []
    failed: list[FileProblem] = []
    for mend in planned:
        try:
            change(mend.path, mend.before, mend.after, mend.identity)
            done.append(mend)
        except FileProblem as problem:
            out.note(f"{problem.title} {problem.detail}".strip())
            failed.append(problem)
    return done, failed


def _row(place: Place, found: Look, faults: tuple[Fault, ...]) -> dict[str, object]:
    from diagnostics import files

    return {
        "path": found.path,
        "mode": found.octal or None,
        "wanted": f"{place.mode:04o}",
        "owner": found.owner or None,
        "ok": not any(f.cause not in files.WARNED for f in faults),
        "what": place.what,
        "link_to": found.real if found.link else None,
    }


def _lines(judged: list[tuple[Place, Look, tuple[Fault, ...]]], out: Output) -> list[str]:
    from diagnostics import files

    rows = []
    for place, found, faults in judged:
        wrong = any(f.cause not in files.WARNED for f in faults)
        mark = out.mark("broken" if wrong else "warning" if faults else "works")
        to = f"-> {found.real}{' (outside your home)' if found.outside else ''}" if found.link else ""
        rows.append((mark, found.octal or found.state, found.owner or "-", found.path, to or place.what))
    return table(rows)
