"""Which entries in the clients' configs this program wrote, so that they can be told from a person's own.

``written.json`` in the data folder: ``{"schema": 1, "entries": [{"client", "path", "server", "how", "print"}]}``.
``print`` is a digest of the entry as it was written: one that was changed since is somebody else's.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from .errors import AuthwizardError, FileProblem
from .paths import data_dir, write_private

_SCHEMA: Final = 1
_LIMIT: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class Record:
    """One entry: the client's id, its file, the entry's name, the way of ``--secrets``, and its digest."""

    client: str
    path: str
    server: str
    how: str
    print: str


def file() -> Path:
    """Where the records are."""
    return data_dir() / "written.json"


def of(server: str) -> tuple[Record, ...]:
    """The records of this name, whether their entries are still there or not."""
    return tuple(r for r in _load() if r.server == server)


def note(client: str, path: Path, server: str, how: str) -> None:
    """Remember an entry that was just written, or forget one that is no longer in the file.

    It raises nothing: an entry without its record is only not taken out together with its connection.
    """
    from .locks import hold

    where = str(path.absolute())
    with contextlib.suppress(AuthwizardError), hold(file()):
        mark = fingerprint(client, path, server)
        rest = [r for r in _load() if (r.client, r.path, r.server) != (client, where, server)]
        _save([*rest, Record(client, where, server, how, mark)] if mark else rest)


def untouched(record: Record) -> bool:
    """Whether the entry stands in the file just as it was written.

    Raises:
        FileProblem: the file cannot be read as its client would.
    """
    return bool(record.print) and fingerprint(record.client, Path(record.path), record.server) == record.print


def fingerprint(client: str, path: Path, server: str) -> str:
    """The digest of an entry as it stands in the file; empty where there is none.

    Raises:
        FileProblem: as `untouched`.
    """
    from . import clients

    found = clients.get(client).servers(path).get(server)
    if found is None:
        return ""
    text = json.dumps(found, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _load() -> list[Record]:
    from .reading import read_text

    try:
        raw = json.loads(read_text(file(), FileProblem, limit=_LIMIT))
        entries = raw["entries"] if raw["schema"] == _SCHEMA else []
        found = [Record(**entry) for entry in entries]
    except (AuthwizardError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return [r for r in found if all(isinstance(text, str) for text in asdict(r).values())]


def _save(records: Iterable[Record]) -> None:
    document = {"schema": _SCHEMA, "entries": [asdict(r) for r in records]}
    write_private(file(), f"{json.dumps(document, indent=1)}\n".encode("utf-8", "backslashreplace"))
