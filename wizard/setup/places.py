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
    the client, or its file, is on this machine, ``mcp`` whether it is an MCP client's config."""

    id: str
    title: str
    choice: ClientChoice
    path: str
    found: bool
    mcp: bool = True


def places() -> tuple[Place, ...]:
    """Every place, those of installed clients first, then files and text, then clients that were not found."""
    from wizard import clients

    found: list[Place] = []
    for client in clients.every():
        project, own = client.path(True), client.path(False)
        if project is None and own is None:
            choice = ClientChoice(client.id, project=False)
            found.append(
                Place(
                    f"{client.id} own",
                    f"{client.title} (text to copy)",
                    choice,
                    "",
                    found=True,
                    mcp=client.mcp,
                )
            )
            continue
        here = client.found()
        if project == own:
            choice = ClientChoice(client.id)
            found.append(Place(f"{client.id} project", client.title, choice, str(project), here, client.mcp))
            continue
        if project is not None:
            title = f"{client.title} (this project)"
            found.append(
                Place(f"{client.id} project", title, ClientChoice(client.id), str(project), here, client.mcp)
            )
        if own is not None and own != project:
            choice = ClientChoice(client.id, project=False)
            found.append(
                Place(f"{client.id} own", f"{client.title} (you)", choice, str(own), here, client.mcp)
            )
    return in_order(found)


def in_order(found: list[Place] | tuple[Place, ...]) -> tuple[Place, ...]:
    """As they are offered."""
    return tuple(sorted(found, key=lambda p: 2 if not p.found else 0 if p.mcp and p.path else 1))


def shut(place: Place, plan: EntryPlan, speaks: str) -> str:
    """Why this entry cannot be written there; empty where it can. ``speaks`` is ``mcp`` or ``api``."""
    from wizard import clients
    from wizard.clients import choosing

    return choosing.shut(clients.get(place.choice.client), plan, speaks)


def ways(client: str, plan: EntryPlan) -> tuple[str, ...]:
    """How a client can find the secret, safest first; empty where it cannot hold such an entry."""
    from wizard import clients
    from wizard.clients import choosing

    return choosing.possible(clients.get(client), plan)


def first_choice(offered: tuple[Place, ...], plan: EntryPlan, speaks: str) -> tuple[str, ...]:
    """The ids that are ticked where nobody chose yet: an MCP client's file, where that is what is spoken; one that
    is on this machine if possible."""
    open_to = [p for p in offered if not shut(p, plan, speaks)]
    best = sorted(open_to, key=lambda p: (p.mcp != (speaks == "mcp"), not p.path, not p.found))
    return tuple(p.id for p in best[:1])
