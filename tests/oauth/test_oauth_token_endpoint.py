"""The token endpoint asked by itself: what is sent, every kind of answer, and what is never told."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.raw import Asked, answer, raw_server
from support.examples import examples

from wizard import catalogue, oauth
from wizard.choice import Choice
from wizard.errors import AuthwizardError, UsageError
from wizard.oauth import OAuthClient, TokenRefused, ask
from wizard.secret import Secret
from wizard.transport import Transport

GRANT = {"grant_type": "client_credentials", "scope": ""}


def made() -> str:
    return secrets.token_urlsafe(32)


async def asked_of(
    reply: bytes, *, client: OAuthClient | None = None, grant: Mapping[str, str] = GRANT
) -> tuple[Any, Asked, str]:
    """What `ask` gives or raises, the request that came, and every text that was recorded."""

    async def serve(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(reply)

    client = client or OAuthClient("me", Secret(made()))
    async with raw_server(serve) as raw, Transport(timeout=5) as transport:
        try:
            got: Any = await ask(raw.url("/token"), client, grant, transport)
        except AuthwizardError as error:
            got = error
        told = json.dumps([e.as_json() for e in transport.exchanges])
        if isinstance(got, AuthwizardError):
            told += json.dumps(got.as_json())
        return got, raw.asked[0], told


async def test_the_secret_goes_in_the_header_form_encoded() -> None:
    secret = Secret(f"a :%+~/ü{made()}")
    got, request, told = await asked_of(
        answer(200, {"access_token": made(), "token_type": "bearer", "expires_in": 60, "scope": "a b"}),
        client=OAuthClient("id:1 x", secret),
        grant={"grant_type": "client_credentials", "scope": "a b"},
    )
    scheme, _, sent = request.headers["authorization"].partition(" ")
    name, _, value = base64.b64decode(sent).decode("ascii").partition(":")
    assert scheme == "Basic"
    assert (unquote_plus(name), unquote_plus(value) == secret.reveal()) == ("id:1 x", True)
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.body.decode()) == {"grant_type": ["client_credentials"], "scope": ["a b"]}
    assert (got.expires_in, got.scopes) == (60.0, ("a", "b"))
    assert got.access_token.reveal() not in told


async def test_the_secret_goes_in_the_body() -> None:
    client = OAuthClient("id:1", Secret(f"%+ {made()}"), "client_secret_post")
    _, request, told = await asked_of(answer(401, {"error": "invalid_client"}), client=client)
    assert client.secret is not None
    assert "authorization" not in request.headers
    assert parse_qs(request.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["id:1"],
        "client_secret": [client.secret.reveal()],
    }
    assert client.secret.reveal() not in told


@pytest.mark.parametrize(
    ("reply", "status", "error", "title"),
    [
        (
            answer(401, {"error": "invalid_client", "error_description": "no"}),
            401,
            "invalid_client",
            "refused",
        ),
        (answer(400, {"error": "invalid_scope"}), 400, "invalid_scope", "refused"),
        # GitHub's token endpoint: 200, a form, and an error in it
        (
            answer(200, b"error=bad_verification_code&error_description=no", "text/plain"),
            200,
            "bad",
            "refused",
        ),
        (answer(200, {"error": "invalid_grant"}), 200, "invalid_grant", "refused"),
        (answer(400, {"error": {"status": "DENIED", "message": "no"}}), 400, "DENIED", "refused"),
        (answer(403), 403, "", "refused"),
        (answer(200, {"ok": True}), 200, "", "no access token"),
        (answer(200, {"access_token": 7}), 200, "", "no access token"),
        (answer(200, {"access_token": ""}), 200, "", "no access token"),
        (answer(200, b"<html>Login</html>", "text/html"), 200, "", "no access token"),
        (answer(200, b"[" * 20000), 200, "", "no access token"),
        (answer(404, b"gone", "text/plain"), 404, "", "no token endpoint"),
        (answer(503, b"busy", "text/plain"), 503, "", "no token now"),
        (answer(429, {"error": "slow_down"}), 429, "slow_down", "no token now"),
        (answer(302, location="http://127.0.0.1:1/there"), 302, "", "another address"),
        (answer(200, {"access_token": "a" * 40, "token_type": "DPoP"}), 200, "", "cannot send"),
        (answer(200, {"access_token": "a b" * 20, "token_type": "Bearer"}), 200, "", "cannot be sent"),
    ],
)
async def test_each_refusal_has_its_sentence(reply: bytes, status: int, error: str, title: str) -> None:
    got, _, told = await asked_of(reply)
    assert isinstance(got, TokenRefused)
    assert (got.status, got.exit_code, got.id) == (status, 1, "token-refused")
    assert got.error.startswith(error) and (error or not got.error)
    assert title in got.title
    assert got.fix
    assert "a" * 40 not in told


async def test_an_endless_answer_is_not_read() -> None:
    got, _, _ = await asked_of(answer(200, b"x" * 10_000_001))
    assert got.id == "too-large"


async def test_silence_is_no_refusal() -> None:
    got, _, _ = await asked_of(b"")
    assert not isinstance(got, TokenRefused)
    assert got.id == "connection-closed"


@pytest.mark.parametrize("named", ["access_token", "refresh_token", "id_token"])
async def test_no_token_stands_in_a_record(named: str) -> None:
    token = made()
    body = {"access_token": made(), "token_type": "Bearer", named: token, "note": f"again {token}"}
    got, _, told = await asked_of(answer(200, body))
    assert getattr(got, named).reveal() == token
    assert token not in told
    assert token not in repr(got)


async def test_what_the_endpoint_says_back_is_redacted() -> None:
    client = OAuthClient("me", Secret(made()))
    assert client.secret is not None
    body = {"error": "invalid_client", "error_description": f"wrong: {client.secret.reveal()}\x1b[31m"}
    got, _, told = await asked_of(answer(401, body), client=client)
    assert client.secret.reveal() not in told
    assert "\x1b" not in got.description


@settings(max_examples=examples(60), deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.dictionaries(
            st.sampled_from(
                ["access_token", "token_type", "expires_in", "scope", "error", "error_description"]
            ),
            st.one_of(
                st.none(),
                st.booleans(),
                st.integers(),
                st.floats(),
                st.text(max_size=30),
                st.lists(st.text(max_size=3)),
            ),
        ).map(lambda found: json.dumps(found).encode()),
    ),
    st.integers(200, 599).filter(lambda status: status not in {204, 304}),
)
def test_any_answer_is_a_token_or_a_sentence(body: bytes, status: int) -> None:
    got, _, _ = asyncio.run(asked_of(answer(status, body)))
    if isinstance(got, oauth.Granted):
        assert status == 200
        assert got.access_token.reveal().isascii()
    else:
        assert isinstance(got, AuthwizardError)
        assert got.title and got.title.isprintable()


@settings(max_examples=examples(40), deadline=None)
@given(
    st.text(min_size=1, max_size=60),
    st.text(min_size=1, max_size=60),
    st.sampled_from(["client_secret_basic", "client_secret_post", "none"]),
)
def test_any_id_and_secret_can_be_sent(name: str, secret: str, way: str) -> None:
    got, request, _ = asyncio.run(
        asked_of(
            answer(200, {"access_token": "t" * 20, "token_type": "Bearer"}),
            client=OAuthClient(name, Secret(secret), way),
        )
    )
    assert isinstance(got, oauth.Granted)
    whole = secret.encode("utf-8", "replace").decode()
    if way == "client_secret_post":
        assert parse_qs(request.body.decode(), keep_blank_values=True)["client_secret"] == [whole]


def choice(id: str = "mcp", **more: str) -> tuple[Any, ...]:
    service = catalogue.load().get(id)
    environment, method = service.environment("own"), service.method("client_credentials")
    return service, environment, method, "https://mcp.example/mcp", {"client_id": "me", **more}


def test_plain_http_is_refused_but_on_loopback() -> None:
    given = {"client_secret": Secret(made())}
    with pytest.raises(UsageError) as refused:
        oauth.completed(Choice(*choice(token_endpoint="http://login.example.com/token"), given))
    assert refused.value.id == "token-endpoint-not-https"
    with pytest.raises(UsageError) as refused:
        oauth.completed(Choice(*choice("http"), given))
    assert refused.value.id == "token-endpoint-missing", "of an API, no metadata names it"
    with pytest.raises(UsageError) as refused:
        oauth.completed(
            Choice(*choice(token_endpoint="http://127.0.0.1:1/", token_endpoint_auth_method="private"), given)
        )
    assert refused.value.id == "unknown-authentication"


def test_what_is_there_already_is_not_asked_for() -> None:
    given = {"client_secret": Secret(made()), "access_token": Secret(made())}
    assert oauth.completed(Choice(*choice(token_endpoint="http://127.0.0.1:1/"), given)) == given
    assert oauth.completed(Choice(*choice(token_endpoint="http://127.0.0.1:1/"), {})) == {}


async def test_settings_go_along_and_scopes_fill_in() -> None:
    token = made()

    async def serve(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, {"access_token": token, "token_type": "Bearer"}))

    async with raw_server(serve) as raw, Transport() as transport:
        more = {"resource": "https://mcp.example/mcp", "token_endpoint": raw.url("/t")}
        given = {"client_secret": Secret(made())}
        found = await oauth.complete(Choice(*choice(**more), given, scopes=("a", "b")), transport=transport)
        assert found["access_token"].reveal() == token
        assert parse_qs(raw.asked[0].body.decode()) == {
            "grant_type": ["client_credentials"],
            "scope": ["a b"],
            "resource": ["https://mcp.example/mcp"],
        }
