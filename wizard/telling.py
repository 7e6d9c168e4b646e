"""Whether a value may stand in the open. What is not known to be harmless is taken for a secret: a plain value in a
store is a nuisance, a secret in the open is a leak."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote

from . import prefixes
from .redaction import is_telling, secret_part, tells_a_secret
from .secret import MASK, Secret

_NAMES: Final = re.compile(
    r"(?i)(?:^|[_.\s-])(?:auth|keys?|pass|passphrase|pwd|pat|pin|creds?|jwt|dsn|sig|bearer|webhook)\d*(?:$|[_.\s-])"
    r"|apikey|secret|token|passw|cookie|credential|private|connection_?string"
)
_JWT: Final = re.compile(r"ey[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}")
_SCHEME: Final = re.compile(r"(?i)\b(?:bearer|basic|token|apikey)\s+\S")
_UUID: Final = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ID_NAME: Final = re.compile(r"(?i)(?:^|[_.-])ids?$")
_PIECES: Final = re.compile(r"[\s\-_./:,;@=+*(){}\[\]\"'\\%?&#]+")
_PIECE: Final = re.compile(r"v?\d{1,10}|[A-Za-z]{1,20}|[A-Za-z]{1,12}\d{1,3}")
_RANDOM: Final = re.compile(r"[A-Za-z0-9_+=~-]{24,}")
_DIGEST: Final = re.compile(r"sha(?:256|512):[0-9a-f]+")
_WITHIN: Final = re.compile(
    r"""([A-Za-z_][\w.-]{0,60})(?:\s?=\s?|:-|:\s{1,3}|\\?["']\s{0,3}[=:]\s{0,3})\\?["']?(?=([^\s"'\\,;&|}\]]{1,80}))"""
)
"""A name and its value within a text: of a shell's line, a connection string, JSON, a header. A colon alone parts them
in `auth:latest` and `token:read` too, which are an image and a scope."""
_TYPED: Final = frozenset({"true", "false", "null", "none", "yes", "no", "on", "off"})
_LONGEST: Final = 5000
_FLAG: Final = re.compile(r"--?([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_PAIR: Final = re.compile(r"([A-Za-z_][\w.-]*)[=:]\s*(\S.*)", re.DOTALL)
_SCRIPT: Final = re.compile(r"-[a-z]*c|/[cC]|(?i:--?command)")
"""What stands before a word that is a command by itself, and has to be seen."""
_REFERENCE: Final = re.compile(r"\$\{?[A-Za-z_]\w*\}?|\$\{env:\w+\}|%\w+%")
_VALUED: Final = re.compile(
    _WITHIN.pattern.partition("(?=")[0]
    + r"""(?=((?i:(?:bearer|basic|dpop|token|apikey)\s+)?[^\s"'\\,;&|}\]]+))"""
)
"""The same with the value to its end, and with the scheme before it."""
_OPTION: Final = re.compile(
    r"""(?:^|(?<=\s))--?([A-Za-z][\w.-]{0,60})\s{1,3}(?=["']?([^\s"'\\,;&|-][^\s"'\\;&|]*))"""
)
"""An option with its value in a word of its own, within a script."""
_USER: Final = re.compile(r"""://([^/?#\s"']*|[^/?#\s"'@:]*:(?!\d+[/?#])[^\s"'@]*)@""")
_ABOUT: Final = re.compile(r"(?i)(?:^|[-_.])(?:file|path|dir|type|mode|method|kind|scheme|header|name)s?$")
_OPEN: Final = re.compile(r"[^\s:=]+")
_PLACE: Final = re.compile(r"[a-z][a-z+]*://|/|~|\.{1,2}/|[A-Za-z]:[\\/]")
_GENERATED: Final = re.compile(r"""sha(?:256|512):[0-9a-f]+|[^\s/:.,;?&@"'=|()]+""")


def tells(name: str) -> bool:
    """Whether what has this name is likely a secret."""
    return tells_a_secret(name) or bool(_NAMES.search(name))


def is_plain(name: str, value: str) -> bool:
    """Whether this value of a header or variable may stand in the open."""
    if len(value) > 500 or tells(name) or looks_secret(value):
        return False
    if _UUID.fullmatch(value):
        return bool(_ID_NAME.search(name))
    return all(_PIECE.fullmatch(piece) for piece in _PIECES.split(value) if piece)


def looks_secret(text: str) -> bool:
    """Whether a text is, or holds, what looks like a credential whatever its name is; one without end is not gone
    through, and taken for one."""
    if len(text) > _LONGEST or _named_within(text):
        return True
    if prefixes.known(text) or _JWT.search(text) or _SCHEME.search(text) or secret_part(text):
        return True
    return any(map(random_looking, re.split(r"[\s/:.,?&@\"']+", _DIGEST.sub("", text))))


def _named_within(text: str) -> bool:
    """Whether a name that tells a secret has a value in it that is no reference."""
    return any(
        tells(found[1]) and found[2].lower() not in _TYPED and not _is_reference(found[2])
        for found in _WITHIN.finditer(text)
    )


def random_looking(piece: str) -> bool:
    """Whether a piece of a text or address looks as if it came out of a generator: long, of letters and digits, and no
    UUID and no words with a hyphen between."""
    if not _RANDOM.fullmatch(piece) or _UUID.fullmatch(piece):
        return False
    mixed = any(c.isdigit() for c in piece) and any(c.isalpha() for c in piece)
    return mixed and not all(_PIECE.fullmatch(word) for word in _PIECES.split(piece) if word)


def secret_word(words: tuple[str, ...]) -> int | None:
    """The number of the first argument that looks like a secret; None where none does. An argument is seen by every
    program of the machine, so that none should be one."""
    told = False
    for number, word in enumerate(words):
        flag = _FLAG.fullmatch(word)
        if told and flag is None and word and not _is_reference(word):
            return number
        pair = flag if flag and flag[2] else _PAIR.fullmatch(word)
        named = pair is not None and bool(pair[2]) and tells(pair[1]) and not _is_reference(pair[2])
        if named or looks_secret(word) or (pair and pair[2] and looks_secret(pair[2])):
            return number
        told = flag is not None and flag[2] is None and tells(flag[1]) and number > 0
    return None


def without_secrets(words: Iterable[str]) -> tuple[str, ...]:
    """The words of a command as they may be shown: what follows a name that tells a secret, the user of an address, and
    whatever looks generated are masked. Of a script (``sh -c``) only those parts are."""
    return tuple(MASK if len(word) > _LONGEST else _masked(word, parts) for word, parts in _read(words))


def secrets_among(words: Iterable[str]) -> tuple[Secret, ...]:
    """The same parts as values that are to be taken out of whatever the command says. What is short or a plain word, a
    mere path or address, or only speaks of a secret (its type, its file) is none: it stands in open texts too."""
    found: dict[str, None] = {}
    for word, parts in _read(words):
        for part in parts:
            value = word[part.start : part.end]
            if part.is_user:
                bare = value.partition(":")[2] or value
                found |= dict.fromkeys((bare, unquote(bare)))
            elif not (_ABOUT.search(part.name) and _OPEN.fullmatch(value)):
                found[value] = None
    known = [Secret(value) for value in found if not _is_place(value)]
    return tuple(value for value in known if is_telling(value))


@dataclass(frozen=True, slots=True)
class _Part:
    """What is secret of a word, from ``start`` to ``end``; ``name`` is what tells it, where something does."""

    start: int
    end: int
    name: str = ""
    is_user: bool = False


def _read(words: Iterable[str]) -> Iterator[tuple[str, list[_Part]]]:
    """Each word with the parts of it that are secret."""
    told, before = "", ""
    for word in words:
        flag = _FLAG.fullmatch(word)
        pair = flag if flag and flag[2] else None if _SCRIPT.fullmatch(before) else _PAIR.fullmatch(word)
        if told and word and (flag is None or looks_secret(word)):
            yield word, [] if _REFERENCE.fullmatch(word) else [_Part(0, len(word), told)]
        elif pair and pair[2] and tells(pair[1]):
            is_open = _REFERENCE.fullmatch(pair[2])
            yield word, [] if is_open else [_Part(pair.start(2), len(word), pair[1])]
        else:
            yield word, _parts(word)
        told = flag[1] if flag is not None and flag[2] is None and tells(flag[1]) else ""
        before = word


def _parts(text: str) -> list[_Part]:
    """In their order, none within another."""
    found, at = [], 0
    for line in text.splitlines(keepends=True) if len(text) > _LONGEST else [text]:
        found += [_Part(at, at + len(line))] if len(line) > _LONGEST else _parts_of_line(line, at)
        at += len(line)
    return found


def _parts_of_line(text: str, at: int) -> list[_Part]:
    found = [_Part(m.start(1), m.end(1), is_user=True) for m in _USER.finditer(text)]
    for pattern in (_VALUED, _OPTION):
        named = (m for m in pattern.finditer(text) if tells(m[1]) and not _REFERENCE.fullmatch(m[2]))
        found += [_Part(m.start(2), m.end(2), m[1]) for m in named]
    made = (m for m in _GENERATED.finditer(text) if prefixes.known(m[0]) or random_looking(m[0]))
    found += [_Part(m.start(), m.end()) for m in made]
    kept: list[_Part] = []
    # of two that begin alike the longer one counts, and of those alike the first
    for part in sorted(found, key=lambda p: (p.start, -p.end)):
        if not kept or part.start >= kept[-1].end:
            kept.append(part)
        elif part.end > kept[-1].end:
            kept[-1] = replace(kept[-1], end=part.end)
    return [replace(p, start=p.start + at, end=p.end + at) for p in kept]


def _masked(word: str, parts: list[_Part]) -> str:
    out, kept = [], 0
    for part in parts:
        out += [word[kept : part.start], MASK]
        kept = part.end
    return "".join([*out, word[kept:]])


def _is_place(value: str) -> bool:
    """Whether it is a path or an address of plain words."""
    return bool(_PLACE.match(value)) and all(_PIECE.fullmatch(p) for p in _PIECES.split(value) if p)


def _is_reference(text: str) -> bool:
    return bool(re.search(r"\$\{?[A-Za-z_]\w*\}?", text)) or "://" in text or text.startswith(("/", "~", "."))
