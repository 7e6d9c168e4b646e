"""How near to this machine an address lies that somebody else names: what a server names must not reach, through us,
what the server itself cannot reach."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from wizard.proxies import proxy_of
from wizard.urls import seclusion

from . import net
from .facts import Named

ANYWHERE: Final = 3
"""The depth of what may be on this very machine (`wizard.urls.seclusion`)."""


def host_of(url: str) -> str:
    """The host in small letters; empty where the address cannot be read."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def depth_of(url: str, named: Named | None) -> int:
    """How near the server at this address is, and so how near what it names may be."""
    return max(seclusion(host) for host in (host_of(url), *(named.addresses if named else ())))


async def nearer(url: str, depth: int) -> bool:
    """Whether an address lies nearer than it may."""
    if depth >= ANYWHERE:
        return False
    host = host_of(url)
    if (proxy := proxy_of(url)) is not None and not proxy.bypass:
        return seclusion(host) > depth
    found = await net.resolve(host, urlsplit(url).port or 443)
    return any(seclusion(where) > depth for where in (host, *found.addresses))
