"""The credential read as a JWT, without trusting it."""

from __future__ import annotations

from wizard.jwt import peek

from ..engine import Probe, Skip
from ..facts import CredentialText, JwtView


async def jwt_view(credential: CredentialText) -> JwtView | Skip:
    """Header and claims, also of a value that has to be mended first."""
    texts = [credential.bare.reveal()]
    texts += [f.mended.reveal().rpartition(" ")[2] for f in credential.faults if f.mended]
    found = next((p for p in map(peek, texts) if p is not None), None)
    return JwtView(found.header, found.claims) if found else Skip("the credential is no JWT")


PROBE = Probe("jwt", "the token's claims", JwtView, jwt_view)
