"""``setup`` against practice services: from nothing to a written entry that was asked and answered."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from support.keeping import where_found
from support.running import Put, Run

from sandbox.practice import Practice
from wizard.secret import Secret

TEST_KEYS = {"schema", "target", "ok", "steps", "tools", "granted_scopes", "finding"}
EXPORT_KEYS = {
    "schema",
    "client",
    "path",
    "changed",
    "backup",
    "diff",
    "text",
    "references",
    "command",
    "proof",
}


def faos(*more: str) -> list[str]:
    return ["setup", "faos", "--environment", "practice", "--yes", "--json", *more]


@pytest.mark.row("F1", "F3", "F6", "A7")
def test_faos_two_tenants_in_one_file(run: Run, services: Practice, put: Put, home: Path) -> None:
    held = services.services["faos"].credentials
    prod, staging = put(held["token"]), put(held["token_staging"])
    for name, source in (("prod", prod), ("staging", staging)):
        done = run(
            *faos(
                "--name", f"faos-{name}", "--set", f"tenant_id=tenant-{name}", "--secret", f"token={source}"
            ),
            *("--client", "claude-code", "--project"),
        )
        assert done.code == 0, done.out + done.err
        assert done.json["secrets"] == [{"field": "token", "kept_in": source}]
        assert done.json["exports"][0]["proof"] == {"read_back": True, "answered": True, "after": "approve"}
    written = json.loads(Path(".mcp.json").read_text())["mcpServers"]
    assert set(written) == {"faos-prod", "faos-staging"}
    assert written["faos-prod"]["env"]["FAOS_TENANT_ID"] == "tenant-prod"
    variable = prod.removeprefix("env:")
    assert written["faos-prod"]["env"]["FAOS_API_TOKEN"] == f"${{{variable}}}"
    assert where_found(held["token"], home, done.out, done.err) == []


@pytest.mark.row("F1", "F3")
def test_the_answer_has_the_contracts_shape_and_twice_is_the_same(
    run: Run, services: Practice, put: Put, home: Path
) -> None:
    words = faos(
        *("--secret", f"token={put(services.services['faos'].credentials['token'])}"),
        *("--preset", "analyst", "--client", "claude-code", "--client", "vscode", "--project"),
    )
    first = run(*words)
    assert first.code == 0, first.out + first.err
    assert set(first.json) == {"schema", "connection", "service", "method", "secrets", "test", "exports"}
    assert (first.json["connection"], first.json["method"]) == ("faos-practice", "api_token")
    assert set(first.json["test"]) == TEST_KEYS
    assert {"agents:invoke", "graph:read"} <= set(first.json["test"]["granted_scopes"])
    assert [set(e) for e in first.json["exports"]] == [EXPORT_KEYS, EXPORT_KEYS]
    files = {p: p.read_bytes() for p in home.rglob("*") if p.is_file() and "state" not in p.parts}
    second = run(*words)
    assert second.code == 0
    assert [e["changed"] for e in second.json["exports"]] == [False, False]
    assert {p: p.read_bytes() for p in files} == files


def test_two_clients_that_read_one_file_are_both_served(
    run: Run, services: Practice, put: Put, home: Path
) -> None:
    words = faos(
        *("--secret", f"token={put(services.services['faos'].credentials['token'])}"),
        *("--client", "claude-code", "--client", "copilot-cli", "--project"),
    )
    first = run(*words)
    assert first.code == 0, first.out + first.err
    assert [e["proof"]["answered"] for e in first.json["exports"]] == [True, True]
    (entry,) = json.loads(Path(".mcp.json").read_text())["mcpServers"].values()
    assert entry["type"] == "stdio"
    assert entry["tools"] == ["*"]
    second = run(*words)
    assert [e["changed"] for e in second.json["exports"]] == [False, False]


@pytest.mark.row("F1", "F5")
def test_a_service_account_with_least_scopes(run: Run, services: Practice, put: Put, home: Path) -> None:
    held = services.services["faos"].credentials
    done = run(
        *faos("--name", "ci", "--preset", "ci-cd"),
        *("--set", f"service_account_id={held['service_account_id'].reveal()}"),
        *("--secret", f"service_account_secret={put(held['service_account_secret'])}"),
        *("--client", "claude-code", "--project"),
    )
    assert done.code == 0, done.out + done.err
    assert done.json["method"] == "service_account"
    assert done.json["test"]["granted_scopes"] == ["workflows:run", "workflows:read", "activities:write"]
    env = json.loads(Path(".mcp.json").read_text())["mcpServers"]["ci"]["env"]
    assert env["FAOS_SERVICE_ACCOUNT_ID"] == held["service_account_id"].reveal()
    assert env["FAOS_SERVICE_ACCOUNT_SECRET"].startswith("${")
    assert where_found(held["service_account_secret"], home, done.out, done.err) == []


@pytest.mark.row("F3")
def test_inline_stands_in_the_file_and_in_no_answer(
    run: Run, services: Practice, put: Put, home: Path
) -> None:
    token = services.services["faos"].credentials["token"]
    done = run(
        *faos("--secret", f"token={put(token)}"),
        *("--client", "claude-code", "--project", "--secrets", "inline"),
    )
    assert done.code == 0, done.out + done.err
    assert where_found(token, home, done.out, done.err) == [str(home / "project/.mcp.json")]
    assert (home / "project/.mcp.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.row("F2")
def test_a_token_that_may_too_little_is_named_and_nothing_is_saved(
    run: Run, services: Practice, put: Put, home: Path
) -> None:
    narrow = services.services["faos"].credentials["token_narrow"]
    done = run(*faos("--preset", "developer", "--secret", f"token={put(narrow)}"), "--client", "claude-code")
    assert done.code == 1
    assert done.json["exports"] == []
    assert done.json["test"]["finding"]["cause"] == "insufficient-scope"
    assert run("connections", "--json").json["connections"] == []
    assert not (home / ".claude.json").exists()


@pytest.mark.row("L1", "L2", "L5", "A7")
@pytest.mark.parametrize("client", ["claude-code", "vscode", "curl"])
def test_fleet_by_its_token_file(run: Run, services: Practice, home: Path, client: str) -> None:
    fleet = services.services["fleet"]
    done = run(
        *("setup", "fleet", "--environment", "practice", "--secret", f"token=file:{fleet.token_file}"),
        *("--client", client, "--path", f"{client}.json", "--yes", "--json"),
    )
    assert done.code == 0, done.out + done.err
    assert done.json["secrets"] == [{"field": "token", "kept_in": f"file:{fleet.token_file}"}]
    assert done.json["exports"][0]["proof"]["answered"] is True
    steps = {s["id"]: s for s in done.json["test"]["steps"]}
    assert {"health", "no-credential", "credential", "false-credential"} <= set(steps)
    assert "missing_token" in steps["no-credential"]["seen"]
    assert "invalid_token" in steps["false-credential"]["seen"]
    assert where_found(fleet.credentials["token"], home, done.out, done.err) == [str(fleet.token_file)]


@pytest.mark.row("L1")
def test_fleet_finds_its_token_file_by_the_documents_variable(
    run: Run, services: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = services.services["fleet"].token_file
    monkeypatch.setenv("FLEET_MCP_AUTH_TOKEN_FILE", str(place))
    done = run("setup", "fleet", "--environment", "practice", "--yes", "--json")
    assert done.code == 0, done.out + done.err
    assert done.json["secrets"] == [{"field": "token", "kept_in": f"file:{place}"}]
    assert done.json["exports"] == []


def test_a_false_token_is_named_and_nothing_is_saved(
    run: Run, services: Practice, put: Put, home: Path
) -> None:
    false = Secret(secrets.token_urlsafe(32))
    done = run(
        *("setup", "fleet", "--environment", "practice", "--method", "bearer"),
        *("--secret", f"token={put(false)}", "--client", "claude-code", "--project", "--yes", "--json"),
    )
    assert done.code == 1
    assert done.json["test"]["finding"]["cause"] == "token-not-recognised"
    assert not Path(".mcp.json").exists()
    assert where_found(false, home, done.out, done.err) == []


def test_a_dry_run_writes_nothing(run: Run, services: Practice, put: Put, home: Path) -> None:
    before = {p for p in home.rglob("*") if "state" not in p.parts}
    done = run(
        *faos("--secret", f"token={put(services.services['faos'].credentials['token'])}"),
        *("--client", "vscode", "--project", "--dry-run"),
    )
    assert done.code == 0, done.out + done.err
    assert "faos-practice" in done.json["exports"][0]["diff"]
    assert {p for p in home.rglob("*") if "state" not in p.parts} == before


def test_a_client_file_that_does_not_parse_stops_it_all(run: Run, services: Practice, put: Put) -> None:
    broken = Path(".mcp.json")
    broken.write_text('{"mcpServers": {')
    source = put(services.services["faos"].credentials["token"])
    done = run(*faos("--secret", f"token={source}", "--client", "claude-code", "--project"))
    assert done.code == 1
    assert ".mcp.json" in done.json["error"]["title"] + done.json["error"]["detail"]
    assert broken.read_text() == '{"mcpServers": {'
    assert run("connections", "--json").json["connections"] == []


def test_a_secret_from_standard_input_goes_into_the_store(
    run: Run, services: Practice, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io
    import sys

    token = services.services["faos"].credentials["token"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{token.reveal()}\n".encode())))
    done = run(*faos("--secret", "token=-", "--store", "file", "--client", "claude-code", "--project"))
    assert done.code == 0, done.out + done.err
    kept = Path(done.json["secrets"][0]["kept_in"].removeprefix("file:"))
    assert where_found(token, home, done.out, done.err) == [str(kept)]
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["setup", "faos", "--yes"], "Choose which FAOS"),
        (["setup", "faos", "--environment", "prod", "--yes"], "how to sign in"),
        (["setup", "faos", "--environment", "prod", "--method", "api_token", "--yes"], "API token is missing"),
        (["setup", "faos", "--environment", "prod", "--method", "sso", "--yes"], "SSO domain is missing"),
        (["setup", "fleet", "--yes"], "address of Fleet"),
        (["setup", "fleet", "--environment", "practice", "--yes"], "No practice service"),
        (["setup", "mcp", "--url", "nonsense", "--yes"], "not an address"),
        (["setup", "mcp", "--url", "http://example.invalid/", "--secret", "token=env:HOME", "--yes"], "plain http"),
        (["setup", "nothing", "--yes"], "no such service"),
        (["setup", "faos", "--environment", "moon", "--yes"], "no such environment"),
        (["setup", "faos", "--method", "magic", "--yes"], "no such way"),
        (["setup", "faos", "--preset", "all", "--yes"], "no such preset"),
        (["setup", "faos", "--allow", "everything", "--yes"], "no such leniency"),
        (["setup", "faos", "--client", "emacs", "--yes"], "no client"),
        (["setup", "mcp", "--url", "http://127.0.0.1:1/", "--name", "a/b", "--yes"], "name of a connection"),
        (["setup", "mcp", "--url", "http://127.0.0.1:1/", "--timeout", "nan", "--yes"], "--timeout"),
        (["setup", "mcp", "--url", "http://127.0.0.1:1/", "--set", "tenant", "--yes"], "FIELD=VALUE"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_exit_2_and_said(run: Run, words: list[str], says: str) -> None:
    plain = run(*words)
    assert plain.code == 2, plain
    assert says in plain.err
    assert plain.out == ""
    document = run(*words, "--json")
    assert document.code == 2
    assert set(document.json["error"]) == {"id", "title", "detail", "fix"}


@pytest.mark.parametrize("flag", ["--secret", "--set"])
def test_a_bare_secret_is_refused_and_not_repeated(run: Run, home: Path, flag: str) -> None:
    bare = Secret("faosx_" + secrets.token_urlsafe(32))
    done = run(*faos("--method", "api_token", flag, f"token={bare.reveal()}"))
    assert done.code == 2
    assert done.json["error"]["id"] == "bare-secret"
    assert where_found(bare, home, done.out, done.err) == []
