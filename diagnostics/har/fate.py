"""What became of the cookies of a login: which came back, which did not, and why. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from . import cookies, places
from .cookies import Going, Lost
from .model import Hop, Place, SetCookie
from .walk import Login

_SESSION: Final = re.compile(
    r"(?i)sess|sid$|^sid|state|csrf|xsrf|nonce|oauth|oidc|openid|saml|auth|login|pkce|correl"
)
"""How programs call the cookies in which they keep a login that has begun, or one that was made."""
_WRONG: Final = re.compile(
    r"(?i)\bstate\b.{0,60}\b(?:mismatch|invalid|not (?:equal|match|valid|found)|does ?n.t match|missing|expired|wrong)"
    r"|(?:mismatch\w{0,20}|invalid|missing|unexpected|wrong|unknown|expired)[ _-]{1,3}"
    r"(?:[^\W_]{1,40}[ _-]{1,3}){0,3}state\b"
    r"|csrf|xsrf|correlation (?:cookie|failed)|cookie\W.{0,40}(?:not (?:found|present)|missing|disabled|blocked)"
    r"|session.{0,40}(?:not found|expired|missing|lost)|checks?\.state"
)
_AWAY: Final = re.compile(r"(?i)(?:^|[/_-])(?:error|denied|failed|failure|login-error|autherror)(?:[/_.-]|$)")


@dataclass(frozen=True, slots=True)
class Missed:
    """A cookie that ``by`` set and ``at`` did not carry; ``why`` are all reasons, empty where its attributes tell
    none."""

    by: Hop
    cookie: SetCookie
    at: Hop
    why: tuple[Lost, ...]

    @property
    def sure(self) -> bool:
        """Whether a reason holds in every browser."""
        return any(w.sure for w in self.why)

    def shown(self) -> str:
        """What was set where, and why it is not there."""
        why = "; ".join(f"{w.by}: {w.why}" for w in self.why)
        return f"{self.by.place.whole} set {self.cookie.shown()}" + (f". {why}" if why else "")


def refused(login: Login) -> bool:
    """Whether the client did not take the answer of the identity provider."""
    back = login.back
    if back is None:
        return False
    if back.status >= 400:
        return True
    to = back.location
    if back.redirects and to is not None:
        if to.said("error") or _AWAY.search(to.path):
            return True
        if (to.host, to.path) == (login.ask.place.host, login.ask.place.path):
            return True
        begin = login.begin.place if login.begin else None
        return begin is not None and (to.host, to.path) == (begin.host, begin.path) and not fresh(back)
    return back.status == 200 and bool(_WRONG.search(back.says)) and not fresh(back)


def taken(hops: Sequence[Hop], login: Login) -> bool:
    """Whether the client took the answer; also one that begins anew although its cookie of the beginning came back."""
    back = login.back
    if back is None or back.param("error") is not None:
        return False
    if not refused(login):
        return True
    if (
        not back.redirects
        or back.location is None
        or back.location.said("error")
        or _AWAY.search(back.location.path)
    ):
        return False
    set_ = of_state(hops, login)
    return bool(set_) and not missed(hops, set_, back, cross=False)


def speaks_of_state(hop: Hop) -> bool:
    """Whether its words are those of a lost state."""
    return bool(_WRONG.search(f"{hop.says} {hop.failure}"))


def fresh(hop: Hop) -> tuple[SetCookie, ...]:
    """The cookies that it sets, without those that it takes away."""
    return tuple(c for c in hop.set if not cookies.deleted(c, hop.date or hop.started))


def of_state(hops: Sequence[Hop], login: Login) -> tuple[tuple[Hop, SetCookie], ...]:
    """The cookies in which the client keeps that a login has begun, with the hop that set each: those of the hop that
    began it, else those that the same site set before and named so."""
    back = login.back
    if back is None:
        return ()
    if login.begin is not None and (set_ := fresh(login.begin)):
        telling = [c for c in set_ if _SESSION.search(c.name)]
        return tuple((login.begin, c) for c in telling or set_)
    before = [h for h in hops if h.number < login.ask.number]
    last = next((h for h in reversed(before) if h.document and h.place.host != login.ask.place.host), None)
    parties = {places.registrable(h.place.host) for h in (back, last) if h is not None}
    found: dict[str, tuple[Hop, SetCookie]] = {}
    for hop in before:
        if places.registrable(hop.place.host) not in parties:
            continue
        for cookie in fresh(hop):
            if _SESSION.search(cookie.name):
                found[cookie.name] = hop, cookie
    return tuple(found.values())


def missed(
    hops: Sequence[Hop], set_: Sequence[tuple[Hop, SetCookie]], at: Hop, cross: bool
) -> tuple[Missed, ...]:
    """Those that a request did not carry."""
    return tuple(Missed(h, c, at, _why(hops, h, c, at, cross)) for h, c in set_ if not at.cookie(c.name))


def _why(hops: Sequence[Hop], by: Hop, cookie: SetCookie, at: Hop, cross: bool) -> tuple[Lost, ...]:
    age = at.started - by.started if at.started is not None and by.started is not None else None
    framed = at.frame and _framed(hops, at)
    going = Going(at.place, at.method, cross or framed, at.frame, at.document)
    reasons = [
        *cookies.unkept(cookie, by.place, cross=by.frame and framed),
        *cookies.unsent(cookie, by.place, going, age),
    ]
    if cookie.max_age is None and None not in (cookie.expires, by.ended, by.date):
        reasons += _by_clock(cookie.expires or 0.0, by.date or 0.0, by.ended or 0.0)
    taken = next((h for h in hops if by.number < h.number < at.number and _takes(h, cookie)), None)
    if taken is not None:
        reasons.append(Lost("Deleted", f"{taken.place.whole} took it away in between"))
    return tuple(dict.fromkeys(reasons))


def _framed(hops: Sequence[Hop], at: Hop) -> bool:
    """Whether a page of another site stands around it."""
    top = next((h for h in reversed(hops) if h.number < at.number and h.document and not h.frame), None)
    return top is not None and not places.same_site(top.place, at.place)


def _by_clock(expires: float, date: float, now: float) -> list[Lost]:
    """A cookie's end is by the server's clock, and judged by the browser's."""
    if not date < expires <= now:
        return []
    ahead = f"{now - date:.0f} s ahead of the server's"
    return [Lost("Expires", f"by this computer's clock, which is {ahead}, it had ended")]


def _takes(hop: Hop, cookie: SetCookie) -> bool:
    return any(c.name == cookie.name and c not in fresh(hop) for c in hop.set)


def crossed(hops: Sequence[Hop], login: Login) -> bool:
    """Whether another site sent the browser back to the client."""
    return login.back is not None and not places.same_site(_sender(hops, login), login.back.place)


def _sender(hops: Sequence[Hop], login: Login) -> Place:
    back = login.back
    before = [
        h for h in hops if back is not None and login.ask.number <= h.number < back.number and h.document
    ]
    return before[-1].place if before else login.ask.place


def session(login: Login) -> tuple[tuple[Hop, SetCookie], ...]:
    """The cookies that the client gave once the login had succeeded."""
    back = login.back
    if back is None:
        return ()
    return tuple((back, c) for c in fresh(back))


def next_visit(login: Login) -> Hop | None:
    """The next request to the client after its answer was taken: the one that needs the session."""
    back = login.back
    if back is None:
        return None
    if back.redirects and login.after:
        return login.after[0]
    party = places.registrable(back.place.host)
    return next((h for h in login.after if places.registrable(h.place.host) == party), None)
