"""The file that names clients to be registered: CSV with a heading, or JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from wizard.errors import FileProblem, UsageError
from wizard.reading import read_text
from wizard.urls import is_loopback

from .model import Wanted

_COLUMNS: Final = ("name", "redirect_uris", "scopes")
_MOST: Final = 1000
_NAME: Final = re.compile(
    r"[^\s*/?#&=<>\"'\\](?:[^*/?#&=<>\"'\\\x00-\x1f\x7f-\x9f]{0,98}[^\s*/?#&=<>\"'\\])?"
)
_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*")


def read(path: Path, redirect_uri: str) -> tuple[Wanted, ...]:
    """The clients in a file. ``redirect_uri`` is that of a client which names none.

    CSV: the columns ``name``, ``redirect_uris`` and ``scopes``, several in one cell parted by spaces. JSON: a list of
    objects with the same names, lists or texts.

    Raises:
        FileProblem: it cannot be read. UsageError ``clients-file-invalid``: the first line at fault.
    """
    return parse(read_text(path, FileProblem).removeprefix("\ufeff"), path.name, redirect_uri)


def parse(text: str, name: str, redirect_uri: str) -> tuple[Wanted, ...]:
    """As `read`, of a text; ``name`` is for messages."""
    rows = _json(text, name) if text.lstrip()[:1] in ("[", "{") else _csv(text, name)
    found: list[Wanted] = []
    for line, row in rows:
        if unknown := [k for k in row if k not in _COLUMNS]:
            raise _fault(
                name, line, f"an unknown name `{_short(unknown[0])}`; there are {', '.join(_COLUMNS)}"
            )
        title = row.get("name", ())
        if len(title) != 1:
            raise _fault(name, line, "a client without a name")
        uris = row.get("redirect_uris") or (redirect_uri,)
        found.append(wanted(title[0], uris, row.get("scopes", ()), name, line))
    if len({w.name for w in found}) < len(found):
        seen: set[str] = set()
        twice = next(w for w in found if w.name in seen or seen.add(w.name))  # type: ignore[func-returns-value]  # a set's add says nothing
        raise _fault(name, twice.line, f"the name `{_short(twice.name)}` a second time")
    if not found:
        raise _fault(name, 1, "no client in it")
    return tuple(found)


def wanted(
    title: str, uris: Iterable[str], scopes: Iterable[str] = (), name: str = "", line: int = 0
) -> Wanted:
    """One client, its name and redirect URIs checked. Raises: UsageError ``clients-file-invalid``."""
    title = title.strip()
    if not _NAME.fullmatch(title):
        raise _fault(
            name, line, "a name with other characters than letters, digits, spaces and . _ - or too long"
        )
    kept = tuple(dict.fromkeys(u.strip() for u in uris))
    for uri in kept:
        if why := refusal(uri):
            raise _fault(name, line, f"the redirect URI `{_short(uri)}` {why}")
    return Wanted(title, kept, tuple(dict.fromkeys(scopes)), line)


def refusal(uri: str) -> str:
    """Why this is no redirect URI (RFC 6749 section 3.1.2: absolute, without a fragment), or none that is safe; empty
    when it is one. A ``*`` is not refused here: it is warned about."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        return "cannot be read"
    if any(ord(c) < 0x21 or ord(c) == 0x7F for c in uri) or not _SCHEME.fullmatch(parts.scheme):
        return "is no address"
    if parts.fragment or uri.endswith("#"):
        return "has a part after #"
    if parts.scheme.lower() in ("javascript", "data", "file", "vbscript"):
        return "is no address that a browser may be led to"
    if parts.scheme == "http" and not is_loopback(uri):
        return "is plain http on another machine: whoever is on the way could read the code"
    if parts.scheme in ("http", "https") and (not host or "@" in parts.netloc):
        return "names no host" if not host else "holds a user name"
    return ""


def _csv(text: str, name: str) -> list[tuple[int, Mapping[str, tuple[str, ...]]]]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    found: list[tuple[int, Mapping[str, tuple[str, ...]]]] = []
    try:
        heads = [h.strip().lower() for h in reader.fieldnames or ()]
        if "name" not in heads:
            raise _fault(name, 1, f"no heading; expected {','.join(_COLUMNS)}")
        reader.fieldnames = heads
        for row in reader:
            if None in row or any(v is None for v in row.values()):
                raise _fault(
                    name, reader.line_num, f"{'more' if None in row else 'fewer'} cells than the heading has"
                )
            title = row["name"].strip()
            if not any(v.strip() for v in row.values()):
                continue
            rest = {k: tuple(v.split()) for k, v in row.items() if k != "name"}
            found.append((reader.line_num, {"name": (title,) if title else (), **rest}))
            _bounded(found, name)
    except csv.Error:
        raise _fault(name, max(1, reader.line_num), "no CSV") from None
    return found


def _json(text: str, name: str) -> list[tuple[int, Mapping[str, tuple[str, ...]]]]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise _fault(name, error.lineno, "no JSON") from None
    except (ValueError, RecursionError):
        raise _fault(name, 1, "no JSON") from None
    rows = data.get("clients") if isinstance(data, dict) else data
    if not isinstance(rows, list):
        raise _fault(name, 1, "no list of clients")
    found: list[tuple[int, Mapping[str, tuple[str, ...]]]] = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise _fault(name, 1, f"client {number} is no object")
        found.append((0, {str(k): _texts(v, name, number) for k, v in row.items()}))
        _bounded(found, name)
    return found


def _texts(value: object, name: str, number: int) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value] if value not in (None, "") else []
    if any(not isinstance(v, str) for v in listed):
        raise _fault(name, 1, f"client {number} holds something else than texts")
    return tuple(listed)


def _bounded(found: list[tuple[int, Mapping[str, tuple[str, ...]]]], name: str) -> None:
    if len(found) > _MOST:
        raise _fault(name, found[-1][0], f"more than {_MOST} clients")


def _fault(name: str, line: int, what: str) -> UsageError:
    place = f"{name}:{line}: " if name and line else f"{name}: " if name else ""
    return UsageError(
        "clients-file-invalid",
        "That client cannot be registered." if not name else f"The clients in {name} cannot be registered.",
        f"{place}{what}.",
        ["Write a line for each client, under the heading: name,redirect_uris,scopes"] if name else [],
    )


def _short(text: str) -> str:
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"
