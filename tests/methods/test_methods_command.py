"""A token that a command prints: read anew at each use, and each way in which it can fail in its own words."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from methods_support import printing
from servers.recorder import recording
from support.keeping import found_in
from support.running import Run

OLD, NEW = secrets.token_urlsafe(20), secrets.token_urlsafe(20)


@pytest.mark.row("A4")
def test_a_token_that_expired_is_renewed_by_its_command(run: Run, home: Path) -> None:
    kept = home / "token"
    kept.write_text(OLD)
    valid = [OLD]
    command = printing(f"print(open({str(kept)!r}).read())")
    with recording(lambda a: a.headers.get("authorization") == f"Bearer {valid[0]}", "Bearer") as api:
        words = ["--url", api.url, "--set", f"command={command}", "--name", "mine", "--store", "file"]
        done = run("setup", "http", *words, "--client", "curl", "--yes", "--json")
        assert done.code == 0, done.out
        assert done.json["method"] == "token_command"
        # whatever the store: what a command renews is not copied
        assert done.json["secrets"] == [{"field": "token", "kept_in": f"cmd:{command}"}]
        valid[0] = NEW
        stale = run("doctor", "mine", "--json")
        assert stale.json["findings"][0]["cause"] == "token-not-recognised"
        kept.write_text(NEW)
        renewed = run("doctor", "mine", "--json")
        assert (renewed.code, renewed.json["verdict"]) == (0, "healthy")
        helper = run("headers", "mine")
        assert helper.out.strip() == f'{{"Authorization": "Bearer {NEW}"}}'
        direct = run("test", api.url, "--set", f"command={command}", "--json")
        assert direct.code == 0, direct.out
    texts = (done.out, done.err, stale.out, renewed.out, direct.out, direct.err)
    assert found_in([OLD, NEW], home, *texts, but=(str(kept),)) == []


@pytest.mark.row("A4")
def test_a_command_that_prints_another_token_each_time_is_written_and_read_back(run: Run, home: Path) -> None:
    command = printing("import secrets; print('t-' + secrets.token_hex(16))")
    with recording(
        lambda a: a.headers.get("authorization", "").startswith("Bearer t-"), "Bearer", "/mcp"
    ) as api:
        words = ["--url", api.url, "--set", f"command={command}", "--name", "mine", "--client", "claude-code"]
        done = run("setup", "mcp", *words, "--project", "--yes", "--json")
        assert done.code == 0, done.out
        assert [e["proof"]["read_back"] for e in done.json["exports"]] == [True], done.out
        inline = run("export", "mine", "--client", "claude-code", "--secrets", "inline", "--yes", "--json")
    assert inline.code == 2, "a token that is renewed is of no use in a file"


FAILING = {
    "missing": (
        "no-such-program-anywhere --flag",
        "command-missing",
        "There is no program no-such-program-anywhere",
    ),
    "token-in-its-place": (NEW, "command-missing", "There is no program of that name"),
    "fails": (printing("raise SystemExit(3)"), "command-failed", "failed with exit code 3"),
    "empty": (printing("pass"), "command-empty", "is empty"),
    "two-lines": (printing(f"print({NEW!r}); print(2)"), "command-many-lines", "prints more than one line"),
    "no-text": (
        printing("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')"),
        "command-not-utf8",
        "is not UTF-8",
    ),
    "too-much": (printing("print('x' * 20_000_000)"), "command-too-large", "no secret is so long"),
    "not-closed": ("op read 'op://x", "source-command", "is not a command"),
    "secret-on-stderr": (
        printing(f"import sys; sys.stderr.write('bad password: {NEW} for token={NEW}'); sys.exit(1)"),
        "command-failed",
        "failed with exit code 1",
    ),
}


@pytest.mark.row("A4")
@pytest.mark.parametrize("how", FAILING)
@pytest.mark.parametrize("verb", ["setup", "test"])
def test_each_failure_of_the_command_has_its_own_sentence(how: str, verb: str, run: Run, home: Path) -> None:
    command, id, says = FAILING[how]
    given = ["--method", "token_command", "--set", f"command={command}"]
    where = ["http", "--url", "http://127.0.0.1:9/", "--yes"] if verb == "setup" else ["http://127.0.0.1:9/"]
    done = run(verb, *where, *given, "--json")
    assert done.code == (2 if id == "source-command" else 1), done.out
    assert done.json["error"]["id"] == id
    assert says in done.json["error"]["title"]
    assert found_in([NEW], home, done.out, done.err) == []


@pytest.mark.row("A4")
def test_a_command_that_hangs_ends_with_the_budget(run: Run) -> None:
    command = printing("import time; time.sleep(600)")
    done = run("test", "http://127.0.0.1:9/", "--set", f"command={command}", "--timeout", "0.4", "--json")
    assert (done.code, done.json["error"]["id"]) == (1, "command-hangs")
    assert "0.4 seconds" in done.json["error"]["title"]
    assert done.json["error"]["fix"]


@pytest.mark.row("A4")
def test_the_doctor_of_a_connection_whose_command_fails_says_which(run: Run, home: Path) -> None:
    script = home / "token.py"
    script.write_text(f"print({NEW!r})")
    command = printing(f"exec(open({str(script)!r}).read())")
    with recording(lambda a: a.headers.get("authorization") == f"Bearer {NEW}", "Bearer") as api:
        words = ["--url", api.url, "--set", f"command={command}", "--name", "mine", "--yes", "--json"]
        assert run("setup", "http", *words).code == 0
        script.write_text("raise SystemExit(7)")
        done = run("doctor", "mine", "--json")
    assert (done.code, done.json["error"]["id"]) == (1, "command-failed")
    assert "the token of the connection mine" in done.json["error"]["detail"]
