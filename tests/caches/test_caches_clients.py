"""The logins that MCP clients keep, each in its own form: what is told of them, and one of them taken out."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.cached import LATER, PAST
from support.keeping import found_in
from support.running import Run

from wizard import caches, clients

TOKEN = f"t0{secrets.token_urlsafe(24)}"
URL = "https://mcp.example.com/mcp"
EXPIRES = {"access_token": TOKEN, "refresh_token": f"r{TOKEN}", "expires_in": 3600, "scope": "read write"}


@dataclass(frozen=True)
class Form:
    """A client's files by their path; ``left`` is what stays of the first when the login is taken out, None where
    nothing does. ``says`` are the server, client id, state and issuer that are told."""

    files: dict[str, str]
    left: str | None
    says: tuple[str, str, str, str]
    scopes: tuple[str, ...] = ("read", "write")


def _json(value: Any) -> str:
    return json.dumps(value, indent=2)


OPENCODE = {
    "tokens": {"accessToken": TOKEN, "refreshToken": "r", "expiresAt": LATER + 0.5, "scope": "read write"}
}

FORMS = {
    "opencode": Form(
        {
            ".local/share/opencode/mcp-auth.json": '{\n  "known":'
            + json.dumps({**OPENCODE, "clientInfo": {"clientId": "c1"}, "serverUrl": URL})
            + ',\n  "other" : {"clientInfo":{"clientId":"c2"}}\n}'
        },
        '{\n  "other" : {"clientInfo":{"clientId":"c2"}}\n}',
        (URL, "c1", "usable", ""),
    ),
    "gemini": Form(
        {
            ".gemini/mcp-oauth-tokens.json": "[ "
            + json.dumps(
                {
                    "serverName": "known",
                    "token": {"accessToken": TOKEN, "expiresAt": PAST * 1000, "scope": "read write"},
                    "clientId": "c1",
                    "tokenUrl": "https://idp.example.com/token",
                    "mcpServerUrl": URL,
                    "updatedAt": PAST * 1000,
                }
            )
            + ',\n  {"serverName": "other", "token": {}} ]'
        },
        None,
        (URL, "c1", "expired", ""),
    ),
    "cline": Form(
        {
            ".cline/data/settings/cline_mcp_settings.json": _json(
                {
                    "mcpServers": {
                        "known": {
                            "transport": {"type": "streamableHttp", "url": URL, "headers": {"X": "1"}},
                            "oauth": {
                                "clientInformation": {"client_id": "c1", "redirect_uris": []},
                                "tokens": EXPIRES,
                                "discoveryState": {
                                    "authorizationServerMetadata": {"issuer": "https://idp.example.com"}
                                },
                                "lastAuthenticatedAt": (PAST - 3600) * 1000,
                            },
                        },
                        "plain": {"transport": {"type": "stdio", "command": "x"}},
                    }
                }
            )
        },
        _json(
            {
                "mcpServers": {
                    "known": {"transport": {"type": "streamableHttp", "url": URL, "headers": {"X": "1"}}},
                    "plain": {"transport": {"type": "stdio", "command": "x"}},
                }
            }
        ),
        (URL, "c1", "renewable", "https://idp.example.com"),
    ),
    "copilot-cli": Form(
        {
            ".copilot/mcp-oauth-config/0a1b.tokens.json": json.dumps(
                {"accessToken": TOKEN, "expiresAt": LATER, "scope": "read write"}
            ),
            ".copilot/mcp-oauth-config/0a1b.json": json.dumps(
                {"serverUrl": URL, "authorizationServerUrl": "https://idp.example.com", "clientId": "c1"}
            ),
        },
        None,
        (URL, "c1", "usable", "https://idp.example.com"),
    ),
    "goose": Form(
        {
            ".config/goose/secrets.yaml": "# mine\nOTHER_TOKEN: abc\noauth_creds_known:\n  client_id: c1\n"
            f"  token_response:\n    access_token: {TOKEN}\n    token_type: bearer\n    expires_in: 3600\n"
            "    scope: read write\nAFTER: 1 # too\n"
        },
        "# mine\nOTHER_TOKEN: abc\nAFTER: 1 # too\n",
        ("", "c1", "usable", ""),
    ),
}


def _write(home: Path, form: Form) -> list[Path]:
    paths = []
    for name, text in form.files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
        paths.append(path)
    return paths


@pytest.mark.row("U5")
@pytest.mark.parametrize("store", FORMS)
def test_what_is_told_of_a_login(home: Path, run: Run, store: str) -> None:
    form = FORMS[store]
    paths = _write(home, form)
    seen = run("stores", "--json")
    told = next(s for s in seen.json["stores"] if s["client_id"] == "c1")
    server, client_id, state, issuer = form.says
    assert (told["store"], told["path"], told["mode"]) == (store, str(paths[0]), "0600")
    assert (told["server"] or "", told["client_id"], told["state"], told["issuer"] or "") == (
        server,
        client_id,
        state,
        issuer,
    )
    assert tuple(told["scopes"]) == form.scopes
    shown = run("stores")
    assert (server or "oauth_creds_known") in shown.out
    assert not found_in([TOKEN], home, seen.out, shown.out, shown.err, but=tuple(map(str, paths)))


@pytest.mark.row("U5")
@pytest.mark.parametrize("store", FORMS)
def test_one_is_taken_out_and_put_back(home: Path, run: Run, store: str) -> None:
    form = FORMS[store]
    paths = _write(home, form)
    before = [p.read_bytes() for p in paths]
    (entry,) = (e for e in caches.every() if e.client_id == "c1")
    removed = run("stores", "--remove", entry.id, "--json")
    assert removed.code == 0, removed.out
    assert "c1" not in [s["client_id"] for s in removed.json["stores"]]
    assert len(removed.json["backups"]) == len(paths)
    if form.left is not None:
        assert paths[0].read_text() == form.left
    elif store == "gemini":
        (left,) = json.loads(paths[0].read_text())
        assert left == {"serverName": "other", "token": {}}
        assert '{"serverName": "other", "token": {}} ]' in paths[0].read_text()
    else:
        assert not any(p.exists() for p in paths)
    assert run("stores", "--undo", entry.id).code == 0
    assert [p.read_bytes() for p in paths] == before


def test_a_client_that_nobody_logged_in_with(home: Path) -> None:
    _write(home, FORMS["opencode"])
    (other,) = (e for e in caches.every() if e.client_id == "c2")
    assert (other.state, other.pointer) == ("no-token", ("other",))


def test_settings_without_a_login_are_no_store(home: Path) -> None:
    place = home / ".cline/data/settings/cline_mcp_settings.json"
    place.parent.mkdir(parents=True)
    place.write_text('{"mcpServers": {"plain": {"url": "https://x.example.com"}}}')
    goose = home / ".config/goose/secrets.yaml"
    goose.parent.mkdir(parents=True)
    goose.write_text("OPENAI_API_KEY: abc\n")
    assert caches.every() == ()


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (".config/goose/secrets.yaml", "a: [1\n b: {"),
        (".gemini/mcp-oauth-tokens.json", '[{"serverName"'),
        (".gemini/mcp-oauth-tokens.json", "\udcff"),
    ],
)
def test_a_file_that_cannot_be_understood_is_a_state(home: Path, place: str, text: str) -> None:
    path = home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    (entry,) = caches.every()
    assert entry.state == "half-written"
    assert entry.says()


def test_what_is_locked_away_is_named(home: Path, run: Run) -> None:
    assert not [s for s in run("stores", "--json").json["sealed"] if s["store"] in ("cursor", "gemini")]
    (home / ".cursor").mkdir()
    sealed = home / ".gemini/gemini-credentials.json"
    sealed.parent.mkdir()
    sealed.write_text("00:11:22")
    seen = run("stores", "--json").json
    assert {"cursor", "gemini"} <= {s["store"] for s in seen["sealed"]}
    assert "they cannot be read here" in run("stores").out
    assert {s.client for s in caches.sealed()} <= {c.id for c in clients.every()} | {
        "gemini",
        "goose",
        "lmstudio",
    }
