"""Completion scripts for bash, zsh and fish, made from the same table as the parser."""

from __future__ import annotations

import argparse
from functools import cache
from typing import Final

from wizard.errors import UsageError

from .output import Output
from .table import COMMANDS
from .words import LENIENCIES, PLAIN, Command, Option

_ASKED: Final = "authwizard completion --connections 2>/dev/null"


def run(args: argparse.Namespace, out: Output) -> int:
    """Print the script of one shell, or the names that it asks for."""
    if args.connections:
        return _connections(out)
    if args.shell is None:
        raise UsageError("wrong-usage", "Say which shell: authwizard completion bash (or zsh, fish).")
    text = {"bash": bash, "zsh": zsh, "fish": fish}[args.shell]()
    out.answer({"schema": 1, "shell": args.shell, "script": text}, text.rstrip("\n").split("\n"))
    return 0


def _connections(out: Output) -> int:
    from wizard import connections

    names = [c.name for c in connections.load_all()]
    out.answer({"schema": 1, "connections": names}, names)
    return 0


_TOP: Final = (
    (("--practice",), "start the practice services with it"),
    (PLAIN.flags, PLAIN.help),
    (("--version", "-V"), "print the version"),
)
"""What can be said without a command."""


@cache
def _known(what: str) -> tuple[str, ...]:
    """What there is now of a kind of word; nothing where only the shell knows."""
    from wizard import catalogue, clients

    match what:
        case "client":
            return tuple(c.id for c in clients.every())
        case "fault":
            from sandbox.faults import FAULTS

            return tuple(FAULTS)
        case "leniency":
            return LENIENCIES
        case "cause":
            from diagnostics import causes

            return tuple(c.id for c in causes.every())
        case "service" | "method" | "environment":
            services = catalogue.load().services
            of = {
                "service": (s.id for s in services),
                "method": (m.id for s in services for m in s.methods),
                "environment": (e.id for s in services for e in s.environments),
            }
            return tuple(dict.fromkeys(of[what]))
        case _:
            return ()


def bash() -> str:
    """For bash: ``eval "$(authwizard completion bash)"``."""
    cases = []
    for command in COMMANDS:
        words = " ".join([*_flags(command), *_values(command)])
        after = [
            f"      {'|'.join(o.flags)}) COMPREPLY=($(compgen -W '{' '.join(taken)}' -- \"$word\")); return;;"
            for o in command.options
            if (taken := _taken(o))
        ]
        after += [
            f'      {"|".join(o.flags)}) COMPREPLY=($(compgen -f -- "$word")); return;;'
            for o in command.options
            if o.completes == "file"
        ]
        asks = f'; words="$words $({_ASKED})"' if _of_connections(command) else ""
        inner = "\n".join(['      case "$before" in', *after, "      esac"]) if after else ""
        cases.append(
            f"    {command.name})\n{inner}\n      words='{words}'{asks};;"
            if inner
            else f"    {command.name}) words='{words}'{asks};;"
        )
    names = " ".join([*(c.name for c in COMMANDS), *(flags[0] for flags, _ in _TOP)])
    body = "\n".join(cases)
    return f"""\
_authwizard() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '{names} --help' -- "$word")); return
  fi
  case "${{COMP_WORDS[1]}}" in
{body}
  esac
  COMPREPLY=($(compgen -W "$words --help" -- "$word"))
}}
complete -o default -F _authwizard authwizard
"""


def zsh() -> str:
    """For zsh: a file `_authwizard` in a folder of ``$fpath``, or ``eval`` after compinit."""
    names = "\n".join(f"    '{c.name}:{_described(c.help)}'" for c in COMMANDS)
    flags = "\n".join(f"    '{flags[0]}:{_described(help)}'" for flags, help in _TOP)
    cases = "\n".join(
        f"    {c.name}) _arguments {' '.join(_zsh(o) for o in c.options)} '*:argument:{_zsh_words(c)}';;"
        for c in COMMANDS
    )
    return f"""\
#compdef authwizard
_authwizard() {{
  local -a commands
  commands=(
{names}
{flags}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
{cases}
  esac
}}
if [ "$funcstack[1]" = "_authwizard" ]; then _authwizard "$@"; else compdef _authwizard authwizard; fi
"""


def fish() -> str:
    """For fish: ``authwizard completion fish | source``."""
    lines = [
        f"complete -c authwizard -f -n __fish_use_subcommand {_fish_flags(flags)} -d '{_fish_quoted(help)}'"
        for flags, help in _TOP
    ]
    for c in COMMANDS:
        lines.append(
            f"complete -c authwizard -f -n __fish_use_subcommand -a {c.name} -d '{_fish_quoted(c.help)}'"
        )
        seen = f"-n '__fish_seen_subcommand_from {c.name}'"
        for o in c.options:
            flags = _fish_flags(o.flags)
            takes = "" if not o.metavar else " -r -F" if o.completes == "file" else " -x"
            values = f" -a '{' '.join(_taken(o))}'" if _taken(o) else ""
            lines.append(f"complete -c authwizard {seen} {flags}{takes}{values} -d '{_fish_quoted(o.help)}'")
        if values := " ".join([*_values(c), *([f"({_ASKED})"] if _of_connections(c) else [])]):
            lines.append(f"complete -c authwizard -f {seen} -a '{values}'")
    return "\n".join(lines) + "\n"


def _fish_flags(flags: tuple[str, ...]) -> str:
    return " ".join(f"-l {f[2:]}" if f.startswith("--") else f"-s {f[1:]}" for f in flags)


def _flags(command: Command) -> list[str]:
    return [flag for option in command.options for flag in option.flags]


def _values(command: Command) -> list[str]:
    return [value for word in command.words for value in word.values or (*word.also, *_known(word.completes))]


def _taken(option: Option) -> tuple[str, ...]:
    return option.values or _known(option.completes)


def _of_connections(command: Command) -> bool:
    return any(word.completes == "connection" for word in command.words)


def _zsh(option: Option) -> str:
    star = "*" if option.many else ""
    takes = (
        "" if not option.metavar else f":{option.dest}:" + ("_files" if option.completes == "file" else "")
    )
    if _taken(option):
        takes = f":{option.dest}:({' '.join(_taken(option))})"
    help = _described(option.help).replace("[", "\\[").replace("]", "\\]")
    return " ".join(f"'{star}{flag}[{help}]{takes}'" for flag in option.flags)


def _zsh_words(command: Command) -> str:
    values = _values(command)
    if _of_connections(command):
        return f"{{compadd -- {' '.join(values)} $({_ASKED})}}"
    return f"({' '.join(values)})" if values else "_files"


def _described(text: str) -> str:
    """For between single quotes as a description of zsh, in which a colon begins the next part."""
    return text.replace(":", "\\:").replace("'", "'\\''")


def _fish_quoted(text: str) -> str:
    """For between the single quotes of fish."""
    return text.replace("\\", "\\\\").replace("'", "\\'")
