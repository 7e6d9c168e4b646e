"""The login that the service's own program, or the bridge mcp-remote, keeps for the target: offline, from its files."""

from __future__ import annotations

import asyncio
import time

from wizard import caches

from ..engine import Context, Probe, Skip
from ..facts.cache import KeptLogins
from ..sending import credential_of, live
from ..target import Target


async def kept_logins(context: Context) -> KeptLogins | Skip:
    """Read, never used: a login is for the program that made it."""
    begun = context.asked is not None and context.asked.error is not None
    return await asyncio.to_thread(_look, context.target, begun)


def _look(target: Target, begun: bool) -> KeptLogins | Skip:
    now, choice = time.time(), target.choice
    if choice is not None and choice.method.login is not None:
        mine, others = caches.of_choice(choice, now)
        cache = next(c for c in choice.service.caches if c.id == choice.method.login.cache)
        whose = caches.domain_of(choice) or choice.address
        # of a login that was begun a moment ago, it is that one that tells why there is none
        return KeptLogins(cache.program, whose, now, mine, others, wanted=not begun, name=target.connection)
    if target.bridged and not credential_of(target, live(target)):
        mine = caches.of_address(target.url, now)
        others = () if mine else caches.beside(target.url, now)
        return KeptLogins("mcp-remote", target.url, now, mine, others)
    client = target.label.partition(":")[0]
    own = caches.of_client(client, target.url, now) if target.config and not target.bridged else None
    if own is not None and not credential_of(target, live(target)):
        return KeptLogins(own[0].program, target.url, now, own[1])
    return Skip("no other program logs in for it")


PROBE = Probe("login-cache", "the login that its program keeps", KeptLogins, kept_logins)
