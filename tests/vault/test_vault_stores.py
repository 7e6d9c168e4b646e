"""What is kept can be read back, exactly; what cannot be kept is said before anything refers to it."""

from __future__ import annotations

import json
import secrets
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keyring import core
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordDeleteError, PasswordSetError
from support.examples import examples

from wizard.errors import SourceError, StoreError, UsageError
from wizard.secret import Secret
from wizard.vault import default_store, forget, get_store, kept_by, keyring_store, parse_source, stores


class Memory(KeyringBackend):
    """Keeps in memory; `fault` is raised instead, `hangs` waits for ever."""

    viable = False  # never picked by itself
    priority = 1

    def __init__(self, fault: Exception | None = None, *, wrong: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.fault, self.wrong = fault, wrong

    def get_password(self, service: str, username: str) -> str | None:
        if self.fault:
            raise self.fault
        found = self.kept.get((service, username))
        return found + "x" if found and self.wrong else found

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.fault:
            raise self.fault
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("No such password!")


class Hanging(Memory):
    def get_password(self, *_place: str) -> str | None:
        threading.Event().wait(30)
        return None


class ReadOnly(Memory):
    def set_password(self, *_all: str) -> None:
        raise NotImplementedError

    def delete_password(self, *_place: str) -> None:
        raise NotImplementedError


class Prompting(Memory):
    def get_password(self, *_place: str) -> str | None:
        raise AssertionError("it would have asked on the terminal")

    def set_password(self, *_all: str) -> None:
        raise AssertionError("it would have asked on the terminal")


Prompting.__module__ = "keyrings.alt.file"


class Chain(Memory):
    backends: ClassVar[list[KeyringBackend]] = []


@pytest.fixture(autouse=True)
def no_keyring_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(keyring_store, "_silent_until", 0.0)
    yield
    core._keyring_backend = None


def use(backend: KeyringBackend) -> KeyringBackend:
    core.set_keyring(backend)
    return backend


@pytest.fixture
def token() -> Secret:
    return Secret(secrets.token_urlsafe(32))


def refused(token: Secret) -> StoreError:
    with pytest.raises(StoreError) as caught:
        get_store("keyring").save("fleet", "token", token)
    said = json.dumps(caught.value.as_json())
    assert token.reveal() not in said
    assert caught.value.fix
    return caught.value


class TestKeyring:
    def test_kept_read_back_and_removed(self, token: Secret) -> None:
        backend = use(Memory())
        store = get_store("keyring")
        assert store.unavailable() == ""
        assert default_store() is store
        reference = store.save("faos-prod", "token", token, "FAOS_API_TOKEN")
        assert reference == "keyring:authwizard/faos-prod/token"
        assert parse_source(reference).read() == token
        assert kept_by(reference) is store
        store.remove(reference)
        store.remove(reference)
        assert backend.kept == {}  # type: ignore[attr-defined]  # it is the Memory above
        with pytest.raises(SourceError) as caught:
            parse_source(reference).read()
        assert caught.value.id == "keyring-entry-missing"

    def test_a_persons_own_entry_is_read_and_left_alone(self, token: Secret) -> None:
        backend = Memory()
        use(backend)
        backend.kept = {
            ("https://host.example/a", "me"): token.reveal(),
            ("authwizard", "mine"): token.reveal(),
        }
        assert parse_source("keyring:https://host.example/a/me").read() == token
        assert parse_source("keyring:mine").read() == token
        assert not forget("keyring:https://host.example/a/me")
        assert not forget("keyring:authwizard/mine")
        with pytest.raises(StoreError) as caught:
            get_store("keyring").remove("keyring:other/me")
        assert caught.value.id == "not-ours"

    @pytest.mark.parametrize(
        ("fault", "id"),
        [
            (NoKeyringError("none"), "keyring-absent"),
            (KeyringLocked("locked"), "keyring-locked"),
            (InitError("no prompter"), "keyring-locked"),
            (PasswordSetError("denied"), "keyring-not-kept"),
            (RuntimeError("anything"), "keyring-failed"),
        ],
    )
    def test_each_failure_has_its_sentence(self, fault: Exception, id: str, token: Secret) -> None:
        use(Memory(fault))
        assert refused(token).id == id
        assert get_store("keyring").unavailable().endswith(".")
        assert default_store().id == "file"
        with pytest.raises(SourceError) as caught:
            parse_source("keyring:authwizard/fleet/token").read()
        assert caught.value.id == id

    def test_a_backends_own_words_are_not_passed_on(self, token: Secret) -> None:
        use(Memory(ValueError(f"cannot keep {token.reveal()}")))
        assert refused(token).id == "keyring-failed"

    def test_what_comes_back_changed_is_not_kept(self, token: Secret) -> None:
        use(Memory(wrong=True))
        assert refused(token).id == "keyring-not-kept"

    def test_one_that_does_not_answer(self, token: Secret, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keyring_store, "SECONDS", 0.2)
        use(Hanging())
        began = time.monotonic()
        assert "did not answer" in get_store("keyring").unavailable()
        monkeypatch.setattr(keyring_store, "SECONDS", 2.0)
        assert default_store().id == "file"
        assert time.monotonic() - began < 1.5
        monkeypatch.setattr(keyring_store, "SECONDS", 0.2)
        assert refused(token).id == "keyring-silent"
        assert "did not answer" in get_store("keyring").unavailable()
        assert time.monotonic() - began < 5

    @pytest.mark.parametrize(
        ("backend", "id"), [(null.Keyring, "keyring-refused"), (fail.Keyring, "keyring-absent")]
    )
    def test_those_that_keep_nothing(self, backend: type[KeyringBackend], id: str, token: Secret) -> None:
        use(backend())
        assert refused(token).id == id

    def test_one_that_asks_on_the_terminal_is_never_asked(self, token: Secret) -> None:
        use(Prompting())
        problem = refused(token)
        assert problem.id == "keyring-refused"
        assert "terminal" in problem.title

    def test_a_chain_is_used_without_its_prompting_members(self, token: Secret) -> None:
        good = Memory()
        Chain.backends = [ReadOnly(), Prompting(), good]
        use(Chain())
        store = get_store("keyring")
        assert store.unavailable() == ""
        reference = store.save("fleet", "token", token)
        assert good.kept
        store.remove(reference)
        assert not good.kept
        Chain.backends = [Prompting()]
        assert refused(token).id == "keyring-refused"
        Chain.backends = []
        assert refused(token).id == "keyring-absent"
        Chain.backends = [ReadOnly()]
        assert refused(token).id == "keyring-refused"

    def test_a_backend_that_does_not_exist(self, token: Secret, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no.such.Backend")
        assert refused(token).id == "keyring-failed"


class TestFile:
    def test_only_its_owner_can_read_it(self, home: Path, token: Secret) -> None:
        old = home / ".local/share/authwizard/secrets"
        old.mkdir(parents=True)
        old.chmod(0o755)
        store = get_store("file")
        assert store.unavailable() == ""
        reference = store.save("faos-prod", "token", token)
        path = Path(reference.removeprefix("file:"))
        assert path == old / "faos-prod/token"
        assert path.read_text() == token.reveal()
        assert [stat.S_IMODE(p.stat().st_mode) for p in (path, path.parent, old)] == [0o600, 0o700, 0o700]
        assert parse_source(reference).read() == token
        assert kept_by(reference) is store
        assert forget(reference)
        assert not path.parent.exists()
        store.remove(reference)

    @pytest.mark.parametrize("name", ["", "..", "a/b", "a.b", "a:b", "a\n", "ä", "x" * 65])
    def test_no_name_leaves_the_folder(self, name: str, token: Secret) -> None:
        for store in stores():
            with pytest.raises(UsageError):
                store.save(name, "token", token, "TOKEN")

    @pytest.mark.parametrize(
        "field", ["header.X-Api-Key", "..", ".", ".hidden", "a#b", "a%b", "~", "header.X!"]
    )
    def test_any_field_is_one_file_in_it(self, field: str, token: Secret, home: Path) -> None:
        reference = get_store("file").save("one", field, token)
        path = Path(reference.removeprefix("file:"))
        assert path.parent == home / ".local/share/authwizard/secrets/one"
        assert path.is_file()
        assert parse_source(reference).read() == token

    @pytest.mark.parametrize("field", ["", "a/b", "a\n", "x" * 300])
    def test_a_field_that_cannot_be(self, field: str, token: Secret) -> None:
        with pytest.raises(UsageError) as caught:
            get_store("file").save("one", field, token)
        assert caught.value.id == "bad-field"

    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(60)
    )
    @given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
    def test_any_text_comes_back_exactly(self, text: str) -> None:
        for given_text in (text, text + "\n", '{"token": "' + text, json.dumps({"value": text})):
            reference = get_store("file").save("one", "token", Secret(given_text))
            assert parse_source(reference).read().reveal() == given_text

    @pytest.mark.parametrize(("text", "id"), [("", "secret-empty"), ("\ud800", "secret-not-text")])
    def test_what_no_store_can_keep(self, text: str, id: str) -> None:
        use(Memory())
        for store in stores():
            with pytest.raises(StoreError) as caught:
                store.save("one", "token", Secret(text), "TOKEN")
            assert caught.value.id == id

    def test_a_foreign_file_is_never_removed(self, home: Path) -> None:
        mine = home / "token"
        mine.write_text("x")
        trick = f"file:{home}/.local/share/authwizard/secrets/../../../../token"
        for reference in (f"file:{mine}", trick):
            assert not forget(reference)
            with pytest.raises(StoreError) as caught:
                get_store("file").remove(reference)
            assert caught.value.id == "not-ours"
        assert mine.exists()

    def test_where_nothing_can_be_written(self, home: Path, token: Secret) -> None:
        (home / ".local").write_text("a file in the way")
        assert "is a file" in get_store("file").unavailable()
        with pytest.raises(Exception) as caught:
            get_store("file").save("one", "token", token)
        assert caught.value.id == "cannot-write"  # type: ignore[attr-defined]  # a FileProblem


class TestVariable:
    def test_it_keeps_nothing_and_says_what_to_do(
        self, token: Secret, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = get_store("env")
        reference = store.save("faos-prod", "token", token, "FAOS_API_TOKEN")
        assert reference == "env:FAOS_API_TOKEN"
        assert "export FAOS_API_TOKEN" in store.note(reference)
        assert token.reveal() not in store.note(reference)
        assert kept_by(reference) is None
        monkeypatch.setenv("FAOS_API_TOKEN", token.reveal())
        assert store.note(reference) == ""
        store.remove(reference)

    def test_a_variable_is_made_where_none_is_named(self, token: Secret) -> None:
        assert get_store("env").save("1-a", "header.X-Key", token) == "env:_1_A_HEADER_X_KEY"
        with pytest.raises(UsageError):
            get_store("env").save("one", "token", token, "not a name")


def test_the_stores_safest_first() -> None:
    assert [store.id for store in stores()] == ["keyring", "file", "env"]
    assert all(store.title for store in stores())
    with pytest.raises(UsageError) as caught:
        get_store("cloud")
    assert caught.value.id == "unknown-store"


def test_the_module_does_not_import_keyring() -> None:
    code = (
        "import sys, wizard.vault, wizard.connections, commands.secrets_cmds; print('keyring' in sys.modules)"
    )
    here = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=here)
    assert done.stdout.strip() == "False"
