"""The second method of a connection: kept beside the first, tested like any, switched to by hand.

It is for the same service at the same address, so that no credential is for another origin. A switch lets the two
change places, and nothing is moved in a store: each secret stays where it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from . import connections, outcomes
from .connections import Connection, Fallback
from .names import FALLBACK

if TYPE_CHECKING:
    from .outcomes import Outcome


def with_fallback(connection: Connection, second: Connection) -> Connection:
    """The connection with the other one's method as its fallback, in the place of the one before.

    Raises:
        UsageError: ``fallback-elsewhere``, it is for another service, environment or address.
    """
    if _where(connection) != _where(second):
        from .errors import UsageError

        raise UsageError(
            "fallback-elsewhere",
            f"A fallback of {connection.name} has to be for the same service at the same address.",
            f"That is {connection.service} ({connection.environment}) {connection.url}".rstrip() + ".",
            [
                "Leave out --environment and --url: they are the connection's.",
                "Or set it up as a connection of its own, by another name.",
            ],
        )
    return replace(connection, fallback=_method_of(second))


def without_fallback(connection: Connection) -> Connection:
    """The connection with its first method alone."""
    return replace(connection, fallback=None)


def switched(connection: Connection) -> Connection:
    """The connection with its two methods in each other's place. Done twice it is what it was.

    Raises:
        UsageError: ``no-fallback``.
    """
    second = connection.fallback
    if second is None:
        from .errors import UsageError

        raise UsageError(
            "no-fallback",
            f"{connection.name} has no fallback.",
            "",
            [f"Set one up: authwizard setup {connection.service} --name {connection.name} --fallback"],
        )
    return replace(
        connection,
        method=second.method,
        settings=second.settings,
        secrets=second.secrets,
        scopes=second.scopes,
        tools=second.tools,
        allow=second.allow,
        fallback=_method_of(connection),
    )


def after(former: Connection | None, new: Connection) -> Connection:
    """A connection that was set up anew under a name: it keeps the fallback, as long as that is for the same place."""
    same = former is not None and _where(former) == _where(new)
    return replace(new, fallback=former.fallback if former is not None and same else None)


def switch(name: str) -> Connection:
    """Let the two methods of a saved connection change places, and with them what their last tests came to.

    Raises: UsageError ``unknown-connection``, ``no-fallback``; FileProblem as `connections.save`.
    """
    with connections.no_renewal(name):
        kept = connections.save(switched(connections.get(name)))
    outcomes.swap(name, target(name))
    return kept


def target(name: str) -> str:
    """The fallback by name: the words behind ``authwizard test``."""
    return f"{name}{FALLBACK}"


def named(text: str) -> Connection:
    """The connection of this name; where `target` named it, with its fallback in force.

    Raises: UsageError ``unknown-connection``, ``no-fallback``.
    """
    found = connections.get(text.removesuffix(FALLBACK))
    return switched(found) if text.endswith(FALLBACK) else found


def save(text: str, changed: Connection) -> Connection:
    """Keep what `named` gave, changed; as it is then. Raises: as `connections.save`."""
    if not text.endswith(FALLBACK):
        return connections.save(changed)
    return switched(connections.save(switched(changed)))


def last(connection: Connection) -> Outcome | None:
    """What the last test of its fallback came to; None where it has none, or was never tested."""
    return outcomes.load().get(target(connection.name)) if connection.fallback else None


def good(connection: Connection) -> bool:
    """Whether there is a fallback that worked when it was last tested."""
    found = last(connection)
    return found is not None and found.state == "works"


def _where(connection: Connection) -> tuple[str, str, str]:
    return connection.service, connection.environment, connection.url.rstrip("/")


def _method_of(c: Connection) -> Fallback:
    return Fallback(c.method, c.settings, c.secrets, c.scopes, c.tools, c.allow)
