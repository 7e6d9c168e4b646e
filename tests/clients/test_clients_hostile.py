"""A config that nobody has by accident: texts without end, and references that never close, are refused at once."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pytest

from wizard import clients
from wizard.clients import addresses
from wizard.clients.base import ConfigClient
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
