"""The WWW-Authenticate field (RFC 9110 section 11.6.1): every challenge of every line, whatever the server wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TOKEN68: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*(?=[ \t\r\n]*(?:,|\Z))")
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)(?:"|\\?\Z)', re.DOTALL)
MOST: Final = 8000
"""Characters of all lines: what RFC 9110 section 4.1 has every recipient take of an address, and more than is met."""
# An address without quotes is against the grammar and met all the same; read it rather than lose the metadata.
_BARE: Final = re.compile(r'[^\s,"=][^\s,"]*')


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge: ``scheme`` as written; ``params`` by name in lower case, unquoted (of two alike the first);
    ``token68`` where that form was used (Negotiate, NTLM), else empty."""

    scheme: str
    params: Mapping[str, str] = field(default_factory=dict)
    token68: str = ""

    def is_bearer(self) -> bool:
        """Whether it asks for a bearer token (RFC 6750)."""
        return self.scheme.lower() == "bearer"

    def get(self, name: str) -> str:
        """A parameter, or empty."""
        return self.params.get(name.lower(), "")

    def scopes(self) -> tuple[str, ...]:
        """The scopes it names, in order."""
        return tuple(self.get("scope").split())

    def text(self) -> str:
        """A short form to show: the scheme, with the error where there is one."""
        error = self.get("error")
        return f"{self.scheme} {error}".rstrip() if error else self.scheme


def parse_challenges(values: tuple[str, ...]) -> tuple[Challenge, ...]:
    """The challenges of all lines, in order, in their first `MOST` characters. What cannot be read is passed over; this
    never raises."""
    found: list[Challenge] = []
    left = MOST
    for value in values:
        found += _line(value[:left])
        left -= min(left, len(value))
    return tuple(found)


def _line(text: str) -> list[Challenge]:
    found: list[Challenge] = []
    at = 0
    while True:
        at = _past_commas(text, at)
        if at >= len(text):
            return found
        scheme = _TOKEN.match(text, at)
        if scheme is None:
            at += 1
            continue
        at = _past_space(text, scheme.end())
        params: dict[str, str] = {}
        token68 = ""
        if _param(text, at) is None and (lone := _TOKEN68.match(text, at)) is not None:
            token68, at = lone.group(), lone.end()
        else:
            at = _params(text, at, params)
        found.append(Challenge(scheme.group(), MappingProxyType(params), token68))


def _params(text: str, at: int, into: dict[str, str]) -> int:
    """Read parameters while they last; a word without ``=`` begins the next challenge."""
    while (param := _param(text, _past_commas(text, at))) is not None:
        name, value, at = param
        into.setdefault(name, value)
    return at


def _param(text: str, at: int) -> tuple[str, str, int] | None:
    name = _TOKEN.match(text, at)
    if name is None:
        return None
    at = _past_space(text, name.end())
    if text[at : at + 1] != "=":
        return None
    at = _past_space(text, at + 1)
    quoted = _QUOTED.match(text, at)
    if quoted is not None:
        value = re.sub(r"\r?\n[ \t]+", " ", quoted.group(1))
        return name.group().lower(), re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL), quoted.end()
    bare = _BARE.match(text, at)
    return (name.group().lower(), bare.group(), bare.end()) if bare else None


def _past_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _past_commas(text: str, at: int) -> int:
    at = _past_space(text, at)
    while text[at : at + 1] == ",":
        at = _past_space(text, at + 1)
    return at
