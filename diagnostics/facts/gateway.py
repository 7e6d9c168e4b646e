"""Facts about a way with several legs: who on it refuses, what its access rules say, which tools are listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wizard.gateway.listing import GatewayServer
from wizard.gateway.rules import Rules

from ..words import moment
from .wire import Answer


@dataclass(frozen=True, slots=True)
class LegAnswers:
    """One leg, met with the legs before it in order: without a credential for it, with a false one, with the real one
    (None where none is given); nothing is sent for the legs behind it. ``title`` says who asks for it."""

    id: str
    title: str
    none: Answer
    false: Answer
    real: Answer | None

    @property
    def refused(self) -> Answer | None:
        """The refusal of this leg: of the real credential, or for want of one."""
        judged = self.real or self.none
        return judged if judged.refused else None


@dataclass(frozen=True, slots=True)
class Legs:
    """Every leg, in the order in which a request meets them."""

    legs: tuple[LegAnswers, ...]

    def seen(self) -> str:
        """What each answers."""
        return "; ".join(
            f"{leg.title}: none {leg.none.seen()}, false {leg.false.seen()}"
            + (f", yours {leg.real.seen()}" if leg.real else "")
            for leg in self.legs
        )


@dataclass(frozen=True, slots=True)
class Access:
    """Who may reach what behind a gateway. ``groups`` are the token's; ``known`` those that bring a scope, as
    ``source`` says. ``rules`` are the gateway's own, where they were at hand. ``listed`` are the servers that the
    gateway names to this credential, None where it names none at all to anybody."""

    server: str
    groups: tuple[str, ...]
    known: tuple[str, ...]
    source: str
    rules: Rules | None = None
    listed: tuple[GatewayServer, ...] | None = None

    @property
    def open(self) -> bool | None:
        """Whether the gateway lists the server to this credential; None where it was not heard."""
        return None if self.listed is None else any(s.name == self.server for s in self.listed)

    @property
    def spelled_right(self) -> tuple[str, ...]:
        """The token's groups that are known to the letter."""
        return tuple(g for g in self.groups if g in self.known)

    def near(self) -> tuple[str, str] | None:
        """A group of the token and the known one that it nearly is."""
        return next(((g, k) for g in self.groups if (k := nearest(g, self.known))), None)

    def seen(self) -> str:
        """Groups, and what is listed."""
        listed = (
            "" if self.listed is None else f"; lists {', '.join(s.name for s in self.listed) or 'no server'}"
        )
        return f"groups {', '.join(self.groups) or 'none'}{listed}"


@dataclass(frozen=True, slots=True)
class Opened:
    """The gateway's rules beside the token's ``groups``: ``server`` is the one that is asked for, ``tool`` the one that
    is wanted there (empty for none)."""

    server: str
    groups: tuple[str, ...]
    rules: Rules | None = None
    tool: str = ""

    def seen(self) -> str:
        """The scopes that the groups bring."""
        scopes = self.rules.scopes_of(self.groups) if self.rules else ()
        return f"the rules give scopes {', '.join(scopes) or 'none'}"


@dataclass(frozen=True, slots=True)
class RulesAge:
    """When the file of access rules was written, and the program behind the address started (None: not known); both in
    seconds since 1970."""

    place: str
    written: float
    started: float | None = None

    @property
    def newer(self) -> bool:
        """Whether the rules were written after the program had begun, as far as anybody knows."""
        return self.started is None or self.written > self.started

    def seen(self) -> str:
        """The two times."""
        began = "" if self.started is None else f"; the program was started {moment(self.started)}"
        return f"{self.place} was written {moment(self.written)}{began}"


@dataclass(frozen=True, slots=True)
class ToolNames:
    """The tool that is wanted, and those that the server lists."""

    wanted: str
    listed: tuple[str, ...]

    def seen(self) -> str:
        """How many there are."""
        there = "is listed" if self.wanted in self.listed else f"is none of {len(self.listed)} listed"
        return f"{self.wanted} {there}"


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that differs only by case, hyphen or underscore, a leading slash, or one edit; empty where the
    name itself is known, or none is near."""
    names = tuple(known)
    if name in names:
        return ""
    same = [k for k in names if plain(k) == plain(name)]
    close = [k for k in names if _one_edit(plain(k), plain(name))]
    return next(iter([*same, *close]), "")


def how(name: str, other: str) -> str:
    """In which way the two differ, in a word or two."""
    if name.strip("/") == other.strip("/"):
        return "a slash before it"
    if name.casefold() == other.casefold():
        return "capitals and small letters"
    if plain(name) == plain(other):
        return "hyphens and underscores" if name.casefold() != other.casefold() else "its spelling"
    return "one letter"


def plain(name: str) -> str:
    """A name without what is easily mistaken: case, hyphen for underscore or space, slashes around it."""
    return name.strip().strip("/").casefold().replace("_", "-").replace(" ", "-")


def _one_edit(one: str, other: str) -> bool:
    """Whether one insertion, removal or exchange makes them equal; of short names a letter means too much."""
    if min(len(one), len(other)) < 4 or abs(len(one) - len(other)) > 1 or one == other:
        return False
    at = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return one[at + 1 :] == other[at + 1 :] or one[at:] == other[at + 1 :] or one[at + 1 :] == other[at:]
