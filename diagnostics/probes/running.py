"""Since when a server runs, where it gives its own tokens: what it signed before, it may no longer know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urljoin

from wizard.errors import AuthwizardError
from wizard.urls import origin

from ..engine import Context, Probe, Skip
from ..facts import JwtView, Situation
from ..facts.edge import Running
from ..facts.wire import Differential

_LASTED: Final = ("uptime", "uptime_seconds", "uptimeSeconds", "uptime_s", "process_uptime")
_BEGAN: Final = ("started_at", "startedAt", "start_time", "startTime", "started", "boot_time", "up_since")
_PATHS: Final = ("/health", "/healthz", "/status")
_MILLISECONDS: Final = 10_000_000_000


async def running(
    context: Context, situation: Situation, differential: Differential, jwt: JwtView
) -> Running | Skip:
    """GETs without a credential, and only where a token of the server's own making is refused."""
    real = differential.real
    if real is None or real.status != 401:
        return Skip("no token is refused")
    issuer = str(jwt.claims.get("iss") or "")
    try:
        own = bool(issuer) and origin(issuer) == origin(situation.url)
    except ValueError:
        own = False
    if not own:
        return Skip("the token is not of the server's own making")
    own_path, now = context.target.live.health, real.date or time.time()
    urls = [urljoin(situation.url, path) for path in ((own_path,) if own_path else _PATHS)]
    told = await asyncio.gather(*(_asked(context, url, now) for url in urls))
    return next((t for t in told if t is not None), Skip("the server does not say since when it runs"))


async def _asked(context: Context, url: str, now: float) -> Running | None:
    try:
        reply = await context.transport.send("GET", url, headers={"Accept": "application/json"})
        found = reply.json() if reply.status == 200 else None
    except AuthwizardError:
        return None
    held = [found, *(found.values() if isinstance(found, Mapping) else ())]
    since = next((s for h in held if isinstance(h, Mapping) and (s := _since(h, now)) is not None), None)
    return Running(since, url) if since is not None else None


def _since(found: Mapping[str, object], now: float) -> float | None:
    for name in _LASTED:
        lasted = found.get(name)
        if isinstance(lasted, int | float) and not isinstance(lasted, bool) and 0 <= lasted < now:
            return now - lasted
    for name in _BEGAN:
        began = found.get(name)
        if isinstance(began, int | float) and not isinstance(began, bool) and began > 0:
            return began / 1000 if began > _MILLISECONDS else float(began)
        if isinstance(began, str):
            try:
                return datetime.fromisoformat(began).timestamp()
            except (ValueError, OverflowError):
                continue
    return None


PROBE = Probe("running", "since when the server runs", Running, running)
