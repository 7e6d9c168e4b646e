"""A reference that came to nothing: the steps are for this client, in its own form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.running import Run

from sandbox.practice import Practice

pytestmark = pytest.mark.slow

_FILES = {
    "cursor": ".cursor/mcp.json",
    "claude-code": ".mcp.json",
    "vscode": ".vscode/mcp.json",
    "zed": ".zed/settings.json",
}
_KEYS = {"vscode": "servers", "zed": "context_servers"}


def _steps(run: Run, services: Practice, client: str, written: str) -> list[str]:
    entry = {"url": services.services["fleet"].url, "headers": {"Authorization": f"Bearer {written}"}}
    _put(client, entry if client in ("cursor", "zed") else {"type": "http", **entry})
    (first, *_) = run("doctor", f"{client}:mine", "--json").json["findings"]
    assert first["cause"] == "unexpanded-variable-literal"
    return list(first["fix"])


def _put(client: str, entry: object) -> None:
    place = Path(_FILES[client])
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps({_KEYS.get(client, "mcpServers"): {"mine": entry}}))
    place.chmod(0o600)


@pytest.mark.parametrize(
    ("client", "written", "own"),
    [
        ("cursor", "${MY_UNSET_TOKEN}", "`${env:MY_UNSET_TOKEN}`"),
        ("cursor", "$MY_UNSET_TOKEN", "`${env:MY_UNSET_TOKEN}`"),
        ("cursor", "${{ secrets.MY_UNSET_TOKEN }}", "`${env:MY_UNSET_TOKEN}`"),
        ("cursor", "${input:my-token}", "`${env:NAME}`"),
        ("claude-code", "{env:MY_UNSET_TOKEN}", "`${MY_UNSET_TOKEN}`"),
        ("claude-code", "%MY_UNSET_TOKEN%", "`${MY_UNSET_TOKEN}`"),
        ("vscode", "${MY_UNSET_TOKEN}", "`${env:MY_UNSET_TOKEN}`"),
    ],
)
def test_a_form_that_it_does_not_know_is_to_be_written_in_its_own(
    client: str, written: str, own: str, run: Run, services: Practice
) -> None:
    (step,) = _steps(run, services, client, written)
    assert step.startswith(f"Write {own}")
    assert "headers.Authorization" in step


def test_what_it_knows_is_to_be_set(run: Run, services: Practice) -> None:
    first, second = _steps(run, services, "cursor", "${env:MY_UNSET_TOKEN}")
    assert first.startswith("Set MY_UNSET_TOKEN where Cursor is started")
    assert second.endswith("authwizard setup fleet --name mine --client cursor --project")


def test_a_client_that_replaces_nothing_says_so(run: Run, services: Practice) -> None:
    (step,) = _steps(run, services, "zed", "${MY_UNSET_TOKEN}")
    assert step.startswith("Zed replaces no variable in headers.Authorization")
    assert step.endswith("authwizard setup fleet --name mine --client zed --project")


def test_what_the_bridge_replaces_may_stand_in_the_entrys_env(run: Run, services: Practice) -> None:
    url = services.services["fleet"].url
    words = ["-y", "mcp-remote", url, "--header", "Authorization:${MY_UNSET_TOKEN}"]
    _put("cursor", {"command": "npx", "args": words})
    (first, *_) = run("doctor", "cursor:mine", "--json").json["findings"]
    assert first["fix"][0].startswith("Set MY_UNSET_TOKEN in the entry's `env`")
