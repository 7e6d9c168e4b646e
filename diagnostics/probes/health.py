"""The health path that the service's document names, asked without a credential."""

from __future__ import annotations

from urllib.parse import urljoin

from ..asking import ask
from ..engine import Context, Probe, Skip
from ..facts import Health, Situation


async def health(context: Context, situation: Situation) -> Health | Skip:
    """Ask it as a load balancer would."""
    target = context.target
    live = target.environment.live if target.environment else None
    live = live or (target.service.live if target.service else None)
    if live is None or not live.health or not situation.url:
        return Skip("no document names a health path")
    url = urljoin(situation.url, live.health)
    return Health(url, await ask(context.transport, "GET", url))


PROBE = Probe("health", "the health path", Health, health)
