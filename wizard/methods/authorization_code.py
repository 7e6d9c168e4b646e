"""A login in the person's browser (RFC 6749 section 4.1 with PKCE)."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.errors import UsageError
from wizard.services import Field

from .kind import Kind
from .oauth_fields import BEARER, CLIENT, TOKEN, WHERE


def _check(texts: Mapping[str, str]) -> None:
    """RFC 9700 section 2.1: a redirect URI is compared exactly, and this program can listen at one address alone."""
    if "*" in texts.get("redirect_uri", ""):
        raise UsageError(
            "redirect-uri-wildcard",
            "A redirect URI with * in it is no address to come back to.",
            "Registered so, it lets any program on any port receive the login.",
            [
                "Register one exact address, such as http://127.0.0.1:3334/callback, and give that.",
                "Or leave it out here: the usual one is taken; --port changes its port.",
            ],
        )


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
    check=_check,
    flows=True,
    person=True,
)
