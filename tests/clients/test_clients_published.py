"""Programs that do not run here: every entry that is written for them is one of those that are published."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

import pytest
from support.forms import PUBLISHED, Published, faults
from support.judging import CONNECTION, KEY, TOKEN, VARIANTS, Variant

from wizard import clients, documents, export
from wizard.clients import bridge, choosing
from wizard.clients.base import ConfigClient
from wizard.entries import OwnLogin, RemotePlan, slots
from wizard.secret import Secret

COMMAND = ("some-mcp", "--stdio")
URL = "https://server.test/mcp"


def _cases() -> list[object]:
    return [
        pytest.param(
            id,
            variant,
            way,
            id=f"{id}-{variant.id}-{way}".replace(" ", "_"),
            marks=[] if variant.id == "two headers" else [pytest.mark.slow],
        )
        for id in PUBLISHED
        for variant in VARIANTS
        for way in choosing.ways_of(clients.get(id), variant.plan(URL, COMMAND))
    ]


@pytest.fixture(autouse=True)
def _node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Node.js counts as there: nothing is started."""
    which = shutil.which
    monkeypatch.setattr(
        shutil, "which", lambda name, *a, **k: f"/bin/{name}" if name == "npx" else which(name, *a, **k)
    )


def _entry(client: str, content: bytes) -> dict[str, object]:
    published = PUBLISHED[client]
    found = documents.read(content, "f").get(published.key)
    assert isinstance(found, dict)
    (entry,) = found.values()
    return dict(entry)


def _fits(published: Published, entry: dict[str, object]) -> None:
    sort = published.program if "command" in entry else published.remote
    assert faults(sort, entry) == [], published.read_in


@pytest.mark.row("U5")
@pytest.mark.parametrize(("client", "variant", "way"), _cases())
def test_what_is_written_is_of_a_published_form_and_read_back(
    client: str, variant: Variant, way: str, tmp_path: Path
) -> None:
    given = {TOKEN.field: Secret(secrets.token_urlsafe(32)), KEY.field: Secret(secrets.token_urlsafe(24))}
    plan, path = variant.plan(URL, COMMAND), tmp_path / "f.json"
    change = export.prepare(plan, CONNECTION, client, project=False, path=path, how=way, secrets=given)
    written = export.write(change)
    export.read_back(written)
    text = path.read_text(encoding="utf-8")
    entry = _entry(client, text.encode())
    _fits(PUBLISHED[client], entry)
    held = [s for s in given.values() if s.reveal() in text]
    assert len(held) == (len(slots(plan)) if way == "inline" else 0)
    args = entry.get("args", [])
    assert isinstance(args, list)
    assert not any(s.reveal() in word for s in given.values() for word in args)
    # an argument with a space is split by `npx` on Windows
    if bridge.PACKAGE in args:
        assert not any(" " in word for word in args)


@pytest.mark.parametrize("client", [c for c in PUBLISHED if clients.get(c).logs_in])
@pytest.mark.parametrize("own", [OwnLogin(), OwnLogin("client-1", 8123, ("a", "b"))])
def test_its_own_login_is_of_the_published_form_and_holds_no_credential(
    client: str, own: OwnLogin, tmp_path: Path
) -> None:
    plan = RemotePlan("fleet", URL, {"Authorization": ("Bearer ", TOKEN)}, login=own)
    change = export.prepare(
        plan, "c", client, project=False, path=tmp_path / "f.json", how="oauth", secrets={}
    )
    export.write(change)
    entry = _entry(client, (tmp_path / "f.json").read_bytes())
    _fits(PUBLISHED[client], entry)
    assert "headers" not in entry
    assert change.next_act


def test_the_published_forms_are_of_clients_that_are_told_as_checked_by_form() -> None:
    for id in PUBLISHED:
        client = clients.get(id)
        assert isinstance(client, ConfigClient)
        assert (client.judge, client.key) == ("form", PUBLISHED[id].key)
        assert client.cannot
