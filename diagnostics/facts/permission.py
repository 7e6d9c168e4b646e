"""What a token may do, and what is demanded of it: scopes, groups and roles, each with where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

SCOPE: Final = "scope"
GROUP: Final = "group"
ROLE: Final = "role"
KINDS: Final = (SCOPE, GROUP, ROLE)
SERVER: Final = "the server's refusal"
YOU: Final = "you"


@dataclass(frozen=True, slots=True)
class Held:
    """One value of a token. ``claim`` is where it stands (``realm_access.roles``), ``kind`` what that claim is known
    for: one of `KINDS`, or empty."""

    kind: str
    value: str
    claim: str


@dataclass(frozen=True, slots=True)
class Demand:
    """What somebody wants to see in the token; ``source`` says who. With ``choice`` it is one of several, each enough.
    ``certain`` is False where it is only supported, and not said to be needed."""

    kind: str
    value: str
    source: str
    choice: bool = False
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Permissions:
    """``held`` and ``demands`` as above. ``shapes``: how a claim of scopes is written (``one``, ``spaces``, ``commas``,
    ``list``), and its text, by its name. ``words`` is all that the refusal says, redacted; ``claims`` are those that it
    names as claims. ``overage`` quotes the mark of groups that are too many to be in the token, ``program`` what shows
    that no person stands behind it; ``names`` are the token's claims."""

    held: tuple[Held, ...] = ()
    demands: tuple[Demand, ...] = ()
    shapes: tuple[tuple[str, str, str], ...] = ()
    words: str = ""
    claims: tuple[str, ...] = ()
    overage: str = ""
    program: str = ""
    names: tuple[str, ...] = ()

    def seen(self) -> str:
        """What is demanded, and how much is held."""
        wanted = ", ".join(f"{d.kind} {d.value}" for d in self.demands[:6]) or "nothing by name"
        return f"{len(self.held)} permissions in the token; demanded: {wanted}"

    def demanded(self, kind: str, *, certain: bool = True) -> tuple[Demand, ...]:
        """What is demanded of one kind; with ``certain`` only what is said to be needed."""
        return tuple(d for d in self.demands if d.kind == kind and (d.certain or not certain))

    def of(self, kind: str) -> tuple[Held, ...]:
        """What is held where this kind is looked for."""
        return tuple(h for h in self.held if h.kind == kind)

    def at(self, value: str) -> tuple[str, ...]:
        """The claims that hold exactly this value."""
        return tuple(dict.fromkeys(h.claim for h in self.held if h.value == value))

    def holding(self, values: Iterable[str]) -> tuple[str, ...]:
        """The claims each of which holds all of these values."""
        every = [set(self.at(v)) for v in values]
        common = set.intersection(*every) if every else set()
        return tuple(dict.fromkeys(h.claim for h in self.held if h.claim in common))

    def shape(self, claim: str) -> str:
        """How a claim of scopes is written; empty where it is none."""
        return next((shape for name, shape, _ in self.shapes if name == claim), "")

    def raw(self, claim: str) -> str:
        """The text of a claim of scopes as it stands."""
        return next((text for name, _, text in self.shapes if name == claim), "")

    def speaks_of(self, *words: str) -> bool:
        """Whether the refusal uses one of these words."""
        said = self.words.lower()
        return any(w in said for w in words)


@dataclass(frozen=True, slots=True)
class Check:
    """One point of a checklist: what was seen, and where it is mended where it is not well."""

    id: str
    ok: bool
    says: str
    fix: str = ""

    def as_json(self) -> dict[str, object]:
        """Plain data."""
        return {"check": self.id, "ok": self.ok, "says": self.says, "fix": self.fix or None}


@dataclass(frozen=True, slots=True)
class GroupSetup:
    """How Keycloak is set up for groups, as its admin API says: ``account`` is whether the token's account is there,
    ``groups`` are the paths that it is in now, ``mapper`` whether one reaches the client's access tokens."""

    realm: str
    client: str
    account: bool
    groups: tuple[str, ...]
    mapper: bool
    checks: tuple[Check, ...]

    def seen(self) -> str:
        """What is not well."""
        wrong = [c.says for c in self.checks if not c.ok]
        return "; ".join(wrong) or f"all {len(self.checks)} points are as they should be"
