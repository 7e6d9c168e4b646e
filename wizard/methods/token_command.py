"""A token that a command prints, run anew at each use, so that one that expires is renewed; sent as a bearer token."""

from __future__ import annotations

from wizard.services import Field

from .bearer import HEADERS
from .kind import Kind

COMMAND = "command"

KIND = Kind(
    "token_command",
    "Token command",
    (
        Field(
            COMMAND,
            "Command",
            help="It prints the token alone, on one line, within 20 seconds; no shell reads it (else: sh -c '...').",
        ),
    ),
    HEADERS,
    derived=(Field("token", "Token", secret=True),),
    named_by=COMMAND,
    source="cmd:",
)
