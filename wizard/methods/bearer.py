"""One token, as RFC 6750 sends it."""

from __future__ import annotations

from types import MappingProxyType

from wizard.services import Field

from .kind import Kind

HEADERS = MappingProxyType({"Authorization": "Bearer {token}"})

KIND = Kind(
    "bearer",
    "Token",
    (Field("token", "Token", secret=True, help="The value alone, without the word Bearer."),),
    HEADERS,
)
