"""A key in a header of its own, sent as it stands."""

from __future__ import annotations

from types import MappingProxyType

from wizard.services import Field

from .kind import HEADER, Free, Kind

NAME = Field(
    "header_name",
    "Name of the header",
    required=False,
    default="X-API-Key",
    help="As the service's documentation writes it.",
)

_KEY = f"{HEADER}{NAME.default}"

KIND = Kind(
    "api_key_header",
    "API key in a header",
    (NAME, Field(_KEY, "API key", secret=True, help="The whole value of that header, sent as it stands.")),
    MappingProxyType({NAME.default: f"{{{_KEY}}}"}),
    free=Free(HEADER, NAME.default, NAME.id, _KEY),
)
