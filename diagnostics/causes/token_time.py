"""Layer token-time: from when and until when a token is valid."""

from __future__ import annotations

from wizard.lengths import ago, span
from wizard.livetest import Evidence

from ..facts import Clock, CredentialText, JwtView
from ..facts.wire import Differential
from ..time_claims import unusable
from ..words import moment, number
from .book import Verdict, cause, likely, proven

_MEASURED = 4.0
"""Seconds below which two clocks cannot be told apart by a Date header."""


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
    credential: CredentialText,  # noqa: ARG001  without a credential there is nothing to expire
    clock: Clock,
    jwt: JwtView | None,
    differential: Differential | None,
) -> Verdict | None:
    """By the token's own time against the server's clock; of an opaque one only its server knows."""
    real = differential.real if differential else None
    answered = (Evidence("differential", f"yours {real.met()}"),) if real else ()
    until = number(jwt.claims.get("exp")) if jwt else None
    if until is not None:
        if until > clock.now:
            return None
        if clock.theirs is not None and until > clock.right:
            return proven(
                Evidence("jwt", f"valid until {moment(until)}"),
                Evidence("clock", f"by the server's clock it is {moment(clock.now)}"),
                Evidence("clock", f"here it is {moment(clock.local)}, and {_others(clock)}"),
                *answered,
                title=f"The server's clock is {span(clock.theirs)} ahead: for it your token has expired, for"
                " nobody else.",
                fix=(
                    f"To the server's admin: \"Your server's clock is {span(clock.theirs)} ahead: it refuses"
                    " tokens that are"
                    ' valid. Please set it by NTP."',
                ),
                owner="server-admin",
            )
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
    words = real.words().lower() if real else ""
    # a licence that has expired is another matter
    if jwt is None and told and real and "expired" in words and "licen" not in words:
        return proven(
            Evidence("differential", f"the server says: {real.says or real.words()}"),
            *answered,
            Evidence("credential", "it is opaque: only its server knows how long it is valid"),
        )
    return None


def _others(clock: Clock) -> str:
    return f"{', '.join(host for host, _ in clock.others)} agree{'s' if len(clock.others) == 1 else ''}"


_LEEWAY = 60.0
"""Seconds that a careful verifier grants; past it none does (RFC 7519 section 4.1.5: no more than a few minutes)."""


@cause(
    id="token-not-yet-valid-iat-nbf-future",
    layer="token-time",
    owner="idp-admin",
    title="The token is not valid yet.",
    explanation="A token is valid from the time written in it (`nbf`, `iat`). Where the clock of its issuer runs ahead"
    " of the server's, a new token lies in the future.",
    fix=(
        "Wait that long and try again: if it then works, a clock is wrong.",
        "Ask the identity provider's admin, or the server's, to set the clock by NTP, and the server to grant 60 s.",
    ),
    sources=(
        "RFC 7519 sections 4.1.5 and 4.1.6",
        "https://github.com/jpadilla/pyjwt/issues/190",
        "https://github.com/jwt/ruby-jwt/issues/247",
        "https://github.com/lcobucci/jwt/issues/191",
        "https://github.com/googleapis/php-jwt/issues/46",
    ),
    explains=("token-not-recognised",),
)
def not_yet_valid(jwt: JwtView, clock: Clock, differential: Differential) -> Verdict | None:
    """``nbf`` or ``iat`` after the server's own time, and the token refused."""
    real = differential.real
    times = [(c, t) for c in ("nbf", "iat") if (t := number(jwt.claims.get(c))) is not None]
    if real is None or not real.refused or not times:
        return None
    claim, start = max(times, key=lambda found: found[1])
    ahead = start - clock.now
    # The server's Date has whole seconds, is often made anew only each second, later under load: less proves nothing.
    if ahead < _MEASURED or clock.ahead is None:
        return None
    say = proven if ahead > _LEEWAY else likely
    return say(
        Evidence("jwt", f"valid from {moment(start)} ({claim})"),
        Evidence("clock", f"by the server's clock it is {moment(clock.now)}; {clock.seen()}"),
        Evidence("differential", f"yours {real.met()}"),
        title=f"Your token is valid only in {span(ahead)}, by the server's clock.",
    )


@cause(
    id="time-claim-not-in-seconds",
    layer="token-time",
    owner="idp-admin",
    title="A time in the token is no number of seconds.",
    explanation="`exp`, `nbf` and `iat` are seconds since 1970, as numbers (RFC 7519 section 2, NumericDate). A text is"
    " refused by every careful verifier; milliseconds are a day many thousand years from now, so that the token never"
    " ends, or is never valid.",
    fix=(
        "To the identity provider's admin: "
        '"exp, nbf and iat must be numbers of seconds since 1970 (RFC 7519 section 2)."',
        "Then fetch a new token.",
    ),
    sources=(
        "RFC 7519 sections 2 and 4.1.4",
        "https://github.com/auth0/angular2-jwt/issues/272",
        "https://github.com/dwyl/learn-json-web-tokens/issues/28",
        "https://github.com/Zaubrik/djwt/issues/19",
    ),
    explains=("token-not-yet-valid-iat-nbf-future", "token-not-recognised"),
)
def not_in_seconds(jwt: JwtView, differential: Differential) -> Verdict | None:
    """By the claim itself, where the token is refused."""
    real, wrong = differential.real, unusable(jwt.claims)
    if real is None or not real.refused or not wrong:
        return None
    say = proven if any(sure for _, _, sure in wrong) else likely
    return say(
        *(Evidence("jwt", says) for _, says, _ in wrong),
        Evidence("differential", f"yours {real.met()}"),
        title=f"The token's {wrong[0][1]}.",
    )
