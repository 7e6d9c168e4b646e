"""What rules about permissions share: the refusal of a token that is known, and how to write what was found."""

from __future__ import annotations

from collections.abc import Iterable

from wizard.livetest import Evidence

from ..facts.gateway import Access, Legs
from ..facts.permission import GROUP, ROLE, SCOPE, YOU, Demand, Permissions
from ..facts.wire import Answer, Differential

_SPEAKS = (
    *(
        "scope",
        "permission",
        "privilege",
        "role",
        "group",
        "forbidden",
        "not allowed",
        "authoriz",
        "authoris",
    ),
    *("access denied", "claim", "member", "verified"),
)
_SPRING = "requires higher privileges than provided by the access token"


def refusal(differential: Differential, permissions: Permissions, legs: Legs | None = None) -> Answer | None:
    """The answer to a token that the server knows, and does not let in: told apart from its answer to a false one. Of
    several legs the first counts."""
    judged = legs.legs[0].real if legs and legs.legs else differential.real
    false = legs.legs[0].false if legs and legs.legs else differential.false
    if judged is None or judged.accepted or judged.status is None:
        return None
    if judged.same_as(false):
        return None
    if judged.status == 403:
        return judged
    return judged if judged.refused and permissions.speaks_of(*_SPEAKS) else None


def by_roles(permissions: Permissions) -> bool:
    """Whether it is Spring's refusal of any token without the right authority, which says `insufficient_scope` for all
    of them, and the token's roles stand where Spring does not look by itself."""
    if permissions.demanded(SCOPE) or permissions.demanded(ROLE) or _SPRING not in permissions.words.lower():
        return False
    roles = permissions.of(ROLE)
    return any(h.claim != "roles" for h in roles) and not any(h.claim == "authorities" for h in roles)


def said(answer: Answer, permissions: Permissions) -> Evidence:
    """The refusal in its own words."""
    words = answer.says or permissions.words[:160]
    return Evidence("differential", f"the server {answer.gives()}{f': {words}' if words else ''}")


def named(values: Iterable[str]) -> str:
    """A list of names, as a sentence shows it; a long one is cut."""
    every = list(values)
    shown = ", ".join(f"`{v}`" for v in every[:6])
    return f"{shown} and {len(every) - 6} more" if len(every) > 6 else shown


def met(
    kind: str, differential: Differential, permissions: Permissions, legs: Legs | None = None
) -> Answer | None:
    """The answer that a demand of this kind is held against: the refusal; or, where the person demands it, also that
    of a server which lets in. None where the refusal is about something else."""
    if any(d.source == YOU for d in permissions.demanded(kind)):
        real = differential.real
        if real is not None and real.accepted:
            return real
    return refusal(differential, permissions, legs)


def demanded(kind: str, permissions: Permissions, access: Access | None) -> tuple[Demand, ...]:
    """What must be in the token; of groups also what the gateway's own rules open the server to."""
    found = permissions.demanded(kind)
    if kind == GROUP and not found and access is not None and access.rules is not None:
        rules = access.rules
        opening = rules.groups_for(rules.scopes_for(access.server, "tools/list"))
        found = tuple(Demand(GROUP, g, rules.source, choice=True) for g in opening)
    return found


def unmet(demands: Iterable[Demand], held: Iterable[str]) -> tuple[Demand, ...]:
    """What is demanded and not held; of several each of which is enough, none where one is."""
    every, have = tuple(demands), set(held)
    if any(d.choice and d.value in have for d in every):
        every = tuple(d for d in every if not d.choice)
    return tuple(d for d in every if d.value not in have)
