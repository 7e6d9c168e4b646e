"""Whether a server that refuses what is no JWT looks into one: asked with a JWT that nobody issued."""

from __future__ import annotations

import base64
import json
import secrets

from wizard.secret import Secret

from ..engine import Context, Probe, Skip
from ..facts import CredentialText
from ..facts.shape import OtherForm, Sealed
from ..facts.wire import Differential, Request
from ..sending import Sent
from ..token_words import FORM, about, of_a_jwt
from .differential import put


async def other_form(
    context: Context,
    credential: CredentialText,
    differential: Differential,
    request: Request,
    sealed: Sealed | None,
) -> OtherForm | Skip:
    """Only for a bearer token without parts that is refused as a false one, in words that do not tell why."""
    real = differential.real
    if real is None or real.status != 401 or not real.same_as(differential.false):
        return Skip("the credential is not refused as a false one")
    text = credential.bare.reveal().strip()
    if credential.scheme.lower() != "bearer" or sealed is not None or "." in text or credential.faults:
        return Skip("the credential is no opaque bearer token")
    if about(real.told(), FORM):
        return Skip("the refusal says itself what it reads")
    made = _made_up()
    answer = await put(context, request, Sent({credential.header: made.map("Bearer ")}))
    alike = answer.same_as(real) or not of_a_jwt(answer.told()) or of_a_jwt(real.told())
    return OtherForm(answer.quoted(), answer.status, alike)


def _made_up() -> Secret:
    """A well-formed JWT with a signature of the right length that no key made."""
    parts = ({"alg": "RS256", "typ": "JWT", "kid": "authwizard-false"}, {"sub": "nobody", "exp": 4102444800})
    texts = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts]
    signature = base64.urlsafe_b64encode(secrets.token_bytes(256)).rstrip(b"=").decode()
    return Secret(".".join([*texts, signature]))


PROBE = Probe("other-form", "a made-up JWT", OtherForm, other_form)
