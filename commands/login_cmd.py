"""``login`` and ``logout``: a saved connection's login, made and ended."""

from __future__ import annotations

import argparse
import asyncio
import time
from typing import TYPE_CHECKING, Final

from wizard.errors import JobError, TransportError, UsageError

from . import program_login
from .login_person import person
from .login_words import login_json, login_lines
from .output import Output
from .running import LOGIN_BUDGET, Waiting, budget, port, within

if TYPE_CHECKING:
    from wizard.choice import Choice
    from wizard.oauth.logging_in import LoggedIn, LoggedOut
    from wizard.oauth.model import Login

_FOR_THE_PERSON: Final = 0.9
"""How much of the budget a person has; the rest is for the requests before and after."""
_ONE_ANSWER: Final = 10.0
_STARTING: Final = 1.0
"""Seconds: more than this program takes to start."""


def login(args: argparse.Namespace, out: Output) -> int:
    """Log in, and keep what it came to. Of two that are started at once, one logs in and both have it."""
    from wizard.oauth.logging_in import choice_of

    began = _began()
    seconds = budget(args.timeout, LOGIN_BUDGET)
    if args.fallback:
        from wizard import fallbacks

        args.name = fallbacks.target(args.name)
    choice = choice_of(args.name)
    if choice.method.login is not None:
        return program_login.login(args.name, choice, out, seconds=seconds, ca=args.ca)
    _person_needed(choice)
    waiting = Waiting("the server's answer", about=args.name)
    someone = person(
        out,
        opens=not args.no_browser,
        port=port(args.port),
        seconds=seconds * _FOR_THE_PERSON,
        budget=seconds,
        step=waiting.step,
        waiting=waiting,
        by_code="--device",
    )

    def wait() -> None:
        waiting.what = "another login of this connection"
        out.note(f"Another login of {args.name} is under way; its result is waited for.")

    async def job() -> LoggedIn:
        from wizard.oauth.flow import log_in
        from wizard.oauth.logging_in import log_in_once
        from wizard.oauth.registered import KeptClients
        from wizard.transport import Transport

        async def make() -> Login:
            kind, clients = "device_code" if args.device else "", KeptClients()
            async with Transport(timeout=min(_ONE_ANSWER, seconds), ca=args.ca) as transport:
                try:
                    return await log_in(choice, transport, someone, kind=kind, clients=clients)
                except TransportError:
                    raise
                except (JobError, asyncio.CancelledError):
                    # the browser may show that the client is not known any more, and nobody but the person sees it
                    clients.doubt()
                    raise

        return await log_in_once(args.name, make, since=began, seconds=seconds, on_wait=wait)

    done = within(seconds, job, waiting)
    said = f"{args.name} is logged in" + (", by the other login that was under way." if done.shared else ".")
    document = {
        "schema": 1,
        "connection": args.name,
        **login_json(done.kept),
        "kept_in": done.kept_in,
        "shared": done.shared,
    }
    out.answer(
        document, [f"{out.mark('works')} {said}", *login_lines(done.kept), f"  kept in {done.kept_in}"]
    )
    return 0


def logout(args: argparse.Namespace, out: Output) -> int:
    """Tell the issuer that the login has ended, and forget it. 1 where the issuer takes that, and did not this time."""
    from wizard.oauth.logging_in import choice_of

    seconds = budget(args.timeout)
    choice = choice_of(args.name)
    if choice.method.login is not None:
        return program_login.logout(args.name, choice, out)
    waiting = Waiting("the issuer, which is told that the login has ended", about=args.name)

    async def job() -> LoggedOut:
        from wizard.oauth.logging_in import log_out
        from wizard.transport import Transport

        async with Transport(timeout=min(_ONE_ANSWER, seconds), ca=args.ca) as transport:
            return await log_out(args.name, choice, transport)

    done = within(seconds, job, waiting)
    failed = [one for one in done.revoked if not one.ok and not one.lasts]
    document = {
        "schema": 1,
        "connection": args.name,
        "issuer": done.login.issuer if done.login else "",
        "revocation": "advertised" if done.advertised else "not advertised",
        "revoked": [one.as_json() for one in done.revoked],
        "removed": done.removed,
    }
    out.answer(document, _logout_lines(args.name, done, out))
    return 1 if failed else 0


def _person_needed(choice: Choice) -> None:
    from wizard.methods import kinds

    if kinds.get(choice.method.kind).person:
        return
    raise UsageError(
        "no-login",
        f"Nobody has to log in for {choice.name}: it signs in by {choice.method.title}.",
        "",
        [f"See whether it works: authwizard test {choice.name}"],
    )


def _logout_lines(name: str, done: LoggedOut, out: Output) -> list[str]:
    lines = [f"{out.mark('works')} {name} is logged out: its login was forgotten ({done.removed})."]
    titles = {"refresh_token": "the refresh token", "access_token": "the access token"}
    for one in done.revoked:
        state, said = one.told
        lines.append(f"  {out.mark(state)} {titles[one.token]}: {said}")
    if done.login is not None and not done.advertised:
        lines.append(
            f"  {out.mark('warning')} {done.login.issuer} names no place to revoke tokens at: what it gave stays good"
            " until its end. To end it sooner, sign out there."
        )
    return lines


def _began() -> float:
    """About when this process began: a login that was made since then was made while it was starting."""
    return time.time() - min(time.process_time(), _STARTING)
