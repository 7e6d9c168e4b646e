"""Values as YAML text, in the indentation of the file they go into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .yaml_scalars import block_scalar, flow_scalar


@dataclass(frozen=True, slots=True)
class Style:
    """Columns that a member stands in from its key, a list from its key, an element from its dash; and the line end."""

    member: int
    dash: int
    gap: int
    eol: str

    def line(self, column: int) -> str:
        """A new line, up to a column."""
        return self.eol + " " * column


def members(value: Mapping[str, object], column: int, style: Style) -> str:
    """A mapping in block style whose first key stands where the text begins, at ``column``."""
    return style.line(column).join(member(name, held, column, style) for name, held in value.items())


def elements(value: list[object] | tuple[object, ...], column: int, style: Style) -> str:
    """A list in block style whose first dash stands where the text begins, at ``column``."""
    return style.line(column).join(element(held, column, style) for held in value)


def member(name: str, value: object, column: int, style: Style) -> str:
    """A key with its value."""
    return block_scalar(name) + ":" + after_key(value, column, style)


def after_key(value: object, column: int, style: Style) -> str:
    """What stands after the colon of a key at ``column``."""
    if isinstance(value, Mapping) and value:
        inner = column + style.member
        return style.line(inner) + members(value, inner, style)
    if isinstance(value, (list, tuple)) and value:
        inner = column + style.dash
        return style.line(inner) + elements(value, inner, style)
    return " " + one_line(value, block=True)


def element(value: object, column: int, style: Style) -> str:
    """A dash at ``column`` with what follows it."""
    return "-" + " " * (style.gap - 1) + after_dash(value, column + style.gap, style)


def after_dash(value: object, column: int, style: Style) -> str:
    """An element that begins at ``column``."""
    if isinstance(value, Mapping) and value:
        return members(value, column, style)
    if isinstance(value, (list, tuple)) and value:
        return elements(value, column, style)
    return one_line(value, block=True)


def one_line(value: object, *, block: bool = False) -> str:
    """A value in flow style, as JSON has it; with ``block``, a scalar as block style has it."""
    if isinstance(value, Mapping):
        held = (f"{flow_scalar(name)}: {one_line(inner)}" for name, inner in value.items())
        return "{" + ", ".join(held) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(one_line(inner) for inner in value) + "]"
    return block_scalar(value) if block else flow_scalar(value)
