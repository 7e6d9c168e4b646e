"""Arguments of mcp-remote with a space in them, which some clients take apart: what is left of the header then."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from wizard import clients

from ..engine import Context, Probe, Skip
from ..facts.entry import SplitArguments

_HEADER: Final = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)", re.S)
_APART: Final = frozenset({"cursor"})
_APART_ON_WINDOWS: Final = frozenset({"claude-desktop", "cursor"})


async def split_arguments(context: Context) -> SplitArguments | Skip:
    """Read the arguments as the client passes them on."""
    target = context.target
    if target.program is None or not target.bridged:
        return Skip("it does not go by mcp-remote")
    words = target.program.command
    title = clients.get(target.client).title if target.client else ""
    if lost := tuple(_already(words)):
        return SplitArguments(title, lost, apart=True)
    apart = _APART_ON_WINDOWS if sys.platform == "win32" or _for_windows(words) else _APART
    lost = tuple(_spaced(words)) if target.client in apart else ()
    return SplitArguments(title, lost, apart=False) if lost else Skip("no argument is taken apart")


def _for_windows(words: Sequence[str]) -> bool:
    """Whether the entry was written for Windows, wherever its file lies."""
    first = words[0].lower() if words else ""
    return first in ("cmd", "cmd.exe") or first.endswith((".cmd", ".bat", ".exe")) or "\\" in first


def _values(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The value of each ``--header``, and the word after it."""
    padded = (*words, "")
    for word, value, after in zip(padded, padded[1:], (*padded[2:], ""), strict=False):
        if word == "--header":
            yield value, after


def _already(words: Sequence[str]) -> Iterator[str]:
    for value, after in _values(words):
        found = _HEADER.fullmatch(value)
        if found and not found[2].strip() and after and not after.startswith("-") and "://" not in after:
            yield found[1]


def _spaced(words: Sequence[str]) -> Iterator[str]:
    for value, _ in _values(words):
        found = _HEADER.fullmatch(value)
        if found and re.search(r"\s", value.strip()):
            yield found[1]


PROBE = Probe("arguments", "arguments with a space", SplitArguments, split_arguments)
