"""A scanner for JSON with comments and trailing commas that also says where things stand.

It does not recurse, so depth cannot exhaust the stack; what is deeper than `MAX_DEPTH` is refused. Positions are
indices into the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final, NoReturn

from .model import COMMA, COMMENT

MAX_DEPTH: Final = 200

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_GAP: Final = re.compile(r"(?:[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS: Final[Mapping[str, object]] = {"true": True, "false": False, "null": None}
_DECODER: Final = JSONDecoder()
_WORD: Final = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)


class JsoncError(Exception):
    """The text is not JSON with comments: ``says`` is a sentence, ``at`` the index, ``kind`` a short id."""

    def __init__(self, says: str, at: int, kind: str = "syntax") -> None:
        super().__init__(says)
        self.says = says
        self.at = at
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Item:
    """One member or element: ``start`` of its key (of its value in an array), ``value`` and ``end`` of the
    value, ``comma`` after it (-1: none)."""

    key: str | None
    start: int
    value: int
    end: int
    comma: int


@dataclass(frozen=True, slots=True)
class Container:
    """An object or array: the index of its opening and its closing mark, and its items in order."""

    array: bool
    open: int
    close: int
    items: tuple[Item, ...]

    def item(self, key: str) -> Item | None:
        """The member with this key."""
        return next((i for i in self.items if i.key == key), None)


@dataclass(frozen=True, slots=True)
class Scan:
    """``value`` is the parsed document, ``empty`` that there is none. ``containers`` holds those on the path
    that was asked for. ``lenient`` is what strict JSON does not allow, each kind with the index of its first."""

    value: object
    empty: bool
    containers: Mapping[tuple[str, ...], Container]
    lenient: Mapping[str, int]


@dataclass(slots=True)
class _Open:
    array: bool
    at: int
    value: Any
    path: tuple[str, ...] | None
    items: list[Item] = field(default_factory=list)
    key: str | None = None
    key_at: int = 0


def place(text: str, at: int) -> str:
    """``line 3, column 7`` of an index; both count from 1."""
    before = text[:at].replace("\r\n", "\n").replace("\r", "\n")
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"


def scan(text: str, path: tuple[str, ...] = ()) -> Scan:
    """Parse, and note the positions in every container along ``path``.

    Raises:
        JsoncError: what stands there and where; a key that occurs twice in a container on the path; too deep.
    """
    return _Scanner(text, path).run()


class _Scanner:
    def __init__(self, text: str, path: tuple[str, ...]) -> None:
        self.text = text
        self.path = path
        self.pos = 0
        self.stack: list[_Open] = []
        self.found: dict[tuple[str, ...], Container] = {}
        self.lenient: dict[str, int] = {}

    def run(self) -> Scan:
        self.gap()
        if self.pos == len(self.text):
            return Scan(None, True, {}, self.lenient)
        while True:
            start = self.pos
            opened, value = self.begin()
            if opened:
                continue
            done, value = self.finish(start, value)
            if done:
                return Scan(value, False, self.found, self.lenient)

    def gap(self) -> None:
        end = _SPACE.match(self.text, self.pos).end()  # type: ignore[union-attr]  # it matches the empty text
        if self.text.startswith("/", end):
            self.lenient.setdefault(COMMENT, end)
            end = _GAP.match(self.text, end).end()  # type: ignore[union-attr]  # as above
            if self.text.startswith("/*", end):
                raise JsoncError("a comment is never closed", end)
        self.pos = end

    def peek(self) -> str:
        return self.text[self.pos : self.pos + 1]

    def fail(self, wanted: str) -> NoReturn:
        seen = self.peek()
        what = f"but there is `{seen}`" if seen.isprintable() and seen else "but there is a control character"
        raise JsoncError(f"{wanted} was expected, " + (what if seen else "but the file ends"), self.pos)

    def begin(self) -> tuple[bool, object]:
        """Read a scalar or an empty container (False, value), or enter a container that holds something."""
        mark = self.peek()
        if mark not in ("{", "["):
            return False, self.scalar(mark)
        if len(self.stack) >= MAX_DEPTH:
            raise JsoncError(f"it is nested deeper than {MAX_DEPTH} levels", self.pos, "depth")
        top = _Open(mark == "[", self.pos, [] if mark == "[" else {}, self.inner_path())
        self.pos += 1
        self.gap()
        self.stack.append(top)
        if self.peek() == ("]" if top.array else "}"):
            return False, self.close()
        self.item_start(top)
        return True, None

    def inner_path(self) -> tuple[str, ...] | None:
        if not self.stack:
            return ()
        outer = self.stack[-1]
        if outer.path is None or outer.array or outer.key is None:
            return None
        inner = (*outer.path, outer.key)
        return inner if inner == self.path[: len(inner)] else None

    def item_start(self, top: _Open) -> None:
        top.key_at = self.pos
        if top.array:
            return
        if self.peek() != '"':
            self.fail("a name in double quotes")
        top.key = self.string()
        self.gap()
        if self.peek() != ":":
            self.fail("a colon")
        self.pos += 1
        self.gap()

    def finish(self, start: int, value: object) -> tuple[bool, object]:
        """A value is complete: put it into its container, and close all that end here."""
        while self.stack:
            top, end = self.stack[-1], self.pos
            if top.array:
                top.value.append(value)
            else:
                self.add(top, value)
            self.gap()
            comma = self.pos if self.peek() == "," else -1
            if top.path is not None:
                top.items.append(Item(top.key, top.key_at, start, end, comma))
            closing = "]" if top.array else "}"
            if comma >= 0:
                self.pos += 1
                self.gap()
                if self.peek() != closing:
                    self.item_start(top)
                    return False, None
                self.lenient.setdefault(COMMA, comma)
            elif self.peek() != closing:
                self.fail(f"a comma or `{closing}`")
            start, value = top.at, self.close()
        self.gap()
        if self.pos < len(self.text):
            self.fail("the end of the file")
        return True, value

    def add(self, top: _Open, value: object) -> None:
        if top.path is not None and top.key in top.value:
            raise JsoncError(f"the name `{top.key}` occurs twice in one object", top.key_at, "duplicate")
        top.value[top.key] = value

    def close(self) -> object:
        top = self.stack.pop()
        if top.path is not None:
            self.found[top.path] = Container(top.array, top.at, self.pos, tuple(top.items))
        self.pos += 1
        return top.value

    def string(self) -> str:
        try:
            value, self.pos = _DECODER.raw_decode(self.text, self.pos)
        except JSONDecodeError as error:
            says = error.msg[:1].lower() + error.msg[1:]
            raise JsoncError(says.removesuffix(" at").removesuffix(" starting"), error.pos) from None
        return str(value)

    def scalar(self, mark: str) -> object:
        if mark == '"':
            return self.string()
        number = _NUMBER.match(self.text, self.pos)
        if number:
            self.pos = number.end()
            whole = number.group(1) is None and number.group(2) is None and len(number.group()) < 1000
            return int(number.group()) if whole else float(number.group())
        word = _WORD.match(self.text, self.pos)
        if word and word.group() in _WORDS:
            self.pos = word.end()
            return _WORDS[word.group()]
        self.fail("a value")
