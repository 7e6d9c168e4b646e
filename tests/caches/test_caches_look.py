"""What is seen of the logins that other programs keep: every state, no token, and nothing that a file can break."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cached import LATER, NOW, PAST, bridge, faos
from support.examples import examples
from support.running import Run

from wizard import caches, connections, documents
from wizard.caches import content, servers
from wizard.connections import Connection


def ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ({"access_token": "x", "expires_at": LATER}, "usable"),
        ({"access_token": "x", "expiresAt": "2099-01-01T00:00:00Z"}, "usable"),
        ({"access_token": "x"}, "usable"),
        ({"access_token": "x", "expires_at": PAST}, "expired"),
        ({"access_token": "x", "refresh_token": "y", "expires_at": PAST}, "renewable"),
        ({"deep": {"er": {"token": "x", "expires_at": PAST}}}, "expired"),
        ({"access_token": "x", "expires_at": LATER * 1000}, "odd-expiry"),
        ({"access_token": "x", "expires_at": 3600}, "odd-expiry"),
        ('{"access_token": "x", "expires_at": NaN}', "odd-expiry"),
        ({"access_token": "x", "expires_at": "soon"}, "odd-expiry"),
        ({"access_token": "x", "expires_at": True}, "odd-expiry"),
        ({"access_token": "x", "expires_at": 10**400}, "odd-expiry"),
        ({"access_token": "x", "expires_in": 10**400}, "odd-expiry"),
        ({"access_token": "x", "expires_in": 60, "token_received_at": 10**400}, "odd-expiry"),
        ({}, "no-token"),
        ([], "no-token"),
        ("", "half-written"),
        ('{"access_token": "x', "half-written"),
        ("[" * 50_000, "half-written"),
    ],
)
def test_the_state_of_a_login(home: Path, value: object, state: str) -> None:
    faos(home, value)
    (entry,) = caches.every(NOW)
    assert (entry.store, entry.state) == ("faos", state), entry
    assert entry.says()


@pytest.mark.parametrize("make", ["folder", "pipe", "closed"])
def test_what_is_no_file_is_unreadable(home: Path, make: str) -> None:
    path = home / ".faos" / "auth_cache.json"
    path.parent.mkdir()
    if make == "folder":
        path.mkdir()
    elif make == "pipe":
        os.mkfifo(path)
    else:
        if os.geteuid() == 0:
            pytest.skip("root may read everything")
        path.write_text("{}")
        path.chmod(0)
    (entry,) = caches.every(NOW)
    assert entry.state == "unreadable"


def test_no_file_is_no_login(home: Path) -> None:
    assert caches.every(NOW) == ()


@pytest.mark.row("U5")
def test_the_bridges_logins_of_all_versions_by_their_addresses(home: Path) -> None:
    known, other = "https://mcp.example.com/mcp", "https://unknown.example.com/mcp"
    connections.save(Connection("far", "mcp", "own", known, "bearer", {}, {"token": "env:T"}))
    tokens = {
        "access_token": "x",
        "expires_at": LATER * 1000,
        "scope": "a b",
        "issuer": "https://idp.example.com",
    }
    key = servers.key(known)
    bridge(home, f"{key}_tokens.json", tokens)
    bridge(home, f"{key}_client_info.json", {"client_id": "c1", "redirect_uris": []})
    bridge(home, f"{key}_code_verifier_abc.txt", "v")
    bridge(home, f"{servers.key(other)}_client_info.json", {"client_id": "c2"}, "mcp-remote-0.1.37")
    new, old = sorted(caches.every(NOW), key=lambda e: e.client_id)
    assert (new.server, new.state, new.issuer, new.client_id) == (
        known,
        "usable",
        "https://idp.example.com",
        "c1",
    )
    assert (new.scopes, new.mode, len(new.files)) == (("a", "b"), 0o600, 3)
    assert (old.server, old.state, old.client_id) == ("", "no-token", "c2")
    assert new.id != old.id


def test_the_folder_that_a_variable_names(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge(home, "abc_tokens.json", {"access_token": "x"})
    (home / ".mcp-auth").rename(tmp_path / "elsewhere")
    monkeypatch.setenv("MCP_REMOTE_CONFIG_DIR", str(tmp_path / "elsewhere"))
    assert [e.state for e in caches.every(NOW)] == ["usable"]


def test_the_address_of_an_entry_in_a_clients_config(home: Path) -> None:
    address = "https://entry.example.com/mcp"
    args = ["-y", "mcp-remote@0.15.1", address]
    Path(".mcp.json").write_text(json.dumps({"mcpServers": {"far": {"command": "npx", "args": args}}}))
    bridge(home, f"{servers.key(address)}_tokens.json", {"access_token": "x"})
    assert [e.server for e in caches.every(NOW)] == [address]


@pytest.mark.parametrize("tail", ["_lock.json", "_refresh_in_progress.json"])
def test_a_lock_of_a_process_that_is_gone(home: Path, tail: str) -> None:
    bridge(home, f"abc{tail}", {"pid": ended(), "port": 3334, "timestamp": int(NOW) * 1000})
    (entry,) = caches.every(NOW)
    assert (entry.state, entry.holder.alive if entry.holder else None) == ("locked", False)
    bridge(home, f"abc{tail}", {"pid": os.getpid(), "timestamp": int(NOW) * 1000})
    (entry,) = caches.every(NOW)
    assert (entry.state, entry.holder.alive if entry.holder else None) == ("no-token", True)


def test_a_lock_with_a_time_beyond_all_measure(home: Path) -> None:
    bridge(home, "abc_lock.json", {"pid": os.getpid(), "timestamp": 10**400})
    (entry,) = caches.every(NOW)
    assert entry.holder
    assert entry.holder.since is None


def test_a_secret_in_an_address_of_a_login_is_not_shown(home: Path, run: Run) -> None:
    secret = token_urlsafe(12)
    path = home / ".local/share/opencode/mcp-auth.json"
    path.parent.mkdir(parents=True)
    keyed, user = f"https://h.example/mcp?api_key={secret}", f"https://u:{secret}@h.example/"
    tokens = {"tokens": {"accessToken": "x"}}
    path.write_text(
        json.dumps({keyed: tokens, "a": {**tokens, "serverUrl": keyed}, "b": {"serverUrl": user}})
    )
    shown = run("stores"), run("stores", "--json")
    assert not any(secret in s.out + s.err for s in shown)
    assert "https://h.example/mcp" in shown[0].out


def test_a_text_of_a_file_is_shown_plain(home: Path, run: Run) -> None:
    faos(home, {"access_token": "x", "domain": "a\x1b[2Jb\u202e\n" + "c" * 900})
    shown = run("stores")
    assert "\x1b" not in shown.out
    assert "\u202e" not in shown.out
    assert len(caches.every(NOW)[0].domain) <= 200


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["access_token", "refresh_token", "expires_at", "expires_in", "scope", "domain", "iss", "a"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=examples(200), deadline=None)
@given(_JSON, st.sampled_from(["s", "ms"]))
def test_any_json_can_be_told(value: Any, unit: str) -> None:
    for pointer, login in content.logins(value):
        said = content.told(login, unit, NOW)
        assert said.token
        assert "\n" not in said.domain
        if not pointer:
            continue
        document = documents.read(json.dumps(value).encode(), "cache.json", documents.JSON)
        left = document.remove(pointer).value
        assert len(list(content.logins(left))) == len(list(content.logins(value))) - 1
