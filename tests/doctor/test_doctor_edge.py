"""What is read of an answer to tell who gave it: nothing from outside breaks it, and no secret stays in it."""

from __future__ import annotations

import secrets
import time

from hypothesis import given
from hypothesis import strategies as st

from diagnostics import edge
from diagnostics.causes.header_way import _JUDGED, _MISSING
from diagnostics.facts import Situation
from diagnostics.facts.wire import Answer, Differential, Request
from diagnostics.one_variable import OF_CSRF, OF_HOST, OF_LENGTH, OF_ORIGIN, alone, questions
from wizard.secret import Secret

NAMES = st.sampled_from([*sorted(edge.KEPT), "Set-Cookie", "X-Other"])
KINDS = st.sampled_from(["text/html", "text/plain", "application/json", "", "text/event-stream"])


@given(st.lists(st.tuples(NAMES, st.text())))
def test_marks_are_short_and_hold_no_cookie(lines: list[tuple[str, str]]) -> None:
    value = secrets.token_hex(8)
    found = edge.marks((*lines, ("Set-Cookie", f"sid={value}; Path=/")))
    assert all(len(v) <= edge.LONGEST for v in found.values())
    assert value not in str(dict(found))
    assert "x-other" not in found


@given(KINDS, st.binary(max_size=2000))
def test_any_body_has_words_or_none(kind: str, body: bytes) -> None:
    said = edge.words(kind, body)
    assert len(said) <= 300
    assert isinstance(edge.browser_check(kind, {}, body), str)
    for pattern in (OF_CSRF, OF_HOST, OF_LENGTH, OF_ORIGIN, _MISSING, _JUDGED):
        pattern.search(said)


def test_a_page_of_scripts_without_end_is_read_in_time() -> None:
    began = time.process_time()
    assert edge.words("text/html", b"<script>" * 100_000) == ""
    assert time.process_time() - began < 5


def test_scripts_and_tags_are_no_words() -> None:
    page = (
        b"<html><head><title>Blocked</title><style>p{}</style><script>var a='x'</script></head><p>By rule</p>"
    )
    assert edge.words("text/html", page) == "Blocked By rule"


SITUATION = Situation(
    "http://a.test/mcp",
    "a.test",
    80,
    secure=False,
    configured=False,
    has_credential=True,
    header_names=(),
    transport="http",
)
POST = Request("mcp", "POST", "http://a.test/mcp", {"Accept": "application/json, text/event-stream"})


def asked(none: Answer, real: Answer | None, **sent: str) -> set[str]:
    held = {n.replace("_", "-"): Secret(v) for n, v in sent.items()}
    return {q.thing for q in questions(SITUATION, Differential("mcp", none, none, real), POST, held)}


def test_nothing_is_asked_of_a_server_that_answers_as_it_should() -> None:
    let_in = Answer(200, rpc=True)
    assert asked(Answer(401), let_in, Authorization="Bearer x") == set()
    assert asked(let_in, let_in, Authorization="Bearer x") == set()


def test_what_is_asked_follows_from_the_refusal() -> None:
    assert asked(Answer(403, content="text/html"), Answer(403, content="text/html")) == {"User-Agent", "Host"}
    assert "Host" in asked(Answer(421), Answer(421), Authorization="Bearer x")
    long = "Bearer " + "x" * 9000
    assert "the credential's length" in asked(Answer(401), Answer(431), Authorization=long)
    assert asked(Answer(401), Answer(500), Authorization="Bearer x") == set()


def test_several_credentials_are_told_apart() -> None:
    sent = {"Authorization": Secret("Bearer a, Basic b"), "X-Api-Key": Secret("c,d")}
    assert [(place, value.reveal()) for place, value in alone(sent)] == [
        ("Authorization, value 1", "Bearer a"),
        ("Authorization, value 2", "Basic b"),
        ("X-Api-Key", "c,d"),
    ]
    assert alone({"Authorization": Secret("Bearer a,b")}) == ()
