"""Where an entry can be written: each client's files, those that are on this machine first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .draft import ClientChoice

if TYPE_CHECKING:
    from wizard.entries import EntryPlan


@dataclass(frozen=True, slots=True)
class Place:
    """A client, and which of its files. ``path`` is empty where the entry is text to copy; ``found`` says whether
    the client, or its file, is on this machine."""

    id: str
    title: str
    choice: ClientChoice
    path: str
    found: bool


def places() -> tuple[Place, ...]:
    """Every place, those of installed clients first, then text to copy, then clients that were not found."""
    from wizard import clients

    found: list[Place] = []
    for client in clients.every():
        project, own = client.path(True), client.path(False)
        if project is None and own is None:
            choice = ClientChoice(client.id, project=False)
            found.append(Place(f"{client.id} own", f"{client.title} (text to copy)", choice, "", found=True))
            continue
        here = client.found()
        if project is not None:
            title = f"{client.title} (this project)"
            found.append(Place(f"{client.id} project", title, ClientChoice(client.id), str(project), here))
        if own is not None:
            choice = ClientChoice(client.id, project=False)
            found.append(Place(f"{client.id} own", f"{client.title} (you)", choice, str(own), here))
    return in_order(found)


def in_order(found: list[Place] | tuple[Place, ...]) -> tuple[Place, ...]:
    """As they are offered."""
    return tuple(sorted(found, key=lambda p: 0 if p.found and p.path else 1 if p.found else 2))


def ways(client: str, plan: EntryPlan) -> tuple[str, ...]:
    """How a client can find the secret, safest first; empty where it cannot hold such an entry."""
    from wizard import clients

    return clients.get(client).ways(plan)


def first_choice(offered: tuple[Place, ...], plan: EntryPlan) -> tuple[str, ...]:
    """The ids that are ticked where nobody chose yet: the first place that can hold the entry, a file if possible."""
    open_to = [p for p in offered if ways(p.choice.client, plan)]
    best = sorted(open_to, key=lambda p: 0 if p.found and p.path else 1 if p.path else 2)
    return tuple(p.id for p in best[:1])
