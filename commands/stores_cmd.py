"""``stores``: the logins that other programs keep in files of their own; one of them cleared, or put back."""

from __future__ import annotations

import argparse
import time

from wizard import caches
from wizard.caches import Cached
from wizard.caches.content import plain
from wizard.caches.model import shown
from wizard.errors import UsageError

from .output import Output, table

_MARKS = {"usable": "works", "renewable": "works", "no-token": "untested", "expired": "warning"}


def run(args: argparse.Namespace, out: Output) -> int:
    """List them; with ``--remove`` clear one, with a copy that ``--undo`` puts back. No token is shown."""
    if args.remove and args.undo:
        raise UsageError("wrong-usage", "--remove and --undo exclude each other.")
    document: dict[str, object] = {"schema": 1}
    lines: list[str] = []
    if args.remove:
        cleared = caches.clear(args.remove)
        entry = cleared.entries[0]
        document |= {"removed": entry.id, "backups": [str(p) for p in cleared.copies]}
        lines = [
            f"{out.mark('works')} The login of {_whose(entry)} was cleared: {entry.program} asks for a new one.",
            f"  To put it back: authwizard stores --undo {entry.id}",
            "",
        ]
    elif args.undo:
        path = caches.put_back(args.undo)
        document |= {"restored": args.undo}
        lines = [f"{out.mark('works')} {path} is as it was before.", ""]
    now = time.time()
    found = caches.every(now)
    document["stores"] = [entry.as_json(now) for entry in found]
    sealed = caches.sealed()
    document["sealed"] = [one.as_json() for one in sealed]
    more = ["", *(one.says() for one in sealed)] if sealed else []
    out.answer(document, [*lines, *_listed(found, now, out), *more])
    return 0


def _listed(found: tuple[Cached, ...], now: float, out: Output) -> list[str]:
    if not found:
        return ["No login of another program is kept here."]
    rows = []
    for entry in found:
        mode = "" if entry.mode is None else f"{entry.mode:04o}"
        mark = out.mark(_MARKS.get(entry.state, "broken"))
        rows.append((f"{mark} {entry.id}", _whose(entry), mode, _age(entry.age(now)), entry.says()))
    return [
        *table(rows),
        "",
        "To clear one, so that its program asks for a new login: authwizard stores --remove ID",
    ]


def _whose(entry: Cached) -> str:
    inner = entry.pointer[-1] if entry.pointer else entry.path.name
    known = entry.domain or shown(entry.server or entry.issuer)
    return known or f"{entry.program}, {plain(shown(inner))}"


def _age(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} old"
    return "new"
