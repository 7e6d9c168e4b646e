"""What a client's config holds for one server, in two states.

A *plan* holds slots where secrets go (`RemotePlan`, `StdioPlan`): it can be shown and written in any client's
syntax. An *entry* (`Remote`, `Stdio`) is what that client would really send or start, secrets filled in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from .secret import Secret


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a secret: the field's id, and the variable by which a client may refer to it. ``fresh`` is True for
    one that is another each time it is obtained, such as an access token."""

    field: str
    variable: str
    fresh: bool = False


Part = str | Slot
Value = tuple[Part, ...]
"""A header's or variable's value: plain text and slots in order, ``("Bearer ", Slot("token", "FLEET_TOKEN"))``."""


@dataclass(frozen=True, slots=True)
class OwnLogin:
    """What a client needs that logs in by itself (OAuth): the client id where the provider gave one (else the client
    registers itself), the port on which its login comes back, and the scopes that were chosen. ``secret`` is True where
    that client id has a secret, which no config is to hold."""

    client_id: str = ""
    port: int = 3334
    scopes: tuple[str, ...] = ()
    secret: bool = False


@dataclass(frozen=True, slots=True)
class RemotePlan:
    """A remote server to be written: ``transport`` is ``http`` (streamable) or ``sse`` (legacy). ``query`` are
    parameters that the address gets besides its own, for services that take a key there. ``speaks`` is ``mcp``, or
    ``api`` for a plain HTTP API, which no MCP client can ask. ``base`` is where a program of one's own begins, where
    ``url`` is that of one harmless question to an API. ``login`` is there where a client may log in by itself instead
    of being given a token."""

    name: str
    url: str
    headers: Mapping[str, Value] = field(default_factory=dict)
    transport: str = "http"
    query: Mapping[str, Value] = field(default_factory=dict)
    speaks: str = "mcp"
    base: str = ""
    login: OwnLogin | None = None


@dataclass(frozen=True, slots=True)
class StdioPlan:
    """A stdio server to be written."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, Value] = field(default_factory=dict)


EntryPlan = RemotePlan | StdioPlan


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote server as a client would ask it; every value of a header or parameter may be secret. ``url`` is
    without ``query``: `address` joins them, at the moment of sending."""

    url: str
    headers: Mapping[str, Secret] = field(default_factory=dict)
    transport: str = "http"
    query: Mapping[str, Secret] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stdio:
    """A stdio server as a client would start it; ``env`` is laid over ``inherited`` (None: this process's)."""

    command: tuple[str, ...]
    env: Mapping[str, Secret] = field(default_factory=dict)
    cwd: str | None = None


Entry = Remote | Stdio


@dataclass(frozen=True, slots=True)
class Reference:
    """A placeholder met in a client's config: where, as written, and what became of it.

    ``state`` is ``resolved``, ``empty`` (nothing stands in its place: the variable holds nothing, or does not exist and
    this client puts nothing there), ``unset`` (the variable does not exist, and it is sent as written), ``literal``
    (this client does not expand that syntax there), ``asked`` (the client asks the person for it), ``helper`` (a
    command of the entry gives it) or ``gone`` (it is a connection's, and there is none of this name).
    """

    place: str
    written: str
    state: str
    variable: str = ""


def slots(plan: EntryPlan) -> tuple[Slot, ...]:
    """Each distinct slot of the plan, in order."""
    seen = dict.fromkeys(p for value in values(plan) for p in value if isinstance(p, Slot))
    return tuple(seen)


def values(plan: EntryPlan) -> tuple[Value, ...]:
    """Every value of the plan that may hold a slot."""
    if isinstance(plan, RemotePlan):
        return (*plan.headers.values(), *plan.query.values())
    return tuple(plan.env.values())


def only(plan: EntryPlan, fields: Collection[str]) -> EntryPlan:
    """The plan without the values whose secrets are not among these fields."""

    def kept(values: Mapping[str, Value]) -> dict[str, Value]:
        return {
            name: value
            for name, value in values.items()
            if all(isinstance(part, str) or part.field in fields for part in value)
        }

    if isinstance(plan, RemotePlan):
        return replace(plan, headers=kept(plan.headers), query=kept(plan.query))
    return replace(plan, env=kept(plan.env))


def fill(value: Value, secrets: Mapping[str, Secret]) -> Secret:
    """The value with its slots filled; KeyError names the field that is missing."""
    return Secret("".join(p if isinstance(p, str) else secrets[p.field].reveal() for p in value))


def realise(plan: EntryPlan, secrets: Mapping[str, Secret]) -> Entry:
    """The entry that a client which can resolve every reference would use."""
    if isinstance(plan, RemotePlan):
        headers = {name: fill(v, secrets) for name, v in plan.headers.items()}
        query = {name: fill(v, secrets) for name, v in plan.query.items()}
        return Remote(plan.url, headers, plan.transport, query)
    return Stdio(plan.command, {name: fill(v, secrets) for name, v in plan.env.items()})


def address(entry: Remote) -> str:
    """The address to be asked, parameters included: it may hold a secret, and is for sending alone."""
    if not entry.query:
        return entry.url
    from .urls import joined

    return joined(entry.url, {name: value.reveal() for name, value in entry.query.items()})
