"""A login is kept as one secret: what goes in comes out, and nothing half-written or foreign is taken for one."""

from __future__ import annotations

import json
import secrets
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard import connections
from wizard.connections import Connection
from wizard.errors import UsageError
from wizard.oauth import kept
from wizard.oauth.model import Login
from wizard.oauth.problems import OAuthProblem
from wizard.secret import Secret

_TEXT = st.text(max_size=12)
_SOME = st.text(min_size=1, max_size=12)
_MADE: dict[str, st.SearchStrategy[Any]] = {
    "str": _TEXT,
    "Secret": _SOME.map(Secret),
    "Secret | None": st.none() | _SOME.map(Secret),
    "float | None": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    "bool": st.booleans(),
    "tuple[str, ...]": st.lists(_TEXT, max_size=3).map(tuple),
    "Mapping[str, str]": st.dictionaries(_TEXT, _TEXT, max_size=3),
}
_LOGINS = st.fixed_dictionaries(
    {f.name: _SOME if f.name in ("issuer", "client_id") else _MADE[str(f.type)] for f in fields(Login)}
).map(lambda values: Login(**values))


def a_login(**more: Any) -> Login:
    return Login(
        issuer="https://idp.example",
        client_id="client",
        access_token=Secret(secrets.token_urlsafe(24)),
        refresh_token=Secret(secrets.token_urlsafe(24)),
        endpoints={"token_endpoint": "https://idp.example/token"},
        **more,
    )


@settings(max_examples=examples(100), deadline=None)
@given(
    _LOGINS, st.floats(0, 1e12), st.none() | st.builds(kept.Refusal, _TEXT, _TEXT, _TEXT, st.floats(0, 1e12))
)
def test_what_is_kept_is_what_was_had(login: Login, made: float, refused: kept.Refusal | None) -> None:
    whole = kept.Kept(login, made, refused, got_at=made + 1, begun_at=made + 2)
    assert kept.read(kept.written(whole)) == whole
    assert kept.from_secret(kept.as_secret(login)) == login


def test_a_half_written_login_is_none() -> None:
    document = kept.as_secret(a_login()).reveal()
    for end in range(len(document)):
        with pytest.raises(OAuthProblem) as refused:
            kept.read(Secret(document[:end]), "notes")
        assert refused.value.id == "credential-store-corrupt-or-truncated"
        assert "authwizard login notes" in refused.value.fix[-1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": 2}, "Its schema is 2"),
        ({"schema": None}, "something else wrote it"),
        ({"schema": True}, "something else wrote it"),
        ({"access_token": None}, "no access_token"),
        ({"access_token": 7}, "access_token is no text"),
        ({"client_id": ""}, "no client_id"),
        ({"expires_at": "soon"}, "expires_at is no number"),
        ({"expires_at": True}, "expires_at is no number"),
        ({"expires_at": float("nan")}, "expires_at is no time"),
        ({"expires_at": 10**400}, "expires_at is no time"),
        ({"scopes": "read"}, "scopes is no list"),
        ({"scopes": [1]}, "scopes is no list"),
        ({"endpoints": {"token_endpoint": 1}}, "endpoints is no object"),
        ({"refused": "yes"}, "refused is no object"),
    ],
)
def test_a_foreign_document_is_refused_without_repeating_it(change: dict[str, object], says: str) -> None:
    login = a_login()
    document = {**json.loads(kept.as_secret(login).reveal()), **change}
    with pytest.raises(OAuthProblem) as refused:
        kept.read(Secret(json.dumps(document)))
    told = f"{refused.value.title} {refused.value.detail}"
    assert says in told
    assert login.access_token.reveal() not in told


@pytest.mark.parametrize("text", ["[]", "7", "null", "{}", "[" * 5000, "token"])
def test_other_json_is_no_login(text: str) -> None:
    with pytest.raises(OAuthProblem):
        kept.read(Secret(text))


def test_what_a_newer_version_adds_stays() -> None:
    document = json.loads(kept.as_secret(a_login(), made_at=5).reveal())
    whole = kept.read(Secret(json.dumps({**document, "device": {"name": "desk"}})))
    again = kept.written(replace(whole, login=a_login()))
    assert json.loads(again.reveal())["device"] == {"name": "desk"}
    assert kept.read(again).made_at == 5


def test_the_end_of_a_token() -> None:
    assert kept.expires_soon(a_login(expires_at=1000.0), 1000 - kept.MARGIN)
    assert not kept.expires_soon(a_login(expires_at=1000.0), 999 - kept.MARGIN)
    assert not kept.expires_soon(a_login(), 1e12)
    assert kept.expires_soon(a_login(expires_at=1000.0), 900, margin=100)


def test_a_token_of_a_short_life_is_not_renewed_at_each_use() -> None:
    whole = kept.Kept(a_login(expires_at=1040.0), made_at=0, got_at=1000)
    assert not kept.spent(whole, 1029)
    assert kept.spent(whole, 1030)
    assert kept.spent(replace(whole, got_at=0.0), 1000), "where its life is not known, the usual margin holds"


def test_a_saved_connection_keeps_it_in_a_store_and_moves_it_along() -> None:
    connections.save(Connection("notes", "mcp", "custom", "https://mcp.example/mcp", "authorization_code"))
    login = a_login()
    saved = kept.keep("notes", login, store="file")
    assert kept.from_secret(connections.secrets_of(saved)["login"]) == login
    assert login.access_token.reveal() not in connections.path().read_text()

    fresh = a_login()
    assert kept.keep("notes", fresh) == saved, "the same store, hence the same reference"
    renamed = connections.rename("notes", "papers")
    assert kept.from_secret(connections.secrets_of(renamed)["login"]) == fresh

    place = renamed.secrets["login"].removeprefix("file:")
    connections.remove("papers")
    with pytest.raises(FileNotFoundError):
        open(place)  # noqa: PTH123, SIM115  it must not be there


def test_a_variable_cannot_hold_a_login() -> None:
    connections.save(Connection("notes", "mcp", "custom", "https://mcp.example/mcp", "authorization_code"))
    with pytest.raises(UsageError) as refused:
        kept.keep("notes", a_login(), store="env")
    assert refused.value.id == "login-not-in-variable"
    assert "--store file" in refused.value.fix[0]
    assert "login" not in connections.get("notes").secrets
