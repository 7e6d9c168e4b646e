"""Logging in to a saved connection, and out of it: one login at a time over all processes, its result shared."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard import outcomes
from wizard.errors import AuthwizardError, FileProblem, JobError
from wizard.names import LOGIN

from . import kept as keeping
from . import sessions
from .kept import Kept
from .model import Login
from .revocation import Revoked, advertised, revoke

if TYPE_CHECKING:
    from wizard.choice import Choice
    from wizard.transport import Transport


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """``kept_in`` is the SOURCE; ``shared`` is whether another process made the login while this one waited."""

    kept: Kept
    kept_in: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """``revoked`` is empty where ``advertised`` is False: the issuer names no place to tell it. ``removed`` is the
    SOURCE that was emptied, or only taken out of the connection where it is a person's own place."""

    login: Login | None
    advertised: bool
    revoked: tuple[Revoked, ...]
    removed: str


async def log_in_once(
    name: str,
    make: Callable[[], Awaitable[Login]],
    *,
    since: float,
    seconds: float,
    store: str = "",
    on_wait: Callable[[], None] | None = None,
) -> LoggedIn:
    """Keep what ``make`` comes to as the login of this connection. Where another process is at it, ``on_wait`` is told
    and its result is taken: any login that was made after ``since`` (seconds since the epoch).

    ``seconds`` is how long the other one is waited for. Raises: as ``make``; JobError ``login-busy``; as `kept.keep`.
    """
    async with _turn(name, seconds, on_wait):
        found = _made_since(name, since)
        if found is not None:
            return LoggedIn(found, _place(name), shared=True)
        login = await make()
        async with sessions.locked(name):
            saved = keeping.keep(name, login, store=store)
        outcomes.outdate(name)
        return LoggedIn(sessions.read(name), saved.secrets[LOGIN])


def choice_of(name: str) -> Choice:
    """What was chosen for a saved connection, with its secrets but for the login itself, which may be broken.

    Raises: UsageError ``unknown-connection``; SourceError, StoreError: a secret cannot be read.
    """
    from wizard import connections, fallbacks

    connection = fallbacks.named(name)
    rest = {field: place for field, place in connection.secrets.items() if field != LOGIN}
    held = connections.secrets_of(replace(connection, secrets=rest))
    return replace(connections.choice(connection), secrets=held, connection=name)


async def log_out(name: str, choice: Choice, transport: Transport) -> LoggedOut:
    """Tell the issuer that the login has ended, where it takes that, and forget the login whatever it answers.

    Raises: UsageError ``unknown-connection``; JobError ``refresh-busy``; StoreError, FileProblem: it is not forgotten.
    """
    async with sessions.locked(name):
        place = _place(name)
        if not place:
            raise JobError(
                "not-logged-in", f"The connection {name} is not logged in.", "No login is kept for it."
            )
        try:
            login = sessions.read(name).login
        except AuthwizardError:
            # one that cannot be read can still be thrown away
            login = None
        told: tuple[Revoked, ...] = ()
        if login is not None:
            transport.know(*sessions.secrets_of(login))
            told = await revoke(login, sessions.client_of(login, choice), transport, allow=choice.allow)
        forget(name)
    return LoggedOut(login, login is not None and advertised(login), told, place)


def forget(name: str) -> None:
    """Take the login out of the connection, and out of the store of this program that holds it.

    Raises: UsageError ``unknown-connection``; StoreError, FileProblem.
    """
    from wizard import fallbacks, vault

    connection = fallbacks.named(name)
    reference = connection.secrets.get(LOGIN)
    if reference is None:
        return
    rest = {field: place for field, place in connection.secrets.items() if field != LOGIN}
    fallbacks.save(name, replace(connection, secrets=rest))
    vault.forget(reference)
    outcomes.outdate(name, also_good=True)


def _made_since(name: str, since: float) -> Kept | None:
    try:
        found = sessions.read(name)
    except AuthwizardError:
        return None
    return found if found.made_at >= since and found.refused is None else None


def _place(name: str) -> str:
    from wizard import fallbacks

    return fallbacks.named(name).secrets.get(LOGIN, "")


@contextlib.asynccontextmanager
async def _turn(name: str, seconds: float, on_wait: Callable[[], None] | None) -> AsyncIterator[None]:
    """The right to log in to this connection; a login may take all of ``seconds``."""
    from wizard.connections import path
    from wizard.locks import hold_async

    lock = path().with_name(f"logging-in-{name}")
    inside = False
    try:
        async with hold_async(lock, seconds=seconds, stale=2 * seconds, on_wait=on_wait):
            inside = True
            yield
    except FileProblem as problem:
        if inside or problem.id != "file-busy":
            raise
        raise JobError(
            "login-busy",
            f"Another login of {name} is under way.",
            f"It was not done after {seconds:g} seconds.",
            ["Finish it in the browser, or end that program, then try again."],
        ) from None
