"""Which older version of TLS a server speaks that shares none with this program."""

from __future__ import annotations

import ssl
from typing import Final

from .. import net
from ..engine import Context, Probe, Skip
from ..facts import Secured, Situation
from ..facts.tls import OldTls
from ..proxied import opener

_PATIENCE: Final = 5.0
_SAFE: Final = frozenset({"TLSv1.2", "TLSv1.3"})


async def old_tls(context: Context, situation: Situation, secured: Secured) -> OldTls | Skip:
    """One handshake that offers the old ones too; nothing is sent over it."""
    if secured.error != "protocol":
        return Skip("the handshake does not fail for what both sides speak")
    way = opener(situation.url, situation.host, situation.port)
    patience = min(_PATIENCE, context.transport.timeout / 2)
    try:
        version = await net.version_of(
            situation.host, situation.port, net.unverified(oldest=True), patience, way
        )
    except (ssl.SSLError, OSError, EOFError, TimeoutError):
        version = ""
    return OldTls("" if version in _SAFE else version)


PROBE = Probe("old-tls", "older versions of TLS", OldTls, old_tls)
