"""Whether another saved connection keeps the same secret for another environment or another person."""

from __future__ import annotations

import asyncio
from typing import Final

from wizard import connections
from wizard.connections import Connection
from wizard.errors import AuthwizardError
from wizard.urls import origin

from .. import quiet
from ..engine import Context, Probe, Skip
from ..facts.file import Sharing
from ..target import Target

_PERSONS: Final = ("username", "email", "user", "login", "domain")


async def sharing(context: Context) -> Sharing | Skip:
    """Compare in memory, among connections of the same service; nothing is sent."""
    if not context.target.connection or context.target.credential is None:
        return Skip("it is no saved connection with a credential")
    return await asyncio.to_thread(_compare, context.target)


def _compare(target: Target) -> Sharing | Skip:
    try:
        saved = connections.load_all()
    except AuthwizardError:
        return Skip("the saved connections cannot be read")
    mine = next((c for c in saved if c.name == target.connection), None)
    if mine is None:
        return Skip("the connection is saved no more")
    found: list[str] = []
    compared = alike = 0
    for other in saved:
        if other.name == mine.name or other.service != mine.service:
            continue
        compared += 1
        if not _same_secret(other, target):
            continue
        if what := _difference(mine, other):
            found.append(f"{other.name} keeps the same secret for {what}")
        else:
            alike += 1
    return Sharing(tuple(found), compared, alike)


def _difference(mine: Connection, other: Connection) -> str:
    """What is different of them: the environment or tenant, or the person."""
    if _place(mine) != _place(other):
        return f"another environment ({other.url or other.environment})"
    for name in sorted({*mine.settings, *other.settings} - _behind(mine.service)):
        one, another = mine.settings.get(name, ""), other.settings.get(name, "")
        if one != another and one and another:
            return f"another {'person' if name in _PERSONS else name.replace('_', ' ')} ({another})"
    return ""


def _behind(service: str) -> frozenset[str]:
    """What tells the servers behind one gateway apart: one client asks for them all, by one credential."""
    from wizard import catalogue

    try:
        fields = catalogue.load().get(service).fields
    except AuthwizardError:
        return frozenset()
    return frozenset(f.id for f in fields if f.choices or f.leg)


def _place(connection: Connection) -> object:
    try:
        return origin(connection.url)
    except ValueError:
        return connection.url or connection.environment


def _same_secret(other: Connection, target: Target) -> bool:
    kept = quiet.secrets_of(other)
    return any(target.secrets.get(field) == secret for field, secret in kept.items())


PROBE = Probe("sharing", "the same secret elsewhere", Sharing, sharing)
