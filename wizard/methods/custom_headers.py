"""Headers of the person's own, several at once: each the whole value as it stands, secret or plain."""

from __future__ import annotations

from wizard.services import Field

from .kind import HEADER, Free, Kind

NAMES = "header_names"

KIND = Kind(
    "headers",
    "Headers of your own",
    (
        Field(
            NAMES,
            "Names of the headers",
            help="As the documentation writes them, with commas between: X-Company-Key, X-Tenant.",
        ),
    ),
    free=Free(HEADER, "", "", NAMES),
    only_own=True,
)
