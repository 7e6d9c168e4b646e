"""Each vendor by the command line: set up, tested, diagnosed; what one gets of an API is curl and .env."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.running import Put, Run
from vendors_support import FIELDS, METHODS, VENDORS

from sandbox import practice, protected
from sandbox.practice import Practice
from sandbox.rpc import McpTool, ToolAnswer
from sandbox.vendors import made

pytestmark = pytest.mark.slow

BEGINS = {"github": "ghp_", "slack": "xoxb-", "notion": "ntn_", "atlassian": "ATATT", "google": "ya29."}
REFUSED = {"slack": "slack-error-in-200-not-authed", "atlassian": "basic-credentials-wrong"}
GRANTED = {
    "github": ["gist", "read:org", "repo", "workflow"],
    "slack": ["chat:write", "channels:read", "files:write", "users:read"],
}


def words(vendors: Practice, id: str, source: str) -> list[str]:
    """The options of ``setup`` for a vendor's practice, its credential from this source."""
    held = vendors.services[id].credentials
    found = ["setup", id, "--environment", "practice", "--method", METHODS[id], "--yes", "--json"]
    found += ["--secret", f"{FIELDS.get(id, 'token')}={source}"]
    if id == "atlassian":
        found += ["--set", f"email={held['username'].reveal()}"]
    if id == "fusionauth":
        found += ["--set", f"tenant_id={held['tenant_id'].reveal()}"]
    return found


@pytest.mark.row("A5", "A8", "A7")
@pytest.mark.parametrize("id", VENDORS)
def test_from_nothing_to_a_script_that_is_answered(
    run: Run, put: Put, vendors: Practice, home: Path, id: str
) -> None:
    token = vendors.services[id].credentials[FIELDS.get(id, "token")]
    script = home / "ask.sh"
    done = run(*words(vendors, id, put(token)), "--client", "curl", "--path", str(script))
    assert done.code == 0, done.out + done.err
    steps = {s["id"]: s for s in done.json["test"]["steps"]}
    assert [
        s["ok"] for n, s in steps.items() if n in ("no-credential", "credential", "false-credential")
    ] == [True] * 3
    assert done.json["test"]["granted_scopes"] == GRANTED.get(id, [])
    assert steps["rate-limit"]["ok"] is (True if id == "github" else None)
    name = done.json["connection"]
    for job in (("test", name, "--json"), ("doctor", name, "--json")):
        seen = run(*job)
        assert seen.code == 0, seen.out + seen.err
    assert run("doctor", name, "--json").json["findings"] == []
    asked = subprocess.run(
        ["sh", str(script)], capture_output=True, text=True, check=False, env=dict(os.environ), timeout=30
    )
    assert asked.stdout.startswith("HTTP/1.1 200"), asked.stdout + asked.stderr
    assert token.reveal() not in script.read_text() + done.out + done.err


@pytest.mark.row("A5", "A8", "A11")
@pytest.mark.parametrize("id", VENDORS)
def test_an_unknown_credential_is_named_and_nothing_is_saved(
    run: Run, put: Put, vendors: Practice, id: str
) -> None:
    unknown = made(BEGINS.get(id, ""))
    done = run(*words(vendors, id, put(unknown)))
    assert done.code == 1
    assert done.json["exports"] == []
    assert done.json["test"]["finding"]["cause"] == REFUSED.get(id, "token-not-recognised"), done.out
    assert unknown.reveal() not in done.out + done.err
    assert run("connections", "--json").json["connections"] == []


@pytest.mark.row("A5", "A8")
@pytest.mark.parametrize(
    ("id", "path", "credential", "cause", "scope"),
    [
        ("slack", "/api/users.list", "token_narrow", "slack-missing-scope-or-token-type", "users:read"),
        ("github", "/user/orgs", "token_narrow", "github-classic-scope-missing", "read:org"),
        (
            "google",
            "/gmail/v1/users/me/profile",
            "token_narrow",
            "google-scope-insufficient",
            "gmail.readonly",
        ),
    ],
)
def test_a_missing_scope_is_named_by_the_doctor(
    run: Run, put: Put, vendors: Practice, id: str, path: str, credential: str, cause: str, scope: str
) -> None:
    site = vendors.services[id]
    parts = urlsplit(site.url)
    url = f"{parts.scheme}://{parts.netloc}{path}"
    done = run("doctor", url, "--credential", put(site.credentials[credential]), "--json")
    assert done.code == 1, done.out
    first = done.json["findings"][0]
    assert (first["cause"], first["certainty"]) == (cause, "proven")
    assert scope in first["title"]


@pytest.mark.row("A5")
def test_the_scopes_of_a_preset_are_held_against_those_granted(run: Run, put: Put, vendors: Practice) -> None:
    held = vendors.services["slack"].credentials
    good = run(*words(vendors, "slack", put(held["token"])), "--preset", "standard")
    assert good.code == 0, good.out
    short = run(
        *words(vendors, "slack", put(held["token_narrow"])), "--preset", "standard", "--name", "narrow"
    )
    assert short.code == 1
    scopes = next(s for s in short.json["test"]["steps"] if s["id"] == "scopes")
    assert "channels:read files:write users:read" in scopes["detail"]
    assert short.json["test"]["finding"]["cause"] == "insufficient-scope"


@pytest.mark.row("A5")
def test_another_vendors_token_is_told_by_how_it_begins(run: Run, put: Put, vendors: Practice) -> None:
    done = run(*words(vendors, "notion", put(made("ghp_"))))
    finding = done.json["test"]["finding"]
    assert finding["cause"] == "credential-of-wrong-kind"
    assert "a classic personal access token, of GitHub" in finding["title"]
    assert "`ntn_`" in finding["title"]


@pytest.mark.row("A8")
def test_the_status_page_is_named_where_nothing_answers(run: Run, put: Put, home: Path) -> None:
    done = run(
        *("setup", "notion", "--environment", "api", "--url", "http://127.0.0.1:1", "--yes", "--json"),
        *("--secret", f"token={put(made('ntn_'))}"),
    )
    assert done.code == 1, done.out
    fix = done.json["test"]["finding"]["fix"]
    assert any("https://www.notion-status.com" in step for step in fix), fix


@pytest.mark.row("A5")
def test_an_mcp_server_that_takes_only_a_login_says_so(run: Run, put: Put, home: Path) -> None:
    for id in ("slack", "notion"):
        done = run(
            "setup", id, "--environment", "mcp", "--secret", f"token={put(made('x'))}", "--yes", "--json"
        )
        assert done.code == 2, done.out
        named = run("setup", id, "--environment", "mcp", "--method", METHODS[id], "--yes", "--json")
        assert named.code == 2
    # Slack registers no clients by itself, so that the id of an app of one's own is asked for
    login = run("setup", "slack", "--environment", "mcp", "--method", "oauth", "--yes", "--json")
    assert login.code == 2
    assert "client_id" in str(login.json["error"])


@pytest.mark.row("A5")
@pytest.mark.parametrize("id", ["github", "atlassian"])
def test_env_export_where_it_is_an_api(run: Run, put: Put, vendors: Practice, home: Path, id: str) -> None:
    token = vendors.services[id].credentials[FIELDS.get(id, "token")]
    file = home / "app.env"
    done = run(*words(vendors, id, put(token)), "--client", "env", "--path", str(file), "--secrets", "inline")
    assert done.code == 0, done.out + done.err
    assert token.reveal() not in done.out
    assert file.stat().st_mode & 0o077 == 0
    lines = file.read_text().splitlines()
    assert f"{id.upper()}_PRACTICE_URL={vendors.services[id].url}" in lines
    sent = token.reveal()
    if id == "atlassian":
        # a program needs no more than what goes into the header: the pair, encoded
        user = vendors.services[id].credentials["username"].reveal()
        sent = base64.b64encode(f"{user}:{sent}".encode()).decode()
    assert sum(line.endswith((sent, f'{sent}"', f"{sent}'")) for line in lines) == 1


@pytest.mark.row("A11")
@pytest.mark.parametrize(
    ("says", "cause"),
    [
        ("Request to the mail service failed: 401 Unauthorized", "auth-error-hidden-in-200"),
        ("upstream_failure: the access token is expired", "auth-error-hidden-in-200"),
        ("There is no such mail", None),
    ],
)
def test_a_tool_that_is_refused_by_what_is_behind_the_server(
    run: Run, put: Put, home: Path, monkeypatch: pytest.MonkeyPatch, says: str, cause: str | None
) -> None:
    refused = McpTool("read_mail", "Read one mail.", lambda _: ToolAnswer(says, failed=True))
    monkeypatch.setattr(protected, "_TOOLS", (refused,))
    with practice.start() as running:
        site = running.services["mcp"]
        source = put(site.credentials["token"])
        done = run("test", site.url, "--credential", source, "--call", "read_mail", "--json")
        healthy = run("doctor", site.url, "--credential", source, "--json")
    assert done.code == 1
    finding = done.json["finding"]
    assert (finding and finding["cause"]) == cause, done.out
    assert cause is None or "read_mail" in finding["title"]
    assert (healthy.code, healthy.json["findings"]) == (0, [])
