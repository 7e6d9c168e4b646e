"""The real Claude Code: how it logs in by itself, from the authorize request to the token."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from servers.real import free_port
from support.authorizing import GRANTED, consent
from support.judges.claude_code import JUDGE, QUIET
from support.judging import Bench, installed, record
from support.own_logins import NAME, OFFERED, own_login

from wizard.entries import OwnLogin


@pytest.mark.real("claude", "tmux")
@pytest.mark.parametrize(
    "wanted",
    [OwnLogin("given-1", 1, ("read", "write")), OwnLogin(), OwnLogin(scopes=("read",))],
    ids=["own", "registered", "scopes"],
)
def test_the_login_that_it_begins_in_its_terminal_is_the_right_one(wanted: OwnLogin, home: Path) -> None:
    wanted = replace(wanted, port=free_port()) if wanted.client_id else wanted
    words = (installed(JUDGE.program), "mcp", "login", NAME)
    with own_login("claude-code", wanted, home, words, QUIET) as login:
        sent = login.request(address := login.address())
        back = urlsplit(sent["redirect_uri"])
        assert (back.scheme, back.hostname, back.path) == ("http", "localhost", "/callback")
        assert back.port == wanted.port or not wanted.client_id
        assert sent.get("scope", "") == " ".join(wanted.scopes or OFFERED)
        assert consent(address) == 200
        login.until((home / ".claude/.credentials.json").exists, "it kept no login")
        JUDGE.run(Bench(home, None, False))
        login.until(lambda: GRANTED in login.asked, "no token came")
    record(JUDGE, login="own" if wanted.client_id else "registered")
