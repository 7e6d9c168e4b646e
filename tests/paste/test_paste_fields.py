"""What is put into the wrong field of a method, said before it is sent and without repeating it."""

from __future__ import annotations

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.methods import kinds
from wizard.paste import DOUBTFUL, WRONG, look
from wizard.services import Field

KEY = f"k3{secrets.token_urlsafe(24)}"
PAIR = base64.b64encode(f"alice:{secrets.token_hex(12)}".encode()).decode()
FIELDS = {
    f"{kind}.{f.id}": f
    for kind in kinds.IDS
    for f in kinds.get(kind).fields
    if kind
    in ("api_key_header", "api_key_query", "api_key_custom", "basic", "headers", "token_command", "bearer")
}
SECRETS = [name for name, f in FIELDS.items() if f.secret]


def field(name: str) -> Field:
    return FIELDS[name]


def _numbered(value: str) -> str:
    """An id without what is random, so that every process counts the same tests."""
    return "_" if KEY in value or PAIR in value else value


@pytest.mark.parametrize("name", FIELDS)
def test_empty_far_too_long_and_control_characters(name: str) -> None:
    asked = field(name)
    if asked.required:
        assert [i.id for i in look("", asked)] == ["empty"]
        assert [i.id for i in look(" \t", asked)][-1] == "empty" or not asked.required
    assert [i.id for i in look("a" * 100_000, asked)] == ["too-long"]
    assert any(i.severity == WRONG for i in look(f"{KEY}\x07{KEY}", asked))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("bearer.token", f"alice@example.com:{KEY}", "choose the method `basic`"),
        ("bearer.token", f"CORP\\alice:{KEY}", "choose the method `basic`"),
        ("bearer.token", f"https://api.example.com/?key={KEY}", "web address"),
        ("bearer.token", f"Basic {PAIR}", "scheme Basic"),
        ("api_key_query.query.api_key", f"https://api.example.com/?key={KEY}", "web address"),
        ("api_key_query.query_name", f"api_key={KEY}", "name alone"),
        ("api_key_query.query_name", f"?key={KEY}", "name alone"),
        ("api_key_header.header_name", f"X-API-Key: {KEY}", "its value has its own field"),
        ("api_key_header.header.X-API-Key", f"https://api.example.com/{KEY}", "web address"),
        ("api_key_custom.scheme", f"ApiKey {KEY}", "one word"),
        ("api_key_custom.scheme", f"Authorization: ApiKey {KEY}", "whole `Authorization` line"),
        ("api_key_custom.scheme", "https://api.example.com", "web address"),
        ("api_key_custom.scheme", "Api(Key)", "letters, digits"),
        ("api_key_custom.token", f"Basic {PAIR}", "scheme Basic"),
        ("basic.username", f"alice:{KEY}", "colon"),
        ("basic.username", f"Authorization: Basic {PAIR}", "value of a header"),
        ("basic.username", "https://id.example.com", "web address"),
        ("basic.username", f"ghp_{KEY}", "not a user name"),
        ("basic.password", f"Authorization: Basic {PAIR}", "whole `Authorization` line"),
        ("basic.password", f"https://alice:{KEY}@example.com", "web address with a user name"),
        ("basic.domain", "CORP\\alice", "with a user name"),
        ("basic.domain", "alice@example.com", "no : and no @"),
        ("headers.header_names", f"X-A: {KEY}, X-B", "each value has its own field"),
        ("headers.header_names", "X-A=1", "names alone"),
        ("token_command.command", "https://api.example.com/token", "web address"),
        ("token_command.command", "op read 'op://x", "not closed"),
        ("token_command.command", f"ghp_{KEY}", "not a command"),
    ],
    ids=_numbered,
)
def test_what_belongs_elsewhere_is_refused_with_the_reason(name: str, text: str, says: str) -> None:
    found = look(text, field(name))
    assert any(says in i.says and i.severity == WRONG for i in found), found
    assert not any(KEY in i.says or PAIR in i.says for i in found)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("bearer.token", f"alice:{KEY}", "looks like `user:password`"),
        ("bearer.token", PAIR, "in base64"),
        ("basic.password", PAIR, "in base64"),
        ("basic.password", f"Bearer {KEY}", "begins with a scheme"),
        ("api_key_custom.scheme", KEY, "what stands here is shown"),
        ("token_command.command", "cat token | tr -d x", "sh -c"),
        ("token_command.command", "echo $TOKEN", "sh -c"),
    ],
    ids=_numbered,
)
def test_what_could_be_meant_is_only_doubted(name: str, text: str, says: str) -> None:
    found = look(text, field(name))
    assert [i.severity for i in found] == [DOUBTFUL], found
    assert says in found[0].says


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bearer.token", KEY),
        ("bearer.token", f"123456:{KEY}"),
        ("api_key_query.query_name", "api_key"),
        ("api_key_header.header_name", "X-Company-Key"),
        ("api_key_custom.scheme", "ApiKey"),
        ("api_key_custom.scheme", "GenieKey"),
        ("basic.username", "alice"),
        ("basic.username", "alice.o'hara+x@example.com"),
        ("basic.username", "CORP\\alice"),
        ("basic.password", "correct: horse, \"battery\" 'staple' ü $x %y"),
        ("basic.domain", "CORP"),
        ("headers.header_names", "X-Company-Key, X-Tenant"),
        ("token_command.command", "op read op://vault/item/field"),
        ("token_command.command", "sh -c 'cat ~/.t | tr -d \"\\n\"'"),
        ("token_command.command", "gcloud auth print-access-token"),
    ],
    ids=_numbered,
)
def test_a_right_value_is_passed_over(name: str, text: str) -> None:
    assert look(text, field(name)) == ()


def test_the_word_cmd_before_a_command_is_taken_off() -> None:
    (seen,) = look("cmd:op read op://vault/item", field("token_command.command"))
    assert seen.mended is not None
    assert seen.mended.reveal() == "op read op://vault/item"


@given(st.text(max_size=80), st.sampled_from(sorted(FIELDS)))
def test_nothing_raises_and_nothing_secret_is_repeated(text: str, name: str) -> None:
    for issue in look(text, field(name)):
        assert len(text.strip()) < 8 or text.strip() not in issue.says
