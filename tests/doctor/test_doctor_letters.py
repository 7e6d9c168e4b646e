"""A letter stands alone: what its reader cannot see, or cannot do, does not stand in it."""

from __future__ import annotations

import re
import secrets

import pytest
from servers.scripted import Reply, scripted
from support.running import Run

from diagnostics import causes, letters
from diagnostics.attempts import Attempt
from wizard.livetest import Evidence, Finding

_ATTEMPTS = (
    Attempt("none", 1, "GET", "https://api.test/v1", "500 database is down", 1_763_733_907.0),
    Attempt("false", 2, "GET", "https://api.test/v1", "500 database is down"),
    Attempt("real", 3, "GET", "https://api.test/v1", "500 out of memory"),
)


def _finding(owner: str = "server-admin", *fix: str, cause: str = "server-error") -> Finding:
    seen = Evidence("differential", "only yours is answered 500")
    return Finding(cause, "proven", "http", owner, "The server fails.", (seen,), fix, (), ("RFC 9110",))


def test_it_says_who_asked_what_and_what_came(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    token = secrets.token_urlsafe(24)
    monkeypatch.setenv("T", token)
    with scripted(lambda _: Reply(500, {"error": "database is down"})) as site:
        url = site.url("/api")
        found = run("doctor", url, "--kind", "api", "--credential", "env:T", "--json").json
    (letter,) = found["letters"]
    text = letter["text"]
    assert text.startswith(f"To the server's admin, about {url}:\n")
    assert "It does not work for me" in text
    assert f"- GET {url} with my credential: 500 database is down (" in text
    assert "- the same without a credential: 500 database is down" in text
    assert "- the same with a made-up one: 500 database is down" in text
    assert "look into its log" in text
    for word in ("Try again", "exchange", "(differential)", "server-error", 'admin: "', token, "yours"):
        assert word not in text, (word, text)
    assert text.count("To the server's admin") == 1
    assert not any("exchange" in step for f in found["findings"] for step in f["fix"])
    attempts = {e["attempt"] for e in found["exchanges"]}
    assert {"none", "false", "real"} <= attempts


@pytest.mark.parametrize(
    ("owner", "fix", "asked"),
    [
        ("server-admin", ('To the server\'s admin: "Do it." Add the time.',), ["Do it."]),
        ("server-admin", ("Try again.", "To the server's admin: “please do it.”"), ["Please do it."]),
        ("server-admin", ("Never mind.", "Else the server's admin: serve it."), ["Serve it."]),
        ("idp-admin", ("Keycloak's admin: do it.", "Or the server's admin: not this."), ["Do it."]),
        (
            "server-admin",
            ('To Entra\'s admin: "Not this."', 'Or to the server\'s admin: "Do it."'),
            ["Do it."],
        ),
        ("client-vendor", ("Update the client.",), []),
        ("server-admin", ('To the server\'s admin: "nginx: a \\"b\\"."',), ['nginx: a "b".']),
    ],
)
def test_it_asks_its_reader_and_nobody_else(owner: str, fix: tuple[str, ...], asked: list[str]) -> None:
    text = letters.letter("it", _finding(owner, *fix))
    wanted = text.partition("What I ask of you:\n")[2].partition("\n\n")[0].splitlines()
    assert [w.removeprefix("- ") for w in wanted] == (asked or [letters.LOOK])


def test_no_cause_asks_an_admin_to_do_what_is_the_persons_own() -> None:
    for cause in causes.every():
        finding = _finding(cause.owner, *cause.fix, cause=cause.id)
        text = letters.letter("it", finding, "https://api.test/v1", _ATTEMPTS)
        if not text:
            assert cause.owner == "you"
            continue
        wanted = text.partition("What I ask of you:\n")[2].partition("\n\n")[0]
        assert not re.search(
            r"(?m)^- (?:Try |Log in|Or |Until then|Update |Then |To (?:the|your) )", wanted
        ), (
            cause.id,
            wanted,
        )
        assert "admin: " not in wanted, (cause.id, wanted)
        assert cause.id not in text


def test_what_is_well_but_for_a_warning_is_not_said_to_fail() -> None:
    text = letters.letter("it", _finding(), "https://api.test/v1", _ATTEMPTS, works=True)
    assert "It works for me" in text
    assert "500 out of memory" in text


def test_nobody_is_written_to_about_what_one_can_mend_oneself() -> None:
    assert letters.letter("it", _finding("you", "Log in again.")) == ""
    assert letters.letter("it", _finding("you", 'If so, to the server\'s admin: "Do it."')) != ""
