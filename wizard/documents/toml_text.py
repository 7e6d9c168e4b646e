"""Editing another program's TOML file without changing a byte that is not ours.

The file is parsed by the standard library, which says nothing of positions; `toml_scan` finds those of our own entry.
Only its text is inserted, replaced or taken out, and the result is parsed again and compared before anyone may write
it. What stands after the last line of a table, or above its header, is not the table's: it stays.
"""

from __future__ import annotations

import re
import tomllib
from ast import literal_eval
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import FileProblem
from . import toml_write
from .jsonc import place
from .splicing import (
    UNTOUCHED,
    Edit,
    decoded,
    encoded,
    got,
    line_end,
    spliced,
    unsafe,
    with_value,
    without_value,
)
from .toml_scan import Scan, Statement, first_names, items, scan

_AT: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_KEYLIKE: Final = re.compile(r"""[\w\-. \t"']+""")
_FEW_PARTS: Final = 128
_MOST_WORK: Final = 50_000_000
_TUPLE: Final = re.compile(r"""\((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|, |,)+\)""")
_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML file that can be edited. ``where`` is its path for messages; ``value`` is None and ``empty`` true where
    the file holds nothing but comments."""

    where: str
    bom: bool
    text: str = field(repr=False)
    value: Any = field(repr=False)

    @property
    def empty(self) -> bool:
        """Whether it holds nothing."""
        return self.value is None

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        return encoded(self.text, self.bom)

    def get(self, *path: str) -> object:
        """The value at a path of names, None where there is none."""
        return got(self.value, path)

    def set(self, path: tuple[str, ...], value: object) -> Document:
        """With the member at ``path`` set: a new table at the end of the file, any other value below the last of its
        table's. One that is there is replaced where it stands. The same document where it is already so.

        Raises:
            FileProblem: a parent is no table, or written in one line; TOML has no form for the value; or the result
                could not be verified.
        """
        if value is not None and _alike(self.get(*path), value):
            return self
        found = self._scan(path)
        try:
            edits = (
                self._replacement(found, path, value) if found.own else self._insertion(found, path, value)
            )
        except ValueError:
            raise self._no_form() from None
        if edits is None:
            return self.remove(path).set(path, value)
        return self._verified(edits, path, with_value(self.value, path, value))

    def append(self, path: tuple[str, ...], value: object) -> Document:
        """With an element added at the end of the array at ``path``, which is made where it is missing."""
        found, array = self._scan(path), self.get(*path)
        if array is None:
            return self.set(path, [value])
        if not isinstance(array, list):
            raise self._wrong_kind(found.own[0], path, "a list (`[...]`)")
        one = found.own[0]
        try:
            if one.mark and isinstance(value, dict):
                edits = self._at_the_end(toml_write.table(path, value, line_end(self.text), array=True))
            else:
                edits = [] if one.mark else self._element(one.value, toml_write.inline(value))
        except ValueError:
            raise self._no_form() from None
        return self._verified(edits, path, with_value(self.value, path, [*array, value]))

    def remove(self, path: tuple[str, ...]) -> Document:
        """Without the member at ``path``; the same document where there is none."""
        if self.get(*path) is None:
            return self
        return self._verified(self._removal(self._scan(path)), path, without_value(self.value, path))

    def remove_item(self, path: tuple[str, ...], index: int) -> Document:
        """Without one element of the array at ``path``."""
        array = self.get(*path)
        if not isinstance(array, list):
            return self
        found = self._scan(path)
        rest = [*array[:index], *array[index + 1 :]]
        wanted = with_value(self.value, path, rest) if rest else without_value(self.value, path)
        if not found.own[0].mark:
            edits = self._without_element(found.own[0].value, index)
            return self._verified(edits, path, with_value(self.value, path, rest))
        heads = [n for n, one in enumerate(found.own) if one.path == path and one.mark]
        first, last = heads[index], [*heads, len(found.own)][index + 1]
        return self._verified(self._removal(Scan(found.own[first:last])), path, wanted)

    def _scan(self, path: tuple[str, ...]) -> Scan:
        """The statements that matter for a path, every parent in it a table that takes another member."""
        try:
            found = scan(self.text, path)
        except (ValueError, IndexError):
            # a later standard library may take more than the scanner knows
            raise unsafe(self.where) from None
        other = found.other
        if other and isinstance(self.get(*other.path), dict):
            name, ours = toml_write.dotted(other.path), toml_write.dotted(path)
            raise FileProblem(
                "file-wrong-shape",
                f"`{name}` in {self.where} is written as one value (`{{...}}`), to which nothing is added safely.",
                f"{self.where}, {place(self.text, other.name[0])}",
                [f"Write its entries as tables, such as `[{ours}]` with a line for each key.", UNTOUCHED],
            )
        if other:
            raise self._wrong_kind(other, other.path, "a table")
        return found

    def _wrong_kind(self, at: Statement, path: tuple[str, ...], wanted: str) -> FileProblem:
        return FileProblem(
            "file-wrong-shape",
            f"`{toml_write.dotted(path)}` in {self.where} is not {wanted}.",
            f"{self.where}, {place(self.text, at.name[0])}",
            [f"Make it {wanted}, or move the file away, then try again.", UNTOUCHED],
        )

    def _no_form(self) -> FileProblem:
        return FileProblem(
            "value-not-toml",
            f"The entry cannot be put into {self.where}: TOML has no form for one of its values.",
            "It has none for nothing at all (`null`), and none for half a character.",
            ["Give that value, or leave it out, then try again.", UNTOUCHED],
        )

    def _insertion(self, found: Scan, path: tuple[str, ...], value: object) -> list[Edit]:
        text, eol = self.text, line_end(self.text)
        if isinstance(value, dict):
            return self._at_the_end(toml_write.table(path, value, eol))
        home = max(found.homes, key=len)
        line = f"{toml_write.dotted(path[len(home) :])} = {toml_write.inline(value)}"
        last = found.homes[home]
        if last is None:
            return [(0, 0, line + eol + (eol if text else ""))]
        return [(last.end, last.end, eol + _indent(text, last.start) + line)]

    def _at_the_end(self, table: str) -> list[Edit]:
        """A table below everything, in such a way that `_removal` gives the old end back: a last line without a line
        end gets one with ours, and ours none."""
        text, eol = self.text, line_end(self.text)
        end = len(text)
        if not text:
            return [(0, 0, table + eol)]
        return [(end, end, eol + table + eol if text.endswith("\n") else eol + eol + table)]

    def _replacement(self, found: Scan, path: tuple[str, ...], value: object) -> list[Edit] | None:
        """Ours replaced where it stands first; None where the new value has no place there."""
        eol, one = line_end(self.text), found.own[0]
        if one.path == path and not one.mark:
            return [(*one.value, toml_write.inline(value))]
        if not isinstance(value, dict):
            return None
        runs = list(found.runs())
        home = next((n for n, run in enumerate(runs) if run[0].inside), None)
        if home is None:
            home, indent = 0, self.text[one.start : one.name[0]]
            name = first_names(self.text, one.name, len(path) - len(one.path) + one.names)
            lines = [f"{name}.{toml_write.name(k)} = {toml_write.inline(v)}" for k, v in value.items()]
            new = indent + (eol + indent).join(lines or [f"{name} = {{}}"])
        else:
            new = toml_write.table(path, value, eol)
        gone = self._removals(runs)
        gone[home] = (runs[home][0].start, runs[home][-1].end, new)
        return gone

    def _removal(self, found: Scan) -> list[Edit]:
        return self._removals(list(found.runs()))

    def _removals(self, runs: list[list[Statement]]) -> list[Edit]:
        edits: list[Edit] = []
        for run in runs:
            start, end = self._lines_of(run)
            edits.append((max(start, edits[-1][1]) if edits else start, end, ""))
        return edits

    def _lines_of(self, run: list[Statement]) -> tuple[int, int]:
        """The lines of a run with the line end, and the blank line, that came with them."""
        text, start, end = self.text, run[0].start, run[-1].end
        tables, last = run[0].inside, end == len(text)
        if not last:
            end = _past_eol(text, end)
        before = _before_eol(text, start)
        if not tables:
            if last:
                return before, end
            return start, _past_eol(text, end) if start == 0 else end
        blank = _before_eol(text, before)
        if last:
            return blank, end
        return (before if blank < before else start), end

    def _element(self, array: tuple[int, int], element: str) -> list[Edit]:
        """An element behind the last one, on a line of its own where that one has one."""
        text, found = self.text, items(self.text, array)
        if not found:
            return [(array[1] - 1, array[1] - 1, element)]
        start, end, comma = found[-1]
        indent = text[text.rfind("\n", 0, start) + 1 : start]
        mark = [] if comma >= 0 else [(end, end, ",")]
        if indent.strip(" \t") or "\n" not in text[array[0] : start]:
            after = comma + 1 if comma >= 0 else end
            return [*mark, (after, after, f" {element}" + ("," if comma >= 0 else ""))]
        after = _rest_of_line(text, comma + 1 if comma >= 0 else end)
        return [*mark, (after, after, line_end(text) + indent + element + ("," if comma >= 0 else ""))]

    def _without_element(self, array: tuple[int, int], index: int) -> list[Edit]:
        text, found = self.text, items(self.text, array)
        start, end, comma = found[index]
        after = comma + 1 if comma >= 0 else end
        ahead = found[index - 1][1] if index else array[0] + 1
        before = ahead + len(text[ahead:start].rstrip(" \t\r\n"))
        alone = text[_rest_of_blanks(text, after)] in "\r\n"
        if index < len(found) - 1 and not alone:
            return [(start, end, ""), (comma, _rest_of_blanks(text, after), "")]
        if "#" in text[ahead:start] and not alone:
            before = start
        edits = [(before, end, "")]
        if comma >= 0:
            edits.append((comma, after, ""))
        elif index:
            edits.insert(0, (found[index - 1][2], found[index - 1][2] + 1, ""))
            edits[1] = (max(before, edits[0][1]), end, "")
        return edits

    def _verified(self, edits: list[Edit], path: tuple[str, ...], wanted: object) -> Document:
        """Apply the edits; nothing but our own member may differ afterwards, in meaning or in bytes."""
        text, kept = spliced(self.text, edits)
        try:
            value = _parsed(text)
            sound = kept and _pruned(value, path[:-1]) == _pruned(wanted, path[:-1])
        except (ValueError, RecursionError):
            sound = False
        if not sound:
            raise unsafe(self.where)
        return Document(self.where, self.bom, text, value or None)


def read(content: bytes, where: str, *, reader: str = "The program") -> Document:
    """Parse a file's bytes; one with nothing but comments is an empty document.

    Raises:
        FileProblem: too big, not UTF-8, not TOML, nested too deeply. The message names line and column.
    """
    bom, text = decoded(content, where, reader)
    try:
        if _dotted(text):
            raise RecursionError
        return Document(where, bom, text, _parsed(text) or None)
    except RecursionError:
        id, title = "file-too-deep", f"{where} is nested too deeply to be edited safely."
        at, says = "", "arrays or tables within one another"
    except ValueError as error:
        id, title = "file-not-toml", f"{where} is not valid TOML."
        at, says = _place(text, str(error))
    fix = [f"Mend {at + ' of ' if at else ''}{where}, or move the file away, then try again.", UNTOUCHED]
    raise FileProblem(id, title, f"{where}{', ' + at if at else ''}: {says}", fix)


def _dotted(text: str) -> bool:
    """Whether keys have more parts than anybody writes: the parser's work grows with their square."""
    runs = (run[0] for run in _KEYLIKE.finditer(text) if text.count(".", *run.span()) > _FEW_PARTS)
    return sum(piece.count(".") ** 2 for run in runs for piece in run.split("..")) > _MOST_WORK


def _parsed(text: str) -> dict[str, Any]:
    """As the standard library reads it, every not-a-number one object: it equals itself in a list or a table."""
    return tomllib.loads(text, parse_float=_float)


def _float(text: str) -> float:
    return _NAN if text.endswith("nan") else float(text)


def _place(text: str, says: str) -> tuple[str, str]:
    """Where an error is, and its sentence. The parser counts a line end as one character, as `place` does."""
    found = _AT.search(says)
    if not found:
        return "", says
    at = f"line {found[1]}, column {found[2]}" if found[1] else place(text, len(text))
    words = _TUPLE.sub(lambda key: f"`{toml_write.dotted(literal_eval(key[0]))}`", says[: found.start()])
    return at, words[:1].lower() + words[1:]


def _alike(old: object, new: object) -> bool:
    """Whether two values are equal, and of the same types."""
    if type(old) is not type(new):
        return False
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_alike(v, new[k]) for k, v in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_alike, old, new))
    return old == new


def _pruned(tree: Any, path: tuple[str, ...]) -> Any:
    """A parsed document without the tables on a path that hold nothing: whether they have a header is not its say."""
    if not path or not isinstance(tree, dict) or path[0] not in tree:
        return tree
    inner = _pruned(tree[path[0]], path[1:])
    rest = {k: v for k, v in tree.items() if k != path[0]}
    return rest if inner == {} else {**rest, path[0]: inner}


def _before_eol(text: str, at: int) -> int:
    """The index of the line end that stands just before, or the same one."""
    if not text.endswith("\n", 0, at):
        return at
    return at - 2 if text.endswith("\r\n", 0, at) else at - 1


def _past_eol(text: str, at: int) -> int:
    if text.startswith("\r\n", at):
        return at + 2
    return at + 1 if text.startswith("\n", at) else at


def _indent(text: str, at: int) -> str:
    return text[at : _rest_of_blanks(text, at)]


def _rest_of_blanks(text: str, at: int) -> int:
    while text[at] in " \t":
        at += 1
    return at


def _rest_of_line(text: str, at: int) -> int:
    """Behind the comment that stands on the line, if there is one."""
    comment = re.compile(r"[ \t]*#[^\r\n]*").match(text, at)
    return comment.end() if comment else at
