"""Where an entry can be written: each client's files, those that are on this machine first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .draft import ClientChoice

if TYPE_CHECKING:
    from wizard.change import Change
    from wizard.entries import EntryPlan

_FEW: Final = 2
"""So many are not worth a row of their own behind which they are folded."""


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


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered: ``first`` at once, ``others`` behind one row that says ``says``. ``shut`` is, by a place's id,
    why nothing can be written there. Ids are in order, and each is in one of the two."""

    first: tuple[Place, ...]
    others: tuple[Place, ...]
    shut: Mapping[str, str]
    says: str = ""

    @property
    def every(self) -> tuple[Place, ...]:
        """All of them."""
        return (*self.first, *self.others)

    def get(self, id: str | None) -> Place | None:
        """The one with this id."""
        return next((p for p in self.every if p.id == id), None)

    def matching(self, text: str) -> tuple[Place, ...]:
        """Those whose title, id or file has this in it; one whose title begins with it comes first."""
        wanted = text.strip().casefold()
        found = [p for p in self.every if wanted in f"{p.title} {p.choice.client} {p.path}".casefold()]
        return tuple(sorted(found, key=lambda p: not p.title.casefold().startswith(wanted)))


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


def offer(
    offered: Iterable[Place], plan: EntryPlan, speaks: str, chosen: Collection[str] = frozenset()
) -> Offer:
    """The places that are on this machine and can hold the entry, and the ``chosen`` ones, before all others."""
    every = tuple(offered)
    closed = {p.id: why for p in every if (why := shut(p, plan, speaks))}
    first = [p for p in every if p.id in chosen or (p.found and p.id not in closed)]
    others = sorted((p for p in every if p not in first), key=lambda p: p.id in closed)
    if len(others) <= _FEW:
        return Offer((*first, *others), (), closed)
    return Offer(tuple(first), tuple(others), closed, _others(others, closed))


def _others(others: Collection[Place], closed: Mapping[str, str]) -> str:
    count = len(others)
    no = sum(p.id in closed for p in others)
    reasons = [(count - no, "not found here"), (no, "not for this one")]
    told = [(n, why) for n, why in reasons if n]
    if len(told) == 1:
        return f"{count} others, {told[0][1]}"
    return f"{count} others: {', '.join(f'{n} {why}' for n, why in told)}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a person is told of a place before it is chosen. ``ways`` are its ways with what each is, safest first;
    ``now`` the one that is taken, ``holds`` from when the entry holds then, ``command`` the program's own command that
    makes the same entry; each empty where there is none."""

    title: str
    ways: tuple[tuple[str, str], ...]
    logs_in: str
    judged: str
    cannot: tuple[tuple[str, str], ...]
    now: str = ""
    holds: str = ""
    command: str = ""


def facts(place: Place, plan: EntryPlan, change: Change | None = None) -> Facts:
    """What can be told of a place for this entry; more where what would be written is known."""
    from wizard import clients
    from wizard.clients import telling
    from wizard.entries import slots

    client = clients.get(place.choice.client)
    can = ways(place.choice.client, plan)
    if not slots(plan):  # nothing is found where there is nothing to find
        can = tuple(way for way in can if way == "oauth")
    return Facts(
        place.title,
        tuple((way, telling.WAYS[way]) for way in can),
        telling.logs_in(client) if client.mcp else "",
        telling.JUDGED[client.judge],
        client.cannot,
        change.how if change else "",
        telling.HOLDS[change.proof_after] if change and change.path else "",
        change.command_line if change else "",
    )
