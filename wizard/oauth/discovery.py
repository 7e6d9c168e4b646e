"""Who gives tokens for a protected resource: its metadata, then that of its authorization server.

MCP authorization 2026-07-28, "Authorization Server Discovery" (MCP-A2 to MCP-A13); RFC 9728, RFC 8414, OIDC Discovery.
Everything here is public and asked without a credential; a redirect is followed within its origin only.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from wizard.errors import AuthwizardError
from wizard.livetest import Evidence
from wizard.urls import check_url, is_loopback, origin

from . import wellknown
from .model import ResourceMetadata, ServerMetadata
from .nearness import ANYWHERE, depth_of
from .problems import OAuthProblem, ResourceProblem

if TYPE_CHECKING:
    from wizard.challenge import Challenge
    from wizard.exchange import Reply
    from wizard.transport import Transport

NOTHING: Final = "no-authorization-server-named"
MOST: Final = 3
"""Issuers tried (CONTRACT, limits)."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PROBE: Final = "discovery"


@dataclass(frozen=True, slots=True)
class Found:
    """``resource`` is None where the server publishes nothing of the kind. ``tried`` says in short clauses what was
    asked in vain, in order."""

    resource: ResourceMetadata | None
    server: ServerMetadata
    tried: tuple[str, ...] = ()


async def discover(
    url: str,
    challenges: tuple[Challenge, ...],
    transport: Transport,
    *,
    allow: Collection[str] = (),
    issuer: str = "",
    guess: bool = True,
) -> Found:
    """The authorization server of the resource at ``url``. ``issuer`` is the one that the person named: then only it is
    asked, and a resource that names others is refused; a server that names nobody may be its own. With ``guess``, one
    that publishes nothing at all is taken to be one of 2025-03-26, with endpoints that no document names.

    Raises: OAuthProblem; `NOTHING` where nothing is published and nothing may be guessed.
    """
    looking = _Looking(transport, allow)
    resource = await looking.resource(url, challenges)
    named = resource is None and any(c.get("resource_metadata") for c in challenges)
    if issuer and not (resource is None and issuer == wellknown.root_of(url)):
        if resource and resource.authorization_servers:
            same = [one for one in resource.authorization_servers if looking.same(issuer, one)]
            if not same:
                raise _another_issuer(issuer, resource)
            issuer = issuer if issuer in same else same[0]
        return Found(resource, await looking.server(issuer, ANYWHERE), tuple(looking.tried))
    depth = await depth_of(url)
    if resource is not None and resource.authorization_servers:
        return Found(
            resource, await looking.first(resource.authorization_servers[:MOST], depth), tuple(looking.tried)
        )
    return Found(resource, await looking.older(url, guess=guess, named=named), tuple(looking.tried))


async def server_metadata(
    issuer: str, transport: Transport, *, allow: Collection[str] = (), depth: int = ANYWHERE
) -> ServerMetadata:
    """What this issuer says of itself, its name compared exactly (MCP-A12). ``depth`` is how near to this machine it
    may lie (`wizard.urls.seclusion`). Raises: OAuthProblem."""
    return await _Looking(transport, allow).server(issuer, depth)


async def published(
    url: str, resource: ResourceMetadata, transport: Transport, *, allow: Collection[str] = ()
) -> ServerMetadata | None:
    """The authorization server to which the metadata of the resource at ``url`` leads, once it was read; None where it
    names none. Raises: OAuthProblem."""
    looking = _Looking(transport, allow)
    looking.covers(resource, url)
    if not resource.authorization_servers:
        return None
    return await looking.first(resource.authorization_servers[:MOST], await depth_of(url))


async def unread(
    url: str, tried: Mapping[str, int], transport: Transport, *, allow: Collection[str] = ()
) -> ServerMetadata:
    """The authorization server where a challenge names metadata of the resource and what answered at these addresses,
    by its status, was none: the server's own origin, as in 2025-03-26. Raises: OAuthProblem."""
    looking = _Looking(transport, allow)
    looking.page = 200 in tried.values()
    looking.tried = [
        f"{looking.shown(place)}: {status if status != 200 else '200, and it is no metadata'}"
        for place, status in tried.items()
    ]
    return await looking.older(url, guess=False, named=True)


async def documented(
    server: ServerMetadata, transport: Transport, *, allow: Collection[str] = ()
) -> ServerMetadata:
    """What a provider documents in place of publishing it, held to the same rules. Raises: OAuthProblem."""
    return await _Looking(transport, allow).checked(server, server.issuer)


class _Looking:
    def __init__(self, transport: Transport, allow: Collection[str]) -> None:
        self.transport = transport
        self.allow = allow
        self.tried: list[str] = []
        self.page = False

    async def resource(self, url: str, challenges: tuple[Challenge, ...]) -> ResourceMetadata | None:
        named = tuple(
            dict.fromkeys(c.get("resource_metadata") for c in challenges if c.get("resource_metadata"))
        )
        for place in wellknown.resource_places(url, tuple(n for n in named if self._own(n, url))):
            found = wellknown.resource_metadata(place, await self._read(place))
            if found is None:
                continue
            self.covers(found, url)
            return found
        return None

    def covers(self, found: ResourceMetadata, url: str) -> None:
        """Raises: OAuthProblem where it is the metadata of another resource."""
        if not wellknown.covers(found.resource, url):
            raise _another_resource(*map(self.shown, (found.url, found.resource, url)))

    def _own(self, named: str, url: str) -> bool:
        try:
            own = origin(check_url(named)) == origin(url)
        except (AuthwizardError, ValueError):
            own = False
        if not own:
            self.tried.append(f"{self.shown(named)}: the challenge names an address of another origin")
        return own

    async def first(self, issuers: tuple[str, ...], depth: int) -> ServerMetadata:
        """The first issuer that can be used; where none can, the reason of the first, with all in its evidence."""
        problems: list[OAuthProblem] = []
        for issuer in issuers:
            try:
                return await self.server(issuer, depth)
            except OAuthProblem as problem:
                problems.append(problem)
                self.tried.append(f"{self.shown(issuer)}: {problem.title}")
        worst = problems[0]
        if len(problems) > 1:
            worst.evidence += tuple(Evidence(_PROBE, f"{p.title} {p.detail}".strip()) for p in problems[1:])
        raise worst

    async def server(self, issuer: str, depth: int) -> ServerMetadata:
        refuse_plain(issuer, "The authorization server", self.allow)
        if depth < ANYWHERE and await depth_of(issuer) > depth:
            raise OAuthProblem(
                "authorization-server-nearer-than-server",
                "The server names an authorization server in a private place, where it cannot be itself.",
                f"It names {self.shown(issuer)}.",
                [
                    "Ask the server's admin whether this is right.",
                    "If it is, name it yourself: --set issuer=ADDRESS",
                ],
                evidence=(Evidence(_PROBE, f"authorization server {self.shown(issuer)}"),),
            )
        begun = len(self.tried)
        for place in wellknown.server_places(issuer):
            found = wellknown.server_metadata(place, await self._read(place))
            if found is None:
                continue
            if found.issuer != issuer and not self._slash_apart(found.issuer, issuer):
                raise _issuer_mismatch(*map(self.shown, (place, found.issuer, issuer)))
            return await self.checked(found, issuer)
        raise _no_metadata(self.shown(issuer), tuple(self.tried[begun:]), page=self.page)

    async def older(self, url: str, *, guess: bool, named: bool = False) -> ServerMetadata:
        """Revision 2025-03-26: the server's own origin gives the tokens. Only what says nothing at all is guessed.
        ``named`` is whether a challenge names metadata, none of which could be used: that is a later revision."""
        begun = len(self.tried)
        root = wellknown.root_of(url)
        for place in wellknown.server_places(root):
            found = wellknown.server_metadata(place, await self._read(place))
            if found is not None:
                if found.issuer.rstrip("/") != root and not self._slash_apart(found.issuer, root):
                    raise _issuer_mismatch(*map(self.shown, (place, found.issuer, root)))
                return await self.checked(found, root)
        if named:
            raise _no_resource_metadata(self.shown(url), tuple(self.tried[:begun]), page=self.page)
        if not guess:
            raise OAuthProblem(NOTHING, "The server does not say who gives tokens for it.")
        if any(not said.endswith((" 404", " 405", " 410")) for said in self.tried):
            raise _no_metadata(self.shown(root), tuple(self.tried), page=self.page)
        return wellknown.unpublished(url)

    async def checked(self, server: ServerMetadata, issuer: str) -> ServerMetadata:
        depth = await depth_of(issuer)
        near: dict[str, int] = {}
        unusable: set[str] = set()
        for name in wellknown.ENDPOINTS:
            endpoint = getattr(server, name)
            if not endpoint:
                continue
            try:
                check_url(endpoint)
            except AuthwizardError:
                if name in ("authorization_endpoint", "token_endpoint"):
                    raise OAuthProblem(
                        "authorization-endpoint-unusable",
                        f"The authorization server's {name} is no address of the web.",
                        f"{self.shown(server.url)} names it so.",
                        ["Tell the identity provider's admin."],
                        evidence=(Evidence(_PROBE, f"{name} in {self.shown(server.url)}"),),
                    ) from None
                unusable.add(name)
                continue
            refuse_plain(endpoint, f"The authorization server's {name}", self.allow)
            if origin(endpoint) != origin(issuer):
                host = str(origin(endpoint))
                near[host] = near[host] if host in near else await depth_of(endpoint)
                if near[host] > depth:
                    raise OAuthProblem(
                        "authorization-server-nearer-than-server",
                        f"The authorization server's {name} lies in a private place.",
                        f"{self.shown(server.url)} names {self.shown(endpoint)}.",
                        ["Tell the identity provider's admin."],
                        evidence=(Evidence(_PROBE, f"{name} {self.shown(endpoint)}"),),
                    )
        return wellknown.without(server, unusable) if unusable else server

    def same(self, one: str, other: str) -> bool:
        """Whether two names are one issuer's."""
        return one == other or self._slash_apart(one, other)

    def _slash_apart(self, one: str, other: str) -> bool:
        return "issuer-slash" in self.allow and one.rstrip("/") == other.rstrip("/")

    def shown(self, text: str) -> str:
        return "".join(c for c in self.transport.redact(text)[:200] if c.isprintable())

    async def _read(self, url: str) -> object:
        """The document, or None with the reason in ``tried``."""
        try:
            reply = await get(url, self.transport)
            found = _object(reply) if reply.status == 200 else {}
        except AuthwizardError as error:
            self.tried.append(f"{self.shown(url)}: {error.title}")
            return None
        if reply.status != 200:
            self.tried.append(f"{self.shown(url)}: {reply.status}")
            return None
        if not found:
            self.page = True
            self.tried.append(f"{self.shown(url)}: 200, and it is no metadata")
            return None
        return found


async def get(url: str, transport: Transport) -> Reply:
    """A public document; a redirect is followed within the origin only, another one is the answer. Raises:
    TransportError, UsageError."""
    place = check_url(url)
    reply = await transport.send("GET", place, headers={"Accept": "application/json"})
    for _ in range(transport.limits.redirects):
        onward = reply.headers.get("location")
        if reply.status not in _REDIRECTS or not onward:
            break
        there = urljoin(place, onward)
        try:
            if origin(check_url(there)) != origin(place):
                break
        except (AuthwizardError, ValueError):
            break
        place = there
        reply = await transport.send("GET", place, headers={"Accept": "application/json"})
    return reply


def refuse_plain(url: str, what: str, allow: Collection[str]) -> None:
    """MCP-D5: endpoints of an authorization server are https, loopback excepted. Raises: OAuthProblem."""
    try:
        plain = check_url(url).lower().startswith("http:") and not is_loopback(url)
    except AuthwizardError as error:
        raise OAuthProblem("as-metadata-missing", f"{what} is no address of the web.", error.title) from None
    if plain and "http" not in allow:
        raise OAuthProblem(
            "authorization-server-not-https",
            f"{what} is reached over plain http: anybody on the way could read what is sent.",
            f"Its address is {url[:200]}.",
            ["Tell its admin that it needs https.", "Or allow it by name: --allow http"],
            evidence=(Evidence(_PROBE, url[:200]),),
        )


def _another_resource(place: str, says: str, url: str) -> OAuthProblem:
    return ResourceProblem(
        "protected-resource-mismatch",
        "The server's metadata is that of another resource, so a token for it would not be for this server.",
        f"It names {says or 'no resource at all'}; the address that was asked is {url}.",
        evidence=(
            Evidence(_PROBE, f"{place}: resource {says or 'absent'}"),
            Evidence(_PROBE, f"asked: {url}"),
        ),
    )


def _another_issuer(issuer: str, resource: ResourceMetadata) -> OAuthProblem:
    named = ", ".join(resource.authorization_servers[:MOST])
    return OAuthProblem(
        "authorization-server-variant-wrong",
        "The issuer that you named is none of those whose tokens the server takes.",
        f"You named {issuer}; the server names {named}.",
        [f"Use the issuer exactly as the server names it: --set issuer={resource.authorization_servers[0]}"],
        evidence=(Evidence(_PROBE, f"{resource.url}: authorization_servers {named}"),),
    )


def _issuer_mismatch(place: str, said: str, wanted: str) -> OAuthProblem:
    fix: list[str] = []
    if said.rstrip("/") == wanted.rstrip("/"):
        fix = [
            "Ask the admin to write the issuer alike in both places.",
            "Or allow it by name: --allow issuer-slash",
        ]
    return OAuthProblem(
        "as-metadata-issuer-mismatch",
        "The authorization server's metadata belongs to another issuer, and is not used.",
        f"Asked for {wanted}, it says that it is {said}.",
        fix,
        evidence=(Evidence(_PROBE, f"{place}: issuer {said}, expected {wanted}"),),
    )


_PAGE: Final = "well-known-answers-200-with-html-or-empty-json"


def _object(reply: Reply) -> Mapping[str, object]:
    """Its members; none of what is no JSON object, such as a page."""
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _no_resource_metadata(url: str, tried: tuple[str, ...], *, page: bool) -> OAuthProblem:
    return ResourceProblem(
        _PAGE if page else "resource-metadata-missing",
        "The server says that it has metadata about who gives tokens for it, and there is none that can be used.",
        "; ".join(tried[:4]),
        evidence=tuple(Evidence(_PROBE, said) for said in tried[:3]) or (Evidence(_PROBE, url),),
    )


def _no_metadata(issuer: str, tried: tuple[str, ...], *, page: bool) -> OAuthProblem:
    return OAuthProblem(
        _PAGE if page else "as-metadata-missing",
        f"{issuer} publishes no metadata that can be used.",
        "; ".join(tried[:4]),
        evidence=tuple(Evidence(_PROBE, said) for said in tried[:3]),
    )
