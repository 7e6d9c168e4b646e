"""What a recorded login says of causes whose own rules look elsewhere: a refused redirect URI, an error that two
parties send to and fro, clocks that differ, a group that is not there, a consent that gives nothing new. Pure."""

from __future__ import annotations

import re
from statistics import median
from typing import Final

from wizard.lengths import span
from wizard.livetest import LIKELY, PROVEN, Evidence

from ..facts.login import LoginTold
from ..facts.trail import BrowserTrail
from . import fate, places
from .model import Hop
from .walk import ROUNDS, Login

_REDIRECT: Final = re.compile(
    r"(?i)redirect[_ -]?ur[il]|reply (?:url|address)|callback (?:url|uri)|redirect_mismatch|AADSTS50011"
)
_REFUSES: Final = re.compile(
    r"(?i)invalid|mismatch|not (?:registered|allowed|valid|match|found|whitelisted|permitted|authori[sz]ed)"
    r"|does ?n.t match|did not match|unregistered|unauthori[sz]ed|AADSTS50011|must (?:match|be)|unknown|not one of"
)
_GROUP: Final = re.compile(
    r"(?i)not (?:a member|in|part of|assigned to)\b.{0,60}\b(?:group|team|role)s?\b|\bgroups?\b.{0,60}"
    r"\b(?:required|not (?:allowed|authori[sz]ed|permitted)|missing|denied)|(?:required|missing|allowed)"
    r"\b.{0,30}\bgroups?\b|not (?:a )?member of"
)
_ERRORS: Final = {
    "access_denied": "login-denied",
    "invalid_scope": "scope-not-known-at-issuer",
    "invalid_target": "resource-not-accepted",
    "server_error": "authorization-server-error",
    "temporarily_unavailable": "authorization-server-error",
}
_SKEW: Final = 90.0
_SEEN: Final = 3


def told(trail: BrowserTrail) -> LoginTold | None:
    """The first that holds; None where none does."""
    if not trail.failed:
        return None
    return _uri(trail) or _clock(trail) or _saml(trail) or _error(trail) or _group(trail) or _consent(trail)


def _loop(trail: BrowserTrail) -> tuple[Evidence, ...]:
    rounds = trail.rounds
    return (
        (Evidence("har", f"{rounds.times} equal rounds, of which one is: {rounds.shown()}"),)
        if rounds
        else ()
    )


def _uri(trail: BrowserTrail) -> LoginTold | None:
    """The provider answers the request itself, with a page that speaks of the redirect URI."""
    for login in reversed(trail.logins):
        if login.back is not None:
            continue
        own = [
            h for h in trail.pages if h.number >= login.ask.number and h.place.host == login.ask.place.host
        ]
        for hop in own[:4]:
            if _REDIRECT.search(hop.says) and _REFUSES.search(hop.says):
                uri = places.place(login.ask.said("redirect_uri"))
                shown = uri.whole if uri else "the redirect URI"
                return LoginTold(
                    "redirect-uri-not-registered",
                    f"{hop.place.host} does not accept {shown} as the redirect URI of this client.",
                    evidence=(Evidence("har", f"{hop.shown()}: “{hop.says}”"),),
                    fix=(
                        f"To the identity provider's admin: “please register {shown} for the client"
                        f" {login.ask.said('client_id')}, to the letter.”",
                        "Or let the site send the redirect URI that is registered.",
                    ),
                    owner="idp-admin",
                )
    return None


def _clock(trail: BrowserTrail) -> LoginTold | None:
    """The clocks of the two servers, or of this computer, are apart; each measured by its Date."""
    ahead = _offsets(trail.recording.hops)
    if not ahead:
        return None
    low, high = min(ahead, key=lambda h: ahead[h]), max(ahead, key=lambda h: ahead[h])
    parties = {h for x in trail.logins for h in (x.ask.place.host, x.back.place.host if x.back else "") if h}
    if low != high and {low, high} <= parties and ahead[high] - ahead[low] > _SKEW:
        apart = ahead[high] - ahead[low]
        return LoginTold(
            "local-clock-skew",
            f"The clocks of {low} and {high} are {span(apart)} apart, so that a fresh login is ended or not begun yet.",
            evidence=(
                *(
                    Evidence("har", f"{h}: its Date is {_side(-ahead[h])} this computer's clock")
                    for h in (low, high)
                ),
                *_loop(trail),
            ),
            fix=(
                f"To the admins of {low} and {high}: “please set your clocks by NTP; they are {span(apart)} apart.”",
            ),
            owner="server-admin",
        )
    if len(ahead) > 1 and min(abs(v) for v in ahead.values()) > _SKEW:
        return LoginTold(
            "local-clock-skew",
            f"This computer's clock is {_side(median(ahead.values()))} that of every server in the recording.",
            evidence=(
                *(Evidence("har", f"{h}: {_side(-v)}") for h, v in list(ahead.items())[:_SEEN]),
                *_loop(trail),
            ),
            fix=("Set this computer's clock: turn on automatic time (NTP).", "Log in again."),
            owner="you",
        )
    return None


def _side(seconds: float) -> str:
    return f"{span(seconds)} {'ahead of' if seconds > 0 else 'behind'}"


def _offsets(hops: tuple[Hop, ...]) -> dict[str, float]:
    """By host: how far the browser's clock is ahead of the server's, in seconds."""
    seen: dict[str, list[float]] = {}
    for hop in hops:
        if hop.date is not None and hop.ended is not None:
            seen.setdefault(hop.place.host, []).append(hop.ended - hop.date)
    return {host: median(values) for host, values in seen.items()}


def _saml(trail: BrowserTrail) -> LoginTold | None:
    """A SAML response that says no, or whose time is not that of the server to which it came."""
    backs = [x.back for x in trail.logins if x.back is not None and x.back.saml is not None]
    if not backs or backs[-1].saml is None:
        return None
    back, said = backs[-1], backs[-1].saml
    seen = (Evidence("har", f"{back.shown()}: {said.shown()}"), *_loop(trail))
    if said.status not in ("", "Success"):
        return LoginTold(
            "authorization-refused",
            f"The identity provider answers the login with {said.status}, and logs nobody in.",
            evidence=seen,
        )
    at = back.date
    early = at is not None and said.not_before is not None and at < said.not_before
    late = at is not None and said.not_on_or_after is not None and at >= said.not_on_or_after
    if at is None or not (early or late):
        return None
    apart = (said.not_before or 0.0) - at if early else at - (said.not_on_or_after or 0.0)
    how = "is not valid yet" if early else "had ended"
    return LoginTold(
        "local-clock-skew",
        f"The SAML response {how} by the clock of {back.place.host}: by {span(apart)}.",
        evidence=seen,
        fix=(
            f"To the admins of {back.place.host} and of the identity provider: “please set your clocks by NTP.”",
        ),
        owner="server-admin",
    )


def _error(trail: BrowserTrail) -> LoginTold | None:
    """The provider sends errors back; the client begins anew."""
    ended = [x for x in trail.logins if x.back is not None and x.back.param("error")]
    if not ended or (ended[-1] is not trail.logins[-1] and len(ended) < ROUNDS):
        return None
    login = ended[-1]
    back = login.back
    if back is None:
        return None
    error, more = back.said("error"), back.said("error_description")
    times = sum(1 for x in ended if x.back is not None and x.back.said("error") == error)
    again = f" {times} times, and {back.place.host} begins anew each time" if times >= ROUNDS else ""
    id = (
        "redirect-uri-not-registered"
        if _REDIRECT.search(more)
        else _ERRORS.get(error, "authorization-refused")
    )
    if _GROUP.search(more):
        id = "user-not-in-group"
    return LoginTold(
        id,
        f"{login.ask.place.host} sends the login back with {error}{again}.",
        evidence=(
            Evidence("har", f"{back.shown()}: {error}{f', “{more}”' if more else ''}"),
            *_loop(trail),
        ),
    )


def _group(trail: BrowserTrail) -> LoginTold | None:
    """The login succeeds, and the site turns the person away for a group."""
    for login in reversed(trail.logins):
        for hop in (*((login.back,) if login.back else ()), *login.after):
            if hop.status in (401, 403) and _GROUP.search(hop.says):
                again = len(trail.logins) > 1
                return LoginTold(
                    "user-not-in-group",
                    f"{hop.place.host} lets only members of a group in, and this person is none of them"
                    f"{'; it sends them to log in again, which changes nothing' if again else ''}.",
                    evidence=(Evidence("har", f"{hop.shown()}: “{hop.says}”"), *_loop(trail)),
                    certainty=PROVEN,
                )
    return None


def _consent(trail: BrowserTrail) -> LoginTold | None:
    """The consent is asked for again and again, and a scope that was asked for does not come."""
    asked = [x for x in trail.logins if x.back is not None and x.ask.said("scope")]
    lacks = [(x, missing) for x in asked if (missing := _lacking(trail, x))]
    if len(lacks) < 2:
        return None
    login, missing = lacks[-1]
    return LoginTold(
        "step-up-scope-loop",
        f"{login.ask.place.host} asks for consent {len(lacks)} times and gives no {' '.join(missing)},"
        " so the client asks again.",
        evidence=(
            Evidence("har", f"{login.ask.place.bare} was asked for: {login.ask.said('scope')}"),
            Evidence("har", f"given: {_given(trail, login)}"),
            *_loop(trail),
        ),
        certainty=LIKELY if trail.rounds is None else PROVEN,
    )


def _given(trail: BrowserTrail, login: Login) -> str:
    """The scopes that the answer, or the token endpoint after it, names."""
    back = login.back
    if back is None:
        return ""
    if back.said("scope"):
        return back.said("scope")
    later = next(
        (x.ask.number for x in trail.logins if x.ask.number > back.number), len(trail.recording.hops) + 1
    )
    found = [
        h for h in trail.recording.hops if back.number < h.number < later and h.said("grant_type") and h.scope
    ]
    return found[0].scope if found else ""


def _lacking(trail: BrowserTrail, login: Login) -> tuple[str, ...]:
    given = _given(trail, login)
    wanted = [
        s
        for s in login.ask.said("scope").split()
        if s not in ("openid", "offline_access", "profile", "email")
    ]
    return tuple(s for s in wanted if s not in given.split()) if given and not fate.refused(login) else ()
