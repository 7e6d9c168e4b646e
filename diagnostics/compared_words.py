"""What differs between two cases and matters to the login, as sentences; data where it can be. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from .attempts import WITH
from .diagnosis import Diagnosis

_Leaves = Mapping[str, str]
_TOLD: Final[Mapping[str, tuple[tuple[re.Pattern[str], str], ...]]] = {
    fact: tuple((re.compile(place), words) for place, words in found)
    for fact, found in {
        "Situation": (
            (r"has_credential", "a credential goes along"),
            (r"header_names", "the headers that are sent"),
            (r"proxy", "the proxy"),
        ),
        "CredentialText": (
            (r"header", "the credential goes in"),
            (r"scheme", "the word before the credential"),
            (r"bare", "the credential"),
            (r"in_query", "the credential stands in the address"),
            (r"faults \d+\.says", "a fault of the credential's text"),
        ),
        "JwtView": (
            (r"claims\.iss", "the token's issuer"),
            (r"claims\.aud", "the token's audience"),
            (r"claims\.(?:scope|scp|scopes|permissions)", "the token's scopes"),
            (r"claims\.(?:groups|roles|wids|cognito:groups)", "the token's groups"),
            (r"claims\.(?:azp|client_id|appid|cid)", "the client that the token was made for"),
            (r"claims\.(?:sub|upn|preferred_username|email)", "whom the token is about"),
            (r"header\.alg", "the token's algorithm"),
            (r"header\.kid", "the key that signed the token"),
            (r"claims\.(?P<name>.+)", "the token's claim {name}"),
        ),
        "Named": ((r"addresses", "the addresses of the host"), (r"error", "the host's name")),
        "Reached": ((r"error", "the connection"),),
        "Way": ((r"proxy", "the proxy"), (r"variable", "the proxy is named by")),
        "Secured": (
            (r"issuer", "who signed the server's certificate"),
            (r"version", "the version of TLS"),
            (r"error|reason", "the certificate"),
        ),
        "ResourceMetadata": (
            (r"resource", "the server calls itself"),
            (r"authorization_servers", "who logs people in, as the server says"),
            (r"scopes", "the scopes that the server names"),
        ),
        "Scopes": ((r"granted", "the scopes that were granted"), (r"required", "the scopes that are needed")),
        "TokenAnswer": (
            (r"endpoint", "the token endpoint"),
            (r"client_id", "the client id"),
            (r"error", "the token endpoint's error"),
        ),
        "TokenFiles": (
            (r"used \d+\.look\.path", "the credential's file"),
            (r"used \d+\.look\.mode", "the mode of the credential's file"),
            (r"used \d+\.look\.owner", "the owner of the credential's file"),
            (r"used \d+\.look\.state", "the credential's file is"),
        ),
        "Started": ((r"command", "the program that is started"), (r"error", "the program's error")),
    }.items()
}
"""By the name of a fact: parts of it, and what a reader calls them."""
_YES: Final = {"true": "yes", "false": "no"}


def sentences(
    here: Diagnosis, there: Diagnosis, facts: Iterable[tuple[str, _Leaves, _Leaves]]
) -> Iterator[str]:
    """The verdicts, the address, the causes, the answers, then the facts: each a fact's name with its parts on either
    side, empty where it was not had."""
    if here.verdict != there.verdict:
        yield f"It is {here.verdict} here, and was {there.verdict} there."
    if here.url != there.url:
        yield f"Another address is asked: here {here.url or 'none'}, there {there.url or 'none'}."
    for word, mine, other in (("here", here, there), ("there", there, here)):
        known = {f.cause for f in (*other.findings, *other.warnings)}
        for found in (*mine.findings, *mine.warnings):
            if found.cause not in known:
                yield f"Found {word} alone: {found.title} ({found.cause})"
    came = {a.which: a.came for a in there.attempts}
    for one in here.attempts:
        if (other_came := came.get(one.which)) and other_came != one.came:
            yield f"The request {WITH[one.which]}: here {one.came}, there {other_came}."
    for fact, mine_, theirs in facts:
        yield from _of_fact(fact, mine_, theirs)


def _of_fact(fact: str, here: _Leaves, there: _Leaves) -> Iterator[str]:
    if fact == "JwtView" and bool(here) != bool(there):
        which, other = ("Here", "there") if here else ("There", "here")
        yield f"{which} the credential is a JWT, {other} it is none."
        return
    if not (here and there):
        return
    for pattern, words in _TOLD.get(fact, ()):
        for place in dict.fromkeys((*here, *there)):
            found = pattern.fullmatch(place)
            if not found or here.get(place) == there.get(place) or _named_before(fact, pattern, place):
                continue
            name = words.format(**found.groupdict())
            a, b = (_shown(place, side.get(place)) for side in (here, there))
            yield f"{name[:1].upper()}{name[1:]}: here {a}, there {b}."


def _named_before(fact: str, pattern: re.Pattern[str], place: str) -> bool:
    """Whether a part has words of its own already, so that the general ones are not for it."""
    first = next(p for p, _ in _TOLD[fact] if p.fullmatch(place))
    return first is not pattern


def _shown(place: str, value: str | None) -> str:
    if value is None or value in ("[]", "{}"):
        return "none"
    if place.endswith(".mode") and value.isdigit():
        return f"{int(value):04o}"
    if value.startswith("["):
        try:
            return ", ".join(map(str, json.loads(value))) or "none"
        except ValueError:
            return value
    return _YES.get(value, value.removesuffix("."))
