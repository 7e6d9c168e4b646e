"""A secret out of a command's output. No shell, no terminal, no more than 20 seconds, one line."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import threading
import time
from typing import IO, Final

from ..children import environment
from ..errors import SourceError, UsageError
from ..reading import LIMIT, decode
from ..secret import Secret
from .sources import line_taken_off

SECONDS: Final = 20.0
_GRACE: Final = 1.0
_CHUNK: Final = 65536
_SHELL_SIGNS: Final = frozenset({"|", "||", "&&", ";", ">", ">>", "<", "2>&1", "2>/dev/null"})
_TOKEN: Final = re.compile(r"(?=[^\s]*\d)[A-Za-z0-9_\-.+/=~]{20,}")


def split(command: str) -> list[str]:
    """The command's words, as a shell would split them; nothing is expanded.

    Raises:
        UsageError: `source-command`.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if words and words[0] and "\0" not in command:
        return words
    raise UsageError(
        "source-command",
        "What follows cmd: is not a command.",
        "A quotation mark is not closed, or nothing stands in it.",
        ["Give a program and its arguments: cmd:op read op://vault/item/field"],
    )


def read_command(command: str, *, seconds: float = SECONDS) -> Secret:
    """What the command prints, without one line feed at its end. Its words are not repeated in any error.

    Raises:
        SourceError: `command-missing`, `command-not-started`, `command-hangs`, `command-too-large`,
            `command-failed`, `command-not-utf8`, `command-empty`, `command-many-lines`.
    """
    words = split(command)
    program = words[0]
    started = _start(words)
    out, err = _Tap(started.stdout, LIMIT + 1), _Tap(started.stderr, _CHUNK)
    code = _wait(started, out, time.monotonic() + seconds)
    if code is None:
        raise SourceError(
            "command-hangs",
            f"The command {program} did not end within {seconds:g} seconds.",
            "It was ended. It gets no terminal and no input, so a question that it asks is never answered.",
            [
                "Run it by hand and see what it waits for (a login, a password).",
                "Unlock or sign in, then try again.",
            ],
        )
    out.thread.join(_GRACE)
    err.thread.join(_GRACE)
    if len(out.content) > LIMIT:
        raise SourceError(
            "command-too-large",
            f"The command {program} prints more than {LIMIT:,} bytes: no secret is so long.",
        )
    if code != 0:
        raise SourceError(
            "command-failed", _how_it_ended(program, code), _last_line(bytes(err.content)), _advice(words)
        )
    text = decode(bytes(out.content), f"The output of {program}", SourceError, "command-not-utf8")
    if bearer := _of_headers(text):
        return bearer
    secret = line_taken_off(text, f"The output of {program}", "command")
    if "\n" in secret.reveal():
        raise SourceError(
            "command-many-lines",
            f"The command {program} prints more than one line.",
            f"It printed {secret.reveal().count(chr(10)) + 1} lines; which of them is the secret is not known.",
            ["Let it print the secret alone (most password managers have an option for one field)."],
        )
    return secret


def _of_headers(text: str) -> Secret | None:
    """The token of a client's headers helper, which prints ``{"Authorization": "Bearer ..."}``; None for all else."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    held = next((v for n, v in found.items() if n.lower() == "authorization" and isinstance(v, str)), "")
    scheme, _, token = held.partition(" ")
    return Secret(token.strip()) if scheme.lower() == "bearer" and token.strip() else None


class _Tap:
    """Reads a pipe in a thread: keeps the first bytes, lets the rest run off so that the writer is not blocked."""

    def __init__(self, pipe: IO[bytes] | None, limit: int) -> None:
        self.content = bytearray()
        self._pipe, self._limit = pipe, limit
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        if self._pipe is None:
            return
        with self._pipe as pipe:
            # os.read, so that what was printed is there even where a child of the child keeps the pipe open
            while chunk := os.read(pipe.fileno(), _CHUNK):
                self.content += chunk[: self._limit - len(self.content)]

    @property
    def full(self) -> bool:
        return len(self.content) >= self._limit


def _start(words: list[str]) -> subprocess.Popen[bytes]:
    try:
        # a session of its own: it cannot ask on our terminal, and its children can be ended with it
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
        )
    except FileNotFoundError:
        raise SourceError(
            "command-missing",
            f"There is no program {_shown(words[0])}.",
            "It stands in no folder of PATH.",
            ["Install it, or give its whole path.", *_advice(words)],
        ) from None
    except (OSError, ValueError) as problem:
        seen = problem.strerror if isinstance(problem, OSError) else ""
        raise SourceError(
            "command-not-started",
            f"The program {_shown(words[0])} cannot be started.",
            f"The system answered: {seen}." if seen else "",
            ["Check that the file is a program and that you may run it (chmod +x)."],
        ) from None


def _wait(started: subprocess.Popen[bytes], out: _Tap, until: float) -> int | None:
    """The exit code; None when the time ran out. Whatever is left of it is ended."""
    pause = 0.002
    try:
        while (code := started.poll()) is None:
            if out.full:
                return 0
            if time.monotonic() >= until:
                return None
            time.sleep(pause)
            pause = min(pause * 2, 0.05)
        return code
    finally:
        if started.poll() is None:
            _end(started)


def _end(started: subprocess.Popen[bytes]) -> None:
    try:
        if os.name == "posix":
            os.killpg(started.pid, signal.SIGKILL)
        else:
            started.kill()
    except OSError:
        started.kill()
    started.wait(_GRACE)


def _how_it_ended(program: str, code: int) -> str:
    if code < 0:
        return f"The command {program} was ended by signal {-code}."
    return f"The command {program} failed with exit code {code}."


def _last_line(content: bytes) -> str:
    """The last thing it complained about, cut, and without anything that has the form of a token."""
    lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines() if line.strip()]
    if not lines:
        return "It said nothing on standard error."
    from ..redaction import Redactor

    clean = "".join(c if c.isprintable() else " " for c in lines[-1])
    return "It said: " + _TOKEN.sub("…", Redactor().text(clean))[:200]


def _shown(program: str) -> str:
    """A program's name; what has the form of a token may be one, put where its command should stand."""
    return "of that name" if _TOKEN.fullmatch(program) and "/" not in program else program


def _advice(words: list[str]) -> list[str]:
    if _SHELL_SIGNS.intersection(words):
        return ["No shell reads the command, so |, > and && are plain words. For those: cmd:sh -c '...'"]
    return ["Run it by hand and see what it says."]
