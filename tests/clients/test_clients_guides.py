"""The forms of the documents: they can be had, are marked as such, and read back."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest

from wizard import clients, export
from wizard.entries import EntryPlan, RemotePlan, Slot, StdioPlan
from wizard.secret import Secret

SLOT = Slot("token", "FLEET_TOKEN")
REMOTE = RemotePlan("fleet-mcp", "https://fleet-mcp.example.com", {"Authorization": ("Bearer ", SLOT)})
STDIO = StdioPlan(
    "faos", ("faos-mcp",), {"FAOS_API_URL": ("https://api.faosx.ai",), "FAOS_API_TOKEN": (SLOT,)}
)
SENT = {"Authorization": "Bearer ${FLEET_TOKEN}"}


def _change(client: str, plan: EntryPlan, path: Path | None = None) -> export.Change:
    secret = {"token": Secret(secrets.token_urlsafe())}
    return export.prepare(plan, "c", client, project=False, path=path, how="env", secrets=secret)


@pytest.mark.row("L2", "G5")
@pytest.mark.parametrize(
    ("client", "file", "wanted"),
    [
        (
            "guide-claude-code",
            ".config/claude-code/mcp-servers.json",
            {"fleet-mcp": {"url": REMOTE.url, "headers": SENT}},
        ),
        (
            "guide-vscode",
            ".vscode/mcp.json",
            {"mcp": {"servers": {"fleet-mcp": {"url": REMOTE.url, "headers": SENT}}}},
        ),
        (
            "guide-roo",
            ".roocode/mcp_servers.json",
            {
                "mcpServers": {
                    "fleet-mcp": {
                        "type": "streamable-http",
                        "url": REMOTE.url,
                        "headers": SENT,
                        "disabled": False,
                        "alwaysAllow": [],
                    }
                }
            },
        ),
    ],
)
def test_each_is_as_its_document_has_it(client: str, file: str, wanted: object, home: Path) -> None:
    written = export.write(_change(client, REMOTE))
    export.read_back(written)
    assert json.loads((home / file).read_text(encoding="utf-8")) == wanted
    assert "as in " in clients.get(client).title
    assert clients.get(client).cannot
    assert clients.get(client).found()
    export.write(export.remove("fleet-mcp", client, project=False, path=None))
    assert "fleet-mcp" not in (home / file).read_text(encoding="utf-8")


@pytest.mark.row("F3")
def test_faos_form_is_text_to_copy_with_the_reference_and_its_line() -> None:
    change = _change("guide-faos", STDIO)
    env = {"FAOS_API_URL": "https://api.faosx.ai", "FAOS_API_TOKEN": "${FLEET_TOKEN}"}
    assert json.loads(change.text or "") == {
        "servers": {"faos": {"command": "faos-mcp", "args": [], "env": env}}
    }
    (reference,) = change.references
    assert "secret c token" in (reference.line or "")


def test_they_are_offered_last() -> None:
    ids = [client.id for client in clients.every()]
    assert all(id.startswith("guide-") for id in ids[-4:])
