"""Editing another program's JSON file without changing a byte that is not ours.

The file is scanned, only the text of our own member is inserted, replaced or taken out, and the result is parsed
again and compared before anyone may write it. Comments, order, indentation, line ends, a byte-order mark and
trailing commas stay as they were.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import FileProblem
from . import jsonc
from .jsonc import Container, Item, JsoncError
from .model import JSONC, Form
from .splicing import (
    UNTOUCHED,
    Edit,
    decoded,
    encoded,
    got,
    line_end,
    nested,
    spliced,
    unsafe,
    with_value,
    without_value,
)

_BLANK: Final = " \t\r\n"
_COMMENT: Final = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON file that can be edited. ``where`` is its path for messages, ``form`` what its reader allows beyond the
    standard, ``found`` the one scan of its text."""

    where: str
    form: Form
    bom: bool
    text: str
    found: jsonc.Scan = field(repr=False)

    @property
    def value(self) -> Any:
        """The whole as plain data; None where it is empty."""
        return self.found.value

    @property
    def empty(self) -> bool:
        """Whether the file holds nothing, or comments alone."""
        return self.found.empty

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        return encoded(self.text, self.bom)

    def get(self, *path: str) -> object:
        """The value at a path of names, None where there is none."""
        return got(self.value, path)

    def set(self, path: tuple[str, ...], value: object) -> Document:
        """With the member at ``path`` set, missing parents made. The same document where it is already so.

        Raises:
            FileProblem: a parent is no object, a name occurs twice, or the result could not be verified.
        """
        if self.empty:
            return self._verified([(len(self.text), len(self.text), self._whole(path, value))], path, value)
        found = self._scan(path[:-1])
        depth, holder = self._holder(found, path[:-1])
        existing = holder.item(path[depth])
        if existing and depth == len(path) - 1:
            if self.get(*path) == value:
                return self
            text = self._rendered(value, holder, found, existing.start)
            return self._verified([(existing.value, existing.end, text)], path, value)
        edits = self._insertion(holder, found, path[depth], nested(path[depth + 1 :], value))
        return self._verified(edits, path, value)

    def append(self, path: tuple[str, ...], value: object) -> Document:
        """With an element added at the end of the array at ``path``, which is made where it is missing."""
        array = self.get(*path)
        if array is None:
            return self.set(path, [value])
        found = self._scan(path)
        holder = found.containers.get(path)
        if holder is None or not holder.array or not isinstance(array, list):
            raise self._wrong_kind(found, path, "a list (`[...]`)")
        return self._verified(self._insertion(holder, found, None, value), path, [*array, value])

    def remove(self, path: tuple[str, ...]) -> Document:
        """Without the member at ``path``; the same document where there is none."""
        found = self._scan(path[:-1])
        holder = found.containers.get(path[:-1])
        item = holder.item(path[-1]) if holder and not holder.array else None
        if holder is None or item is None:
            return self
        return self._verified(self._removal(holder, item), path, None, removed=True)

    def remove_item(self, path: tuple[str, ...], index: int) -> Document:
        """Without one element of the array at ``path``."""
        array = self.get(*path)
        holder = self._scan(path).containers.get(path)
        if holder is None or not holder.array or not isinstance(array, list):
            return self
        rest = [*array[:index], *array[index + 1 :]]
        return self._verified(self._removal(holder, holder.items[index]), path, rest)

    def _scan(self, path: tuple[str, ...]) -> jsonc.Scan:
        with _told(self.text, self.where):
            return jsonc.deeper(self.text, self.found, path)

    def _holder(self, found: jsonc.Scan, path: tuple[str, ...]) -> tuple[int, Container]:
        """The deepest object on the path, and how many names lead to it."""
        for depth in range(len(path), -1, -1):
            holder = found.containers.get(path[:depth])
            if holder and not holder.array:
                if depth < len(path) and holder.item(path[depth]):
                    raise self._wrong_kind(found, path[: depth + 1], "an object (`{...}`)")
                return depth, holder
        raise self._wrong_kind(found, (), "an object (`{...}`)")

    def _wrong_kind(self, found: jsonc.Scan, path: tuple[str, ...], wanted: str) -> FileProblem:
        holder = found.containers.get(path[:-1]) if path else None
        item = holder.item(path[-1]) if holder else None
        at = item.value if item else 0
        what = f"`{'.'.join(path)}` in {self.where}" if path else f"The top of {self.where}"
        return FileProblem(
            "file-wrong-shape",
            f"{what} is not {wanted}.",
            f"{self.where}, {jsonc.place(self.text, at)}",
            [f"Make it {wanted}, or move the file away, then try again.", UNTOUCHED],
        )

    def _whole(self, path: tuple[str, ...], value: object) -> str:
        eol = line_end(self.text)
        lead = eol if self.text.strip(_BLANK) else ""
        return lead + _dump(nested(path, value), "  ", "", eol) + eol

    def _rendered(self, value: object, holder: Container, found: jsonc.Scan, at: int) -> str:
        if not _many_lines(self.text, holder):
            return _one_line(value, _tight(self.text, holder))
        return _dump(value, _unit(self.text, found), _line_indent(self.text, at), line_end(self.text))

    def _insertion(self, holder: Container, found: jsonc.Scan, key: str | None, value: object) -> list[Edit]:
        text, eol, unit = self.text, line_end(self.text), _unit(self.text, found)
        end = _skip_back(text, holder.close)
        last = holder.items[-1] if holder.items else None
        anchor = last.end if last else holder.open + 1
        inner = text[holder.open + 1 : holder.close]
        if last:
            lines = _many_lines(text, holder) or _in_line_comment(text[anchor:end])
        elif inner.strip(_BLANK):
            lines = any(mark in text[end : holder.close] for mark in "\r\n")
        else:
            lines = text.strip(_BLANK) in ("{}", "[]") or any(mark in text.strip(_BLANK) for mark in "\r\n")
        outer = _line_indent(text, holder.open)
        indent = (last and _own_indent(text, last.start)) or outer + unit
        tight = _tight(text, holder)
        name = "" if key is None else _text(key) + (":" if tight and not lines else ": ")
        if lines:
            member = eol + indent + name + _dump(value, unit, indent, eol)
        else:
            member = ("" if tight or not inner.strip(_BLANK) else " ") + name + _one_line(value, tight)
        if last and last.comma >= 0:
            return [(end, end, member + ",")]
        if last:
            return [(last.end, last.end, ","), (end, end, member)]
        if inner.strip(_BLANK):
            return [(end, end, member)]
        return [(holder.open + 1, holder.close, member + (eol + outer if lines else ""))]

    def _removal(self, holder: Container, item: Item) -> list[Edit]:
        text = self.text
        before = _skip_back(text, item.start)
        ahead = max([holder.open + 1, *(i.end for i in holder.items if i.end < item.start)])
        if _in_line_comment(text[ahead:before]) and text[item.end :].lstrip(" \t,")[:1] not in ("\r", "\n"):
            before = item.start
        if len(holder.items) == 1:
            rest = text[item.end : holder.close].replace(",", "", 1 if item.comma >= 0 else 0)
            if before == holder.open + 1 and not rest.strip(_BLANK):
                return [(holder.open + 1, holder.close, "")]
        if item.comma >= 0:
            after = item.comma + 1
            if item.start == holder.open + 1 and item is not holder.items[-1]:
                after += len(text[after:]) - len(text[after:].lstrip(" \t"))
            return [(before, item.end, ""), (item.comma, after, "")]
        edits = [(before, item.end, "")]
        if len(holder.items) > 1:
            comma = holder.items[-2].comma
            edits.insert(0, (comma, comma + 1, ""))
        return edits

    def _verified(
        self, edits: list[Edit], path: tuple[str, ...], value: object, *, removed: bool = False
    ) -> Document:
        """Apply the edits; nothing but our own member may differ afterwards, in meaning or in bytes."""
        text, kept = spliced(self.text, edits)
        wanted = without_value(self.value, path) if removed else with_value(self.value, path, value)
        try:
            again = jsonc.scan(text, shallow=True)
        except JsoncError:
            again = None
        sound = again is not None and again.value == wanted and kept
        if again is None or not sound or _foreign(again, self.form):
            raise unsafe(self.where)
        return Document(self.where, self.form, self.bom, text, again)


def read(content: bytes, where: str, form: Form = JSONC, *, reader: str = "The program") -> Document:
    """Parse a file's bytes; nothing at all is an empty document.

    Raises:
        FileProblem: too big, not UTF-8, not JSON, nested too deeply; or it holds a comment or a trailing comma that its
            reader does not allow. The message names line and column.
    """
    bom, text = decoded(content, where, reader)
    with _told(text, where):
        found = jsonc.scan(text)
    foreign = _foreign(found, form)
    if foreign and not found.empty:
        what, at = foreign
        says = "it does not take" if form.allows else "strict JSON does not allow"
        raise FileProblem(
            "file-not-strict-json",
            f"{reader} cannot read {where}: it holds {what}, which {says}.",
            f"{where}, {jsonc.place(text, at)}",
            [f"Take {what} out; until then {reader} ignores the whole file.", UNTOUCHED],
        )
    return Document(where, form, bom, text, found)


def set_member(content: bytes, path: tuple[str, ...], value_json: str, where: str = "the file") -> bytes:
    """The bytes with our member set to a JSON text."""
    return read(content, where).set(path, json.loads(value_json)).content


def remove_member(content: bytes, path: tuple[str, ...], where: str = "the file") -> bytes:
    """The bytes without our member."""
    return read(content, where).remove(path).content


def _foreign(found: jsonc.Scan, form: Form) -> tuple[str, int] | None:
    """The first thing in the file that its reader does not allow, and its index."""
    held = [(at, what) for what, at in found.lenient.items() if what not in form.allows]
    return next(((what, at) for at, what in sorted(held)), None)


@contextlib.contextmanager
def _told(text: str, where: str) -> Iterator[None]:
    """What a scan finds wrong, as a problem of the file."""
    try:
        yield
    except JsoncError as error:
        at = jsonc.place(text, error.at)
        id, title = {
            "depth": ("file-too-deep", f"{where} is nested too deeply to be edited safely."),
            "duplicate": (
                "file-duplicate-key",
                f"{where} has a name twice, so it is not clear which one counts.",
            ),
        }.get(error.kind, ("file-not-json", f"{where} is not valid JSON."))
        fix = [f"Mend {at} of {where}, or move the file away, then try again.", UNTOUCHED]
        raise FileProblem(id, title, f"{where}, {at}: {error.says}", fix) from None


def _text(value: object) -> str:
    out = json.dumps(value, ensure_ascii=False)
    return out if out.isascii() or _encodes(out) else json.dumps(value)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _dump(value: object, unit: str, indent: str, eol: str) -> str:
    out = json.dumps(value, ensure_ascii=False, indent=unit)
    if not _encodes(out):
        out = json.dumps(value, indent=unit)
    return out.replace("\n", eol + indent)


def _one_line(value: object, tight: bool) -> str:
    if tight:
        return json.dumps(value, separators=(",", ":"))
    return _text(value)


def _skip_back(text: str, at: int) -> int:
    while at and text[at - 1] in _BLANK:
        at -= 1
    return at


def _in_line_comment(gap: str) -> bool:
    """Whether a text of blanks, commas and comments ends within a `//` comment."""
    comments = _COMMENT.findall(gap.rstrip(_BLANK))
    return bool(comments) and comments[-1].startswith("//") and gap.rstrip(_BLANK).endswith(comments[-1])


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _line_indent(text: str, at: int) -> str:
    line = text[_line_start(text, at) : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _own_indent(text: str, at: int) -> str | None:
    """The indentation before ``at`` where nothing else stands before it on its line."""
    line = text[_line_start(text, at) : at]
    return None if line.strip(" \t") else line


def _many_lines(text: str, holder: Container) -> bool:
    first = holder.items[0].start if holder.items else holder.close
    return any(mark in text[holder.open : first] for mark in "\r\n")


def _unit(text: str, found: jsonc.Scan) -> str:
    """One step of indentation, as the file does it."""
    for _, holder in sorted(found.containers.items(), key=lambda pair: -len(pair[0])):
        outer = _line_indent(text, holder.open)
        for item in holder.items[:1]:
            inner = _own_indent(text, item.start)
            if inner and inner.startswith(outer) and len(inner) > len(outer):
                return inner[len(outer) :]
    return "  "


def _tight(text: str, holder: Container) -> bool:
    """Whether the file leaves no space after a colon (or, in a list, after a comma)."""
    for item in holder.items[:1]:
        if item.key is not None:
            return text[item.value - 1] == ":"
        return item.comma >= 0 and text[item.comma + 1 : item.comma + 2] not in (" ", "\t", "\r", "\n")
    return ":" in text and ": " not in text
