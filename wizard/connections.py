"""A connection: a named, saved choice, with references to its secrets and no secret inside; and their file.

The file is ``connections.json`` in the config folder: ``{"schema": 1, "connections": [...]}``. One that cannot be
understood is never overwritten. Keys that this version does not know are kept.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .names import FALLBACK, LOGIN, valid_name

if TYPE_CHECKING:
    from .choice import Choice
    from .secret import Secret

__all__ = [
    "Connection",
    "Fallback",
    "choice",
    "get",
    "load_all",
    "lock_of_login",
    "no_renewal",
    "path",
    "references",
    "remove",
    "rename",
    "save",
    "secrets_of",
    "valid_name",
]


@dataclass(frozen=True, slots=True)
class Fallback:
    """A second way to sign in at the same address, kept beside the first (`wizard.fallbacks`); the members are as
    those of `Connection`, and belong to this method alone."""

    method: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Connection:
    """``secrets`` maps a field to a SOURCE (``keyring:…``, ``env:VAR``, ``file:PATH``, ``cmd:…``).

    ``created`` is a time in UTC, ``2026-11-21T14:35:07Z``; `save` fills it in.
    """

    name: str
    service: str
    environment: str
    url: str
    method: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    created: str = ""
    fallback: Fallback | None = None


def references(connection: Connection) -> tuple[str, ...]:
    """Where each of its secrets is kept, those of its fallback as well."""
    second = connection.fallback.secrets if connection.fallback else {}
    return (*connection.secrets.values(), *second.values())


def path() -> Path:
    """Where the connections are kept."""
    from .paths import config_dir

    return config_dir() / "connections.json"


def lock_of_login(name: str) -> Path:
    """The file whose lock (`wizard.locks`) is had by whoever changes a login of this connection, or of its fallback."""
    return path().with_name(f"login-{name.removesuffix(FALLBACK)}")


def load_all() -> tuple[Connection, ...]:
    """Every connection, in the order of the file; none when there is no file.

    Raises:
        FileProblem: the file cannot be read as what it should be; it is left as it is.
    """
    from .connection_file import read

    return read(path()).connections


def get(name: str) -> Connection:
    """The connection of this name.

    Raises:
        UsageError: `unknown-connection`, with those that there are. FileProblem: as `load_all`.
    """
    known = load_all()
    for connection in known:
        if connection.name == name:
            return connection
    raise _unknown(name, known)


def save(connection: Connection) -> Connection:
    """Keep a connection, in the place of one of the same name. Returns it as it was kept.

    ``created`` stays what it was first. When nothing changed, the file is not touched. What the stores of this program
    kept for the one before, and nothing refers to any more, is forgotten.

    Raises:
        UsageError: `bad-name`; `bare-secret`, `stdin-not-kept` for a secret that is no reference.
        FileProblem: as `load_all`; `file-busy`, `cannot-write`.
    """
    from .connection_file import read, write
    from .locks import hold
    from .vault import keepable

    valid_name(connection.name)
    own = {name: keepable(source) for name, source in connection.secrets.items()}
    second = connection.fallback
    if second is not None:
        second = replace(second, secrets={name: keepable(ref) for name, ref in second.secrets.items()})
    with hold(path()):
        book = read(path())
        before = next((c for c in book.connections if c.name == connection.name), None)
        created = (before.created if before else "") or connection.created or _now()
        kept = replace(connection, secrets=own, created=created, fallback=second)
        write(path(), book, kept)
        if before is not None:
            _forget_unused(before, (kept, *(c for c in book.connections if c.name != kept.name)))
    return kept


def _forget_unused(before: Connection, now: Iterable[Connection]) -> None:
    """Forget what was kept for a connection and is no longer referred to; a store that refuses holds nothing up."""
    from .errors import StoreError
    from .vault import forget, place_of

    used = {place_of(ref) for c in now for ref in references(c)}
    for reference in references(before):
        if place_of(reference) not in used:
            with contextlib.suppress(StoreError):
                forget(reference)


def remove(name: str) -> Connection:
    """Remove a connection, and with it what the stores of this program keep for it and for no other connection.
    A person's own file, variable or keyring entry stays. Returns what was removed.

    Raises:
        UsageError: `unknown-connection`. StoreError: a secret cannot be removed; then the connection stays too.
        FileProblem: as `save`.
    """
    from .connection_file import read, write_without
    from .errors import StoreError
    from .locks import hold
    from .vault import forget, place_of

    with no_renewal(name), hold(path()):
        book = read(path())
        gone = next((c for c in book.connections if c.name == name), None)
        if gone is None:
            raise _unknown(name, book.connections)
        shared = {place_of(ref) for c in book.connections if c.name != name for ref in references(c)}
        for reference in references(gone):
            if place_of(reference) not in shared:
                try:
                    forget(reference)
                except StoreError as problem:
                    # where there is no keyring, nothing is left in it that could be forgotten
                    if problem.id not in ("keyring-absent", "keyring-refused"):
                        raise
        write_without(path(), book, name)
    return gone


def rename(name: str, new: str) -> Connection:
    """Give a connection another name. What the stores of this program keep for it moves along, so that a new
    connection of the old name cannot overwrite it.

    Raises:
        UsageError: `bad-name`, `unknown-connection`, `name-taken`. FileProblem: as `save`.
        SourceError, StoreError: a secret cannot be moved; then the name stays.
    """
    from .connection_file import read, write
    from .errors import UsageError
    from .locks import hold
    from .vault import forget, free_field, kept_by, parse_source, place_of

    valid_name(new)
    with no_renewal(name), hold(path()):
        book = read(path())
        old = next((c for c in book.connections if c.name == name), None)
        if old is None:
            raise _unknown(name, book.connections)
        if new == name:
            return old
        if any(c.name == new for c in book.connections):
            raise UsageError(
                "name-taken", f"There is already a connection {new}.", fix=["Choose another name."]
            )
        moved: list[str] = []

        def move(secrets: Mapping[str, str]) -> dict[str, str]:
            """Keep them under the new name; two methods may have a field of the same name."""
            found = dict(secrets)
            for key, reference in secrets.items():
                if store := kept_by(reference):
                    secret = parse_source(reference).read()
                    found[key] = store.save(new, free_field(key, moved), secret)
                    moved.append(found[key])
            return found

        own = move(old.secrets)
        second = old.fallback and replace(old.fallback, secrets=move(old.fallback.secrets))
        kept = replace(old, name=new, secrets=own, fallback=second)
        write(path(), book, kept, instead_of=name)
        shared = {place_of(ref) for c in book.connections if c.name != name for ref in references(c)}
        shared |= {place_of(ref) for ref in references(kept)}
        for reference in references(old):
            if place_of(reference) not in shared:
                forget(reference)
    return kept


def secrets_of(connection: Connection) -> dict[str, Secret]:
    """The connection's secrets by field, each read from where it is kept.

    Raises:
        SourceError: the first that cannot be had; its detail names the field.
    """
    from .errors import SourceError
    from .vault import parse_source

    found: dict[str, Secret] = {}
    for name, reference in connection.secrets.items():
        try:
            found[name] = parse_source(reference).read()
        except SourceError as problem:
            where = f"It is the {name} of the connection {connection.name}."
            detail = f"{problem.detail} {where}".strip()
            raise SourceError(problem.id, problem.title, detail, problem.fix) from None
    return found


def choice(connection: Connection, *, lenient: bool = False) -> Choice:
    """What was chosen, as the catalogue describes it now. No secret is read: `secrets_of` does that.

    With ``lenient`` an environment that the service no longer has is only an address: a client is still served.

    Raises:
        UsageError: `unknown-service`; `unknown-method` where the service has such an environment or method no more.
    """
    from . import catalogue
    from .choice import Choice
    from .errors import UsageError
    from .services import Environment

    service = catalogue.load().get(connection.service)
    environment, method = service.environment(connection.environment), service.method(connection.method)
    if environment is None and lenient:
        environment = Environment(connection.environment, "")
    if environment is None or method is None:
        lost = (
            f"environment {connection.environment[:60]}"
            if environment is None
            else f"method {connection.method[:60]}"
        )
        raise UsageError(
            "unknown-method",
            f"{service.title} no longer has the environment or the method of {connection.name}.",
            f"The connection names the {lost}.",
            [
                f"Set it up again: authwizard setup {service.id}",
                f"See what there is: authwizard services {service.id}",
            ],
        )
    return Choice(
        service,
        environment,
        method,
        connection.url,
        connection.settings,
        name=connection.name,
        scopes=connection.scopes,
        allow=connection.allow,
        kept=frozenset(connection.secrets),
        connection=connection.name,
    )


@contextlib.contextmanager
def no_renewal(name: str) -> Iterator[None]:
    """While the block runs, nobody renews the login of this connection, for what is written then would be lost."""
    from .locks import hold

    held = next((c for c in load_all() if c.name == name), None)
    second = held.fallback.secrets if held and held.fallback else {}
    with contextlib.ExitStack() as stack:
        if held is not None and LOGIN in {*held.secrets, *second}:
            stack.enter_context(hold(lock_of_login(name)))
        yield


def _unknown(name: str, known: tuple[Connection, ...]) -> Exception:
    from .errors import UsageError

    if not known:
        return UsageError(
            "unknown-connection",
            "There is no connection yet.",
            "",
            ["Set one up: authwizard setup SERVICE, or authwizard for the full-screen program."],
        )
    names = ", ".join(c.name for c in known)
    shown = name if len(name) <= 64 and name.isprintable() else "of that name"
    return UsageError(
        "unknown-connection",
        f"There is no connection {shown}.",
        f"There is: {names}.",
        ["authwizard connections"],
    )


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
