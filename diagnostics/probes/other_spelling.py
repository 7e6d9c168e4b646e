"""Where an address redirects to itself with or without a slash: what the other spelling says, asked directly."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from wizard.urls import origin

from ..engine import Context, Probe, Skip
from ..facts import Situation
from ..facts.way import OtherSpelling
from ..facts.wire import Differential, Request
from ..sending import Sent, credential_of, live
from .differential import put


async def other_spelling(
    context: Context, situation: Situation, differential: Differential, request: Request
) -> OtherSpelling | Skip:
    """The credential goes to the target's own origin, wherever the redirect points."""
    location = differential.judged.location
    other = spelled(request.url, location) if location else ""
    if not other:
        return Skip("the address does not redirect to itself with another slash")
    target = context.target
    sent = credential_of(target, live(target)) if situation.has_credential else Sent()
    answer = await put(context, replace(request, url=other), sent)
    return OtherSpelling(other, location, fault(request.url, location), answer)


def spelled(url: str, location: str) -> str:
    """The address with its slash added or taken away, if that is where the redirect leads; else empty."""
    here, there = urlsplit(url), urlsplit(location)
    if (here.hostname or "").lower() != (there.hostname or "").lower():
        return ""
    other = here.path[:-1] if here.path.endswith("/") else f"{here.path}/"
    if there.path != other or not other:
        return ""
    return urlunsplit((here.scheme, here.netloc, other, here.query, ""))


def fault(url: str, location: str) -> str:
    """What such a redirect loses."""
    (scheme, _, port), (onward, _, there) = origin(url), origin(location)
    if scheme != onward:
        return "scheme"
    return "port" if port != there else "method"


PROBE = Probe("slash", "the address with the other slash", OtherSpelling, other_spelling)
