"""What a rule of the way says of another host than the server's own: which one it is, and that it is not the server."""

from __future__ import annotations

from collections.abc import Callable

from wizard.livetest import LIKELY, PROVEN, Evidence

from ..facts.login import LoginTold
from ..facts.way import HostLeg, HostLegs
from ..nearness import host_of
from .book import Verdict


def of_leg(
    hosts: HostLegs | None,
    login: LoginTold | None,
    wrong: Callable[[HostLeg], bool],
    title: str,
    fix: tuple[str, ...],
) -> Verdict | None:
    """The verdict of the first host for which this is wrong; ``title`` and ``fix`` may hold {host}, {leg}, {url} and
    {port}. Where a login failed it is why; else the server's refusal may have nothing to do with it."""
    leg = next((leg for leg in hosts.legs if wrong(leg)), None) if hosts else None
    if leg is None:
        return None
    port = str(leg.reached.port) if leg.reached else ""
    words = {"host": host_of(leg.url), "leg": leg.leg, "url": leg.url, "port": port}

    def filled(text: str) -> str:
        for name, value in words.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    return Verdict(
        PROVEN if login is not None else LIKELY,
        (
            Evidence("hosts", f"{leg.leg} is at {leg.url}, as the server says"),
            Evidence("hosts", leg.seen()),
        ),
        filled(title),
        tuple(map(filled, fix)),
        aside=login is None,
    )
