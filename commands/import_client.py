"""``import CLIENT[:SERVER]``: connections out of what a client's config holds."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard import importing
from wizard.errors import SourceError, UsageError

from .output import Output, clean
from .running import Sources, pairs

if TYPE_CHECKING:
    from wizard.importing import Found, Import, Problem
    from wizard.secret import Secret

    Done = Sequence[tuple[Found, Mapping[str, str]]]


def run(args: argparse.Namespace, out: Output) -> int:
    """Import, or show. 1 where no connection can be made of one of the entries."""
    client, _, server = args.client.partition(":")
    if args.name and not server:
        raise UsageError(
            "wrong-usage", "--name goes with one entry: authwizard import CLIENT:SERVER --name N"
        )
    path = Path(args.path) if args.path else None
    plan = importing.prepare(client, server, path=path, project=args.project, name=args.name or "")
    plan = importing.answered(plan, _given(args))
    if args.dry_run or not plan.found:
        says = "This was a dry run: nothing was saved." if plan.found else "Nothing was saved."
        out.answer(_answer(plan, [(f, {}) for f in plan.found], kept=False), [*_lines(plan, out), says])
        return 1 if plan.broken else 0
    talking = _talks(args)
    if not args.yes:
        _agreed(plan, talking, out)
    if talking and not args.yes:
        plan = importing.answered(plan, _asked(plan, out))
    done = importing.carry_out(plan, args.store or "")
    out.answer(_answer(plan, done, kept=True), [*_lines(plan, out), *_kept(done, out)])
    return 1 if plan.broken else 0


def _given(args: argparse.Namespace) -> dict[str, tuple[str, Secret]]:
    """The values of ``--secret``, read once so that one that yields nothing is seen now."""
    sources = Sources()
    return {f: sources.read(text) for f, text in pairs(args.secret, "--secret", "FIELD=SOURCE").items()}


def _talks(args: argparse.Namespace) -> bool:
    return bool(not args.json and sys.stdin and sys.stdin.isatty())


def _agreed(plan: Import, talking: bool, out: Output) -> None:
    names = ", ".join(f.connection.name for f in plan.found if f.changed)
    if not names:
        return
    if not talking:
        fix = ["Say so with --yes.", "Or look first: --dry-run"]
        raise UsageError("not-agreed", f"{names} would be saved.", "", fix)
    for line in _lines(plan, out):
        out.note(clean(line))
    out.note(f"Save {names}? [y/N]")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("not-agreed", "Nothing was saved.")


def _asked(plan: Import, out: Output) -> dict[str, tuple[str, Secret]]:
    """What nobody but the person knows, typed without being shown. Where two entries want one field, `answered` would
    give both the same: then each has to be imported by itself."""
    wanted = [(f, w) for f in plan.found for w in f.asks]
    fields = [w.field for _, w in wanted]
    if len(set(fields)) < len(fields):
        names = " and ".join(dict.fromkeys(f.target for f, _ in wanted))
        raise UsageError("wrong-usage", f"{names} want a value each.", "", ["Import them one by one."])
    found: dict[str, tuple[str, Secret]] = {}
    for one, w in wanted:
        out.note(clean(f"{one.target}: {w.field} is needed; {w.asked}."))
        try:
            found[w.field] = Sources().read("-")
        except SourceError:
            raise UsageError("not-agreed", "Nothing was typed, and nothing was saved.") from None
    return found


def _answer(plan: Import, done: Done, *, kept: bool) -> dict[str, Any]:
    return {
        "schema": 1,
        "file": str(plan.path) if plan.path else None,
        "client": plan.client,
        "connections": [_connection(f, kept=kept) for f, _ in done],
        "problems": [_problem(p) for p in plan.problems],
    }


def _connection(found: Found, *, kept: bool) -> dict[str, Any]:
    connection = found.connection
    fields = dict.fromkeys([*connection.secrets, *(w.field for w in found.wanted)])
    return {
        "name": connection.name,
        "service": connection.service,
        "environment": connection.environment,
        "url": connection.url,
        "method": connection.method,
        "settings": dict(connection.settings),
        "secrets": [{"field": f, "kept_in": connection.secrets.get(f)} for f in fields],
        "changed": found.changed,
        "replaced": False,
        "server": found.server,
        "path": str(found.scope.path),
        "wanted": [w.field for w in found.asks] if not kept else [],
        "still_there": [{"field": w.field, "path": str(found.scope.path)} for w in found.wanted if w.literal],
        "replace_with": _replace(found),
    }


def _replace(found: Found) -> str | None:
    literal = any(w.literal for w in found.wanted)
    return importing.replacing(found, found.connection) if literal else None


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "id": problem.id,
        "line": None,
        "key": problem.server or None,
        "says": problem.says,
        "severity": problem.severity,
    }


def _lines(plan: Import, out: Output) -> list[str]:
    lines: list[str] = []
    for found in plan.found:
        connection = found.connection
        reached = connection.url or f"`{connection.settings.get('command', '')}`"
        there = "" if found.changed else ", is there already"
        lines.append(f"{connection.name}: {reached}, by {connection.method}, from {found.target}{there}")
        for w in found.wanted:
            if w.source:
                lines.append(f"  {w.field} stays in {w.source}")
            elif w.literal:
                lines.append(f"  {w.field} stands in {found.scope.path} itself: a store takes it")
            elif w.asked:
                lines.append(f"  {w.field} has to be given: {w.asked}")
    for problem in plan.problems:
        mark = out.mark("broken" if problem.severity == importing.ERROR else "warning")
        place = f"{plan.client}:{problem.server}: " if problem.server else ""
        lines.append(f"{mark} {place}{problem.says}")
    return lines


def _kept(done: Done, out: Output) -> list[str]:
    lines: list[str] = []
    for found, notes in done:
        connection = found.connection
        if not found.changed:
            continue
        for name, reference in connection.secrets.items():
            lines.append(f"{connection.name}: {name} is kept in {reference}")
            if name in notes:
                lines.append(f"  {out.mark('warning')} {notes[name]}")
        if (instead := _replace(found)) is not None:
            lines.append(f"  {out.mark('warning')} The secret still stands in {found.scope.path}.")
            lines.append(f"  To have a reference there instead: {instead}")
        if connection.method == "authorization_code":
            lines.append(f"  Log in: authwizard login {connection.name}")
        start = "" if connection.url else " --start"
        lines.append(f"  See whether it works: authwizard doctor {connection.name}{start}")
    return lines
