"""A login from its beginning to its tokens, step by step; each step is told to whoever sits before it.

discovery -> registration -> authorization (or a grant without a person) -> token
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard import providers
from wizard.livetest import Evidence

from . import discovery, wellknown
from .asking import challenges_of, other_scheme, usable
from .client_auth import OAuthClient
from .discovery import Found
from .model import Login, ServerMetadata
from .nearer import nearer
from .person import Person
from .problems import OAuthProblem, ResourceProblem
from .registration import Clients
from .token_endpoint import DPOP, Granted
from .walk import Heard, Walk, Wanted

if TYPE_CHECKING:
    from wizard.challenge import Challenge
    from wizard.choice import Choice
    from wizard.transport import Transport

    from .dpop import Prover

_WAYS: Final = {
    "authorization_code": ("browser", "by_browser"),
    "device_code": ("by_device", "by_device"),
    "client_credentials": ("unattended", "by_client"),
    "token_exchange": ("unattended", "by_exchange"),
    "jwt_bearer": ("unattended", "by_assertion"),
}
"""The module and function of each way, imported when it is gone."""
KINDS: Final = tuple(_WAYS)
"""The contract's method ids that end with a token of an authorization server."""
_OFFLINE: Final = "offline_access"


async def log_in(
    choice: Choice,
    transport: Transport,
    person: Person,
    *,
    kind: str = "",
    challenges: tuple[Challenge, ...] | None = None,
    held: Login | None = None,
    scopes: tuple[str, ...] = (),
    clients: Clients | None = None,
    guess: bool = True,
) -> Login:
    """Log in as the choice says. ``kind`` is one of `KINDS`, the method's own where it is empty. ``challenges`` are
    those of the server's refusal; None has it asked. ``held`` is a former login, whose scopes are asked for again
    together with ``scopes`` (MCP-C4). ``clients`` keeps what was registered. ``guess`` as in `discovery.discover`.

    Raises: OAuthProblem, TokenRefused, TransportError, UsageError.
    """
    from wizard import methods

    allow = providers.allowed(choice)
    way = kind or person.kind or choice.method.kind
    walk = Walk(choice, transport, person, way, held, scopes, clients, allow, Heard.of(transport))
    transport.know(*choice.secrets.values())
    url = methods.resource_of(choice)
    if challenges is None:
        challenges = await challenges_of(url, choice.speaks, transport, allow)
    scheme = other_scheme(challenges, allow)
    challenges = usable(challenges, allow)
    found = await _found(walk, url, challenges, scheme, guess=guess)
    wanted = _wanted(walk, url, found, challenges)
    prover = _prover(url, found.server, challenges)
    if prover is not None:
        transport.sign(prover)
    try:
        client, granted = await _way(walk.kind)(walk, found.server, wanted)
    except OAuthProblem as problem:
        raise nearer(problem, wanted, found.server) from None
    login = _login(walk, found.server, client, granted, wanted)
    if prover is not None and login.token_type == DPOP:
        prover.bind(login.access_token)
        transport.know(prover.key)
        login = replace(login, dpop_key=prover.key)
    if person.keep is not None:
        person.keep(login)
    return login


def _way(kind: str) -> Callable[[Walk, ServerMetadata, Wanted], Awaitable[tuple[OAuthClient, Granted]]]:
    from importlib import import_module

    module, name = _WAYS[kind]
    way: Callable[[Walk, ServerMetadata, Wanted], Awaitable[tuple[OAuthClient, Granted]]]
    way = getattr(import_module(f".{module}", __package__), name)
    return way


def _prover(url: str, server: ServerMetadata, challenges: tuple[Challenge, ...]) -> Prover | None:
    """Proof of possession (RFC 9449) where the server asks for it by its challenge."""
    if not any(c.scheme.lower() == "dpop" for c in challenges):
        return None
    from .dpop import Prover

    return Prover(url, server.token_endpoint)


def _not_bearer(walk: Walk, scheme: str) -> OAuthProblem:
    said = walk.transport.redact(scheme)[:60]
    return ResourceProblem(
        "challenge-scheme-not-bearer",
        f"The server asks for a login by the scheme {said}, and not for a bearer token.",
        "Its challenge names metadata all the same; it is not followed unless you allow that.",
        (
            "Ask the server's admin to answer 401 with WWW-Authenticate: Bearer resource_metadata=...",
            "Or follow it by name: --allow scheme-not-bearer",
        ),
        evidence=(Evidence("discovery", f"WWW-Authenticate: {said} resource_metadata=..."),),
    )


async def _found(
    walk: Walk, url: str, challenges: tuple[Challenge, ...], scheme: str, *, guess: bool
) -> Found:
    """``scheme`` is that of a challenge that was not followed (`asking.other_scheme`): then nothing is guessed."""
    began = time.monotonic()
    if (known := providers.server_of(walk.choice)) is not None:
        return await _documented(walk, known)
    try:
        found = await discovery.discover(
            url,
            challenges,
            walk.transport,
            allow=walk.allow,
            issuer=walk.text("issuer"),
            guess=guess and not scheme,
        )
        if not guess and not found.server.authorization_endpoint:
            # nobody said how to sign in, and a token of this one comes from somewhere else
            raise OAuthProblem(discovery.NOTHING, "The server names nobody who logs people in for it.")
    except OAuthProblem as problem:
        if problem.id == discovery.NOTHING:
            if not scheme:
                raise
            problem = _not_bearer(walk, scheme)
        step = "resource-metadata" if isinstance(problem, ResourceProblem) else "authorization-server"
        walk.failed(step, "metadata", problem, began)
        raise problem from None
    resource, server = found.resource, found.server
    seconds = time.monotonic() - began
    step, own = "resource-metadata", (url, resource.url if resource is not None else url)
    asked = [e for e in walk.transport.exchanges if e.url in own or wellknown.RESOURCE in e.url]
    if resource is not None:
        who = ", ".join(resource.authorization_servers) or "nobody is named"
        published = f"{who}, by {resource.url}"
        walk.say(step, True, "metadata", published, seconds, exchanges=asked)
    else:
        nothing = "it publishes nothing of the kind"
        walk.say(step, None, "metadata", nothing, seconds, exchanges=asked)
    seen = server.issuer if server.url else f"none is named: {server.issuer} itself, as in 2025-03-26"
    walk.say("authorization-server", True, "its metadata", seen)
    return found


async def _documented(walk: Walk, known: ServerMetadata) -> Found:
    """The endpoints that the provider of this deployment documents, for it publishes none."""

    async def held_to_the_rules() -> ServerMetadata:
        return await discovery.documented(known, walk.transport, allow=walk.allow)

    server = await walk.step("authorization-server", "its endpoints", held_to_the_rules)
    provider = providers.of_choice(walk.choice)
    needs = provider.needs if provider else ()
    walk.say(
        "authorization-server",
        True,
        "its endpoints",
        f"{server.issuer}, whose endpoints its documentation names",
        detail=f"allowed for it: {', '.join(needs)}" if needs else "",
    )
    return Found(None, server)


def _wanted(walk: Walk, url: str, found: Found, challenges: tuple[Challenge, ...]) -> Wanted:
    """MCP-C1 to C4, C9, C10, C15."""
    choice, resource = walk.choice, found.resource
    asked = tuple(s for c in challenges for s in c.scopes())
    chosen = (*walk.text("scope").split(), *choice.scopes)
    offered = (resource.scopes_supported or ()) if resource else ()
    base = (*chosen, *asked) if chosen else asked or offered
    kept = (walk.held.asked or walk.held.scopes) if walk.held else ()
    scopes = tuple(dict.fromkeys((*kept, *base, *walk.more)))
    if scopes and _OFFLINE in (found.server.scopes_supported or ()) and walk.kind in KINDS[:2]:
        scopes = tuple(dict.fromkeys((*scopes, _OFFLINE)))
    if resource is not None and resource.resource:
        named = resource.resource
    else:
        named = wellknown.canonical(url) if choice.speaks == "mcp" else ""
    provider = providers.of_choice(choice) or providers.of(found.server.issuer, found.server.raw)
    if provider is not None and provider.offline_scope and scopes and walk.kind in KINDS[:2]:
        scopes = tuple(dict.fromkeys((*scopes, provider.offline_scope)))
    listed = bool(offered) and not (chosen or asked or kept or walk.more)
    return Wanted(scopes, walk.text("resource") or named, provider, listed)


def _login(
    walk: Walk, server: ServerMetadata, client: OAuthClient, granted: Granted, wanted: Wanted
) -> Login:
    from wizard import methods

    life = granted.expires_in
    return Login(
        server.issuer,
        client.id,
        granted.access_token,
        how=walk.kind,
        client_secret=client.secret,
        authentication=client.authentication,
        token_type=granted.token_type,
        refresh_token=granted.refresh_token,
        id_token=granted.id_token,
        expires_at=None if life is None else time.time() + life,
        scopes=granted.scopes if granted.scopes is not None else wanted.scopes,
        asked=wanted.scopes,
        resource=wanted.resource,
        endpoints={n: e for n in wellknown.ENDPOINTS if (e := getattr(server, n))},
        registration="dynamic" if walk.dynamic(client) else "given",
        server=methods.resource_of(walk.choice),
    )
