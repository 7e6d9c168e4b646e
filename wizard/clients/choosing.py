"""Which way a client comes by the secret: the one that was named, or the safest that works."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..entries import EntryPlan, RemotePlan, only, slots
from ..errors import UsageError
from . import addresses
from .model import ENV, FILE, HELPER, INLINE, OAUTH, PROMPT

if TYPE_CHECKING:
    from .model import Client, Job


def ways_of(client: Client, plan: EntryPlan) -> tuple[str, ...]:
    """How the client can come by the secret, safest first; empty where it cannot hold such an entry at all. Where it
    can log in by itself, it needs none; with a client id that was given, its own redirect URI has to be registered
    first, so that a helper goes before it."""
    ways = client.ways(plan)
    login = plan.login if isinstance(plan, RemotePlan) else None
    if login is None or not client.logs_in or login.secret:
        return ways
    if login.client_id and HELPER in ways:
        return (HELPER, OAUTH, *(w for w in ways if w != HELPER))
    return (OAUTH, *ways)


def form(client: Client, plan: EntryPlan, how: str) -> EntryPlan:
    """The plan as this client can hold it, by this way; one that logs in by itself is given no credential."""
    return client.form(only(plan, ()) if how == OAUTH else plan, how)


def unproven(client: Client, plan: EntryPlan, how: str) -> str:
    """What an answer to this program does not prove of a client that logs in by itself; empty for every other way."""
    if how != OAUTH:
        return ""
    says = f"{client.title} logs in by itself, with a login of its own: the answer here shows that the server works."
    return f"{says} With the way `{HELPER}` it uses this login." if HELPER in ways_of(client, plan) else says


def shut(client: Client, plan: EntryPlan, speaks: str) -> str:
    """Why a client can hold no such entry, as what follows its name; empty where it can. ``speaks`` is ``mcp`` or
    ``api``."""
    if speaks == "api" and client.mcp:
        return "is for MCP servers"
    return "" if ways_of(client, plan) else "cannot hold such a server"


def possible(client: Client, plan: EntryPlan) -> tuple[str, ...]:
    """The ways that a client can be told to use for this plan, safest first: an access token that is obtained anew each
    time is not written down."""
    fresh = any(s.fresh for s in slots(plan))
    return tuple(way for way in ways_of(client, plan) if not (fresh and way == INLINE))


def job(client: Client, plan: EntryPlan, how: str | None, speaks: str, make: Callable[[str], Job]) -> Job:
    """What is to be written. ``how`` as in `wizard.export.prepare`; ``make`` gives the job of one way.

    Raises: UsageError where the client, or the secret's own characters, do not allow the way.
    """
    ways = ways_of(client, plan)
    kind = "remote server" if isinstance(plan, RemotePlan) else "stdio server"
    kind += " whose key stands in its address" if addresses.keyed(plan) else ""
    if speaks == "api" and (why := shut(client, plan, speaks)):
        raise UsageError(
            "client-cannot",
            f"{client.title} {why}.",
            f"`{plan.name}` is a plain HTTP API: as an entry there it could never work.",
            ["Choose curl or env, or the service's MCP server.", "Nothing was written."],
        )
    if not ways:
        raise UsageError(
            "client-cannot", f"{client.title} cannot use a {kind}.", "", ["Choose another client."]
        )
    if how is not None and how not in ways:
        raise UsageError(
            "way-not-possible",
            f"{client.title} cannot do `--secrets {how}` for a {kind}.",
            f"It can do: {', '.join(ways)}.",
            ["Choose one of them, or leave it out for the safest.", "Nothing was written."],
        )
    return _safest(client, plan, ways, make) if how is None else _named(client, plan, how, make)


def _named(client: Client, plan: EntryPlan, how: str, make: Callable[[str], Job]) -> Job:
    job = make(how)
    client.check(job)
    if how == INLINE and any(s.fresh for s in slots(plan)):
        raise UsageError(
            "way-not-possible",
            "An access token is not written into a file: it is obtained anew each time, and expires.",
            f"{client.title} can do: {', '.join(possible(client, plan)) or 'nothing else'}.",
            ["Leave --secrets out for the safest way.", "Nothing was written."],
        )
    _has_values(job)
    return job


def _safest(client: Client, plan: EntryPlan, ways: tuple[str, ...], make: Callable[[str], Job]) -> Job:
    held = slots(plan)
    if held and ENV in ways and all(s.field in make(ENV).variables for s in held):
        ways = (ENV, *(w for w in ways if w != ENV))
    if any(s.fresh for s in held):
        # nobody has an access token at hand to type it in
        ways = tuple(sorted(ways, key=lambda way: way == PROMPT))
        # nor is one that soon ends put into a shell's environment unasked, where a helper would fetch it
        ways = tuple(way for way in ways if way != ENV) if HELPER in ways else ways
    first: UsageError | None = None
    for way in (w for w in ways if w != INLINE or not held):
        job = make(way)
        try:
            client.check(job)
            _has_values(job)
        except UsageError as error:
            first = first or error
        else:
            return job
    raise first or UsageError("way-not-possible", f"{client.title} has no safe way; name one with --secrets.")


def _has_values(job: Job) -> None:
    """Raises UsageError where a value is to be written that is not at hand."""
    absent = [s.field for s in slots(job.plan) if s.field not in job.secrets]
    if job.how in (INLINE, FILE) and absent:
        raise UsageError("secret-missing", f"There is no value for {', '.join(absent)} to write.")
