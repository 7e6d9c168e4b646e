"""A client's entry as that client reads it, and where its values come from: a connection of ours, the bridge, the
person whom the client asks."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from wizard import clients, connections
from wizard.clients import bridge, ours
from wizard.clients.model import Client, Scope
from wizard.connections import Connection
from wizard.entries import Entry, Reference, Remote, Stdio
from wizard.errors import FileProblem, JobError, UsageError
from wizard.secret import Secret
from wizard.urls import origin

from . import shells
from .target import Target

GONE: Final = "gone"
"""The state of a reference to a connection that there is no more."""
ASKED: Final = "asked"

_BRACED: Final = re.compile(r"\$\{([^{}]+)\}")
_ARGUMENT: Final = re.compile(r"args\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Held:
    """An entry as its client (``title``) reads it. ``connection`` is the saved one that its secrets are of; ``answers``
    are the values that stand in for what the client asks for, once they were filled in."""

    client: str
    title: str
    server: str
    place: Path
    entry: Entry
    references: tuple[Reference, ...]
    connection: Connection | None = None
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> tuple[Reference, ...]:
        """What the client asks the person for when it starts the server."""
        return tuple(r for r in self.references if r.state == ASKED)


def read(
    client_id: str, server: str, place: Path, *, lenient: bool = False, reader: Client | None = None
) -> Held:
    """Read an entry, with ``reader`` where its file is to be read otherwise than usual (`Client.scopes`). With
    ``lenient`` one that names a connection which does not exist says so by a reference in the state `GONE`.

    Raises: UsageError ``unknown-client``, ``unknown-server``, ``unknown-connection``; FileProblem.
    """
    client = reader or clients.get(client_id)
    entry, references = client.effective(place, server, os.environ)
    _whole(entry, client.title, server, place)
    held = Held(client_id, client.title, server, place, entry, references)
    found = ours.named(entry, references)
    if found is None:
        return replace(held, connection=_asks_for(held))
    name, reference = found
    try:
        return replace(held, connection=connections.get(name))
    except UsageError as problem:
        if not lenient or problem.id != "unknown-connection":
            raise
    rest = tuple(r for r in references if r is not reference and _bridged(entry, r) is None)
    return replace(held, entry=_bare(entry), references=(*rest, replace(reference, state=GONE)))


def _whole(entry: Entry, title: str, server: str, place: Path) -> None:
    """Raises: FileProblem where no host or port can be read in the address; one whose reference was not replaced is a
    question of its own."""
    asked = bridge.read(entry, os.environ) or entry
    if not isinstance(asked, Remote):
        return
    try:
        urlsplit(asked.url)
        if "${" not in asked.url and "{env:" not in asked.url:
            origin(asked.url)
    except ValueError:
        raise FileProblem(
            "entry-address",
            f"{title} cannot ask `{server}`: no host or port can be read in its address.",
            str(place),
            ["Mend its address: https://host/path."],
        ) from None


def scope_of(client_id: str, server: str) -> Scope:
    """The place whose entry of this name the client uses. Raises: UsageError ``unknown-server``."""
    found = having(client_id, server)
    if found:
        return found[0]
    client = clients.get(client_id)
    names = sorted({name for s in client.scopes() if s.path.exists() for name in s.client.servers(s.path)})
    raise UsageError(
        "unknown-server",
        f"{client.title} has no server {server} here."
        if server.isprintable()
        else "There is no such server.",
        f"There is: {', '.join(names)}." if names else "Its config holds none.",
        [f"authwizard doctor {client_id}:  asks for all of them."],
    )


def having(client_id: str, server: str) -> tuple[Scope, ...]:
    """Every place that has an entry of this name, the one that wins first. Raises: FileProblem."""
    places = clients.get(client_id).scopes()
    return tuple(s for s in places if s.path.exists() and server in s.client.servers(s.path))


def answered(held: Held, target: Target) -> Held | None:
    """The entry with what the client would ask for filled in from its connection, whose target is given; None where it
    goes elsewhere than that, and the secret may not."""
    entry = held.entry
    if isinstance(entry, Remote):
        if not isinstance(target.entry, Remote) or not _same(entry.url, target.entry.url):
            return None
    elif not isinstance(target.entry, Stdio) or entry.command != target.entry.command:
        return None
    asks = clients.get(held.client).asks(held.place)
    answers: dict[str, str] = {}
    for reference in held.asked:
        _, name = asks[reference.variable.removeprefix("input:")]
        secret = target.secrets.get(name)
        if secret is None:
            return None
        answers[reference.variable] = secret.reveal()
    read_again, references = clients.get(held.client).effective(
        held.place, held.server, {**os.environ, **answers}
    )
    return replace(held, entry=read_again, references=references, answers=answers)


def filled(held: Held, behind: Entry | None = None) -> tuple[Reference, ...]:
    """The references, those that the bridge itself resolves as resolved: from the entry's own variables, from ours, and
    from what ``authwizard exec`` sets for the remote server ``behind`` it. Without those that are for a shell."""
    entry = held.entry
    if not isinstance(entry, Stdio):
        return held.references
    set_ = {**os.environ, **{name: value.reveal() for name, value in entry.env.items()}}
    if isinstance(behind, Remote):
        set_ |= {name: value.reveal() for name, value in bridge.variables(behind).items()}

    def judged(reference: Reference) -> Reference:
        name = _bridged(entry, reference)
        if name is None:
            return reference
        state = ("resolved" if set_[name] else "empty") if name in set_ else "unset"
        return replace(reference, state=state, variable=name)

    return tuple(judged(r) for r in held.references if not _for_a_shell(entry, r))


def without_unknown(held: Held) -> Held:
    """The entry without the values that the client asks for: their placeholders go nowhere."""
    marks = tuple(r.written for r in held.asked)

    def known(values: Mapping[str, Secret]) -> dict[str, Secret]:
        return {n: v for n, v in values.items() if not any(mark in v.reveal() for mark in marks)}

    entry = held.entry
    if not marks:
        return held
    if isinstance(entry, Remote):
        return replace(held, entry=replace(entry, headers=known(entry.headers), query=known(entry.query)))
    return replace(held, entry=replace(entry, env=known(entry.env)))


def unknown_value(held: Held) -> JobError:
    """The sentence for an entry whose value nobody but the person knows."""
    return JobError(
        "value-asked",
        f"{held.title} asks for {', '.join(r.written for r in held.asked)} when it starts {held.server}, so the value "
        "is not known here.",
        "",
        ["Test the connection, or the address with --credential SOURCE, instead."],
    )


def _asks_for(held: Held) -> Connection | None:
    """The one connection whose secrets all that the client asks for is; None where it also asks for others."""
    asks = clients.get(held.client).asks(held.place) if held.asked else {}
    names = {asks.get(r.variable.removeprefix("input:"), ("", ""))[0] for r in held.asked}
    return next((c for c in connections.load_all() if names == {c.name}), None) if names else None


def _bridged(entry: Entry, reference: Reference) -> str | None:
    """The variable, where the reference stands in a header that the bridge expands."""
    if not isinstance(entry, Stdio) or bridge.read(entry) is None:
        return None
    place = _ARGUMENT.fullmatch(reference.place)
    name = _BRACED.fullmatch(reference.written)
    if not place or not name or entry.command[int(place[1])] != "--header":
        return None
    return name[1]


def _for_a_shell(entry: Stdio, reference: Reference) -> bool:
    """Whether the client leaves it as it stands, and a shell that the entry starts replaces it."""
    place = _ARGUMENT.fullmatch(reference.place)
    if not place or reference.state not in ("literal", "unset"):
        return False
    return shells.replaces(entry.command, int(place[1]) + 1, reference.written)


def _bare(entry: Entry) -> Entry:
    """What an entry reaches when nothing sets its variables: no placeholder is sent."""
    remote = bridge.read(entry)
    if remote is None:
        return entry
    return replace(remote, headers={n: v for n, v in remote.headers.items() if "${" not in v.reveal()})


def _same(one: str, other: str) -> bool:
    try:
        return origin(one) == origin(other)
    except ValueError:
        return False
