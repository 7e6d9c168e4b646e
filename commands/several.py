"""``doctor`` over many targets: how they are told apart and summed up, and what is said where there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from diagnostics.doctor import Diagnosis

_NEXT: Final = (
    "  To set one up: authwizard setup SERVICE, or authwizard alone",
    "  To diagnose an address without: authwizard doctor https://HOST/PATH",
)


def nothing(target: str) -> list[str]:
    """What was looked at in vain, and the next step. ``target`` is ``CLIENT:``, or empty for all connections."""
    if not target:
        return ["No connection is saved here, so there is nothing to diagnose.", *_NEXT]
    from wizard import clients

    client = clients.get(target.removesuffix(":"))
    looked = list(dict.fromkeys(scope.path for scope in client.scopes()))
    said = [f"  {path} ({'no server in it' if path.exists() else 'not there'})" for path in looked]
    return [f"{client.title} has no server here. Looked at:", *said, *_NEXT]


def summed(found: Sequence[Diagnosis]) -> str:
    """``3 targets: 2 healthy, 1 broken.`` Empty for one alone."""
    if len(found) < 2:
        return ""
    states = Counter(d.verdict for d in found)
    healthy, none = states.pop("healthy", 0), "none"
    rest = [f"{count} {verdict}" for verdict, count in sorted(states.items())]
    return f"{len(found)} targets: {', '.join([f'{healthy or none} healthy', *rest])}."
