"""Two cases side by side: what one finds and the other does not, and in which answers they differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from . import probes
from .case import Case
from .compared_words import sentences
from .doctor import conclude

_PASSING: Final = frozenset(
    {"number", "exp", "iat", "nbf", "auth_time", "jti", "sid", "seconds_left", "date", "seen_at", "mark"}
)
"""Members that differ from one run to the next though nothing has changed."""
_MOST: Final = 60
_LONG: Final = 120


@dataclass(frozen=True, slots=True)
class Difference:
    """One answer in which two cases differ: ``what`` was asked, and which part of the answer; None is no answer."""

    what: str
    here: str | None
    there: str | None

    def as_json(self) -> dict[str, object]:
        """Plain data."""
        return {"what": self.what, "here": self.here, "there": self.there}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Yours beside another's. ``only_here`` and ``only_there`` are the causes that one alone has; ``more`` is how many
    differences were left out; ``says`` are those that matter to a login, in sentences."""

    label: str
    saved: str
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]
    differences: tuple[Difference, ...]
    more: int = 0
    says: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The contract's ``compared``."""
        return {
            "target": self.label,
            "saved": self.saved,
            "only_here": list(self.only_here),
            "only_there": list(self.only_there),
            "differences": [d.as_json() for d in self.differences],
            "more": self.more,
        }

    def lines(self) -> tuple[str, ...]:
        """For a person."""
        head = f"Beside {self.label}, saved {self.saved}:"
        count = len(self.differences) + self.more
        if not (self.says or count or self.only_here or self.only_there):
            return (head, "  they do not differ in anything that lasts.")
        found = [f"  {sentence}" for sentence in self.says]
        none = "" if found else "Nothing of it changes the login: "
        what = "1 detail differs" if count == 1 else f"{count} details differ"
        return (
            head,
            *found,
            *((f"  {none}{what}; --json names {'it' if count == 1 else 'them'}.",) if count else ()),
        )


def compared(here: Case, there: Case) -> Comparison:
    """What differs between two cases. Secrets are masks in both: of two, only that they differ in length is told."""
    mine, theirs = conclude(here.examined), conclude(there.examined)
    a = [f.cause for f in (*mine.findings, *mine.warnings)]
    b = [f.cause for f in (*theirs.findings, *theirs.warnings)]
    titles = {p.gives.__name__: p.title for p in probes.every()}
    found = list(_differences(here.document["facts"], there.document["facts"], titles))
    return Comparison(
        there.examined.label,
        there.saved,
        tuple(c for c in a if c not in b),
        tuple(c for c in b if c not in a),
        tuple(found[:_MOST]),
        max(0, len(found) - _MOST),
        tuple(sentences(mine, theirs, _parts(here.document["facts"], there.document["facts"]))),
    )


def _parts(
    here: Mapping[str, Any], there: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, str], Mapping[str, str]]]:
    for name in dict.fromkeys(p.gives.__name__ for p in probes.every()):
        yield name, dict(_leaves(here.get(name))), dict(_leaves(there.get(name)))


def _differences(
    here: Mapping[str, Any], there: Mapping[str, Any], titles: Mapping[str, str]
) -> Iterator[Difference]:
    for name, title in titles.items():
        a, b = dict(_leaves(here.get(name))), dict(_leaves(there.get(name)))
        if not a or not b:
            if a or b:
                yield Difference(title, _short(a) if a else None, _short(b) if b else None)
            continue
        for place in dict.fromkeys((*a, *b)):
            if a.get(place) != b.get(place):
                yield Difference(f"{title}: {place}", a.get(place), b.get(place))


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each part of an answer with its place; times and numbers of exchanges are none of them."""
    if isinstance(value, Mapping) and "mask" in value:
        yield place, f"a secret of {len(str(value['mask']))} characters"
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in _PASSING:
                yield from _leaves(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list):
        if all(isinstance(v, str | int) for v in value):
            yield place, _short(value)
        else:
            for number, inner in enumerate(value, 1):
                yield from _leaves(inner, f"{place} {number}")
    elif value not in (None, "") and not isinstance(value, float):
        yield place, _short(value)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
