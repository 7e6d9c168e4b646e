"""The real Claude Code reads what is written here, and the servers saw what they should."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wizard import export
from wizard.clients import programs
from wizard.entries import RemotePlan, Slot, StdioPlan
from wizard.secret import Secret

pytestmark = pytest.mark.real("claude")

SLOT = Slot("token", "SOME_SERVICE_TOKEN")


def _write(plan: Any, how: str, secret: Secret, *, project: bool) -> export.Written:
    change = export.prepare(
        plan, "some-connection", "claude-code", project=project, path=None, how=how, secrets={"token": secret}
    )
    return export.write(change)


@pytest.fixture
def stand_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Secret], None]:
    """An `authwizard` that knows one connection: the vault and the commands are other rooms' business."""

    def make(secret: Secret) -> None:
        store = home / "stand-in.secret"
        store.write_text(secret.reveal(), encoding="utf-8")
        store.chmod(0o600)
        script = home / "authwizard"
        script.write_text(
            f"#!{sys.executable}\n"
            "import json, os, sys\n"
            f"secret = open({str(store)!r}).read()\n"
            "if sys.argv[1:] == ['headers', 'some-connection']:\n"
            "    print(json.dumps({'Authorization': 'Bearer ' + secret}))\n"
            "elif sys.argv[1:4] == ['exec', 'some-connection', '--']:\n"
            "    env = {**os.environ, 'FAOS_API_URL': 'https://api.example', 'FAOS_API_TOKEN': secret}\n"
            "    os.execvpe(sys.argv[4], sys.argv[4:], env)\n"
            "else:\n    sys.exit(2)\n",
            encoding="utf-8",
        )
        script.chmod(0o700)
        monkeypatch.setattr(sys, "argv", [str(script)])
        assert programs.program() == (str(script),)

    return make


@pytest.mark.parametrize("project", [True, False])
@pytest.mark.parametrize("how", ["helper", "env", "inline"])
def test_a_remote_server_is_connected_and_got_the_header(
    how: str, project: bool, claude: Any, logging_server: Any, stand_in: Callable[[Secret], None]
) -> None:
    secret = Secret(secrets.token_urlsafe(32))
    stand_in(secret)
    value = ("Bearer ", SLOT)
    written = _write(
        RemotePlan("fleet-1", logging_server.url, {"Authorization": value}), how, secret, project=project
    )
    more = {SLOT.variable: secret.reveal()} if how == "env" else {}
    listed = claude(more)
    assert listed.connected("fleet-1"), listed.text.replace(secret.reveal(), "SECRET")
    assert logging_server.seen
    assert all(seen.get("authorization") == f"Bearer {secret.reveal()}" for seen in logging_server.seen)
    entry = export.read_back(written)
    assert {n.lower(): v for n, v in entry.headers.items()} == {"authorization": secret.map("Bearer ")}


@pytest.mark.parametrize("project", [True, False])
@pytest.mark.parametrize("how", ["helper", "env", "inline"])
def test_a_stdio_server_is_connected_and_got_its_environment(
    how: str, project: bool, claude: Any, logging_child: Any, stand_in: Callable[[Secret], None]
) -> None:
    secret = Secret(secrets.token_urlsafe(32))
    stand_in(secret)
    env = {"FAOS_API_URL": ("https://api.example",), "FAOS_API_TOKEN": (SLOT,)}
    _write(StdioPlan("faos_prod", logging_child.command, env), how, secret, project=project)
    listed = claude({SLOT.variable: secret.reveal()} if how == "env" else {})
    assert listed.connected("faos_prod"), listed.text.replace(secret.reveal(), "SECRET")
    seen = logging_child.environ()
    assert (seen["FAOS_API_URL"], seen["FAOS_API_TOKEN"]) == ("https://api.example", secret.reveal())


def test_an_unset_variable_is_sent_as_it_stands_as_the_reading_says(claude: Any, logging_server: Any) -> None:
    plan = RemotePlan("fleet", logging_server.url, {"Authorization": ("Bearer ", SLOT)})
    written = _write(plan, "env", Secret(secrets.token_urlsafe()), project=True)
    claude()
    sent = logging_server.seen[0]["authorization"]
    assert export.read_back(written, {}).headers["Authorization"] == Secret(sent)


def test_values_are_expanded_twice_as_the_reading_says(claude: Any, logging_server: Any, home: Path) -> None:
    Path(".mcp.json").write_text(
        json.dumps(
            {
                "mcpServers": {
                    "x": {
                        "type": "streamable-http",
                        "url": logging_server.url,
                        "headers": {
                            "X-Twice": "${OUTER}",
                            "X-Default": "${NOT_SET:-fallback}",
                            "X-Foreign": "${env:OUTER}",
                            "X-Bare": "$OUTER",
                        },
                    }
                }
            }
        ),
        encoding="utf-8",
    )
    environ = {"OUTER": "a${INNER}b", "INNER": "c"}
    claude(environ)
    from wizard import clients

    entry, _ = clients.get("claude-code").effective(Path(".mcp.json"), "x", environ)
    for name, value in entry.headers.items():
        assert logging_server.seen[0][name.lower()] == value.reveal(), name


@pytest.mark.parametrize(
    "content",
    [
        '{"mcpServers": {"a": {"url": "http://127.0.0.1:9/mcp"}}}',
        '{"mcpServers": {"a": {"type": "streamableHttp", "url": "http://127.0.0.1:9/mcp"}}}',
        '{"servers": {"a": {"type": "http", "url": "http://127.0.0.1:9/mcp"}}}',
        '{"mcpServers": {"a": {"type": "http", "url": "http://127.0.0.1:9/mcp"},}}',
        '{"mcpServers": {"a": {"type": "http", "url": "http://127.0.0.1:9/mcp"}}} // note',
    ],
)
def test_what_is_called_skipped_or_ignored_is_so(content: str, claude: Any) -> None:
    from wizard import clients
    from wizard.errors import FileProblem

    Path(".mcp.json").write_text(content, encoding="utf-8")
    assert claude().verdict("a") == ""
    with pytest.raises(FileProblem):
        clients.get("claude-code").effective(Path(".mcp.json"), "a", {})
