"""A config that nobody has by accident: texts without end, and references that never close, are refused at once."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pytest

from diagnostics import targets
from wizard import clients, documents
from wizard.clients import addresses
from wizard.clients.base import ConfigClient
from wizard.clients.model import shown_command
from wizard.clients.usual import UsualClient
from wizard.errors import FileProblem, UsageError

OWN = [c for c in clients.every() if isinstance(c, UsualClient)]


@pytest.mark.parametrize(
    "text", ["${A:-" * 200_000, "${{secrets.a" * 80_000, "${env:A}${A}" * 80_000, "x" * 200_000]
)
@pytest.mark.parametrize("client", OWN, ids=lambda c: c.id)
def test_an_entry_without_end_is_not_read(
    client: UsualClient, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {client.shape.url: "https://h.example/mcp", client.shape.headers: {"X-A": text}}
    monkeypatch.setattr(type(client), "servers", lambda *_: {"x": entry})
    with pytest.raises(FileProblem, match="is not read:") as caught:
        client.read(Path("x"), "x", os.environ)
    assert caught.value.id == "entry-too-large"


def test_marks_of_parameters_without_end() -> None:
    url = "https://h.example/" + "?" * 100_000
    assert addresses.read(url, lambda _, text: text) == (url, {})


@pytest.mark.parametrize(
    "client", [c for c in clients.every() if isinstance(c, ConfigClient)], ids=lambda c: c.id
)
@pytest.mark.parametrize("kind", [[], {}, 1, None, 1.5, True])
def test_a_type_that_is_none(client: ConfigClient, kind: object, tmp_path: Path) -> None:
    servers: object = {"x": {"type": kind, "url": "https://h.example/", "enabled": True}}
    if client.form_of_file.keyed:
        servers = [{"name": "x", "type": kind, "url": "https://h.example/"}]
    for part in reversed(client.holder):
        servers = {part: servers}
    path = tmp_path / "config"
    text = "" if client.form_of_file.language == "toml" else json.dumps(servers)
    path.write_text(text, "utf-8")
    with contextlib.suppress(FileProblem, UsageError):
        client.servers(path)
        client.read(path, "x", {})


@pytest.mark.parametrize("text", ["a." * 100_000, f"x = {{{'a.' * 100_000}b = 1}}", f"[{'a . ' * 50_000}b]"])
def test_a_key_of_parts_without_end(text: str) -> None:
    with pytest.raises(FileProblem) as caught:
        documents.read(text.encode(), "config.toml", documents.TOML)
    assert caught.value.id == "file-too-deep"


def test_many_dots_that_are_no_key() -> None:
    text = f"# {'.' * 500}\na = '{'.' * 500}'\n"
    assert documents.read(text.encode(), "config.toml", documents.TOML).value == {"a": "." * 500}


@pytest.mark.parametrize("url", ["https://h.example:99999/mcp", "https://[::1/mcp", "https://h.example:x/"])
def test_an_address_that_is_none(url: str, tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text(json.dumps({"mcpServers": {"x": {"url": url}}}), "utf-8")
    with pytest.raises(FileProblem) as caught:
        targets.from_client("cursor", "x", path, lenient=True)
    assert caught.value.id == "entry-address"


def test_an_address_whose_port_is_a_variable_is_a_question(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text('{"mcpServers": {"x": {"url": "https://h.example:${env:NOT_HERE}/mcp"}}}', "utf-8")
    assert targets.from_client("cursor", "x", path, lenient=True).references


@pytest.mark.parametrize("before", ["KEY=VALUE ", "echo VALUE; ", "echo VALUE | /x/", "x $(echo VALUE)/"])
def test_what_stands_before_our_helper_is_not_shown(before: str) -> None:
    assert shown_command(f"{before}authwizard headers prod") == "… authwizard headers prod"


@pytest.mark.parametrize("before", ["", "/a b/bin/", "env HOME_X=/x ", "'/a b/"])
def test_our_helper_is_shown_whole(before: str) -> None:
    assert shown_command(f"{before}authwizard headers prod") == f"{before}authwizard headers prod"
