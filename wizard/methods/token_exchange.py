"""The company's identity provider vouches for a person (RFC 8693, then RFC 7523; MCP extension SEP-990)."""

from __future__ import annotations

from wizard.services import Field

from .kind import Kind
from .oauth_fields import BEARER, TOKEN, WHERE

KIND = Kind(
    "token_exchange",
    "Enterprise login, exchanged",
    (
        Field(
            "idp_id_token",
            "ID token",
            secret=True,
            help="That of your login at the company's identity provider.",
        ),
        Field("idp_token_endpoint", "The identity provider's token endpoint", required=False),
        Field("idp_issuer", "The identity provider's issuer", required=False),
        Field("idp_client_id", "Client id at the identity provider", required=False),
        Field(
            "client_id", "Client id", required=False, help="The one at the server's own authorization server."
        ),
        Field("client_secret", "Client secret", secret=True, required=False),
        *WHERE,
    ),
    BEARER,
    (TOKEN,),
    flows=True,
)
