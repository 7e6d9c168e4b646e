"""Identity providers as data: how each is recognised, what it wants, where it does otherwise than the standards.

A file for each lies beside this one; a person's own lie in the config folder under ``providers``. `of` recognises one
by its issuer, `of_choice` by what the catalogue says of a deployment; neither asks anything of the world.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wizard.errors import CatalogueError
from wizard.paths import config_dir
from wizard.reading import read_text

from .model import ANY, EXACT, NONE, OPEN, POLICY, Departure, Provider, Redirect, TokenAnswer
from .parse import parse

if TYPE_CHECKING:
    from wizard.choice import Choice
    from wizard.oauth.model import ServerMetadata

__all__ = [
    "ANY",
    "EXACT",
    "NONE",
    "OPEN",
    "POLICY",
    "Departure",
    "Provider",
    "Redirect",
    "TokenAnswer",
    "allowed",
    "behind",
    "ids",
    "load",
    "named",
    "of",
    "of_choice",
    "origin_of",
    "parse",
    "server_of",
]

_HERE: Final = Path(__file__).parent
ISSUER: Final = "issuer"


@cache
def load() -> tuple[Provider, ...]:
    """Every provider, a person's own first (``load.cache_clear()`` reads them anew).

    Raises:
        CatalogueError: a person's own file that cannot be used.
    """
    own = [parse(read_text(p, CatalogueError).removeprefix("\ufeff"), str(p)) for p in _own()]
    given = [_alone(p.stem) for p in sorted(_HERE.glob("*.toml"))]
    return (*own, *(p for p in given if p.id not in {o.id for o in own}))


def ids() -> tuple[str, ...]:
    """The names there are, without a file being read: each file is called as its provider is."""
    return tuple(dict.fromkeys(p.stem for p in (*_own(), *sorted(_HERE.glob("*.toml")))))


def named(id: str) -> Provider | None:
    """The provider with this id; where a person has none of their own, the others are not read."""
    if id not in ids():
        return None
    return next((p for p in load() if p.id == id), None) if _own() else _alone(id)


def of(issuer: str, metadata: Mapping[str, object] | None = None) -> Provider | None:
    """Whose issuer this is (any address there will do), with what it published at hand; None for an unknown one.

    What is known of one that was recognised by its host holds whole. One that was recognised by its metadata or path
    alone has no endpoints here: nothing is sent to an address that it did not name itself.
    """
    try:
        parts = urlsplit(issuer)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    every = _signs()
    for signs in every:
        if parts.scheme == "https" and any(fnmatchcase(host, pattern) for pattern in signs.hosts):
            return _known(signs.id).as_published(metadata or {})
    for signs in every:
        if signs.members and _shows(metadata or {}, signs.members):
            return replace(_known(signs.id), endpoints={})
    for signs in every:
        if signs.path and signs.path in f"{parts.path}/":
            return replace(_known(signs.id), endpoints={})
    return None


@dataclass(frozen=True, slots=True)
class _Signs:
    """By what a provider is recognised, as in `Provider`."""

    id: str
    hosts: tuple[str, ...]
    members: Mapping[str, str]
    path: str


def _signs() -> tuple[_Signs, ...]:
    """Those of every provider, in the order of `load`; where a person has none of their own, nothing else is read."""
    if _own():
        return tuple(_Signs(p.id, p.hosts, p.members, p.path) for p in load())
    return _built_in()


@cache
def _alone(id: str) -> Provider:
    place = _HERE / f"{id}.toml"
    return parse(place.read_text(encoding="utf-8"), place.name)


@cache
def _built_in() -> tuple[_Signs, ...]:
    found = []
    for place in sorted(_HERE.glob("*.toml")):
        text = place.read_text(encoding="utf-8")
        begins = text.index("[recognised]")
        said = tomllib.loads(text[begins : text.find("\n[", begins)])["recognised"]
        hosts, members = tuple(said.get("hosts", ())), said.get("members", {})
        found.append(_Signs(place.stem, hosts, members, said.get("path", "")))
    return tuple(found)


def _known(id: str) -> Provider:
    found = named(id)
    assert found is not None  # noqa: S101  # its signs were read out of its description
    return found


def of_choice(choice: Choice) -> Provider | None:
    """The provider that the catalogue names for this deployment; None where its own metadata says whom to ask."""
    return named(choice.environment.provider) if choice.environment.provider else None


def server_of(choice: Choice) -> ServerMetadata | None:
    """The endpoints of a login at this deployment, where its provider documents them and does not publish them. The
    setting ``issuer`` of the deployment is where a company's own, or a practice one, is served."""
    provider = of_choice(choice)
    if provider is None:
        return None
    return provider.server_metadata(origin_of(choice))


def origin_of(choice: Choice) -> str:
    """Where this deployment's provider is served, if it is not the public one; else empty."""
    provider = of_choice(choice)
    at = choice.settings.get(ISSUER) or choice.environment.settings_at(choice.url).get(ISSUER, "")
    return "" if provider is None or at.rstrip("/") == provider.issuer.rstrip("/") else at


def behind(choice: Choice, issuer: str, metadata: Mapping[str, object] | None = None) -> Provider | None:
    """Whose login this is: as the catalogue says of the deployment, else as the issuer and its metadata tell."""
    return of_choice(choice) or of(issuer, metadata)


def allowed(choice: Choice) -> frozenset[str]:
    """The leniencies in force: those of the connection, and those of a deployment whose provider is known to want
    them (the service's own switch)."""
    provider = of_choice(choice)
    return frozenset(choice.allow) | frozenset(provider.needs if provider else ())


def _shows(metadata: Mapping[str, object], members: Mapping[str, str]) -> bool:
    return all(str(metadata.get(name) or "").endswith(ending) for name, ending in members.items())


def _own() -> list[Path]:
    try:
        return sorted(p for p in (config_dir() / "providers").iterdir() if p.suffix == ".toml")
    except OSError:
        return []
