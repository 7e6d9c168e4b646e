"""Roo Code, Windsurf, Zed, Kiro, LM Studio, Amazon Q: their files, what each makes of an entry, what it cannot."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from wizard import clients, export
from wizard.clients import places
from wizard.clients.base import ConfigClient
from wizard.clients.usual import UsualClient
from wizard.entries import OwnLogin, Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.secret import Secret

SLOT = Slot("token", "A_TOKEN")
REMOTE = RemotePlan("fleet", "https://e.test/mcp", {"Authorization": ("Bearer ", SLOT)})
STDIO = StdioPlan("faos", ("faos-mcp", "-v"), {"FAOS_API_TOKEN": (SLOT,)})
KEYS = {"zed": "context_servers"}
CODE = "Code/User/globalStorage"


def _client(id: str) -> UsualClient:
    found = clients.get(id)
    assert isinstance(found, UsualClient)
    return found


def _write(
    client: str, plan: RemotePlan | StdioPlan, how: str, secret: str = "", **more: Any
) -> dict[str, Any]:
    path = Path("f.json")
    given = {"token": Secret(secret or secrets.token_urlsafe())}
    change = export.prepare(plan, "c", client, project=False, path=path, how=how, secrets=given, **more)
    export.read_back(export.write(change))
    found = json.loads(path.read_text(encoding="utf-8"))[KEYS.get(client, "mcpServers")][plan.name]
    assert isinstance(found, dict)
    return found


def _file(client: str, **entries: Any) -> Path:
    path = Path("f.json").absolute()
    path.write_text(json.dumps({KEYS.get(client, "mcpServers"): entries}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("client", "linux", "darwin", "win32"),
    [
        *(
            (id, *(f"{root}/{CODE}/{rest}" for root in (".config", "Library/Application Support", "Roaming")))
            for id, rest in (
                ("roo", "rooveterinaryinc.roo-cline/settings/mcp_settings.json"),
                ("cline", "saoudrizwan.claude-dev/settings/cline_mcp_settings.json"),
            )
        ),
        ("windsurf", *[".codeium/windsurf/mcp_config.json"] * 3),
        ("zed", ".config/zed/settings.json", ".config/zed/settings.json", "Roaming/Zed/settings.json"),
        ("kiro", *[".kiro/settings/mcp.json"] * 3),
        ("lmstudio", *[".lmstudio/mcp.json"] * 3),
        ("amazonq", *[".aws/amazonq/agents/default.json"] * 3),
    ],
)
def test_the_first_of_its_files_on_each_system(client: str, linux: str, darwin: str, win32: str) -> None:
    wanted = {"linux": linux, "darwin": darwin, "win32": win32}
    for platform, path in wanted.items():
        environ = {"APPDATA": "/h/Roaming"} if platform == "win32" else {}
        assert places.own(_client(client).places, platform, Path("/h"), environ)[0] == Path("/h") / path


def test_zed_follows_xdg_on_linux_alone() -> None:
    for platform, wanted in {"linux": "/x", "darwin": "/h/.config"}.items():
        (path,) = places.own(_client("zed").places, platform, Path("/h"), {"XDG_CONFIG_HOME": "/x"})
        assert path == Path(wanted) / "zed/settings.json"


@pytest.mark.parametrize(
    ("client", "path"),
    [
        ("roo", ".roo/mcp.json"),
        ("zed", ".zed/settings.json"),
        ("kiro", ".kiro/settings/mcp.json"),
        ("amazonq", ".amazonq/mcp.json"),
        ("windsurf", None),
        ("lmstudio", None),
    ],
)
def test_its_file_for_a_project(client: str, path: str | None) -> None:
    assert clients.get(client).path(True) == (Path.cwd() / path if path else None)


def test_amazon_q_takes_the_default_agents_file_only_where_it_is(home: Path) -> None:
    assert clients.get("amazonq").path(False) == home / ".aws/amazonq/mcp.json"
    agent = home / ".aws/amazonq/agents/default.json"
    agent.parent.mkdir(parents=True)
    agent.write_text('{"name": "q"}', encoding="utf-8")
    assert clients.get("amazonq").path(False) == agent


@pytest.mark.parametrize(
    ("client", "how", "wanted"),
    [
        ("roo", "env", {"type": "streamable-http", "headers": {"Authorization": "Bearer ${env:A_TOKEN}"}}),
        ("windsurf", "env", {"headers": {"Authorization": "Bearer ${env:A_TOKEN}"}}),
        ("kiro", "env", {"headers": {"Authorization": "Bearer ${A_TOKEN}"}}),
        ("zed", "inline", {"headers": {"Authorization": "Bearer s-1"}}),
        ("lmstudio", "inline", {"headers": {"Authorization": "Bearer s-1"}}),
        ("amazonq", "inline", {"type": "http", "headers": {"Authorization": "Bearer s-1"}}),
    ],
)
def test_a_remote_entry(client: str, how: str, wanted: dict[str, object]) -> None:
    address = "serverUrl" if client == "windsurf" else "url"
    assert _write(client, REMOTE, how, "s-1") == {address: REMOTE.url, **wanted}


@pytest.mark.parametrize("client", ["zed", "lmstudio", "amazonq"])
def test_one_that_replaces_nothing_is_given_no_reference(client: str) -> None:
    for plan in (REMOTE, STDIO):
        assert "env" not in clients.get(client).ways(plan)


def test_kiro_is_given_a_reference_only_where_it_replaces_one() -> None:
    keyed = RemotePlan("k", REMOTE.url, query={"key": (SLOT,)})
    assert clients.get("kiro").ways(keyed) == ("inline",)


@pytest.mark.parametrize(
    ("client", "secret", "ways"),
    [
        ("roo", 'a"b', ["env"]),
        ("roo", "a\\b", ["env"]),
        ("roo", "a\tb", ["env"]),
        ("roo", "a${b", ["env", "inline"]),
        ("windsurf", "a${b", ["env", "inline"]),
        ("kiro", "a${b", ["env", "inline"]),
        ("amazonq", "a${env:b", ["inline"]),
    ],
)
def test_a_secret_that_it_would_change_is_refused(client: str, secret: str, ways: list[str]) -> None:
    for way in ways:
        with pytest.raises(UsageError) as refused:
            _write(client, STDIO, way, secret)
        assert refused.value.id == "secret-needs-another-way"
    assert not Path("f.json").exists()


@pytest.mark.parametrize("client", ["roo", "windsurf", "kiro", "zed", "lmstudio", "amazonq"])
def test_quotes_backslashes_and_dollars_go_inline_unchanged(client: str) -> None:
    secret = 'a"b\\c$d%e' + secrets.token_urlsafe()
    assert _write(client, STDIO, "inline", secret)["env"] == {"FAOS_API_TOKEN": secret}


REFERENCES = {"A": "${env:SET}", "B": "${env:GONE}", "C": "${SET}", "D": "${GONE}", "E": "$SET"}
AS_WRITTEN = dict(REFERENCES)


@pytest.mark.parametrize(
    ("client", "made"),
    [
        ("roo", {"A": "v/w"}),
        ("windsurf", {"A": "v\\w"}),
        ("kiro", {"C": "v\\w"}),
        ("zed", {}),
        ("lmstudio", {}),
        ("amazonq", {"A": "v\\w"}),
    ],
)
def test_what_it_makes_of_references(client: str, made: dict[str, str]) -> None:
    path = _file(client, a={"command": "c", "env": REFERENCES})
    entry, references = clients.get(client).effective(path, "a", {"SET": "v\\w"})
    assert isinstance(entry, Stdio)
    assert {n: v.reveal() for n, v in entry.env.items()} == {**AS_WRITTEN, **made}
    assert {r.place[4:] for r in references if r.state == "resolved"} == set(made)


def test_amazon_q_replaces_nothing_in_a_header() -> None:
    path = _file("amazonq", a={"type": "http", "url": REMOTE.url, "headers": {"A": "${env:SET}"}})
    entry, (reference,) = clients.get("amazonq").effective(path, "a", {"SET": "v"})
    assert isinstance(entry, Remote)
    assert (entry.headers["A"].reveal(), reference.state) == ("${env:SET}", "literal")


def test_kiro_says_that_a_variable_has_to_be_approved() -> None:
    path = _file("kiro", a={"url": REMOTE.url, "headers": {"A": "${SET}"}})
    notes = _client("kiro").read(path, "a", {"SET": "v"}).notes
    assert [n.fact for n in notes] == ["Kiro replaces `${SET}` in headers.A only if you have approved it."]


def test_kiro_is_not_given_an_address_in_the_clear() -> None:
    for url, refused in (("http://e.test/mcp", True), ("http://127.0.0.1:8/mcp", False)):
        plan = RemotePlan("fleet", url, REMOTE.headers)
        if refused:
            with pytest.raises(UsageError, match="not https"):
                _write("kiro", plan, "inline")
        else:
            _write("kiro", plan, "inline")


def test_windsurf_puts_a_files_content_in_and_replaces_nothing_within_it() -> None:
    Path("token").write_text("t${env:SET}", encoding="utf-8")
    header = f"Bearer ${{file:{Path('token').absolute()}}} ${{env:SET}} ${{file:/gone}}"
    path = _file("windsurf", a={"url": REMOTE.url, "headers": {"A": header}})
    entry, references = clients.get("windsurf").effective(path, "a", {"SET": "v"})
    assert isinstance(entry, Remote)
    assert entry.headers["A"].reveal() == "Bearer t${env:SET} v ${file:/gone}"
    assert [r.state for r in references] == ["resolved", "resolved", "unset"]


@pytest.mark.parametrize(
    ("client", "entry", "says"),
    [
        ("roo", {"type": "http", "url": REMOTE.url}, "does not know the type `http`"),
        ("roo", {"type": "sse", "url": "${env:URL}"}, "no whole address"),
        ("roo", {"url": REMOTE.url, "command": "c"}, "has `command`"),
        ("roo", {"command": "c", "headers": {}}, "has `headers`"),
        ("roo", {"command": "c", "env": {"A": 1}}, "not an object of texts"),
        ("roo", {"command": "c", "env": {"A": "${env:QUOTED}"}}, "QUOTED holds a quote"),
        ("roo", {"command": "c", "disabled": True}, "switched off"),
        ("zed", {"command": {"path": "c", "args": []}}, "older versions"),
        ("zed", {"settings": {}}, "no `command`"),
        ("zed", {"command": "c", "enabled": False}, "switched off"),
        ("kiro", {"command": "c", "disabled": True}, "switched off"),
        ("windsurf", {"serverUrl": 1}, "no `serverUrl`"),
        ("amazonq", {"url": REMOTE.url}, "without a `type`"),
        ("amazonq", {"type": "sse", "url": REMOTE.url}, "does not know the type `sse`"),
        ("lmstudio", {"command": "c", "args": "x"}, "not a list of texts"),
    ],
)
def test_an_entry_that_it_does_not_use(client: str, entry: dict[str, object], says: str) -> None:
    path = _file(client, a=entry)
    with pytest.raises(FileProblem, match=says):
        clients.get(client).effective(path, "a", {"QUOTED": 'a"b'})


def test_zed_starts_a_program_where_an_entry_has_both() -> None:
    path = _file("zed", a={"command": "c", "url": REMOTE.url})
    assert clients.get("zed").effective(path, "a", {})[0] == Stdio(("c",))


def test_roo_takes_an_address_without_a_type_for_the_older_transport() -> None:
    path = _file("roo", a={"url": REMOTE.url})
    assert clients.get("roo").effective(path, "a", {})[0] == Remote(REMOTE.url, transport="sse")


def test_roo_starts_a_projects_programs_in_the_project() -> None:
    path = Path(".roo/mcp.json").absolute()
    path.parent.mkdir()
    entry = {"command": "c", "args": ["${workspaceFolder}/x"]}
    path.write_text(json.dumps({"mcpServers": {"a": entry}}), encoding="utf-8")
    assert clients.get("roo").effective(path, "a", {})[0] == Stdio(
        ("c", f"{Path.cwd()}/x"), cwd=str(Path.cwd())
    )


def test_what_a_person_chose_stays_when_an_entry_is_written_anew() -> None:
    chosen = {"disabled": False, "timeout": 30, "alwaysAllow": ["x"]}
    _file("roo", fleet={"type": "sse", "url": "https://old.test", **chosen, "headers": {"X": "old"}})
    found = _write("roo", REMOTE, "env")
    assert {n: found[n] for n in chosen} == chosen
    assert found["headers"] == {"Authorization": "Bearer ${env:A_TOKEN}"}


def test_zeds_comments_and_other_settings_stay() -> None:
    before = (
        '{\n  // mine\n  "theme": "One",\n  "context_servers": {\n    "a": {"settings": {}}, // x\n  },\n}\n'
    )
    path = Path("f.json")
    path.write_text(before, encoding="utf-8")
    change = export.prepare(
        REMOTE, "c", "zed", project=False, path=path, how="inline", secrets={"token": Secret("s-1")}
    )
    export.read_back(export.write(change))
    assert "// mine" in path.read_text(encoding="utf-8")
    export.write(export.remove("fleet", "zed", project=False, path=path))
    assert path.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("client", "member", "wanted"),
    [
        ("zed", "oauth", {"client_id": "id-1"}),
        ("kiro", "oauth", {"clientId": "id-1", "redirectUri": "127.0.0.1:8123"}),
        ("kiro", "oauthScopes", ["a", "b"]),
        ("lmstudio", "auth", {"CLIENT_ID": "id-1"}),
    ],
)
def test_its_own_login_with_a_client_id(client: str, member: str, wanted: object) -> None:
    login = OwnLogin("id-1", 8123, ("a", "b"))
    plan = RemotePlan("fleet", REMOTE.url, REMOTE.headers, login=login)
    assert _write(client, plan, "oauth")[member] == wanted


def test_roo_and_pasted_clients_are_not_told_to_log_in_by_themselves() -> None:
    for id in ("roo", "jetbrains", "mcp-json"):
        assert clients.get(id).logs_in == ""


@pytest.mark.parametrize("client", ["roo", "windsurf", "kiro", "lmstudio", "amazonq"])
def test_a_file_with_a_comment_is_refused(client: str) -> None:
    path = Path("f.json")
    path.write_text('{"mcpServers": {}} // mine', encoding="utf-8")
    with pytest.raises(FileProblem, match="a comment"):
        _write(client, REMOTE, "inline")
    assert isinstance(clients.get(client), ConfigClient)
