"""How a target looks while it works, and what of that is another way since: the first place to look when it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from wizard.livetest import Evidence
from wizard.outcomes import Worked

from .engine import Facts
from .facts import JwtView, ResourceMetadata, Secured
from .facts.oauth import Issuers

Seen = Mapping[str, tuple[str, ...]]
_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is another than when it worked."""

    what: str
    then: tuple[str, ...]
    now: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Plain data."""
        return {"what": self.what, "then": list(self.then), "now": list(self.now)}

    def says(self) -> str:
        """In one clause: what went, what came."""
        gone = [v for v in self.then if v not in self.now]
        come = [v for v in self.now if v not in self.then]
        parts = [f"{_few(gone)} gone" if gone else "", f"{_few(come)} new" if come else ""]
        return f"{self.what}: {', '.join(filter(None, parts)) or 'in another order'}"


@dataclass(frozen=True, slots=True)
class Changed:
    """Everything that is another since ``since`` (seconds since 1970), when it worked."""

    since: float
    changes: tuple[Change, ...]

    def when(self) -> str:
        """The time, ISO 8601, UTC."""
        return datetime.fromtimestamp(self.since, UTC).isoformat(timespec="seconds")

    def as_json(self) -> dict[str, object]:
        """The contract's ``changed``."""
        return {"since": self.when(), "what": [c.as_json() for c in self.changes]}

    def evidence(self) -> tuple[Evidence, ...]:
        """For the finding: what differs from when it worked."""
        if not self.changes:
            return ()
        told = "; ".join(c.says() for c in self.changes[:_SHOWN])
        return (Evidence("fingerprint", f"since it worked ({self.when()}) there changed {told}"),)


def of_facts(facts: Facts) -> dict[str, tuple[str, ...]]:
    """What is worth remembering of what was found out; a name without anything is left out."""
    found: dict[str, tuple[str, ...]] = {}
    if secured := facts.get(Secured):
        found["certificate's authority"] = (secured.issuer,)
        found["certificate's names"] = tuple(sorted(secured.names))
    if metadata := facts.get(ResourceMetadata):
        found["resource"] = (metadata.resource,)
        found["authorization servers"] = metadata.authorization_servers
        found["offered scopes"] = tuple(sorted(metadata.scopes))
    if issuers := facts.get(Issuers):
        found["issuers"] = tuple(sorted(i.issuer for i in issuers.found))
        found["signing keys"] = tuple(sorted({k for i in issuers.found for k in i.keys}))
    if jwt := facts.get(JwtView):
        for name, claim in (
            ("token's issuer", "iss"),
            ("token's audience", "aud"),
            ("token's scopes", "scope"),
        ):
            found[name] = _words(jwt.claims.get(claim))
        found["token's groups"] = _words(jwt.claims.get("groups") or jwt.claims.get("cognito:groups"))
    kept = {name: tuple(v for v in values if v) for name, values in found.items()}
    return {name: values for name, values in kept.items() if values}


def changed(before: Worked | None, now: Seen) -> Changed | None:
    """What is another way now; None where nothing is known of before. What was not seen this time tells nothing."""
    if before is None:
        return None
    pairs = ((n, before.seen[n], now[n]) for n in before.seen if n in now)
    return Changed(before.at, tuple(Change(n, a, b) for n, a, b in pairs if sorted(a) != sorted(b)))


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(sorted(value.split()))
    return tuple(sorted(str(v) for v in value)) if isinstance(value, list) else ()


def _few(values: list[str]) -> str:
    shown = ", ".join(f"`{v}`" for v in values[:_SHOWN])
    return shown if len(values) <= _SHOWN else f"{shown} and {len(values) - _SHOWN} more"
