"""What is asked about, read from the target alone."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from wizard import caches
from wizard.entries import Remote

from .. import net
from ..engine import Context, Probe
from ..facts import Situation
from ..sending import credential_of
from ..sending import live as sent_to
from ..target import Target


async def situation(context: Context) -> Situation:
    """Address, headers and whether a credential goes along."""
    target = context.target
    sent = sent_to(target)
    url = target.url
    parts = urlsplit(url)
    secure = parts.scheme.lower() == "https"
    live = target.live
    has = bool(credential_of(target, sent)) or bool(target.credential)
    own_login = _logs_in_itself(target, has)
    return Situation(
        url=url,
        host=parts.hostname or "",
        port=parts.port or (443 if secure else 80),
        secure=secure,
        configured="://" not in target.label and not own_login,
        has_credential=has,
        header_names=(*sent.headers, *(f"?{name} (in the address)" for name in sent.query)),
        transport=target.entry.transport if isinstance(target.entry, Remote) else "stdio",
        service=target.service.id if target.service else "",
        proxy=net.proxy_for(url) if url else "",
        requires_auth=live.requires_auth,
        practice=_practising(target),
        own_login=own_login,
        status=target.service.status if target.service and not _practising(target) else "",
    )


def _logs_in_itself(target: Target, has: bool) -> bool:
    """Whether the program that the entry starts gets its credential by itself, so that none of ours is missing."""
    by_program = target.method is not None and target.method.login is not None
    return by_program or (not has and (target.bridged or _kept_by_client(target)))


def _kept_by_client(target: Target) -> bool:
    """Whether the entry's client keeps a login of its own for it, or has begun one."""
    if not target.config or not target.url:
        return False
    found = caches.of_client(target.label.partition(":")[0], target.url, time.time())
    return found is not None and (bool(found[1]) or caches.is_held(found[0]))


def _practising(target: Target) -> bool:
    return target.environment is not None and target.environment.id == "practice"


PROBE = Probe("situation", "what is asked about", Situation, situation)
