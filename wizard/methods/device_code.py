"""A login on another device, by a code that is typed there (RFC 8628)."""

from __future__ import annotations

from .kind import Kind
from .oauth_fields import BEARER, CLIENT, TOKEN, WHERE

KIND = Kind(
    "device_code",
    "Login by a code",
    (*CLIENT, *WHERE),
    BEARER,
    (TOKEN,),
    flows=True,
    person=True,
)
