"""What came along with a pasted credential and can surely be taken off.

Each rule takes one thing off and says what; they are applied until none finds anything, so what is left has no
further certain mend. Every rule shortens the text, and the number of rounds is limited.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from .jwt import peek
from .services import Field

NEWLINE: Final = "token-trailing-newline-or-crlf"
INVISIBLE: Final = "token-quotes-or-invisible-characters"
DOUBLE_BEARER: Final = "double-bearer-prefix"
ASSIGNMENT: Final = "assignment-pasted"
JSON_OBJECT: Final = "json-object-pasted"

LONGEST: Final = 65_536
_ROUNDS: Final = 40
_QUOTES: Final = "\"'`“”‘’„‚«»‹›"
_TERMINAL: Final = re.compile(r"\x1b\[[0-9;?]*[@-~]")
_BEARER: Final = re.compile(r"(?:bearer(?:(?:\s|%20)+|:\s*|$))+", re.IGNORECASE)
_DOUBLE: Final = re.compile(r"(bearer)\s+(?:bearer\s+)+", re.IGNORECASE)
_OPTION: Final = re.compile(r"""(?:-H|--header)[\s=]+(?=["']?[A-Za-z-]+:)""")
_AUTHORIZATION: Final = re.compile(r"authorization\s*:\s*", re.IGNORECASE)
_ASSIGNED: Final = re.compile(r"(?:(?:export|set|setx)\s+[A-Za-z_]\w*\s*=|\$env:[A-Za-z_]\w*\s*=)\s*(?=\S)")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._~+/=\-]{16,}")
_WORDY: Final = re.compile(r"(?:^|[-_.])(?:your|token|key|secret|password|here|insert|paste|id)(?:$|[-_.])")
_JSON_NAMES: Final = ("access_token", "token", "value")
_LINE: Final = 20


class Form(Enum):
    """How strictly a value can be judged."""

    TOKEN = auto()
    """A token or key: visible ASCII without spaces and quotes."""
    WHOLE = auto()
    """The whole value of a header, scheme included."""
    PASSWORD = auto()
    """Any character may be meant."""
    KEY = auto()
    """A private key: several lines."""
    TEXT = auto()
    """No secret."""
    COMMAND = auto()
    """A command line: quotes, references and all are its own."""


@dataclass(frozen=True, slots=True)
class Mend:
    """One thing taken off: the cause's id, and what was seen."""

    id: str
    says: str


_Rule = Callable[[str, "Field | None"], "tuple[str, Mend] | None"]


def form_of(field: Field | None) -> Form:
    """How the value of a field can be judged; without a field, as a token."""
    if field is None:
        return Form.TOKEN
    if not field.secret:
        return Form.COMMAND if field.id == "command" else Form.TEXT
    if field.id.startswith("header."):
        return Form.WHOLE
    if field.id in ("password", "passphrase"):
        return Form.PASSWORD
    return Form.KEY if field.id == "private_key" else Form.TOKEN


def mend(text: str, field: Field | None) -> tuple[str, tuple[Mend, ...]]:
    """What is left when everything that surely does not belong to it is taken off, and what that was.

    The text as it was, and nothing, where that does not come to an end.
    """
    left = text
    found: dict[str, Mend] = {}
    rules = _RULES[form_of(field)]
    for _ in range(_ROUNDS):
        for rule in rules:
            if step := rule(left, field):
                left, seen = step
                found.setdefault(seen.says, seen)
                break
        else:
            return left, tuple(found.values())
    return text, ()


def is_invisible(character: str) -> bool:
    """A character without a width: zero-width space and joiners, byte order mark, direction marks, soft hyphen."""
    return (
        unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f" or character == "\u034f"
    )


def _terminal(text: str, _field: Field | None) -> tuple[str, Mend] | None:
    left = _TERMINAL.sub("", text)
    if left == text:
        return None
    return left, Mend(INVISIBLE, "Control sequences of a terminal came along with it.")


def _invisible(text: str, _field: Field | None) -> tuple[str, Mend] | None:
    if text.isascii():
        return None
    left = "".join(c for c in text if not is_invisible(c))
    count = len(text) - len(left)
    if not count:
        return None
    noun = "An invisible character" if count == 1 else f"{count} invisible characters"
    return left, Mend(INVISIBLE, f"{noun} came along with it (zero-width, or a byte order mark).")


def _edges(text: str, _field: Field | None) -> tuple[str, Mend] | None:
    left = text.strip()
    if left == text:
        return None
    tail = text[len(text.rstrip()) :]
    if "\r" in tail:
        return left, Mend(NEWLINE, "A line end came along with it (a carriage return, as Windows writes it).")
    if "\n" in tail:
        return left, Mend(NEWLINE, "A line end came along with it.")
    if tail:
        return left, Mend(NEWLINE, "Spaces came along at its end.")
    return left, Mend(INVISIBLE, "Spaces or a line end came along at its beginning.")


def _line_end(text: str, _field: Field | None) -> tuple[str, Mend] | None:
    left = text.rstrip("\r\n")
    return None if left == text else (left, Mend(NEWLINE, "A line end came along with it."))


def _json(text: str, _field: Field | None) -> tuple[str, Mend] | None:
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    name = next((n for n in _JSON_NAMES if isinstance(data.get(n), str) and data[n]), None)
    if name is None:
        return None
    return data[name], Mend(JSON_OBJECT, f"You pasted a whole JSON object; its `{name}` is the credential.")


def _assignment(text: str, field: Field | None) -> tuple[str, Mend] | None:
    found = _ASSIGNED.match(text)
    end = found.end() if found else 0
    own = f"{field.variable}=" if field and field.variable else ""
    if own and text.startswith(own):
        end = len(own)
    if not 0 < end < len(text):
        return None
    return text[end:], Mend(ASSIGNMENT, "The name of a variable came along with it.")


def _quotes(text: str, _field: Field | None) -> tuple[str, Mend] | None:
    left = text
    if left[-1:] in (",", ";") and left[-2:-1] and left[-2] in _QUOTES:
        left = left[:-1]
    left = left.strip(_QUOTES)
    return None if left == text else (left, Mend(INVISIBLE, "Quotes came along with it."))


def _pair(text: str, _field: Field | None) -> tuple[str, Mend] | None:
    if len(text) < 2 or text[0] != text[-1] or text[0] not in "\"'`":
        return None
    return text[1:-1], Mend(INVISIBLE, "Quotes came along with it.")


def _angles(text: str, _field: Field | None) -> tuple[str, Mend] | None:
    inner = text[1:-1]
    if not (text.startswith("<") and text.endswith(">") and _PLAIN.fullmatch(inner)):
        return None
    if _WORDY.search(inner.lower()) or not any(c.isdigit() for c in inner):
        return None
    return inner, Mend(INVISIBLE, "Angle brackets came along with it.")


def _scheme(text: str, _field: Field | None) -> tuple[str, Mend] | None:
    left = _AUTHORIZATION.sub("", _OPTION.sub("", text, count=1), count=1) if _is_header(text) else text
    if found := _BEARER.match(left):
        left = left[found.end() :]
        return left, Mend(DOUBLE_BEARER, "The word `Bearer` came along with it; it is put in front for you.")
    if left == text:
        return None
    return left, Mend(DOUBLE_BEARER, "The header's name came along with it; it is put in front for you.")


def _is_header(text: str) -> bool:
    return bool(_OPTION.match(text) or _AUTHORIZATION.match(text))


def _header_name(text: str, field: Field | None) -> tuple[str, Mend] | None:
    left = _OPTION.sub("", text, count=1) if _OPTION.match(text) else text
    name = field.id.removeprefix("header.") if field else ""
    if name and left[: len(name)].lower() == name.lower() and left[len(name) :].lstrip()[:1] == ":":
        left = left[len(name) :].lstrip()[1:].lstrip()
    if left != text:
        return left, Mend(DOUBLE_BEARER, "The header's name came along with it; it is put in front for you.")
    left = _DOUBLE.sub(r"\1 ", text, count=1) if _DOUBLE.match(text) else text
    return None if left == text else (left, Mend(DOUBLE_BEARER, "The word `Bearer` is there twice."))


def _source(text: str, _field: Field | None) -> tuple[str, Mend] | None:
    if not text.startswith("cmd:"):
        return None
    return text.removeprefix("cmd:").lstrip(), Mend(ASSIGNMENT, "`cmd:` is put in front for you.")


def _wrapped(text: str, _field: Field | None) -> tuple[str, Mend] | None:
    """A JWT that a terminal or mail wrapped: all lines but the last equally long, whole again when joined."""
    lines = text.split()
    if len(lines) < 2 or not text.startswith("eyJ"):
        return None
    width = len(lines[0])
    if width < _LINE or any(len(line) != width for line in lines[:-1]) or len(lines[-1]) > width:
        return None
    left = "".join(lines)
    if peek(left) is None or (len(lines) == 2 and peek(lines[0]) is not None):
        return None  # a JWT and some other line are two things
    return left, Mend(INVISIBLE, "It was broken over several lines.")


_COMMON: Final[tuple[_Rule, ...]] = (_terminal, _invisible, _edges)
_RULES: Final[dict[Form, tuple[_Rule, ...]]] = {
    Form.TOKEN: (*_COMMON, _json, _assignment, _quotes, _angles, _scheme, _wrapped),
    Form.WHOLE: (*_COMMON, _json, _assignment, _quotes, _header_name),
    Form.PASSWORD: (_line_end,),
    Form.KEY: (),
    Form.TEXT: (*_COMMON, _pair),
    Form.COMMAND: (*_COMMON, _source),
}
