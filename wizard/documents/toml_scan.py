"""Where things stand in a TOML file that is known to be valid: each table's header, each key and its value.

TOML 1.0 (https://toml.io/en/v1.0.0). Only the statements that matter for one path are noted; the others are passed over
in bulk, so that a large file costs little more than its parse. Positions are indices into the text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_PART: Final = r"""(?:[A-Za-z0-9_-]+|"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"|'[^'\r\n]*')"""
_NAMES: Final = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_REST: Final = r"[ \t]*(?:#[^\r\n]*)?"
_SCALAR: Final = r"[\w+:.-]+(?: \d[\w+:.-]*)?"

_PARTS: Final = re.compile(_PART)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_LINE_END: Final = re.compile(_REST)
_HEADER: Final = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_NAMES})[ \t]*\]\]?")
_KEY: Final = re.compile(rf"[ \t]*({_NAMES})[ \t]*=[ \t]*")
_PLAIN: Final = re.compile(_SCALAR, re.ASCII)
_BETWEEN: Final = re.compile(r"""(?:[^"'#\[\]{}]+|#[^\r\n]*)+""")
# Limits, for the engine remembers each round. What is not matched by the last is read statement by statement.
_GAP: Final = re.compile(rf"(?:{_REST}\r?\n){{1,500}}|{_REST}\Z")
_LINES: Final = re.compile(
    rf"""(?:(?:[ \t]*{_NAMES}[ \t]*=[ \t]*(?:"[^"\\\r\n]*"(?!")|'[^'\r\n]*'(?!')|{_SCALAR}))?{_REST}\r?\n){{1,500}}""",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A header (``mark`` is ``[`` or ``[[``), or a key with its value (``mark`` is empty).

    ``number`` counts all statements, ``path`` is absolute, ``start`` and ``end`` are those of its lines without the
    last line end, ``name`` and ``value`` those of the key's text and the value's. ``names`` is how many names the key's
    text has. ``inside`` says that it belongs to a table that is itself within the path that was asked for.
    """

    number: int
    mark: str
    path: tuple[str, ...]
    start: int
    end: int
    name: tuple[int, int]
    value: tuple[int, int]
    names: int
    inside: bool


@dataclass(slots=True)
class Scan:
    """What matters for a path. ``own`` are its statements in order. ``homes`` are the tables above it that have a
    header (the root always): the last statement in each, None where it has none. ``other`` is the first statement that
    makes something on the way to it another thing than a table with a header or dotted keys."""

    own: list[Statement] = field(default_factory=list)
    homes: dict[tuple[str, ...], Statement | None] = field(default_factory=lambda: {(): None})
    other: Statement | None = None

    def runs(self) -> Iterator[list[Statement]]:
        """The path's own statements, those together that nothing of another's parts."""
        run: list[Statement] = []
        for one in self.own:
            if run and (one.number > run[-1].number + 1 or one.inside != run[-1].inside):
                yield run
                run = []
            run.append(one)
        if run:
            yield run


def scan(text: str, path: tuple[str, ...]) -> Scan:
    """The statements of a valid file that matter for a path."""
    found = Scan()
    table: tuple[str, ...] = ()
    at = number = 0
    near, inside = True, False
    while at < len(text):
        if not near and (lines := _LINES.match(text, at)):
            at = lines.end()
            continue
        if blank := _GAP.match(text, at):
            at = blank.end()
            continue
        number += 1
        if header := _HEADER.match(text, at):
            table = names(header[2])
            end = _line_end(text, header.end())
            inside = table[: len(path)] == path
            near = inside or path[: len(table)] == table
            if near:
                one = Statement(
                    number, header[1], table, at, end, header.span(2), (end, end), len(table), inside
                )
                _note(found, one, path, table)
        else:
            key = _KEY.match(text, at)
            if key is None:
                raise ValueError("not valid TOML")
            value_end = _value_end(text, key.end())
            end = _line_end(text, value_end)
            if near:
                own = names(key[1])
                value = key.end(), value_end
                one = Statement(number, "", (*table, *own), at, end, key.span(1), value, len(own), inside)
                _note(found, one, path, table)
        at = end + (2 if text.startswith("\r\n", end) else 1)
    return found


def _note(found: Scan, one: Statement, path: tuple[str, ...], table: tuple[str, ...]) -> None:
    above = len(table) < len(path) and one.mark != "[["
    if above and table == path[: len(table)]:
        found.homes[table] = one
    if one.path[: len(path)] == path:
        found.own.append(one)
    elif one.path == path[: len(one.path)] and one.mark != "[" and found.other is None:
        found.other = one


def names(text: str) -> tuple[str, ...]:
    """The names of a dotted key as it is written."""
    if _BARE.fullmatch(text):
        return tuple(text.split("."))
    return tuple(part if part[0] not in "\"'" else _unquoted(part) for part in _PARTS.findall(text))


def first_names(text: str, span: tuple[int, int], count: int) -> str:
    """The text of a dotted key's first names, as it is written."""
    ends = [part.end() for part in _PARTS.finditer(text, *span)]
    return text[span[0] : ends[count - 1]]


def items(text: str, value: tuple[int, int]) -> list[tuple[int, int, int]]:
    """For each element of an array: its start, its end, and the index of the comma after it (-1: none)."""
    found: list[tuple[int, int, int]] = []
    at, close = value[0] + 1, value[1] - 1
    while True:
        at = _past_gap(text, at)
        if at >= close:
            return found
        end = _value_end(text, at)
        after = _past_gap(text, end)
        comma = after if text[after] == "," else -1
        found.append((at, end, comma))
        at = after + 1 if comma >= 0 else close


def _past_gap(text: str, at: int) -> int:
    while (gap := _GAP.match(text, at)) and gap.end() > at:
        at = gap.end()
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    return at


def _unquoted(part: str) -> str:
    return str(next(iter(tomllib.loads(f"{part}=0"))))


def _line_end(text: str, at: int) -> int:
    found = _LINE_END.match(text, at)
    return found.end() if found else at


def _value_end(text: str, at: int) -> int:
    mark = text[at]
    if mark in "\"'":
        return _string_end(text, at)
    if mark not in "[{":
        plain = _PLAIN.match(text, at)
        if plain is None:
            raise ValueError("not valid TOML")
        return plain.end()
    depth = 0
    while True:
        mark = text[at]
        if mark in "\"'":
            at = _string_end(text, at)
        elif mark in "[{":
            depth, at = depth + 1, at + 1
        elif mark in "]}":
            depth, at = depth - 1, at + 1
            if not depth:
                return at
        else:
            between = _BETWEEN.match(text, at)
            at = between.end() if between else at + 1


def _string_end(text: str, at: int) -> int:
    quote = text[at]
    long = text.startswith(quote * 3, at)
    mark = quote * 3 if long else quote
    start = at + len(mark)
    end = text.index(mark, start)
    while quote == '"' and _escaped(text, start, end):
        end = text.index(mark, end + 1)
    end += len(mark)
    if long:  # its last two characters may be quotes as well
        end += text.startswith(quote, end)
        end += text.startswith(quote, end)
    return end


def _escaped(text: str, start: int, at: int) -> bool:
    back = at
    while back > start and text[back - 1] == "\\":
        back -= 1
    return (at - back) % 2 == 1
