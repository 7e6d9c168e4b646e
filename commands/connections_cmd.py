"""``connections``: the saved ones, without a secret; renamed and removed with everything that belongs to them, and
switched to their fallback."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from wizard import connections, removal
from wizard.connections import Connection, Fallback
from wizard.errors import UsageError
from wizard.removal import Part, Removal

from .output import Output, clean, table


def run(args: argparse.Namespace, out: Output) -> int:
    """List, show, rename, remove or switch."""
    if args.action is None:
        return _answer(connections.load_all(), out)
    if args.action != "remove" and args.keep_clients:
        raise UsageError("wrong-usage", "--keep-clients goes with remove.")
    if args.action not in ("remove", "switch") and args.dry_run:
        raise UsageError("wrong-usage", "--dry-run goes with remove and switch.")
    if args.name is None:
        raise UsageError("wrong-usage", f"Say which connection: authwizard connections {args.action} NAME.")
    if (args.action == "rename") != (args.new is not None):
        says = "Say the new name" if args.action == "rename" else "One name is enough"
        raise UsageError(
            "wrong-usage",
            f"{says}: authwizard connections {args.action} NAME{' NEW' if args.action == 'rename' else ''}.",
        )
    if args.action == "switch":
        from . import fallback_cmd

        return fallback_cmd.switch(args, out)
    if args.action == "show":
        return _show(connections.get(args.name), out)
    if args.action == "rename":
        done = removal.rename(args.name, args.new)
        kept = done.connection
        lines = [f"{args.name} is now called {kept.name}."]
        lines += [f"  written anew under it: {p.what}, {p.where}" for p in done.moved]
        lines += [f"  still {args.name}: {p.what}, {p.where} ({p.why})" for p in done.stays]
        more: dict[str, object] = {"renamed": _parts(done.moved), "left": _parts(done.stays)}
        return _answer((kept,), out, said=lines, more=more)
    return _remove(args, out)


def _show(c: Connection, out: Output) -> int:
    """One connection whole, with the login that is kept for it; ``login`` is null where there is none."""
    from .login_words import kept_of

    login, lines = kept_of(c)
    document = {"schema": 1, "connections": [{**as_json(c), "login": login}]}
    out.answer(document, [*_whole(c), *(f"  {line}" for line in lines)])
    return 0


def _remove(args: argparse.Namespace, out: Output) -> int:
    plan = removal.prepare(args.name, keep_clients=args.keep_clients)
    if args.dry_run:
        lines = [*_preview(plan), "This was a dry run: nothing was removed."]
        return _answer((plan.connection,), out, said=lines, more=_gone(plan))
    if not args.yes:
        if args.json or not sys.stdin or not sys.stdin.isatty():
            raise UsageError(
                "not-agreed",
                f"{plan.connection.name} would be removed, with what belongs to it.",
                "",
                ["Say so with --yes.", "Or look first: --dry-run"],
            )
        for line in _preview(plan):
            out.note(line)
        out.note(f"Remove {plan.connection.name}? [y/N]")
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise UsageError("not-agreed", "Nothing was removed.")
    done = removal.carry_out(plan)
    lines = [f"{done.connection.name} was removed.", *_gone_lines(done, "removed", "stays")]
    return _answer((done.connection,), out, said=lines, more=_gone(done))


def _preview(plan: Removal) -> list[str]:
    lines = [f"With {plan.connection.name} goes what belongs to it.", *_gone_lines(plan, "goes", "stays")]
    return lines + [clean(line) for change in plan.changes for line in change.diff.splitlines()]


def _gone_lines(plan: Removal, goes: str, stays: str) -> list[str]:
    lines = [f"  {goes}: {p.kind} {p.what}, {p.where}" for p in plan.goes]
    return lines + [f"  {stays}: {p.kind} {p.what}, {p.where} ({p.why})" for p in plan.stays]


def _gone(plan: Removal) -> dict[str, object]:
    return {"removed": _parts(plan.goes), "left": _parts(plan.stays)}


def _parts(parts: tuple[Part, ...]) -> list[dict[str, str]]:
    return [p.as_json() for p in parts]


def _answer(
    found: tuple[Connection, ...],
    out: Output,
    *,
    said: list[str] | None = None,
    more: dict[str, object] | None = None,
) -> int:
    if said:
        lines = said
    elif found:
        lines = table((c.name, c.service, c.environment, c.method, c.url) for c in found)
    else:
        lines = ["There is no connection yet. Set one up: authwizard setup SERVICE"]
    out.answer({"schema": 1, "connections": [as_json(c) for c in found], **(more or {})}, lines)
    return 0


def _whole(c: Connection) -> list[str]:
    rows = [("service", c.service), ("environment", c.environment), ("url", c.url), ("method", c.method)]
    rows += [(name, text) for name, text in c.settings.items() if text]
    rows += [(f"{field} (secret)", f"kept in {source}") for field, source in c.secrets.items()]
    rows += [("scopes", ", ".join(c.scopes))] if c.scopes else []
    rows += [("allow", ", ".join(c.allow))] if c.allow else []
    if c.fallback is not None:
        from wizard import fallbacks

        from .fallback_cmd import says

        second = fallbacks.switched(c)
        rows += [("fallback", f"{second.method}. {says(fallbacks.last(c))}")]
        rows += [(f"fallback: {name}", text) for name, text in second.settings.items() if text]
        rows += [(f"fallback: {field} (secret)", f"kept in {ref}") for field, ref in second.secrets.items()]
        rows += [("fallback: scopes", ", ".join(second.scopes))] if second.scopes else []
    rows += [("created", c.created)] if c.created else []
    return [c.name, *(f"  {line}" for line in table(rows))]


def as_json(c: Connection) -> dict[str, object]:
    """The contract's item; ``fallback`` is null, or the second method with what its last test came to."""
    return {
        "name": c.name,
        "service": c.service,
        "environment": c.environment,
        "url": c.url,
        **_method(c),
        "created": c.created,
        "fallback": _fallback(c),
    }


def _method(part: Connection | Fallback) -> dict[str, object]:
    return {
        "method": part.method,
        "settings": dict(part.settings),
        "secrets": [{"field": field, "kept_in": source} for field, source in part.secrets.items()],
        "scopes": list(part.scopes),
        "tools": list(part.tools),
        "allow": list(part.allow),
    }


def _fallback(c: Connection) -> dict[str, object] | None:
    from wizard import fallbacks

    if c.fallback is None:
        return None
    last = fallbacks.last(c)
    return {**_method(c.fallback), "tested": asdict(last) if last else None}
