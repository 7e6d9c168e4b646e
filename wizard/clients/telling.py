"""What a person is told of a client, in words: its ways, how it was judged, from when an entry holds."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ..entries import RemotePlan, Slot, StdioPlan
from . import choosing
from .model import ENV, FILE, HELPER, INLINE, OAUTH, PROMPT, Job

if TYPE_CHECKING:
    from ..entries import EntryPlan
    from .model import Client

WAYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        OAUTH: "the client logs in by itself, once more, and keeps its own login",
        HELPER: "the client asks authwizard for it when it starts",
        PROMPT: "the client asks you for it",
        ENV: "the client reads an environment variable",
        FILE: "it stands in a file that only you can read",
        INLINE: "it stands in the config itself: anyone who reads the file has it",
    }
)
"""Each way, as what follows "the secret:"."""

JUDGED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "run": "seen with the program itself, by what a server received",
        "parsed": "seen with the program's own reading of the file",
        "form": "made as its documentation says; the program itself was not run",
    }
)
"""How the form of its entries was judged, by `Client.judge`."""

HOLDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "now": "holds at once",
        "new-shell": "holds in a new shell",
        "restart": "holds when it is started again",
        "approve": "holds once you allow it there",
    }
)
"""From when an entry holds, by the contract's `proof.after`."""

_SLOT: Final = Slot("token", "TOKEN")
_SAMPLES: Final[Mapping[str, EntryPlan]] = MappingProxyType(
    {
        "remote": RemotePlan("x", "https://example.com/mcp", {"Authorization": ("Bearer ", _SLOT)}),
        "stdio": StdioPlan("x", ("program",), {"TOKEN": (_SLOT,)}),
    }
)


def ways(client: Client) -> dict[str, list[str]]:
    """Its ways for a secret, safest first, by the kind of server: ``remote`` and ``stdio``."""
    return {kind: list(choosing.ways_of(client, plan)) for kind, plan in _SAMPLES.items()}


def holds(client: Client, project: bool) -> str:
    """From when an entry with its safest way holds: ``now``, ``new-shell``, ``restart`` or ``approve``."""
    for plan in _SAMPLES.values():
        for way in choosing.ways_of(client, plan)[:1]:
            return client.after(Job(choosing.form(client, plan, way), "x", way, {}, {}), project)
    return "restart"


def logs_in(client: Client) -> str:
    """Whether it logs in by itself, as a sentence."""
    return (
        "It logs in by itself where the server lets it." if client.logs_in else "It cannot log in by itself."
    )
