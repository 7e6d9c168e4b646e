"""Whose tokens the server takes, and what those issuers publish about themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from wizard.errors import AuthwizardError
from wizard.transport import Transport
from wizard.urls import check_url, is_loopback, seclusion

from .. import token_words
from ..engine import Context, Probe, Skip
from ..facts import JwtView, Named, ResourceMetadata
from ..facts.oauth import (
    METADATA,
    REFUSAL,
    TOLD,
    YOU,
    Expected,
    Issuer,
    Issuers,
    IssuersSaid,
    realm_of,
    without_host,
)
from ..facts.wire import Differential
from ..nearness import ANYWHERE, depth_of, host_of, nearer
from ..sending import live_headers
from ..token_words import expected_issuers

_MOST: Final = 3
"""Issuers tried (CONTRACT, limits)."""
_SERVER: Final = "the server's"
_REALMS: Final = ("keycloak_realm", "realm")


async def expected(
    context: Context, metadata: ResourceMetadata | None, differential: Differential | None
) -> Expected | Skip:
    """By the server's metadata, by its refusal, by a setting or header of the connection."""
    target = context.target
    real = differential.real if differential else None
    words = real.told() if real is not None and real.refused else ""
    issuers = [(REFUSAL, url) for url in expected_issuers(words)]
    issuers += [(YOU, target.said_issuer)] if target.said_issuer else []
    issuers += [(METADATA, url) for url in (metadata.authorization_servers if metadata else ())]
    if named := target.settings.get("issuer", "").strip():
        issuers.append(("the setting issuer", named))
    realms = [(f"the setting {n}", v) for n in _REALMS if (v := target.settings.get(n, "").strip())]
    sent = {n.lower(): v.reveal().strip() for n, v in live_headers(target).items()}
    if realm := sent.get("x-keycloak-realm", ""):
        realms.insert(0, ("the header X-Keycloak-Realm", realm))
        if not issuers and (url := sent.get("x-keycloak-url", "").rstrip("/")):
            issuers.append((TOLD, f"{url}/realms/{realm}"))
    issuers = list(dict.fromkeys(issuers))[:_MOST]
    about = token_words.about(words, token_words.ISSUER)
    found = Expected(tuple(issuers), tuple(realms), about, token_words.about(words, token_words.AUDIENCE))
    return found if issuers or realms or about else Skip("nobody names an issuer")


async def said(
    context: Context,
    jwt: JwtView | None,
    expected: Expected | None,
    differential: Differential | None,
    named: Named | None,
) -> IssuersSaid | Skip:
    """Asked only where a token is refused, and where somebody but the token names the issuer. What a server names is
    asked no nearer to this machine than the server itself is: it must not reach through us what it cannot reach."""
    real = differential.real if differential else None
    if jwt is None or real is None or real.accepted:
        return Skip("no token is refused")
    places = tuple(dict.fromkeys(_worth(context, str(jwt.claims.get("iss") or ""), expected)))[:_MOST]
    if not places:
        return Skip("nobody but the token names its issuer")
    asks = (_document(context.transport, place, _depth(context, place, expected, named)) for place in places)
    found = await asyncio.gather(*asks)
    known = tuple(i for i in found if i is not None)
    return IssuersSaid(Issuers(known)) if known else Skip("the issuer publishes no metadata")


async def issuers(
    context: Context, said: IssuersSaid, expected: Expected | None, named: Named | None
) -> Issuers:
    """The same, with their keys."""
    asks = (
        _with_keys(context.transport, i, _depth(context, i.asked, expected, named))
        for i in said.issuers.found
    )
    return Issuers(tuple(await asyncio.gather(*asks)))


def _worth(context: Context, iss: str, expected: Expected | None) -> Iterator[str]:
    """The token's issuer where it is the configured one, or the same under another name; then that other name."""
    if not iss:
        return
    named = [url for _, url in expected.issuers] if expected else []
    if any(url.rstrip("/") == iss.rstrip("/") for url in named):
        yield iss
    if endpoint := context.asked.endpoint if context.asked else "":
        named.append(endpoint.partition("/protocol/openid-connect/")[0])
    same = [
        url
        for url in named
        if without_host(url) == without_host(iss) and without_host(iss) and url.rstrip("/") != iss.rstrip("/")
    ]
    if iss in named or same:
        yield iss
        yield from same
        yield from _twin(iss)


def _twin(iss: str) -> Iterator[str]:
    """The same Keycloak by this machine's other name."""
    if not realm_of(iss):
        return
    for name, other in (("localhost", "127.0.0.1"), ("127.0.0.1", "localhost")):
        if f"//{name}:" in iss:
            yield iss.replace(f"//{name}:", f"//{other}:", 1)
            return


def _depth(context: Context, place: str, expected: Expected | None, named: Named | None) -> int:
    """How near to this machine this issuer may be (`wizard.urls.seclusion`): anywhere where the person named it."""
    own = [url for who, url in expected.issuers if not who.startswith(_SERVER)] if expected else []
    own += [context.asked.endpoint] if context.asked else []
    if any(host_of(url) == host_of(place) or (is_loopback(url) and is_loopback(place)) for url in own):
        return ANYWHERE
    return depth_of(context.target.url, named)


async def ask(transport: Transport, issuer: str, depth: int = ANYWHERE) -> Issuer | None:
    """An issuer's own metadata and keys: public, asked without a credential; a redirect is not followed. Nothing nearer
    than ``depth`` is asked."""
    found = await _document(transport, issuer, depth)
    return None if found is None else await _with_keys(transport, found, depth)


async def _document(transport: Transport, issuer: str, depth: int) -> Issuer | None:
    """By OpenID Connect Discovery or else RFC 8414: both at once, for whoever waits for the one first waits longer."""
    found = await asyncio.gather(*(_published(transport, issuer, url, depth) for url in _places(issuer)))
    return next((i for i in found if i is not None), None)


async def _published(transport: Transport, issuer: str, url: str, depth: int) -> Issuer | None:
    try:
        if await nearer(check_url(url), depth):
            return None
        reply = await transport.send("GET", check_url(url), headers={"Accept": "application/json"})
        found = reply.json() if reply.status == 200 else None
    except AuthwizardError:
        return None
    if not isinstance(found, Mapping) or not isinstance(found.get("issuer"), str):
        return None
    held = {n: v for n, v in found.items() if isinstance(v, str)}
    return Issuer(
        issuer,
        url,
        held["issuer"],
        held.get("token_endpoint", ""),
        held.get("userinfo_endpoint", ""),
        jwks_uri=held.get("jwks_uri", ""),
    )


async def _with_keys(transport: Transport, issuer: Issuer, depth: int) -> Issuer:
    keys = await _keys(transport, issuer.jwks_uri, max(depth, seclusion(host_of(issuer.asked))))
    return replace(issuer, keys=_ids(keys), jwks=keys)


async def _keys(transport: Transport, url: str, depth: int) -> Mapping[str, object]:
    """Its public keys (RFC 7517 section 5); empty where they are not to be had."""
    if not url:
        return {}
    try:
        if await nearer(check_url(url), depth):
            return {}
        reply = await transport.send("GET", check_url(url), headers={"Accept": "application/json"})
        found = reply.json() if reply.status == 200 else None
    except AuthwizardError:
        return {}
    return found if isinstance(found, dict) else {}


def _ids(found: Mapping[str, object]) -> tuple[str, ...]:
    """The ids of the keys, by which one issuer is known under two names."""
    keys = found.get("keys")
    held = keys if isinstance(keys, list) else []
    return tuple(kid for k in held if isinstance(k, Mapping) and isinstance(kid := k.get("kid"), str))


def _places(issuer: str) -> tuple[str, ...]:
    bare = issuer.rstrip("/")
    try:
        parts = urlsplit(bare)
    except ValueError:
        return ()
    inserted = urlunsplit(
        (parts.scheme, parts.netloc, f"/.well-known/oauth-authorization-server{parts.path}", "", "")
    )
    return f"{bare}/.well-known/openid-configuration", inserted


PROBE = Probe("issuer", "the issuer's keys", Issuers, issuers)
