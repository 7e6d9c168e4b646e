"""Basic authentication as a real nginx asks for it: before a plain API, and before an MCP server."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from servers.nginx import htpasswd, nginx
from servers.real import RealServer
from support.keeping import found_in
from support.running import Put, Run

from diagnostics import causes
from diagnostics.causes.book import REGISTRY

pytestmark = pytest.mark.real("nginx")

WRONG = secrets.token_urlsafe(16)
PASSWORD = f"pä:{secrets.token_urlsafe(16)}"


@dataclass(frozen=True)
class Guarded:
    """The address behind nginx, and the users that arrived so far, one a request (``-`` where none was let in)."""

    url: str
    log: Path

    def users(self) -> list[str]:
        return [line.split()[2] for line in self.log.read_text().splitlines()]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Guarded]:
    """nginx with a user `alice`, one in a domain, and a static answer behind it."""
    users = htpasswd(alice=PASSWORD, CORP__bob=PASSWORD)
    log = tmp_path / "access.log"
    server = f"""
        access_log {log};
        location /v1/me {{ auth_basic "Practice"; auth_basic_user_file {{folder}}/users; alias {{folder}}/me.json; }}
    """
    with nginx(server, users=users, **{"me.json": '{"user": "alice"}'}) as base:
        yield Guarded(f"{base}/v1/me", log)


def words(user: str, put: Put, password: str = PASSWORD, **more: str) -> list[str]:
    plain = {"username": user, **more}
    given = [w for name, text in plain.items() for w in ("--set", f"{name}={text}")]
    return [*given, "--secret", f"password={put(password)}"]


@pytest.mark.row("A3")
@pytest.mark.parametrize(
    ("user", "more"),
    [("alice", {}), ("bob", {"domain": "CORP"}), ("CORP\\bob", {}), ("CORP\\bob", {"domain": "corp"})],
)
def test_healthy(user: str, more: dict[str, str], api: Guarded, run: Run, put: Put, home: Path) -> None:
    done = run("doctor", api.url, *words(user, put, **more), "--json")
    assert (done.code, done.json["verdict"], done.json["findings"]) == (0, "healthy", []), done.out
    assert not [w for w in done.json["warnings"] if w["cause"] == "basic-credentials-wrong"]
    options = ["--url", api.url, "--name", "mine", "--store", "file", "--client", "curl", "--yes", "--json"]
    kept = run("setup", "http", *words(user, put, **more), *options)
    assert kept.code == 0, kept.out
    assert found_in([PASSWORD], home, done.out, kept.out, kept.err, but=("/secrets/mine/",)) == []


@pytest.mark.row("A3", "A11")
@pytest.mark.parametrize(
    ("user", "password", "tells"),
    [
        ("alice", WRONG, "a user name without a domain"),
        ("bob", PASSWORD, "a user name without a domain"),
        ("alice@example.com", PASSWORD, "a user name that is an email address"),
        ("CORP\\bob", WRONG, "a user name with a domain"),
        ("alice", f"{PASSWORD} ", "a space stands at an end"),
        ("alice", f"ä{WRONG}", "letters outside ASCII"),
    ],
    ids=["password", "domain-left-out", "email", "domain", "space", "charset"],
)
def test_the_cause_is_named_first(
    user: str, password: str, tells: str, api: Guarded, run: Run, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run("doctor", api.url, *words(user, put, password), "--json")
    first = done.json["findings"][0]
    assert (done.code, first["cause"], first["certainty"]) == (1, "basic-credentials-wrong", "proven"), (
        done.out
    )
    assert tells in first["evidence"][0]["fact"]
    assert "realm Practice" in first["evidence"][-1]["fact"]
    assert len(first["evidence"]) <= 3
    if user == "bob":
        assert any("--set domain=" in step for step in first["fix"])
    assert password not in done.out
    tested = run("test", api.url, *words(user, put, password), "--json")
    assert (tested.code, tested.json["finding"]["cause"]) == (1, "basic-credentials-wrong")
    monkeypatch.delitem(REGISTRY, "basic-credentials-wrong")
    assert "basic-credentials-wrong" not in [c.id for c in causes.every()]
    without = run("doctor", api.url, *words(user, put, password), "--json")
    assert "basic-credentials-wrong" not in [f["cause"] for f in without.json["findings"]]


def test_a_credential_without_a_colon_is_named(api: Guarded, run: Run, put: Put) -> None:
    done = run("doctor", api.url, "--header", f"Authorization={put('Basic bm9jb2xvbmhlcmU=')}", "--json")
    first = done.json["findings"][0]
    assert (first["cause"], first["certainty"]) == ("basic-credentials-wrong", "proven"), done.out
    assert "no colon" in first["evidence"][0]["fact"]


def test_a_wrong_password_is_tried_once_and_no_other_on_that_account(
    api: Guarded, run: Run, put: Put
) -> None:
    """An account may be locked after a few: nginx names in its log who was tried."""
    run("doctor", api.url, *words("alice", put, WRONG), "--json")
    assert api.users().count("alice") == 1, api.users()


def test_a_healthy_login_is_followed_by_no_false_one_on_that_account(
    api: Guarded, run: Run, put: Put
) -> None:
    done = run("test", api.url, *words("alice", put), "--json")
    assert done.code == 0, done.out
    lines = [line for line in api.log.read_text().splitlines() if line.split()[2] == "alice"]
    assert lines
    assert all('" 200 ' in line for line in lines)


@pytest.mark.row("A3")
def test_before_an_mcp_server_written_for_a_client(
    run: Run,
    put: Put,
    home: Path,
    fastmcp_open: RealServer,  # pytest's fixture
) -> None:
    users = htpasswd(alice=PASSWORD)
    server = f"""
        location /mcp {{
          auth_basic "Practice"; auth_basic_user_file {{folder}}/users;
          proxy_pass {fastmcp_open.url}; proxy_buffering off; proxy_http_version 1.1; proxy_set_header Connection "";
        }}
    """
    with nginx(server, users=users) as base:
        options = [
            "--url",
            f"{base}/mcp",
            "--name",
            "mine",
            "--store",
            "file",
            "--client",
            "claude-code",
            "--project",
        ]
        done = run("setup", "mcp", *words("alice", put), *options, "--secrets", "env", "--yes", "--json")
        assert done.code == 0, done.out
        export = done.json["exports"][0]
        assert export["proof"]["answered"] is True
        assert export["references"][0]["line"].endswith(' secret mine basic_credentials)"')
        entry = json.loads(Path(".mcp.json").read_text())["mcpServers"]["mine"]
        assert entry["headers"] == {"Authorization": "Basic ${MINE_BASIC_CREDENTIALS}"}
        wrong = run("test", f"{base}/mcp", *words("alice", put, WRONG), "--json")
        assert wrong.json["finding"]["cause"] == "basic-credentials-wrong", wrong.out
    assert found_in([PASSWORD], home, done.out, wrong.out, but=("/secrets/mine/",)) == []
