"""The login that gave the token, where there was one."""

from __future__ import annotations

from ..answers import clean
from ..engine import Context, Probe, Skip
from ..facts.login import LoggedIn


async def logged_in(context: Context) -> LoggedIn | Skip:
    """What it came to; nothing is asked."""
    login = context.asked.login if context.asked else None
    if login is None:
        return Skip("nobody logged in for it")
    hide = context.transport.redact
    return LoggedIn(clean(hide(login.issuer)), clean(hide(login.client_id)), login.registration)


PROBE = Probe("logged-in", "the login that gave the token", LoggedIn, logged_in)
