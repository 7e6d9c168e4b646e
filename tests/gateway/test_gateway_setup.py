"""The gateway by command: both tokens in one entry, tested, exported, and met again by the doctor."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from practice_gateway import secrets_of, settings_of
from support.running import Put, Run

from sandbox import practice
from sandbox.practice import Practice
from wizard import catalogue
from wizard.secret import Secret

pytestmark = pytest.mark.slow

HEADERS = {
    "keycloak": {"X-Authorization", "X-Client-Id", "X-Keycloak-Realm", "X-Keycloak-URL"},
    "cognito": {"X-Authorization", "X-User-Pool-Id", "X-Client-Id", "X-Region"},
}
EGRESS = {"Authorization", "X-Atlassian-Cloud-Id"}
METHODS = ["keycloak", "keycloak_token", "cognito", "cognito_token"]
PATIENCE = ["--timeout", "120"]


def words(running: Practice, put: Put, method: str, server: str) -> list[str]:
    gateway = running.services["gateway"]
    found = [
        "setup",
        "gateway",
        "--environment",
        "practice",
        "--method",
        method,
        "--yes",
        "--json",
        *PATIENCE,
    ]
    family = method.partition("_")[0]
    asked = {
        "keycloak": {"client_id", "server", "cloud_id"},
        "cognito": {"client_id", "user_pool_id", "server", "cloud_id"},
        "none": {"server"},
    }[family]
    for field, text in settings_of(gateway, method, server).items():
        if field in asked:
            found += ["--set", f"{field}={text}"]
    for field, secret in secrets_of(gateway, method, server).items():
        found += ["--secret", f"{field}={put(secret)}"]
    return found


def leaked(place: Path, secrets: list[Secret], *texts: str) -> list[str]:
    found = [t[:40] for t in texts for s in secrets if s.reveal() in t]
    for folder, _, names in os.walk(place):
        for name in names:
            path = Path(folder) / name
            if stat.S_ISREG(path.stat().st_mode) and "practice" not in path.parts:
                found += [str(path) for s in secrets if s.reveal().encode() in path.read_bytes()]
    return found


@pytest.mark.row("G1", "G4", "G5")
@pytest.mark.parametrize("method", METHODS)
def test_both_tokens_in_one_entry(run: Run, running: Practice, put: Put, home: Path, method: str) -> None:
    done = run(
        *words(running, put, method, "atlassian"), "--name", "jira", "--client", "claude-code", "--project"
    )
    assert done.code == 0, done.out + done.err
    assert done.json["test"]["tools"] == ["jira_search", "confluence_search"]
    # in this client's own syntax: a bridge program would have to be fetched first
    more = run(
        *("export", "jira", "--client", "vscode", "--project", "--secrets", "env", "--yes", "--json"),
        *PATIENCE,
    )
    assert more.code == 0, more.out + more.err
    for export in (done.json["exports"][0], more.json):
        assert export["proof"]["answered"] is True
        assert {r["field"] for r in export["references"]} == {
            "egress_token",
            "access_token" if method in ("keycloak", "cognito") else "token",
        }
        assert all(r["how"] in ("env", "helper") for r in export["references"])
    code = json.loads(Path(".vscode/mcp.json").read_text())["servers"]["jira"]
    assert code["url"] == f"{running.services['gateway'].url}/atlassian/mcp"
    assert set(code["headers"]) == HEADERS[method.partition("_")[0]] | EGRESS
    assert all(code["headers"][n].startswith("Bearer ${env:") for n in ("Authorization", "X-Authorization"))
    claude = json.loads(Path(".mcp.json").read_text())["mcpServers"]["jira"]
    assert claude["url"] == code["url"]
    held = running.services["gateway"].credentials
    sent = [
        held[n] for n in ("token", "cognito_token", "egress_token", "client_secret", "cognito_client_secret")
    ]
    assert leaked(home, sent, done.out, done.err, more.out, more.err) == []
    # the written entries were asked: what the server behind received was its own token, and nothing of the gateway's
    behind = [dict(s.headers) for s in running.seen if s.service == "gateway/atlassian" and s.kind == "real"]
    assert behind and all(h["authorization"] == "Bearer egress_token" for h in behind)
    assert not any("x-authorization" in h for h in behind)


@pytest.mark.row("G1")
def test_a_token_that_the_gateways_scripts_wrote(run: Run, running: Practice, put: Put, home: Path) -> None:
    gateway = running.services["gateway"]
    place = home / "project/.oauth-tokens/agent-ai-coding-assistant-m2m-token.json"
    place.parent.mkdir(mode=0o700)
    place.write_bytes(gateway.token_file.read_bytes() if gateway.token_file else b"")
    place.chmod(0o600)
    done = run(
        *(
            "setup",
            "gateway",
            "--environment",
            "practice",
            "--method",
            "keycloak_token",
            "--yes",
            "--json",
            *PATIENCE,
        ),
        *("--set", f"client_id={gateway.credentials['client_id'].reveal()}"),
    )
    assert done.code == 0, done.out + done.err
    assert done.json["secrets"][0]["kept_in"].endswith(place.name)


@pytest.mark.slow
@pytest.mark.row("G11")
def test_its_servers_listed_and_chosen_one_by_one(run: Run, running: Practice, put: Put) -> None:
    import asyncio

    from practice_gateway import draft_of

    from wizard.gateway.listing import list_servers

    found = asyncio.run(list_servers(draft_of(running)))
    for server in found:
        method = "none" if server.name == "public" else "keycloak_token"
        done = run(*words(running, put, method, server.name), "--client", "claude-code", "--project")
        assert done.code == 0, done.out + done.err
        usual = server.name == "mcpgw"
        assert done.json["connection"] == "gateway-practice" + ("" if usual else f"-{server.name}")
    written = json.loads(Path(".mcp.json").read_text())["mcpServers"]
    assert {e["url"].split("/")[3] for e in written.values()} == {s.name for s in found}
    assert "headers" not in written["gateway-practice-public"]
    assert "Authorization" not in written["gateway-practice-fininfo"]["headers"]


@pytest.mark.slow
@pytest.mark.row("G8")
@pytest.mark.parametrize("transport", ["http", "sse"])
def test_connect_ping_list_call_on_both_transports(
    run: Run, running: Practice, put: Put, transport: str
) -> None:
    way = ["--set", f"transport={transport}", "--set", f"path={'mcp' if transport == 'http' else 'sse'}"]
    made = run(*words(running, put, "keycloak", "currenttime"), "--name", "time", *way)
    assert made.code == 0, made.out + made.err
    call = ["--call", "current_time_by_timezone", "--args", '{"tz_name": "Europe/Rome"}']
    done = run("test", "time", *call, "--json", *PATIENCE)
    steps = {s["id"]: s for s in done.json["steps"]}
    assert done.code == 0, done.out
    assert all(steps[id]["ok"] for id in ("session", "ping", "tools", "call"))
    assert ("legacy HTTP+SSE" in steps["session"]["seen"]) == (transport == "sse")
    near = run("test", "time", "--call", "current-time-by-timezone", "--json", *PATIENCE)
    assert near.code == 1
    assert near.json["finding"]["cause"] == "tool-name-mismatch"
    named = run("doctor", "time", "--tool", "current_time_by_timezon", "--json", *PATIENCE)
    assert named.code == 1
    assert named.json["findings"][0]["cause"] == "tool-name-mismatch"
    assert run("doctor", "time", "--tool", "current_time_by_timezone", "--json", *PATIENCE).code == 0


@pytest.mark.row("G1")
@pytest.mark.parametrize("method", ["keycloak", "cognito"])
@pytest.mark.parametrize("preset", ["restricted", "unrestricted"])
def test_what_a_group_brings_counts_as_granted(
    run: Run, running: Practice, put: Put, method: str, preset: str
) -> None:
    done = run(*words(running, put, method, "mcpgw"), "--preset", preset)
    assert done.code == 0, done.out + done.err
    assert f"mcp-servers-{preset}/read" in done.json["test"]["granted_scopes"] or preset == "restricted"


@pytest.mark.row("G4")
def test_a_refusal_of_the_server_behind_stops_the_setup_and_is_named(run: Run, put: Put, home: Path) -> None:
    with practice.start(faults={"gateway": "egress-token-refused"}) as running:
        done = run(*words(running, put, "keycloak", "atlassian"), "--client", "claude-code", "--project")
    assert done.code == 1
    assert done.json["test"]["finding"]["cause"] == "egress-token-refused"
    assert not Path(".mcp.json").exists()


@pytest.mark.row("G4")
def test_the_doctor_reads_the_entry_as_the_client_does(run: Run, running: Practice, put: Put) -> None:
    done = run(*words(running, put, "keycloak_token", "atlassian"), "--client", "claude-code", "--project")
    assert done.code == 0, done.out + done.err
    found = run("doctor", "claude-code:gateway-practice-atlassian", "--json", *PATIENCE)
    assert (found.code, found.json["verdict"]) == (0, "healthy"), found.out
    written = json.loads(Path(".mcp.json").read_text())
    entry = written["mcpServers"]["gateway-practice-atlassian"]
    entry["headers"]["Authorization"] = "Bearer " + "z" * 40
    Path(".mcp.json").write_text(json.dumps(written))
    broken = run("doctor", "claude-code:gateway-practice-atlassian", "--json", *PATIENCE)
    assert broken.json["findings"][0]["cause"] == "egress-token-refused", broken.out


@pytest.mark.row("G4")
def test_an_entry_at_an_address_that_nobody_knows_is_known_by_its_headers(
    run: Run, running: Practice, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(*words(running, put, "keycloak_token", "atlassian"), "--client", "claude-code", "--project")
    assert done.code == 0, done.out + done.err
    # no practice is on record any more: the address is one like any other
    monkeypatch.setenv("XDG_STATE_HOME", str(Path.cwd() / "elsewhere"))
    catalogue.load.cache_clear()
    written = json.loads(Path(".mcp.json").read_text())
    entry = written["mcpServers"]["gateway-practice-atlassian"]
    assert run("doctor", "claude-code:gateway-practice-atlassian", "--json", *PATIENCE).code == 0
    del entry["headers"]["Authorization"]
    Path(".mcp.json").write_text(json.dumps(written))
    found = run("doctor", "claude-code:gateway-practice-atlassian", "--json", *PATIENCE)
    assert found.json["findings"][0]["cause"] == "egress-token-refused", found.out
