"""Other entries of the same name, which the one that wins hides: told apart, and asked where the winner is refused."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

from wizard import clients
from wizard.clients.model import Scope
from wizard.entries import Entry, Remote
from wizard.errors import AuthwizardError, TransportError
from wizard.secret import Secret

from .. import client_targets
from ..asking import INITIALIZE, JSON, ask
from ..engine import Context, Probe, Skip
from ..facts.entry import Rival, Rivals
from ..facts.wire import Answer, Differential
from ..target import Target

_MOST = 3


async def rivals(context: Context, differential: Differential | None) -> Rivals | Skip:
    """Each hidden entry is asked once, with its own credential at its own address, and only where that could explain
    something."""
    target = context.target
    if not target.client:
        return Skip("it is no entry of a client")
    name = target.label.partition(":")[2]
    try:
        places = client_targets.having(target.client, name)
    except AuthwizardError as error:
        return Skip(error.title.rstrip("."))
    at = next((n for n, s in enumerate(places) if str(s.path) == target.config), None)
    if at is None or len(places) == at + 1:
        return Skip("no other entry has its name")
    refused = differential is not None and not differential.judged.accepted
    read = [r for r in (_read(target, name, scope) for scope in places[at + 1 :][:_MOST]) if r is not None]
    answers = await asyncio.gather(*(_ask(context, entry, wanted=refused) for entry, _ in read))
    hidden = tuple(
        Rival(rival.where, rival.scope, rival.url, rival.differs, answer)
        for (_, rival), answer in zip(read, answers, strict=True)
    )
    title = clients.get(target.client).title
    return Rivals(title, name, target.config, places[at].title, hidden)


def _read(target: Target, name: str, scope: Scope) -> tuple[Entry, Rival] | None:
    try:
        entry, references = scope.client.effective(scope.path, name, os.environ)
    except AuthwizardError:
        return None
    if any(r.state not in ("resolved", "helper") for r in references):
        # what the client would have to fill in first is not sent
        entry = Remote(entry.url) if isinstance(entry, Remote) else entry
    differs = tuple(_differences(target.entry, entry))
    url = entry.url if isinstance(entry, Remote) else ""
    return entry, Rival(str(scope.path), scope.title, url, differs)


def _differences(one: Entry, other: Entry) -> Iterator[str]:
    if not isinstance(one, Remote) or not isinstance(other, Remote):
        if one != other:
            yield "another program"
        return
    if one.url != other.url:
        yield f"the address {other.url}"
    for name in sorted({*one.headers, *other.headers}, key=str.lower):
        if one.headers.get(name) != other.headers.get(name):
            yield f"another {name}" if name in other.headers else f"no {name}"
    if one.query != other.query:
        yield "other parameters"


async def _ask(context: Context, entry: Entry, *, wanted: bool) -> Answer | None:
    if not wanted or not isinstance(entry, Remote) or not (entry.headers or entry.query):
        return None
    context.transport.know(*entry.headers.values(), *entry.query.values())
    try:
        if entry.transport == "sse":
            sse: dict[str, Secret | str] = {**entry.headers, "Accept": "text/event-stream"}
            return await ask(context.transport, "GET", entry.url, sse, query=entry.query)
        headers: dict[str, Secret | str] = {**JSON, **entry.headers}
        return await ask(context.transport, "POST", entry.url, headers, INITIALIZE, query=entry.query)
    except TransportError as error:
        return Answer(None, error.id)


PROBE = Probe("rivals", "other entries of the same name", Rivals, rivals)
