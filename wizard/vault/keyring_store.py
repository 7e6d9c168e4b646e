"""The operating system's secret store, by way of `keyring`, which is imported only when it is needed.

Every call runs in a thread with a time-out: a keyring that waits for a password in a window that nobody sees must
not stop the program. Backends that ask on the terminal, keep nothing, or keep plain text are not used.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from ..errors import StoreError
from ..names import check_field, check_secret
from ..secret import Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SECONDS: Final = 10.0
AGAIN: Final = 30.0
"""Seconds for which a keyring that did not answer is taken as not usable, before it is waited for again."""

_T = TypeVar("_T")
_OURS: Final = re.compile(r"keyring:authwizard/[^/]+/[^/]+")
_silent_until = 0.0
_REFUSED: Final = {
    "keyring.backends.null": "it forgets what it is given",
    "keyring.backends.fail": "there is none on this system",
    "keyrings.alt": "it keeps secrets in a file of its own, and may ask for a password on the terminal",
    "keyrings.cryptfile": "it asks for a password on the terminal",
    "keyrings_cryptfile": "it asks for a password on the terminal",
}
_HOW: Final = (
    "On a Linux desktop: install gnome-keyring (or KWallet) and sign in again.",
    "Without a desktop: keep the secret in a file that only you can read (--store file),"
    " or in an environment variable (--store env).",
)


@dataclass(frozen=True, slots=True)
class KeyringStore:
    """Kept by the operating system, encrypted with the login. References: ``keyring:authwizard/NAME/FIELD``."""

    id: str = "keyring"

    @property
    def title(self) -> str:
        """What this system calls it."""
        names = {"darwin": "macOS Keychain", "win32": "Windows Credential Manager"}
        return names.get(sys.platform, "System keyring (Secret Service)")

    def unavailable(self) -> str:
        """Why it cannot be used, in a sentence; empty when it can. Asks it for something, in up to 10 seconds."""
        if time.monotonic() < _silent_until:
            return _silent().title
        try:
            read("authwizard", "is-it-there")
        except StoreError as problem:
            return problem.title
        return ""

    def note(self, reference: str) -> str:  # noqa: ARG002  one shape for all stores
        """What is left for the person to do: nothing."""
        return ""

    def save(self, connection: str, field: str, secret: Secret, variable: str = "") -> str:  # noqa: ARG002  one shape for all stores
        """Keep the secret, read it back, and say its reference.

        Raises:
            StoreError: `keyring-...`; nothing half-kept is referred to.
        """
        service, user = f"authwizard/{connection}", check_field(connection, field)
        text = check_secret(secret)
        _ask(lambda: _write(_members(), service, user, text))
        found = read(service, user)
        if found != secret:
            raise StoreError(
                "keyring-not-kept",
                "The system keyring gives back something else than it was given.",
                "Nothing." if found is None else f"{len(found)} characters for {len(secret)}.",
                [*_HOW],
            )
        return f"keyring:{service}/{user}"

    def remove(self, reference: str) -> None:
        """Take a secret of ours out; one that is not there any more is no error.

        Raises:
            StoreError: `not-ours`, or `keyring-...`.
        """
        if not is_ours(reference):
            raise StoreError(
                "not-ours", f"{reference} was not put there by this program, so it is left alone."
            )
        service, _, user = reference.removeprefix("keyring:").rpartition("/")
        _ask(lambda: _delete(_members(), service, user))


def is_ours(reference: str) -> bool:
    """Whether this store made the reference; a person's own ``keyring:SERVICE/USER`` is not."""
    return _OURS.fullmatch(reference) is not None


def read(service: str, user: str) -> Secret | None:
    """What the system keyring holds as ``service``/``user``; None when it holds nothing.

    Raises:
        StoreError: `keyring-absent`, `keyring-refused`, `keyring-locked`, `keyring-silent`, `keyring-failed`.
    """
    return _ask(lambda: _read(_members(), service, user))


def _members() -> tuple[KeyringBackend, ...]:
    """The backends that may be used, best first.

    A chain is taken apart: asked as a whole it goes on to backends that prompt when the first has no answer.
    """
    import logging

    # keyring logs a failing plug-in with its traceback, which would land on the screen
    logging.getLogger("keyring").addHandler(logging.NullHandler())
    import keyring

    chosen = keyring.get_keyring()
    chain = getattr(type(chosen), "backends", None)
    found: tuple[KeyringBackend, ...] = tuple(chain) if isinstance(chain, list) else (chosen,)
    good = tuple(backend for backend in found if not _refusal(backend))
    if good:
        return good
    absent = not found or type(found[0]).__module__ == "keyring.backends.fail"
    if absent:
        raise StoreError("keyring-absent", "There is no system keyring here.", _why_absent(), _HOW)
    name = type(found[0]).__module__
    raise StoreError(
        "keyring-refused",
        f"The keyring that is set up here ({name}) is not used: {_refusal(found[0])}.",
        "It is chosen by PYTHON_KEYRING_BACKEND, by keyringrc.cfg, or because there is no other.",
        _HOW,
    )


def _refusal(backend: KeyringBackend) -> str:
    module = type(backend).__module__
    return next((why for name, why in _REFUSED.items() if (module + ".").startswith(name + ".")), "")


def _why_absent() -> str:
    import os

    if sys.platform.startswith("linux") and not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return "No Secret Service answers; this session has no D-Bus (DBUS_SESSION_BUS_ADDRESS is not set)."
    return "No Secret Service answers." if sys.platform.startswith("linux") else ""


def _read(members: tuple[KeyringBackend, ...], service: str, user: str) -> Secret | None:
    for backend in members:
        found = backend.get_password(service, user)
        if found is not None:
            return Secret(found)
    return None


def _write(members: tuple[KeyringBackend, ...], service: str, user: str, text: str) -> None:
    for backend in members:
        try:
            backend.set_password(service, user, text)
        except NotImplementedError:  # some plug-ins can only be read
            continue
        return
    raise StoreError("keyring-refused", "The keyring that is set up here can only be read.", fix=_HOW)


def _delete(members: tuple[KeyringBackend, ...], service: str, user: str) -> None:
    from keyring.errors import PasswordDeleteError

    for backend in members:
        try:
            backend.delete_password(service, user)
        except (NotImplementedError, PasswordDeleteError):
            if backend.get_password(service, user) is not None:
                raise


def _ask(job: Callable[[], _T]) -> _T:
    """The job's result, or its failure in our words. A job that does not end is left behind."""
    results: list[_T] = []
    failures: list[Exception] = []

    def run() -> None:
        try:
            results.append(job())
        except Exception as problem:  # noqa: BLE001  a backend may raise anything; it is put into words below
            failures.append(problem)

    worker = threading.Thread(target=run, name="keyring", daemon=True)
    worker.start()
    worker.join(SECONDS)
    if results:
        return results[0]
    if failures:
        raise _in_words(failures[0]) from None
    global _silent_until  # noqa: PLW0603  else each screen that asks waits its own ten seconds
    _silent_until = time.monotonic() + AGAIN
    raise _silent()


def _silent() -> StoreError:
    return StoreError(
        "keyring-silent",
        f"The system keyring did not answer within {SECONDS:g} seconds.",
        "It may be waiting for a password in a window of its own.",
        ["Look for a window that asks to unlock the keyring, answer it, and try again.", *_HOW],
    )


def _in_words(problem: Exception) -> StoreError:
    # the backend's own text is not passed on: it may quote what it was given
    if isinstance(problem, StoreError):
        return problem
    from keyring import errors

    kind = type(problem).__name__
    if isinstance(problem, errors.NoKeyringError):
        return StoreError("keyring-absent", "There is no system keyring here.", _why_absent(), _HOW)
    if isinstance(problem, errors.KeyringLocked):
        return StoreError(
            "keyring-locked",
            "The system keyring is locked.",
            "The question for its password was not answered, or could not be asked.",
            ["Unlock it (on a desktop: sign in, or open its password program), then try again.", *_HOW],
        )
    if isinstance(problem, errors.InitError):
        return StoreError(
            "keyring-locked",
            "The system keyring is there, but cannot be opened.",
            "It is locked or was never set up, and nothing here can ask for its password.",
            ["Unlock it first (on a desktop: sign in), then try again.", *_HOW],
        )
    if isinstance(problem, errors.PasswordSetError):
        return StoreError(
            "keyring-not-kept",
            "The system keyring refused to keep the secret.",
            kind,
            ["Allow this program to use it, or try again after unlocking it.", *_HOW],
        )
    if isinstance(problem, errors.PasswordDeleteError):
        return StoreError("keyring-not-removed", "The system keyring refused to remove the secret.", kind)
    return StoreError("keyring-failed", "The system keyring cannot be used.", f"It failed with {kind}.", _HOW)
