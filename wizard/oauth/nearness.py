"""An address that a server names must not lie nearer to this machine than that server itself does: through us it would
reach what it cannot reach by itself."""

from __future__ import annotations

import asyncio
import socket
from typing import Final
from urllib.parse import urlsplit

from wizard.proxies import proxy_of
from wizard.urls import seclusion

ANYWHERE: Final = 3


async def depth_of(url: str) -> int:
    """How near to this machine an address lies, by its name and by what its name leads to (`wizard.urls.seclusion`).
    Behind a proxy the name alone tells."""
    host = (urlsplit(url).hostname or "").lower()
    near = seclusion(host)
    if near == ANYWHERE or ((proxy := proxy_of(url)) is not None and not proxy.bypass):
        return near
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, urlsplit(url).port or 443, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        return near
    return max(near, *(seclusion(str(address[4][0])) for address in found), 0)
