"""``connections``: the saved ones, without a secret."""

from __future__ import annotations

import argparse

from wizard import connections
from wizard.connections import Connection
from wizard.errors import UsageError

from .output import Output, table


def run(args: argparse.Namespace, out: Output) -> int:
    """List, show, rename or remove."""
    if args.action is None:
        return _answer(connections.load_all(), out)
    if args.name is None:
        raise UsageError("wrong-usage", f"Say which connection: authwizard connections {args.action} NAME.")
    if (args.action == "rename") != (args.new is not None):
        says = "Say the new name" if args.action == "rename" else "One name is enough"
        raise UsageError(
            "wrong-usage",
            f"{says}: authwizard connections {args.action} NAME{' NEW' if args.action == 'rename' else ''}.",
        )
    if args.action == "show":
        return _answer((connections.get(args.name),), out, whole=True)
    if args.action == "rename":
        kept = connections.rename(args.name, args.new)
        return _answer((kept,), out, said=f"{args.name} is now called {kept.name}.")
    gone = connections.remove(args.name)
    return _answer((gone,), out, said=f"{gone.name} was removed. Clients that have its entry still have it.")


def _answer(found: tuple[Connection, ...], out: Output, *, whole: bool = False, said: str = "") -> int:
    if said:
        lines = [said]
    elif whole:
        lines = [line for c in found for line in _whole(c)]
    elif found:
        lines = table((c.name, c.service, c.environment, c.method, c.url) for c in found)
    else:
        lines = ["There is no connection yet. Set one up: authwizard setup SERVICE"]
    out.answer({"schema": 1, "connections": [_json(c) for c in found]}, lines)
    return 0


def _whole(c: Connection) -> list[str]:
    rows = [("service", c.service), ("environment", c.environment), ("url", c.url), ("method", c.method)]
    rows += [(name, text) for name, text in c.settings.items() if text]
    rows += [(f"{field} (secret)", f"kept in {source}") for field, source in c.secrets.items()]
    rows += [("scopes", ", ".join(c.scopes))] if c.scopes else []
    rows += [("allow", ", ".join(c.allow))] if c.allow else []
    rows += [("created", c.created)] if c.created else []
    return [c.name, *(f"  {line}" for line in table(rows))]


def _json(c: Connection) -> dict[str, object]:
    return {
        "name": c.name,
        "service": c.service,
        "environment": c.environment,
        "url": c.url,
        "method": c.method,
        "settings": dict(c.settings),
        "secrets": [{"field": field, "kept_in": source} for field, source in c.secrets.items()],
        "scopes": list(c.scopes),
        "tools": list(c.tools),
        "allow": list(c.allow),
        "created": c.created,
    }
