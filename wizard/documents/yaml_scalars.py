"""YAML's scalars: read as the programs read them, written so that every version of YAML reads the same.

Plain scalars are read as the core schema of YAML 1.2 has them (https://yaml.org/spec/1.2.2/#103-core-schema), as
JavaScript's `yaml` and Rust's serde_yaml do: `yes` is a text. What YAML 1.1 would read otherwise is written in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_NAN: Final = float("nan")
"""One object, so that two parses of one file are equal."""
_WORDS: Final[Mapping[str, object]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), _NAN),
    **{sign + w: float(sign + "inf") for sign in ("", "+", "-") for w in (".inf", ".Inf", ".INF")},
}
_NUMBER: Final = re.compile(
    r"(?:(?P<int>[-+]?[0-9]+)|(?P<oct>0o[0-7]+)|(?P<hex>0x[0-9a-fA-F]+)"
    r"|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)",
    re.ASCII,
)
CORE: Final = "tag:yaml.org,2002:"
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "null": (type(None),),
}
_TEXTS: Final = ("str", "binary", "timestamp", "merge", "value")
_PLAIN: Final = re.compile(r"[A-Za-z_/][ -~]*")
_BREAKS_PLAIN: Final = re.compile(r": | #|[: ]$")
_ELSEWHERE: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"))
_ESCAPES: Final[Mapping[str, str]] = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPED: Final = re.compile(
    r'["\\]|[^ -~\xa1-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]'
)


def plain(text: str) -> object:
    """A plain scalar as the core schema reads it."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    number = _NUMBER.fullmatch(text)
    if not number:
        return text
    if number["oct"] or number["hex"]:
        return int(text, 0) if len(text) < 1000 else text
    return int(text) if number["int"] and len(text) < 1000 else float(text)


def tagged(text: str, tag: str) -> object:
    """A scalar with a tag. What no schema of YAML knows is the program's own business: it stays a text.

    Raises:
        ValueError: a tag of YAML itself that is not known, or not right for this scalar.
    """
    name = tag.removeprefix(CORE)
    if name == tag or name in _TEXTS:
        return text
    value = plain(text)
    if name not in _TYPES or type(value) not in _TYPES[name]:
        raise ValueError(name)
    return float(value) if name == "float" else value  # type: ignore[arg-type]  # the table says it is a number


def block_scalar(value: object) -> str:
    """A scalar as it stands after a key or a dash in block style: on one line, in quotes only where it needs them."""
    if not isinstance(value, str):
        return flow_scalar(value)
    sure = _PLAIN.fullmatch(value) and not _BREAKS_PLAIN.search(value) and value.lower() not in _ELSEWHERE
    return value if sure else flow_scalar(value)


def flow_scalar(value: object) -> str:
    """A scalar as it stands in brackets: every text in double quotes."""
    if isinstance(value, str):
        return '"' + _ESCAPED.sub(_escape, value) + '"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124  # NaN
        return ".nan" if value != value else ".inf" if value > 0 else "-.inf"  # noqa: PLR0124  # as above
    return repr(value)


def _escape(found: re.Match[str]) -> str:
    mark = found.group()
    number = ord(mark)
    return _ESCAPES.get(mark) or (f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}")
