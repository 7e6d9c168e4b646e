"""Layer token-time: from when and until when a token is valid."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts import Clock, CredentialText, JwtView
from ..wire_facts import Differential
from ..words import ago, moment, number
from .book import Verdict, cause, proven


@cause(
    id="access-token-expired",
    layer="token-time",
    owner="you",
    title="The access token has expired.",
    explanation="A token is valid until the time written in it, or kept by its server. After that a new one is"
    " needed.",
    fix=(
        "Log in again, or make a new token, and store it.",
        "Ask for a longer lifetime if it happens often.",
    ),
    sources=(
        "https://github.com/Hmbown/Codewhale/issues/3819",
        "https://github.com/can1357/oh-my-pi/issues/1908",
        "RFC 7519 section 4.1.4",
    ),
    explains=("token-not-recognised",),
)
def expired(
    credential: CredentialText, clock: Clock, jwt: JwtView | None, differential: Differential | None
) -> Verdict | None:
    """By the token's own time against the server's clock; of an opaque one only its server knows."""
    real = differential.real if differential else None
    answered = (Evidence("differential", f"yours is answered {real.seen()}"),) if real else ()
    until = number(jwt.claims.get("exp")) if jwt else None
    if until is not None:
        if until > clock.now:
            return None
        return proven(
            Evidence("jwt", f"valid until {moment(until)}"),
            Evidence("clock", f"by the clock it is {moment(clock.now)}; {clock.seen()}"),
            *answered,
            title=f"Your token expired {ago(clock.now - until)}.",
        )
    # Some servers (FastMCP) say "invalid, expired, or unknown" to everything: only words of its own tell.
    told = (
        differential is not None
        and real is not None
        and real.refused
        and not real.same_as(differential.false)
    )
    if jwt is None and told and real and "expired" in real.words().lower():
        return proven(
            Evidence("differential", f"the server says: {real.says or real.words()}"),
            *answered,
            Evidence("credential", f"{credential.seen()}; only its server knows how long it is valid"),
        )
    return None
