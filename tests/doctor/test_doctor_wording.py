"""What a diagnosis says to a person: words for people, and each thing once."""

from __future__ import annotations

import re
import secrets

import pytest
from servers.scripted import Asked, Reply, scripted
from support.running import Run

from diagnostics import report
from diagnostics.doctor import Diagnosis, NotExamined
from wizard import ways_out
from wizard.livetest import Evidence, Finding


@pytest.mark.parametrize(
    ("fix", "marks"),
    [
        (("a",), ["1. a"]),
        (("a", "b"), ["1. a", "2. b"]),
        (("a", "Or b"), ["either: a", "or: b"]),
        (("a", "Or b", "Or, in a pinch, c"), ["either: a", "or: b", "or: in a pinch, c"]),
        (("a", "Or b", "Then c"), ["1. a", "or: b", "2. Then c"]),
        (("Or a",), ["1. Or a"]),
        (("Order it", "Orders"), ["1. Order it", "2. Orders"]),
    ],
)
def test_steps_are_numbered_and_ways_to_choose_from_are_not(fix: tuple[str, ...], marks: list[str]) -> None:
    assert ways_out.lines(fix, 0) == marks


def _finding(**other: object) -> Finding:
    seen = (Evidence("differential", "it is refused"),)
    given = {"fix": ("Do it.", "Or leave it."), "explains": ("token-not-recognised",), **other}
    return Finding("access-token-expired", "proven", "token-time", "you", "It expired.", seen, **given)  # type: ignore[arg-type]  # a case's own fields


def test_what_a_finding_explains_is_said_by_name() -> None:
    found = Diagnosis("it", "broken", (_finding(),), (), ("a",), (NotExamined("b", "why"),), (), 0.0)
    for text in (report.text(found, whole=False), report.markdown(found)):
        assert re.search(r"also explains: The server does not know this credential\b", text, re.IGNORECASE)
        assert "either: Do it." in text
        assert "or: leave it." in text
    text = report.text(found, whole=False)
    assert "Ruled out: 1 cause." in text
    assert "Not examined: 1 cause; --verbose says why." in text


def test_what_is_copied_of_a_healthy_target_is_short() -> None:
    many = tuple(NotExamined(f"cause-{n}", "there is no gateway") for n in range(40))
    text = report.short(Diagnosis("it", "healthy", (), (), (), many, (), 0.0))
    assert text.splitlines() == ["it: healthy (0.0 s)", "Nothing is wrong with it."]


def test_a_value_that_cannot_be_sent_gets_no_answer_to_speak_of(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(lambda _: Reply(401)) as site:
        monkeypatch.setenv("T", f"{secrets.token_urlsafe(24)}\x07")
        found = run("doctor", site.url("/api"), "--kind", "api", "--credential", "env:T")
        entry = run("doctor", site.url("/api"), "--kind", "api", "--header", "X-Key=env:T")
    for said in (found.out, entry.out):
        assert "answers no answer" not in said
        assert "is answered no answer" not in said
        assert "header-invalid" not in said


def test_the_words_of_each_refusal_are_shown_where_they_differ(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("T", secrets.token_urlsafe(24))

    def answering(asked: Asked) -> Reply:
        return Reply(403, {"message": "Blocked: unknown key" if asked.bearer else "No key was\x1b[31m given"})

    with scripted(answering) as site:
        found = run("doctor", site.url("/api"), "--kind", "api", "--credential", "env:T")
    assert "token-not-recognised" in found.out
    assert "403: Blocked: unknown key" in found.out
    assert "403: No key was" in found.out
    assert "\x1b" not in found.out
    for word in ("none at all", "a false one", "none 403"):
        assert word not in found.out
