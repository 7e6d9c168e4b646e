"""A credential of the same shape that nobody was given: what a server must refuse, and for no other reason."""

from __future__ import annotations

import base64
import binascii
import secrets
import string
from typing import Final

from wizard.secret import Secret

from .sending import split

_KINDS: Final = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
_LONGEST_PREFIX: Final = 12


def counterfeit(value: Secret) -> Secret:
    """The value with its secret part replaced, character for character by one of the same kind.

    Kept are the scheme (``Bearer``), a vendor's prefix up to the first underscore (``faosx_``), the punctuation,
    and header and claims of a JWT, whose signature alone is made false. Of a Basic pair the user is false too: a
    wrong password for the real one would be counted against that account.
    """
    scheme, bare = split(value.reveal().strip())
    made = _basic(bare) if scheme.lower() == "basic" else _token(bare)
    return Secret(f"{scheme} {made}" if scheme else made)


def _token(text: str) -> str:
    parts = text.split(".")
    if len(parts) == 3 and text.startswith("ey") and len(parts[2]) > 2:
        # The last character of base64 may carry bits that do not count: the change is made before it.
        return f"{parts[0]}.{parts[1]}.{_shuffled(parts[2][:-1])}{parts[2][-1]}"
    prefix, underscore, rest = text.partition("_")
    if underscore and len(prefix) <= _LONGEST_PREFIX and len(rest) > len(prefix):
        return f"{prefix}_{_shuffled(rest)}"
    return _shuffled(text)


def _basic(text: str) -> str:
    try:
        user, _, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return _shuffled(text)
    domain, backslash, name = user.rpartition("\\")
    false = f"{domain}{backslash}{_shuffled(name)}:{_shuffled(password)}"
    return base64.b64encode(false.encode()).decode()


def _shuffled(text: str) -> str:
    made = "".join(_another(c) for c in text)
    return made if made != text else f"{text}{secrets.token_hex(8)}"


def _another(character: str) -> str:
    for kind in _KINDS:
        if character in kind:
            return secrets.choice(kind.replace(character, ""))
    return character
