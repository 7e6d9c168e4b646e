"""Which files hold credentials here: those of the services, of saved connections, of this program, of the clients."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from wizard import catalogue, connections, paths
from wizard.errors import AuthwizardError
from wizard.redaction import tells_a_secret
from wizard.services import CredentialFile, Service
from wizard.vault.files import divided

from .facts.file import Place

_FILLED: Final = re.compile(r"\$\{?\w|\$\(|\{(?:env|file|input|secret):|%\w+%|\{\{|\$\{(?:env|input):")
_SCHEME: Final = re.compile(r"(?i)(bearer|basic|token|apikey)\s+")
_SHORTEST: Final = 8
_NAMED: Final = "by-name"
_SYSTEM: Final = tuple(
    (name,) for name in ("bin", "boot", "dev", "etc", "lib", "lib64", "proc", "sbin", "sys", "usr")
)


def every() -> tuple[Place, ...]:
    """Every file that is there, or that somebody refers to; each path once, the more exact expectation first."""
    found: dict[str, Place] = {}
    for place in (*_services(), *_connections(), *_own(), *_clients()):
        path = _absolute(place.path)
        known = found.get(path)
        if known is None:
            if place.wanted or _there(path):
                found[path] = place
        elif place.wanted and not known.wanted:
            from dataclasses import replace

            found[path] = replace(known, wanted=True)
    return tuple(found.values())


def named(path: str) -> tuple[Place, ...]:
    """What a person named: a file, or those in a folder that are known or called like one that holds a credential.
    The others of the folder are left alone: they may be meant for everybody."""
    known = {_absolute(p.path): p for p in every()}
    whole = _absolute(path)
    if Path(whole).is_dir():
        inside = sorted(p for p in Path(whole).iterdir() if str(p) in known or _telling(p))
        return tuple(known.get(str(p)) or _by_name(str(p)) for p in inside)
    return (known.get(whole) or _by_name(whole),)


def _by_name(path: str) -> Place:
    return Place(path, "a file that you named", form=_NAMED, wanted=True)


def of_the_system(place: Place) -> bool:
    """Whether a file that somebody named, and nothing else knows, is one of the system's, which all have to read."""
    return place.form == _NAMED and Path(place.path).resolve().parts[1:2] in _SYSTEM


def _telling(path: Path) -> bool:
    """Whether a file is called as those are that hold a credential; an example holds none."""
    name = path.name.lower()
    if path.is_dir() or any(word in name for word in ("example", "sample", "template")):
        return False
    return name.startswith(".env") or name.endswith((".env", ".pem", ".key")) or tells_a_secret(name)


def of_source(source: str, what: str) -> Place | None:
    """The file behind a SOURCE ``file:PATH``, with what the catalogue knows of it."""
    if not source.startswith("file:"):
        return None
    path, field = divided(source.removeprefix("file:"))
    from dataclasses import replace

    for known in _services():
        if _absolute(known.path) == _absolute(str(path)):
            return replace(known, wanted=True, field=field)
    return Place(_absolute(str(path)), what, form="value", wanted=True, field=field)


def of_service(service: Service) -> tuple[Place, ...]:
    """The files of one service, a ``*`` filled in with what is there."""
    return tuple(place for file in service.files for place in _filled(file))


def _services() -> Iterator[Place]:
    for service in catalogue.load().services:
        yield from of_service(service)


def _filled(file: CredentialFile) -> Iterator[Place]:
    other = os.environ.get(file.variable) if file.variable else None
    path = _absolute(other or file.path)
    several = "*" in path and not other
    found = sorted(str(p) for p in Path(path).parent.glob(Path(path).name)) if several else [path]
    for each in found:
        yield Place(
            each,
            file.title,
            file.mode,
            file.folder_mode,
            file.form,
            file.server,
            wanted=bool(other),
        )


def _connections() -> Iterator[Place]:
    try:
        saved = connections.load_all()
    except AuthwizardError:
        return
    for connection in saved:
        second = connection.fallback.secrets if connection.fallback else {}
        for held, whose in ((connection.secrets, "of"), (second, "of the fallback of")):
            for field, source in held.items():
                place = of_source(source, f"the {field} {whose} the connection {connection.name}")
                if place is not None:
                    yield place


def _own() -> Iterator[Place]:
    """This program's own: the vault and the copies of other programs' files are secret, its lists are not."""
    from wizard import backups
    from wizard.vault.stores import folder

    yield Place(str(connections.path()), "the saved connections", 0o644, secret=False)
    for place, what in (
        (folder(), "a secret that this program keeps"),
        (paths.state_dir() / "practice", "the token of a practice service"),
    ):
        for path in _files(place):
            yield Place(path, what, 0o600, 0o700, "value")
    for path in _files(backups.folder()):
        yield Place(path, "a copy of a client's config as it was", 0o600)
    for path in sorted(str(p) for p in paths.data_dir().glob("*") if p.is_file()):
        yield Place(path, "a file of this program's vault", 0o600)


def _files(folder: Path) -> list[str]:
    return sorted(str(p) for p in folder.rglob("*") if p.is_file() and not p.name.endswith(".lock"))


def _clients() -> Iterator[Place]:
    """The configs that hold a secret in plain text."""
    from wizard import clients

    for client in clients.every():
        for path in dict.fromkeys((client.path(True), client.path(False))):
            if path is None or not path.exists():
                continue
            try:
                entries = client.servers(path)
            except (AuthwizardError, OSError):
                continue
            if any(plain("", entry) for entry in entries.values()):
                yield Place(str(path), f"the config of {client.title}, which holds a secret")


def holds(entry: object, secret: str) -> bool:
    """Whether an entry, as its file has it, holds this very secret."""
    if isinstance(entry, Mapping):
        return any(holds(value, secret) for value in entry.values())
    if isinstance(entry, list | tuple):
        return any(holds(value, secret) for value in entry)
    return isinstance(entry, str) and secret in entry


def plain(name: str, value: object) -> bool:
    """Whether something in an entry is named like a secret, and is none of a client's references."""
    if isinstance(value, Mapping):
        return any(plain(str(key), inner) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return any(plain(name, inner) for inner in value)
    if not isinstance(value, str) or not tells_a_secret(name):
        return False
    bare = _SCHEME.sub("", value, count=1)
    return len(bare) >= _SHORTEST and not _FILLED.search(bare) and not name.lower().endswith("helper")


def _there(path: str) -> bool:
    """Whether a file is there, or a folder keeps us from seeing it."""
    try:
        os.lstat(path)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111  links stay; no home is no error
