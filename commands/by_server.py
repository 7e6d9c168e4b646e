"""How a server asks to be signed in to, where nobody has said it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard import setup
from wizard.entries import Remote

if TYPE_CHECKING:
    from wizard.setup import Draft

OPEN: Final = "open"
LOGIN: Final = "login"
_NOTHING: Final = "none"


def undecided(d: Draft, *, told: bool) -> bool:
    """Whether a login and nothing at all would do for this draft alike, so that only the server can tell. ``told`` is
    whether a way was named, or a field that belongs to one."""
    from wizard.methods import kinds

    if told or d.service is None or d.method is None or not setup.url_of(d):
        return False
    return kinds.get(d.method.kind).person and d.service.method(_NOTHING) is not None


async def way(d: Draft, *, seconds: float, ca: str | None) -> str:
    """`OPEN` where everybody is let in, `LOGIN` where the server refuses whoever brings nothing and names who logs
    people in (MCP-A1 to A9); empty where it says neither."""
    from diagnostics.sending import live, without_credential
    from diagnostics.steps.ask import ask_api, ask_mcp
    from wizard.challenge import parse_challenges
    from wizard.errors import AuthwizardError
    from wizard.oauth import discovery
    from wizard.transport import Transport

    from .live import target_of

    target = target_of(without(d))
    entry = target.entry
    if not isinstance(entry, Remote):
        return ""
    bare = without_credential(target, live(target))
    async with Transport(timeout=seconds, ca=ca) as transport:
        if target.speaks == "mcp":
            taken = await ask_mcp(transport, entry, bare, seconds)
        else:
            taken = await ask_api(transport, target.url, bare, target.live)
        if taken.accepted:
            return OPEN
        if taken.accepted is None or taken.reply is None:
            return ""
        challenges = parse_challenges(taken.reply.headers.get_all("www-authenticate"))
        try:
            found = await discovery.discover(
                target.url, challenges, transport, allow=target.allow, guess=False
            )
        except AuthwizardError as error:
            return "" if error.id == discovery.NOTHING else LOGIN
    return LOGIN if found.server.authorization_endpoint else ""


def without(d: Draft) -> Draft:
    """The draft with nothing to sign in with."""
    method = d.service.method(_NOTHING) if d.service else None
    assert method is not None  # noqa: S101  # `undecided` looked for it
    return setup.with_method(d, method)
