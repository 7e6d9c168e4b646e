"""What belongs into another field than the one it was put into, told by its form and the field's name.

A rule says what was seen, and never the value. ``sure`` is False where the value could still be meant.
"""

from __future__ import annotations

import base64
import binascii
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .mending import Form, form_of
from .prefixes import known
from .services import Field

_LINE: Final = re.compile(r"""(?:(?:-H|--header)\s+)?["']?(?:proxy-|x-)?authorization\s*:""", re.IGNORECASE)
_SCHEMED: Final = re.compile(r"(?:basic|bearer|digest|negotiate|dpop)\s+\S", re.IGNORECASE)
_URL: Final = re.compile(r"https?://", re.IGNORECASE)
_ADDRESS_WITH_USER: Final = re.compile(r"https?://[^/\s@]+@", re.IGNORECASE)
_EMAIL_PAIR: Final = re.compile(r"[^\s:@]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+:\S.*")
_DOMAIN_PAIR: Final = re.compile(r"[\w.-]+\\[^\s:]+:\S.*")
_PAIR: Final = re.compile(r"[A-Za-z][\w.+-]{1,63}:[^\s/].*")
_TOKEN68: Final = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")
_SCHEME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_NAME: Final = _SCHEME
_NAMES: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+(?:[\s,;]+[A-Za-z0-9!#$%&'*+.^_`|~-]+)*[\s,;]*")
_LOOKS_SECRET: Final = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[A-Za-z0-9_\-.+=~]{20,}")
_SHELL: Final = re.compile(r"(?:^|\s)(?:\|\|?|&&|;|>>?|<)(?:\s|$)|\$\(|\$\{?[A-Za-z_]|`")
_OWN_SHELL: Final = re.compile(r"(?:\S*/)?(?:sh|bash|zsh|dash|fish|pwsh|powershell|cmd)(?:\.exe)?\s")


@dataclass(frozen=True, slots=True)
class Misplaced:
    """What was seen."""

    says: str
    sure: bool = True


_Rule = Callable[[str], Misplaced | None]


def look(text: str, field: Field | None) -> Misplaced | None:
    """What was put into the wrong field; None where it may stand there."""
    if field is not None and (rule := _RULES.get(field.id)):
        return rule(text)
    return _token(text) if form_of(field) is Form.TOKEN else None


def is_pair(encoded: str) -> bool:
    """Whether the text is ``user:password`` in base64."""
    if not _TOKEN68.fullmatch(encoded) or len(encoded) % 4:
        return False
    try:
        text = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return text.isprintable() and bool(_PAIR.fullmatch(text) or _EMAIL_PAIR.fullmatch(text))


def _token(text: str) -> Misplaced | None:
    if _EMAIL_PAIR.fullmatch(text) or _DOMAIN_PAIR.fullmatch(text):
        says = "That is a user name and a password with a colon between: choose the method `basic` for them."
        return Misplaced(says)
    if _PAIR.fullmatch(text) and "://" not in text:
        return Misplaced("That looks like `user:password`; this field takes a token alone.", sure=False)
    if is_pair(text):
        says = (
            "That looks like a user name and a password in base64: the method `basic` takes them as they are."
        )
        return Misplaced(says, sure=False)
    return None


def _password(text: str) -> Misplaced | None:
    if _LINE.match(text):
        return Misplaced("That is a whole `Authorization` line; this field takes the password alone.")
    if _SCHEMED.match(text):
        says = "It begins with a scheme, as a header's value does; this field takes the password alone."
        return Misplaced(says, sure=False)
    if _ADDRESS_WITH_USER.match(text):
        return Misplaced("That is a web address with a user name in it; this field takes the password alone.")
    if is_pair(text):
        says = (
            "That looks like user name and password in base64; this field takes the password as you type it."
        )
        return Misplaced(says, sure=False)
    return None


def _user(text: str) -> Misplaced | None:
    if found := _no_plain_text(text, "the user name or email alone"):
        return found
    if ":" in text:
        return Misplaced(
            "There is a colon in it, which ends a user name: give the password in its own field, and no colon here."
        )
    if any(ord(c) < 0x20 or ord(c) == 0x7F for c in text):
        return Misplaced("It holds a control character, which cannot be sent.")
    return _secret(text, "a user name")


def _domain(text: str) -> Misplaced | None:
    if found := _no_plain_text(text, "the domain alone, such as CORP"):
        return found
    if ":" in text or "@" in text:
        return Misplaced("A domain has no : and no @; this field takes it alone, such as CORP.")
    if "\\" in text.strip("\\"):
        return Misplaced("That is a domain with a user name; this field takes the domain alone.")
    return None


def _scheme(text: str) -> Misplaced | None:
    if _LINE.match(text):
        return Misplaced(
            "That is a whole `Authorization` line; this field takes the word before the key alone."
        )
    if _URL.match(text):
        return Misplaced("That is a web address; this field takes the word before the key, such as ApiKey.")
    if any(c.isspace() for c in text):
        return Misplaced("A scheme is one word without a space; the key has its own field.")
    if not _SCHEME.fullmatch(text):
        return Misplaced("A scheme is made of letters, digits and - only, such as ApiKey.")
    return _secret(text, "a scheme")


def _name(text: str) -> Misplaced | None:
    if ":" in text.rstrip(":") or any(c.isspace() for c in text):
        return Misplaced("This field takes the name alone; its value has its own field.")
    if not _NAME.fullmatch(text.rstrip(":")):
        return Misplaced("Such a name is made of letters, digits and - only, such as X-API-Key.")
    return _secret(text, "a name")


def _names(text: str) -> Misplaced | None:
    if not _NAMES.fullmatch(text):
        return Misplaced(
            "This field takes the names alone, with commas between; each value has its own field."
        )
    found = (_secret(name, "a name") for name in re.split(r"[\s,;]+", text) if name)
    return next(filter(None, found), None)


def _parameter(text: str) -> Misplaced | None:
    if _URL.match(text) or re.search(r"[\s&=#?]", text):
        return Misplaced(
            "This field takes the parameter's name alone, without ? and =; its value has its own field."
        )
    return _secret(text, "a name")


def _command(text: str) -> Misplaced | None:
    if _URL.match(text):
        return Misplaced("That is a web address; this field takes a command that prints the token.")
    if found := _secret(text, "a command"):
        return found
    try:
        shlex.split(text)
    except ValueError:
        return Misplaced("A quotation mark in it is not closed.")
    if _SHELL.search(text) and not _OWN_SHELL.match(text):
        says = "No shell reads it, so |, >, && and $ are plain words: for those write sh -c '…'."
        return Misplaced(says, sure=False)
    return None


def _no_plain_text(text: str, wants: str) -> Misplaced | None:
    if _LINE.match(text) or _SCHEMED.match(text):
        return Misplaced(f"That is the value of a header; this field takes {wants}.")
    if _URL.match(text):
        return Misplaced(f"That is a web address; this field takes {wants}.")
    return None


def _secret(text: str, what: str) -> Misplaced | None:
    """A key or token where what is typed is shown."""
    if known(text) or (text.startswith("eyJ") and text.count(".") == 2):
        return Misplaced(
            f"That is a token, not {what}: put it into the field for the secret, which is not shown."
        )
    if _LOOKS_SECRET.fullmatch(text) and "@" not in text:
        says = f"That looks like a key or token rather than {what}: what stands here is shown."
        return Misplaced(says, sure=False)
    return None


_RULES: Final[Mapping[str, _Rule]] = {
    "password": _password,
    "username": _user,
    "domain": _domain,
    "scheme": _scheme,
    "header_name": _name,
    "header_names": _names,
    "query_name": _parameter,
    "command": _command,
}
