"""The health path that the service's document names, asked without a credential."""

from __future__ import annotations

from urllib.parse import urljoin

from ..asking import ask
from ..engine import Context, Probe, Skip
from ..facts import Health, Situation


async def health(context: Context, situation: Situation) -> Health | Skip:
    """Ask it as a load balancer would."""
    path = context.target.live.health
    if not path or not situation.url:
        return Skip("no document names a health path")
    url = urljoin(situation.url, path)
    return Health(url, await ask(context.transport, "GET", url))


PROBE = Probe("health", "the health path", Health, health)
