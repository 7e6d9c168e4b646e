"""Whose tokens the server takes, and what those issuers publish about themselves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Final

from wizard.errors import AuthwizardError
from wizard.transport import Transport
from wizard.urls import check_url

from ..engine import Context, Probe, Skip
from ..facts import JwtView, ResourceMetadata
from ..oauth_facts import TOLD, Expected, Issuer, Issuers, realm_of, without_host
from ..sending import live_headers
from ..wire_facts import Differential

_MOST: Final = 3
"""Issuers tried (CONTRACT, limits)."""
_TOLD: Final = re.compile(r"[Ee]xpected:?\s+['\"`]?(https?://[^\s'\"`,;]+)")
_REALMS: Final = ("keycloak_realm", "realm")


async def expected(
    context: Context, metadata: ResourceMetadata | None, differential: Differential | None
) -> Expected | Skip:
    """By the server's metadata, by its refusal, by a setting or header of the connection."""
    target = context.target
    issuers = [("the server's metadata", url) for url in (metadata.authorization_servers if metadata else ())]
    real = differential.real if differential else None
    if real is not None and (told := _TOLD.search(real.words())):
        issuers.append(("the server's refusal", told[1]))
    if named := target.settings.get("issuer", "").strip():
        issuers.append(("the setting issuer", named))
    realms = [(f"the setting {n}", v) for n in _REALMS if (v := target.settings.get(n, "").strip())]
    sent = {n.lower(): v.reveal().strip() for n, v in live_headers(target).items()}
    if realm := sent.get("x-keycloak-realm", ""):
        realms.insert(0, ("the header X-Keycloak-Realm", realm))
        if not issuers and (url := sent.get("x-keycloak-url", "").rstrip("/")):
            issuers.append((TOLD, f"{url}/realms/{realm}"))
    issuers = list(dict.fromkeys(issuers))[:_MOST]
    return Expected(tuple(issuers), tuple(realms)) if issuers or realms else Skip("nobody names an issuer")


async def issuers(
    context: Context, jwt: JwtView | None, expected: Expected | None, differential: Differential | None
) -> Issuers | Skip:
    """Asked only where a token is refused, and where somebody but the token names the issuer."""
    real = differential.real if differential else None
    if jwt is None or real is None or real.accepted:
        return Skip("no token is refused")
    places = tuple(dict.fromkeys(_worth(context, str(jwt.claims.get("iss") or ""), expected)))[:_MOST]
    if not places:
        return Skip("nobody but the token names its issuer")
    found = await asyncio.gather(*(ask(context.transport, place) for place in places))
    known = tuple(i for i in found if i is not None)
    return Issuers(known) if known else Skip("the issuer publishes no metadata")


def _worth(context: Context, iss: str, expected: Expected | None) -> Iterator[str]:
    """The token's issuer where it is the configured one, or the same under another name; then that other name."""
    if not iss:
        return
    named = [url for _, url in expected.issuers] if expected else []
    if endpoint := context.asked.endpoint if context.asked else "":
        named.append(endpoint.partition("/protocol/openid-connect/")[0])
    same = [url for url in named if without_host(url) == without_host(iss) and without_host(iss)]
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


async def ask(transport: Transport, issuer: str) -> Issuer | None:
    """An issuer's own metadata: public, asked without a credential; a redirect is not followed."""
    for url in _places(issuer):
        try:
            reply = await transport.send("GET", check_url(url), headers={"Accept": "application/json"})
            found = reply.json() if reply.status == 200 else None
        except AuthwizardError:
            continue
        if isinstance(found, Mapping) and isinstance(found.get("issuer"), str):
            held = {n: v for n, v in found.items() if isinstance(v, str)}
            return Issuer(
                issuer,
                url,
                held["issuer"],
                held.get("token_endpoint", ""),
                held.get("userinfo_endpoint", ""),
                await _keys(transport, held.get("jwks_uri", "")),
            )
    return None


async def _keys(transport: Transport, url: str) -> tuple[str, ...]:
    """The ids of its public keys, by which one issuer is known under two names."""
    if not url:
        return ()
    try:
        reply = await transport.send("GET", check_url(url), headers={"Accept": "application/json"})
        found = reply.json() if reply.status == 200 else None
    except AuthwizardError:
        return ()
    keys = found.get("keys") if isinstance(found, Mapping) else None
    held = keys if isinstance(keys, list) else []
    return tuple(kid for k in held if isinstance(k, Mapping) and isinstance(kid := k.get("kid"), str))


def _places(issuer: str) -> tuple[str, ...]:
    from urllib.parse import urlsplit, urlunsplit

    bare = issuer.rstrip("/")
    try:
        parts = urlsplit(bare)
    except ValueError:
        return ()
    inserted = urlunsplit(
        (parts.scheme, parts.netloc, f"/.well-known/oauth-authorization-server{parts.path}", "", "")
    )
    return f"{bare}/.well-known/openid-configuration", inserted


PROBE = Probe("issuer", "what the issuer says of itself", Issuers, issuers)
