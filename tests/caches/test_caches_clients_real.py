"""The form in which a client keeps its login is the one that is read here: the real program sends the very token."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path
from typing import Any

import pytest
from support.judges import cline, gemini, opencode
from support.judging import Bench, Judge, noting

from wizard import caches

NAME = "judged-1"
LATER = int(time.time()) + 3600


def _opencode(url: str, token: str) -> dict[str, Any]:
    login = {"tokens": {"accessToken": token, "expiresAt": LATER}, "clientInfo": {"clientId": "c1"}}
    return {
        ".config/opencode/opencode.json": {"mcp": {NAME: {"type": "remote", "url": url}}},
        ".local/share/opencode/mcp-auth.json": {NAME: {**login, "serverUrl": url}},
    }


def _gemini(url: str, token: str) -> dict[str, Any]:
    held = {"accessToken": token, "tokenType": "Bearer", "expiresAt": LATER * 1000}
    return {
        ".gemini/settings.json": {
            "mcpServers": {NAME: {"httpUrl": url, "oauth": {"enabled": True, "clientId": "c1"}}}
        },
        ".gemini/mcp-oauth-tokens.json": [
            {"serverName": NAME, "token": held, "clientId": "c1", "mcpServerUrl": url, "updatedAt": 1}
        ],
    }


def _cline(url: str, token: str) -> dict[str, Any]:
    login = {
        "clientInformation": {
            "client_id": "c1",
            "redirect_uris": ["http://127.0.0.1:1456/mcp/oauth/callback"],
        },
        "tokens": {"access_token": token, "token_type": "Bearer", "expires_in": 3600},
        "lastAuthenticatedAt": int(time.time() * 1000),
    }
    entry = {"type": "streamableHttp", "url": url, "oauth": login}
    return {".cline/data/settings/cline_mcp_settings.json": {"mcpServers": {NAME: entry}}}


@pytest.mark.row("U5")
@pytest.mark.parametrize(
    ("judge", "files"),
    [
        pytest.param(opencode.JUDGE, _opencode, marks=pytest.mark.real("opencode"), id="opencode"),
        pytest.param(gemini.JUDGE, _gemini, marks=pytest.mark.real("gemini"), id="gemini"),
        pytest.param(cline.JUDGE, _cline, marks=pytest.mark.real("cline"), id="cline"),
    ],
)
def test_the_program_uses_the_login_that_is_told(home: Path, judge: Judge, files: Any) -> None:
    token = f"t0{secrets.token_urlsafe(24)}"
    with noting() as (url, arrived):
        place = home
        for name, value in files(url, token).items():
            place = home / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(value), "utf-8")
            place.chmod(0o600)
        (entry,) = (e for e in caches.every() if e.store == judge.client)
        assert (entry.server, entry.client_id, entry.state) == (url, "c1", "usable")
        says = judge.run(Bench(home, place, False, {}, arrived))
        assert {one.headers.get("authorization") for one in arrived} == {f"Bearer {token}"}, says
