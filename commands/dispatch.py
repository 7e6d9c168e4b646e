"""From words to a command, and from whatever goes wrong to a sentence and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

from wizard.errors import AuthwizardError, JobError, UsageError

from .output import Output
from .parser import not_yet, parse
from .table import COMMANDS, LATER, find

_INTERRUPTED = 130


def run(words: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing but a sentence comes out of a failure."""
    out = Output("--json" in (words[: words.index("--")] if "--" in words else words))
    try:
        return _run(list(words), out)
    except AuthwizardError as error:
        return _say(out, error)
    except KeyboardInterrupt:
        return _interrupted(out)
    except BrokenPipeError:
        return _reader_gone()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except Exception as error:  # noqa: BLE001  the last line of defence: a sentence, never a traceback
        from .failures import crashed

        return _say(out, crashed(error, words))


def _run(words: list[str], out: Output) -> int:
    name = words[0] if words and not words[0].startswith("-") else ""
    command = find(name)
    if command is None:
        return _screen(words)
    args = parse(command, words[1:])
    module, _, function = command.handler.partition(":")
    handler = getattr(import_module(f"commands.{module}"), function)
    return int(handler(args, out))


def _screen(words: list[str]) -> int:
    """The full-screen program, where there is a terminal for it."""
    if words and words[0] in LATER:
        raise not_yet(words[0])
    args = parse(None, words)
    if args.version:
        from wizard import __version__

        sys.stdout.write(f"authwizard {__version__}\n")
        return 0
    if args.service:
        _known(args.service)
    if args.plain or (sys.stdin and sys.stdin.isatty() and _dumb()):
        return _plain(args.service, practise=args.practice)
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        raise UsageError(
            "no-terminal",
            "The full-screen program needs a terminal.",
            "Standard input or standard output is none.",
            [
                "Run it in a terminal.",
                "Or use a command: authwizard setup SERVICE ... (see: authwizard --help)",
            ],
        )
    from screens import app

    if not args.practice:
        return app.run(args.service)
    from sandbox import practice

    with practice.start() as running:
        return app.run(args.service, running)


def _dumb() -> bool:
    """Whether there is a person, but no screen: the terminal draws none, or only the questions reach it."""
    if os.environ.get("TERM") == "dumb":
        return True
    return bool(sys.stderr and sys.stderr.isatty() and not (sys.stdout and sys.stdout.isatty()))


def _plain(service: str | None, *, practise: bool) -> int:
    from . import plain

    if not practise:
        return plain.run(service)
    from sandbox import practice

    with practice.start() as running:
        return plain.run(service, running)


def _known(word: str) -> None:
    """Refuse a word that is no service, with what it may have meant."""
    from wizard import catalogue

    services = [s.id for s in catalogue.load().services]
    if word in services:
        return
    names = [*services, *(c.name for c in COMMANDS)]
    near = get_close_matches(word, names, n=3, cutoff=0.5)
    if later := get_close_matches(word, LATER, n=1, cutoff=0.8):
        raise not_yet(later[0])
    raise UsageError(
        "unknown-word",
        "That is no command and no service.",
        f"Did you mean {' or '.join(near)}?" if near else f"Services are: {', '.join(services)}.",
        ["See: authwizard --help"],
    )


def _say(out: Output, error: AuthwizardError) -> int:
    from .failures import with_fix

    try:
        return out.failure(with_fix(error))
    except BrokenPipeError:
        return _reader_gone()
    except OSError:
        return error.exit_code


def _interrupted(out: Output) -> int:
    error = JobError("interrupted", "Interrupted.", "What was not finished was not written.")
    _say(out, error)
    return _INTERRUPTED


def _reader_gone() -> int:
    """The reader of standard output is gone: say nothing, and keep the interpreter from trying again."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return 1
    return 1
