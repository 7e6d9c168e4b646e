"""An entry that names neither its address nor its program by the client's own name for it, and by another's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

_ADDRESSES: Final = frozenset(
    {"url", "uri", "urls", "serverurl", "serveruri", "httpurl", "sseurl", "baseurl", "endpoint", "address"}
)
"""What clients, and those who write for them, call the address; without ``_`` and ``-``, in small letters."""
_COMMANDS: Final = frozenset({"command", "commands", "cmd", "exec", "executable", "program"})
_LONGEST: Final = 24


def misnamed(raw: Mapping[str, object], url: str, command: str) -> tuple[str, str] | None:
    """The member that is meant (``url`` or ``command``, as this client calls them; empty: it takes none) and the one
    that stands there in its place; None where there is none of a like name."""
    named = [
        (n, n.replace("_", "").replace("-", "").lower(), v) for n, v in raw.items() if _like_a_name(n, v)
    ]
    for written, plain, value in named:
        address = isinstance(value, str) and value.lower().startswith(("http://", "https://"))
        if url and (plain in _ADDRESSES or (address and _near(plain, {url.lower(), "url"}, 0.6))):
            return url, written
    for written, plain, _ in named:
        if command and (plain in _COMMANDS or _near(plain, {command.lower(), "command"}, 0.8)):
            return command, written
    return None


def _like_a_name(name: str, value: object) -> bool:
    known = name.isascii() and name.replace("-", "_").isidentifier() and len(name) <= _LONGEST
    return known and isinstance(value, str | list) and bool(value)


def _near(word: str, known: Iterable[str], cutoff: float) -> bool:
    from difflib import get_close_matches

    return bool(get_close_matches(word, known, n=1, cutoff=cutoff))
