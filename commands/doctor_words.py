"""The options of ``doctor``."""

from __future__ import annotations

from typing import Final

from .words import CA, CREDENTIAL, JSON, KIND, METHOD, PORT, SECRET, SET, TIMEOUT, Option

DOCTOR: Final = (
    Option(("--all",), "every saved connection"),
    KIND,
    METHOD,
    CREDENTIAL,
    Option(("--header",), "a header as it stands, in place of one of that name", "NAME=SOURCE", many=True),
    SET,
    SECRET,
    Option(("--require-scope",), "a scope that the credential must have", "S", many=True),
    Option(("--tool",), "a tool that should be there under this name; it is not called", "T"),
    Option(("--login",), "log in first, as `test` does, and diagnose with what that gives"),
    PORT,
    Option(("--verbose",), "name each cause that was not examined, and what that would need"),
    CA,
    TIMEOUT,
    JSON,
)
DOCTOR_EXCLUSIVE: Final[tuple[tuple[str, ...], ...]] = ()
