"""Reading a TOML table strictly: the right type, nothing missing, nothing left over, and the line at fault."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NoReturn, TypeVar

from wizard.errors import CatalogueError
from wizard.services import Templates

from .lines import Lines, Path

SERVICE: Final = "service"
PROVIDER: Final = "provider"
PACK: Final = "pack"
_PAGES: Final = {
    SERVICE: "docs/adding-a-service.md shows it",
    PROVIDER: "the files in wizard/providers are",
    PACK: "docs/adding-a-refusal.md shows it",
}
_AT: Final = re.compile(r"\(at line (\d+), column \d+\)")
_T = TypeVar("_T")
_CONTROL: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_TYPES: Final = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}


class Source:
    """One description: its name in messages, where its lines are, and what it describes (`SERVICE`, `PROVIDER`,
    `PACK`)."""

    def __init__(self, name: str, text: str, what: str = SERVICE) -> None:
        self.name = name
        self.what = what
        self.lines = Lines(text)

    def fault(self, path: Path, saw: str, expected: str, value: str | None = None) -> NoReturn:
        """Raises: CatalogueError whose detail is ``name:LINE: saw; expected ...``."""
        raise fault(self.name, self.lines.of(path, value), saw, expected, self.what)


def fault(name: str, line: int, saw: str, expected: str, what: str = SERVICE) -> CatalogueError:
    """The error for one place in one description."""
    return CatalogueError(
        "catalogue-invalid",
        f"The {what} description {name.rpartition('/')[2]} cannot be used.",
        f"{name}:{line}: {saw}; expected {expected}",
        [f"Correct that line, or take the file out of the folder of {what}s."],
    )


def opened(text: str, name: str, what: str = SERVICE) -> Table:
    """The whole of a description, to be read key by key. Raises: CatalogueError: it is no TOML."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        line = int(found[1]) if found else max(1, len(text.splitlines()))
        said = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise fault(name, line, f"not TOML ({said})", f"TOML, as {_PAGES[what]}", what) from error
    except RecursionError:
        raise fault(name, 1, "tables within tables without end", "TOML, a few levels deep", what) from None
    return Table(Source(name, text, what), data)


class Table:
    """A table that is read key by key; `close` refuses what nobody asked for."""

    def __init__(self, source: Source, data: Mapping[str, object], path: Path = ()) -> None:
        self.source = source
        self.path = path
        self._data = data
        self._asked: list[str] = []

    def fault(self, key: str, saw: str, expected: str, value: str | None = None) -> NoReturn:
        """Raises: CatalogueError at the line of this key."""
        self.source.fault((*self.path, key), saw, expected, value)

    def text(self, key: str, default: str | None = None, *, among: tuple[str, ...] = ()) -> str:
        """A text on one line; without a default it must be there and not be empty."""
        value = self._get(key, str, default)
        if default is None and not value.strip():
            self.fault(key, f"`{key}` is empty", "a text")
        self._plain(key, value)
        if value and among and value not in among:
            self.fault(key, f"`{key}` is {quoted(value)}", f"one of {', '.join(among)}")
        return value

    def shaped(self, key: str, form: re.Pattern[str], expected: str, default: str | None = None) -> str:
        """A text of a given form (or empty, where there is a default)."""
        value = self.text(key, default)
        if value and not form.fullmatch(value):
            self.fault(key, f"`{key}` is {quoted(value)}", expected)
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        return self._get(key, bool, default)

    def maybe(self, key: str) -> bool | None:
        """True, false, or not said."""
        if key not in self._data:
            self._asked.append(key)
            return None
        return self._get(key, bool, None)

    def texts(self, key: str, default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
        """A list of texts, each on one line and not empty; without a default at least one."""
        values = self._get(key, list, list(default) if default is not None else None)
        if default is None and not values:
            self.fault(key, f"`{key}` is empty", "at least one text")
        for value in values:
            if not isinstance(value, str) or not value.strip():
                self.fault(key, f"`{key}` holds {kind_of(value)}", "a list of texts, none of them empty")
            self._plain(key, value)
        return tuple(values)

    def templates(self, key: str) -> Templates:
        """A table of texts."""
        if key not in self._data:
            self._asked.append(key)
            return {}
        data: dict[str, object] = self._get(key, dict, None)
        found: dict[str, str] = {}
        for name, value in data.items():
            if not isinstance(value, str):
                self.source.fault(
                    (*self.path, key, name),
                    f"{quoted(name)} is {kind_of(value)}",
                    'a text in quotes, such as "{token}"',
                )
            if _CONTROL.search(name) or _CONTROL.search(value):
                self.source.fault((*self.path, key, name), "a control character", "plain text on one line")
            found[name] = value
        return MappingProxyType(found)

    def table(self, key: str) -> Table | None:
        """A table within this one, if it is there."""
        if key not in self._data:
            self._asked.append(key)
            return None
        return Table(self.source, self._get(key, dict, None), (*self.path, key))

    def tables(self, key: str) -> tuple[Table, ...]:
        """A list of tables (``[[key]]``), empty where it is not there."""
        values = self._get(key, list, [])
        for value in values:
            if not isinstance(value, dict):
                self.fault(key, f"`{key}` holds {kind_of(value)}", f"tables, each under [[{key}]]")
        return tuple(Table(self.source, value, (*self.path, key, n)) for n, value in enumerate(values))

    def names(self) -> tuple[str, ...]:
        """Every key of this table, for a table whose keys are names."""
        self._asked += self._data
        return tuple(self._data)

    def close(self) -> None:
        """Raises: CatalogueError when a key is left that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                self.fault(
                    key, f"an unknown key {quoted(key)}", f"one of {', '.join(sorted(set(self._asked)))}"
                )

    def _get(self, key: str, kind: type[_T], default: _T | None) -> _T:
        self._asked.append(key)
        if key not in self._data:
            if default is None:
                self.source.fault(self.path, f"`{key}` is missing", f"{_TYPES[kind]} named {key} here")
            return default
        value = self._data[key]
        if type(value) is not kind:
            self.fault(key, f"`{key}` is {kind_of(value)}", _TYPES[kind])
        return value

    def _plain(self, key: str, value: str) -> None:
        if _CONTROL.search(value):
            self.fault(key, f"`{key}` holds a line break or control character", "plain text on one line")


def kind_of(value: object) -> str:
    """What a value is, in words."""
    if value == "":
        return "an empty text"
    return _TYPES.get(type(value), "a date or time")


def quoted(text: str) -> str:
    """A name from the file as it can be shown: short, and no control characters."""
    shown = _CONTROL.sub("?", text)
    return f"`{shown if len(shown) <= 60 else shown[:59] + '…'}`"
