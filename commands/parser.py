"""From the table of commands to parsers whose faults are sentences."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

from wizard.errors import UsageError

from .table import BARE, COMMANDS, LATER_OPTIONS, SCREEN_WORDS
from .words import Command, Option, Word


class Parser(argparse.ArgumentParser):
    """An argument parser whose faults are `UsageError`: it neither prints nor ends the process.

    What was typed is not repeated: a secret may stand where it should not.
    """

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found as a usage error."""
        raise UsageError(
            "wrong-usage",
            "The command line cannot be understood.",
            _without_values(message),
            [f"See: {self.prog} --help"],
        )


def screen_parser() -> Parser:
    """The parser of the command without a command word."""
    lines = "\n".join(f"  {c.name:<12}  {c.help}" for c in COMMANDS)
    parser = Parser(
        prog="authwizard",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Set up and diagnose authentication for MCP servers and HTTP APIs.\n"
        "Without a command: the full-screen program.",
        epilog=f"commands:\n{lines}\n\nauthwizard COMMAND --help says more.",
    )
    _fill(parser, SCREEN_WORDS, BARE, ())
    return parser


def command_parser(command: Command) -> Parser:
    """The parser of one command."""
    parser = Parser(
        prog=f"authwizard {command.name}",
        allow_abbrev=False,
        description=command.help[0].upper() + command.help[1:] + ".",
    )
    _fill(parser, command.words, command.options, command.exclusive)
    return parser


def parse(command: Command | None, words: Sequence[str]) -> argparse.Namespace:
    """The arguments of a command, or of the full-screen program for None.

    Raises:
        UsageError: what is wrong with them; an option that comes in a later version says so.
    """
    name = command.name if command else ""
    later = LATER_OPTIONS.get(name, frozenset[str]())
    for word in words:
        if word == "--":
            break
        option = word.partition("=")[0]
        if option in later:
            raise not_yet(f"{name} {option}".strip())
    parser = command_parser(command) if command else screen_parser()
    if command and command.name == "exec":
        return _exec(parser, words)
    return parser.parse_intermixed_args(list(words))


def not_yet(what: str) -> UsageError:
    """What the contract has and this version has not."""
    return UsageError("not-yet", f"`{what}` is not in this version yet.", "", ["See: authwizard --help"])


def _exec(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    """What follows ``--`` is the program's own."""
    if "--" not in words:
        return parser.parse_args(list(words))
    at = list(words).index("--")
    args = parser.parse_args(list(words[:at]))
    args.command = [*args.command, *words[at + 1 :]]
    return args


def _fill(
    parser: Parser, words: Iterable[Word], options: Iterable[Option], exclusive: Iterable[tuple[str, ...]]
) -> None:
    for word in words:
        extra: dict[str, object] = {"nargs": word.count} if word.count else {}
        if word.values:
            extra["choices"] = word.values
        parser.add_argument(word.name, help=word.help, metavar=word.name.upper(), **extra)  # type: ignore[arg-type]  # a dict of keywords
    groups: Mapping[str, argparse._MutuallyExclusiveGroup] = {
        flag: group
        for flags in exclusive
        for group in [parser.add_mutually_exclusive_group()]
        for flag in flags
    }
    for option in options:
        place = groups.get(option.flags[0], parser)
        if not option.metavar:
            place.add_argument(*option.flags, dest=option.dest, help=option.help, action="store_true")
            continue
        place.add_argument(
            *option.flags,
            dest=option.dest,
            help=option.help,
            metavar=option.metavar,
            action="append" if option.many else "store",
            default=[] if option.many else None,
            choices=option.values or None,
        )


def _without_values(message: str) -> str:
    """argparse's sentence without what the person typed."""
    if message.startswith("unrecognized arguments:"):
        words = message.partition(":")[2].split()
        # what has another form than an option may be a secret that begins with hyphens
        names = [n for n in (w.partition("=")[0] for w in words) if re.fullmatch(r"(-[-a-z]{1,11}){1,2}", n)]
        return f"There is no option {', '.join(names)}." if names else "There is an argument too many."
    head, found, rest = message.partition(": invalid choice: ")
    if found:
        return (
            f"{head}: choose one {rest[rest.rfind('(choose ') + 8 :].rstrip(')')}."
            if "(choose " in rest
            else head
        )
    head, found, _ = message.partition(": invalid ")
    return f"{head}: it cannot be that value." if found else f"{message[:1].upper()}{message[1:]}."
