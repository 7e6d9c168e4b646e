"""Text in rows, each with a prefix (a mark, a number) under which its own lines never run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from wizard import ways_out

from ..words import plain

_NONE = Content("")


@dataclass(frozen=True, slots=True)
class Row:
    """A body that is wrapped to the width that its prefix leaves."""

    body: Content
    prefix: Content = _NONE


GAP = Row(Content(""))


def row(text: str | Content, style: str = "", *, prefix: str | Content = "", indent: int = 0) -> Row:
    """A row of text from anywhere; ``indent`` is spaces before the prefix."""
    body = plain(text, style) if isinstance(text, str) else text
    before = plain(prefix) if isinstance(prefix, str) else prefix
    return Row(body, Content.assemble(" " * indent, before) if indent else before)


def numbered(steps: Iterable[str], indent: int = 0) -> list[Row]:
    """Steps as rows ``1 ...``; ways to choose from ``either: ...`` and ``or: ...``."""
    return [
        row(text, prefix=Content.styled(f"{mark.rstrip('.')} ", "bold $text-accent"), indent=indent)
        for mark, text in ways_out.marked(steps)
    ]


class Rows(Widget):
    """Rows under each other, wrapped anew at every width."""

    DEFAULT_CSS = """
    Rows { height: auto; width: 1fr; }
    """

    def __init__(self, rows: Sequence[Row] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows = tuple(rows)

    def show(self, rows: Iterable[Row]) -> None:
        """Show these from now on."""
        new = tuple(rows)
        if new != self._rows:
            self._rows = new
            self.refresh(layout=True)

    def render(self) -> Content:
        return Content("\n").join(self._at(max(self.content_size.width, 1)))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """As many lines as the rows need at this width."""
        return len(self._at(max(width, 1))) if self._rows else 0

    def _at(self, width: int) -> list[Content]:
        lines: list[Content] = []
        for one in self._rows:
            before = one.prefix.cell_length
            room = width - before
            if room < 8:
                lines += Content.assemble(one.prefix, one.body).wrap(width)
                continue
            wrapped = one.body.wrap(room) if one.body.plain else [one.body]
            lines.append(Content.assemble(one.prefix, wrapped[0]))
            lines += [Content.assemble(" " * before, line) for line in wrapped[1:]]
        return lines
