"""Layer clock: this machine's time, which every date of a certificate or token is compared with."""

from __future__ import annotations

import re
from typing import Final

from wizard.lengths import span
from wizard.livetest import Evidence

from ..facts import Clock, JwtView, Secured
from ..facts.wire import Differential
from ..words import moment, number
from .book import Verdict, cause, likely, proven
from .tls import FAR_OFF, by_clock

_SET: Final = (
    "Linux: sudo timedatectl set-ntp true (or sudo chronyc makestep). macOS: sudo sntp -sS time.apple.com. Windows:"
    " w32tm /resync.",
    "WSL after sleep: sudo hwclock -s, or wsl --shutdown in Windows. Docker Desktop: restart it; containers"
    " have its clock.",
)
_OF_TIME: Final = re.compile(
    r"skew|\bclock\b|in the future|not (?:yet )?(?:valid|active) (?:yet|before)|not yet valid|before (?:it was )?issued"
    r"|signature (?:has )?expired|timestamp (?:is )?(?:too|out|not|invalid|expired|outside)|\bnbf\b|\biat\b",
    re.IGNORECASE,
)
"""How refusals say that it is the time: AWS (RequestTimeTooSkewed, Signature expired), Keycloak, PyJWT, Slack."""


@cause(
    id="tls-cert-not-valid-because-clock",
    layer="clock",
    owner="you",
    title="This machine's clock is wrong, so that a good certificate seems not to be valid.",
    explanation="Certificates are valid between two dates. Where this machine's clock has stopped or jumped"
    " (after sleep,"
    " in a virtual machine), today's lie outside of them, at every host alike.",
    fix=_SET,
    sources=(
        "https://github.com/microsoft/WSL/issues/4149",
        "https://github.com/microsoft/WSL/issues/4677",
        "https://github.com/docker/for-win/issues/5131",
    ),
    explains=("tls-server-certificate-expired", "tls-certificate-not-yet-valid", "local-clock-skew"),
    way=True,
)
def certificate(secured: Secured, clock: Clock, differential: Differential | None) -> Verdict | None:
    """Refused for its dates, and valid by the others' time. A certificate from the future is a witness itself: who
    signed it had a later time too. For one that has expired, a single server's time may be what is wrong."""
    if secured.verify_code not in (9, 10) or not by_clock(secured, clock):
        return None
    if differential is not None and differential.answered:
        return None
    off = clock.off or 0.0
    say = proven if secured.verify_code == 9 or clock.ours is not None else likely
    return say(
        Evidence("tls", f"{secured.host}: {secured.reason or 'the certificate is not valid'}"),
        Evidence("tls", f"valid from {moment(secured.not_before or 0)} to {moment(secured.not_after or 0)}"),
        Evidence("clock", f"here it is {moment(clock.local)}, by {secured.host} {moment(clock.right)}"),
        title=f"This machine's clock is {span(off)} {_side(off)}, so that the certificate of {secured.host}"
        " seems not to be"
        " valid.",
        fix=_SET,
    )


@cause(
    id="local-clock-skew",
    layer="clock",
    owner="you",
    title="This machine's clock is wrong.",
    explanation="Tokens, signatures and certificates hold times. Where this machine's clock is minutes off,"
    " what it makes"
    " is from the future or the past, and what has expired seems good. Virtual machines (WSL, Docker Desktop) lose time"
    " while the machine sleeps.",
    fix=_SET,
    sources=(
        "https://github.com/microsoft/WSL/issues/10006",
        "https://github.com/microsoft/WSL/issues/5324",
        "https://github.com/microsoft/WSL/issues/4245",
        "https://github.com/docker/for-win/issues/4526",
    ),
    explains=("access-token-expired", "token-not-yet-valid-iat-nbf-future", "token-not-recognised"),
)
def skew(clock: Clock, jwt: JwtView | None, differential: Differential | None) -> Verdict | None:
    """Proven where several hosts agree that it is more than five minutes off, and the refusal turns on the time. Where
    it decides nothing, or one server alone says so, it is noticed only."""
    off = clock.ours
    if off is None:
        if clock.theirs is not None or clock.ahead is None or abs(clock.ahead) <= FAR_OFF or clock.others:
            return None
        off = clock.ahead
    turns = _turns(clock, jwt, differential)
    told = (
        Evidence("clock", f"here it is {moment(clock.local)}; by {_who(clock)} {moment(clock.right)}"),
        *(
            (Evidence("differential", f"yours {differential.real.met()}"),)
            if differential and differential.real
            else ()
        ),
        *((Evidence("jwt", turns),) if turns else ()),
    )
    title = f"This machine's clock is {span(off)} {_side(off)}."
    if turns and clock.ours is not None and abs(off) > FAR_OFF:
        return proven(
            *told,
            title=title,
            fix=(*_SET, "Then get a new token: what was made by the wrong time stays wrong."),
        )
    if clock.ours is None:
        title = f"This machine's clock and the server's are {span(off)} apart; nobody else told the time."
    return Verdict(likely().certainty, told, title, _SET, aside=True)


def _turns(clock: Clock, jwt: JwtView | None, differential: Differential | None) -> str:
    """What the time decides about the refusal, as a clause; empty where it decides nothing."""
    real = differential.real if differential else None
    if real is None or not real.refused:
        return ""
    early, late = sorted((clock.right, clock.local))
    for name, claim in (("exp", "valid until"), ("nbf", "valid from"), ("iat", "issued")):
        at = number(jwt.claims.get(name)) if jwt else None
        if at is not None and early < at <= late:
            return f"{claim} {moment(at)}, which lies between the two times"
    said = _OF_TIME.search(real.words())
    return f'the refusal speaks of the time: "{said[0]}"' if said else ""


def _who(clock: Clock) -> str:
    names = ["the server", *(host for host, _ in clock.others)]
    return " and ".join(names[:3])


def _side(off: float) -> str:
    return "ahead" if off > 0 else "behind"
