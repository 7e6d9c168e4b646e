"""``import``: connections out of a client's config, or (``--env``) out of a gateway's ``.env``; ``--template`` writes
one to fill in."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.errors import UsageError

from .output import Output, clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.connections import Connection
    from wizard.gateway.env import EnvProblem
    from wizard.gateway.imported import Found, Import


def run(args: argparse.Namespace, out: Output) -> int:
    """Import, show, or write a template. 1 where something of the file cannot work."""
    if args.client:
        from . import import_client

        if args.env or args.template or args.url or args.method:
            raise UsageError("wrong-usage", "--env, --template, --url and --method do not go with a client.")
        return import_client.run(args, out)
    if args.path or args.project or args.secret:
        raise UsageError("wrong-usage", "--path, --project and --secret go with a client.")
    if not args.env:
        more = " --template" if args.template else ""
        says = f"Say what: authwizard import CLIENT[:SERVER], or authwizard import --env FILE{more}."
        raise UsageError("wrong-usage", says)
    path = Path(args.env).expanduser().absolute()
    if args.template:
        return _template(path, args, out)
    if args.method:
        raise UsageError("wrong-usage", "--method goes with --template: the file itself says AUTH_PROVIDER.")
    from wizard.gateway import imported

    plan = imported.prepare(path, name=args.name or "", url=args.url or "")
    if args.dry_run or not plan.found:
        says = "This was a dry run: nothing was saved." if plan.found else "Nothing was saved."
        out.answer(_answer(plan, [(f.connection, {}) for f in plan.found]), [*_lines(plan, out), says])
        return 1 if plan.broken else 0
    _agreed(plan, args, out)
    for found in plan.found:
        if found.replaces:
            out.note(f"{found.connection.name} is there already, and is replaced.")
    done = imported.carry_out(plan, args.store or "")
    lines = [*_lines(plan, out), *_kept(done, out)]
    lines += [f"  Test it: authwizard test {connection.name}" for connection, _ in done]
    out.answer(_answer(plan, done), lines)
    return 1 if plan.broken else 0


def _template(path: Path, args: argparse.Namespace, out: Output) -> int:
    """Write a commented file that holds no value yet, 0600, and never over another one."""
    from wizard.gateway.env import COGNITO, KEYCLOAK
    from wizard.gateway.template import template
    from wizard.paths import write_private

    provider = args.method or KEYCLOAK
    if provider not in (KEYCLOAK, COGNITO):
        raise UsageError("unknown-method", "There is no such template.", f"There is: {KEYCLOAK}, {COGNITO}.")
    if path.exists() or path.is_symlink():
        raise UsageError(
            "file-exists",
            f"{path} is there already, and is not written over.",
            "",
            ["Name another file.", f"Or read that one: authwizard import --env {path}"],
        )
    text = template(path.name, provider)
    if not args.dry_run:
        write_private(path, text.encode("utf-8"))
    document = {"schema": 1, "file": str(path), "written": not args.dry_run, "text": text}
    says = "This was a dry run: nothing was written." if args.dry_run else f"{path} is written. Fill it in."
    out.answer(document, [*(text.splitlines() if args.dry_run else ()), says])
    return 0


def _agreed(plan: Import, args: argparse.Namespace, out: Output) -> None:
    if args.yes:
        return
    names = ", ".join(f.connection.name for f in plan.found)
    if args.json or not sys.stdin or not sys.stdin.isatty():
        raise UsageError(
            "not-agreed", f"{names} would be saved.", "", ["Say so with --yes.", "Or look first: --dry-run"]
        )
    for line in _lines(plan, out):
        out.note(clean(line))
    out.note(f"Save {names}? [y/N]")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("not-agreed", "Nothing was saved.")


def _answer(plan: Import, done: Sequence[tuple[Connection, Mapping[str, str]]]) -> dict[str, object]:
    return {
        "schema": 1,
        "file": str(plan.path),
        "connections": [_connection(c, f) for (c, _), f in zip(done, plan.found, strict=True)],
        "problems": [_problem(p) for p in plan.problems],
    }


def _connection(connection: Connection, found: Found) -> dict[str, object]:
    fields = dict.fromkeys([*connection.secrets, *found.keep])
    return {
        "name": connection.name,
        "service": connection.service,
        "environment": connection.environment,
        "url": connection.url,
        "method": connection.method,
        "settings": dict(connection.settings),
        "secrets": [{"field": f, "kept_in": connection.secrets.get(f)} for f in fields],
        "changed": found.changed,
        "replaced": found.replaces,
    }


def _problem(problem: EnvProblem) -> dict[str, object]:
    return {
        "id": problem.id,
        "line": problem.line or None,
        "key": problem.key or None,
        "says": problem.says,
        "severity": problem.severity,
    }


def _lines(plan: Import, out: Output) -> list[str]:
    lines = []
    for found in plan.found:
        connection = found.connection
        server = connection.settings.get("server", "")
        lines.append(f"{connection.name}: {connection.url}, server {server}, by {connection.method}")
    for problem in plan.problems:
        mark = out.mark("broken" if problem.severity == "error" else "warning")
        place = f"line {problem.line}: " if problem.line else ""
        lines.append(f"{mark} {place}{problem.says}")
    return lines


def _kept(done: Sequence[tuple[Connection, Mapping[str, str]]], out: Output) -> list[str]:
    lines = []
    for connection, notes in done:
        for name, reference in connection.secrets.items():
            lines.append(f"  {connection.name}: {name} is kept in {reference}")
            if name in notes:
                lines.append(f"  {out.mark('warning')} {notes[name]}")
    return lines
