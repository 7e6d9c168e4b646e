"""The fields that the OAuth methods share."""

from __future__ import annotations

from typing import Final

from wizard.services import Field

CLIENT: Final = (
    Field(
        "client_id",
        "Client id",
        required=False,
        help="Only where the provider gave you one; else this program registers itself, if it may.",
    ),
    Field(
        "client_secret", "Client secret", secret=True, required=False, help="Only where the client has one."
    ),
    Field(
        "client_metadata_url",
        "Address of a client metadata document",
        required=False,
        help="An https address at which the client describes itself; few have one.",
    ),
)
"""Who this program is at the authorization server: all of it may be empty."""

WHERE: Final = (
    Field(
        "scope",
        "Scopes",
        required=False,
        help="With a space between two. Empty: those that the server asks for.",
    ),
    Field(
        "issuer",
        "Issuer",
        required=False,
        help="The identity provider's name as an address; empty: the server names it.",
    ),
    Field(
        "resource",
        "Resource",
        required=False,
        help="What the token is for (RFC 8707); empty: what the server's metadata says.",
    ),
    Field(
        "token_endpoint_auth_method",
        "How the client shows who it is",
        required=False,
        help="client_secret_basic, client_secret_post or none; empty: as the provider's metadata says.",
    ),
)
"""What is asked for, and where. Empty, discovery finds it."""

TOKEN: Final = Field("access_token", "Access token", secret=True)
BEARER: Final = {"Authorization": "Bearer {access_token}"}
