"""From a plan to a file and back: what is shown, what is written, and what is refused."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path

import pytest

from wizard import backups, export
from wizard.clients import programs
from wizard.entries import Remote, RemotePlan, Slot, StdioPlan
from wizard.errors import FileProblem, JobError, UsageError
from wizard.secret import Secret

TOKEN = Secret(secrets.token_urlsafe(32))
SECRETS = {"token": TOKEN}
SLOT = Slot("token", "FLEET_TOKEN")
REMOTE = RemotePlan("fleet", "https://example.test/mcp", {"Authorization": ("Bearer ", SLOT)})
STDIO = StdioPlan("faos", ("faos-mcp",), {"FAOS_API_URL": ("https://a.test",), "FAOS_API_TOKEN": (SLOT,)})


def _prepare(
    plan: RemotePlan | StdioPlan = REMOTE,
    how: str | None = "env",
    *,
    path: Path | None = None,
    client: str = "claude-code",
    sources: dict[str, str] | None = None,
) -> export.Change:
    return export.prepare(
        plan, "conn", client, project=True, path=path, how=how, secrets=SECRETS, sources=sources or {}
    )


def _helper(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    script = folder / "authwizard"
    script.write_text(f"#!{sys.executable}\n{body}\n", encoding="utf-8")
    script.chmod(0o700)
    monkeypatch.setattr(sys, "argv", [str(script)])


def test_nothing_is_written_by_preparing(home: Path) -> None:
    change = _prepare()
    assert change.changed
    assert list(home.rglob("*")) == [home / "project"]


def test_twice_is_once() -> None:
    first = export.write(_prepare())
    content = Path(".mcp.json").read_bytes()
    again = _prepare()
    assert (again.changed, again.diff) == (False, "")
    assert export.write(again).backup is None
    assert first.backup is None
    assert Path(".mcp.json").read_bytes() == content


def test_the_answer_is_as_the_contract_says() -> None:
    change = _prepare()
    answer = export.ExportReport(change, None, True, False).as_json()
    line = programs.posix_line("FLEET_TOKEN", "conn", "token")
    assert answer == {
        "schema": 1,
        "client": "claude-code",
        "path": str(Path.cwd() / ".mcp.json"),
        "changed": True,
        "backup": None,
        "diff": change.diff,
        "text": None,
        "references": [{"field": "token", "how": "env", "var": "FLEET_TOKEN", "line": line}],
        "command": change.command_line,
        "proof": {"read_back": True, "answered": False, "after": "new-shell"},
    }
    json.dumps(answer)


def test_a_secret_kept_in_a_variable_is_referred_to_by_that_variable() -> None:
    change = _prepare(how=None, sources={"token": "env:MY_OWN"})
    assert (change.how, change.proof_after) == ("env", "approve")
    assert change.references == (export.UsedReference("token", "env", "MY_OWN", None),)
    assert b"Bearer ${MY_OWN}" in (change.after or b"")
    assert export.read_back(export.write(change)) == Remote(
        REMOTE.url, {"Authorization": TOKEN.map("Bearer ")}
    )


def test_the_default_is_the_helper_and_the_child_reads_its_variable() -> None:
    change = _prepare(STDIO, None)
    assert change.references == (export.UsedReference("token", "helper", "FAOS_API_TOKEN", None),)
    assert b"FAOS" not in (change.after or b"")


@pytest.mark.parametrize("client", ["claude-code", "vscode"])
@pytest.mark.parametrize("plan", [REMOTE, STDIO])
def test_inline_is_private_and_never_shown(client: str, plan: RemotePlan | StdioPlan) -> None:
    change = _prepare(plan, "inline", client=client)
    written = export.write(change)
    assert change.path is not None
    assert change.path.stat().st_mode & 0o777 == 0o600
    assert TOKEN.reveal() in change.path.read_text(encoding="utf-8")
    assert TOKEN.reveal() not in repr(change) + repr(written) + str(export.ExportReport(change).as_json())


def test_a_new_file_without_a_secret_may_be_read_and_an_existing_one_keeps_its_mode() -> None:
    export.write(_prepare())
    path = Path(".mcp.json")
    assert path.stat().st_mode & 0o777 == 0o644
    path.chmod(0o640)
    export.write(_prepare(STDIO))
    assert path.stat().st_mode & 0o777 == 0o640
    export.write(_prepare(how="inline"))
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_unchanged_inline_entry_still_narrows_the_file() -> None:
    export.write(_prepare(how="inline"))
    Path(".mcp.json").chmod(0o644)
    export.write(_prepare(how="inline"))
    assert Path(".mcp.json").stat().st_mode & 0o777 == 0o600


def test_other_peoples_secrets_are_not_shown() -> None:
    theirs = secrets.token_urlsafe()
    number = secrets.randbelow(10**9) + 10**9
    old = {"type": "stdio", "command": "x", "args": ["--key", theirs], "env": {"K": theirs, "P": number}}
    Path(".mcp.json").write_text(json.dumps({"mcpServers": {"o": old, "fleet": old}}), encoding="utf-8")
    change = _prepare()
    assert theirs not in change.diff
    assert str(number) not in change.diff
    gone = export.remove("fleet", "claude-code", project=True, path=None)
    assert theirs not in gone.diff
    assert gone.changed


def test_a_copy_is_kept_and_undo_goes_back_step_by_step() -> None:
    path = Path(".mcp.json")
    path.write_text('{"mcpServers": {}}', encoding="utf-8")
    path.chmod(0o640)
    first = export.write(_prepare())
    one = path.read_bytes()
    export.write(_prepare(STDIO, "inline"))
    assert first.backup is not None
    assert first.backup.read_text(encoding="utf-8") == '{"mcpServers": {}}'
    assert first.backup.stat().st_mode & 0o777 == 0o600
    export.undo("claude-code", project=True, path=None)
    assert path.read_bytes() == one
    assert path.stat().st_mode & 0o777 == 0o640
    export.undo("claude-code", project=True, path=None)
    assert path.read_text(encoding="utf-8") == '{"mcpServers": {}}'
    with pytest.raises(UsageError, match="Nothing was written"):
        export.undo("claude-code", project=True, path=None)
    assert list(backups.folder().iterdir()) == []


def test_an_undo_that_was_killed_while_it_forgot_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(".mcp.json")
    path.write_text('{"mcpServers": {}}', encoding="utf-8")
    export.write(_prepare())
    real, gone = Path.unlink, list[Path]()

    def killed(self: Path, missing_ok: bool = False) -> None:
        if gone and self.parent == backups.folder():
            raise KeyboardInterrupt
        gone.append(self)
        real(self, missing_ok)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "unlink", killed)
        export.undo("claude-code", project=True, path=None)
    assert path.read_text(encoding="utf-8") == '{"mcpServers": {}}'
    with pytest.raises(UsageError, match="Nothing was written"):
        export.undo("claude-code", project=True, path=None)
    export.write(_prepare())
    assert len(list(backups.folder().iterdir())) == 2


def test_a_copy_that_somebody_took_away_is_nothing_to_go_back_to() -> None:
    path = Path(".mcp.json")
    path.write_text('{"mcpServers": {}}', encoding="utf-8")
    copy = export.write(_prepare()).backup
    assert copy is not None
    copy.unlink()
    with pytest.raises(UsageError, match="Nothing was written"):
        export.undo("claude-code", project=True, path=None)


def test_undo_of_a_new_file_takes_it_away_and_a_changed_one_is_left() -> None:
    path = Path(".mcp.json")
    export.write(_prepare())
    path.write_text('{"mcpServers": {"mine": {}}}', encoding="utf-8")
    with pytest.raises(FileProblem, match="changed after"):
        export.undo("claude-code", project=True, path=None)
    path.unlink()
    export.write(_prepare())
    export.undo("claude-code", project=True, path=None)
    assert not path.exists()


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5])
def test_a_write_that_fails_leaves_no_copy_and_nothing_to_undo(
    first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(".mcp.json")
    path.write_text("{}", encoding="utf-8")
    change = _prepare()
    real = os.fsync
    calls: list[int] = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) >= first:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileProblem, match="could not be written") as caught:
        export.write(change)
    assert caught.value.detail == "No space left on device"
    assert path.read_text(encoding="utf-8") == "{}"
    assert [p.name for p in Path().iterdir()] == [".mcp.json"]
    assert list(backups.folder().iterdir()) == []


def test_only_the_last_copies_are_kept() -> None:
    for number in range(14):
        export.write(_prepare(RemotePlan(f"s{number}", "https://a.test")))
    assert len(list(backups.folder().glob("*.json"))) <= 20
    assert len(list(backups.folder().glob("*-mcp.json"))) == 10


def test_a_file_that_changed_since_the_preview_is_left() -> None:
    change = _prepare()
    Path(".mcp.json").write_text("{}", encoding="utf-8")
    with pytest.raises(FileProblem, match="since the preview"):
        export.write(change)
    assert Path(".mcp.json").read_text(encoding="utf-8") == "{}"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.json"
    real.write_text("{}", encoding="utf-8")
    Path(".mcp.json").symlink_to(real)
    export.write(_prepare())
    assert Path(".mcp.json").is_symlink()
    assert "fleet" in real.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "id", "says"),
    [
        (b"{", "file-not-json", "line 1, column 2"),
        (b"[]", "file-wrong-shape", "line 1"),
        (b'{"mcpServers": 3}', "file-wrong-shape", "column 16"),
        (b"{} // c", "file-not-strict-json", "column 4"),
        (b"\xff", "file-not-utf8", "number 1"),
    ],
)
def test_a_file_that_it_cannot_edit_is_refused_and_left(content: bytes, id: str, says: str) -> None:
    Path(".mcp.json").write_bytes(content)
    with pytest.raises(FileProblem) as caught:
        _prepare()
    assert caught.value.id == id
    assert str(Path.cwd() / ".mcp.json") in caught.value.title
    assert says in caught.value.detail
    assert Path(".mcp.json").read_bytes() == content


def test_a_folder_in_its_place_and_a_file_as_its_folder_are_named(tmp_path: Path) -> None:
    Path(".mcp.json").mkdir()
    with pytest.raises(FileProblem, match="cannot be read"):
        _prepare()
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FileProblem, match="cannot be read"):
        _prepare(path=tmp_path / "file" / "x.json")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="modes do not bind this user")
def test_a_file_that_may_not_be_read_or_written_is_named() -> None:
    path = Path(".mcp.json")
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o000)
    with pytest.raises(FileProblem, match="cannot be read"):
        _prepare()
    path.chmod(0o400)
    with pytest.raises(FileProblem, match="read-only"):
        export.write(_prepare())


def test_all_of_a_persons_own_file_is_kept(home: Path) -> None:
    own = home / ".claude.json"
    text = '{\n  "userID": "é",\n  "projects": {"/x": {"mcpServers": {}}},\n  "n": 1.50\n}\n'
    own.write_text(text, encoding="utf-8")
    own.chmod(0o600)
    change = export.prepare(
        REMOTE, "conn", "claude-code", project=False, path=None, how="env", secrets=SECRETS
    )
    export.write(change)
    after = own.read_text(encoding="utf-8")
    assert after.startswith(text[: text.index("1.50") + 4])
    assert own.stat().st_mode & 0o777 == 0o600
    export.write(export.remove("fleet", "claude-code", project=False, path=None))
    assert json.loads(own.read_text(encoding="utf-8")) == {**json.loads(text), "mcpServers": {}}


def test_several_entries_stand_side_by_side() -> None:
    for name in ("faos-prod", "faos-staging"):
        export.write(_prepare(StdioPlan(name, ("faos-mcp",), STDIO.env), None))
    servers = json.loads(Path(".mcp.json").read_text(encoding="utf-8"))["mcpServers"]
    assert list(servers) == ["faos-prod", "faos-staging"]


def test_taking_out_what_is_not_there_changes_nothing() -> None:
    assert not export.remove("fleet", "claude-code", project=True, path=None).changed
    Path(".mcp.json").write_text("{}", encoding="utf-8")
    assert not export.remove("fleet", "claude-code", project=True, path=None).changed


def test_reading_back_runs_the_helper_as_the_client_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _helper(tmp_path, monkeypatch, f'print(\'{{"Authorization": "Bearer {TOKEN.reveal()}"}}\')')
    written = export.write(_prepare(how="helper"))
    assert export.read_back(written) == Remote(REMOTE.url, {"Authorization": TOKEN.map("Bearer ")})


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("import sys; sys.exit('no')", "exit code 1"),
        ("print('[]')", "not a JSON object"),
        ("print(1)", "not a JSON"),
    ],
)
def test_a_helper_that_fails_is_named(
    body: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _helper(tmp_path, monkeypatch, body)
    written = export.write(_prepare(how="helper"))
    with pytest.raises(JobError) as caught:
        export.read_back(written)
    assert caught.value.id == "helper-failed"
    assert says in caught.value.detail


def test_a_file_that_says_something_else_afterwards_is_named() -> None:
    written = export.write(_prepare())
    path = Path(".mcp.json")
    path.write_text(path.read_text(encoding="utf-8").replace("example.test", "other.test"), encoding="utf-8")
    with pytest.raises(FileProblem, match="does not say what was written"):
        export.read_back(written)


def test_inline_without_a_value_is_refused() -> None:
    with pytest.raises(UsageError, match="token"):
        export.prepare(REMOTE, "c", "claude-code", project=True, path=None, how="inline", secrets={})


def test_a_plan_without_secrets_needs_no_way() -> None:
    change = _prepare(RemotePlan("open", "https://a.test/mcp"), None)
    assert change.references == ()
    assert change.proof_after == "approve"
    assert export.read_back(export.write(change)) == Remote("https://a.test/mcp")


def test_a_note_that_nobody_can_read_counts_as_none_and_is_swept_up() -> None:
    path = Path(".mcp.json")
    path.write_text('{"mcpServers": {}}', encoding="utf-8")
    export.write(_prepare())
    (note,) = (p for p in backups.folder().iterdir() if "-mcp" not in p.name)
    note.write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="Nothing was written"):
        export.undo("claude-code", project=True, path=None)
    assert backups.newest("claude-code") is None
    export.write(_prepare(STDIO, "inline"))
    assert len(list(backups.folder().iterdir())) == 2
