"""A SOURCE names where a secret is, so that no secret has to stand in an argument or a file of ours.

====================  ==============================================================================
``env:VAR``           an environment variable
``file:PATH``         a file; of a JSON object its ``access_token``, ``token`` or ``value``
``file:PATH#FIELD``   that field of a JSON file (dots go deeper)
``keyring:NAME``      the system keyring: ``SERVICE/USER``; without a slash a user of service ``authwizard``
``cmd:COMMAND``       what a command prints, started without a shell; of a client's headers helper, which prints
                      a JSON object with ``Authorization``, the bearer token in it
``-``                 standard input; the only one that cannot be kept as a reference
====================  ==============================================================================

One line feed at the end of a file, of standard input or of a command's output is taken off. Everything else
stays, so that it can be named.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from ..errors import SourceError, StoreError, UsageError
from ..reading import LIMIT, decode
from ..secret import Secret

_FORMS: Final = (
    "env:VARIABLE        an environment variable",
    "file:PATH           a file (of a JSON file its access_token, token or value; file:PATH#FIELD another)",
    "-                   standard input",
    "keyring:NAME        the system keyring",
    "cmd:COMMAND         what a command prints",
)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SURE_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Source:
    """One place of a secret. ``text`` is the SOURCE as it is kept; ``kind`` is ``env``, ``file``, ``keyring``,
    ``cmd`` or ``stdin``."""

    kind: str
    text: str

    @property
    def rest(self) -> str:
        """What follows the kind: a variable, a path, a keyring name, a command."""
        return self.text.partition(":")[2]

    def read(self, stdin: BinaryIO | None = None, *, seconds: float | None = None) -> Secret:
        """The secret. ``stdin`` stands in for standard input; a command is waited for ``seconds`` at most, where
        that is less than its own limit.

        Raises:
            SourceError: with an id and a sentence of its own for each way it can fail.
        """
        if self.kind == "env":
            return _read_variable(self.rest)
        if self.kind == "file":
            from .files import read_file

            return read_file(self.rest)
        if self.kind == "cmd":
            from .programs import SECONDS, read_command

            return read_command(self.rest, seconds=SECONDS if seconds is None else min(seconds, SECONDS))
        if self.kind == "keyring":
            return _read_keyring(self.text)
        return _read_stdin(stdin)


def parse_source(text: str) -> Source:
    """The source that a SOURCE text names. A relative path becomes absolute, so that it holds everywhere.

    Raises:
        UsageError: `bare-secret` when it names no source (the text is not repeated: it may be the secret);
            `source-incomplete`, `source-variable`, `source-command` when what it names cannot be.
    """
    if text == "-":
        return Source("stdin", text)
    kind, colon, rest = text.partition(":")
    if not colon or kind not in ("env", "file", "keyring", "cmd"):
        raise _bare(text)
    if not rest.strip():
        raise UsageError("source-incomplete", f"Nothing follows {kind}: in the source.", fix=_say_forms())
    if kind == "env" and not _VARIABLE.fullmatch(rest):
        raise UsageError(
            "source-variable",
            "What follows env: is no name of a variable.",
            "A name holds letters, digits and underscores. The text is not repeated here: it may be a secret.",
            [
                "Give the name alone, without $ and braces: env:MY_TOKEN",
                "Your shell may have put its value in.",
            ],
        )
    if kind == "file":
        rest = _absolute(rest)
    if kind == "cmd":
        from .programs import split

        split(rest)
    return Source(kind, f"{kind}:{rest}")


def keepable(text: str) -> str:
    """The SOURCE as it may be kept in a file.

    Raises:
        UsageError: as `parse_source`; `stdin-not-kept` for ``-``, which is gone once it is read.
    """
    source = parse_source(text)
    if source.kind == "stdin":
        raise UsageError(
            "stdin-not-kept",
            "Standard input cannot be kept as the place of a secret.",
            "What is read from it is gone afterwards.",
            ["Put the secret into a store first (keyring, file), and keep the reference to that."],
        )
    return source.text


def keyring_place(text: str) -> tuple[str, str]:
    """Service and user of ``keyring:SERVICE/USER``; the last slash divides, for services that are addresses."""
    name = text.removeprefix("keyring:")
    service, slash, user = name.rpartition("/")
    return (service, user) if slash and service and user else ("authwizard", name.strip("/"))


def _absolute(path: str) -> str:
    if path.startswith("~") or Path(path).is_absolute():
        return path
    try:
        return str(Path.cwd() / path)
    except OSError:
        return path


def _say_forms() -> list[str]:
    return ["Say where the secret is:", *_FORMS]


def _bare(text: str) -> UsageError:
    if not text:
        return UsageError("source-incomplete", "The source of the secret is empty.", fix=_say_forms())
    return UsageError(
        "bare-secret",
        "A secret is not taken as an argument; say where it is instead.",
        "Arguments can be seen by every program of this machine and stay in the shell's history."
        " What was given names no source; it is not repeated here.",
        _say_forms(),
    )


def _read_variable(name: str) -> Secret:
    # a shell may have put the secret where its name should stand, so only what looks like a name is repeated
    called = f"variable {name}" if _SURE_NAME.fullmatch(name) else "variable that follows env:"
    value = os.environ.get(name)
    if value is None:
        raise SourceError(
            "variable-unset",
            f"The {called} is not set.",
            "This process did not inherit it.",
            [
                "Set it in the shell that starts this program, with export.",
                "A program started from the desktop sees no variable of your shell.",
            ],
        )
    if not value:
        raise SourceError(
            "variable-empty",
            f"The {called} is set, but empty.",
            fix=["See what sets it: a line of your profile?"],
        )
    return Secret(value)


def _read_keyring(text: str) -> Secret:
    from .keyring_store import read

    service, user = keyring_place(text)
    try:
        found = read(service, user)
    except StoreError as problem:
        raise SourceError(problem.id, problem.title, problem.detail, problem.fix) from None
    if found is None:
        raise SourceError(
            "keyring-entry-missing",
            f"The system keyring holds nothing as {service}/{user}.",
            "It may have been removed, or it was saved in another keyring, on another machine or by another user.",
            ["Set the connection up again.", f"Or put it there yourself: keyring set {service} {user}"],
        )
    if not found:
        raise SourceError("keyring-entry-empty", f"The keyring's entry {service}/{user} is empty.")
    return found


def _read_stdin(stdin: BinaryIO | None) -> Secret:
    if stdin is None:
        if sys.stdin is None or sys.stdin.closed:
            raise SourceError(
                "stdin-closed",
                "Standard input is closed, so no secret can be read from it.",
                fix=["Pipe the secret in, or name another source.", *_FORMS],
            )
        if sys.stdin.isatty():
            return _ask()
        stdin = sys.stdin.buffer
    try:
        content = stdin.read(LIMIT + 1)
    except (OSError, ValueError) as problem:
        raise SourceError(
            "stdin-unreadable", "Standard input cannot be read.", type(problem).__name__
        ) from None
    if len(content) > LIMIT:
        raise SourceError(
            "stdin-too-large", f"Standard input brought more than {LIMIT:,} bytes: no secret is so long."
        )
    return line_taken_off(
        decode(content, "Standard input", SourceError, "stdin-not-utf8"), "Standard input", "stdin"
    )


def _ask() -> Secret:
    from getpass import getpass

    try:
        typed = getpass("Secret (not shown): ")
    except EOFError:
        typed = ""
    if not typed:
        raise SourceError("stdin-empty", "Nothing was typed.")
    return Secret(typed)


def line_taken_off(text: str, name: str, what: str) -> Secret:
    """The text without one line feed at its end.

    Raises:
        SourceError: ``WHAT-empty``.
    """
    text = text.removesuffix("\n")
    if not text:
        raise SourceError(
            f"{what}-empty", f"{name} is empty.", fix=["Check the program or person that fills it."]
        )
    return Secret(text)
