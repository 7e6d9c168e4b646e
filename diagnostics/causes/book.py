"""What a cause is, what a rule may say, and the registry that `cause` fills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from wizard.errors import UsageError
from wizard.livetest import LIKELY, PROVEN, Evidence

OWNERS: Final = ("you", "server-admin", "idp-admin", "network-admin", "client-vendor")

LAYERS: Final = (
    "env",
    "client-config",
    "file-permission",
    "header",
    "token-format",
    "clock",
    "dns",
    "tcp",
    "proxy",
    "tls",
    "http",
    "rate-limit",
    "server-misconfig",
    "discovery",
    "pkce",
    "registration",
    "redirect",
    "cache",
    "token-time",
    "signature",
    "session-cookie",
    "issuer",
    "audience",
    "scope",
    "group",
    "role",
    "tenant",
    "license",
)
"""The order of judgement: what can be known offline, then the way there, then who answers, then the login in the order
of its steps, then the token."""

NETWORK: Final = frozenset({"dns", "tcp", "proxy", "tls"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says. ``title`` and ``fix``, where given, replace the cause's own: they use the facts. ``aside`` is
    True for what was noticed beside the failure: it explains it only where nothing else does."""

    certainty: str
    evidence: tuple[Evidence, ...]
    title: str = ""
    fix: tuple[str, ...] = ()
    owner: str = ""
    aside: bool = False


Rule = Callable[..., Verdict | None]


@dataclass(frozen=True, slots=True)
class Cause:
    """A named reason for a failure. ``rule`` is pure: its parameters are the facts that it needs.

    ``standing`` is True for what is wrong even where the credential is accepted. ``explains`` are the causes that
    this one brings about. ``fallback`` is True for one that speaks only when no other does. ``advice`` is True for
    what is not well though it works: it explains no failure, and is only ever a warning. ``way`` is True for one that
    can be why nothing was reached, though its layer is none of the network's. ``beside`` is True for one that is wrong
    by itself and seldom why a request fails: it comes after what explains that.
    """

    id: str
    layer: str
    owner: str
    title: str
    explanation: str
    fix: tuple[str, ...]
    sources: tuple[str, ...]
    rule: Rule
    standing: bool = False
    fallback: bool = False
    explains: tuple[str, ...] = ()
    advice: bool = False
    way: bool = False
    beside: bool = False


REGISTRY: dict[str, Cause] = {}


def cause(
    *,
    id: str,
    layer: str,
    owner: str,
    title: str,
    explanation: str,
    fix: tuple[str, ...],
    sources: tuple[str, ...],
    standing: bool = False,
    fallback: bool = False,
    explains: tuple[str, ...] = (),
    advice: bool = False,
    way: bool = False,
    beside: bool = False,
) -> Callable[[Rule], Rule]:
    """Enter a rule into the registry as the cause with this id (one of research's catalogue, or a new one)."""

    def enter(rule: Rule) -> Rule:
        if id in REGISTRY or layer not in LAYERS or owner not in OWNERS or not sources or not fix:
            raise ValueError(
                f"the cause {id} is entered twice, or its layer, owner, fix or sources are wrong"
            )
        REGISTRY[id] = Cause(
            id,
            layer,
            owner,
            title,
            explanation,
            fix,
            sources,
            rule,
            standing,
            fallback,
            explains,
            advice,
            way,
            beside,
        )
        return rule

    return enter


def proven(*evidence: Evidence, title: str = "", fix: tuple[str, ...] = (), owner: str = "") -> Verdict:
    """The facts leave no other reading."""
    return Verdict(PROVEN, evidence, title, fix, owner)


def likely(*evidence: Evidence, title: str = "", fix: tuple[str, ...] = (), owner: str = "") -> Verdict:
    """The facts fit, and something else could still be it."""
    return Verdict(LIKELY, evidence, title, fix, owner)


def get(id: str) -> Cause:
    """The cause with this id. Raises: UsageError ``unknown-cause``."""
    found = REGISTRY.get(id)
    if found is None:
        raise UsageError(
            "unknown-cause", "The doctor knows no cause of that name.", "", ["See: authwizard causes"]
        )
    return found


def ordered() -> tuple[Cause, ...]:
    """Every cause in the order of judgement."""
    return tuple(sorted(REGISTRY.values(), key=lambda c: LAYERS.index(c.layer)))
