"""Where a redirect URI was refused: the same request once more, without a login, with one thing about it changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from wizard.errors import TransportError
from wizard.oauth.authorization import RedirectRefused

from ..engine import Context, Probe, Skip
from ..facts.redirect import RedirectsTried, RedirectTried

if TYPE_CHECKING:
    from wizard.oauth.authorization import Request

_SILENT: Final = ("prompt", "none")
"""OpenID Connect Core section 3.1.2.1: nobody is asked anything."""
_HOSTS: Final = {"127.0.0.1": "localhost", "localhost": "127.0.0.1", "::1": "localhost"}
_PORTS: Final = (3334, 8080)
"""This program's and mcp-remote's; then the one that examples have."""
_PATHS: Final = ("/callback", "/oauth/callback", "/auth/callback", "/")
_MOST: Final = 6
"""Requests in a round."""


async def redirects(context: Context) -> RedirectsTried | Skip:
    """Two rounds at most, and only at the issuer that refused: what answers are made of then is not looked at."""
    problem = context.asked.error if context.asked else None
    if not isinstance(problem, RedirectRefused) or problem.asked is None:
        return Skip("no redirect URI was refused")
    asked = problem.asked
    sent = asked.redirect_uri
    first = _fresh((*problem.named, *_near(sent)), sent, ())
    (control, _), *tried = await asyncio.gather(*(_ask(context, asked, uri) for uri in (sent, *first)))
    if control.accepted or control.status is None:
        return Skip("asked without a login, the redirect URI is not refused")
    found = [t for t, judged in tried if judged]
    if not any(t.accepted for t in found):
        second = _fresh(_farther(sent, context.target.url), sent, first)
        more = await asyncio.gather(*(_ask(context, asked, uri) for uri in second))
        found += [t for t, judged in more if judged]
    return RedirectsTried(context.transport.redact(asked.shown), sent, control.status, tuple(found))


def _fresh(wanted: Iterator[str] | tuple[str, ...], sent: str, done: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(uri for uri in wanted if uri != sent and uri not in done))[:_MOST]


def _near(uri: str) -> tuple[str, ...]:
    """The other name of this machine, no port, a slash at the end or none."""
    parts = urlsplit(uri)
    host = _HOSTS.get(parts.hostname or "", "127.0.0.1")
    path = parts.path.rstrip("/") if parts.path.endswith("/") else f"{parts.path}/"
    return _with(uri, host=host), _with(uri, port=None), _with(uri, path=path)


def _farther(uri: str, server: str) -> Iterator[str]:
    """Other ports, and other paths: the usual ones, and below the path of the server itself."""
    for port in _PORTS:
        yield _with(uri, port=port)
    parts, mount = urlsplit(uri), urlsplit(server).path.rstrip("/")
    yield _with(
        uri, path=parts.path.removeprefix(mount) if parts.path.startswith(f"{mount}/") else mount + parts.path
    )
    for path in _PATHS:
        yield _with(uri, path=path)


def _with(uri: str, **changed: str | int | None) -> str:
    """The address with its host, port or path changed."""
    parts = urlsplit(uri)
    host = str(changed.get("host") or parts.hostname or "")
    port = changed.get("port", parts.port)
    name = f"[{host}]" if ":" in host else host
    place = name if port is None else f"{name}:{port}"
    return urlunsplit((parts.scheme, place, str(changed.get("path", parts.path)), "", ""))


async def _ask(context: Context, asked: Request, uri: str) -> tuple[RedirectTried, bool]:
    """How the request is answered with this redirect URI, and whether the answer tells anything about it."""
    from wizard.oauth import login_page

    parts = urlsplit(asked.url.reveal())
    kept = [
        (n, v)
        for n, v in parse_qsl(parts.query, keep_blank_values=True)
        if n not in ("redirect_uri", "prompt")
    ]
    url = urlunsplit((*parts[:3], urlencode([*kept, ("redirect_uri", uri), _SILENT]), ""))
    try:
        reply = await context.transport.send("GET", url, headers={"Accept": "text/html"})
    except TransportError:
        return RedirectTried(uri, None, False), False
    refused = login_page.refused(reply, asked, uri)
    return RedirectTried(uri, reply.status, refused is False), refused is not None


PROBE = Probe("redirects", "the login with another redirect URI", RedirectsTried, redirects)
