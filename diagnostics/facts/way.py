"""Facts of the way to the server: proxies, redirects, login walls, and what TLS is told to trust."""

from __future__ import annotations

from dataclasses import dataclass

from ..proxied import Passed
from . import Named, Reached, Secured
from .wire import Answer


@dataclass(frozen=True, slots=True)
class Way:
    """The two ways to an address for which a proxy is named: straight, and through it.

    ``proxy`` is shown without user and password. ``bypass`` is True where NO_PROXY exempts the address, so that it
    is asked straight. ``direct`` is the error of a straight connection as in `diagnostics.net.Connected`, empty where
    one was made. ``via`` is what the proxy answered with the user that is named, ``stranger`` to a user that nobody
    is (None where the answer was clear without).
    """

    proxy: str
    variable: str
    no_proxy: str
    bypass: bool
    has_user: bool
    direct: str
    via: Passed
    stranger: Passed | None = None
    problem: str = ""
    straight: Passed | None = None

    @property
    def wants_user(self) -> bool:
        """The proxy refuses who asks: 407; or 401 (tinyproxy, to a wrong password), where it is the proxy's own."""
        if self.via.status == 407:
            return True
        if self.via.status != 401:
            return False
        return self.via.tunnel or (self.stranger is not None and self.stranger.same_as(self.via))

    @property
    def closed(self) -> bool:
        """Whether the proxy does not let the request through, whatever the server would say."""
        if self.problem or self.via.status is None or self.wants_user:
            return True
        return self.via.tunnel and not 200 <= self.via.status < 300

    @property
    def blocked(self) -> bool:
        """Whether requests of this program end at the proxy."""
        return self.closed and not self.bypass

    @property
    def captured(self) -> bool:
        """Whether the proxy refuses what the server of this very machine answers in another way."""
        own, via = self.straight, self.via.status
        if self.bypass or own is None or own.status is None or via is None:
            return False
        return via >= 400 and via != own.status

    def seen(self) -> str:
        """Both ways."""
        straight = "works" if not self.direct else self.direct
        return f"straight: {straight}; through {self.proxy}: {self.problem or self.via.seen()}"


@dataclass(frozen=True, slots=True)
class OtherFamily:
    """Whether something listens at this machine's other loopback address (IPv4 for IPv6, or the reverse), where the
    one that the address leads to refuses; ``error`` as in `diagnostics.net.Connected`."""

    address: str
    error: str

    def seen(self) -> str:
        """Whether it listens there."""
        return f"{self.address}: {self.error or 'a connection can be made'}"


@dataclass(frozen=True, slots=True)
class HostLeg:
    """The way to one more host that the server names: its name, its port, the proxy before it, its certificate.
    ``leg`` says what it is for, ``url`` what names it. What was not reached is None. ``way`` is the proxy's refusal."""

    leg: str
    url: str
    named: Named | None = None
    reached: Reached | None = None
    secured: Secured | None = None
    way: str = ""

    @property
    def broken(self) -> bool:
        """Whether there is no way there."""
        steps = (self.named, self.reached, self.secured)
        return bool(self.way) or any(step is not None and step.error for step in steps)

    def seen(self) -> str:
        """Where it ends."""
        steps = [s for s in (self.named, self.reached, self.secured) if s is not None]
        wrong = next((s.seen() for s in steps if s.error), "")
        return f"{self.leg}: {self.way or wrong or 'reached'}"


@dataclass(frozen=True, slots=True)
class HostLegs:
    """The ways to the other hosts on which a login depends, as far as no answer of theirs was there already."""

    legs: tuple[HostLeg, ...]

    def seen(self) -> str:
        """Each of them."""
        return "; ".join(leg.seen() for leg in self.legs)


@dataclass(frozen=True, slots=True)
class TrustSettings:
    """The variables of this environment that say which authorities programs trust: name, value, and what is wrong
    with the file that it names (empty where nothing is, and for values that name none)."""

    variables: tuple[tuple[str, str, str], ...]

    def seen(self) -> str:
        """What is set."""
        return (
            ", ".join(f"{name}={value}" for name, value, _ in self.variables)
            or "no variable names an authority"
        )

    def has(self, *names: str) -> bool:
        """Whether one of these is set, and nothing is wrong with it."""
        return any(name in names and not wrong for name, _, wrong in self.variables)


@dataclass(frozen=True, slots=True)
class OtherSpelling:
    """The same address with the slash at its end added or taken away, asked as the redirect there was asked.

    ``fault`` says what the redirect loses: ``method`` (301, 302 or 303 turn a POST into a GET), ``scheme``, ``port``;
    ``answer`` is what the other spelling says at the target's own origin, with the credential where there is one."""

    url: str
    location: str
    fault: str
    answer: Answer

    def seen(self) -> str:
        """What the other spelling answers."""
        return f"{self.url} answers {self.answer.seen()}"


@dataclass(frozen=True, slots=True)
class AsBrowser:
    """The same address asked as a browser does, without a credential."""

    answer: Answer

    def seen(self) -> str:
        """What it answers."""
        return f"to a browser it answers {self.answer.seen()}"


@dataclass(frozen=True, slots=True)
class OtherScheme:
    """``speaks`` is ``http`` or ``https`` where the port answers in the scheme that the address does not name, and
    empty where it answers in neither; ``says`` is what was met."""

    speaks: str
    says: str

    def seen(self) -> str:
        """What the port speaks."""
        return (
            f"the port speaks {self.speaks} ({self.says})"
            if self.speaks
            else f"neither http nor https: {self.says}"
        )
