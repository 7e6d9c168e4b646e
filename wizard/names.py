"""Names that become folders, files and keyring entries, and secrets that can be kept at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .errors import StoreError, UsageError
from .secret import Secret

LOGIN: Final = "login"
"""The field of a connection's secret that is a whole login (`wizard.oauth.kept`), and changes at each refresh."""

FALLBACK: Final = " --fallback"
"""What stands behind a connection's name where its second method is meant (`wizard.fallbacks`)."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def near(word: str, known: Iterable[str]) -> str:
    """``Did you mean a or b?``, where a word is nearly one of those that are known; else empty."""
    from difflib import get_close_matches

    found = get_close_matches(word.lower(), list(known), n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(found)}?" if found else ""


def valid_name(text: str) -> str:
    """The text, when it can name a connection: letters, digits, ``-`` and ``_``, 1 to 64 of them.

    No client accepts more (Claude Code refuses a dot), and ``:`` and ``/`` divide a target.

    Raises:
        UsageError: `bad-name`.
    """
    if _NAME.fullmatch(text):
        return text
    seen = f"It has {len(text)} characters." if len(text) > 64 else ""
    raise UsageError(
        "bad-name",
        "This cannot be the name of a connection.",
        seen or ("It is empty." if not text else f"It holds {_odd(text)}."),
        ["Use letters, digits, - and _, at most 64: for example faos-prod"],
    )


def check_field(connection: str, field: str) -> str:
    """The field, when both can be part of a reference (no slash, no control character).

    Raises:
        UsageError: `bad-name`, `bad-field`.
    """
    valid_name(connection)
    if field and "/" not in field and field.isprintable() and field.isascii() and len(field) <= 200:
        return field
    raise UsageError(
        "bad-field", "This cannot be the name of a field.", fix=["Use letters, digits, ., - and _."]
    )


def check_secret(secret: Secret) -> str:
    """The secret's text, when a store can keep it.

    Raises:
        StoreError: `secret-empty`, `secret-not-text`.
    """
    text = secret.reveal()
    if not text:
        raise StoreError("secret-empty", "There is nothing to keep: the secret is empty.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise StoreError(
            "secret-not-text",
            "The secret holds half a character (a lone surrogate), so no store can keep it.",
            fix=["Copy it again from where it is shown."],
        ) from None
    return text


def _odd(text: str) -> str:
    odd = next(c for c in text if not _NAME.fullmatch(c))
    known = {" ": "a space", ".": "a dot", "/": "a slash", ":": "a colon", "\n": "a line end"}
    return known.get(odd) or (
        f"the character {odd}" if odd.isprintable() else f"the character U+{ord(odd):04X}"
    )
