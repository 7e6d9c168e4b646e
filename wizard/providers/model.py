"""What is known of an identity provider, and where it does otherwise than the standards: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from wizard.oauth.model import ServerMetadata

ANY, EXACT = "any", "exact"
"""The port of a loopback redirect URI: any (RFC 8252 section 7.3), or the registered one alone."""

OPEN, POLICY, NONE = "open", "policy", "none"
"""Whether clients register themselves (RFC 7591): yes, where an admin has allowed it, or not at all."""

LOOPBACK: Final = "127.0.0.1"
_PORT: Final = 3334
_PATH: Final = "/callback"


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a provider does otherwise. ``needs`` is the leniency (`--allow NAME`) without which no login is had there;
    empty where nothing has to be allowed. ``sources`` are the pages that say so."""

    id: str
    says: str
    needs: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Redirect:
    """Which loopback address may be registered. ``port`` is `ANY` or `EXACT`. ``hosts`` are the names of this machine
    that it takes over plain http, the one to be used first; none where it takes https only. ``add`` says where another
    one is added to a client, ``says`` what else there is to it. ``wildcards``: it would take a ``*``. ``refusal`` is
    what its page says where it does not know the address: it sends nobody back then (RFC 6749 section 4.1.2.1)."""

    port: str = EXACT
    hosts: tuple[str, ...] = (LOOPBACK, "localhost")
    add: str = ""
    says: str = ""
    wildcards: bool = False
    refusal: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """How its token endpoint is asked, and answers. ``authentication`` are the ways it takes, the first to be used
    first (RFC 7591 section 2). ``body`` is ``form`` (the standard) or ``json``. ``accept`` is the Accept header without
    which it answers otherwise than in JSON. ``at`` names the member of the answer that holds the token and what belongs
    to it. ``ok_at`` names the member that is false in a refusal that is answered 200, ``error_at`` the one that holds
    its code then. ``scope_separator`` parts the scopes of the answer. ``bearer`` are its own names for the token type
    Bearer."""

    authentication: tuple[str, ...] = ()
    body: str = "form"
    accept: str = ""
    at: str = ""
    ok_at: str = ""
    error_at: str = ""
    scope_separator: str = " "
    bearer: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def plain(self, members: Mapping[str, object]) -> dict[str, object]:
        """An answer's members as RFC 6749 section 5 has them: what stands within is brought out, a refusal in other
        words gets its ``error``, scopes are parted by spaces, Bearer is called so."""
        inner = members.get(self.at) if self.at else None
        found = {**members, **(inner if isinstance(inner, dict) and "access_token" in inner else {})}
        if self.ok_at and found.get(self.ok_at) is False:
            found["error"] = str(members.get(self.error_at) or "refused")
        scope = found.get("scope")
        if isinstance(scope, str) and self.scope_separator != " ":
            found["scope"] = " ".join(s.strip() for s in scope.split(self.scope_separator))
        if found.get("token_type") in self.bearer:
            found["token_type"] = "Bearer"  # noqa: S105  # a kind, no token
        return found


@dataclass(frozen=True, slots=True)
class Provider:
    """One identity provider.

    Recognised by ``hosts`` (``*.okta.com``), by ``members`` of its metadata (each ends so), by ``path`` (a part of its
    issuer's path), in this order. ``issuer`` and ``endpoints`` are those that it documents without publishing them.
    ``extra`` are authorization parameters that it wants, ``audience`` the value of its own parameter of this name
    (``{resource}`` is the resource), ``scope_parameter`` and ``scope_separator`` how scopes are asked for,
    ``offline_scope`` the scope that brings a refresh token. ``registration`` is `OPEN`, `POLICY` or `NONE`; ``clicks``
    are the steps by which a person registers a client (``{redirect_uri}`` is theirs to register), at ``link``.
    ``sites`` is where those that a token is for are listed, each with its id, name and address. ``binding`` are the
    steps by which an admin has its tokens name a server as their audience (``{resource}`` is what the server wants,
    ``{client}`` the client).
    """

    id: str
    title: str
    hosts: tuple[str, ...] = ()
    members: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    issuer: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    pkce: tuple[str, ...] | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    audience: str = ""
    scope_parameter: str = "scope"
    scope_separator: str = " "
    offline_scope: str = ""
    token: TokenAnswer = field(default_factory=TokenAnswer)
    redirect: Redirect = field(default_factory=Redirect)
    registration: str = NONE
    clicks: tuple[str, ...] = ()
    link: str = ""
    departures: tuple[Departure, ...] = ()
    sources: tuple[str, ...] = ()
    sites: str = ""
    binding: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """The leniencies that a login there wants to be allowed by name."""
        return tuple(dict.fromkeys(d.needs for d in self.departures if d.needs))

    def as_published(self, metadata: Mapping[str, object]) -> Provider:
        """The same behind endpoints that it publishes: how its documented ones want to be asked is not for them."""
        if metadata.get("token_endpoint") in (None, self.endpoints.get("token_endpoint")):
            return self
        plain = TokenAnswer(self.token.authentication)
        return replace(self, endpoints={}, scope_parameter="scope", scope_separator=" ", token=plain)

    def redirect_uri(self, port: int = _PORT) -> str:
        """The redirect URI that is to be registered there, as it is written; ``port`` is ours."""
        host = self.redirect.hosts[0] if self.redirect.hosts else LOOPBACK
        return f"http://{host}:{port}{_PATH}"

    def guide(self, redirect_uri: str = "") -> tuple[str, ...]:
        """The steps by which a person registers a client with this redirect URI (empty: the usual one)."""
        return tuple(c.replace("{redirect_uri}", redirect_uri or self.redirect_uri()) for c in self.clicks)

    def bound_to(self, resource: str, client: str = "") -> tuple[str, ...]:
        """The steps by which its tokens get this audience; none where it is not known how."""
        named = client or "the client"
        return tuple(c.replace("{resource}", resource).replace("{client}", named) for c in self.binding)

    def audience_of(self, resource: str) -> str:
        """The value of its parameter ``audience`` for a resource; empty where it has no such parameter."""
        return self.audience.replace("{resource}", resource)

    def sites_at(self, at: str = "") -> str:
        """Where the sites of a token are listed; empty where there is no such list. ``at`` as below."""
        return _moved(self.sites, at) if self.sites else ""

    def server_metadata(self, at: str = "") -> ServerMetadata | None:
        """What it documents, as if it had published it; None where it publishes it itself. ``at`` is another origin
        that is laid out in the same way: a company's own, or a practice service."""
        if not self.endpoints:
            return None
        from wizard.oauth.model import ServerMetadata

        moved = {name: _moved(url, at) for name, url in self.endpoints.items()}
        return ServerMetadata(
            _moved(self.issuer, at).rstrip("/"),
            "",
            **moved,  # type: ignore[arg-type]  # the reader takes names of endpoints alone, which are texts
            code_challenge_methods_supported=self.pkce,
            token_endpoint_auth_methods_supported=self.token.authentication or None,
            grant_types_supported=("authorization_code", "refresh_token"),
        )


def _moved(url: str, at: str) -> str:
    if not at:
        return url
    there, path = urlsplit(at), urlsplit(url).path
    return urlunsplit((there.scheme, there.netloc, path, "", ""))
