"""`authwizard export` into files as people have them: edited exactly, or refused in a sentence and left."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from support.running import Put, Ran, Run

from wizard import connections
from wizard.connections import Connection

MCP = Path(".mcp.json")
URL = "http://127.0.0.1:9/mcp"
EXPORT = ("export", "mine", "--client", "claude-code", "--project", "--json")
ENTRY = {"type": "http", "url": URL}
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX alone")


@pytest.fixture(autouse=True)
def mine() -> None:
    """A connection to a server that is not there: the entry is written, and its proof fails."""
    connections.save(Connection("mine", "mcp", "own", URL, "none"))


def _export(run: Run, *more: str) -> Ran:
    return run(*EXPORT, "--yes", *more)


@pytest.mark.row("L2")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"{}",
        b"\xef\xbb\xbf{}",
        b'\xef\xbb\xbf{\r\n\t"mcpServers": {\r\n\t\t"a": {"command": "x"}\r\n\t}\r\n}\r\n',
        b'{"mcpServers":{"a":{"command":"x"}},"n":1.50,"big":12345678901234567890}',
        b'{\n    "z": [1,\n2],   "mcpServers": {},\n\n  "a": "\\u00e9 \xc3\xa9"}',
        b'{"mcpServers": {"a": {"command": "x", "command": "y"}}, "o": {"twice": 1, "twice": 2}}',
        b'{"mcpServers": {}, "deep": ' + b"[" * 150 + b"]" * 150 + b"}",
    ],
)
def test_a_file_as_it_is_written_gets_its_entry_and_gives_it_back(content: bytes, run: Run) -> None:
    MCP.write_bytes(content)
    done = _export(run)
    assert done.json["changed"]
    held = json.loads(MCP.read_bytes().decode("utf-8-sig"))
    assert held["mcpServers"]["mine"] == ENTRY
    assert run("export", "mine", "--client", "claude-code", "--project", "--undo", "--yes").code == 0
    assert MCP.read_bytes() == content
    assert _export(run).json["changed"]
    assert run(*EXPORT, "--remove", "--yes").code == 0
    if b"mcpServers" in content:
        assert MCP.read_bytes() == content


@pytest.mark.row("L2")
def test_comments_and_trailing_commas_stay_where_the_program_takes_them(run: Run) -> None:
    path = Path(".vscode/mcp.json")
    path.parent.mkdir()
    content = (
        b'// all\r\n{\r\n\t"servers": {\r\n\t\t// one\r\n\t\t"a": {"command": "x",}, // this\r\n\t},\r\n}\r\n'
    )
    path.write_bytes(content)
    words = ("export", "mine", "--client", "vscode", "--project", "--json", "--yes")
    assert run(*words).json["changed"]
    for part in (b"// all", b"// one", b'{"command": "x",}, // this'):
        assert part in path.read_bytes()
    assert run(*words, "--remove").code == 0
    assert path.read_bytes() == content


@pytest.mark.row("L2")
@pytest.mark.parametrize(
    ("content", "id"),
    [
        (b'{"mcpServers": {"a": 1, "a": 2}}', "file-duplicate-key"),
        (b'{"mcpServers": {}, "mcpServers": {}}', "file-duplicate-key"),
        (b'{"mcpServers": []}', "file-wrong-shape"),
        (b'{"mcpServers": null}', "file-wrong-shape"),
        (b'{"mcpServers": "x"}', "file-wrong-shape"),
        (b"[]", "file-wrong-shape"),
        (b"{} // note", "file-not-strict-json"),
        (b'{"a": 1,}', "file-not-strict-json"),
        (b'{"a": 1', "file-not-json"),
        (b"{'a': 1}", "file-not-json"),
        (b'{"a": NaN}', "file-not-json"),
        (b"\xff\xfe{\x00}\x00", "file-not-utf8"),
        (b'{"a": "\xe9"}', "file-not-utf8"),
        (b'{"a": ' + b"[" * 400 + b"]" * 400 + b"}", "file-too-deep"),
        (b" " * 20_000_001, "file-too-big"),
    ],
)
def test_a_file_that_cannot_be_edited_is_refused_and_left(content: bytes, id: str, run: Run) -> None:
    MCP.write_bytes(content)
    done = _export(run)
    assert done.code == 1, done
    assert done.json["error"]["id"] == id
    assert MCP.read_bytes() == content
    assert [p.name for p in Path().iterdir()] == [".mcp.json"]


@pytest.mark.row("L2")
@posix
@pytest.mark.parametrize("kind", ["folder", "pipe", "loop", "under a file", "folder that cannot be made"])
def test_what_is_no_file_is_refused_and_nothing_hangs(kind: str, run: Run) -> None:
    path = MCP
    if kind == "folder":
        MCP.mkdir()
    elif kind == "pipe":
        os.mkfifo(MCP)
    elif kind == "loop":
        MCP.symlink_to(MCP.name)
    elif kind == "under a file":
        Path("plain").write_text("", "utf-8")
        path = Path("plain/mcp.json")
    else:
        path = Path("/proc/nowhere/mcp.json")
    done = run("export", "mine", "--client", "claude-code", "--path", str(path), "--json", "--yes")
    assert done.code == 1, done
    assert done.json["error"]["id"] in ("file-unreadable", "cannot-write")
    assert done.json["error"]["fix"]


@pytest.mark.row("L2")
def test_an_entry_of_that_name_is_ours_or_is_told(run: Run) -> None:
    theirs = '{"mcpServers": {"mine": {"command": "theirs"}}}'
    MCP.write_text(theirs, "utf-8")
    asked = run(*EXPORT)
    assert asked.code == 2
    assert asked.json["error"]["id"] == "not-agreed"
    assert MCP.read_text("utf-8") == theirs
    replaced = _export(run)
    assert "not written by authwizard" in replaced.err
    assert json.loads(MCP.read_text("utf-8"))["mcpServers"] == {"mine": ENTRY}
    connections.save(Connection("mine", "mcp", "own", URL + "/other", "none"))
    ours = _export(run)
    assert ours.json["changed"]
    assert "not written by authwizard" not in ours.err
    MCP.write_text(MCP.read_text("utf-8").replace("/other", "/changed-by-hand"), "utf-8")
    assert "not written by authwizard" in _export(run).err


@pytest.mark.row("L2")
def test_a_name_that_the_client_refuses_is_told(run: Run, home: Path) -> None:
    connections.save(Connection("Mine", "mcp", "own", URL, "none"))
    path = home / "goose.yaml"
    done = run("export", "Mine", "--client", "goose", "--path", str(path), "--json", "--yes")
    assert done.code == 2
    assert done.json["error"]["id"] == "client-name"
    assert not path.exists()


@pytest.mark.slow
@pytest.mark.row("L2")
@pytest.mark.parametrize("client", ["claude-code", "cursor", "vscode"])
@pytest.mark.parametrize("mark", ['"', "\\", "$", "'", "%", "${HOME}", "\n", "\t", "é", "`id`", "$(id)"])
def test_a_secret_arrives_as_it_is_or_is_refused(client: str, mark: str, run: Run, put: Put) -> None:
    secret = f"{secrets.token_hex(8)}{mark}{secrets.token_hex(8)}"
    connections.save(Connection("mine", "mcp", "own", URL, "bearer", secrets={"token": put(secret)}))
    words = ("export", "mine", "--client", client, "--project", "--secrets", "inline", "--json", "--yes")
    done = run(*words)
    assert secret not in done.out + done.err
    path = {"claude-code": MCP, "cursor": Path(".cursor/mcp.json"), "vscode": Path(".vscode/mcp.json")}[
        client
    ]
    if done.code == 2:
        assert done.json["error"]["fix"]
        assert not path.exists()
        return
    key = "servers" if client == "vscode" else "mcpServers"
    sent = json.loads(path.read_text("utf-8"))[key]["mine"]["headers"]["Authorization"]
    assert sent == f"Bearer {secret}"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.row("L2")
@posix
def test_without_room_nothing_is_changed_and_nothing_left(home: Path) -> None:
    content = json.dumps({"mcpServers": {}, "history": "x" * 200_000}).encode()
    MCP.write_bytes(content)
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000));"
        "from commands.main import main; sys.exit(main(sys.argv[1:]))"
    )
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", limited, *EXPORT, "--yes"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": root},
        check=False,
    )
    assert done.returncode == 1, done
    assert json.loads(done.stdout)["error"]["id"] == "cannot-write"
    assert MCP.read_bytes() == content
    assert [p.name for p in Path().iterdir()] == [".mcp.json"]
    assert [p for p in home.rglob("*") if p.name.endswith(".authwizard") or p.name.endswith("mcp.json")] == [
        MCP.absolute()
    ]
