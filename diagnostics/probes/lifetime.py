"""When a credential that is kept, and that nothing renews, comes to its end."""

from __future__ import annotations

import asyncio

from wizard.names import LOGIN
from wizard.oauth import sessions

from ..engine import Context, Probe, Skip
from ..facts import Clock, JwtView
from ..facts.file import Lifetime
from ..facts.wire import Differential
from ..target import Target
from ..words import number


async def lifetime(
    context: Context, clock: Clock, jwt: JwtView | None, differential: Differential | None
) -> Lifetime | Skip:
    """By the service's own answer, else by the token's claims; of a login that cannot be renewed by what its issuer
    said of it. Of any other only its server knows."""
    if not _kept(context.target):
        return Skip("the credential is not kept, or is renewed by itself")
    if LOGIN in context.target.sources:
        return await _of_login(context.target.connection, clock)
    real = differential.real if differential else None
    if real is not None and (real.expires is not None or real.endless):
        return _until("the service's answer", real.expires, clock)
    if jwt is not None:
        return _until("the token's exp claim", number(jwt.claims.get("exp")), clock)
    return Skip("only its server knows how long the credential is valid")


async def _of_login(name: str, clock: Clock) -> Lifetime | Skip:
    """A login is renewed by itself, unless it has nothing to be renewed by or that was refused."""
    held = await asyncio.to_thread(sessions.read, name)
    if held.refused is None and held.login.refresh_token is not None:
        return Skip("the login is renewed by itself")
    if held.login.expires_at is None:
        return Skip("only its server knows how long the login is valid")
    why = held.refused.title if held.refused else "The identity provider gave no refresh token with it."
    ends = held.login.expires_at
    return Lifetime("the login that is kept", ends, ends - clock.now, name, why)


def _until(by: str, until: float | None, clock: Clock) -> Lifetime:
    return Lifetime(by, until, None if until is None else until - clock.now)


def _kept(target: Target) -> bool:
    """Whether a connection or a client's file keeps it as it is. A command gives a new one each time, and what a
    token endpoint gave is asked for anew."""
    if target.method is not None and (target.method.token_endpoint or target.method.kind == "token_command"):
        return False
    if target.connection:
        return bool(target.sources) and not any(s.startswith("cmd:") for s in target.sources.values())
    return bool(target.config)


PROBE = Probe("lifetime", "how long the credential is valid", Lifetime, lifetime)
