"""``authwizard import CLIENT[:SERVER]``: shown, agreed, saved; then it can be written elsewhere."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.judging import child
from support.keeping import found_in
from support.running import Put, Run

from sandbox.practice import Practice
from wizard import connections

URL = "https://notion.example.com/mcp"
TOKEN = f"t0{secrets.token_urlsafe(24)}"


def put_json(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), "utf-8")
    return path


def cursor(home: Path, **servers: Any) -> Path:
    return put_json(home / ".cursor/mcp.json", {"mcpServers": servers})


def test_looked_at_first_and_agreed(home: Path, run: Run) -> None:
    cursor(home, notion={"url": URL, "headers": {"Authorization": f"Bearer {TOKEN}"}})
    dry = run("import", "cursor", "--dry-run", "--json")
    assert (dry.code, dry.json["connections"][0]["secrets"]) == (0, [{"field": "token", "kept_in": None}])
    refused = run("import", "cursor:notion", "--json")
    assert (refused.code, refused.json["error"]["id"]) == (2, "not-agreed")
    assert connections.load_all() == ()
    assert run("import", "cursor:other", "--yes").code == 2
    assert run("import", "cursor:notion", "--yes", "--name", "a.b").code == 2
    assert run("import", "cursor", "--yes", "--name", "ab").code == 2
    assert run("import", "cursor", "--env", ".env").code == 2
    assert run("import", "cline2").code == 2


@pytest.mark.row("U5")
def test_a_literal_secret_moves_into_the_store_and_the_answer_says_where_it_still_stands(
    home: Path, run: Run
) -> None:
    path = cursor(home, notion={"url": URL, "headers": {"Authorization": f"Bearer {TOKEN}"}})
    before = path.read_bytes()
    done = run("import", "cursor:notion", "--yes", "--store", "file", "--json")
    [made] = done.json["connections"]
    assert done.code == 0
    assert (made["name"], made["service"], made["url"], made["method"]) == ("notion", "mcp", URL, "bearer")
    assert made["still_there"] == [{"field": "token", "path": str(path)}]
    assert made["replace_with"] == "authwizard export notion --client cursor"
    assert path.read_bytes() == before
    [reference] = [s["kept_in"] for s in made["secrets"]]
    kept = Path(reference.removeprefix("file:"))
    assert not found_in([TOKEN], home, done.out, done.err, but=(".cursor", str(kept)))
    again = run("import", "cursor:notion", "--yes", "--store", "file")
    assert (again.code, "is there already" in again.out, TOKEN in again.out) == (0, True, False)


@pytest.mark.row("G5")
@pytest.mark.row("U5")
@pytest.mark.slow
def test_a_server_is_carried_from_one_client_to_others(
    home: Path, run: Run, services: Practice, put: Put
) -> None:
    site = services.services["mcp"]
    variable = put(site.credentials["token"]).removeprefix("env:")
    cursor(home, one={"url": site.url, "headers": {"Authorization": f"Bearer ${{env:{variable}}}"}})
    assert run("import", "cursor:one", "--yes").code == 0
    assert run("doctor", "one").code == 0
    for client in ("claude-code", "vscode"):
        assert run("export", "one", "--client", client, "--project", "--secrets", "env", "--yes").code == 0
    claude = json.loads((home / "project/.mcp.json").read_text())["mcpServers"]["one"]
    assert claude["headers"] == {"Authorization": f"Bearer ${{{variable}}}"}
    code = json.loads((home / "project/.vscode/mcp.json").read_text())["servers"]["one"]
    assert code["headers"] == {"Authorization": f"Bearer ${{env:{variable}}}"}
    back = run("import", "vscode:one", "--yes", "--json")
    assert [(c["name"], c["changed"]) for c in back.json["connections"]] == [("one", False)]


def test_a_helper_of_ours_is_the_connection(home: Path, run: Run, put: Put) -> None:
    url = "http://127.0.0.1:9/mcp"
    connections.save(connections.Connection("notion", "mcp", "own", url, "bearer", {}, {"token": put(TOKEN)}))
    for client, how in (("claude-code", "helper"), ("vscode", "prompt")):
        run("export", "notion", "--client", client, "--yes", "--secrets", how)
        seen = run("import", client, "--yes", "--json")
        assert (seen.code, seen.json["connections"]) == (0, []), client
        assert [p["id"] for p in seen.json["problems"]] == ["already-a-connection"], client
    connections.remove("notion")
    gone = run("import", "claude-code", "--yes", "--json")
    assert (gone.code, [p["id"] for p in gone.json["problems"]]) == (1, ["connection-gone"])


def test_a_foreign_helper_is_not_run(home: Path, run: Run) -> None:
    touched = home / "it-ran"
    script = home / "helper.py"
    printed = json.dumps({"Authorization": f"Bearer {TOKEN}"})
    script.write_text(f"import pathlib\npathlib.Path({str(touched)!r}).touch()\nprint({printed!r})\n")
    command = f"python3 {script}"
    put_json(
        home / ".claude.json", {"mcpServers": {"n": {"type": "http", "url": URL, "headersHelper": command}}}
    )
    done = run("import", "claude-code:n", "--yes", "--json")
    [made] = done.json["connections"]
    assert (made["method"], made["secrets"]) == (
        "token_command",
        [{"field": "token", "kept_in": f"cmd:{command}"}],
    )
    assert "not run" in done.json["problems"][0]["says"]
    assert command in done.json["problems"][0]["says"]
    assert not touched.exists()
    assert connections.secrets_of(connections.get("n"))["token"].reveal() == TOKEN


def test_what_a_client_asks_for_has_to_be_given(
    home: Path, run: Run, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = [{"type": "promptString", "id": "key", "description": "Key", "password": True}]
    entry = {"type": "http", "url": URL, "headers": {"X-Api-Key": "${input:key}"}}
    put_json(home / "project/.vscode/mcp.json", {"inputs": inputs, "servers": {"n": entry}})
    dry = run("import", "vscode", "--dry-run", "--json").json["connections"]
    assert [c["wanted"] for c in dry] == [["header.X-Api-Key"]]
    refused = run("import", "vscode:n", "--yes", "--json")
    assert (refused.code, refused.json["error"]["id"]) == (2, "secret-missing")
    assert "--secret header.X-Api-Key=SOURCE" in refused.json["error"]["fix"][0]
    wrong = run("import", "vscode:n", "--yes", "--secret", "header.X-Api=env:HOME", "--json")
    assert wrong.json["error"]["id"] == "unknown-field"
    assert "header.X-Api-Key" in wrong.json["error"]["detail"]
    bare = run("import", "vscode:n", "--yes", "--secret", f"header.X-Api-Key={TOKEN}", "--json")
    assert (bare.code, TOKEN in bare.out) == (2, False)
    source = put(TOKEN)
    assert run("import", "vscode:n", "--yes", "--secret", f"header.X-Api-Key={source}").code == 0
    assert connections.get("n").secrets == {"header.X-Api-Key": source}


def test_on_a_terminal_it_asks(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    cursor(home, notion={"url": URL})
    for typed, code, names in (("n\n", 2, []), ("y\n", 0, ["notion"])):
        stdin = io.StringIO(typed)
        stdin.isatty = lambda: True  # type: ignore[method-assign]  # a terminal
        monkeypatch.setattr(sys, "stdin", stdin)
        seen = run("import", "cursor")
        assert (seen.code, [c.name for c in connections.load_all()]) == (code, names)
        assert "Save notion? [y/N]" in seen.err


def test_on_a_terminal_it_asks_for_what_only_the_person_knows(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    import getpass
    import io

    inputs = [{"type": "promptString", "id": "key", "description": "Key", "password": True}]
    headers = {"Authorization": "Bearer ${input:key}", "X-Api-Key": f"k{TOKEN}"}
    entry = {"type": "http", "url": URL, "headers": headers}
    put_json(home / "project/.vscode/mcp.json", {"inputs": inputs, "servers": {"n": entry}})
    stdin = io.StringIO("y\n")
    stdin.isatty = lambda: True  # type: ignore[method-assign]  # a terminal
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(getpass, "getpass", lambda _: TOKEN)
    seen = run("import", "vscode:n", "--store", "file")
    assert seen.code == 0, seen.err
    assert "header.Authorization is needed; its client asks for it" in seen.err
    held = connections.secrets_of(connections.get("n"))
    assert held["header.Authorization"].reveal() == f"Bearer {TOKEN}"
    assert TOKEN not in seen.out + seen.err


def test_of_one_name_the_entry_counts_that_its_client_uses(home: Path, run: Run) -> None:
    own, project = f"{URL}/own", f"{URL}/project"
    put_json(home / ".claude.json", {"mcpServers": {"n": {"type": "http", "url": own}}})
    put_json(home / "project/.mcp.json", {"mcpServers": {"n": {"type": "http", "url": project}}})
    seen = run("import", "claude-code", "--dry-run", "--json").json
    assert [c["url"] for c in seen["connections"]] == [project]
    assert [p["id"] for p in seen["problems"]] == ["entry-hidden"]
    path = str(home / ".claude.json")
    other = run("import", "claude-code", "--path", path, "--dry-run", "--json").json
    assert ([c["url"] for c in other["connections"]], other["file"]) == ([own], path)


def test_files_that_cannot_be_read(home: Path, run: Run) -> None:
    assert run("import", "cursor", "--dry-run", "--json").json["error"]["id"] == "nothing-to-import"
    assert run("import", "curl", "--dry-run").code == 2
    path = cursor(home, notion={"url": URL})
    path.write_text("{ not json")
    broken = run("import", "cursor", "--dry-run", "--json")
    assert (broken.code, broken.json["problems"][0]["severity"]) == (1, "error")
    assert run("import", "cursor:notion", "--dry-run").code == 1
    assert run("import", "cursor", "--path", str(home / "no.json")).code == 1


def test_nothing_can_be_set_up_that_only_an_import_makes(run: Run) -> None:
    refused = run("setup", "program", "--yes", "--json")
    assert (refused.code, refused.json["error"]["id"]) == (2, "unknown-service")
    assert "program" not in [s["id"] for s in run("services", "--json").json["services"]]


@pytest.mark.slow
@pytest.mark.row("U5")
def test_a_program_is_tested_and_started_with_its_variables(
    home: Path, tmp_path: Path, run: Run, put: Put
) -> None:
    command, log = child(tmp_path)
    source = put(TOKEN)
    env = {"ACME_TOKEN": f"${{env:{source.removeprefix('env:')}}}", "LOG_LEVEL": "debug"}
    cursor(home, acme={"command": command[0], "args": list(command[1:]), "env": env})
    done = run("import", "cursor:acme", "--yes", "--json")
    assert (done.code, done.json["connections"][0]["service"]) == (0, "program"), done.out
    tested = run("test", "acme", "--json")
    assert (tested.code, tested.json["ok"]) == (0, True), tested.out
    assert json.loads(log.read_text())["ACME_TOKEN"] == TOKEN
    assert run("doctor", "acme", "--start", "--json").json["verdict"] == "healthy"
    words = (sys.executable, "-c", "import os; print(os.environ['ACME_TOKEN'] + os.environ['LOG_LEVEL'])")
    started = subprocess.run(
        [sys.executable, "-m", "wizard", "exec", "acme", "--", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (started.stdout.strip(), started.stderr) == (f"{TOKEN}debug", "")
    shown = run("connections", "show", "acme")
    assert (shown.code, TOKEN in shown.out) == (0, False)
    written = run("export", "acme", "--client", "claude-code", "--secrets", "env", "--yes", "--json")
    assert written.code == 0, written.out
    entry = json.loads((home / ".claude.json").read_text())["mcpServers"]["acme"]
    assert entry["env"] == {"LOG_LEVEL": "debug", "ACME_TOKEN": f"${{{source.removeprefix('env:')}}}"}
    assert run("connections", "remove", "acme", "--yes").code == 0
