"""A token that stays in the file where another program keeps it; sent as a bearer token."""

from __future__ import annotations

from wizard.services import Field

from .bearer import HEADERS
from .kind import Kind

KIND = Kind(
    "token_file",
    "Token file",
    (Field("token", "Token file", secret=True, help="The path of the file."),),
    HEADERS,
    named_by="token_file",
    source="file:",
)
