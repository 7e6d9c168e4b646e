"""The pieces that every description is made of: forms of names, templates, lists of paths and links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NoReturn, TypeVar

from wizard.described.reader import Table, quoted
from wizard.methods import templates as syntax
from wizard.services import Environment, Field, Leg, Method, Preset, Scope, Templates

_Named = TypeVar("_Named", Environment, Field, Leg, Method, Preset, Scope)

ID: Final = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*")
FIELD_ID: Final = re.compile(r"[a-z][a-z0-9_]*|(?:header|query)\.[A-Za-z0-9_.\-]+")
VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
WORD: Final = re.compile(r"\S+")
URL: Final = re.compile(r"https?://[^\s/@?#]+(?:/[^\s?#]*)?")
PATH: Final = re.compile(r"/(?![/\\])[^\s?#]*")
LINK: Final = re.compile(r"https?://\S+")
MODE: Final = re.compile(r"0[0-7]{3}")
SOURCE: Final = re.compile(r"(?:file|env):\S.*")
WORDS_OF_COMMAND: Final = frozenset({"python", "url"})


def command(t: Table, *, required: bool) -> tuple[str, ...]:
    """The words of a command; its only fields are ``{python}`` and ``{url}``, and ``{command}`` as a word."""
    words = t.texts("command", None if required else ())
    for word in words:
        if word == "{command}":
            continue
        try:
            unknown = [n for n in syntax.names(word) if n not in WORDS_OF_COMMAND]
        except ValueError:
            unknown = [word]
        if unknown:
            t.fault(
                "command", f"{quoted(unknown[0])} in a command", "{python} or {url} as its only fields", word
            )
    return words


def templates(t: Table, key: str, known: Mapping[str, bool], form: re.Pattern[str], what: str) -> Templates:
    """A table of templates; its names have this form."""
    found = t.templates(key)
    for name, text in found.items():
        if not form.fullmatch(name):
            at(t, key, name, f"{quoted(name)}", what)
        try:
            unknown = [n for n in syntax.names(text) if n not in known]
        except ValueError as error:
            at(t, key, name, f"{error} in {quoted(text)}", "a field's name in braces, such as {token}")
        if unknown:
            at(t, key, name, f"an unknown field {quoted(unknown[0])} in a template", listed(known))
    return found


def template(t: Table, key: str, known: Mapping[str, bool]) -> str:
    """One template; empty where there is none."""
    text = t.text(key, "")
    try:
        unknown = [n for n in syntax.names(text) if n not in known]
    except ValueError as error:
        t.fault(key, f"{error} in {quoted(text)}", "a field's name in braces, such as {realm}")
    if unknown:
        t.fault(key, f"an unknown field {quoted(unknown[0])} in a template", listed(known))
    return text


def paths(t: Table, key: str) -> tuple[str, ...]:
    """Paths within an origin."""
    found = t.texts(key)
    for path in found:
        if not PATH.fullmatch(path):
            t.fault(key, f"{quoted(path)}", "a path that begins with /", path)
    return found


def links(t: Table) -> Mapping[str, str]:
    """Addresses by their titles."""
    found = t.templates("links")
    for title, address in found.items():
        if not LINK.fullmatch(address):
            at(t, "links", title, f"{quoted(address)}", "an http(s) address")
    return found


def among(t: Table, key: str, known: list[str]) -> tuple[str, ...]:
    """Ids of methods, each of them known."""
    found = t.texts(key)
    for name in found:
        if name not in known:
            t.fault(key, f"an unknown method {quoted(name)}", listed(known), name)
    return found


def at(t: Table, key: str, name: str, saw: str, expected: str) -> NoReturn:
    """Raises: CatalogueError at a name within a table of this table."""
    t.source.fault((*t.path, key, name), saw, expected)


def plain(fields: Iterable[Field]) -> dict[str, bool]:
    """Which fields may be named, and whether each is a secret."""
    return {f.id: f.secret for f in fields}


def listed(names: Iterable[str]) -> str:
    """What would have been right."""
    return f"one of {', '.join(names)}"


def unique(key: str, found: list[tuple[_Named, Table]]) -> tuple[_Named, ...]:
    """The things themselves, once it is sure that no two have one id."""
    seen: set[str] = set()
    for thing, place in found:
        if thing.id in seen:
            place.fault("id", f"the id {quoted(thing.id)} a second time under [[{key}]]", "each id once")
        seen.add(thing.id)
    return tuple(thing for thing, _ in found)
