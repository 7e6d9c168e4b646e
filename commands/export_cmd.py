"""``export``: write a saved connection into one client's config, or take it out again, and prove it."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wizard import clients
from wizard.errors import FileProblem, UsageError

from . import live
from .output import Output, clean
from .running import Waiting, budget, within

if TYPE_CHECKING:
    from wizard.export import Change, ExportReport
    from wizard.livetest import LiveTestReport


def run(args: argparse.Namespace, out: Output) -> int:
    """Write, show, remove or undo one client's entry. 1 where the written entry gets no answer."""
    from diagnostics import targets
    from wizard import connections, export, proof, using
    from wizard.export import ExportReport

    if not args.client:
        raise UsageError("wrong-usage", "Say which client: --client C.", "", ["See: authwizard clients"])
    seconds = budget(args.timeout)
    path = Path(args.path) if args.path else None
    if args.undo:
        where = export.undo(args.client, project=args.project, path=path)
        out.answer(_undone(args.client, where), [f"{where} is as it was before the last write."])
        return 0
    connection = connections.get(args.name)

    def prepared() -> Change:
        if args.remove:
            return export.remove(connection.name, args.client, project=args.project, path=path)
        return using.prepare(
            connection, args.client, project=args.project, path=path, how=args.secrets, ca=args.ca
        )

    change = prepared()
    if args.dry_run:
        dry = "This was a dry run: nothing was written."
        _answer(ExportReport(change), [*change.diff.splitlines(), *_command(change), dry], out)
        return 0
    _agreed(change, args, out)
    try:
        written = export.write(change)
    except FileProblem as problem:
        if problem.id != "file-changed-meanwhile":
            raise
        out.note(f"{problem.title} It is looked at again.")
        change = prepared()
        _agreed(change, args, out)
        written = export.write(change)
    change = written.change
    if args.remove:
        report = ExportReport(change, written.backup)
        says = (
            f"The entry is out of {change.path}." if change.changed else f"{change.path} has no such entry."
        )
        out.answer(report.as_json(), [says, *(f"  {act}" for act in change.next_act)])
        return 0
    waiting = Waiting()
    entry = export.read_back(written, secrets=using.completed(connection, args.ca))

    longer = live.for_proofs(seconds, [change])

    async def prove() -> LiveTestReport:
        target = replace(targets.from_connection(connection), entry=entry)
        return await live.proven(target, seconds=longer, ca=args.ca, on_step=waiting.step, say=out.note)

    report = proof.report(written, entry, within(longer, prove, waiting))
    lines = export_lines(report, out, bare=True)
    if not report.answered:
        lines.append(f"  See: authwizard doctor {connection.name}")
    _answer(report, lines, out)
    return 0 if report.answered else 1


def _answer(report: ExportReport, lines: list[str], out: Output) -> None:
    """Where the text is the answer, to be put into a file as it is, the lines stand beside it."""
    if report.change.text is None:
        out.answer(report.as_json(), lines)
    else:
        out.text(report.as_json(), report.change.text, lines)


def export_lines(
    report: ExportReport, out: Output, first_sentence: str = "", *, bare: bool = False
) -> list[str]:
    """One export: what was written where, whether it answers, and what to do next; ``first_sentence`` is what a person
    may type to a client that has tools. With ``bare`` the text itself is left out, for it stands elsewhere."""
    change = report.change
    where = str(change.path) if change.path else "as text"
    did = "written" if change.changed else "already so" if change.path else "made"
    answered = "read back, answered" if report.answered else "read back, but it does not answer"
    lines = [
        f"{out.mark('works' if report.answered else 'broken')} {change.client}: {where}, {did}, {answered}"
    ]
    if report.backup:
        lines.append(f"  the file as it was: {report.backup}")
    lines += [f"  {c.path}: {'written' if c.changed else 'already so'}" for c in change.beside]
    if change.text is not None and not bare:
        lines += [f"  {line}" for line in change.text.splitlines()]
    if change.how in ("inline", "file") and change.references:
        lines.append(
            f"  {out.mark('warning')} The secret itself stands in this file. Keep it out of version control."
        )
    if not report.answered:
        return [*lines, *([f"  {report.why}"] if report.why else []), *_numbered(report.fix)]
    if report.why:
        lines.append(f"  {report.why}")
    lines += _numbered(report.acts)
    lines += [f"  {line}" for line in _command(change)]
    if first_sentence and clients.speaks_mcp(change.client):
        lines.append(f"  Then type: {first_sentence}")
    return lines


def _command(change: Change) -> list[str]:
    """The program's own command, where it has one."""
    if not change.command:
        return []
    title = clients.get(change.client).title
    return [f"The same by {title}'s own command: {change.command_line}"]


def _numbered(acts: tuple[str, ...]) -> list[str]:
    return [f"  {number}. {act}" for number, act in enumerate(acts, 1)]


def _agreed(change: Change, args: argparse.Namespace, out: Output) -> None:
    """Ask before a file is written, unless that was said already; nobody to ask is exit 2."""
    from wizard import export

    if change.path is None or not change.changed:
        return
    if not args.remove and export.foreign(change):
        out.note(f"`{change.server}` is in {change.path} already, not written by authwizard: it is replaced.")
    if args.yes:
        return
    if args.json or not sys.stdin.isatty():
        raise UsageError(
            "not-agreed",
            f"{change.path} would be written.",
            "",
            ["Say so with --yes.", "Or look first: --dry-run"],
        )
    out.note(clean(change.diff))
    out.note(f"Write {change.path}? [y/N]")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("not-agreed", "Nothing was written.")


def _undone(client: str, path: Path) -> dict[str, object]:
    return {
        "schema": 1,
        "client": client,
        "path": str(path),
        "changed": True,
        "backup": None,
        "diff": "",
        "text": None,
        "references": [],
        "command": None,
        "proof": {"read_back": None, "answered": None, "after": "restart"},
    }
