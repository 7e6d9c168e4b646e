"""A known secret is taken out of a sentence whole, in part and in any dress; open words stay."""

from __future__ import annotations

import base64
import json
import secrets
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics import sending, targets
from diagnostics.steps.log import Log
from wizard.redaction import Redactor, tells_a_secret
from wizard.secret import MASK, Secret

TOKENS = st.text(string.ascii_letters + string.digits + "-_.~+/", min_size=20, max_size=60)
AROUND = st.text(" .,:;!?()[]{}'\"\n", max_size=6)


def knowing(*texts: str) -> Redactor:
    redactor = Redactor()
    redactor.know(*map(Secret, texts))
    return redactor


def telling(run: str) -> bool:
    return len(run) >= 12 or (len(run) >= 8 and any(c.isdigit() or c.isupper() for c in run))


@given(token=TOKENS, before=AROUND, after=AROUND, data=st.data())
def test_no_telling_run_of_a_secret_is_left(token: str, before: str, after: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(token) - 8))
    end = data.draw(st.integers(start + 8, len(token)))
    said = knowing(token).known(f"the server says{before}{token[start:end]}{after}is not known")
    left = [said[i : i + 8] for i in range(len(said) - 7)]
    held = [piece for piece in left if piece in token and telling(piece)]
    assert not held
    assert not telling(token[start:end]) or MASK in said


@given(token=TOKENS)
def test_in_any_dress(token: str) -> None:
    known = knowing(token).known
    dressed = [
        quote(token, safe=""),
        base64.b64encode(token.encode()).decode(),
        json.dumps({"value": token}),
        repr(token),
        f"Bearer {token}",
        token.replace("/", "\\/") if "/" not in token else token,
    ]
    for text in dressed:
        assert token not in known(f"seen: {text}.")


@given(
    word=st.text(string.ascii_letters + string.digits, min_size=1, max_size=5), before=AROUND, after=AROUND
)
def test_a_short_one_is_hidden_as_a_word(word: str, before: str, after: str) -> None:
    known = knowing(word).known
    said = known(f"{before}{word}{after}")
    assert word not in said.replace(MASK, "")
    inside = f"Q{word}Q"
    assert known(inside) == inside


def test_open_words_stay() -> None:
    """A prefix that documents name, the word for a practice service, an address: none tells the secret."""
    rest = secrets.token_urlsafe(24)
    redactor = knowing(f"github_pat_{rest}", f"practice-{rest}", f"https://hooks.example/{rest}")
    for text in (
        "A fine-grained token begins with github_pat_.",
        "practice-fleet: healthy",
        "https://hooks.example/mcp answers 401",
        "401 invalid_token",
    ):
        assert redactor.known(text) == text
    assert rest not in redactor.known(f"it was {rest}")


@pytest.mark.parametrize("cut", list(range(8, 33, 4)))
def test_a_server_that_quotes_a_part_of_it(cut: int) -> None:
    token = f"A1{secrets.token_hex(16)}"
    target = targets.from_url("https://api.example/v1", credential=Secret(token))
    log = Log(("credential",), None, sending.hider(target))
    for piece in (token[:cut], token[-cut:], token[1 : 1 + cut]):
        if not telling(piece):
            continue
        log = Log(("credential",), None, sending.hider(target))
        log.add("credential", False, "200", f"401 no such token: {piece}…", f"({piece})")
        step = log.steps()[0]
        assert piece not in step.seen + step.detail


def test_a_short_password_that_a_server_quotes() -> None:
    target = targets.from_url("https://api.example/v1", credential=Secret("pw7"))
    hide = sending.hider(target)
    assert hide("401 pw7 is wrong (pw7x is not)") == f"401 {MASK} is wrong (pw7x is not)"


@given(st.lists(st.text(max_size=40), max_size=4), st.text(max_size=200))
def test_whatever_is_known_nothing_breaks(values: list[str], text: str) -> None:
    redactor = knowing(*values)
    assert isinstance(redactor.text(text), str)
    assert redactor.known(redactor.known(text)) == redactor.known(redactor.known(redactor.known(text)))


def test_of_a_kept_login_the_secrets_are_hidden_and_the_addresses_stay() -> None:
    held = {
        name: secrets.token_urlsafe(24)
        for name in ("access_token", "refresh_token", "id_token", "client_secret")
    }
    open_ = {"issuer": "https://login.example/realms/staff", "client_id": "notes-desktop-client", "schema": 1}
    document = json.dumps({**open_, "endpoints": {"token_endpoint": "https://login.example/token"}, **held})
    redactor = knowing(document)
    said = f"https://login.example/realms/staff knows notes-desktop-client; {' '.join(held.values())}; {document}"
    shown = redactor.known(said)
    assert shown.startswith("https://login.example/realms/staff knows notes-desktop-client; ")
    assert not [value for value in held.values() if value in shown or value[3:15] in shown]
    assert document not in shown
    assert knowing('{"access_token": 7, "password": "correct horse"}').known("correct horse") == MASK


def test_what_only_looks_like_such_a_document_is_hidden_whole() -> None:
    for text in ('{"access_token": "half a document', '{"value": "access_token", "x": 1}'):
        assert text not in knowing(text).known(f"it says {text}")


@pytest.mark.parametrize(
    "words",
    [
        "Token verification failed",
        "no token endpoint is asked",
        "Bearer authentication required",
        "invalid token provided",
    ],
)
def test_words_that_speak_of_a_token_are_none(words: str) -> None:
    assert Redactor().text(words) == words


@given(st.sampled_from(["verification", "endpoint", "authentication"]), TOKENS)
def test_what_only_begins_with_such_a_word_is_hidden(word: str, rest: str) -> None:
    said = Redactor().text(f"Bearer {word}{rest} is refused")
    assert said == f"Bearer {MASK} is refused"


@given(token=TOKENS, cut=st.integers(1, 60))
def test_what_is_called_a_secret_is_hidden_where_the_answer_is_cut_off(token: str, cut: int) -> None:
    """An answer that ended on its way is recorded all the same, and what came of it was never told as a secret."""
    for name in ("access_token", "refresh_token", "client_secret"):
        whole = json.dumps({"token_type": "Bearer", name: token})
        begun = whole.index(token)
        said = Redactor().text(whole[: begun + min(cut, len(token))])
        assert said == whole[:begun] + MASK
        assert Redactor().text(f"{whole[:begun]}{token}\\") == whole[:begun] + MASK


@given(token=TOKENS)
def test_a_list_of_what_is_called_secret_is_hidden(token: str) -> None:
    for text in (f'{{"refresh_token": ["{token}", "b"], "n": 1}}', f'{{"tokens": ["{token}'):
        assert token not in Redactor().text(text)
    open_one = '{"token_endpoint_auth_methods_supported": ["client_secret_basic", "none"]}'
    assert Redactor().text(open_one) == open_one


@given(token=TOKENS)
def test_an_answer_of_saml_is_hidden(token: str) -> None:
    """A recording of a browser holds it, in a form or in an address; it signs a person in."""
    for name in ("SAMLResponse", "SAMLart"):
        assert token not in Redactor().text(f"{name}={quote(token, safe='')}&RelayState=1").replace("%", "")
        assert quote(token) not in Redactor().url(f"https://idp.example/acs?{name}={quote(token)}&a=b")
        assert token not in Redactor().text(json.dumps({name: token}))


@pytest.mark.parametrize(
    "challenge",
    [
        'Bearer resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
        'Bearer realm_name="a", error="invalid_token"',
        "Bearer error=invalid_token, scope=read",
        "Bearer resource_metadata=https://mcp.example.com/.well-known/oauth-protected-resource",
    ],
)
def test_a_challenge_is_read_as_it_stands(challenge: str) -> None:
    assert Redactor().header("WWW-Authenticate", challenge) == challenge


@given(token=st.text(string.ascii_letters + string.digits + "-_.~+/", min_size=12, max_size=60))
def test_what_follows_a_scheme_is_no_parameter_for_its_equals_signs(token: str) -> None:
    for text in (
        f"Bearer {token}==",
        f"Bearer {token}=",
        f"Bearer x{token}={token}",
        f'Bearer token="{token}"',
    ):
        said = Redactor().text(f"seen {text} there")
        assert MASK in said
    assert token not in Redactor().text(f"seen Bearer {token}== there")


@given(token=st.text(string.ascii_letters + string.digits, min_size=8, max_size=40))
def test_short_names_of_a_credential_tell_it(token: str) -> None:
    for name in ("auth", "pat", "jwt", "JWT"):
        assert token not in Redactor().url(f"https://a.example/mcp?{name}={token}&page=2")
        assert token not in Redactor().text(f"asked /mcp?page=2&{name}={token}")


@pytest.mark.parametrize(
    "name",
    [
        "author",
        "authority",
        "oauth",
        "auth_method",
        "authorization_endpoint",
        "path",
        "patch",
        "jwt_alg",
        "jwks",
    ],
)
def test_words_that_such_a_name_is_a_part_of_are_open(name: str) -> None:
    assert not tells_a_secret(name)


def test_an_object_by_such_a_name_stays() -> None:
    text = '{"auth": {"kind": "oauth", "required": true}, "jwt": null, "pat": 7}'
    assert Redactor().text(text) == text
