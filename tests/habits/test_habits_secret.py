"""A secret shows nothing, whatever way it is looked at."""

import copy
import pickle
import secrets
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.secret import MASK, Secret


def test_no_view_shows_it() -> None:
    text = secrets.token_urlsafe(32)
    secret = Secret(text)
    views = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>40}",
        "{}".format(secret),  # noqa: UP032  # this very way is tried
        secret.hint(),
        repr([secret]),
    ]
    assert not any(text in view for view in views)
    assert secret.reveal() == text


def test_it_is_neither_pickled_nor_copied() -> None:
    secret = Secret(secrets.token_urlsafe(8))
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)


def test_a_traceback_with_locals_does_not_hold_it() -> None:
    secret = Secret(secrets.token_urlsafe(32))
    try:
        raise RuntimeError("boom")
    except RuntimeError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert secret.reveal() not in shown


@given(st.text(alphabet="XYZ#Ж✗\n", max_size=80))
def test_a_hint_holds_at_most_two_characters(text: str) -> None:
    hint = Secret(text).hint()
    assert hint == "empty" if not text else hint.startswith(MASK)
    assert len(text) < 3 or text not in hint


@given(st.text(max_size=20), st.text(max_size=20))
def test_equal_as_the_texts_are(a: str, b: str) -> None:
    assert (Secret(a) == Secret(b)) is (a == b)
