"""The file of connections: read with the line at fault, written whole or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, NoReturn

from .connections import Connection, Fallback
from .errors import FileProblem
from .names import valid_name
from .paths import write_private

_TEXTS: Final = ("name", "service", "environment", "url", "method", "created")
_MAPS: Final = ("settings", "secrets")
_LISTS: Final = ("scopes", "tools", "allow")
_NEEDED: Final = ("name", "service", "method")
_FALLBACK: Final = "fallback"
_OF_FALLBACK: Final = tuple(f.name for f in fields(Fallback))
_KNOWN: Final = tuple(f.name for f in fields(Connection))
_LIMIT: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Book:
    """The file as it was read: ``raw`` with whatever else stands in it, ``connections`` as we know them."""

    raw: dict[str, Any]
    connections: tuple[Connection, ...]


def read(path: Path) -> Book:
    """The file's content; an absent file holds no connection.

    Raises:
        FileProblem: with the path, the line where one can be named, and what to do.
    """
    from .reading import read_text

    try:
        text = read_text(path, FileProblem, limit=_LIMIT)
    except FileProblem as problem:
        if problem.id == "file-missing" and path.parent.is_dir() and not path.is_symlink():
            return Book({"schema": 1, "connections": []}, ())
        if problem.id == "file-missing" and not path.parent.exists():
            return Book({"schema": 1, "connections": []}, ())
        raise _with_advice(problem) from None
    if not text.strip():
        _broken(path, 1, "the file is empty; an object with schema and connections was expected")
    try:
        raw = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_no_twins)
    except json.JSONDecodeError as problem:
        _broken(path, problem.lineno, f"it is not JSON ({problem.msg}, column {problem.colno})")
    except (ValueError, RecursionError) as problem:
        twin = problem.args[1] if isinstance(problem, _TwinError) else ""
        _broken(
            path,
            _line(text, f'"{twin}"', last=True),
            f"the key {twin} stands twice" if twin else "it is no sane JSON",
        )
    return _book(path, text, raw)


def write(path: Path, book: Book, connection: Connection, *, instead_of: str = "") -> None:
    """Put the connection in the place of the one of its name (or of ``instead_of``), else at the end.

    Raises:
        FileProblem: `cannot-write`; the old file is untouched.
    """
    new = as_json(connection)
    replaced = instead_of or connection.name
    entries = list(book.raw["connections"])
    for index, entry in enumerate(entries):
        if entry["name"] == replaced:
            entries[index] = {**_merged(new, entry), **{k: v for k, v in entry.items() if k not in _KNOWN}}
            break
    else:
        entries.append(new)
    _put(path, book, entries)


def write_without(path: Path, book: Book, name: str) -> None:
    """Leave the connection of this name out.

    Raises:
        FileProblem: `cannot-write`; the old file is untouched.
    """
    _put(path, book, [entry for entry in book.raw["connections"] if entry["name"] != name])


def as_json(connection: Connection) -> dict[str, object]:
    """The connection as the file holds it: references, never secrets."""
    plain = _plain(connection, (name for name in _KNOWN if name != _FALLBACK))
    if connection.fallback is not None:
        plain[_FALLBACK] = _plain(connection.fallback, _OF_FALLBACK)
    return plain


def _plain(part: Connection | Fallback, names: Iterable[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in names:
        value = getattr(part, name)
        found[name] = dict(value) if name in _MAPS else list(value) if name in _LISTS else value
    return found


def _merged(new: dict[str, object], entry: Mapping[str, Any]) -> dict[str, object]:
    """The new entry; what stands in its fallback and is not known here stays with the method that it is of."""
    held, second = entry.get(_FALLBACK), new.get(_FALLBACK)
    if not (isinstance(held, dict) and isinstance(second, dict) and held.get("method") == second["method"]):
        return new
    return {**new, _FALLBACK: {**second, **{k: v for k, v in held.items() if k not in _OF_FALLBACK}}}


def _put(path: Path, book: Book, entries: list[Any]) -> None:
    if entries == book.raw["connections"] and path.exists():
        return
    # ASCII, so that no control character or half a surrogate pair stands in the file
    text = json.dumps({**book.raw, "connections": entries}, indent=2, ensure_ascii=True) + "\n"
    write_private(path, text.encode("ascii"))


class _TwinError(ValueError):
    """A key that stands twice in one object: which of the two was meant is not known."""


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _TwinError("twin", key)
        found[key] = value
    return found


def _book(path: Path, text: str, raw: object) -> Book:
    if not isinstance(raw, dict):
        _broken(path, 1, "an object with schema and connections was expected")
    schema, at = raw.get("schema"), _line(text, '"schema"')
    if isinstance(schema, int) and not isinstance(schema, bool) and schema > 1:
        raise FileProblem(
            "connections-newer",
            f"{path} was written by a newer version of this program.",
            f"Line {at}: its schema is {schema}; this version knows 1.",
            ["Update authwizard.", "The file was left as it is."],
        )
    if schema != 1 or isinstance(schema, bool):
        _broken(path, at, "schema must be 1")
    entries = raw.get("connections")
    if not isinstance(entries, list):
        _broken(path, _line(text, '"connections"'), "connections must be a list")
    lines = _starts(text, len(entries))
    known: dict[str, Connection] = {}
    for entry, line in zip(entries, lines, strict=True):
        connection = _connection(path, line, entry)
        if connection.name in known:
            _broken(path, line, f"the name {connection.name} stands twice")
        known[connection.name] = connection
    return Book(raw, tuple(known.values()))


def _connection(path: Path, line: int, entry: object) -> Connection:
    if not isinstance(entry, dict):
        _broken(path, line, "a connection must be an object")
    for key in _NEEDED:
        if not entry.get(key):
            _broken(path, line, f"a connection here has no {key}")
    values: dict[str, Any] = {}
    for key in (k for k in (*_TEXTS, *_MAPS, *_LISTS) if k in entry):
        values[key] = _checked(path, line, key, entry[key])
    try:
        valid_name(values["name"])
    except Exception:  # noqa: BLE001  UsageError, put as a fault of the file
        _broken(path, line, "the name of a connection may hold letters, digits, - and _, at most 64")
    return Connection(**{"environment": "", "url": "", **values}, fallback=_fallback(path, line, entry))


def _fallback(path: Path, line: int, entry: Mapping[str, Any]) -> Fallback | None:
    held = entry.get(_FALLBACK)
    if held is None:
        return None
    if not isinstance(held, dict) or not held.get("method"):
        _broken(path, line, "the fallback of the connection here must be an object with a method")
    return Fallback(**{key: _checked(path, line, key, held[key]) for key in _OF_FALLBACK if key in held})  # type: ignore[arg-type]  # checked by name


def _checked(path: Path, line: int, key: str, value: object) -> object:
    if key in _TEXTS and isinstance(value, str):
        return value
    if key in _MAPS and isinstance(value, dict) and all(isinstance(v, str) for v in value.values()):
        return dict(value)
    if key in _LISTS and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    wanted = "a text" if key in _TEXTS else "an object of texts" if key in _MAPS else "a list of texts"
    _broken(path, line, f"{key} of the connection here must be {wanted}")


def _starts(text: str, count: int) -> list[int]:
    """The line where each element of the list begins; 0 where that cannot be told."""
    decoder, found = json.JSONDecoder(), []
    opening = re.search(r'"connections"\s*:\s*\[', text)
    at = opening.end() if opening else len(text)
    try:
        for _ in range(count):
            at = _skip(text, at)
            found.append(text.count("\n", 0, at) + 1)
            _, at = decoder.raw_decode(text, at)
    except (ValueError, RecursionError):
        return [0] * count
    return found


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _line(text: str, needle: str, *, last: bool = False) -> int:
    at = text.rfind(needle) if last else text.find(needle)
    return text.count("\n", 0, at) + 1 if at >= 0 else 0


def _broken(path: Path, line: int, what: str) -> NoReturn:
    raise FileProblem(
        "connections-broken",
        f"The file of connections cannot be understood: {path}{f':{line}' if line else ''}",
        what[:1].upper() + what[1:] + ".",
        ["Mend that line, or move the file away and set the connections up again.", "It was left as it is."],
    )


def _with_advice(problem: FileProblem) -> FileProblem:
    title = f"The file of connections cannot be read. {problem.title}"
    return FileProblem(problem.id, title, problem.detail, (*problem.fix, "It was left as it is."))
