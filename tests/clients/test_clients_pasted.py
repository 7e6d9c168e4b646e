"""Clients without a file: the entry is a text to paste, and never holds a secret."""

from __future__ import annotations

import json
import secrets
import shutil
from pathlib import Path

import pytest

from wizard import clients, export
from wizard.clients import bridge, programs
from wizard.entries import Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import UsageError
from wizard.secret import Secret

SLOT = Slot("token", "A_TOKEN")
REMOTE = RemotePlan("fleet", "https://e.test/mcp", {"Authorization": ("Bearer ", SLOT)})
STDIO = StdioPlan("faos", ("faos-mcp",), {"FAOS_API_TOKEN": (SLOT,)})
PASTED = ("jetbrains", "mcp-json")


@pytest.fixture(autouse=True)
def _node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Node.js counts as there: nothing is started."""
    which = shutil.which
    monkeypatch.setattr(
        shutil, "which", lambda name, *a, **k: f"/bin/{name}" if name == "npx" else which(name, *a, **k)
    )


def _change(client: str, plan: RemotePlan | StdioPlan, how: str | None, secret: Secret) -> export.Change:
    return export.prepare(plan, "c", client, project=False, path=None, how=how, secrets={"token": secret})


@pytest.mark.row("L2")
@pytest.mark.parametrize("client", PASTED)
@pytest.mark.parametrize("plan", [REMOTE, STDIO], ids=["remote", "program"])
def test_the_text_is_the_whole_object_to_paste_and_starts_the_helper(
    client: str, plan: RemotePlan | StdioPlan
) -> None:
    secret = Secret(secrets.token_urlsafe())
    change = _change(client, plan, None, secret)
    assert (change.path, change.changed, change.how) == (None, False, "helper")
    assert change.text is not None
    assert secret.reveal() not in change.text
    entry = json.loads(change.text)["mcpServers"][plan.name]
    command = bridge.plan(plan).command if isinstance(plan, RemotePlan) else plan.command
    assert (entry["command"], *entry["args"]) == programs.exec_command("c", command)
    assert "env" not in entry
    assert any("paste" in act.lower() or "put it" in act.lower() for act in change.next_act)


def test_the_plain_form_may_refer_to_a_variable() -> None:
    change = _change("mcp-json", REMOTE, "env", Secret(secrets.token_urlsafe()))
    assert change.text is not None
    assert json.loads(change.text)["mcpServers"]["fleet"] == {
        "url": REMOTE.url,
        "headers": {"Authorization": "Bearer ${A_TOKEN}"},
    }
    assert change.references[0].var == "A_TOKEN"


@pytest.mark.parametrize("client", PASTED)
def test_without_a_secret_nothing_is_started(client: str) -> None:
    change = export.prepare(
        RemotePlan("open", REMOTE.url), "c", client, project=False, path=None, how=None, secrets={}
    )
    assert change.text is not None
    assert json.loads(change.text) == {"mcpServers": {"open": {"url": REMOTE.url}}}


@pytest.mark.parametrize("client", PASTED)
def test_inline_needs_a_file_and_then_is_private(client: str) -> None:
    secret = Secret('a"b\\c' + secrets.token_urlsafe())
    with pytest.raises(UsageError) as refused:
        _change(client, REMOTE, "inline", secret)
    assert refused.value.id == "inline-needs-path"
    path = Path("servers.json")
    change = export.prepare(
        REMOTE, "c", client, project=False, path=path, how="inline", secrets={"token": secret}
    )
    assert secret.reveal() not in change.diff
    written = export.write(change)
    assert export.read_back(written) == Remote(REMOTE.url, {"Authorization": secret.map("Bearer ")})
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("client", PASTED)
def test_what_was_pasted_is_taken_out_by_the_person(client: str) -> None:
    with pytest.raises(UsageError, match="no file to take"):
        export.remove("fleet", client, project=False, path=None)
    with pytest.raises(UsageError):
        export.undo(client, project=False, path=None)


def test_a_file_of_the_plain_form_is_read() -> None:
    path = Path("servers.json").absolute()
    entries = {
        "a": {"type": "sse", "url": REMOTE.url, "headers": {"A": "${SET} ${GONE}"}},
        "b": {"command": "c", "args": ["x"]},
    }
    path.write_text(json.dumps({"mcpServers": entries}), encoding="utf-8")
    plain = clients.get("mcp-json")
    entry, references = plain.effective(path, "a", {"SET": "v"})
    assert entry == Remote(REMOTE.url, {"A": Secret("v ${GONE}")}, "sse")
    assert [r.state for r in references] == ["resolved", "unset"]
    assert plain.effective(path, "b", {})[0] == Stdio(("c", "x"))


def test_jetbrains_is_found_by_its_settings(home: Path) -> None:
    jetbrains = clients.get("jetbrains")
    before = jetbrains.found()
    (home / ".config/JetBrains").mkdir(parents=True)
    assert jetbrains.found()
    assert before in (False, any(shutil.which(p) for p in ("idea", "pycharm", "webstorm")))
