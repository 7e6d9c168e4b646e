"""A key under a scheme of the service's own, ``Authorization: ApiKey …`` (RFC 9110 section 11.6.2), or that in a
header of its own."""

from __future__ import annotations

from types import MappingProxyType

from wizard.services import Field

from .kind import HEADER, Free, Kind

SCHEME = "scheme"

_NAME = Field(
    "header_name",
    "Name of the header",
    required=False,
    default="Authorization",
    help="Authorization, unless the service's documentation writes another.",
)

KIND = Kind(
    "api_key_custom",
    "API key under a scheme of its own",
    (
        Field(SCHEME, "Scheme", help="The word before the key, such as ApiKey or Token."),
        Field("token", "API key", secret=True, help="The value alone, without the scheme."),
        _NAME,
    ),
    MappingProxyType({_NAME.default: "{scheme} {token}"}),
    free=Free(HEADER, _NAME.default, _NAME.id, ""),
)
