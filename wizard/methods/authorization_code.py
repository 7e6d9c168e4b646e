"""A login in the person's browser (RFC 6749 section 4.1 with PKCE)."""

from __future__ import annotations

from wizard.services import Field

from .kind import Kind
from .oauth_fields import BEARER, CLIENT, TOKEN, WHERE

KIND = Kind(
    "authorization_code",
    "Login in the browser",
    (
        *CLIENT,
        *WHERE,
        Field(
            "redirect_uri",
            "Redirect URI",
            required=False,
            help="As registered, such as http://localhost:3334/callback; empty: http://127.0.0.1:3334/callback.",
        ),
    ),
    BEARER,
    (TOKEN,),
    flows=True,
    person=True,
)
