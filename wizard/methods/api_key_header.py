"""A key in a header of its own, sent as it stands."""

from __future__ import annotations

from types import MappingProxyType

from wizard.services import Field

from .kind import Kind

NAME_FIELD = "header_name"
"""The setting that holds the header's name, where a person may choose it."""

DEFAULT = "X-API-Key"

KIND = Kind(
    "api_key_header",
    "API key in a header",
    (
        Field(
            NAME_FIELD,
            "Name of the header",
            required=False,
            default=DEFAULT,
            help="As the service's documentation writes it.",
        ),
        Field(
            f"header.{DEFAULT}",
            "API key",
            secret=True,
            help="The whole value of that header, sent as it stands.",
        ),
    ),
    MappingProxyType({DEFAULT: f"{{header.{DEFAULT}}}"}),
    free_header=f"header.{DEFAULT}",
)
