"""What is secret in a recording, and how it is taken out of the few words that are kept of it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from wizard.redaction import Redactor, tells_a_secret
from wizard.secret import MASK

from . import places
from .pieces import COOKIES, fields, rows, set_texts, table, text_of

_KNOWN: Final = 6
_SECRETS: Final = 3000
_DEEP: Final = 20
_PART: Final = re.compile(
    r'name="([^"\r\n]{1,80})"[^\r\n]{0,200}\r?\n(?:[^\r\n]{1,200}\r?\n){0,4}\r?\n([^\r\n]{1,9999})'
)
_WORD: Final = re.compile(r"[A-Za-z0-9_.~%=+-]{16,}")


class Hider:
    """Takes the recording's own secrets out of the few words that are kept, and whatever looks like one."""

    def __init__(self, entries: Iterable[Mapping[str, Any]]) -> None:
        found: dict[str, None] = {}
        for entry in entries:
            for text in _secrets(table(entry.get("request")), table(entry.get("response"))):
                if len(text) >= _KNOWN and len(found) < _SECRETS:
                    found[text] = None
        self._known: dict[str, list[str]] = {}
        for text in sorted(found, key=len, reverse=True):
            self._known.setdefault(text[:_KNOWN], []).append(text)
        self._nets = Redactor()

    def __call__(self, text: str) -> str:
        out, kept, at = [], 0, 0
        while at + _KNOWN <= len(text):
            found = next(
                (s for s in self._known.get(text[at : at + _KNOWN], ()) if text.startswith(s, at)), ""
            )
            if found:
                out += [text[kept:at], MASK]
                kept = at + len(found)
            at += len(found) or 1
        text = "".join([*out, text[kept:]])
        # a word that looks made by chance may be what nobody has named
        text = _WORD.sub(lambda m: "*" if places.by_chance(m[0]) else m[0], text)
        return self._nets.text(text) if text else ""


def _secrets(asked: Mapping[str, Any], answered: Mapping[str, Any]) -> Iterator[str]:
    """Values of cookies, of the Authorization header, and of parameters that are not known to be harmless."""
    head = fields(asked)
    for value in head.get("cookie", ()):
        yield from (_value(part) for part in value.split(";")[:COOKIES])
    yield from (_value(t.split(";")[0]) for t in set_texts(answered, fields(answered)))
    for name, values in (*head.items(), *fields(answered).items()):
        if tells_a_secret(name) and not name.endswith("cookie"):
            yield from (part for v in values for part in (v.strip(), *_parts(v.rpartition(" ")[2])))
    for row in (*rows(asked.get("cookies")), *rows(answered.get("cookies"))):
        yield text_of(row.get("value"), 10_000)
    posted = table(asked.get("postData"))
    text = text_of(posted.get("text"), 20_000)
    yield from _values([*places.pairs(text), *_PART.findall(text)])
    yield from _values(_of_json(text))
    yield from (text_of(r.get("value"), 10_000) for r in rows(posted.get("params")))
    for url in (text_of(asked.get("url"), 20_000), *fields(answered).get("location", ())):
        yield from _values(_of_address(url))


def _value(cookie: str) -> str:
    """A cookie's value; what has no name is one."""
    name, equals, value = cookie.partition("=")
    return value.strip() if equals else name.strip()


def _values(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Those that are not known to be harmless; of an address that is one of them, those within."""
    for name, value in pairs:
        if not places.is_open(name):
            yield value
        elif "?" in value:
            yield from (v for _, v in _of_address(value))


def _of_address(url: str) -> list[tuple[str, str]]:
    """Its parameters, and its user."""
    rest, _, fragment = url[:20_000].partition("#")
    before, _, query = rest.partition("?")
    user = before.partition("://")[2].partition("/")[0].rpartition("@")[0]
    own = [("", part) for part in user.split(":") if part]
    return [*places.pairs(query), *places.pairs(fragment), *own]


def _parts(credential: str) -> tuple[str, ...]:
    """A credential, and what a Basic one is made of."""
    try:
        user, colon, password = base64.b64decode(credential, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return (credential,)
    return (credential, password) if colon and user.isprintable() else (credential,)


def _of_json(text: str) -> list[tuple[str, str]]:
    """The texts of a JSON object that are called secrets."""
    if not text.lstrip().startswith(("{", "[")):
        return []
    try:
        return list(_told(json.loads(text), "", 0))
    except (ValueError, RecursionError):
        return []


def _told(value: object, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if tells_a_secret(name):
            yield name, value
    elif isinstance(value, dict | list) and depth < _DEEP:
        pairs = value.items() if isinstance(value, dict) else ((name, v) for v in value)
        for key, inner in pairs:
            yield from _told(inner, str(key), depth + 1)
