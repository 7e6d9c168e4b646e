"""A scanner for YAML that also says where things stand.

libyaml (through PyYAML) gives the events with their marks; no object is ever constructed by a tag. What is deeper
than `MAX_DEPTH` is refused, and what aliases repeat more than `MAX_REPEATED` times. `<<` is a name as any other, as it
is for the programs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from .yaml_model import ALIAS, MAP, SCALAR, SEQ, Container, Habits, Item, Scan, YamlError
from .yaml_scalars import CORE, plain, tagged

MAX_DEPTH: Final = 200
MAX_REPEATED: Final = 1_000_000
"""Nodes that aliases stand for, counted each time."""

_COLLECTIONS: Final = ("map", "seq", "set", "omap", "pairs")
_GAP: Final = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*)*")
_PROPERTIES: Final = re.compile(r"(?:[&!][^ \t\r\n]*[ \t]*)*")
_HEADER: Final = re.compile(r"(?:[&!][^ \t\r\n]*[ \t\r\n]+)*[|>][0-9]*([+-]?)")
_FORBIDDEN: Final = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class _Open:
    array: bool
    flow: bool
    at: int
    end: int
    value: Any
    path: tuple[str | int, ...] | None
    column: int
    outer: int
    bare: bool
    anchor: str | None
    before: int
    items: list[Item] = field(default_factory=list)
    named: bool = False
    key: str = ""
    key_at: int = 0
    key_end: int = 0


@dataclass(frozen=True, slots=True)
class _Anchor:
    at: int
    value: object
    size: int
    """-1: still open."""


def scan(text: str, path: tuple[str, ...] = (), keyed: Mapping[tuple[str, ...], str] | None = None) -> Scan:
    """Parse, and note the positions in every container along ``path``; ``keyed`` as in `Form`.

    Raises:
        YamlError: what stands there and where; a key that occurs twice in a mapping; too deep; repeated too often; a
            tag that is not known; more than one document.
    """
    import yaml

    loader = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
    scanner = _Scanner(text, path, keyed or {}, yaml)
    try:
        for event in yaml.parse(text, Loader=loader):
            scanner.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(
            str(error.problem or error.context), min(mark.index, len(text)) if mark else 0
        ) from None
    except yaml.YAMLError:
        odd = _FORBIDDEN.search(text)
        raise YamlError("a control character stands here", odd.start() if odd else 0) from None
    return scanner.result()


class _Scanner:
    def __init__(
        self, text: str, path: tuple[str, ...], keyed: Mapping[tuple[str, ...], str], yaml: Any
    ) -> None:
        self.text = text
        self.path = path
        self.keyed = keyed
        self.stack: list[_Open] = []
        self.found: dict[tuple[str | int, ...], Container] = {}
        self.anchors: dict[str, _Anchor] = {}
        self.aliases: list[tuple[int, int]] = []
        self.count = self.repeated = self.documents = 0
        self.stop = len(text)
        self.value: object = None
        self.empty = True
        self.member: int | None = None
        self.dash: int | None = None
        self.gap: int | None = None
        self.takes = {
            yaml.ScalarEvent: self.scalar,
            yaml.MappingStartEvent: self.opened,
            yaml.SequenceStartEvent: self.opened,
            yaml.MappingEndEvent: self.closed,
            yaml.SequenceEndEvent: self.closed,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.document,
            yaml.DocumentEndEvent: self.document_end,
        }
        self.sequence = yaml.SequenceStartEvent

    def take(self, event: Any) -> None:
        act = self.takes.get(type(event))
        if act:
            act(event)

    def result(self) -> Scan:
        habits = Habits(self.member, self.dash, self.gap)
        return Scan(self.value, self.empty, self.resolved(), habits, self.stop, tuple(self.aliases))

    def document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise YamlError("a second document begins", event.start_mark.index, "documents")

    def document_end(self, event: Any) -> None:
        if event.explicit:
            self.stop = event.start_mark.index

    def scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        text, tag = event.value, event.tag
        value = text if tag is None else self.tagged(text, tag, start)
        if tag is None and event.implicit[0]:
            value = plain(text)
        if event.style in ("|", ">"):
            end = self.block_end(start, end)
        self.count += 1
        if event.anchor:
            self.anchors[event.anchor] = _Anchor(start, value, 1)
        if not self.stack:
            self.empty = start == end
        self.complete(value, start, end, SCALAR)

    def tagged(self, text: str, tag: str, at: int) -> object:
        try:
            return tagged(text, tag)
        except ValueError:
            raise self.unknown(tag, at) from None

    def unknown(self, tag: str, at: int) -> YamlError:
        says = f"the tag `!!{_shown(tag.removeprefix(CORE))}` is not one that can be read here"
        return YamlError(says, at, "tag")

    def block_end(self, start: int, end: int) -> int:
        """The end of the last line of a block scalar; empty lines after it are its own where it keeps them."""
        header = _HEADER.match(self.text, start, end)
        if header and header.group(1) == "+":
            if self.text.endswith("\r\n", start, end):
                return end - 2
            return end - (self.text[end - 1] in "\r\n")
        return start + len(self.text[start:end].rstrip("\r\n"))

    def opened(self, event: Any) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise YamlError(f"it is nested deeper than {MAX_DEPTH} levels", event.start_mark.index, "depth")
        start, tag, array = event.start_mark.index, event.tag, type(event) is self.sequence
        flow = bool(event.flow_style)
        if tag and tag.startswith(CORE) and tag.removeprefix(CORE) not in _COLLECTIONS:
            raise self.unknown(tag, start)
        bare = not (event.anchor or tag)
        column = event.start_mark.column if bare and not flow else -1
        outer = self.stack[-1] if self.stack else None
        if column >= 0 and outer and not outer.flow and outer.column >= 0:
            self.habit(array, outer.array, column - outer.column)
        self.count += 1
        self.stack.append(
            _Open(
                array,
                flow,
                start,
                event.end_mark.index if flow else start,
                [] if array else {},
                self.inner_path(),
                column,
                -1 if outer is None else outer.column if outer.column >= 0 else outer.outer,
                bare,
                event.anchor,
                self.count + self.repeated,
            )
        )
        if event.anchor:
            self.anchors[event.anchor] = _Anchor(start, None, -1)

    def habit(self, array: bool, in_array: bool, step: int) -> None:
        if in_array:
            self.gap = self.gap if array or self.gap is not None else step
        elif array:
            self.dash = step if self.dash is None else self.dash
        else:
            self.member = step if self.member is None else self.member

    def inner_path(self) -> tuple[str | int, ...] | None:
        if not self.stack:
            return ()
        outer = self.stack[-1]
        if outer.path is None or len(outer.path) >= len(self.path):
            return None
        if outer.array:
            return (*outer.path, len(outer.value)) if outer.path in self.keyed else None
        named = outer.named and outer.key == self.path[len(outer.path)]
        return (*outer.path, outer.key) if named else None

    def closed(self, event: Any) -> None:
        top = self.stack.pop()
        end = event.end_mark.index if top.flow else top.end
        if top.anchor:
            size = self.count + self.repeated - top.before + 1
            self.anchors[top.anchor] = _Anchor(top.at, top.value, size)
        if top.path is not None:
            member = self.keyed.get(cast("tuple[str, ...]", top.path)) if top.array else None
            items = tuple(top.items)
            if member is not None:
                items = tuple(
                    replace(i, key=_named(v, member)) for i, v in zip(items, top.value, strict=True)
                )
            close, opening = (end - 1, self.opening(top)) if top.flow else (end, top.at)
            self.found[top.path] = Container(
                top.array, top.flow, opening, close, top.column, top.outer, items
            )
        self.complete(
            top.value,
            top.at,
            end,
            SEQ if top.array else MAP,
            flow=top.flow,
            column=top.column if top.bare else -1,
        )

    def opening(self, top: _Open) -> int:
        return (
            top.end - 1 if not top.items else self.text.index("[" if top.array else "{", self.after(top.at))
        )

    def after(self, at: int) -> int:
        return _PROPERTIES.match(self.text, at).end()  # type: ignore[union-attr]  # it matches the empty text

    def alias(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        anchor = self.anchors.get(event.anchor)
        if anchor is None:
            raise YamlError(f"the alias `*{_shown(event.anchor)}` stands for nothing", start)
        if anchor.size < 0:
            raise YamlError(f"the alias `*{_shown(event.anchor)}` stands for what it is in", start)
        self.repeated += anchor.size
        if self.repeated > MAX_REPEATED:
            raise YamlError("its aliases repeat too much", start, "depth")
        self.aliases.append((start, anchor.at))
        self.complete(anchor.value, start, end, ALIAS)

    def complete(
        self, value: object, start: int, end: int, kind: str, *, flow: bool = False, column: int = -1
    ) -> None:
        """A node is complete: put it into its container."""
        if not self.stack:
            self.value = value
            if kind != SCALAR:
                self.empty = False
            return
        top = self.stack[-1]
        if top.array:
            top.value.append(value)
            if top.path is not None:
                item = self.element(top, start, end, kind, flow=flow, column=column)
                top.items.append(item)
            top.end = end
        elif not top.named:
            name = value if isinstance(value, str) else json.dumps(value, default=str)
            if name in top.value:
                raise YamlError(f"the name `{_shown(name)}` occurs twice in one mapping", start, "duplicate")
            top.named, top.key, top.key_at, top.key_end = True, name, start, end
            if top.column < 0 and not top.flow:
                top.column = start - max(self.text.rfind("\n", 0, start), self.text.rfind("\r", 0, start)) - 1
        else:
            top.named = False
            top.value[top.key] = value
            top.end = end
            if start == end or top.path is not None:
                colon = self.colon(top.key_end)
                if start == end:
                    start = end = top.end = max(colon, top.key_end)
                if top.path is not None:
                    item = Item(top.key, top.key_at, colon, start, end, kind, flow, column)
                    top.items.append(item)

    def colon(self, key_end: int) -> int:
        at = _GAP.match(self.text, key_end).end()  # type: ignore[union-attr]  # it matches the empty text
        return at + 1 if self.text.startswith(":", at) else -1

    def element(self, top: _Open, start: int, end: int, kind: str, *, flow: bool, column: int) -> Item:
        if top.flow:
            return Item(None, start, start, start, end, kind, flow, column)
        at = top.end if top.items else self.after(top.at)
        dash = _GAP.match(self.text, at).end()  # type: ignore[union-attr]  # it matches the empty text
        if top.column < 0:
            top.column = dash - max(self.text.rfind("\n", 0, dash), self.text.rfind("\r", 0, dash)) - 1
        return Item(None, dash, dash + 1, start, end, kind, flow, column)

    def resolved(self) -> dict[tuple[str, ...], Container]:
        """The containers by names alone: an element of a keyed list goes by its own."""
        out: dict[tuple[str, ...], Container] = {}
        for path, container in self.found.items():
            names = self.path[: len(path)]
            good = True
            for depth, step in enumerate(path):
                if isinstance(step, int):
                    items = self.found[path[:depth]].items
                    good = good and items[step].key == names[depth]
            if good:
                out.setdefault(names, container)
        return out


def _named(value: object, member: str) -> str | None:
    name = value.get(member) if isinstance(value, dict) else None
    return name if isinstance(name, str) else None


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name[:60])
