"""The services there are: the built-in ones, and a person's own in the config folder."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from wizard.described.reader import fault
from wizard.errors import CatalogueError, UsageError
from wizard.paths import config_dir
from wizard.reading import read_text
from wizard.services import Service
from wizard.urls import origin

from .parse import read

PRACTICE: Final = "practice"
_FIRST: Final = ("faos", "fleet", "gateway")
_LAST: Final = ("mcp", "http")
_URL: Final = re.compile(r'^url\s*=\s*"(https?://[^"]+)"', re.M)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``services`` are those that can be set up, ``described`` all of them. ``problems`` are
    a person's own files that cannot be used."""

    described: tuple[Service, ...]
    problems: tuple[CatalogueError, ...] = ()

    @property
    def services(self) -> tuple[Service, ...]:
        """Every service; its practice environment has the address of the practice service that runs now."""
        urls = _practice()
        return tuple(_practising(s, urls.get(s.id, "")) for s in self.described if s.offered)

    def get(self, id: str) -> Service:
        """One service. Raises: UsageError ``unknown-service``."""
        found = next((s for s in self.described if s.id == id), None)
        if found is None:
            known = ", ".join(s.id for s in self.described if s.offered)
            fix = [f"Choose one of: {known}."]
            broken = [p.detail for p in self.problems if f"/{id}.toml:" in p.detail]
            raise UsageError("unknown-service", "There is no such service.", "".join(broken[:1]), fix)
        return _practising(found, _practice().get(id, ""))


@cache
def load() -> Catalogue:
    """The catalogue, read once per process (``load.cache_clear()`` reads it anew)."""
    services = {s.id: s for s in map(_alone, _texts())}
    problems: list[CatalogueError] = []
    own: set[str] = set()
    for path in _own_files(problems):
        try:
            text = read_text(path, CatalogueError).removeprefix("\ufeff")
            service, replaces = read(text, str(path))
            line = _line(text, "id")
            if service.id in own:
                raise fault(
                    str(path), line, f"the id `{service.id}` of another of your files", "an id of its own"
                )
            if service.id in services and not replaces:
                expected = (
                    f'another id, or `replaces = "{service.id}"` to use it in place of the built-in one'
                )
                raise fault(str(path), line, f"the id `{service.id}` of a built-in service", expected)
            if replaces and replaces not in services:
                raise fault(
                    str(path), _line(text, "replaces"), "no built-in service to replace", "no `replaces`"
                )
        except CatalogueError as error:
            problems.append(error)
            continue
        own.add(service.id)
        services[service.id] = service
    return Catalogue(tuple(sorted(services.values(), key=_rank)), tuple(problems))


def one(id: str) -> Service:
    """One service; the others are read only where a file of the person's own could replace it.

    Raises: UsageError ``unknown-service``.
    """
    if _has_own() or id not in _texts():
        return load().get(id)
    return _practising(_alone(id), _practice().get(id, ""))


def at(url: str) -> tuple[Service, ...]:
    """The services with a deployment that may be at this origin; of the others nothing is read. None is where no origin
    can be made of the address (a port beyond 65535)."""
    if _has_own():
        return load().services
    try:
        wanted, urls = origin(url), _practice()
    except ValueError:
        return ()
    found = [
        id
        for id, text in _texts().items()
        if any(origin(place) == wanted for place in (*_URL.findall(text), urls.get(id, "")) if place)
    ]
    return tuple(_practising(_alone(id), urls.get(id, "")) for id in found)


@cache
def _texts() -> dict[str, str]:
    return {p.stem: p.read_text(encoding="utf-8") for p in sorted(Path(__file__).parent.glob("*.toml"))}


@cache
def _alone(id: str) -> Service:
    return read(_texts()[id], f"{id}.toml")[0]


def _has_own() -> bool:
    return bool(_own_files([]))


def _rank(service: Service) -> int:
    """Where a service stands in the list: those with a document first, what has no name of its own last."""
    order = (*_FIRST, "", *_LAST)
    return order.index(service.id if service.id in order else "")


def _own_files(problems: list[CatalogueError]) -> list[Path]:
    folder = config_dir() / "services"
    try:
        return sorted(p for p in folder.iterdir() if p.suffix == ".toml" and not p.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        problems.append(fault(str(folder), 1, f"not readable ({error.strerror})", "a folder of *.toml files"))
        return []


def _line(text: str, key: str) -> int:
    from wizard.described.lines import Lines

    return Lines(text).of((key,))


def _practice() -> dict[str, str]:
    from wizard.practice import running

    return dict(running())


def _practising(service: Service, url: str) -> Service:
    if not url or service.environment(PRACTICE) is None:
        return service
    places = tuple(replace(e, url=url) if e.id == PRACTICE else e for e in service.environments)
    return replace(service, environments=places)
