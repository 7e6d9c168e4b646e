"""An assertion that another party signed, such as a workload's own token (RFC 7523 section 2.1)."""

from __future__ import annotations

from wizard.services import Field

from .kind import Kind
from .oauth_fields import BEARER, TOKEN, WHERE

KIND = Kind(
    "jwt_bearer",
    "Signed assertion",
    (
        Field(
            "assertion",
            "Assertion",
            secret=True,
            help="The signed JWT, as the platform gives it to the workload.",
        ),
        Field("client_id", "Client id", required=False),
        Field("client_secret", "Client secret", secret=True, required=False),
        *WHERE,
    ),
    BEARER,
    (TOKEN,),
    flows=True,
)
