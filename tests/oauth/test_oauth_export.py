"""An access token in a client's config: by a helper or a reference, never typed in, never written down."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from wizard import catalogue, clients, export, methods
from wizard.choice import Choice
from wizard.clients.model import ENV, HELPER, INLINE
from wizard.entries import EntryPlan, slots
from wizard.errors import UsageError
from wizard.secret import Secret


def plan() -> EntryPlan:
    service = catalogue.load().get("mcp")
    environment, method = service.environment("own"), service.method("client_credentials")
    assert environment is not None
    assert method is not None
    settings = {"client_id": "me", "token_endpoint": "https://login.example/token"}
    return methods.entry_plan(
        Choice(
            service,
            environment,
            method,
            name="mine",
            url="https://mcp.example/mcp",
            settings=settings,
            kept=("client_secret",),
        )
    )


def test_its_slot_is_fresh_and_the_client_secret_has_none() -> None:
    assert [(s.field, s.fresh) for s in slots(plan())] == [("access_token", True)]


@pytest.mark.parametrize("client", ["claude-code", "vscode", "cursor", "claude-desktop"])
def test_no_client_asks_for_it_or_keeps_it(client: str, home: Path) -> None:
    given = {"client_secret": Secret(secrets.token_urlsafe(24))}
    path = home / "project" / f"{client}.json"
    change = export.prepare(plan(), "mine", client, project=True, path=path, how=None, secrets=given)
    assert change.how in (HELPER, ENV)
    leaked = given["client_secret"].reveal() in (change.after or b"").decode()
    assert not leaked
    if INLINE in clients.get(client).ways(plan()):
        with pytest.raises(UsageError) as refused:
            export.prepare(plan(), "mine", client, project=True, path=path, how=INLINE, secrets=given)
        assert refused.value.id == "way-not-possible"
