"""The last step's effects: keep the secrets, save the connection, write each client, read back, prove."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from wizard import outcomes
from wizard.entries import Entry, slots
from wizard.errors import JobError, UsageError
from wizard.livetest import LiveTestReport, Step
from wizard.secret import MASK, Secret

from .draft import ClientChoice, Draft, name_of, secrets_of, sources_of, url_of, with_source
from .made import choice, connection, plan
from .problems import problems

if TYPE_CHECKING:
    from wizard.export import Change, ExportReport
    from wizard.oauth.person import Person

Tester = Callable[[Draft, Callable[[Step], None], "Person"], Awaitable[LiveTestReport]]
"""Runs the live test of a draft, telling each step as it starts and ends; the person is who may have to log in."""

Prover = Callable[[Draft, Entry], Awaitable[LiveTestReport]]
"""Runs the live test on a written entry, as read back out of a client's file."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the secret of a field is kept: a SOURCE; ``note`` is what a person has to do so that it works."""

    field: str
    kept_in: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SetupReport:
    """What a set-up came to. A failed test has no exports, and its connection was not saved."""

    connection: str
    service: str
    method: str
    secrets: tuple[Kept, ...]
    test: LiveTestReport
    exports: tuple[ExportReport, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The contract's ``setup`` answer."""
        return {
            "schema": 1,
            "connection": self.connection,
            "service": self.service,
            "method": self.method,
            "secrets": [{"field": k.field, "kept_in": k.kept_in} for k in self.secrets],
            "test": self.test.as_json(),
            "exports": [e.as_json() for e in self.exports],
        }


def read_sources(d: Draft, read: Callable[[str], Secret] | None = None) -> Draft:
    """The draft with each reference read that was not read yet.

    ``read`` turns a SOURCE into its secret; the vault's own reader when None.

    Raises:
        SourceError: a source yields nothing usable.
    """
    if read is None:
        from wizard import vault

        def read(text: str) -> Secret:
            return vault.parse_source(text).read()

    for name, source in sources_of(d).items():
        if name not in d.secrets:
            secret = read(source)
            test = d.test
            d = with_source(d, name, source, secret)
            d = d if test is None else _keeping(d, test)
    return d


def previews(d: Draft) -> tuple[Change, ...]:
    """What would be written to each chosen client; nothing is written.

    Raises:
        AuthwizardError: a client's file cannot be read or merged, or a way to refer to the secret cannot work.
    """
    return tuple(_prepare(d, choice) for choice in d.clients)


def taken(d: Draft) -> str:
    """Why the name cannot be used: another connection has it. Empty when it can."""
    from wizard import connections

    name = name_of(d)
    other = next((c for c in connections.load_all() if c.name == name), None)
    if other is None or d.service is None or d.environment is None:
        return ""
    if (other.service, other.environment) == (d.service.id, d.environment.id):
        return ""
    return f"`{name}` is already the connection to {other.service} ({other.environment})."


def replaced(d: Draft) -> str:
    """A sentence where this name is a connection's that signs in otherwise, and would be replaced; else empty."""
    from wizard import connections

    name = name_of(d)
    other = next((c for c in connections.load_all() if c.name == name), None)
    if other is None or d.service is None or d.method is None:
        return ""
    if (other.method, other.url) == (d.method.id, url_of(d)):
        return ""
    if other.method == d.method.id:
        from wizard.redaction import Redactor

        return f"{name} is there already (to {Redactor().url(other.url)}), and is replaced."
    before = d.service.method(other.method)
    return f"{name} is there already ({before.title if before else other.method}), and is replaced."


async def activate(d: Draft, prove: Prover) -> SetupReport:
    """Keep the secrets, save the connection, write each chosen client, read back what it says, prove it.

    Every client's change is worked out before the first thing is kept or written, so that a file that cannot
    be merged stops it all.

    Raises:
        UsageError: a step before this one is not done, or the name is another connection's.
        AuthwizardError: a store refused, or a file could not be written; the sentence says which.
    """
    if d.test is None or d.service is None or d.method is None:
        raise UsageError("not-tested", "The connection has not been tested yet.")
    for problem in problems(d, "activate"):
        raise UsageError("name-invalid", problem.says)
    if clash := taken(d):
        raise UsageError("name-taken", clash, "", ["Give another name with --name."])
    changes = await asyncio.to_thread(previews, d)
    kept = await asyncio.to_thread(_keep, d)
    await asyncio.to_thread(outcomes.remember, name_of(d), outcomes.of(d.test, time.time()))
    exports: list[ExportReport] = []
    for chosen, change in zip(d.clients, changes, strict=True):
        # two clients may share a file, as some read a project's `.mcp.json`: the later one starts from what is there
        shared = change.path is not None and any(e.change.path == change.path for e in exports)
        exports.append(
            await _write(d, await asyncio.to_thread(_prepare, d, chosen) if shared else change, prove)
        )
    return SetupReport(name_of(d), d.service.id, d.method.id, kept, d.test, tuple(exports))


async def _write(d: Draft, change: Change, prove: Prover) -> ExportReport:
    from wizard import export, proof

    written = await asyncio.to_thread(export.write, change)
    held = await asyncio.to_thread(completed, d)
    try:
        entry = await asyncio.to_thread(partial(export.read_back, written, secrets=held))
    except JobError as error:
        return proof.unread(written, error)
    return proof.report(written, entry, await prove(d, entry))


def completed(d: Draft) -> dict[str, Secret]:
    """The draft's secrets, and those that are derived from them; a token endpoint is asked.

    Raises: as `wizard.oauth.obtain`.
    """
    from wizard import oauth

    return oauth.completed(choice(d))


def _local(d: Draft) -> dict[str, Secret]:
    """The draft's secrets, and those that are computed from them on this machine."""
    from wizard import methods

    return methods.derived(choice(d))


def _values(d: Draft) -> dict[str, Secret]:
    """The draft's secrets for a file that holds the values themselves. Before the test has shown that they work, what
    would be obtained is masked: then the file is only looked at."""
    if d.test is not None and d.test.ok:
        return completed(d)
    held = _local(d)
    return held | {s.field: Secret(MASK) for s in slots(plan(d)) if s.fresh and s.field not in held}


def _prepare(d: Draft, choice: ClientChoice) -> Change:
    from pathlib import Path

    from wizard import export

    return export.prepare(
        plan(d),
        name_of(d),
        choice.client,
        project=choice.project,
        path=Path(choice.path) if choice.path else None,
        how=choice.how,
        secrets=_values(d) if export.wants_values(choice.client, plan(d), choice.how) else _local(d),
        sources=_references(d),
        speaks=d.service.speaks_at(d.environment) if d.service else "mcp",
    )


def _references(d: Draft) -> dict[str, str]:
    """Where each secret will be kept, as far as that is known before it is."""
    stays = _stays(d)
    if d.store == "env":
        given = secrets_of(d)
        named = {s.field: f"env:{s.variable}" for s in slots(plan(d)) if s.field in given}
        return {**named, **stays}
    return stays if d.store else sources_of(d)


def _stays(d: Draft) -> dict[str, str]:
    """The references that no store takes over: where another program, or a command, renews what stands there."""
    from wizard.methods import kinds

    renewed = d.method is not None and kinds.get(d.method.kind).named_by
    return sources_of(d) if renewed or not d.store else {}


def _keep(d: Draft) -> tuple[Kept, ...]:
    """Store what has to be stored and save the connection; a store that refuses leaves no connection behind."""
    from wizard import connections, fallbacks

    former = next((c for c in connections.load_all() if c.name == name_of(d)), None)
    second = fallbacks.after(former, connection(d, {})).fallback
    kept = _stored(d, second.secrets.values() if second else ())
    connections.save(fallbacks.after(former, connection(d, {k.field: k.kept_in for k in kept})))
    return kept


def keep_as_fallback(d: Draft) -> tuple[Kept, ...]:
    """Store what has to be stored, and keep the draft's method as the fallback of the connection of its name.

    Raises:
        UsageError: ``not-tested``, ``unknown-connection``, ``fallback-elsewhere``. StoreError, FileProblem.
    """
    from wizard import connections, fallbacks

    if d.test is None or not d.test.ok:
        raise UsageError("not-tested", "The fallback has not been tested yet.")
    first = connections.get(name_of(d))
    fallbacks.with_fallback(first, connection(d, {}))
    kept = _stored(d, first.secrets.values(), apart="_2")
    second = connection(d, {k.field: k.kept_in for k in kept})
    connections.save(fallbacks.with_fallback(connections.get(first.name), second))
    return kept


def _stored(d: Draft, taken: Iterable[str], apart: str = "") -> tuple[Kept, ...]:
    """Keep each secret where none of the ``taken`` references, of the connection's other method, leads; ``apart`` ends
    the name of a variable that would be one of them."""
    from wizard import vault

    references: dict[str, str] = {}
    notes: dict[str, str] = {}
    sources, stays, others = sources_of(d), _stays(d), frozenset(taken)
    variables = {slot.field: slot.variable for slot in slots(plan(d))}
    for name, secret in secrets_of(d).items():
        if name in stays:
            continue
        store = vault.get_store(d.store) if d.store else vault.default_store()
        variable = variables.get(name, "")
        variable += apart if f"env:{variable}" in others else ""
        references[name] = store.save(name_of(d), vault.free_field(name, others), secret, variable)
        notes[name] = store.note(references[name])
    references.update({k: vault.keepable(v) for k, v in sources.items() if k not in references})
    return tuple(Kept(field, reference, notes.get(field, "")) for field, reference in references.items())


def _keeping(d: Draft, test: LiveTestReport) -> Draft:
    from .draft import with_test

    return with_test(d, test)
