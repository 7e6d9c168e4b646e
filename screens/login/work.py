"""What is done about the login of a saved connection: made, renewed, ended, looked at."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.content import Content

from wizard.errors import AuthwizardError
from wizard.names import LOGIN

from ..setup.work import shortened
from ..widgets.rows import Row, numbered, row
from ..words import mark_of, one_line, plain
from .text import scope_rows

if TYPE_CHECKING:
    from wizard.connections import Connection
    from wizard.oauth.kept import Kept
    from wizard.oauth.logging_in import LoggedIn, LoggedOut
    from wizard.oauth.model import Login
    from wizard.oauth.person import Person

_ONE_ANSWER: Final = 10.0
_BEFORE_AND_AFTER: Final = 30.0
_TOKENS: Final = {"refresh_token": "the refresh token", "access_token": "the access token"}


@dataclass(frozen=True, slots=True)
class Held:
    """How a connection stands: ``possible`` is whether a person logs in for it; ``kept`` is None where nobody has, or
    where ``trouble`` says why it cannot be read."""

    possible: bool
    kept: Kept | None = None
    trouble: AuthwizardError | None = None

    @property
    def logged_in(self) -> bool:
        """Whether something is kept, if only something that cannot be read."""
        return self.kept is not None or self.trouble is not None


def held(connection: Connection) -> Held:
    """Read the login that is kept (may block on the keyring)."""
    from wizard import connections
    from wizard.methods import kinds
    from wizard.oauth import sessions

    try:
        if not kinds.get(connections.choice(connection).method.kind).person:
            return Held(False)
    except AuthwizardError:
        return Held(False)
    if LOGIN not in connection.secrets:
        return Held(True)
    try:
        return Held(True, sessions.read(connection.name))
    except AuthwizardError as trouble:
        return Held(True, trouble=trouble)


async def log_in(name: str, person: Person, on_wait: Callable[[], None]) -> LoggedIn:
    """Log in and keep it; a login that another process makes meanwhile is taken. Raises: AuthwizardError."""
    from wizard.oauth import logging_in
    from wizard.oauth.flow import log_in
    from wizard.oauth.registered import KeptClients
    from wizard.transport import Transport

    began = time.time()
    choice = await asyncio.to_thread(logging_in.choice_of, name)

    async def make() -> Login:
        async with Transport(timeout=_ONE_ANSWER) as transport:
            return await log_in(choice, transport, person, clients=KeptClients())

    budget = person.seconds + _BEFORE_AND_AFTER
    return await logging_in.log_in_once(name, make, since=began, seconds=budget, on_wait=on_wait)


async def log_out(name: str) -> LoggedOut:
    """Tell the issuer, and forget the login. Raises: AuthwizardError."""
    from wizard.oauth import logging_in
    from wizard.transport import Transport

    choice = await asyncio.to_thread(logging_in.choice_of, name)
    async with Transport(timeout=_ONE_ANSWER) as transport:
        return await logging_in.log_out(name, choice, transport)


async def refresh(name: str) -> tuple[Kept, bool]:
    """The login renewed now, and whether its refresh token is another one. Raises: AuthwizardError."""
    from wizard.oauth import logging_in, sessions
    from wizard.transport import Transport

    choice = await asyncio.to_thread(logging_in.choice_of, name)
    before = await asyncio.to_thread(sessions.read, name)
    async with Transport(timeout=_ONE_ANSWER) as transport:
        after = await sessions.renewed(name, choice, transport, before, asked_for=True)
    return after, after.login.refresh_token != before.login.refresh_token


def held_rows(held: Held) -> list[Row]:
    """Since when somebody is logged in, until when, and what for."""
    if held.trouble is not None:
        return failure_rows(held.trouble)
    if held.kept is None:
        return [row("Nobody is logged in. l logs in.", prefix=mark_of("untested"))]
    return kept_rows(held.kept)


def kept_rows(kept: Kept) -> list[Row]:
    """One login: who, at whom, since when, until when, and its scopes."""
    from diagnostics.words import moment
    from wizard.oauth import granted

    login = kept.login
    who = f" as {one_line(name)}" if (name := granted.who(login)) else ""
    since = f" since {moment(kept.made_at)}" if kept.made_at else ""
    if kept.refused is not None:
        first = row(f"The login has ended. {kept.refused.title}", "bold", prefix=mark_of("broken"))
    else:
        first = row(f"logged in{who}{since}", prefix=mark_of(_state(kept)))
    return [
        first,
        row(f"at {one_line(login.issuer)}, as the client {one_line(login.client_id)}", "$muted", indent=2),
        row(_until(kept), "$muted", indent=2),
        *scope_rows(login),
    ]


def out_rows(done: LoggedOut) -> list[Row]:
    """What a logout came to."""
    rows = [
        row(
            f"Logged out: the login was forgotten ({shortened(done.removed)}).",
            "bold",
            prefix=mark_of("works"),
        )
    ]
    for one in done.revoked:
        state, says = one.told
        rows.append(row(f"{_TOKENS[one.token]}: {says}", prefix=mark_of(state)))
    if done.login is not None and not done.advertised:
        says = (
            f"{one_line(done.login.issuer)} names no place to revoke tokens at: what it gave stays good until its end."
            " To end it sooner, sign out there."
        )
        rows.append(row(says, prefix=mark_of("warning")))
    return rows


def failure_rows(error: AuthwizardError) -> list[Row]:
    """A failure: what, why, and what to do."""
    rows = [row(error.title, "bold", prefix=mark_of("broken"))]
    if error.detail:
        rows.append(row(Content.assemble(plain(error.detail, "$muted")), indent=2))
    return [*rows, *numbered(error.fix, indent=2)]


def _state(kept: Kept) -> str:
    ends = kept.login.expires_at
    ended = ends is not None and ends <= time.time()
    return "works" if not ended or kept.login.refresh_token is not None else "broken"


def _until(kept: Kept) -> str:
    from diagnostics.words import moment
    from wizard.lengths import span

    login = kept.login
    renewed = login.refresh_token is not None and kept.refused is None
    after = "it is then renewed by itself" if renewed else "log in again then: there is no refresh token"
    if login.expires_at is None:
        return f"its access token has no end that was told, and {'can' if renewed else 'cannot'} be renewed"
    left = login.expires_at - time.time()
    if left > 0:
        return f"access token until {moment(login.expires_at)}, in {span(left)}; {after}"
    after = "renewed at its next use" if renewed else "log in again: there is no refresh token"
    return f"access token ended {span(left)} ago; {after}"
