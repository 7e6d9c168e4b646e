"""Whether the server wants a certificate of its client."""

from __future__ import annotations

import re
from typing import Final

from .. import net
from ..engine import Context, Probe, Skip
from ..facts import Secured, Situation
from ..facts.tls import ClientCertificate
from ..facts.wire import Differential
from ..proxied import opener

_ENDED: Final = frozenset({"client-certificate", "protocol", "closed"})
"""How a handshake ends with a server that misses one, before TLS 1.3."""
_PATIENCE: Final = 5.0
_SAYS: Final = re.compile(
    r"no required ssl certificate|\b(?:client|ssl|tls) certificate (?:is |was )?"
    r"(?:required|missing|not (?:sent|provided|presented|supplied))",
    re.IGNORECASE,
)
"""nginx (400), IIS (403.7), and servers that word it as those do."""


async def client_certificate(
    context: Context, situation: Situation, secured: Secured, differential: Differential | None
) -> ClientCertificate | Skip:
    """By what it answers over HTTP; else by one handshake more, over which nothing is sent."""
    judged = differential.judged if differential else None
    if judged is not None and judged.status is not None:
        said = _SAYS.search(_excerpt(context, judged.number)) if judged.status in (400, 401, 403) else None
        return ClientCertificate(False, "", said[0]) if said else Skip("the server answers over TLS")
    if secured.error not in _ENDED and (secured.error or judged is None):
        return Skip("the connection does not end as it does for want of a certificate")
    way = opener(situation.url, situation.host, situation.port)
    patience = min(_PATIENCE, context.transport.timeout / 2)
    asked, alert = await net.wants_certificate(situation.host, situation.port, patience, way)
    return ClientCertificate(asked, alert)


def _excerpt(context: Context, number: int) -> str:
    return next((e.excerpt for e in context.transport.exchanges if e.number == number), "")


PROBE = Probe("client-certificate", "a certificate of the client", ClientCertificate, client_certificate)
