"""A placeholder, or a token that was cut off, is named first by the doctor against a server that refuses it."""

from __future__ import annotations

import secrets

import pytest
from support.running import Run

from diagnostics.causes.book import REGISTRY
from sandbox import practice
from wizard.secret import Secret

ID = "token-truncated-or-placeholder"


def doctor(run: Run, url: str, text: str, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]  # Ran
    monkeypatch.setenv("T", text)
    return run("doctor", url, "--credential", "env:T", "--json")


PLACEHOLDERS = [
    "<YOUR_TOKEN>",
    "changeme",
    "your_token_here",
    "xxxx",
    "*****",
    "faosx_abc123...",
    "sk-••••••••",
]


def test_a_placeholder(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with practice.start() as running:
        for text in PLACEHOLDERS:
            done = doctor(run, running.services["fleet"].url, text, monkeypatch)
            assert done.causes == [ID], done.out
            assert done.json["findings"][0]["certainty"] == "proven"
        monkeypatch.delitem(REGISTRY, ID)
        assert ID not in doctor(run, running.services["fleet"].url, "changeme", monkeypatch).causes


def cut(jwt: Secret, how: str) -> str:
    head, body, signature = jwt.reveal().split(".")
    return {
        "two parts": f"{head}.{body}",
        "one part": head,
        "no signature": f"{head}.{body}.",
        "half a signature": f"{head}.{body}.{signature[:101]}",
        "one character less": f"{head}.{body}.{signature[:-1]}",
        "odd characters": f"{head}.{body[:20]}+/={body[23:]}.{signature}",
    }[how]


HOW = ["two parts", "one part", "no signature", "half a signature", "one character less", "odd characters"]


@pytest.mark.slow
def test_a_jwt_that_is_not_whole(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with practice.start() as running:
        url, whole = running.services["mcp"].url, running.issue_jwt()
        for how in HOW:
            done = doctor(run, url, cut(whole, how), monkeypatch)
            assert done.causes[:1] == [ID], f"{how}: {done.out}"
            assert cut(whole, how) not in done.out
        healthy = doctor(run, url, whole.reveal(), monkeypatch)
        assert (healthy.code, healthy.causes) == (0, [])
        monkeypatch.delitem(REGISTRY, ID)
        assert ID not in doctor(run, url, cut(whole, HOW[0]), monkeypatch).causes


def test_a_length_that_is_a_known_limit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with practice.start() as running:
        url = running.services["mcp"].url
        for length in (2010, 4096):
            text = secrets.token_hex(length)[:length]
            done = doctor(run, url, text, monkeypatch)
            assert done.causes == [ID], done.out
            assert done.json["findings"][0]["certainty"] == "likely"
            assert f"{length:,} characters" in done.out
        assert doctor(run, url, text[:-3], monkeypatch).causes == ["token-not-recognised"]


def test_a_server_that_asks_for_nothing_is_content(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with practice.start(faults={"mcp": "auth-disabled"}) as running:
        done = doctor(run, running.services["mcp"].url, "changeme", monkeypatch)
        assert ID not in done.causes
