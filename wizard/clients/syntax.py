"""How a client refers to a variable in its file, and what it makes of a text that looks like a reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..entries import Reference

_LOOKS_LIKE_ONE: Final = re.compile(
    r"\$\{\{[^}]*\}\}|\$\{[^}]*\}|\{(?:env|file):[^}]+\}"
    # a bare name counts only where it stands alone: within other text it may be a part of a secret
    r"|(?<!\S)(?:\$[A-Z_][A-Z0-9_]+|%[A-Z_][A-Z0-9_]+%)(?!\S)"
)
"""What some client would replace, and a person may have brought from it."""
_EVERYWHERE: Final = ("url", "headers", "command", "args", "env", "envFile", "cwd")


_LONGEST: Final = 100_000
_MOST: Final = 256
_BEGINS: Final = ("$", "{env:", "{file:")


def beyond(raw: object) -> str:
    """Why an entry is none that anybody has, as the end of a sentence; empty where it is not. Each reference is looked
    for to the end of its text, so that a file with texts without end would be read without end."""
    length, begun, rest = 0, 0, [raw]
    while rest:
        value = rest.pop()
        if isinstance(value, str):
            length += len(value)
            begun += sum(map(value.count, _BEGINS))
        elif isinstance(value, Mapping):
            rest += [*value, *value.values()]
        elif isinstance(value, list):
            rest += value
    if length > _LONGEST:
        return f"its texts have {length} characters"
    return f"it begins {begun} references" if begun > _MOST else ""


@dataclass(frozen=True, slots=True)
class Syntax:
    """A client's references.

    ``reference`` is how one is written, with ``NAME`` for the variable's; empty where the client replaces nothing.
    ``pattern`` finds those that it replaces: its group ``name`` is the variable, its group ``default``, where it has
    one, what stands there for an unset one. ``unset`` is what becomes of an unset one: ``unset`` (it is sent as
    written) or ``empty``. ``places`` are the members in which it replaces them, ``passes`` how many times over it goes.
    ``own`` are places of its own that it knows by a reference, such as ``workspaceFolder``, from the path of its file.
    """

    reference: str = ""
    pattern: re.Pattern[str] | None = None
    unset: str = "unset"
    places: tuple[str, ...] = _EVERYWHERE
    passes: int = 1
    own: Mapping[str, Callable[[Path], str]] = field(default_factory=dict)


LITERAL: Final = Syntax()
"""It replaces nothing: what stands there is sent."""


@dataclass(slots=True)
class Expanding:
    """One reading of an entry: `text` gives what the client makes of a text, and ``seen`` keeps what was met."""

    syntax: Syntax
    environ: Mapping[str, str]
    path: Path
    seen: list[Reference] = field(default_factory=list)

    def text(self, place: str, text: str) -> str:
        """What the client sends or starts; ``place`` is such as ``headers.Authorization`` or ``args[2]``."""
        syntax = self.syntax
        used = re.split(r"[.\[]", place)[0] in syntax.places
        own = {f"${{{name}}}": value for name, value in syntax.own.items()}
        for match in _found(syntax.pattern if used else None, text):
            written = match.group(0)
            if written in own:
                continue
            ours = syntax.pattern.fullmatch(written) if used and syntax.pattern else None
            self.seen.append(_judged(place, written, ours, syntax, self.environ))
        if not used:
            return text
        for name, value in own.items():
            text = text.replace(name, value(self.path))
        for _ in range(syntax.passes if syntax.pattern else 0):
            text = syntax.pattern.sub(self._value, text) if syntax.pattern else text
        return text

    def _value(self, match: re.Match[str]) -> str:
        default = match.groupdict().get("default")
        unset = match.group(0) if self.syntax.unset == "unset" else ""
        return self.environ.get(match["name"], unset if default is None else default)


def _found(pattern: re.Pattern[str] | None, text: str) -> list[re.Match[str]]:
    """The references in a text, the client's own and those of others, in order; none twice."""
    ours = list(pattern.finditer(text)) if pattern else []
    others = [
        m
        for m in _LOOKS_LIKE_ONE.finditer(text)
        if not any(o.start() < m.end() and m.start() < o.end() for o in ours)
    ]
    return sorted((*ours, *others), key=lambda m: m.start())


def _judged(
    place: str, written: str, ours: re.Match[str] | None, syntax: Syntax, environ: Mapping[str, str]
) -> Reference:
    if ours is None:
        return Reference(place, written, "literal")
    name, default = ours["name"], ours.groupdict().get("default")
    shown = written
    if default:  # it may be a secret
        begin, end = (at - ours.start() for at in ours.span("default"))
        shown = f"{written[:begin]}…{written[end:]}"
    if name in environ or default is not None:
        return Reference(place, shown, "resolved" if environ.get(name, default) else "empty", name)
    return Reference(place, shown, syntax.unset, name)
