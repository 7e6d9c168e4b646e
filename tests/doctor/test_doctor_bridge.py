"""An entry that goes by mcp-remote is diagnosed as the remote server that it reaches."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest

from commands.main import main
from sandbox import practice


def _cursor(url: str, header: str, **env: str) -> None:
    place = Path(".cursor/mcp.json")
    place.parent.mkdir()
    words = ["-y", "mcp-remote", url, "--header", header]
    entry = {"command": "npx", "args": words, "env": env}
    place.write_text(json.dumps({"mcpServers": {"fleet": entry}}), encoding="utf-8")


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        ("Authorization:${NOT_SET}", "unexpanded-variable-literal"),
        ("Authorization:${AUTH}", "token-not-recognised"),
        ("Authorization:Bearer ${AUTH}", "args-space-split"),
    ],
)
def test_its_headers_are_judged_as_the_bridge_sends_them(
    header: str, cause: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with practice.start() as running:
        _cursor(running.services["fleet"].url, header, AUTH=f"Bearer {secrets.token_urlsafe(24)}")
        code = main(["doctor", "cursor:fleet", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["findings"][0]["cause"]) == (1, cause)


def test_a_good_one_is_healthy(capsys: pytest.CaptureFixture[str]) -> None:
    with practice.start() as running:
        fleet = running.services["fleet"]
        auth = f"Bearer {fleet.credentials['token'].reveal()}"
        _cursor(fleet.url, "Authorization:${AUTH}", AUTH=auth)
        code = main(["doctor", "cursor:fleet", "--json"])
    out = capsys.readouterr().out
    assert (code, json.loads(out)["verdict"]) == (0, "healthy")
    assert fleet.credentials["token"].reveal() not in out
