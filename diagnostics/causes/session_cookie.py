"""Layer session-cookie: a login in the browser that is not taken, or begins anew, for what became of a cookie. Read
from a recording of the browser; no value of a cookie is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from wizard.livetest import Evidence

from ..facts.trail import BrowserTrail
from ..har import fate, places
from ..har.fate import Missed
from ..har.model import Hop, SetCookie
from ..har.walk import ROUNDS, Login
from .book import Verdict, cause, likely, proven

_BIS: Final = "https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis"
_MEND: Final = {
    "SameSite": "set the cookie with SameSite=Lax, or, where the answer is posted or the page stands in a frame of"
    " another site, with SameSite=None; Secure",
    "Secure": "serve the login by https from its first page to its last, and let the server know that it is behind a"
    " proxy that ends TLS (X-Forwarded-Proto), so that the redirect URI begins with https",
    "Domain": "begin and end the login at one host: the same name in the address that people open and in the redirect"
    " URI; or set Domain to the part that both hosts share",
    "Path": "set the cookie with Path=/",
    "Prefix": "give it Secure, Path=/ and no Domain, as its name's prefix demands, or another name",
    "Size": "keep the session on the server (Redis, a database), and only its number in the cookie",
    "Expires": "give the cookie a longer Max-Age instead of Expires, and set the clocks (NTP)",
    "Deleted": "let no other answer take the cookie away while a login is under way",
}


def _ask(at: Hop, missed: Missed) -> tuple[str, ...]:
    """What to write to the admin, for each attribute at fault."""
    steps = dict.fromkeys(_MEND[w.by] for w in missed.why if w.by in _MEND)
    where = f"the cookie {missed.cookie.name} of {missed.by.place.host} does not come back to {at.place.bare}"
    return tuple(f"To the server's admin: “{where}: please {step}.”" for step in steps)


def _loop(trail: BrowserTrail) -> tuple[Evidence, ...]:
    rounds = trail.rounds
    if rounds is None:
        return ()
    return (Evidence("har", f"{rounds.times} equal rounds, of which one is: {rounds.shown()}"),)


def _turned(login: Login) -> Evidence:
    back = login.back or login.ask
    to = f", on to {back.location.bare}" if back.redirects and back.location else ""
    says = f": “{back.says}”" if back.says and back.status >= 400 else ""
    return Evidence("har", f"{back.shown()}{to}{says}")


def _told(missed: Missed) -> Evidence:
    return Evidence("har", f"{missed.shown()}; {missed.at.place.whole} was asked without it")


@cause(
    id="state-mismatch-cookie-lost",
    layer="session-cookie",
    owner="server-admin",
    title="The login's answer is not taken: the cookie in which the site kept that it had begun is gone.",
    explanation="A site that begins a login notes its `state` in a cookie, and takes the answer only where the cookie"
    " comes back with it. The browser drops or withholds the cookie by its attributes: SameSite, Secure, Domain, Path.",
    fix=(
        "To the server's admin: “please set the cookie of the login with SameSite=Lax and Secure, over https, at the"
        " host of the redirect URI.”",
        "Until then: begin at the very host that the redirect URI names.",
    ),
    sources=(
        _BIS,
        "https://github.com/oauth2-proxy/oauth2-proxy/issues/1663",
        "https://github.com/oauth2-proxy/oauth2-proxy/issues/2830",
        "https://github.com/authlib/authlib/issues/376",
        "https://github.com/grafana/grafana/issues/7996",
    ),
    standing=True,
    explains=("login-redirect-loop-after-success",),
)
def state_lost(trail: BrowserTrail) -> Verdict | None:
    """The answer was refused, and a cookie of the beginning did not come back, or another state did."""
    for login in trail.logins:
        back = login.back
        if back is None or not fate.refused(login):
            continue
        set_ = fate.of_state(trail.recording.hops, login)
        gone = fate.missed(trail.recording.hops, set_, back, fate.crossed(trail.recording.hops, login))
        if found := next((m for m in gone if m.sure), None) or next((m for m in gone if m.why), None):
            name = f"{found.cookie.name}, which {found.by.place.host} set when the login began,"
            by = " and ".join(dict.fromkeys(w.by for w in found.why))
            title = f"The cookie {name} does not come back to {back.place.bare}, because of its {by}."
            said = (_told(found), _turned(login), *_loop(trail))
            return (proven if found.sure else likely)(*said, title=title, fix=_ask(back, found))
        if gone and len(gone) == len(set_) and trail.sees_cookies and fate.speaks_of_state(back):
            return likely(_told(gone[0]), _turned(login), *_loop(trail))
    return _other_state(trail)


def _other_state(trail: BrowserTrail) -> Verdict | None:
    """An answer whose state nobody had sent."""
    states = {p.mark for login in trail.logins if (p := login.ask.param("state"))}
    uris = [u for login in trail.logins if (u := places.place(login.ask.said("redirect_uri")))]
    ends = {(u.host, u.path) for u in uris}
    for hop in trail.pages:
        state = hop.param("state")
        if state is None or not states or (hop.place.host, hop.place.path) not in ends:
            continue
        if (
            (hop.param("code") or hop.param("error"))
            and state.mark not in states
            and not hop.said("response_type")
        ):
            return proven(
                Evidence(
                    "har", f"{hop.shown()}: its `state` ({state.length} characters) is none that was sent"
                ),
                *_loop(trail),
                title=f"The answer at {hop.place.bare} belongs to another login: its `state` is none that was sent.",
                fix=(
                    "Close the tabs of earlier logins, and begin again from the site's own page, not from a bookmark"
                    " or the browser's history.",
                    "If it comes back: record the login from its first page, and send the recording's diagnosis to the"
                    " server's admin.",
                ),
            )
    return None


@cause(
    id="duplicate-or-parallel-csrf-cookies",
    layer="session-cookie",
    owner="server-admin",
    title="Two logins share one cookie, so that the one spoils the other.",
    explanation="The cookie that belongs to a login that has begun has one name. Where a second tab or request begins a"
    " login too, it overwrites the first one's; where an older cookie of the same name stands for the parent domain,"
    " both are sent, and the site reads the wrong one.",
    fix=(
        "Delete the site's cookies, and log in in one tab alone.",
        "To the server's admin: “please give each login a cookie of its own (oauth2-proxy: --cookie-csrf-per-request"
        "=true --cookie-csrf-expire=5m), and remove the one that is left for the parent domain.”",
    ),
    sources=(
        "https://github.com/oauth2-proxy/oauth2-proxy/issues/2606",
        "https://github.com/oauth2-proxy/oauth2-proxy/issues/3258",
        "https://github.com/oauth2-proxy/oauth2-proxy/issues/817",
        "https://github.com/l10178/idaas-book/pull/169",
    ),
    standing=True,
    explains=("state-mismatch-cookie-lost", "login-redirect-loop-after-success"),
)
def parallel(trail: BrowserTrail) -> Verdict | None:
    """The refused answer carries one name twice, or the value that another start has set."""
    for login in trail.logins:
        back = login.back
        if back is None or not fate.refused(login):
            continue
        names = dict.fromkeys(s.name for s in back.sent)
        twice = next((n for n in names if len({s.mark for s in back.cookie(n)}) > 1), "")
        if twice:
            count = len(back.cookie(twice))
            domains = dict.fromkeys(
                c.domain or h.place.host for h in trail.recording.hops for c in h.set if c.name == twice
            )
            stands = f"; it was set for {', '.join(domains)}" if len(domains) > 1 else ""
            return proven(
                Evidence(
                    "har",
                    f"{back.place.bare} was sent {count} cookies of the name {twice}, each another{stands}",
                ),
                _turned(login),
                *_loop(trail),
                title=f"The browser sends {count} cookies named {twice}, and {back.place.host} reads the wrong one.",
            )
        for other, cookie in _over(trail, login):
            if _starts(other):
                return proven(
                    Evidence(
                        "har", f"{login.begin.shown() if login.begin else login.ask.shown()} began this login"
                    ),
                    Evidence(
                        "har", f"{other.shown()} began another before it had ended, and set {cookie.shown()}"
                    ),
                    Evidence("har", f"{back.shown()} was asked with the second one's {cookie.name}"),
                    *_loop(trail),
                    title=f"A second login overwrote the cookie {cookie.name} of the first before it had ended.",
                )
    return None


def _starts(hop: Hop) -> bool:
    return hop.location is not None and "client_id" in hop.location.params


def _over(trail: BrowserTrail, login: Login) -> Iterator[tuple[Hop, SetCookie]]:
    """What set a cookie of this login's beginning to another value, which is the one that the answer carried."""
    back, begin = login.back, login.begin
    if back is None or begin is None:
        return
    own = {c.name: c for c in fate.fresh(begin)}
    for hop in trail.recording.hops:
        if hop.number == begin.number or not _between(begin, hop, back):
            continue
        for cookie in fate.fresh(hop):
            first = own.get(cookie.name)
            if first and first.mark != cookie.mark and _carried(trail, back, cookie):
                yield hop, cookie


def _carried(trail: BrowserTrail, back: Hop, cookie: SetCookie) -> bool:
    """Whether the answer came with this value; where no request tells its cookies, it is what was set last."""
    if trail.sees_cookies:
        return any(s.mark == cookie.mark for s in back.cookie(cookie.name))
    earlier = [
        c for h in trail.recording.hops if _before(h, back) for c in fate.fresh(h) if c.name == cookie.name
    ]
    return bool(earlier) and earlier[-1].mark == cookie.mark


def _before(hop: Hop, back: Hop) -> bool:
    if hop.ended is None or back.started is None:
        return hop.number < back.number
    return hop.number != back.number and hop.ended <= back.started


def _between(begin: Hop, hop: Hop, back: Hop) -> bool:
    """Whether its answer came after the beginning and before the end; where no times are, by the order."""
    if hop.ended is None or begin.ended is None or back.started is None:
        return begin.number < hop.number < back.number
    return begin.ended <= hop.ended <= back.started


@cause(
    id="session-cookie-overwritten-by-concurrent-response",
    layer="session-cookie",
    owner="server-admin",
    title="An answer to a request in the background put an older session back while the login was under way.",
    explanation="Where the whole session lies in a cookie, each answer sends it anew. A request that was on its way"
    " when the login began brings back the session as it was before, without the login's `state`.",
    fix=(
        "Log in with the site's other tabs closed.",
        "To the server's admin: “please keep sessions on the server, not in the cookie itself, or do not send the"
        " cookie anew with answers that do not change it.”",
    ),
    sources=(
        "https://github.com/authlib/authlib/issues/376",
        "https://github.com/authlib/authlib/issues/334",
    ),
    standing=True,
    explains=("state-mismatch-cookie-lost", "login-redirect-loop-after-success"),
)
def overwritten(trail: BrowserTrail) -> Verdict | None:
    """The refused answer carries a session that something else than a login set in between."""
    for login in trail.logins:
        back = login.back
        if back is None or not fate.refused(login):
            continue
        for other, cookie in _over(trail, login):
            if not _starts(other):
                return proven(
                    Evidence(
                        "har",
                        f"{login.begin.shown() if login.begin else ''} began the login and set {cookie.name}",
                    ),
                    Evidence(
                        "har",
                        f"{other.shown()} answered after that, and set {cookie.shown()} to something else",
                    ),
                    Evidence("har", f"{back.shown()} was asked with the second one"),
                    title=f"{other.place.bare} overwrote the session cookie {cookie.name} during the login.",
                )
    return None


@cause(
    id="login-redirect-loop-after-success",
    layer="session-cookie",
    owner="server-admin",
    title="The login succeeds again and again, and the site does not remember it.",
    explanation="The identity provider lets the person in, the site takes the answer and gives a session cookie; the"
    " next request comes without it, so that the login begins anew. The browser drops the cookie (Secure on http, a"
    " foreign Domain, more than 4096 bytes) or withholds it (SameSite, Path), or the site does not know its own"
    " session.",
    fix=(
        "To the server's admin: “please look at the session cookie: Domain, Secure, SameSite, Path, size (at most 4096"
        " bytes); behind a proxy at X-Forwarded-Proto and X-Forwarded-Host; with several servers at their shared"
        " session store and secret.”",
        "Delete the site's cookies, and try once more.",
    ),
    sources=(
        _BIS,
        "https://github.com/oauth2-proxy/oauth2-proxy/issues/2989",
        "https://github.com/openshift/oauth-proxy/issues/232",
        "https://github.com/anthropics/claude-ai-mcp/issues/290",
        "https://github.com/envoyproxy/envoy/issues/27875",
    ),
    standing=True,
)
def forgotten(trail: BrowserTrail) -> Verdict | None:
    """At least two answers of one client were taken, and the session of the last did not come back."""
    taken = [x for x in trail.logins if fate.taken(trail.recording.hops, x)]
    ways = [x for x in taken if x.client and taken[-1].client and x.client.site == taken[-1].client.site]
    if len(ways) < 2:
        return None
    # the last one may have been cut off
    for login in (*reversed(ways[:-1]), ways[-1]):
        next_ = fate.next_visit(login)
        if login.back is None or next_ is None:
            continue
        told = (_turned(login), Evidence("har", f"then {next_.shown()}"), *_loop(trail))
        cross = fate.crossed(trail.recording.hops, login) and login.back.redirects
        gone = fate.missed(trail.recording.hops, fate.session(login), next_, cross)
        if found := next((m for m in gone if m.sure), None) or next((m for m in gone if m.why), None):
            by = " and ".join(dict.fromkeys(w.by for w in found.why))
            title = (
                f"{found.by.place.host} gives the session cookie {found.cookie.name}, and the browser does not send it"
                f" to {next_.place.bare}, because of its {by}; so the login begins anew ({len(ways)} times)."
            )
            return (proven if found.sure else likely)(
                _told(found), *told, title=title, fix=_ask(next_, found)
            )
        if len(ways) >= ROUNDS or trail.rounds is not None:
            return _unexplained(login, next_, gone, told, trail)
    return None


def _unexplained(
    login: Login, next_: Hop, gone: tuple[Missed, ...], told: tuple[Evidence, ...], trail: BrowserTrail
) -> Verdict:
    if gone and trail.sees_cookies:
        name = gone[0].cookie.name
        title = f"{gone[0].by.place.host} gives the session cookie {name}, and the browser keeps it back."
        private = (
            "Allow the site its cookies: its attributes are no reason, so the browser's own settings are."
        )
        return likely(_told(gone[0]), *told, title=title, fix=(private, "Try it in another browser."))
    if not trail.recording.cookies:
        lacks = Evidence(
            "har", "the recording was saved without cookies; one with sensitive data would tell more"
        )
        return likely(lacks, *told)
    if not fate.session(login) and not next_.sent:
        title = f"{next_.place.host} takes the login's answer, and gives no session cookie for it."
        return proven(*told, title=title)
    names = ", ".join(dict.fromkeys(s.name for s in next_.sent)) or "none"
    title = f"{next_.place.host} gets its session cookie back, and begins the login anew all the same."
    return likely(Evidence("har", f"{next_.place.bare} was sent the cookies {names}"), *told, title=title)
