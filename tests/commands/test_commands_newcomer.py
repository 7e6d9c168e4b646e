"""What a newcomer stumbles over: each refusal says what to type instead."""

from __future__ import annotations

import io
import os
import secrets
from pathlib import Path

import pytest
from support.keeping import keep
from support.running import Put, Run
from test_commands_terminal import Terminal

from sandbox.practice import Practice
from wizard import connections
from wizard.setup import unfinished


@pytest.mark.parametrize("name", ["api_key", "key", "access_token"])
def test_a_key_in_the_address_is_refused_and_its_place_named(run: Run, home: Path, name: str) -> None:
    value = secrets.token_urlsafe(12)
    done = run(
        "setup", "http", "--url", f"https://api.example.com/query?{name}={value}", "--method", "none", "--yes"
    )
    assert done.code == 2
    assert f"--method api_key_query --secret query.{name}=SOURCE" in done.err
    assert value not in done.err + done.out
    assert (connections.load_all(), unfinished.every()) == ((), ())


def test_a_refused_address_is_not_shown_again(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    value = secrets.token_urlsafe(12)
    typed = ["http", f"https://api.example.com/query?api_key={value}", "http", "q"]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
    done = run("--plain")
    assert (done.code, "holds a value for `api_key`" in done.err, value in done.err) == (0, True, False), (
        done.err
    )


def test_a_password_in_the_address_is_a_credential(run: Run, home: Path) -> None:
    value = secrets.token_urlsafe(12)
    done = run("setup", "http", "--url", f"https://me:{value}@api.example.com/", "--method", "none", "--yes")
    assert (done.code, value in done.err) == (2, False)
    assert "--secret password=SOURCE" in done.err


@pytest.mark.parametrize("text", ["example.com/mcp", "localhost:8000", "127.0.0.1:8000/mcp"])
def test_an_address_without_its_beginning(run: Run, home: Path, text: str) -> None:
    for words in (("setup", "http", "--url", text, "--method", "none", "--yes"), ("doctor", text)):
        done = run(*words)
        assert done.code == 2
        assert "Add https:// before it." in done.err
        assert "no connection yet" not in done.err


def test_a_connection_is_not_removed_unasked(run: Run, home: Path) -> None:
    keep("mine", "fleet", "bearer", "env:T", url="http://127.0.0.1:9")
    for more in ([], ["--json"]):
        done = run("connections", "remove", "mine", *more)
        assert (done.code, "--yes" in done.out + done.err) == (2, True)
    assert [c.name for c in connections.load_all()] == ["mine"]
    assert run("connections", "remove", "mine", "--yes").code == 0


def test_what_was_not_examined_is_counted(run: Run, home: Path) -> None:
    short = run("doctor", "http://127.0.0.1:9/mcp").out
    whole = run("doctor", "http://127.0.0.1:9/mcp", "--verbose").out
    assert "--verbose says why" in short
    assert "  discovery" not in short
    assert len(whole.splitlines()) > len(short.splitlines()) + 10


def test_a_second_import_over_another_one_is_said(run: Run, put: Put, home: Path) -> None:
    def env(client: str) -> str:
        file = home / "gateway.env"
        lines = ["AUTH_PROVIDER=keycloak", "REGISTRY_URL=https://gw.example.com"]
        lines += ["KEYCLOAK_URL=https://gw.example.com", "KEYCLOAK_REALM=mcp-gateway"]
        lines += [
            f"KEYCLOAK_M2M_CLIENT_ID={client}",
            f"KEYCLOAK_M2M_CLIENT_SECRET={secrets.token_urlsafe(24)}",
        ]
        file.write_text("\n".join(lines) + "\n", "utf-8")
        file.chmod(0o600)
        return str(file)

    words = ("--yes", "--store", "file")
    assert run("import", "--env", env("agent-a-m2m"), *words).code == 0
    again = run("import", "--env", env("agent-a-m2m"), *words)
    assert (again.code, "is replaced" in again.err) == (0, False)
    other = run("import", "--env", env("agent-b-m2m"), *words)
    assert (other.code, "gateway is there already, and is replaced." in other.err) == (0, True)


def test_a_set_up_that_replaces_another_says_so(run: Run, services: Practice, home: Path) -> None:
    place = services.services["fleet"].token_file
    words = ["setup", "fleet", "--environment", "practice", "--name", "mine", "--yes"]
    bearer = [*words, "--method", "bearer", "--secret", f"token=file:{place}"]
    for _ in range(2):
        done = run(*bearer)
        assert (done.code, "is replaced" in done.err) == (0, False)
    keep("mine", "fleet", "bearer", f"file:{place}", url="http://127.0.0.1:9/")
    moved = run(*bearer, "--json")
    assert moved.json["replaced"] is True
    assert "mine is there already (to http://127.0.0.1:9/), and is replaced." in moved.err


def test_nobody_signs_in_with_nothing_unasked(services: Practice, home: Path) -> None:
    terminal = Terminal("setup", "http", "--url", services.services["faos"].url)
    terminal.until("How do you sign in?")
    terminal.until("none")
    os.killpg(terminal.process.pid, 2)
    assert terminal.end() == 130


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("--method", "berer"), "bearer"),
        (("--method", "bearer", "--client", "claud-code"), "claude-code"),
        (("--environment", "practise"), "practice"),
    ],
)
def test_what_was_nearly_meant_is_named(
    run: Run, put: Put, home: Path, words: tuple[str, ...], meant: str
) -> None:
    done = run(
        "setup", "mcp", "--url", "http://127.0.0.1:9/mcp", "--secret", f"token={put('x' * 20)}", *words
    )
    assert (done.code, f"Did you mean {meant}" in done.err) == (2, True), done.err


def test_a_file_that_is_no_gateways(run: Run, home: Path) -> None:
    other = home / "other.env"
    other.write_text("DEBUG=1\nAWS_REGION=eu-west-1\n", "utf-8")
    other.chmod(0o600)
    done = run("import", "--env", str(other), "--yes")
    assert done.code == 1
    assert "is no .env file of a gateway" in done.err
    assert "--env NEW_FILE --template" in done.err
    assert "authwizard import --env FILE --template" in run("import", "--template").err


def test_the_practice_says_what_runs_and_how_to_try_it(home: Path) -> None:
    terminal = Terminal("sandbox")
    terminal.until("--environment practice")
    assert "  github " in terminal.text.replace("\r", "")
    os.killpg(terminal.process.pid, 15)
    assert terminal.end() == 0
