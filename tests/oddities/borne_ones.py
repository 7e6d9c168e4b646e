"""The servers that are odd and yet as they may be: none of them yields a finding."""

from __future__ import annotations

from typing import Final

from oddities.odd_ones import BROKEN, BY_CODE, BY_KNOWN, GONE, NAMED, SCHEMES, allowing, challenge
from oddities.odd_server import Answer, Odd

PENDING: Final = Answer(400, {"error": "authorization_pending"})
BORNE: Final = {
    "as-it-stands": Odd(),
    "by-a-known-client": Odd(options=BY_KNOWN),
    "by-code": Odd(options=BY_CODE),
    "scheme-allowed": Odd(
        instead=SCHEMES["scheme-not-bearer"].instead, options=allowing("scheme-not-bearer")
    ),
    "gateway-allowed": Odd(
        instead=SCHEMES["gateway-redirects"].instead, options=allowing("gateway-redirect")
    ),
    "slash-allowed": Odd(
        change={"issuer": {"issuer": "{issuer}/"}, "authorize": {"iss": "{issuer}/"}},
        options=allowing("issuer-slash"),
    ),
    "pkce-allowed": Odd(
        change={"issuer": {"code_challenge_methods_supported": None}}, options=allowing("pkce-not-advertised")
    ),
    "prm-only-at-the-root": Odd(
        instead={
            "resource": GONE,
            "refusal": challenge('Bearer realm="x"'),
            "resource_root": Answer(body={"resource": "{base}", "authorization_servers": ["{issuer}"]}),
        }
    ),
    "as-metadata-at-the-second-place": Odd(
        instead={
            "issuer": BROKEN,
            "openid": Answer(
                body={
                    "issuer": "{issuer}",
                    "authorization_endpoint": "{issuer}/authorize?theme=dark",
                    "token_endpoint": "{issuer}/token",
                    "registration_endpoint": "{issuer}/register",
                    "code_challenge_methods_supported": ["S256"],
                }
            ),
        }
    ),
    "first-issuer-dead": Odd(change={"resource": {"authorization_servers": ["{dead}", "{issuer}"]}}),
    "endpoint-nobody-needs": Odd(change={"issuer": {"jwks_uri": "file:///etc/passwd"}}),
    "iss-not-announced": Odd(
        change={
            "issuer": {"authorization_response_iss_parameter_supported": None},
            "authorize": {"iss": None},
        }
    ),
    "token-lower-case": Odd(change={"token": {"token_type": "bearer"}}),
    "token-without-a-type": Odd(change={"token": {"token_type": None}}),
    "expires-in-as-text": Odd(change={"token": {"expires_in": "600"}}),
    "expires-in-as-nonsense": Odd(change={"token": {"expires_in": "soon"}}),
    "registration-says-200": Odd(change={"register": {}}),
    "two-challenges": Odd(
        instead={"refusal": challenge('Basic realm="a, b"', f"Bearer resource_metadata={NAMED}")}
    ),
    "two-in-one-line": Odd(
        instead={
            "refusal": challenge(
                f'Negotiate, Basic realm="say \\"Bearer\\", x=", Bearer resource_metadata={NAMED}'
            )
        }
    ),
    "folded": Odd(instead={"refusal": challenge(f'Bearer realm="x",\r\n resource_metadata={NAMED}')}),
    "odd-letters": Odd(instead={"refusal": challenge(f"bEARER Resource_Metadata = {NAMED}")}),
    "step-up-once": Odd(wants="write"),
    "device-without-an-interval": Odd(change={"device": {"interval": None}}, options=BY_CODE),
    "device-slowed-down": Odd(
        instead={"token": (PENDING, Answer(400, {"error": "slow_down"}), BROKEN, None)}, options=BY_CODE
    ),
}
"""Odd as well, or with their oddity allowed by name: there nothing is to be found."""
