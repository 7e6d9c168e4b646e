from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.challenge import Challenge, parse_challenges

_TCHAR = string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~"


def _one(*values: str) -> Challenge:
    (challenge,) = parse_challenges(values)
    return challenge


def test_a_bare_scheme() -> None:
    assert _one("Bearer") == Challenge("Bearer")


def test_parameters_quoted_and_not() -> None:
    seen = _one('Bearer realm="x, y", error=invalid_token, error_description="say \\"hi\\" \\\\ there"')
    assert dict(seen.params) == {
        "realm": "x, y",
        "error": "invalid_token",
        "error_description": 'say "hi" \\ there',
    }
    assert seen.text() == "Bearer invalid_token"


def test_several_schemes_in_one_line() -> None:
    seen = parse_challenges(
        ('Negotiate, Basic realm="a", Newauth realm="apps", type=1, title="Login to \\"apps\\"", Bearer',)
    )
    assert [c.scheme for c in seen] == ["Negotiate", "Basic", "Newauth", "Bearer"]
    assert seen[2].params["title"] == 'Login to "apps"'


def test_several_lines_and_token68() -> None:
    seen = parse_challenges(("Negotiate YIIabc+/==", 'DPoP algs="ES256 RS256"', "Bearer scope=read"))
    assert seen[0].token68 == "YIIabc+/=="
    assert seen[1].get("ALGS") == "ES256 RS256"
    assert seen[2].scopes() == ("read",)


def test_folded_over_lines() -> None:
    seen = _one('Bearer error="insufficient_scope",\r\n  scope="a b",\r\n\tresource_metadata="https://x/y"')
    assert seen.scopes() == ("a", "b")
    assert seen.get("resource_metadata") == "https://x/y"


@pytest.mark.parametrize(
    "text",
    [
        'Bearer resource_metadata=https://a.example/.well-known/x, error="e"',
        'Bearer   resource_metadata = "https://a.example/.well-known/x" error="e"',
        'Bearer ,,resource_metadata="https://a.example/.well-known/x",,error="e',
    ],
)
def test_against_the_grammar_but_met(text: str) -> None:
    seen = _one(text)
    assert seen.get("resource_metadata") == "https://a.example/.well-known/x"
    assert seen.get("error") == "e"


@given(st.lists(st.text(), max_size=4))
def test_never_raises(values: list[str]) -> None:
    for challenge in parse_challenges(tuple(values)):
        assert challenge.scheme


@given(st.text(alphabet=' ,="\\\t\r\nab/+~:', max_size=60))
def test_never_raises_on_what_is_nearly_right(value: str) -> None:
    parse_challenges((value,))


_params = st.dictionaries(
    st.text(_TCHAR, min_size=1, max_size=8).map(str.lower),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20),
    max_size=4,
)


@given(st.lists(st.tuples(st.text(_TCHAR, min_size=1, max_size=8), _params), min_size=1, max_size=4))
def test_what_is_written_by_the_grammar_is_read_back(challenges: list[tuple[str, dict[str, str]]]) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    line = ", ".join(
        f"{scheme} {', '.join(f'{k}={quoted(v)}' for k, v in params.items())}".rstrip()
        for scheme, params in challenges
    )
    assert [(c.scheme, dict(c.params)) for c in parse_challenges((line,))] == challenges
