"""A scanner for JSON with comments and trailing commas that also says where things stand.

Only the containers on the path that is asked for need positions. What stands beside it is taken in one piece by the
standard library's own scanner (C); where that refuses, because of a comment, a trailing comma or a mistake, the value
is entered, and the same is tried with each of its parts. So strict JSON costs little more than `json.loads`, and a
comment costs the walk through the containers around it.

It does not recurse, so depth cannot exhaust the stack; what is deeper than `MAX_DEPTH` is refused. Positions are
indices into the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final, NamedTuple, NoReturn

from .collecting import uncollected
from .model import COMMA, COMMENT

MAX_DEPTH: Final = 200

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_GAP: Final = re.compile(r"(?:[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_NAME: Final = re.compile(r'"([^"\\\x00-\x1f]*)"[ \t\r\n]*:[ \t\r\n]*(?=[^ \t\r\n/])')
_NEXT: Final = re.compile(r"[ \t\r\n]*(,)[ \t\r\n]*(?=[^ \t\r\n/\]}])")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS: Final[Mapping[str, object]] = {"true": True, "false": False, "null": None}
_WORD: Final = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_WASTE: Final = 8
"""How many times the text's length may be scanned in vain (once for each level around a comment, at most) before the
rest is walked part by part."""


class JsoncError(Exception):
    """The text is not JSON with comments: ``says`` is a sentence, ``at`` the index, ``kind`` a short id."""

    def __init__(self, says: str, at: int, kind: str = "syntax") -> None:
        super().__init__(says)
        self.says = says
        self.at = at
        self.kind = kind


class Item(NamedTuple):
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
    """``inner`` is the member in which the path goes on, None where it does not."""

    array: bool
    at: int
    value: Any
    path: tuple[str, ...] | None
    inner: str | None
    items: list[Item] = field(default_factory=list)
    key: str | None = None
    key_at: int = 0


def place(text: str, at: int) -> str:
    """``line 3, column 7`` of an index; both count from 1."""
    before = text[:at].replace("\r\n", "\n").replace("\r", "\n")
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"


@uncollected()
def scan(text: str, path: tuple[str, ...] = (), *, shallow: bool = False) -> Scan:
    """Parse, and note the positions in every container along ``path``. ``shallow`` says that it is known not to be too
    deep.

    Raises:
        JsoncError: what stands there and where; a key that occurs twice in a container on the path; too deep.
    """
    scanner = _Scanner(text, path, shallow=shallow)
    scanner.gap()
    if scanner.pos == len(text):
        return Scan(None, True, {}, scanner.lenient)
    value = scanner.run()
    scanner.gap()
    if scanner.pos < len(text):
        scanner.fail("the end of the file")
    return Scan(value, False, scanner.found, scanner.lenient)


@uncollected()
def deeper(text: str, found: Scan, path: tuple[str, ...]) -> Scan:
    """A scan of the same text with the positions along another path as well; nothing is scanned that need not be.

    Raises:
        JsoncError: a key that occurs twice in a container on the path.
    """
    known = next((path[:n] for n in range(len(path), -1, -1) if path[:n] in found.containers), path)
    holder = found.containers.get(known)
    item = holder.item(path[len(known)]) if holder and len(known) < len(path) else None
    if item is None or text[item.value] not in "{[":
        return found
    scanner = _Scanner(text, path, path[: len(known) + 1], item.value, shallow=True)
    scanner.strict = not found.lenient
    scanner.run()
    return replace(found, containers={**found.containers, **scanner.found})


def _no_constant(name: str) -> NoReturn:
    """The standard library takes `NaN` and `Infinity`; JSON does not."""
    raise ValueError(name)


_DECODER: Final = JSONDecoder()
_piece: Final = JSONDecoder(parse_constant=_no_constant).scan_once  # type: ignore[attr-defined]  # typeshed has not got it
_name: Final = _NAME.match
_next: Final = _NEXT.match
_made: Final = tuple.__new__  # a named tuple's own takes longer than all else that is noted of an item
_more: Final = re.compile(r"[\w$]", re.ASCII).match


class _Scanner:
    """One walk, from ``pos`` to the end of the value there, which stands at the path ``base``. ``strict`` says that all
    of the text was scanned before, and is strict JSON: then only the places are looked for."""

    def __init__(
        self, text: str, path: tuple[str, ...], base: tuple[str, ...] = (), pos: int = 0, *, shallow: bool
    ) -> None:
        self.text = text
        self.path = path
        self.base = base
        self.pos = pos
        self.known = shallow
        self.stack: list[_Open] = []
        self.found: dict[tuple[str, ...], Container] = {}
        self.lenient: dict[str, int] = {}
        self.refused = -1
        self.waste = _WASTE * len(text)
        self.strict = False

    def run(self) -> object:
        """The value at the position, which stands after it then."""
        while True:
            taken = self.plain(self.stack[-1]) if self.stack else None
            if taken is None:
                if self.stack:
                    self.item_start(self.stack[-1])
                start = self.pos
                opened, value = self.begin()
                if opened:
                    continue
            else:
                start, value = taken
            done, value = self.finish(start, value)
            if done:
                return value

    def plain(self, top: _Open) -> tuple[int, object] | None:
        """Take the items from here, each value in one piece, as far as nothing but strict JSON stands in them and
        between them. The last one, after which something else stands, is given with its index; None where an item has
        to be looked at part by part."""
        text, pos, array, values, key = self.text, self.pos, top.array, top.value, None
        noted = None if top.path is None else top.items
        strict = self.strict
        while True:
            at = pos
            if not array:
                named = _name(text, pos)
                if named is None:
                    break
                key, at = named[1], named.end()
                if noted is not None and (key == top.inner or key in values):
                    break
            if strict:
                try:
                    end = _piece(text, at)[1]
                except ValueError:
                    break  # a number of more digits than Python reads in one piece
                value = None
            else:
                good, value, end = self.whole(at)
                if not good:
                    break
            after = _next(text, end)
            if after is None:
                top.key, top.key_at, self.pos = key, pos, end
                return at, value
            if array:
                values.append(value)
            else:
                values[key] = value
            if noted is not None:
                noted.append(_made(Item, (key, pos, at, end, after.start(1))))
            pos = after.end()
        self.pos = pos
        return None

    def whole(self, at: int) -> tuple[bool, object, int]:
        """Whether a value is strict JSON throughout and not too deep; it, and where it ends."""
        if at == self.refused or (self.waste < 0 and self.text[at : at + 1] in ("{", "[")):
            return False, None, at
        try:
            value, end = _piece(self.text, at)
            if isinstance(value, (dict, list)):
                good = self.shallow(value, at, end)
            else:
                # `truest` is no value at all
                good = not (value is None or isinstance(value, bool)) or not _more(self.text, end)
            if good:
                return True, value, end
        except StopIteration as stop:
            end = stop.value
        except JSONDecodeError as error:
            end = error.pos
        except (ValueError, RecursionError):
            end = len(self.text)
        self.refused = at
        # the error counts the lines before it, from the beginning of the text
        self.waste -= end - at + end // 16
        return False, None, at

    def shallow(self, value: object, at: int, end: int) -> bool:
        """Whether a value is not nested too deeply where it stands. It is where there are not marks enough for it, or
        where the whole was scanned before."""
        room = MAX_DEPTH - len(self.stack)
        if self.known or end - at <= 2 * room:
            return True
        marks = self.text.count("[", at, end) + self.text.count("{", at, end)
        return marks <= room or not _deeper_than(value, room)

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
        """Read a value as a whole (False, value), or enter a container that holds something."""
        mark = self.peek()
        if mark not in ("{", "["):
            return False, self.scalar(mark)
        path = self.inner_path()
        if path is None:
            good, value, end = self.whole(self.pos)
            if good:
                self.pos = end
                return False, value
        if len(self.stack) + len(self.base) >= MAX_DEPTH:
            raise JsoncError(f"it is nested deeper than {MAX_DEPTH} levels", self.pos, "depth")
        array = mark == "["
        inner = self.path[len(path)] if path is not None and len(path) < len(self.path) else None
        top = _Open(array, self.pos, [] if array else {}, path, None if array else inner)
        self.pos += 1
        self.gap()
        self.stack.append(top)
        if self.peek() == ("]" if array else "}"):
            return False, self.close()
        return True, None

    def inner_path(self) -> tuple[str, ...] | None:
        if not self.stack:
            return self.base
        outer = self.stack[-1]
        if outer.path is None or outer.inner is None or outer.key != outer.inner:
            return None
        return (*outer.path, outer.inner)

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
                    return False, None
                self.lenient.setdefault(COMMA, comma)
            elif self.peek() != closing:
                self.fail(f"a comma or `{closing}`")
            start, value = top.at, self.close()
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
            whole = number.group(1) is None and number.group(2) is None
            try:
                return int(number.group()) if whole else float(number.group())
            except ValueError:
                # Python reads no whole number of more than some thousand digits
                return float(number.group())
        word = _WORD.match(self.text, self.pos)
        if word and word.group() in _WORDS:
            self.pos = word.end()
            return _WORDS[word.group()]
        self.fail("a value")


def _deeper_than(value: object, levels: int) -> bool:
    """Whether containers stand in each other more than so many times; the value itself is one."""
    layer: list[Any] = [value]
    while layer:
        if levels <= 0:
            return True
        levels -= 1
        layer = [
            inner
            for held in layer
            for inner in (held.values() if type(held) is dict else held)
            if type(inner) is dict or type(inner) is list
        ]
    return False
