"""Where text goes into a YAML file, and which text comes out of it, for one change.

In block style an entry is its lines: what we put in begins with a line end after the last line before it, and what we
take out is the same. So a file without a line end at its end has none afterwards either. A comment on the entry's last
line goes with it; one above it stays, and so does one below the last entry, in its column: a new entry stands after
that, but before one that stands out to the left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from . import yaml_write
from .splicing import Edit
from .yaml_model import ALIAS, MAP, SEQ, Container, Item, Scan
from .yaml_write import Style

_COMMENT_OR_NOTHING: Final = re.compile(r"[ \t]*(?:(?:(?<=[ \t])|^)#[^\r\n]*)?(?=[\r\n]|\Z)")
_LINE: Final = re.compile(r"[^\r\n]*")
_BREAK: Final = re.compile(r"\r\n|\r|\n")
_DASHES: Final = re.compile(r" *(?:- +)+")
_BEGIN: Final = re.compile(r"^---", re.MULTILINE)
_BLANK: Final = " \t\r\n"


class NotSafe(Exception):
    """The edit must not be done; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Editor:
    """A file's text, what was found in it, and how it ends its lines."""

    text: str
    found: Scan
    eol: str

    def whole(self, value: Mapping[str, object]) -> list[Edit]:
        """The first entry of a file that holds none."""
        stop = self.found.stop
        style = Style(2, 2, 2, self.eol)
        body = yaml_write.members(value, 0, style)
        if stop and self.text[stop - 1] not in "\r\n":
            return [(stop, stop, self.eol + body)]
        return [(stop, stop, body + self.eol)]

    def insertion(self, holder: Container, key: str | None, value: object) -> list[Edit]:
        """A new last member, or (without a key) element."""
        if holder.flow:
            name = "" if key is None else yaml_write.one_line(key) + ": "
            return self._into_flow(holder, name + yaml_write.one_line(value))
        at = self._after_comments(self._last_of_line(holder.items[-1].end), holder.column, holder.outer)
        style = self._style(holder)
        if key is None:
            new = yaml_write.element(value, holder.column, style)
        else:
            new = yaml_write.member(key, value, holder.column, style)
        return [(at, at, style.line(holder.column) + new)]

    def replacement(self, holder: Container, item: Item, value: object) -> list[Edit]:
        """Another value for a member or an element."""
        self._free(item, item.value)
        empty = item.value == item.end
        style, column = self._style(holder), holder.column
        several = isinstance(value, (Mapping, list, tuple))
        if holder.flow or (item.flow and several):
            lead = "" if not empty else ": " if item.key_end < 0 else " "
            return [(item.value, item.end, lead + yaml_write.one_line(value))]
        if item.key_end < 0:
            raise NotSafe("The name has no colon after it.")
        if value and item.column >= 0 and item.kind == MAP and isinstance(value, Mapping):
            return [(item.value, item.end, yaml_write.members(value, item.column, style))]
        if value and item.column >= 0 and item.kind == SEQ and isinstance(value, (list, tuple)):
            return [(item.value, item.end, yaml_write.elements(value, item.column, style))]
        if holder.array:
            new = " " * (style.gap - 1) + yaml_write.after_dash(value, column + style.gap, style)
            return [(item.key_end, item.end, new)]
        new = yaml_write.after_key(value, column, style)
        if several and value and not item.column >= 0 and item.kind not in (MAP, SEQ):
            return self._below(holder, item, new)
        return [(item.key_end, item.end, new)]

    def removal(self, path: tuple[str, ...], holder: Container, item: Item) -> tuple[list[Edit], int]:
        """Without a member or an element of the container at ``path``; and how many names of the path lead to what is
        then gone: one more than it has, or fewer where the container went with its last entry."""
        if item.kind == ALIAS:
            raise NotSafe("The entry is an alias of something else in the file.")
        self._free(item, item.start)
        if holder.flow:
            return self._out_of_flow(holder, item), len(path) + 1
        if not path and len(holder.items) == 1 and self._end_alone(item):
            return [(item.start, item.end, "[]" if holder.array else "{}")], 1
        if len(holder.items) > 1 or not path:
            return [self._lines(holder, item)], len(path) + 1
        outer = self.found.containers[path[:-1]]
        around = outer.item(path[-1])
        if around is None or outer.array or outer.flow or around.key_end < 0:
            return [(item.start, item.end, "[]" if holder.array else "{}")], len(path) + 1
        alone = len(path) == 1 and len(outer.items) == 1 and self._end_alone(around)
        if not alone and self._ours(outer, around, item):
            return self.removal(path[:-1], outer, around)
        empty = " []" if holder.array else " {}"
        return [(around.key_end, around.key_end, empty), self._lines(holder, item)], len(path) + 1

    def _style(self, holder: Container) -> Style:
        """As the siblings have it, else as the file has it anywhere."""
        habits = self.found.habits
        steps = {
            kind: next(
                (i.column - holder.column for i in reversed(holder.items) if self._shows(i, kind)), None
            )
            for kind in (MAP, SEQ)
        }
        if holder.array:
            return Style(
                habits.member or 2, _or(habits.dash, 2), max(2, steps[MAP] or habits.gap or 2), self.eol
            )
        member = steps[MAP] or habits.member or 2
        return Style(member, _or(steps[SEQ], _or(habits.dash, 2)), max(2, habits.gap or 2), self.eol)

    @staticmethod
    def _shows(item: Item, kind: str) -> bool:
        return item.kind == kind and item.column >= 0

    def _free(self, item: Item, start: int) -> None:
        """Nothing outside refers to what is in a member."""
        if item.kind == ALIAS:
            raise NotSafe("The entry is an alias of something else in the file.")
        for alias, anchor in self.found.aliases:
            if start <= anchor < item.end and not start <= alias < item.end:
                raise NotSafe("Something else in the file refers to the entry by an alias.")

    def _end_alone(self, item: Item) -> bool:
        """Whether a document would be left that ends with `...` and never begins: libyaml takes that for an error."""
        return self.found.stop < len(self.text) and not _BEGIN.search(self.text, 0, item.start)

    def _ours(self, outer: Container, around: Item, item: Item) -> bool:
        """Whether the container of a last entry looks as we make it: the last in its own, and without any comment."""
        text = self.text
        start = self._line_start(item.start)
        end = self._last_of_line(item.end)
        return (
            around is outer.items[-1]
            and around.column >= 0
            and not text[self._line_start(around.start) : around.start].strip(" ")
            and not text[around.key_end : start].strip(_BLANK)
            and self._after_comments(end, around.column, outer.column) == end
            and self._after_comments(end, outer.column + 1, outer.column) == end
        )

    def _below(self, holder: Container, item: Item, new: str) -> list[Edit]:
        """A block collection for a key that had a scalar or nothing: below the comment on its line."""
        at = self._last_of_line(item.end)
        lines = self._after_comments(at, holder.column + 1, holder.column) if item.value == item.end else at
        out = [(item.key_end, item.end, "")] if item.end > item.key_end else []
        return [*out, (lines, lines, new)]

    def _lines(self, holder: Container, item: Item) -> Edit:
        text, start = self.text, self._line_start(item.start)
        before = text[start : item.start]
        end = self._last_of_line(item.end)
        if not before.strip(" "):
            if start:
                return start - (2 if text[start - 2 : start] == "\r\n" else 1), end, ""
            return 0, self._next_line(end), ""
        later = [i for i in holder.items if i.start > item.start]
        if not later or not _DASHES.fullmatch(before) or "#" in text[item.end : later[0].start]:
            raise NotSafe("The entry shares its line with something else.")
        return item.start, later[0].start, ""

    def _into_flow(self, holder: Container, new: str) -> list[Edit]:
        text = self.text
        end = holder.close
        while text[end - 1] in _BLANK:
            end -= 1
        last = holder.items[-1] if holder.items else None
        if last is None:
            inner = text[holder.open + 1 : holder.close]
            if not inner.strip(_BLANK):
                return [(holder.open + 1, holder.open + 1, new)]
            return [(end, end, self._line_lead(holder) + new)]
        lines = any(mark in text[holder.open : last.start] for mark in "\r\n")
        comma = self._comma(last)
        noted = "#" in text[max(last.end, comma) : end]
        lead = self._line_lead(holder) if lines or noted else " "
        if comma >= 0:
            return [(end, end, lead + new + ",")]
        # right behind a colon a comma is refused
        at = last.end + (last.value == last.end == last.key_end and text[last.end] in " \t")
        return [(at, at, ","), (max(at, end), max(at, end), lead + new)]

    def _line_lead(self, holder: Container) -> str:
        for item in reversed(holder.items):
            line = self.text[self._line_start(item.start) : item.start]
            if not line.strip(" \t"):
                return self.eol + line
        line = self.text[self._line_start(holder.open) : holder.open]
        return self.eol + line[: len(line) - len(line.lstrip(" "))] + " " * (self.found.habits.member or 2)

    def _out_of_flow(self, holder: Container, item: Item) -> list[Edit]:
        text, comma = self.text, self._comma(item)
        at = holder.items.index(item)
        before = item.start
        while text[before - 1] in _BLANK:
            before -= 1
        ahead = holder.items[at - 1].end if at else holder.open + 1
        if "#" in text[ahead:before]:
            # the line end after a comment is the comment's, where more follows on the entry's line
            after = text[max(item.end, comma + 1) :].lstrip(" \t")
            before = before if after[:1] in ("\r", "\n") else item.start
        if comma >= 0:
            after_comma = comma + 1
            if at == 0 and item.start == holder.open + 1 and len(holder.items) > 1:
                after_comma += len(text[after_comma:]) - len(text[after_comma:].lstrip(" \t"))
            return [(before, item.end, ""), (comma, after_comma, "")]
        if at == 0:
            return [(before, item.end, "")]
        comma = self._comma(holder.items[at - 1])
        return [(comma, comma + 1, ""), (before, item.end, "")]

    def _comma(self, item: Item) -> int:
        at = item.end
        while True:
            while self.text[at] in _BLANK:
                at += 1
            if self.text[at] != "#":
                return at if self.text[at] == "," else -1
            at = self._line_end(at)

    def _line_start(self, at: int) -> int:
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def _line_end(self, at: int) -> int:
        return _LINE.match(self.text, at).end()  # type: ignore[union-attr]  # it matches the empty text

    def _next_line(self, at: int) -> int:
        found = _BREAK.match(self.text, at)
        return found.end() if found else at

    def _last_of_line(self, at: int) -> int:
        """The end of a line on which nothing but a comment follows."""
        rest = _COMMENT_OR_NOTHING.match(self.text, at)
        if rest is None:
            raise NotSafe("Something else stands on the entry's line.")
        return rest.end()

    def _after_comments(self, at: int, column: int, outer: int) -> int:
        """The end of the last comment below a line that stands in this column or further in, and not in ``outer``."""
        line = at
        while (following := self._next_line(line)) > line:
            line = self._line_end(following)
            words = self.text[following:line]
            indent = len(words) - len(words.lstrip(" "))
            if words[indent:].startswith("#"):
                if indent < column or indent <= outer:
                    break
                at = line
            elif words.strip(" \t"):
                break
        return at


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
