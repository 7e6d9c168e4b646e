"""Words of a command that a shell among them takes as its own text: what looks like a reference in those is the
shell's, which replaces it by itself when it is started.

Sources: sh(1), bash(1), fish(1), cmd and about_PowerShell_exe of learn.microsoft.com.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_POSIX: Final = frozenset({"sh", "bash", "zsh", "dash", "ksh", "ash"})
_POWER: Final = frozenset({"powershell", "pwsh"})
_WITH_VALUE: Final = frozenset({"--rcfile", "--init-file", "--init-command"})
_CMD_TEXT: Final = frozenset({"/c", "/k", "/r", "//c"})

_POSIX_OWN: Final = re.compile(
    # a name, and what a shell does with it; a colon with a name after it is another program's form (`${env:NAME}`)
    r"\$(?:\w+|\{[#!]?(?:\w+|[@*#?$!-])(?!\w|:[A-Za-z]).*\})",
    re.DOTALL,
)
_FISH_OWN: Final = re.compile(r"\$\w+")
_POWER_OWN: Final = re.compile(r"\$(?:\w+|\{[^{}]+\})")
_CMD_OWN: Final = re.compile(r"%\w+%")


def replaces(words: Sequence[str], at: int, written: str) -> bool:
    """Whether a shell among the words replaces ``written`` in the word at ``at``: it is the shell's own text (what
    follows ``-c``), and the form is its own. Whatever starts that shell (``env``, ``nice``, ``docker run``) may stand
    before it."""
    return any(_own(words, shell, at, written) for shell in range(at))


def _own(words: Sequence[str], shell: int, at: int, written: str) -> bool:
    name = re.split(r"[/\\]", words[shell])[-1].lower().removesuffix(".exe")
    if name in _POSIX:
        return _POSIX_OWN.fullmatch(written) is not None and _text_at(words, shell) == at
    if name == "fish":
        return _FISH_OWN.fullmatch(written) is not None and _text_at(words, shell) == at
    before = [word.lower() for word in words[shell + 1 : at]]
    if name == "cmd":
        return _CMD_OWN.fullmatch(written) is not None and any(word in _CMD_TEXT for word in before)
    if name in _POWER:
        return _POWER_OWN.fullmatch(written) is not None and _power_text(before)
    return False


def _text_at(words: Sequence[str], shell: int) -> int | None:
    """Where the text stands: the first word that is no option, where one of the options before it is ``-c``."""
    told = skip = False
    for at in range(shell + 1, len(words)):
        word = words[at]
        if skip:
            skip = False
        elif word.startswith("--command="):
            return at
        elif word.startswith("--"):
            told, skip = told or word == "--command", word in _WITH_VALUE
        elif word[:1] in ("-", "+"):
            told, skip = told or (word[0] == "-" and "c" in word), word[-1] in "oO"
        else:
            return at if told else None
    return None


def _power_text(before: Sequence[str]) -> bool:
    """Whether ``-Command``, or a beginning of it, is met before ``-File``: all words after it are its text."""
    for word in before:
        name = word[1:] if word[:1] in ("-", "/") else ""
        if name and "command".startswith(name):
            return True
        if name and "file".startswith(name):
            return False
    return False
