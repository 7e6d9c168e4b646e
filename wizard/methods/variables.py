"""Variables of a program of one's own: each the whole value as it stands, secret or plain."""

from __future__ import annotations

from wizard.services import Field

from .kind import VARIABLE, Free, Kind

NAMES = "variable_names"

KIND = Kind(
    "variables",
    "Variables of its own",
    (
        Field(
            NAMES,
            "Names of the variables",
            help="As the program's documentation writes them, with commas between: NOTION_TOKEN, LOG_LEVEL.",
        ),
    ),
    free=Free(VARIABLE, "", "", NAMES),
    only_own=True,
)
