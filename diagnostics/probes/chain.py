"""Whether the certificate is trusted once the ones are there that the server leaves out."""

from __future__ import annotations

from typing import Final

from wizard.errors import AuthwizardError

from .. import net
from ..certificates import authorities, read
from ..engine import Context, Probe, Skip
from ..facts import Named, Secured, Situation
from ..facts.tls import CompletedChain
from ..inspection import vendor_of
from ..nearness import depth_of, nearer
from ..proxied import opener

_CODES: Final = (2, 20, 21)
_MOST: Final = 3
"""Certificates that are had one after another."""
_PATIENCE: Final = 5.0


async def chain(
    context: Context, situation: Situation, secured: Secured, named: Named | None
) -> CompletedChain | Skip:
    """From the addresses in the certificate itself, over plain http and without a credential; then one handshake."""
    if secured.verify_code not in _CODES or not secured.signers_at:
        return Skip("the certificate names no signer that is missing")
    if vendor_of(secured.issuer, secured.host):
        return Skip("its signer is a maker of inspection")
    depth = depth_of(situation.url, named)
    between, addresses, left = b"", [], list(secured.signers_at)
    for _ in range(_MOST):
        place, pem = await _first(context, left, depth)
        if not pem:
            break
        addresses.append(place)
        between += pem
        way = opener(situation.url, situation.host, situation.port)
        met = await net.handshake(
            situation.host, situation.port, context.transport.ca, _PATIENCE, way, between=between
        )
        if not met.error:
            return CompletedChain(tuple(addresses), True)
        left = [u for u in _above(pem) if u not in addresses]
    return (
        CompletedChain(tuple(addresses), False) if addresses else Skip("its signer's address gives nothing")
    )


async def _first(context: Context, places: list[str], depth: int) -> tuple[str, bytes]:
    """The first address that gives a certificate."""
    for place in places:
        try:
            if await nearer(place, depth):
                continue
            reply = await context.transport.send("GET", place, timeout=_PATIENCE)
        except AuthwizardError:
            continue
        found = authorities(reply.body) if reply.status == 200 else ()
        if found:
            return place, b"".join(found)
    return "", b""


def _above(pem: bytes) -> tuple[str, ...]:
    import ssl

    first = pem.partition(b"-----END CERTIFICATE-----")[0] + b"-----END CERTIFICATE-----\n"
    return read(ssl.PEM_cert_to_DER_cert(first.decode())).signers_at


PROBE = Probe("chain", "the certificates between", CompletedChain, chain)
