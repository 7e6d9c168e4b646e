"""The file of connections: what goes in comes out, and nothing that it cannot understand is ever overwritten."""

from __future__ import annotations

import concurrent.futures
import json
import os
import secrets
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from keyring import core
from support.examples import examples

from wizard import connections, locks
from wizard.connections import Connection
from wizard.errors import FileProblem, SourceError, StoreError, UsageError
from wizard.secret import Secret
from wizard.vault import get_store

FLEET = Connection(
    "fleet",
    "fleet",
    "local",
    "http://127.0.0.1:8000/mcp",
    "token_file",
    {"transport": "http"},
    {"token": "file:~/.fleet-mcp/auth_token"},
)
FAOS = Connection(
    "faos-prod",
    "faos",
    "prod",
    "",
    "api_token",
    {"tenant_id": "t-1"},
    {"token": "env:T"},
    ("agents:read",),
    ("x",),
    ("http",),
)


def unreadable(content: bytes) -> FileProblem:
    """The failure of a file with this content; saving and removing fail alike and leave it as it is."""
    path = connections.path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    failures = []
    for act in (connections.load_all, lambda: connections.save(FLEET), lambda: connections.remove("fleet")):
        with pytest.raises(FileProblem) as caught:
            act()
        failures.append(caught.value)
    assert path.read_bytes() == content
    assert len({f.title for f in failures}) == 1
    assert str(path) in failures[0].title
    assert "left as it is" in " ".join(failures[0].fix).replace("was left", "left")
    return failures[0]


class TestKeeping:
    def test_nothing_yet(self, home: Path) -> None:
        assert connections.load_all() == ()
        assert not (home / ".config").exists()
        with pytest.raises(UsageError) as caught:
            connections.get("fleet")
        assert caught.value.id == "unknown-connection"

    def test_saved_and_found(self) -> None:
        kept = connections.save(FLEET)
        assert kept == replace(FLEET, created=kept.created)
        assert time.strptime(kept.created, "%Y-%m-%dT%H:%M:%SZ")
        assert connections.get("fleet") == kept
        path = connections.path()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        with pytest.raises(UsageError) as caught:
            connections.get("flet")
        assert "fleet" in caught.value.detail

    def test_the_same_again_changes_no_byte(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first = connections.save(FLEET)
        connections.save(FAOS)
        # laid out by hand, and from long ago
        path = connections.path()
        path.write_text(json.dumps(json.loads(path.read_text())))
        os.utime(path, (1, 1))
        monkeypatch.setattr(connections, "_now", lambda: "2031-01-01T00:00:00Z")
        assert connections.save(FLEET) == first
        assert connections.save(replace(FLEET, created="2030-01-01T00:00:00Z")) == first
        assert path.stat().st_mtime == 1

    def test_a_change_stays_in_its_place(self) -> None:
        first = connections.save(FLEET)
        connections.save(FAOS)
        connections.save(replace(FLEET, url="http://127.0.0.1:9/mcp"))
        assert [c.name for c in connections.load_all()] == ["fleet", "faos-prod"]
        assert connections.get("fleet").url.endswith(":9/mcp")
        assert connections.get("fleet").created == first.created

    def test_what_this_version_does_not_know_is_kept(self) -> None:
        connections.save(FLEET)
        path = connections.path()
        raw = json.loads(path.read_text())
        raw["note"] = [1]
        raw["connections"][0]["of_a_later_version"] = {"method": "bearer"}
        path.write_text(json.dumps(raw))
        connections.save(replace(FLEET, scopes=("a",)))
        connections.save(FAOS)
        after = json.loads(path.read_text())
        assert after["note"] == [1]
        assert after["connections"][0]["of_a_later_version"] == {"method": "bearer"}
        assert after["connections"][0]["scopes"] == ["a"]

    def test_a_link_stays_a_link(self, home: Path) -> None:
        real = home / "dotfiles.json"
        connections.path().parent.mkdir(parents=True)
        real.write_text('{"schema": 1, "connections": []}')
        connections.path().symlink_to(real)
        connections.save(FLEET)
        assert connections.path().is_symlink()
        assert "fleet" in real.read_text()

    @pytest.mark.parametrize("name", ["", "a b", "a.b", "a/b", "a:b", "ä", "a\n", "x" * 65, "${A}"])
    def test_a_name_that_cannot_be(self, name: str) -> None:
        with pytest.raises(UsageError) as caught:
            connections.save(replace(FLEET, name=name))
        assert caught.value.id == "bad-name"
        assert caught.value.detail
        assert not connections.path().exists()
        assert connections.valid_name("x" * 64) == "x" * 64

    def test_no_secret_gets_in(self) -> None:
        token = secrets.token_urlsafe(32)
        for source, id in ((token, "bare-secret"), ("-", "stdin-not-kept")):
            with pytest.raises(UsageError) as caught:
                connections.save(replace(FLEET, secrets={"token": source}))
            assert caught.value.id == id
        assert not connections.path().exists()

    text = st.text(max_size=12)
    lists = st.lists(text, max_size=3).map(tuple)
    source = st.one_of(
        st.from_regex(r"env:[A-Z_][A-Z0-9_]{0,9}", fullmatch=True),
        st.from_regex(r"keyring:authwizard/[a-z]{1,5}/[a-z.]{1,9}", fullmatch=True),
        st.text(min_size=1, max_size=9).filter(lambda t: bool(t.strip())).map(lambda t: f"file:/{t}"),
        st.from_regex(r"cmd:[a-z]{1,9} [a-z ]{0,9}", fullmatch=True),
    )

    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(80)
    )
    @example([replace(FLEET, created="0", secrets={"token": "file:/\0"})])
    @given(
        st.lists(
            st.builds(
                Connection,
                name=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
                service=st.text(min_size=1, max_size=12),
                environment=text,
                url=text,
                method=st.text(min_size=1, max_size=12),
                settings=st.dictionaries(text, text, max_size=3),
                secrets=st.dictionaries(text, source, max_size=3),
                scopes=lists,
                tools=lists,
                allow=lists,
                created=st.text(min_size=1, max_size=20),
            ),
            max_size=3,
            unique_by=lambda c: c.name,
        )
    )
    def test_any_connection_comes_back(self, wanted: list[Connection]) -> None:
        connections.path().unlink(missing_ok=True)
        for one in wanted:
            connections.save(one)
        content = connections.path().read_bytes() if wanted else b""
        assert connections.load_all() == tuple(wanted)
        assert content.isascii()
        for one in wanted:
            connections.save(one)
        assert not wanted or connections.path().read_bytes() == content


class TestRemoving:
    def test_with_what_we_keep_for_it_and_nothing_else(self, home: Path) -> None:
        mine = home / "mine"
        mine.write_text("x")
        store = get_store("file")
        own = store.save("fleet", "token", Secret("a"))
        shared = store.save("fleet", "client_secret", Secret("b"))
        connections.save(
            replace(FLEET, secrets={"token": own, "client_secret": shared, "other": f"file:{mine}"})
        )
        connections.save(replace(FAOS, secrets={"token": shared}))
        assert connections.remove("fleet").name == "fleet"
        assert not Path(own.removeprefix("file:")).exists()
        assert Path(shared.removeprefix("file:")).exists()
        assert mine.exists()
        assert [c.name for c in connections.load_all()] == ["faos-prod"]
        with pytest.raises(UsageError):
            connections.remove("fleet")

    def test_renamed_in_its_place(self) -> None:
        connections.save(FLEET)
        connections.save(FAOS)
        connections.rename("fleet", "fleet-2")
        assert [c.name for c in connections.load_all()] == ["fleet-2", "faos-prod"]
        for old, new, id in (
            ("fleet", "x", "unknown-connection"),
            ("fleet-2", "faos-prod", "name-taken"),
            ("fleet-2", "", "bad-name"),
        ):
            with pytest.raises(UsageError) as caught:
                connections.rename(old, new)
            assert caught.value.id == id

    def test_a_renamed_one_keeps_its_secret_to_itself(self) -> None:
        store = get_store("file")
        old = store.save("fleet", "token", Secret("a"))
        connections.save(replace(FLEET, secrets={"token": old, "other": "env:T"}))
        kept = connections.rename("fleet", "fleet-2")
        assert connections.rename("fleet-2", "fleet-2") == kept
        assert not Path(old.removeprefix("file:")).exists()
        store.save("fleet", "token", Secret("b"))
        assert kept.secrets["other"] == "env:T"
        connections.save(replace(kept, secrets={"token": kept.secrets["token"]}))
        assert connections.secrets_of(connections.get("fleet-2")) == {"token": Secret("a")}

    def test_where_there_is_no_keyring_the_connection_can_still_go(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(core, "_keyring_backend", None)
        connections.save(replace(FLEET, secrets={"token": "keyring:authwizard/fleet/token"}))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no.such.Backend")
        with pytest.raises(StoreError):
            connections.remove("fleet")
        assert connections.get("fleet")
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        connections.remove("fleet")
        assert connections.load_all() == ()


class TestBrokenFile:
    GOOD = '{"name": "a", "service": "fleet", "method": "bearer"}'

    @pytest.mark.parametrize(
        ("content", "line"),
        [
            ("", 1),
            ("[]", 1),
            ('{"schema": 1,\n "connections": [\n}', 3),
            ("{\n}", 0),
            ('{\n"schema": 2.5, "connections": []}', 2),
            ('{\n"schema": true, "connections": []}', 2),
            ('{"schema": 1,\n"connections": {}}', 2),
            ('{"schema": 1, "connections": [\n' + GOOD + ",\n" + GOOD + "]}", 3),
            ('{"schema": 1, "connections": [\n' + GOOD + ",\n 5]}", 3),
            ('{"schema": 1, "connections": [\n\n{"service": "a"}]}', 3),
            ('{"schema": 1, "connections": [\n' + GOOD.replace('"a"', '"a b"') + "]}", 2),
            ('{"schema": 1, "connections": [\n' + GOOD.replace("}", ', "url": 5}') + "]}", 2),
            ('{"schema": 1, "connections": [\n' + GOOD.replace("}", ', "secrets": {"t": null}}') + "]}", 2),
            ('{"schema": 1, "connections": [\n' + GOOD.replace("}", ', "scopes": "a"}') + "]}", 2),
            ('{"schema": 1, "connections": [],\n "connections": []}', 2),
            ("[" * 100_000, 0),
        ],
    )
    def test_the_line_is_named_and_the_file_stays(self, content: str, line: int) -> None:
        problem = unreadable(content.encode())
        assert problem.id == "connections-broken"
        assert problem.title.endswith(f":{line}" if line else "connections.json")
        assert problem.detail.endswith(".")

    def test_newer_than_this_program(self) -> None:
        assert unreadable(b'{"schema": 2, "connections": []}').id == "connections-newer"

    def test_not_utf8(self) -> None:
        assert unreadable(b'{"schema": 1, "connections": ["\xe9"]}').id == "file-not-utf8"

    def test_a_byte_order_mark_is_no_fault(self) -> None:
        connections.path().parent.mkdir(parents=True)
        connections.path().write_text('\ufeff{"schema": 1, "connections": []}')
        assert connections.save(FLEET).name == "fleet"

    @pytest.mark.parametrize("what", ["folder", "pipe", "dangling", "parent"])
    def test_no_file(self, what: str, home: Path) -> None:
        path = connections.path()
        if what == "parent":
            path.parent.parent.mkdir(parents=True)
            path.parent.write_text("x")
        else:
            path.parent.mkdir(parents=True)
        if what == "folder":
            path.mkdir()
        elif what == "pipe":
            os.mkfifo(path)
        elif what == "dangling":
            path.symlink_to(home / "nowhere")
        for act in (connections.load_all, lambda: connections.save(FLEET)):
            with pytest.raises(FileProblem) as caught:
                act()
            assert caught.value.fix
        if what == "parent":
            assert path.parent.read_text() == "x"

    def test_permission_denied(self, monkeypatch: pytest.MonkeyPatch) -> None:
        connections.save(FLEET)
        before = os.open

        def denied(path: object, *rest: int) -> int:
            if str(path).endswith("connections.json"):
                raise PermissionError(13, "Permission denied")
            return before(path, *rest)  # type: ignore[arg-type]  # the same argument, passed on

        monkeypatch.setattr(os, "open", denied)
        with pytest.raises(FileProblem) as caught:
            connections.save(FAOS)
        assert caught.value.id == "file-unreadable"

    def test_a_disk_that_is_full_leaves_the_old_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        connections.save(FLEET)
        before = connections.path().read_bytes()

        def full(_handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(FileProblem) as caught:
            connections.save(FAOS)
        assert caught.value.id == "cannot-write"
        assert connections.path().read_bytes() == before
        assert not [
            p
            for p in connections.path().parent.iterdir()
            if "connections.json." in p.name and "lock" not in p.name
        ]


class TestWriters:
    def test_many_at_once_lose_nothing(self) -> None:
        here = Path(__file__).resolve().parents[2]
        code = (
            "import sys; from wizard.connections import *\n"
            "for i in range(5): save(Connection(f'{sys.argv[1]}-{i}', 's', '', '', 'none'))"
        )
        started = [subprocess.Popen([sys.executable, "-c", code, str(n)], cwd=here) for n in range(4)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: connections.save(replace(FLEET, name=f"t-{n}")), range(8)))
        assert [p.wait(30) for p in started] == [0] * 4
        assert len(connections.load_all()) == 28

    @pytest.mark.parametrize("kernel", [True, False])
    def test_a_taken_lock_is_waited_for_then_named(self, kernel: bool, home: Path) -> None:
        path = home / "file"
        with locks.hold(path, kernel=kernel):
            with pytest.raises(FileProblem) as caught, locks.hold(path, seconds=0.1, kernel=kernel):
                pass
            assert caught.value.id == "file-busy"
        with locks.hold(path, seconds=0, kernel=kernel):
            pass

    def test_a_lock_that_a_dead_process_left_is_taken_over(self, home: Path) -> None:
        left = home / ".file.pid"
        left.write_text("1")
        os.utime(left, (1, 1))
        with locks.hold(home / "file", kernel=False, seconds=0.5):
            assert left.read_text() == str(os.getpid())
        assert not left.exists()


class TestSecrets:
    def test_each_from_its_place(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        token = secrets.token_urlsafe(32)
        (home / "t").write_text(json.dumps({"value": token}))
        monkeypatch.setenv("T", token[::-1])
        found = connections.secrets_of(replace(FLEET, secrets={"token": "file:~/t", "other": "env:T"}))
        assert found == {"token": Secret(token), "other": Secret(token[::-1])}

    def test_the_failure_names_the_field(self) -> None:
        with pytest.raises(SourceError) as caught:
            connections.secrets_of(FLEET)
        assert caught.value.id == "file-missing"
        assert "token of the connection fleet" in caught.value.detail
