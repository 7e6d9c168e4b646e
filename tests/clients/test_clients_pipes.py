"""A pipe or a locked file where a client's file names one: refused or passed over, never waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wizard import clients, export
from wizard.clients.base import ConfigClient
from wizard.entries import RemotePlan
from wizard.errors import FileProblem

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")


def _client(id: str) -> ConfigClient:
    found = clients.get(id)
    assert isinstance(found, ConfigClient)
    return found


def test_settings_that_are_a_pipe_are_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "settings.json"
    os.mkfifo(pipe)
    for id in ("gemini", "opencode", "codex", "goose", "vscode"):
        with pytest.raises(FileProblem, match="cannot be read"):
            _client(id).read(pipe, "fleet", {})


def test_a_file_that_a_text_names_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "token")
    opencode = tmp_path / "opencode.json"
    opencode.write_text(
        '{"mcp": {"fleet": {"type": "remote", "url": "https://a.test/mcp", "headers": {"A": "{file:token}"}}}}',
        encoding="utf-8",
    )
    with pytest.raises(FileProblem, match="token, which it names, cannot be read"):
        _client("opencode").read(opencode, "fleet", {})
    windsurf = tmp_path / "mcp_config.json"
    written = f"${{file:{tmp_path}/token}}"
    windsurf.write_text(
        f'{{"mcpServers": {{"fleet": {{"serverUrl": "https://a.test/mcp", "headers": {{"A": "{written}"}}}}}}}}',
        encoding="utf-8",
    )
    reading = _client("windsurf").read(windsurf, "fleet", {})
    assert [(r.written, r.state) for r in reading.references] == [(written, "unset")]


def test_a_command_to_paste_takes_a_path_as_one_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "my files; rm x" / "mcp.json"
    path.parent.mkdir()
    path.write_text("{}", encoding="utf-8")
    plan = RemotePlan("fleet", "https://a.test/mcp")
    change = export.prepare(plan, "c", "cursor", project=False, path=path, how=None, secrets={})
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FileProblem) as caught:
        export.write(change)
    assert caught.value.fix[0] == f"If you want it changed: chmod u+w '{path}'"
