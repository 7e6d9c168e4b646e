"""`.env` text: read as the programs that load such files read it, and changed without touching any other byte.

Readers differ. What is read here is what python-dotenv's documentation describes (the gateway's scripts load their
files with it): ``export``, single quotes with ``\\'`` and ``\\\\``, double quotes with the usual escapes, values over
several lines in quotes, `` #`` before a comment, the last of several wins. ``${VAR}`` stays text. What is written is
chosen so that a shell that sources the file reads the same, wherever one form can say it to both (`portable`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from .errors import FileProblem, UsageError
from .reading import decode, read_bytes
from .secret import Secret

_BOM: Final = "\ufeff"
_BLANK: Final = re.compile(r"[^\S\r\n]*")
_GAPS: Final = re.compile(r"\s*")
_EXPORT: Final = re.compile(r"export[^\S\r\n]+(?=[^=#\s])")
_KEY: Final = re.compile(r"'([^'\r\n]+)'|([^=#'\s][^=#\s]*)")
_SINGLE: Final = re.compile(r"'((?:\\.|[^'\\])*+)'", re.DOTALL)
_LITERAL: Final = re.compile(r"'([^'\r\n]*)'")
_DOUBLE: Final = re.compile(r'"((?:\\.|[^"\\])*+)"', re.DOTALL)
_BARE: Final = re.compile(r"[^\r\n]*")
_COMMENT: Final = re.compile(r"(?:^|\s+)#.*")
_LINE_END: Final = re.compile(r"[^\S\r\n]*(?:#[^\r\n]*)?(\r\n|\n|\r|\Z)")
_REST: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_BREAK: Final = re.compile(r"\r\n|\n|\r")
_ESCAPE: Final = re.compile(r"\\([\\'\"abfnrtv])")
_SINGLE_ESCAPE: Final = re.compile(r"\\([\\'])")
_MEANING: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SURE_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")


@dataclass(frozen=True, slots=True)
class Binding:
    """One ``KEY=VALUE``. ``value`` is None for a key without ``=``. ``span`` is the whole of its lines in the text,
    ``at`` the value's own span, quotes included; ``line`` counts from 1."""

    key: str
    value: Secret | None
    line: int
    span: tuple[int, int]
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that a reader of the file passes over or takes in another way: a stable ``id``, and a sentence that
    holds no value."""

    id: str
    line: int
    key: str
    says: str


@dataclass(frozen=True, slots=True)
class _Parsed:
    bindings: tuple[Binding, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True)
class Dotenv:
    """A file's text, and what it says. Frozen: `set` and `remove` give a new one."""

    text: str = field(default="", repr=False)
    where: str = ".env"

    @cached_property
    def _parsed(self) -> _Parsed:
        return _parse(self.text)

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """Every assignment, in the order of the file, those that a later one overrules included."""
        return self._parsed.bindings

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What is not read, or not by all alike."""
        return self._parsed.doubts

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        return self.text.encode("utf-8")

    def last(self, key: str) -> Binding | None:
        """The assignment that counts."""
        return next((b for b in reversed(self.bindings) if b.key == key), None)

    def get(self, key: str) -> Secret | None:
        """The value of a key; None where it has none. Any value of such a file may be a secret."""
        found = self.last(key)
        return found.value if found else None

    def values(self) -> dict[str, Secret]:
        """Each key with the value that counts."""
        return {b.key: b.value for b in self.bindings if b.value is not None}

    def set(self, key: str, value: str) -> Dotenv:
        """The file with the key's value, in its place or on a line of its own at the end.

        Raises:
            UsageError: a name or value that no such file can hold.
            FileProblem: a quote that is opened and not closed would swallow it.
        """
        if not _NAME.fullmatch(key):
            raise UsageError(
                "variable-name",
                "That is no name of a variable.",
                "A name holds letters, digits and underscores, and does not begin with a digit.",
            )
        written = rendered(value)
        found = self.last(key)
        if found is not None and found.value is not None and found.value.reveal() == value:
            return self
        if found is None:
            return self._checked(self.added(f"{key}={written}").text, key, value)
        start, end = found.at
        equals = "=" if found.value is None else ""
        return self._checked(f"{self.text[:start]}{equals}{written}{self.text[end:]}", key, value)

    def remove(self, key: str) -> Dotenv:
        """The file without any line that sets the key; the same one where there is none."""
        text = self.text
        for binding in reversed(self.bindings):
            if binding.key == key:
                text = text[: binding.span[0]] + text[binding.span[1] :]
        return self if text == self.text else self._checked(text, key, None)

    def added(self, line: str) -> Dotenv:
        """The file with a line at its end (a comment, say), in the file's own line ends."""
        eol = self.eol
        gap = "" if not self.text.strip(_BOM) or self.text.endswith(("\n", "\r")) else eol
        return Dotenv(f"{self.text}{gap}{line}{eol}", self.where)

    @property
    def eol(self) -> str:
        """How this file ends its lines."""
        found = _BREAK.search(self.text)
        return found.group() if found and found.group() != "\r" else "\n"

    def _checked(self, text: str, key: str, value: str | None) -> Dotenv:
        """The new file, when it says what it should of this key and what it said before of every other."""
        new = Dotenv(text, self.where)
        wanted = {k: v for k, v in self.values().items() if k != key}
        if value is not None:
            wanted[key] = Secret(value)
        if new.values() == wanted:
            return new
        unclosed = next((d for d in self.doubts if d.id == "unclosed-quote"), None)
        place = f"Line {unclosed.line} opens a quote that is not closed." if unclosed else ""
        raise FileProblem(
            "env-file-open-quote",
            f"{self.where} cannot be changed: another line of it would then say something else.",
            place,
            ["Close the quote, or take that line out.", "Nothing was changed."],
        )


def load(path: Path) -> Dotenv:
    """A `.env` file.

    Raises:
        FileProblem: missing, a folder, not to be read, too large, or no UTF-8.
    """
    return parse(read_bytes(path, FileProblem), str(path))


def parse(content: bytes, where: str = ".env") -> Dotenv:
    """The bytes of such a file; a byte order mark stays, and is no part of the first key.

    Raises:
        FileProblem: `file-not-utf8`, with the place.
    """
    return Dotenv(decode(content, where, FileProblem, "file-not-utf8"), where)


def rendered(value: str) -> str:
    """The value as it stands behind the ``=``: bare, in single quotes, or in double quotes with escapes.

    Raises:
        UsageError: what no variable can hold: a NUL character, half a character.
    """
    if "\0" in value:
        raise UsageError("value-not-writable", "A variable cannot hold a NUL character.")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(
            "value-not-writable",
            "The value holds half a character (a lone surrogate), which no file can hold.",
            "",
            ["Copy it again from where it is shown."],
        ) from None
    if _PLAIN.fullmatch(value):
        return value
    if not any(c in value for c in "'\\\r\n"):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r")
    return f'"{escaped}"'


def portable(value: str) -> bool:
    """Whether a shell, python-dotenv and Docker Compose all read back the very value that `rendered` writes."""
    if "${" in value:
        return False  # python-dotenv fills it in even within single quotes
    if rendered(value)[:1] != '"':
        return True
    return not any(c in value for c in "$`\r\n") and not value.endswith("\\")


def _parse(text: str) -> _Parsed:
    breaks = [m.end() for m in _BREAK.finditer(text)]
    bindings: list[Binding] = []
    doubts: list[Doubt] = []

    def line(at: int) -> int:
        return bisect_right(breaks, at) + 1

    for found in _walk(text):
        if isinstance(found, Binding):
            bindings.append(_on_line(found, line(found.span[0])))
        else:
            doubts.append(Doubt(found[0], line(found[1]), found[2], found[3]))
    seen: dict[str, int] = {}
    for binding in bindings:
        if before := seen.get(binding.key):
            lines = f"line {before} and again in line {binding.line}"
            says = f"{_shown(binding.key)} stands in {lines}: the last one counts."
            doubts.append(Doubt("duplicate", binding.line, binding.key, says))
        seen[binding.key] = binding.line
    return _Parsed(tuple(bindings), tuple(sorted(doubts, key=lambda d: d.line)))


def _on_line(binding: Binding, line: int) -> Binding:
    return Binding(binding.key, binding.value, line, binding.span, binding.at)


def _walk(text: str) -> Iterator[Binding | tuple[str, int, str, str]]:
    """Each binding (its line not counted yet), and each doubt as ``(id, place, key, sentence)``."""
    at = len(_BOM) if text.startswith(_BOM) else 0
    while True:
        gap = _match(_GAPS, text, at)
        start = max(_start_of_line(text, gap.end(), at), at)
        at = gap.end()
        if at >= len(text):
            return
        if text[at] == "#":
            at = _match(_REST, text, at).end()
            continue
        exported = _EXPORT.match(text, at)
        key_at = exported.end() if exported else at
        key = _KEY.match(text, key_at)
        if key is None:
            yield "no-assignment", at, "", "This line sets nothing: it does not begin with a name."
            at = _match(_REST, text, at).end()
            continue
        name = key.group(1) or key.group(2)
        equals = _match(_BLANK, text, key.end()).end()
        if text[equals : equals + 1] != "=":
            end = _LINE_END.match(text, key.end())
            if end is None or exported is None:
                yield "no-assignment", at, "", "This line sets nothing: it has no `=` after a name."
            if end is None:
                at = _match(_REST, text, at).end()
                continue
            yield Binding(name, None, 0, (start, end.end()), (key.end(), key.end()))
            at = end.end()
            continue
        value_at = _match(_BLANK, text, equals + 1).end()
        value, value_end, fault = _value(text, equals + 1, value_at)
        end = None if fault else _LINE_END.match(text, value_end)
        if end is None:
            says = fault or f"After the closing quote of {_shown(name)} something follows on the same line."
            yield "unclosed-quote" if fault else "after-quote", at, name, says
            at = _match(_REST, text, at).end()
            continue
        if equals > key.end() or (value_at > equals + 1 and value.reveal()):
            says = f"A shell that sources the file stumbles over the spaces around the `=` of {_shown(name)}."
            yield "spaces", at, name, says
        first = value_at if value.reveal() or value_end > value_at else equals + 1
        yield Binding(name, value, 0, (start, end.end()), (first, max(first, value_end)))
        at = end.end()


def _value(text: str, after_equals: int, at: int) -> tuple[Secret, int, str]:
    """The value that begins here, where it ends, and why it cannot be read."""
    quote = text[at : at + 1]
    if quote in ('"', "'") and quote:
        found = (_DOUBLE if quote == '"' else _SINGLE).match(text, at)
        if found is None and quote == "'" and (literal := _LITERAL.match(text, at)):
            return (
                Secret(literal.group(1)),
                literal.end(),
                "",
            )  # it ends with a backslash, as a Windows path may
        if found is None:
            return Secret(""), at, "This line opens a quote that is not closed."
        inner = _BREAK.sub("\n", found.group(1))
        if quote == '"':
            return Secret(_ESCAPE.sub(lambda m: _MEANING.get(m[1], m[1]), inner)), found.end(), ""
        return Secret(_SINGLE_ESCAPE.sub(lambda m: m[1], inner)), found.end(), ""
    whole = _match(_BARE, text, at).group()
    bare = _COMMENT.sub("", whole, count=1) if at > after_equals else re.sub(r"\s+#.*", "", whole, count=1)
    bare = bare.rstrip()
    return Secret(bare), (at + len(bare) if bare else after_equals), ""


def _start_of_line(text: str, at: int, least: int) -> int:
    begin = max(text.rfind("\n", least, at), text.rfind("\r", least, at)) + 1
    return begin if begin > least else least


def _match(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str]:
    found = pattern.match(text, at)
    assert found is not None  # noqa: S101  # these patterns match the empty text
    return found


def _shown(key: str) -> str:
    """A key as it may be shown: what stands before a `=` by mistake may be anything."""
    return key if _SURE_NAME.fullmatch(key) else "a name"
