"""Where a secret can be kept, safest first: the system keyring, a private file, an environment variable."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from ..errors import JobError, StoreError, UsageError
from ..names import LOGIN, check_field, check_secret
from ..paths import data_dir, write_private
from ..secret import Secret
from .keyring_store import KeyringStore, is_ours
from .sources import parse_source


class Store(Protocol):
    """One way of keeping secrets. ``id`` is ``keyring``, ``file`` or ``env``."""

    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str: ...

    def unavailable(self) -> str:
        """Why it cannot be used here, in a sentence; empty when it can. May take up to 10 seconds."""

    def note(self, reference: str) -> str:
        """What the person has to do so that the reference works; empty when nothing."""

    def save(self, connection: str, field: str, secret: Secret, variable: str = "") -> str:
        """Keep the secret and say its SOURCE, after it was read back from there.

        Raises:
            StoreError: it is not kept.
            UsageError: a name that cannot be.
        """

    def remove(self, reference: str) -> None:
        """Forget what `save` kept; what is gone already is no error.

        Raises:
            StoreError: `not-ours`, or it cannot be removed.
        """


@dataclass(frozen=True, slots=True)
class FileStore:
    """One file a secret, 0600, in folders of ours that are 0700. References: ``file:/ABSOLUTE/PATH``."""

    id: str = "file"
    title: str = "A file that only you can read (0600)"

    def unavailable(self) -> str:
        """Empty, unless the data folder can hold nothing."""
        place = next(p for p in (data_dir(), *data_dir().parents) if p.exists())
        if not place.is_dir():
            return f"{place} is a file, so there can be no folder for secrets."
        return "" if os.access(place, os.W_OK | os.X_OK) else f"You may not write into {place}."

    def note(self, reference: str) -> str:  # noqa: ARG002  one shape for all stores
        """What is left for the person to do: nothing."""
        return ""

    def save(self, connection: str, field: str, secret: Secret, variable: str = "") -> str:  # noqa: ARG002  one shape for all stores
        """Write the file and read it back.

        Raises:
            StoreError: `file-not-kept`. FileProblem: `cannot-write`.
        """
        check_field(connection, field)
        path = folder() / connection / _file_name(field)
        text = check_secret(secret)
        write_private(path, _content(text).encode("utf-8"))
        for ours in (folder(), path.parent):
            ours.chmod(0o700)
        reference = f"file:{path}"
        try:
            kept = parse_source(reference).read() == secret
        except JobError:
            kept = False
        if not kept:
            raise StoreError(
                "file-not-kept", f"{path} does not give back what was written.", fix=["Check the disk."]
            )
        return reference

    def remove(self, reference: str) -> None:
        """Delete the file, and its folder when it is empty."""
        path = Path(reference.removeprefix("file:"))
        if not _ours(path):
            raise StoreError("not-ours", f"{path} was not written by this program, so it is left alone.")
        try:
            path.unlink(missing_ok=True)
        except OSError as problem:
            raise StoreError(
                "file-not-removed", f"{path} cannot be removed.", problem.strerror or ""
            ) from None
        with contextlib.suppress(OSError):
            path.parent.rmdir()


@dataclass(frozen=True, slots=True)
class EnvStore:
    """Keeps nothing: the person sets a variable, and the reference ``env:VARIABLE`` names it."""

    id: str = "env"
    title: str = "An environment variable that you set"

    def unavailable(self) -> str:
        """Always empty."""
        return ""

    def note(self, reference: str) -> str:
        """How to set the variable without the secret in the shell's history; empty when it is set."""
        name = reference.removeprefix("env:")
        if os.environ.get(name):
            return ""
        return f"Set {name} before you start anything that needs it: read -rs {name} && export {name}"

    def save(self, connection: str, field: str, secret: Secret, variable: str = "") -> str:
        """The reference, whether the variable holds this secret yet or not: nothing is kept, so nothing is
        read back; `note` says what is left to do."""
        check_keeps(self.id, field)
        check_field(connection, field)
        check_secret(secret)
        name = variable or re.sub(r"[^A-Z0-9]", "_", f"{connection}_{field}".upper())
        if name[:1].isdigit():
            name = f"_{name}"
        return parse_source(f"env:{name}").text

    def remove(self, reference: str) -> None:
        """Nothing was kept, so there is nothing to remove."""


_ALL: Final[tuple[Store, ...]] = (KeyringStore(), FileStore(), EnvStore())


def stores() -> tuple[Store, ...]:
    """Every store, safest first; each says by `unavailable` why it cannot be used here."""
    return _ALL


def get_store(id: str) -> Store:
    """The store of this id.

    Raises:
        UsageError: `unknown-store`.
    """
    for store in _ALL:
        if store.id == id:
            return store
    raise UsageError(
        "unknown-store",
        f"There is no store {id!r:.40}.",
        fix=[f"Choose one of: {', '.join(s.id for s in _ALL)}"],
    )


def check_keeps(id: str, field: str) -> None:
    """Refuse a store that cannot hold what this program itself has to write anew.

    Raises:
        UsageError: `login-not-in-variable`.
    """
    if id == "env" and field == LOGIN:
        raise UsageError(
            "login-not-in-variable",
            "A login cannot be kept in an environment variable.",
            "It changes whenever its access token is renewed, and no program can change the variables of another.",
            [f"Choose another place: {', '.join(f'--store {s.id}' for s in _ALL if s.id != id)}"],
        )


def default_store() -> Store:
    """The system keyring where it can be used, else the private file. May take up to 10 seconds."""
    first, second = _ALL[0], _ALL[1]
    return second if first.unavailable() else first


def kept_by(reference: str) -> Store | None:
    """The store that keeps this reference's secret; None when it is the person's own place."""
    if is_ours(reference):
        return _ALL[0]
    if reference.startswith("file:") and _ours(Path(reference.removeprefix("file:"))):
        return _ALL[1]
    return None


def free_field(field: str, taken: Iterable[str]) -> str:
    """The name under which a store of this program keeps a field so that none of the ``taken`` references, of the same
    connection, is overwritten: ``token``, else ``token.2`` ..."""
    used = {reference.rsplit("/", 1)[-1] for reference in taken if kept_by(reference) is not None}
    names = (field, *(f"{field}.{number}" for number in range(2, len(used) + 3)))
    return next(name for name in names if name not in used and _file_name(name) not in used)


def place_of(reference: str) -> str:
    """What a reference leads to, the same for each way of writing it: of a file the file, whatever field of it."""
    if not reference.startswith("file:"):
        return reference
    from .files import divided

    path = divided(reference.removeprefix("file:"))[0]
    # no file has such a name, so it is the same as no other's
    return reference if "\0" in str(path) else f"file:{os.path.realpath(path)}"


def forget(reference: str) -> bool:
    """Remove the secret behind a reference, if this program keeps it; False when it is the person's own place.

    Raises:
        StoreError: it cannot be removed.
    """
    store = kept_by(reference)
    if store is None:
        return False
    store.remove(reference)
    return True


def folder() -> Path:
    """Where the file store keeps its files."""
    return data_dir() / "secrets"


def _ours(path: Path) -> bool:
    place = folder()
    return ".." not in path.parts and path.parent.parent == place


def _file_name(field: str) -> str:
    """The field as a file's name; whatever a path could misread is written as %XX."""
    return "".join(c if _plain(c, i) else f"%{ord(c):02X}" for i, c in enumerate(field))


def _plain(c: str, i: int) -> bool:
    return c.isalnum() or c in "-_" or (c == "." and i > 0)


def _content(text: str) -> str:
    """What has to stand in the file so that reading it as a source yields exactly the text."""
    if text.lstrip("\ufeff").lstrip().startswith("{"):
        return json.dumps({"value": text})
    return text + "\n" if text.endswith("\n") else text
