"""One login is cleared, with a copy; it comes back whole, or not at all where a newer one is there."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from support.cached import LATER, bridge, faos
from support.running import Run

from wizard import caches, connections
from wizard.connections import Connection
from wizard.errors import FileProblem, UsageError

TWO = {
    "a": {"access_token": "x", "domain": "a.example"},
    "b": {"access_token": "y", "domain": "b.example"},
    "v": 3,
}


def test_one_of_two_is_cleared_and_the_rest_stays(home: Path) -> None:
    path = faos(home, TWO)
    path.chmod(0o640)
    one = next(e for e in caches.every() if e.domain == "a.example")
    cleared = caches.clear(one.id)
    assert json.loads(path.read_text()) == {"b": TWO["b"], "v": 3}
    assert path.stat().st_mode & 0o777 == 0o640
    assert [p.stat().st_mode & 0o777 for p in cleared.copies] == [0o600]
    assert caches.put_back(one.id) == path
    assert json.loads(path.read_text()) == TWO
    with pytest.raises(UsageError, match="was cleared"):
        caches.put_back(one.id)


@pytest.mark.parametrize("content", ['{"access_token": "x"', "", '{"access_token": "x"}'])
def test_the_only_login_takes_the_file_with_it(home: Path, content: str) -> None:
    path = faos(home, content)
    (entry,) = caches.every()
    caches.clear(entry.id)
    assert not path.exists()
    assert caches.every() == ()
    caches.put_back(entry.id)
    assert path.read_text() == content


@pytest.mark.row("U5")
def test_the_bridges_files_go_and_come_back_together(home: Path, run: Run) -> None:
    files = {
        "abc_tokens.json": {"access_token": "x", "expires_at": LATER * 1000},
        "abc_client_info.json": {"client_id": "c"},
        "abc_code_verifier_s.txt": "v",
    }
    paths = [bridge(home, name, value) for name, value in files.items()]
    other = bridge(home, "abcd_tokens.json", {"access_token": "z"})
    before = [p.read_bytes() for p in paths]
    id = next(s["id"] for s in run("stores", "--json").json["stores"] if s["client_id"] == "c")
    gone = run("stores", "--remove", id, "--json")
    assert gone.code == 0, gone.out
    assert len(gone.json["backups"]) == 3
    assert not any(p.exists() for p in paths)
    assert other.exists()
    back = run("stores", "--undo", id, "--json")
    assert back.code == 0, back.out
    assert [p.read_bytes() for p in paths] == before


def test_a_file_that_cannot_go_leaves_all_as_it_was(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [bridge(home, f"abc_{name}.json", {"access_token": "x"}) for name in ("client_info", "tokens")]
    (entry,) = caches.every()
    unlink = Path.unlink

    def refuse(self: Path, missing_ok: bool = False) -> None:
        if self == paths[1]:
            raise PermissionError(13, "Permission denied")
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(FileProblem) as refused:
        caches.clear(entry.id)
    assert refused.value.id == "cannot-write"
    assert [p.exists() for p in paths] == [True, True]
    with pytest.raises(UsageError):
        caches.put_back(entry.id)


def test_a_newer_login_stays(home: Path) -> None:
    path = faos(home, {"access_token": "x"})
    (entry,) = caches.every()
    caches.clear(entry.id)
    path.write_text('{"access_token": "newer"}')
    with pytest.raises(FileProblem) as refused:
        caches.put_back(entry.id)
    assert refused.value.id == "newer-login"
    assert "newer" in path.read_text()


def test_a_login_that_is_being_written_is_left(home: Path) -> None:
    path = bridge(home, "abc_tokens.json", {"access_token": "x"})
    bridge(home, "abc_refresh_in_progress.json", {"pid": os.getpid(), "at": int(time.time() * 1000)})
    (entry,) = caches.every()
    with pytest.raises(FileProblem) as refused:
        caches.clear(entry.id)
    assert refused.value.id == "login-busy"
    assert path.exists()


def test_an_unknown_id_names_those_that_there_are(home: Path, run: Run) -> None:
    faos(home, {"access_token": "x"})
    (entry,) = caches.every()
    done = run("stores", "--remove", "nothing", "--json")
    assert (done.code, done.json["error"]["id"]) == (2, "unknown-login")
    assert entry.id in done.json["error"]["detail"]
    assert run("stores", "--remove", "a", "--undo", "b").code == 2


def test_the_login_of_a_connection_and_no_other(home: Path) -> None:
    path = faos(home, TWO)
    saved = Connection("faos", "faos", "company", "https://api.a.example", "sso", {"sso_domain": "a.example"})
    choice = connections.choice(connections.save(saved))
    assert [e.domain for e in caches.clear_for(choice).entries] == ["a.example"]
    assert json.loads(path.read_text()) == {"b": TWO["b"], "v": 3}
    assert caches.clear_for(choice).entries == ()
    token = Connection("t", "faos", "company", "https://api.a.example", "api_token", {}, {"token": "env:T"})
    assert caches.clear_for(connections.choice(connections.save(token))).entries == ()
    assert path.exists()
