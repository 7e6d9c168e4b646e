"""A key in a parameter of the address: ``?api_key=…``."""

from __future__ import annotations

from types import MappingProxyType

from wizard.services import Field

from .kind import QUERY, Free, Kind

NAME = Field(
    "query_name",
    "Name of the parameter",
    required=False,
    default="api_key",
    help="As the service's documentation writes it, such as key or api_key.",
)

_KEY = f"{QUERY}{NAME.default}"

KIND = Kind(
    "api_key_query",
    "API key in the address",
    (NAME, Field(_KEY, "API key", secret=True, help="The value alone, without the parameter's name.")),
    query=MappingProxyType({NAME.default: f"{{{_KEY}}}"}),
    free=Free(QUERY, NAME.default, NAME.id, _KEY),
)
