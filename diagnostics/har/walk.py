"""Walking a recording: the logins in it, and the rounds of a loop. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from . import places
from .model import Hop, Place, Recording

ROUNDS: Final = 3
"""So many equal rounds are a loop; more are not looked at."""
_LONGEST: Final = 40
_LOGINS: Final = 60
_FAR: Final = 300
_ANSWER: Final = ("code", "error", "id_token", "access_token", "SAMLResponse", "wresult", "assertion")


@dataclass(frozen=True, slots=True)
class Login:
    """One way through an identity provider. ``begin`` is the hop that sent the browser there (None where it was not
    recorded), ``ask`` the request at the provider, ``back`` its answer where the client hears it, ``after`` the
    navigations that follow until the next login begins."""

    ask: Hop
    begin: Hop | None = None
    back: Hop | None = None
    after: tuple[Hop, ...] = ()

    @property
    def client(self) -> Place | None:
        """Where the client is to hear of it."""
        return _place(self.ask.said("redirect_uri")) or (self.back.place if self.back else None)


@dataclass(frozen=True, slots=True)
class Rounds:
    """A way that is gone again and again: ``hops`` of one round, and how often it was gone."""

    hops: tuple[Hop, ...]
    times: int

    def shown(self) -> str:
        """The hops of one round."""
        return " -> ".join(h.shown() for h in self.hops)

    def parties(self) -> tuple[str, ...]:
        """The hosts in it, in their order."""
        return tuple(dict.fromkeys(h.place.host for h in self.hops))


def pages(recording: Recording) -> tuple[Hop, ...]:
    """The navigations."""
    return tuple(h for h in recording.hops if h.document)


def asks(hop: Hop) -> bool:
    """Whether a hop asks an identity provider for a login (RFC 6749 section 4.1.1, RFC 9126 section 4; SAML bindings
    section 3.4). Some providers do without ``response_type`` (GitHub)."""
    told = any(hop.param(name) for name in ("response_type", "redirect_uri", "request_uri"))
    oauth = hop.param("client_id") is not None and told and hop.param("grant_type") is None
    return oauth or hop.param("SAMLRequest") is not None or hop.param("wtrealm") is not None


@lru_cache(256)
def _place(uri: str) -> Place | None:
    return places.place(uri)


def answers(hop: Hop, asked: Hop) -> bool:
    """Whether a hop brings the answer to that request back to the client."""
    if not any(hop.param(name) for name in _ANSWER) or asks(hop):
        return False
    to = _place(asked.said("redirect_uri"))
    if to is None:
        return hop.place.host != asked.place.host
    return (hop.place.host, hop.place.path) == (to.host, to.path)


def logins(hops: Sequence[Hop]) -> tuple[Login, ...]:
    """Each request for a login with what became of it; ``hops`` are navigations, in order."""
    at: list[int] = []
    for i, hop in enumerate(hops):
        if asks(hop) and not any(_same(hops, j, i) for j in at[-3:]):
            at.append(i)
    found: list[Login] = []
    # what goes on like this tells nothing more; how it ended is at its end
    for i in at[-_LOGINS:]:
        ask = hops[i]
        begin = next((h for h in reversed(hops[max(0, i - 4) : i]) if _leads(h, ask)), None)
        back = _back(hops, i, ask)
        found.append(Login(ask, begin, back, _after(hops, back, at)))
    return tuple(found)


def _after(hops: Sequence[Hop], back: Hop | None, asked: Sequence[int]) -> tuple[Hop, ...]:
    """What comes after the answer, until a login is asked for again."""
    if back is None:
        return ()
    first = next(i for i, h in enumerate(hops) if h is back) + 1
    end = next((i for i in asked if i >= first), len(hops))
    return tuple(hops[first:end])


def _same(hops: Sequence[Hop], first: int, i: int) -> bool:
    """Whether the provider asks itself again with the question of before, which has no answer yet."""
    one, other = hops[first], hops[i]
    if one.place.host != other.place.host or one.param("client_id") != other.param("client_id"):
        return False
    if (one.param("state") or one.param("RelayState")) != (other.param("state") or other.param("RelayState")):
        return False
    return not any(answers(h, one) for h in hops[first + 1 : i])


def _leads(hop: Hop, to: Hop) -> bool:
    place = hop.location
    return place is not None and (place.host, place.port, place.path) == (
        to.place.host,
        to.place.port,
        to.place.path,
    )


def _back(hops: Sequence[Hop], i: int, ask: Hop) -> Hop | None:
    """The answer to this question: the one with its state, else the next."""
    state = ask.param("state") or ask.param("RelayState")
    later = [h for h in hops[i + 1 : i + _FAR] if answers(h, ask)]
    told = [h for h in later if state and (h.param("state") or h.param("RelayState")) == state]
    if told:
        return told[0]
    if state is not None and any(h.param("state") for h in later):
        # answers to other questions
        mine = [h for h in later if h.param("state") is None]
        return mine[0] if mine else None
    return later[0] if later else None


def rounds(hops: Sequence[Hop]) -> Rounds | None:
    """The shortest way that is gone at least `ROUNDS` times on end; None where there is none. A page that only reloads
    itself goes nowhere, and is no loop."""
    keys = [(h.method, h.place.host, h.place.port, h.place.path, h.status) for h in hops]
    for size in range(1, min(_LONGEST, len(keys) // ROUNDS) + 1):
        run = 0
        for i in range(len(keys) - size):
            run = run + 1 if keys[i] == keys[i + size] else 0
            if run >= size * (ROUNDS - 1):
                start = i + 1 - run
                one = tuple(hops[start : start + size])
                if any(h.redirects or asks(h) for h in one):
                    return Rounds(_from_start(one), _times(keys, start, size))
    return None


def _times(keys: Sequence[object], start: int, size: int) -> int:
    count = 1
    while keys[start : start + size] == keys[start + count * size : start + (count + 1) * size]:
        count += 1
    return count


def _from_start(one: tuple[Hop, ...]) -> tuple[Hop, ...]:
    """A round has no beginning of its own; it is told from the request for the login, where it holds one."""
    first = next((i for i, h in enumerate(one) if asks(h)), 0)
    before = (first - 1) % len(one) if first or asks(one[0]) else 0
    return one[before:] + one[:before]
