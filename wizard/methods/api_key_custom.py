"""A key under a scheme of the service's own, ``Authorization: ApiKey …`` (RFC 9110 section 11.6.2), or that in a
header of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from wizard.errors import UsageError
from wizard.services import Field

from .kind import HEADER, Free, Kind

SCHEME = "scheme"
_WORD: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]*")


def check(texts: Mapping[str, str]) -> None:
    """A scheme is one token of RFC 9110 section 5.6.2. Raises: UsageError, ``scheme-invalid``."""
    if not _WORD.fullmatch(texts.get(SCHEME, "")):
        raise UsageError(
            "scheme-invalid",
            "That is not a scheme: it is one word of letters, digits and -, without a space.",
            "What was given is not repeated: the key may stand in it.",
            ["Give the word before the key alone: --set scheme=ApiKey, and the key by --secret token=SOURCE"],
        )


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
    check=check,
)
