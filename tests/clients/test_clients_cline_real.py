"""The real Cline: what `read()` says of a file is what it makes of it, and the login that its command line begins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.judges.cline import JUDGE, QUIET
from support.judging import Bench, child, noting, record
from support.own_logins import OFFERED, own_login

from wizard import clients
from wizard.entries import OwnLogin, Remote, Stdio
from wizard.errors import FileProblem

pytestmark = pytest.mark.real("cline")

CLINE = clients.get("cline")
URL = "http://127.0.0.1:9/mcp"
ODD = {"A": "${SET}", "B": "${env:SET}", "C": "${GONE:-x}", "D": "$SET", "E": 'a"b\\c$d${INNER}'}
VARIABLES = {"SET": "value ${INNER}", "INNER": "inner"}


def _file(content: object) -> Path:
    path = CLINE.path(False)
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def test_what_arrives_is_what_the_reading_says(home: Path, tmp_path: Path) -> None:
    command, log = child(tmp_path)
    with noting() as (url, arrived):
        path = _file(
            {
                "mcpServers": {
                    "remote": {"type": "streamableHttp", "url": url, "headers": ODD},
                    "program": {"command": command[0], "args": list(command[1:]), "env": ODD},
                }
            }
        )
        bench = Bench(home, path, False, VARIABLES, arrived, log)
        says = JUDGE.ask(bench, lambda: len(arrived) > 2 and log.exists())
    remote, program = (CLINE.effective(path, name, VARIABLES)[0] for name in ("remote", "program"))
    assert isinstance(remote, Remote)
    assert isinstance(program, Stdio)
    environ = json.loads(log.read_text(encoding="utf-8"))
    for name in ODD:
        assert {one.headers[name.lower()] for one in arrived} == {remote.headers[name].reveal()}, says
        assert environ[name] == program.env[name].reveal(), says


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"url": URL}, "sse"),
        ({"url": URL, "transportType": "http"}, "http"),
        ({"url": URL, "command": "c"}, "stdio"),
        ({"transport": {"type": "streamableHttp", "url": URL}}, "http"),
        ({"type": "http", "url": URL}, ""),
        ({"type": "streamableHttp", "url": "${env:URL}"}, ""),
        ({"type": "streamableHttp", "url": URL, "headers": {"A": 1}}, ""),
        ({"type": "streamableHttp", "command": "c"}, ""),
        ({"command": "c", "env": {"A": True}}, ""),
    ],
)
def test_what_is_taken_and_what_makes_it_refuse_the_file(entry: object, kind: str, home: Path) -> None:
    path = _file({"mcpServers": {"fine": {"command": "c"}, "other": entry}})
    listed = JUDGE.listed(Bench(home, path, False))
    if not kind:
        assert "Invalid MCP settings" in listed
        with pytest.raises(FileProblem, match="refuses the whole file"):
            CLINE.effective(path, "fine", {})
        return
    kinds = {one["name"]: one["transportType"] for one in json.loads(listed)}
    assert kinds == {"fine": "stdio", "other": {"http": "streamableHttp"}.get(kind, kind)}
    read = CLINE.effective(path, "other", {})[0]
    assert kind == (read.transport if isinstance(read, Remote) else "stdio")


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"mcpServers": {"a": {"command": "c"}}}',
        b'{"mcpServers": {"a": {"command": "c"}}} // x',
        b'{"mcpServers": {"a": {"command": "c"},}}',
    ],
)
def test_what_is_called_unreadable_is_so(content: bytes, home: Path) -> None:
    path = _file(content)
    assert "Failed to parse" in JUDGE.listed(Bench(home, path, False))
    with pytest.raises(FileProblem):
        CLINE.effective(path, "a", {})


@pytest.mark.real("cline", "tmux")
@pytest.mark.parametrize("wanted", [OwnLogin("given-1"), OwnLogin()], ids=["own", "registered"])
def test_the_login_that_it_begins_in_its_terminal_is_the_right_one(wanted: OwnLogin, home: Path) -> None:
    with own_login("cline", wanted, home, (JUDGE.binary(), "mcp"), QUIET) as login:
        login.terminal.until("What would you like to do?", 60)
        login.terminal.press(*["Down"] * 4)
        login.terminal.until("● Authorize OAuth", 60)
        login.terminal.press("Enter")
        login.terminal.until("● x", 60)
        login.terminal.press("Enter")
        sent = login.request(address := login.address())
        assert sent["redirect_uri"] == "http://127.0.0.1:1456/mcp/oauth/callback"
        assert sent["scope"] == " ".join(OFFERED)
        login.granted(address)
    record(JUDGE, login="own" if wanted.client_id else "registered")
