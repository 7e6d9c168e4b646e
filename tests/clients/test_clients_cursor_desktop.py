"""Cursor and Claude Desktop: their files, their own references, and the bridge that they start."""

from __future__ import annotations

import json
import secrets
import shutil
from pathlib import Path

import pytest

from wizard import clients, export
from wizard.clients import bridge, places, programs
from wizard.clients.known.claude_desktop import ClaudeDesktop
from wizard.entries import Reference, Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.secret import Secret

SLOT = Slot("token", "A_TOKEN")
REMOTE = RemotePlan(
    "fleet", "https://example.test/mcp", {"Authorization": ("Bearer ", SLOT), "X-Tenant": ("t 1",)}
)
KEYED = RemotePlan("keyed", "https://example.test/mcp", query={"key": (SLOT,)})
STDIO = StdioPlan("faos", ("faos-mcp",), {"FAOS_API_TOKEN": (SLOT,), "FAOS_API_URL": ("https://a.test",)})
OPEN = RemotePlan("open", "https://example.test/mcp")


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Node.js is on this machine: the form is judged here, and nothing is started."""
    which = shutil.which
    monkeypatch.setattr(
        shutil, "which", lambda name, *a, **k: f"/bin/{name}" if name == "npx" else which(name, *a, **k)
    )


@pytest.fixture
def no_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Node.js is not on this machine."""
    which = shutil.which
    monkeypatch.setattr(
        shutil, "which", lambda name, *a, **k: None if name == "npx" else which(name, *a, **k)
    )


def _write(plan: RemotePlan | StdioPlan, client: str, how: str | None, secret: Secret) -> export.Written:
    path = Path("config.json")
    change = export.prepare(plan, "c", client, project=False, path=path, how=how, secrets={"token": secret})
    return export.write(change)


def _entry(name: str) -> dict[str, object]:
    found = json.loads(Path("config.json").read_text(encoding="utf-8"))["mcpServers"][name]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("platform", "environ", "wanted"),
    [
        ("linux", {}, "/h/.config/Claude"),
        ("linux", {"XDG_CONFIG_HOME": "/x"}, "/x/Claude"),
        ("darwin", {}, "/h/Library/Application Support/Claude"),
        ("win32", {"APPDATA": "/h/Roaming"}, "/h/Roaming/Claude"),
        ("win32", {}, "/h/AppData/Roaming/Claude"),
    ],
)
def test_the_desktops_folder_on_each_system(platform: str, environ: dict[str, str], wanted: str) -> None:
    (path,) = places.own(ClaudeDesktop.places, platform, Path("/h"), environ)
    assert path == Path(wanted) / "claude_desktop_config.json"


def test_cursor_has_a_file_for_a_project_and_one_for_a_person(home: Path) -> None:
    cursor = clients.get("cursor")
    assert cursor.path(True) == Path.cwd() / ".cursor" / "mcp.json"
    assert cursor.path(False) == home / ".cursor" / "mcp.json"


def test_cursor_refers_to_a_variable_in_its_own_syntax_and_writes_no_type() -> None:
    secret = Secret(secrets.token_urlsafe())
    written = _write(REMOTE, "cursor", "env", secret)
    headers = {"Authorization": "Bearer ${env:A_TOKEN}", "X-Tenant": "t 1"}
    assert _entry("fleet") == {"url": REMOTE.url, "headers": headers}
    assert export.read_back(written) == Remote(
        REMOTE.url, {"Authorization": secret.map("Bearer "), "X-Tenant": Secret("t 1")}
    )
    assert written.change.proof_after == "restart"


def test_an_older_transport_that_the_entry_does_not_name_is_no_other_entry() -> None:
    secret = Secret(secrets.token_urlsafe())
    plan = RemotePlan("old", "https://example.test/sse", {"A": (SLOT,)}, "sse")
    written = _write(plan, "cursor", "env", secret)
    assert export.read_back(written) == Remote(plan.url, {"A": secret})


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize("client", ["cursor", "vscode", "claude-desktop"])
def test_a_remote_servers_secret_comes_by_the_bridge_and_never_in_an_argument(client: str) -> None:
    secret = Secret(secrets.token_urlsafe())
    written = _write(REMOTE, client, "helper", secret)
    text = Path("config.json").read_text(encoding="utf-8")
    assert secret.reveal() not in text
    key = "servers" if client == "vscode" else "mcpServers"
    entry = json.loads(text)[key]["fleet"]
    command = (entry["command"], *entry["args"])
    assert command == programs.exec_command(
        "c",
        (
            *("npx", "-y", bridge.PACKAGE, REMOTE.url, "--transport", "http-only"),
            *(
                "--header",
                "Authorization:${AUTHWIZARD_AUTHORIZATION}",
                "--header",
                "X-Tenant:${AUTHWIZARD_X_TENANT}",
            ),
        ),
    )
    assert "env" not in entry
    assert isinstance(export.read_back(written), Stdio)


@pytest.mark.usefixtures("node")
def test_the_desktop_holds_it_inline_only_in_the_environment_and_the_file_is_private() -> None:
    secret = Secret(secrets.token_urlsafe())
    _write(REMOTE, "claude-desktop", "inline", secret)
    entry = _entry("fleet")
    assert entry["command"] == "npx"
    assert secret.reveal() not in json.dumps(entry["args"])
    assert entry["env"] == {
        "AUTHWIZARD_AUTHORIZATION": f"Bearer {secret.reveal()}",
        "AUTHWIZARD_X_TENANT": "t 1",
    }
    assert Path("config.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("no_node")
def test_without_node_the_bridge_is_refused_and_another_way_is_taken() -> None:
    secret = Secret(secrets.token_urlsafe())
    with pytest.raises(UsageError) as refused:
        _write(REMOTE, "cursor", "helper", secret)
    assert refused.value.id == "bridge-needs-node"
    assert _write(REMOTE, "cursor", None, secret).change.how == "env"
    with pytest.raises(UsageError) as refused:
        _write(REMOTE, "claude-desktop", None, secret)
    assert refused.value.id == "bridge-needs-node"


@pytest.mark.usefixtures("node")
def test_a_key_in_the_address_does_not_go_by_the_bridge() -> None:
    secret = Secret(secrets.token_urlsafe())
    for client in ("cursor", "claude-desktop", "vscode"):
        with pytest.raises(UsageError) as refused:
            _write(KEYED, client, "helper", secret)
        assert refused.value.id in ("way-not-possible", "client-cannot")
    _write(KEYED, "cursor", "env", secret)
    assert _entry("keyed") == {"url": "https://example.test/mcp?key=${env:A_TOKEN}"}


@pytest.mark.parametrize(("client", "how"), [("cursor", "helper"), ("claude-desktop", "helper")])
def test_a_stdio_server_is_started_by_the_helper(client: str, how: str) -> None:
    secret = Secret(secrets.token_urlsafe())
    written = _write(STDIO, client, how, secret)
    assert "env" not in _entry("faos")
    assert export.read_back(written) == Stdio(programs.exec_command("c", ("faos-mcp",)))


def test_the_desktop_has_no_file_of_a_project() -> None:
    with pytest.raises(UsageError) as refused:
        export.prepare(STDIO, "c", "claude-desktop", project=True, path=None, how=None, secrets={})
    assert refused.value.id == "client-cannot"


@pytest.mark.usefixtures("node")
def test_an_open_server_needs_no_secret_and_no_helper() -> None:
    for client in ("cursor", "claude-desktop"):
        change = export.prepare(
            OPEN, "c", client, project=False, path=Path("config.json"), how=None, secrets={}
        )
        export.write(change)
        assert change.references == ()
    assert _entry("open") == {
        "command": "npx",
        "args": ["-y", bridge.PACKAGE, OPEN.url, "--transport", "http-only"],
    }


def test_what_each_makes_of_a_reference() -> None:
    Path("config.json").write_text(
        json.dumps(
            {
                "mcpServers": {
                    "a": {
                        "url": "https://x.test",
                        "headers": {"A": "${env:SET}", "B": "${env:NOT}", "C": "${NOT}"},
                    },
                    "b": {"command": "x", "env": {"A": "${SET}"}},
                    "c": {"url": "https://x.test"},
                }
            }
        ),
        encoding="utf-8",
    )
    path = Path("config.json").absolute()
    entry, references = clients.get("cursor").effective(path, "a", {"SET": "v"})
    assert entry == Remote(
        "https://x.test", {"A": Secret("v"), "B": Secret("${env:NOT}"), "C": Secret("${NOT}")}
    )
    assert [(r.written, r.state) for r in references] == [
        ("${env:SET}", "resolved"),
        ("${env:NOT}", "unset"),
        ("${NOT}", "literal"),
    ]
    entry, references = clients.get("claude-desktop").effective(path, "b", {"SET": "v"})
    assert entry == Stdio(("x",), {"A": Secret("${SET}")})
    assert references == (Reference("env.A", "${SET}", "literal"),)
    with pytest.raises(FileProblem, match="starts programs only"):
        clients.get("claude-desktop").effective(path, "c", {})


@pytest.mark.parametrize("mark", ["env", "inline"])
def test_cursors_variable_mark_in_a_secret_is_refused(mark: str) -> None:
    with pytest.raises(UsageError) as refused:
        _write(REMOTE, "cursor", mark, Secret("a${b}"))
    assert refused.value.id == "secret-needs-another-way"


def test_what_goes_by_the_bridge_is_read_as_the_remote_server_that_it_reaches() -> None:
    secret = Secret(secrets.token_urlsafe())
    entry = Stdio(
        (
            "npx",
            "-y",
            "mcp-remote",
            "https://x.test/sse",
            "3334",
            "--transport",
            "sse-only",
            "--header",
            "A:Bearer ${T}",
            "--header",
            "B: c",
            "--host",
            "localhost",
        ),
        {"T": secret},
    )
    assert bridge.read(entry) == Remote(
        "https://x.test/sse", {"A": secret.map("Bearer "), "B": Secret("c")}, "sse"
    )
    lacking = Stdio(("npx", "mcp-remote@latest", "https://x.test/mcp", "--header", "A:${GONE}"))
    assert bridge.read(lacking, {"OTHER": "x"}) == Remote("https://x.test/mcp", {"A": Secret("${GONE}")})
    assert bridge.read(Stdio(("npx", "-y", "other"))) is None


def test_those_that_are_on_this_machine_are_offered_first(home: Path) -> None:
    (home / ".cursor").mkdir()
    found = [client.found() for client in clients.offered()]
    assert found == sorted(found, reverse=True)
    assert "cursor" in [client.id for client in clients.offered() if client.found()]
