"""Whether the issuer's own keys made the token's signature. Nothing new is asked: the keys came with the issuer."""

from __future__ import annotations

from wizard.oauth.signatures import NO_JWT, NO_KEYS, Signature, check

from ..engine import Probe, Skip
from ..facts import CredentialText, JwtView
from ..facts.oauth import Issuers


async def signature(jwt: JwtView, credential: CredentialText, issuers: Issuers | None) -> Signature | Skip:
    """Against the keys of the issuer that the token names, where it says itself that it is that one."""
    issuer = issuers.at(str(jwt.claims.get("iss") or "")) if issuers else None
    own = issuer if issuer is not None and issuer.itself else None
    found = check(credential.bare.reveal(), own.jwks if own else {}, own.jwks_uri if own else "")
    if found.why in (NO_KEYS, NO_JWT):
        return Skip("the keys of the token's issuer are not known")
    return found


PROBE = Probe("signature", "whether the issuer's keys made the signature", Signature, signature)
