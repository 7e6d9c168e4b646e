"""The way to every other host on which a login depends: name, port, proxy, certificate; no credential goes there."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from wizard.errors import UsageError
from wizard.proxies import Proxy, proxy_of
from wizard.urls import origin

from .. import net
from ..engine import Context, Probe, Skip
from ..facts import Named, Reached, ResourceMetadata, Secured, Situation
from ..facts.oauth import Issuers
from ..facts.way import HostLeg, HostLegs
from ..facts.wire import Differential
from ..nearness import depth_of, nearer
from ..proxied import opener, through

_MOST: Final = 4
_PATIENCE: Final = 5.0
_IN_THE_CLEAR: Final = "authorization-server-not-https"
_METADATA: Final = "the resource metadata"
_ISSUER: Final = "the authorization server"
_KEYS: Final = "the signing keys (JWKS)"


async def hosts(
    context: Context,
    situation: Situation,
    differential: Differential,
    *,
    metadata: ResourceMetadata | None,
    issuers: Issuers | None,
    named: Named | None,
) -> HostLegs | Skip:
    """Only where the server refuses, and only hosts that have answered nothing yet."""
    if differential.judged.accepted or not differential.answered:
        return Skip("the server does not refuse")
    if differential.real is None and (context.asked is None or context.asked.given):
        # who brings nothing is refused, and needs nobody else for that
        return Skip("no credential is refused, and no login has failed")
    answered = {_origin(situation.url)}
    answered |= {_origin(e.url) for e in context.transport.exchanges if e.status is not None}
    # a login that does not go there in the clear does not fail for the way
    clear = getattr(context.asked.error if context.asked else None, "id", "") == _IN_THE_CLEAR
    wanted: dict[object, tuple[str, str]] = {}
    for leg, url in _named(differential, metadata, issuers):
        place = _origin(url)
        if place is not None and place not in answered and not (clear and place[0] == "http"):
            wanted.setdefault(place, (leg, url))
    depth = depth_of(situation.url, named)
    found = await asyncio.gather(
        *(_leg(context, leg, url, depth) for leg, url in list(wanted.values())[:_MOST])
    )
    legs = tuple(leg for leg in found if leg is not None)
    return HostLegs(legs) if legs else Skip("every other host that is named has answered, or none is named")


def _named(
    differential: Differential, metadata: ResourceMetadata | None, issuers: Issuers | None
) -> list[tuple[str, str]]:
    told = [c.get("resource_metadata") for c in differential.judged.challenges]
    places = [(_METADATA, url) for url in told if url]
    places += [(_ISSUER, url) for url in (metadata.authorization_servers if metadata else ())]
    return places + [(_KEYS, i.jwks_uri) for i in (issuers.found if issuers else ()) if i.jwks_uri]


def _origin(url: str) -> tuple[str, str, int] | None:
    """Its origin; None for what is no address of the web."""
    try:
        found = origin(url)
    except ValueError:
        return None
    return found if found[0] in ("http", "https") and found[1] else None


async def _leg(context: Context, leg: str, url: str, depth: int) -> HostLeg | None:
    """None where it lies nearer to this machine than the server itself."""
    scheme, host, port = origin(url)
    if await nearer(url, depth):
        return None
    proxy = proxy_of(url)
    if proxy is not None and not proxy.bypass:
        return await _through(context, HostLeg(leg, url), proxy)
    found = await net.resolve(host, port)
    name = Named(host, found.addresses, found.error)
    if found.error:
        return HostLeg(leg, url, name)
    met = await net.connect(host, port)
    reached = Reached(host, port, met.address, met.error, met.seconds)
    if met.error or scheme != "https":
        return HostLeg(leg, url, name, reached)
    return HostLeg(leg, url, name, reached, await _secured(context, url))


async def _through(context: Context, leg: HostLeg, proxy: Proxy) -> HostLeg:
    """A tunnel, where the address is https; through a proxy plain http is asked by a request, which is not sent."""
    parts = urlsplit(leg.url)
    if parts.scheme.lower() != "https" and not proxy.problem:
        return leg
    passed = None if proxy.problem else await through(proxy, leg.url, proxy.user)
    if passed is None or passed.status is None or not 200 <= passed.status < 300:
        said = proxy.problem if passed is None else passed.seen()
        return HostLeg(leg.leg, leg.url, way=f"the proxy {proxy.url}: {said}")
    return HostLeg(leg.leg, leg.url, secured=await _secured(context, leg.url))


async def _secured(context: Context, url: str) -> Secured | None:
    _, host, port = origin(url)
    try:
        met = await net.handshake(host, port, context.transport.ca, _PATIENCE, opener(url, host, port))
    except UsageError:
        return None
    return Secured.of(host, met)


PROBE = Probe("hosts", "the other hosts that a login needs", HostLegs, hosts)
