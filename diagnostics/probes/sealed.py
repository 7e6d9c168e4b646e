"""The header of a token that is encrypted."""

from __future__ import annotations

from wizard.jwt import sealed as header_of

from ..engine import Probe, Skip
from ..facts import CredentialText
from ..facts.shape import Sealed


async def sealed(credential: CredentialText) -> Sealed | Skip:
    """Five parts, of which the first says how the others are encrypted."""
    found = header_of(credential.bare.reveal().strip())
    return Sealed(found) if found else Skip("the credential is not encrypted")


PROBE = Probe("sealed", "an encrypted token's header", Sealed, sealed)
