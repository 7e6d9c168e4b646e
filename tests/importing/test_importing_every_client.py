"""What is written into any client's file comes back out of it as the same server with the same credentials."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.judging import CONNECTION, NAME, VARIANTS, Variant

from wizard import clients, connections, export, importing, methods
from wizard.clients import bridge, choosing
from wizard.clients.base import ConfigClient
from wizard.clients.model import ENV, INLINE, Client
from wizard.entries import Entry, Remote, Stdio, realise, slots
from wizard.secret import Secret

URL = "https://judged.example.com/mcp"
COMMAND = ("faos-mcp", "--stdio")


def _cases() -> Iterator[object]:
    for client in clients.every():
        if not (client.mcp and isinstance(client, ConfigClient)):
            continue
        for variant in VARIANTS:
            plan = variant.plan(URL, COMMAND)
            for way in sorted({ENV, INLINE} & set(choosing.ways_of(client, plan))):
                if way == ENV or slots(plan):
                    yield pytest.param(client, variant, way, id=f"{client.id}-{variant.id}-{way}")


@pytest.mark.slow
@pytest.mark.row("G5")
@pytest.mark.parametrize(("client", "variant", "way"), _cases())
def test_it_comes_back_as_it_was_written(
    home: Path, client: Client, variant: Variant, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = variant.plan(URL, COMMAND)
    values = {slot.field: Secret(f"t0{secrets.token_hex(12)}") for slot in slots(plan)}
    for slot in slots(plan):
        monkeypatch.setenv(slot.variable, values[slot.field].reveal())
    path = None if client.path(False) else home / "their.json"
    change = export.prepare(
        plan,
        CONNECTION,
        client.id,
        project=False,
        path=path,
        how=way,
        secrets=values,
        sources={s.field: f"env:{s.variable}" for s in slots(plan)},
    )
    if change.path is None:
        pytest.skip("it has no file")
    export.write(change)
    found = importing.prepare(client.id, NAME, path=path)
    [one] = found.found
    [(done, _)] = importing.carry_out(found, "file")
    made = done.connection
    choice = connections.choice(made)
    entry = realise(
        methods.entry_plan(choice), methods.derived(replace(choice, secrets=connections.secrets_of(made)))
    )
    assert _told(entry) == _told(realise(plan, values))
    if way == ENV:
        copied = [w.field for w in one.wanted if not w.source]
        assert all("." in field for field in copied), copied


def _told(entry: Entry) -> object:
    behind = bridge.read(entry) if isinstance(entry, Stdio) else None
    entry = behind or entry
    if isinstance(entry, Remote):
        headers = {n.lower(): v.reveal() for n, v in entry.headers.items()}
        return entry.url, entry.transport, headers, {n: v.reveal() for n, v in entry.query.items()}
    return entry.command, {n: v.reveal() for n, v in entry.env.items()}
