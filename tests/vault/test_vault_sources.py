"""Every way in which a SOURCE yields a secret, and every way in which it does not, has its own answer."""

from __future__ import annotations

import io
import json
import os
import secrets
import socket
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wizard.errors import SourceError, UsageError
from wizard.vault import keepable, parse_source, programs


def failure(text: str, stdin: bytes | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        parse_source(text).read(None if stdin is None else io.BytesIO(stdin))
    assert caught.value.title.endswith("."), caught.value.title
    return caught.value


def python(code: str) -> str:
    return f"cmd:{sys.executable} -c '{code}'"


@pytest.fixture
def token() -> str:
    return secrets.token_urlsafe(32)


class TestWhatIsASource:
    @pytest.mark.parametrize(
        "form", ["{}", "Bearer {}", " env:{}", "ENV:{}", "https://{}", "token={}", "--{}"]
    )
    def test_a_bare_secret_is_refused_without_repeating_it(self, form: str, token: str) -> None:
        with pytest.raises(UsageError) as caught:
            parse_source(form.format(token))
        assert caught.value.id == "bare-secret"
        assert token not in json.dumps(caught.value.as_json())
        assert "history" in caught.value.detail

    @pytest.mark.parametrize("text", ["", "env:", "file:", "keyring: ", "cmd:\t"])
    def test_a_source_without_its_rest_is_incomplete(self, text: str) -> None:
        with pytest.raises(UsageError) as caught:
            parse_source(text)
        assert caught.value.id == "source-incomplete"

    def test_a_value_in_the_place_of_a_variable_is_not_repeated(self, token: str) -> None:
        with pytest.raises(UsageError) as caught:
            parse_source(f"env:sk-{token}")
        assert caught.value.id == "source-variable"
        assert token not in json.dumps(caught.value.as_json())

    @pytest.mark.parametrize("command", ["cmd:'open", 'cmd:""', "cmd:a\0b"])
    def test_a_command_that_cannot_be_split(self, command: str) -> None:
        with pytest.raises(UsageError) as caught:
            parse_source(command)
        assert caught.value.id == "source-command"

    def test_a_relative_path_is_kept_whole(self, home: Path) -> None:
        assert parse_source("file:token.txt").text == f"file:{home}/project/token.txt"
        assert parse_source("file:~/token.txt").text == "file:~/token.txt"

    def test_standard_input_cannot_be_kept(self) -> None:
        assert keepable("env:TOKEN") == "env:TOKEN"
        with pytest.raises(UsageError) as caught:
            keepable("-")
        assert caught.value.id == "stdin-not-kept"

    @given(st.text(max_size=60))
    def test_any_text_is_a_source_or_a_usage_error(self, text: str) -> None:
        try:
            source = parse_source(text)
        except UsageError:
            return
        assert parse_source(source.text) == source


class TestVariables:
    def test_a_variable(self, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOME_TOKEN", f" {token}\n")
        assert parse_source("env:SOME_TOKEN").read().reveal() == f" {token}\n"

    def test_unset_and_empty_are_told_apart(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOME_TOKEN", "")
        assert failure("env:SOME_TOKEN").id == "variable-empty"
        unset = failure("env:OTHER_TOKEN")
        assert unset.id == "variable-unset"
        assert "OTHER_TOKEN" in unset.title

    def test_a_token_that_looks_like_a_name_is_not_repeated(self) -> None:
        value = "ghp_" + secrets.token_hex(18)
        assert value not in json.dumps(failure(f"env:{value}").as_json())


class TestFiles:
    @pytest.mark.parametrize("around", ["{}\r", ' "{}" ', "\ufeff{}", "{}\n", "\n{}", "{{{}}}"])
    def test_one_line_feed_comes_off_and_nothing_else(self, around: str, token: str, home: Path) -> None:
        held = around.format(token)
        (home / "t").write_bytes((held + "\n").encode())
        assert parse_source("file:~/t").read().reveal() == held

    @pytest.mark.parametrize("key", ["access_token", "token", "value"])
    def test_a_json_file_yields_its_usual_field(self, key: str, token: str, home: Path) -> None:
        (home / "auth_token").write_text(json.dumps({key: token, "created_at": "2025-11-11T10:30:00Z"}))
        assert parse_source("file:~/auth_token").read().reveal() == token

    def test_the_first_usual_field_wins_and_null_is_none(self, token: str, home: Path) -> None:
        (home / "a.json").write_text(json.dumps({"value": "x", "token": token, "access_token": None}))
        assert parse_source("file:~/a.json").read().reveal() == token

    def test_a_named_field_also_deeper(self, token: str, home: Path) -> None:
        (home / "a.json").write_text("\ufeff" + json.dumps({"a.b": token, "c": {"d": token[::-1]}}))
        assert parse_source("file:~/a.json#a.b").read().reveal() == token
        assert parse_source("file:~/a.json#c.d").read().reveal() == token[::-1]

    def test_a_sharp_in_the_files_own_name(self, token: str, home: Path) -> None:
        (home / "a#b").write_text(token)
        assert parse_source("file:~/a#b").read().reveal() == token

    @pytest.mark.parametrize(
        ("content", "source", "id"),
        [
            (b"", "file:~/t", "file-empty"),
            (b"\n", "file:~/t", "file-empty"),
            (b"  \n", "file:~/t.json", "file-empty"),
            (b"\xff\xfea\0b\0", "file:~/t", "file-not-utf8"),
            (b"ab\n\xe9", "file:~/t", "file-not-utf8"),
            (b'{"value": "cut', "file:~/t", "file-not-json"),
            (b"plain", "file:~/t#token", "file-not-json"),
            (b"[]", "file:~/t.json", "file-not-json"),
            (b'"text"', "file:~/t.json", "file-not-json"),
            (b"[" * 100_000, "file:~/t.json", "file-not-json"),
            (b"9" * 5000, "file:~/t.json", "file-not-json"),
            (b'{"other": "x"}', "file:~/t", "file-no-field"),
            (b'{"other": "x"}', "file:~/t#token", "file-no-field"),
            (b'{"token": 5}', "file:~/t", "file-no-field"),
            (b'{"token": ""}', "file:~/t", "file-no-field"),
            (b"x" * 1_000_001, "file:~/t", "file-too-large"),
        ],
    )
    def test_content_that_is_no_secret(self, content: bytes, source: str, id: str, home: Path) -> None:
        for name in ("t", "t.json"):
            (home / name).write_bytes(content)
        assert failure(source).id == id

    def test_the_place_at_fault_is_named(self, home: Path) -> None:
        (home / "t").write_bytes(b"ab\n\xe9")
        assert "line 2" in failure("file:~/t").detail
        (home / "t").write_text('{"token":\n "x"\n "y"}')
        assert "Line 3" in failure("file:~/t").detail

    def test_a_secret_that_is_a_key_is_not_repeated(self, token: str, home: Path) -> None:
        (home / "t").write_text(json.dumps({f"{token}{token}": 1, "kind": 2}))
        said = json.dumps(failure("file:~/t").as_json())
        assert "kind" in said
        assert token not in said

    def test_what_is_no_file(self, home: Path) -> None:
        assert failure("file:~/absent").id == "file-missing"
        deeper = failure("file:~/no/such/file")
        assert deeper.id == "file-missing"
        assert str(home) in deeper.detail
        assert failure("file:~").id == "file-is-folder"
        (home / "t").write_text("x")
        assert failure("file:~/t/inside").id == "file-missing"
        assert failure("file:~/a\0b").id == "file-unreadable"
        assert failure(f"file:~/{'x' * 5000}").id == "file-unreadable"
        (home / "loop").symlink_to(home / "loop")
        assert failure("file:~/loop").id == "file-unreadable"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
    def test_a_pipe_or_a_socket_is_refused_at_once(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        os.mkfifo(home / "pipe")
        assert failure("file:~/pipe").id == "file-not-regular"
        monkeypatch.chdir(home)
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("sock")
            assert failure("file:~/sock").id == "file-not-regular"
        assert failure("file:/dev/zero").id == "file-not-regular"

    def test_permission_denied(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = home / "t"
        path.write_text("x")

        def denied(*_: object) -> int:
            raise PermissionError(13, "Permission denied")

        # not by chmod: the tests may run as root, who may read everything
        monkeypatch.setattr(os, "open", denied)
        problem = failure("file:~/t")
        assert problem.id == "file-unreadable"
        assert "chmod" in " ".join(problem.fix)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(st.binary(max_size=200))
    def test_any_bytes_yield_a_secret_or_a_sentence(self, home: Path, content: bytes) -> None:
        (home / "t.json").write_bytes(content)
        for source in ("file:~/t.json", "file:~/t.json#a.b"):
            try:
                assert parse_source(source).read()
            except SourceError as problem:
                assert problem.id.startswith("file-")


class TestStandardInput:
    def test_one_line_feed_comes_off(self, token: str) -> None:
        assert parse_source("-").read(io.BytesIO(f"{token}\r\n".encode())).reveal() == f"{token}\r"

    @pytest.mark.parametrize(
        ("content", "id"),
        [
            (b"", "stdin-empty"),
            (b"\n", "stdin-empty"),
            (b"\xff", "stdin-not-utf8"),
            (b"x" * 1_000_001, "stdin-too-large"),
        ],
    )
    def test_what_is_no_secret(self, content: bytes, id: str) -> None:
        assert failure("-", content).id == id

    def test_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", None)
        assert failure("-").id == "stdin-closed"

    def test_on_a_terminal_it_is_asked_for_unseen(self, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        monkeypatch.setattr(sys, "stdin", Terminal())
        monkeypatch.setattr("getpass.getpass", lambda _prompt: token)
        assert parse_source("-").read().reveal() == token
        monkeypatch.setattr("getpass.getpass", lambda _prompt: "")
        assert failure("-").id == "stdin-empty"


class TestCommands:
    def test_what_it_prints(self, token: str) -> None:
        assert parse_source(python(f'print(" {token}", end="\\r\\n")')).read().reveal() == f" {token}\r"

    def test_no_shell_reads_it(self) -> None:
        assert parse_source("cmd:echo $HOME ~ '`id`'").read().reveal() == "$HOME ~ `id`"

    @pytest.mark.parametrize(
        ("code", "id"),
        [
            ("pass", "command-empty"),
            ("print()", "command-empty"),
            ("print(1); print(2)", "command-many-lines"),
            ("print(1); raise SystemExit(3)", "command-failed"),
            ("import os; os.kill(os.getpid(), 9)", "command-failed"),
            ("import sys; sys.stdout.buffer.write(bytes([255]))", "command-not-utf8"),
            ("print(1_000_001 * chr(120))", "command-too-large"),
            ("while True: print(10_000 * chr(120))", "command-too-large"),
        ],
    )
    def test_what_is_no_secret(self, code: str, id: str) -> None:
        assert failure(python(code)).id == id

    def test_not_there_or_no_program(self, home: Path) -> None:
        assert failure("cmd:no-such-program-here x").id == "command-missing"
        (home / "text").write_text("x")
        assert failure(f"cmd:{home}/text").id == "command-not-started"
        assert failure(f"cmd:{home}").id == "command-not-started"

    def test_the_failure_says_what_it_said_but_no_token(self, token: str) -> None:
        told = failure(python(f'import sys; sys.exit("not signed in with 1{token}")'))
        assert "not signed in" in told.detail
        assert token not in json.dumps(told.as_json())

    def test_a_pipe_sign_is_explained(self) -> None:
        assert "sh -c" in " ".join(failure("cmd:cat /no/such | head").fix)

    def test_a_hanging_command_is_ended_with_its_children(self, home: Path) -> None:
        left = home / "left"
        code = (
            'import subprocess, time; p = subprocess.Popen(["sleep", "60"]);'
            f' open("{left}", "w").write(str(p.pid)); time.sleep(60)'
        )
        began = time.monotonic()
        with pytest.raises(SourceError) as caught:
            programs.read_command(f"{sys.executable} -c '{code}'", seconds=1.5)
        assert caught.value.id == "command-hangs"
        assert time.monotonic() - began < 8
        pid = int(left.read_text())
        for _ in range(100):
            if not _runs(pid):
                break
            time.sleep(0.05)
        assert not _runs(pid)

    @pytest.mark.slow
    def test_a_child_that_keeps_the_pipe_does_not_delay_for_ever(self, token: str) -> None:
        began = time.monotonic()
        found = parse_source(f"cmd:sh -c 'echo {token}; sleep 8 & exit 0'").read()
        assert found.reveal() == token
        assert time.monotonic() - began < 6

    def test_it_cannot_ask_on_our_terminal(self) -> None:
        assert failure("cmd:sh -c 'read answer < /dev/tty && echo $answer'").id == "command-failed"
        assert failure("cmd:cat").id == "command-empty"


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
