"""Runs that a text has in common with a known one: as by looking at each run alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wizard.runs import Runs

LENGTH = 8
WORDS = st.text("ab", max_size=40) | st.text("abcdefgh", max_size=40) | st.text(max_size=40)


def _plainly(known: list[str], text: str) -> list[tuple[int, int]]:
    runs = {one[at : at + LENGTH] for one in known for at in range(len(one) - LENGTH + 1)}
    found, at = [], 0
    while at <= len(text) - LENGTH:
        end = at
        while text[end : end + LENGTH] in runs:
            end += 1
        if end == at:
            at += 1
        else:
            found.append((at, end + LENGTH - 1))
            at = end + LENGTH - 1
    return found


@given(
    st.lists(WORDS, max_size=4),
    st.lists(WORDS | st.tuples(st.integers(0, 3), st.integers(0, 30)), max_size=4),
)
def test_every_common_run_is_found_and_no_other(known: list[str], parts: list[str | tuple[int, int]]) -> None:
    text = "".join(
        part if isinstance(part, str) else (known[part[0] % len(known)][part[1] :] if known else "")
        for part in parts
    )
    runs = Runs(LENGTH)
    for one in known:
        runs.know(one)
    assert list(runs.stretches(text)) == _plainly(known, text)


def test_an_excepted_run_is_unknown() -> None:
    runs = Runs(LENGTH, excepted=lambda run: run.strip(" ").isdigit())
    runs.know("1234567 abcdefgh")
    assert list(runs.stretches("x1234567 abcdefghy")) == [(2, 17)]
    assert list(runs.stretches(" 1234567 ")) == []
