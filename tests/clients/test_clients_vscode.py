"""VS Code's files: prompts, comments, and where they are on each system."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest

from wizard import clients, export
from wizard.clients import places
from wizard.clients.known.vscode import VSCode
from wizard.entries import Reference, Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.secret import Secret

VSCODE = clients.get("vscode")
SLOT = Slot("token", "A_TOKEN")
REMOTE = RemotePlan("fleet", "https://example.test/mcp", {"Authorization": ("Bearer ", SLOT)})
STDIO = StdioPlan("faos", ("faos-mcp",), {"FAOS_API_TOKEN": (SLOT,)})


def _write(plan: RemotePlan | StdioPlan, how: str | None, secret: Secret) -> export.Written:
    change = export.prepare(plan, "c", "vscode", project=True, path=None, how=how, secrets={"token": secret})
    return export.write(change)


@pytest.mark.parametrize(
    ("platform", "environ", "wanted"),
    [
        ("linux", {}, "/h/.config/Code/User"),
        ("linux", {"XDG_CONFIG_HOME": "/x"}, "/x/Code/User"),
        ("darwin", {"XDG_CONFIG_HOME": "/x"}, "/h/Library/Application Support/Code/User"),
        ("win32", {"APPDATA": "/h/Roaming"}, "/h/Roaming/Code/User"),
        ("win32", {}, "/h/AppData/Roaming/Code/User"),
    ],
)
def test_its_folder_on_each_system(platform: str, environ: dict[str, str], wanted: str) -> None:
    (path,) = places.own(VSCode.places, platform, Path("/h"), environ)
    assert path == Path(wanted) / "mcp.json"


def test_a_prompt_is_hidden_unique_and_used_again() -> None:
    other = {"type": "promptString", "id": "fleet-token", "description": "somebody else's"}
    path = Path(".vscode/mcp.json")
    path.parent.mkdir()
    path.write_text(
        '{\n  // mine\n  "inputs": [\n    ' + json.dumps(other) + ",\n  ],\n}\n", encoding="utf-8"
    )
    secret = Secret(secrets.token_urlsafe())
    written = _write(REMOTE, None, secret)
    assert written.change.how == "prompt"
    text = path.read_text(encoding="utf-8")
    assert "// mine" in text
    document = VSCODE.document(text.encode(), "f")  # type: ignore[attr-defined]  # a JSON client's own
    inputs = document.value["inputs"]
    assert inputs[0] == other
    assert (inputs[1]["id"], inputs[1]["password"]) == ("fleet-token-2", True)
    headers = document.value["servers"]["fleet"]["headers"]
    assert headers == {"Authorization": "Bearer ${input:fleet-token-2}"}
    assert export.read_back(written) == Remote(REMOTE.url, {"Authorization": secret.map("Bearer ")})
    again = export.prepare(
        REMOTE, "c", "vscode", project=True, path=None, how=None, secrets={"token": secret}
    )
    assert not again.changed


def test_taking_the_entry_out_takes_its_prompt_along_and_nothing_else() -> None:
    path = Path(".vscode/mcp.json")
    path.parent.mkdir()
    before = '{\n  "inputs": [\n    {"id": "x"} // x\n  ],\n  "servers": {\n    "a": {"url": "x:"}\n  }\n}\n'
    path.write_text(before, encoding="utf-8")
    _write(REMOTE, "prompt", Secret(secrets.token_urlsafe()))
    assert path.read_text(encoding="utf-8") != before
    export.write(export.remove("fleet", "vscode", project=True, path=None))
    assert path.read_text(encoding="utf-8") == before


def test_a_stdio_server_is_started_by_the_helper() -> None:
    written = _write(STDIO, None, Secret(secrets.token_urlsafe()))
    entry = export.read_back(written)
    assert isinstance(entry, Stdio)
    assert entry.command[-4:] == ("exec", "c", "--", "faos-mcp")
    assert not entry.env


def test_variables_are_its_own_and_an_unset_one_becomes_nothing() -> None:
    env = {"A": "${env:SET}", "B": "${env:UNSET}", "C": "${SET}", "D": "${input:ask}"}
    path = Path("mcp.json")
    path.write_text(json.dumps({"servers": {"s": {"command": "c", "env": env}}}) + "// ok", encoding="utf-8")
    entry, references = VSCODE.effective(path, "s", {"SET": "v"})
    assert isinstance(entry, Stdio)
    assert {n: v.reveal() for n, v in entry.env.items()} == {
        "A": "v",
        "B": "",
        "C": "${SET}",
        "D": "${input:ask}",
    }
    assert references == (
        Reference("env.A", "${env:SET}", "resolved", "SET"),
        Reference("env.B", "${env:UNSET}", "empty", "UNSET"),
        Reference("env.C", "${SET}", "literal"),
        Reference("env.D", "${input:ask}", "asked", "input:ask"),
    )


def test_the_key_of_another_client_is_named() -> None:
    Path("mcp.json").write_text('{"mcpServers": {"s": {}}}', encoding="utf-8")
    with pytest.raises(FileProblem, match="`mcpServers` where VS Code wants `servers`"):
        VSCODE.servers(Path("mcp.json"))


@pytest.mark.parametrize("how", ["env", "inline"])
def test_its_variable_mark_in_a_secret_is_refused(how: str) -> None:
    with pytest.raises(UsageError, match=r"\$\{"):
        _write(STDIO, how, Secret("a${b"))
    assert not Path(".vscode").exists()


def test_a_desktop_program_sees_a_new_variable_after_a_restart() -> None:
    secret = {"token": Secret(secrets.token_urlsafe())}
    change = export.prepare(REMOTE, "c", "vscode", project=True, path=None, how="env", secrets=secret)
    assert change.proof_after == "restart"
