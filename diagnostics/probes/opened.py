"""A gateway's access rules beside the token's groups, whether or not it lets in. Nothing is sent."""

from __future__ import annotations

import asyncio

from wizard.entries import Remote

from ..engine import Context, Probe, Skip
from ..facts import JwtView
from ..facts.gateway import Opened
from ..token import direct_groups
from .access import rules_of, server_of


async def opened(context: Context, jwt: JwtView) -> Opened | Skip:
    """Where the service has a list of servers, and its rules are at hand."""
    target = context.target
    if target.service is None or not target.service.listing or not isinstance(target.entry, Remote):
        return Skip("no gateway is on the way")
    rules = await asyncio.to_thread(rules_of, target)
    if rules is None:
        return Skip("the gateway's rules are not at hand (the setting scopes_file says where they are)")
    return Opened(server_of(target), direct_groups(jwt.claims), rules, context.tool)


PROBE = Probe("opened", "what the gateway's rules open", Opened, opened)
