"""From the text of one description to a `Provider`, strictly."""

from __future__ import annotations

import re
from typing import Final

from wizard.described.reader import PROVIDER, Table, opened

from .model import ANY, EXACT, NONE, OPEN, POLICY, Departure, Provider, Redirect, TokenAnswer

LENIENCIES: Final = ("pkce-not-advertised", "issuer-slash", "scheme-not-bearer", "gateway-redirect", "http")
"""The contract's."""

_ID: Final = re.compile(r"[a-z][a-z0-9-]*")
_HOST: Final = re.compile(r"(?:\*\.)?[a-z0-9-]+(?:\.(?:[a-z0-9-]+|\*))*\.[a-z]+")
_LINK: Final = re.compile(r"https://[^\s/@]+(?:/\S*)?")
_PATH: Final = re.compile(r"/[^\s?#]*")
_ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "device_authorization_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
)
_AUTHENTICATIONS: Final = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")


def parse(text: str, name: str) -> Provider:
    """A provider, from the text of its description. ``name`` is the file's, for messages.

    Raises:
        CatalogueError: the first thing at fault; its detail is ``name:LINE: what was found; expected ...``.
    """
    t = opened(text, name, PROVIDER)
    known = t.table("recognised")
    fixed = t.table("endpoints")
    ask = t.table("authorization")
    register = t.table("registration")
    answer = t.table("token")
    redirect = t.table("redirect")
    bound = t.table("resource")
    hosts, members, path = _recognised(known) if known else ((), {}, "")
    issuer, endpoints, pkce = _endpoints(fixed) if fixed else ("", {}, None)
    sites = t.shaped("sites", _LINK, "an https address", "")
    found = Provider(
        id=t.shaped("id", _ID, "small letters, digits and -"),
        title=t.text("title"),
        hosts=hosts,
        members=members,
        path=path,
        issuer=issuer,
        endpoints=endpoints,
        pkce=pkce,
        extra=ask.templates("extra") if ask else {},
        audience=ask.text("audience", "") if ask else "",
        scope_parameter=ask.text("scope_parameter", "scope") if ask else "scope",
        scope_separator=_separator(ask),
        offline_scope=ask.text("offline_scope", "") if ask else "",
        token=_token(answer) if answer else TokenAnswer(),
        redirect=_redirect(redirect) if redirect else Redirect(),
        registration=register.text("dynamic", NONE, among=(OPEN, POLICY, NONE)) if register else NONE,
        clicks=register.texts("clicks", None) if register else (),
        link=register.shaped("link", _LINK, "an https address", "") if register else "",
        binding=bound.texts("clicks", None) if bound else (),
        departures=tuple(_departure(d) for d in t.tables("departures")),
        sites=sites,
        sources=(
            *_sources(t),
            *(_sources(ask) if ask else ()),
            *(_sources(register) if register else ()),
            *(_sources(bound) if bound else ()),
        ),
    )
    for table in (ask, register, bound, t):
        if table is not None:
            table.close()
    return found


def _recognised(t: Table) -> tuple[tuple[str, ...], dict[str, str], str]:
    hosts = t.texts("hosts")
    for host in hosts:
        if not _HOST.fullmatch(host):
            t.fault("hosts", f"`{host}`", "a host such as login.example.com or *.example.com", host)
    members = dict(t.templates("members"))
    path = t.shaped("path", _PATH, "a part of a path, such as /realms/", "")
    if not (hosts or members or path):
        t.fault("hosts", "nothing by which it is recognised", "hosts, members or path")
    t.close()
    return hosts, members, path


def _endpoints(t: Table) -> tuple[str, dict[str, str], tuple[str, ...] | None]:
    issuer = t.shaped("issuer", _LINK, "an https address")
    needed = ("authorization_endpoint", "token_endpoint")
    found = {
        name: t.shaped(name, _LINK, "an https address", None if name in needed else "") for name in _ENDPOINTS
    }
    pkce = t.texts("pkce") or None
    _sources(t)
    t.close()
    return issuer, {name: url for name, url in found.items() if url}, pkce


def _separator(t: Table | None) -> str:
    return {"comma": ",", "space": " "}[t.text("scopes", "space", among=("space", "comma"))] if t else " "


def _token(t: Table) -> TokenAnswer:
    ways = t.texts("authentication")
    for way in ways:
        if way not in _AUTHENTICATIONS:
            t.fault("authentication", f"`{way}`", f"one of {', '.join(_AUTHENTICATIONS)}", way)
    found = TokenAnswer(
        authentication=ways,
        body=t.text("body", "form", among=("form", "json")),
        accept=t.text("accept", ""),
        at=t.text("at", ""),
        ok_at=t.text("ok_at", ""),
        error_at=t.text("error_at", ""),
        scope_separator=_separator(t),
        bearer=t.texts("bearer"),
        sources=_sources(t),
    )
    t.close()
    return found


def _redirect(t: Table) -> Redirect:
    hosts = t.texts("hosts")
    for host in hosts:
        if host not in ("127.0.0.1", "localhost", "[::1]"):
            t.fault("hosts", f"`{host}`", "127.0.0.1, localhost or [::1]", host)
    found = Redirect(
        port=t.text("port", EXACT, among=(ANY, EXACT)),
        hosts=hosts,
        add=t.text("add", ""),
        says=t.text("says", ""),
        wildcards=t.flag("wildcards", False),
        refusal=t.text("refusal", ""),
        sources=_sources(t),
    )
    t.close()
    return found


def _departure(t: Table) -> Departure:
    found = Departure(
        t.shaped("id", _ID, "small letters, digits and -"),
        t.text("says"),
        t.text("needs", "", among=LENIENCIES),
        _sources(t),
    )
    if not found.sources:
        t.fault("sources", "a departure without a source", "the page that says so")
    t.close()
    return found


def _sources(t: Table) -> tuple[str, ...]:
    found = t.texts("sources")
    for address in found:
        if not _LINK.fullmatch(address):
            t.fault("sources", f"`{address[:60]}`", "an https address", address)
    return found
