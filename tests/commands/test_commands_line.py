"""The command line itself: codes, errors, help, what leaves the program, and being interrupted."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.keeping import keep, where_found
from support.running import Run

from commands import dispatch, output
from commands.parser import command_parser
from commands.table import COMMANDS, LATER, LATER_OPTIONS
from wizard.secret import Secret

ROOT = Path(__file__).resolve().parents[2]


def process(*words: str, **more: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "wizard", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        **more,  # type: ignore[call-overload]  # keywords of Popen
    )


def test_version_answers_without_loading_anything_else(run: Run) -> None:
    assert run("--version").out.startswith("authwizard ")
    assert run("-V").code == 0
    code = (
        "import sys; before = set(sys.modules); from commands.main import main; main(['--version']);"
        "new = set(sys.modules) - before; print(sorted(m for m in new if '.' not in m), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "['__future__', 'commands', 'wizard']"


@pytest.mark.parametrize("name", [c.name for c in COMMANDS])
def test_every_command_explains_itself(run: Run, name: str) -> None:
    done = run(name, "--help")
    assert done.code == 0
    assert done.out.startswith(f"usage: authwizard {name}")
    command = next(c for c in COMMANDS if c.name == name)
    for option in command.options:
        assert option.flags[0] in done.out
    assert "\x1b" not in done.out


def test_the_help_names_every_command(run: Run) -> None:
    done = run("--help")
    assert done.code == 0
    assert all(f"  {c.name} " in done.out for c in COMMANDS)


def test_the_table_and_the_parser_agree() -> None:
    for command in COMMANDS:
        options = {flag for o in command.options for flag in o.flags}
        assert not options & LATER_OPTIONS.get(command.name, frozenset())
        assert command_parser(command).prog == f"authwizard {command.name}"
    assert not LATER & {c.name for c in COMMANDS}


def test_no_service_has_a_commands_name() -> None:
    from wizard import catalogue

    names = {c.name for c in COMMANDS} | LATER
    assert not names & {s.id for s in catalogue.load().services}


@pytest.mark.parametrize("name", sorted(LATER))
def test_a_later_command_says_so(run: Run, name: str) -> None:
    done = run(name, "--json")
    assert (done.code, done.json["error"]["id"]) == (2, "not-yet")


@pytest.mark.parametrize(
    ("word", "meant"), [("flet", "fleet"), ("doctr", "doctor"), ("setpu", "setup"), ("zzzz", "Services are")]
)
def test_an_unknown_word_gets_its_near_ones(run: Run, word: str, meant: str) -> None:
    done = run(word)
    assert done.code == 2
    assert meant in done.err


@pytest.mark.parametrize("words", [[], ["fleet"], ["--practice"]])
def test_the_screen_without_a_terminal_is_exit_2(run: Run, words: list[str]) -> None:
    done = run(*words)
    assert done.code == 2
    assert "needs a terminal" in done.err


def test_a_secret_in_the_wrong_place_is_not_repeated(run: Run, home: Path) -> None:
    bare = Secret("faosx_" + secrets.token_urlsafe(32))
    text = bare.reveal()
    for words in (
        [text], ["token", text], ["test", text], ["doctor", "x", text], ["setup", text], ["setup", "faos", text],
        ["setup", "faos", f"--tokn={text}"], ["setup", "faos", "--store", text],
        ["test", "http://127.0.0.1:1/", "--credential", text],
        ["test", "http://127.0.0.1:1/", "--kind", text],
        ["doctor", "http://127.0.0.1:1/", "--header", f"X={text}"],
        ["test", "http://127.0.0.1:1/", "--set", f"token={text}"],
        ["connections", text], ["causes", text], ["services", text],
    ):  # fmt: skip
        for more in ([], ["--json"]):
            done = run(*words, *more)
            assert done.code == 2, words
            assert where_found(bare, home, done.out, done.err) == [], words[:-1]


def test_json_holds_no_character_that_acts() -> None:
    nasty = "a\x1b[31m\x7f\x9b\u202e\u2066\ud800\u0000z"
    text = output.to_json({"x": nasty, "n": float("nan"), "i": [float("inf")]})
    assert all(c == "\n" or 32 <= ord(c) < 127 for c in text)
    assert json.loads(text) == {"x": nasty, "n": None, "i": [None]}
    assert output.clean(nasty) == "a[31mz"


def test_the_end_of_the_reader_is_quiet() -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m wizard services --json | head -c 1 >&2; echo ${{PIPESTATUS[0]}}"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    assert done.stderr == "{"
    assert done.stdout.strip() in ("0", "1")


def test_a_crash_is_a_sentence_and_a_note_without_values(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Secret(secrets.token_urlsafe(24))

    def broken(*_: object) -> int:
        raise RuntimeError(held.reveal())

    monkeypatch.setattr("commands.connections_cmd.run", broken)
    done = run("connections", "--json")
    assert (done.code, done.json["error"]["id"]) == (1, "internal")
    note = home / ".local/state/authwizard/crash.txt"
    assert "RuntimeError" in note.read_text()
    assert str(note) in done.json["error"]["detail"]
    assert "Traceback" not in done.err
    assert where_found(held, home, done.out, done.err) == []


def test_an_interruption_is_130_and_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("commands.connections_cmd.run", interrupted)
    done = run("connections", "--json")
    assert (done.code, done.json["error"]["id"]) == (130, "interrupted")
    assert run("connections").err.startswith("Interrupted.")


def test_ctrl_c_while_a_server_is_silent(home: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/mcp"
        running = process("setup", "mcp", "--url", url, "--method", "none", "--yes", "--json")
        silent.settimeout(20)
        silent.accept()[0].close()
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert running.returncode == 130, err
    assert json.loads(out)["error"]["id"] == "interrupted"
    assert "Traceback" not in err
    assert not (home / ".config/authwizard").exists()


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"schema": 1}', b"\xff\xfe{}", b'{"schema":99,"connections":{}}']
)
def test_a_broken_connections_file_is_named_and_left_alone(run: Run, home: Path, content: bytes) -> None:
    place = home / ".config/authwizard/connections.json"
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    for words in (["connections"], ["doctor", "--all"], ["test", "x"], ["headers", "x"]):
        done = run(*words)
        assert done.code == 1, words
        assert "connections.json" in done.err
        assert "Traceback" not in done.err
    assert place.read_bytes() == content


@pytest.mark.parametrize("kind", ["folder", "unreadable"])
def test_a_connections_file_that_cannot_be_read(run: Run, home: Path, kind: str) -> None:
    place = home / ".config/authwizard/connections.json"
    place.parent.mkdir(parents=True)
    if kind == "folder":
        place.mkdir()
    else:
        if os.geteuid() == 0:
            pytest.skip("root reads every file")
        place.write_text("{}")
        place.chmod(0)
    done = run("connections", "--json")
    assert (done.code, "error" in done.json) == (1, True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_hold_every_command_and_parse(run: Run, shell: str) -> None:
    import shutil

    done = run("completion", shell)
    assert done.code == 0
    assert all(c.name in done.out for c in COMMANDS)
    assert "--dry-run" in done.out or "-l dry-run" in done.out
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=done.out, text=True, check=True)


def test_bash_completes_commands_and_options(run: Run) -> None:
    script = run("completion", "bash").out
    probe = (
        'COMP_WORDS=(authwizard se); COMP_CWORD=1; _authwizard; echo "${COMPREPLY[@]}";'
        'COMP_WORDS=(authwizard export x --secrets ""); COMP_CWORD=4; _authwizard; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script + probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["setup services secret", "oauth env helper prompt file inline"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("setup faos --client claude-", "claude-code claude-desktop"),
        ("setup faos --method key", "keycloak keycloak_token"),
        ("setup faos --environment pra", "practice"),
        ("setup fu", "fusionauth"),
        ("--pl", "--plain"),
        ("causes group-n", "group-name-case-or-hyphen"),
        ("services ch", "check"),
        ("services fu", "fusionauth"),
        ("test x --allow gate", "gateway-redirect"),
        ("sandbox --fault group-n", "group-name-case-or-hyphen"),
        ("test mi", "mine"),
        ("connections remove mi", "mine"),
    ],
)
def test_bash_completes_what_there_is(run: Run, home: Path, line: str, found: str) -> None:
    keep("mine", "fleet", "bearer", "env:T", url="http://127.0.0.1:9")
    ours = home / "authwizard"
    ours.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wizard "$@"\n', "utf-8")
    ours.chmod(0o755)
    words = ["authwizard", *line.split()]
    probe = (
        f'COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; _authwizard; echo "${{COMPREPLY[@]}}"'
    )
    env = {**os.environ, "PATH": f"{home}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    script = run("completion", "bash").out
    done = subprocess.run(["bash", "-c", script + probe], capture_output=True, text=True, check=True, env=env)
    assert (done.stdout.strip(), done.stderr) == (found, "")


def test_descriptions_keep_their_signs(run: Run) -> None:
    scripts = {shell: run("completion", shell).out for shell in ("zsh", "fish")}
    assert (
        r"'connections:the saved connections\: show, rename or remove one, or switch it to its fallback'"
        in scripts["zsh"]
    )
    assert r"[the client'\''s file of this project, not your own]" in scripts["zsh"]
    assert r"-d 'the client\'s file of this project, not your own'" in scripts["fish"]
    for script in scripts.values():
        assert "plain" in script
        assert "group-name-case-or-hyphen" in script
        assert "check new" in script


def test_the_leniencies_are_named_in_the_help(run: Run) -> None:
    assert "gateway-redirect" in " ".join(run("test", "--help").out.split())


def test_the_connections_are_named_for_a_shell(run: Run, home: Path) -> None:
    assert run("completion", "--connections").out == ""
    keep("mine", "fleet", "bearer", "env:T", url="http://127.0.0.1:9")
    assert run("completion", "--connections").out == "mine\n"
    assert run("completion").code == 2


@pytest.mark.slow
def test_the_sandbox_says_one_line_and_ends_on_a_signal(home: Path) -> None:
    running = process("sandbox", "--json")
    assert running.stdout is not None
    served = json.loads(running.stdout.readline())["services"]
    assert {"faos", "fleet"} <= set(served)
    assert served["fleet"]["credentials"]["token"]
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (0, "", "")
    interrupted = process("sandbox", "--json")
    assert interrupted.stdout is not None
    interrupted.stdout.readline()
    interrupted.send_signal(signal.SIGINT)
    _, err = interrupted.communicate(timeout=20)
    assert interrupted.returncode == 130
    assert "Traceback" not in err


def test_no_traceback_for_any_short_line(run: Run) -> None:
    odd = [
        "",
        "-",
        "--",
        "---",
        "-x",
        "--json",
        "=",
        "a=b",
        "\x00",
        "é",
        "\ud800",
        "x" * 5000,
        "http://",
        ":",
        "claude-code:",
    ]
    for command in ("setup", "test", "doctor", "connections", "services", "causes", "export", "clients"):
        for word in odd:
            done = run(command, word)
            assert done.code in (0, 1, 2), (command, word)
            assert "inside authwizard itself" not in done.err, (command, word, done.err)


def test_the_module_offers_the_one_door() -> None:
    assert callable(dispatch.run)
