"""The device flow (RFC 8628): what is asked and how often, every way that it ends, and a login at a real provider."""

from __future__ import annotations

import asyncio
import html
import json
import re
import secrets
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.oidc_provider import OpenIdProvider
from servers.raw import Asked, answer, raw_server
from support.examples import examples

from wizard.errors import AuthwizardError, TransportError
from wizard.oauth import Granted, OAuthClient, TokenRefused
from wizard.oauth.device import DeviceCode, poll, start
from wizard.oauth.model import ServerMetadata
from wizard.oauth.problems import OAuthProblem
from wizard.secret import Secret
from wizard.transport import Transport

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
PUBLIC = OAuthClient("tv", None, "none")


def code_of(**more: object) -> dict[str, Any]:
    whole = {
        "device_code": secrets.token_urlsafe(32),
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://login.example/device",
        "expires_in": 1800,
        **more,
    }
    return {name: value for name, value in whole.items() if value is not None}


def pending(error: str = "authorization_pending", status: int = 400) -> bytes:
    return answer(status, {"error": error})


def metadata(base: str) -> ServerMetadata:
    return ServerMetadata(
        base, base, token_endpoint=f"{base}/token", device_authorization_endpoint=f"{base}/device"
    )


class Clock:
    """Time that goes on only where one sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waited: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


async def flow(
    begin: dict[str, Any] | bytes, *polls: bytes, client: OAuthClient = PUBLIC, challenge: str = ""
) -> tuple[Any, list[Asked], Clock, str]:
    """What the flow comes to (or raises) where the token endpoint gives these answers, the last one for ever."""
    given = list(polls)
    clock = Clock()

    async def serve(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.path == "/device":
            writer.write(begin if isinstance(begin, bytes) else answer(200, begin))
        else:
            writer.write(given.pop(0) if len(given) > 1 else given[0])

    async with raw_server(serve) as raw, Transport(timeout=5) as transport:
        server = metadata(raw.url(""))
        try:
            code = await start(
                server, client, "read", "https://a.example/mcp", transport, challenge=challenge
            )
            got: Any = (
                await poll(code, server, client, transport, sleep=clock.sleep, clock=clock) if polls else code
            )
        except AuthwizardError as error:
            got = error
        told = json.dumps([e.as_json() for e in transport.exchanges]) + repr(got)
        if isinstance(got, AuthwizardError):
            told += json.dumps(got.as_json())
        return got, raw.asked, clock, told


def sent(asked: Asked) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(asked.body.decode(), strict_parsing=True).items()}


def token() -> bytes:
    return answer(200, {"access_token": "t" * 24, "token_type": "Bearer", "refresh_token": "r" * 24})


async def test_a_login_and_what_was_asked() -> None:
    begin = code_of(interval=7, verification_uri_complete="https://login.example/device?user_code=WDJB-MJHT")
    got, asked, clock, told = await flow(begin, pending(), pending("slow_down"), pending(), token())
    assert isinstance(got, Granted)
    assert clock.waited == [7, 7, 12, 12]
    assert sent(asked[0]) == {"client_id": "tv", "scope": "read", "resource": "https://a.example/mcp"}
    assert [sent(r) for r in asked[1:]] == [
        {"grant_type": GRANT, "device_code": begin["device_code"], "client_id": "tv"}
    ] * 4
    assert begin["device_code"] not in told
    assert "t" * 24 not in told and "r" * 24 not in told
    assert "WDJB-MJHT" in told


async def test_a_client_with_a_secret_and_a_challenge() -> None:
    client = OAuthClient("me", Secret(secrets.token_urlsafe(20)))
    _, asked, _, _ = await flow(code_of(), token(), client=client, challenge="c" * 43)
    assert sent(asked[0])["client_id"] == "me"
    assert (sent(asked[0])["code_challenge"], sent(asked[0])["code_challenge_method"]) == ("c" * 43, "S256")
    for request in asked:
        assert request.headers["authorization"].startswith("Basic ")
        assert "client_secret" not in sent(request)
    for way in ("client_secret_post", "none"):
        _, asked, _, _ = await flow(code_of(), token(), client=OAuthClient("me", client.secret, way))
        assert [parse_qs(r.body.decode())["client_id"] for r in asked] == [["me"]] * 2


@pytest.mark.parametrize(
    ("interval", "wait"), [(None, 5), ("3", 3), (0, 1), (0.2, 1), (-4, 5), (True, 5), ("soon", 5), ([], 5)]
)
async def test_never_more_than_once_a_second(interval: object, wait: float) -> None:
    got, _, clock, _ = await flow(code_of(interval=interval), pending(), token())
    assert isinstance(got, Granted)
    assert clock.waited == [wait, wait]


@pytest.mark.parametrize(
    ("last", "id"),
    [
        (pending("expired_token"), "device-code-expired"),
        (pending("access_denied"), "login-denied"),
        (pending("access_denied", 403), "login-denied"),
        (pending("authorization_declined"), "login-denied"),
        # GitHub answers 200: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
        (answer(200, b"error=expired_token&error_description=late", "text/plain"), "device-code-expired"),
        (pending("invalid_grant"), "token-refused"),
        (pending("invalid_client", 401), "token-refused"),
        (answer(404), "token-refused"),
    ],
)
async def test_each_end_has_its_name(last: bytes, id: str) -> None:
    got, asked, _, told = await flow(code_of(), pending(), last)
    assert (got.id, len(asked)) == (id, 3)
    assert got.title
    if isinstance(got, OAuthProblem):
        assert got.evidence
        assert got.fix
    assert sent(asked[1])["device_code"] not in told


async def test_a_code_that_nobody_used() -> None:
    got, asked, clock, _ = await flow(code_of(expires_in=22, interval=5), pending())
    assert got.id == "device-code-expired"
    assert "22 seconds" in got.title
    assert (len(asked) - 1, clock.now) == (5, 25)
    # Auth0 says so once, and invalid_grant ever after
    got, _, _, _ = await flow(code_of(expires_in=9), pending(), pending("invalid_grant"))
    assert got.id == "device-code-expired"
    got, asked, clock, _ = await flow(code_of(expires_in=None, interval=100), pending())
    assert (got.id, clock.now) == ("device-code-expired", 600)


async def test_polls_that_are_lost_come_slower_and_end() -> None:
    got, _, clock, _ = await flow(code_of(), b"", answer(503), answer(429), token())
    assert isinstance(got, Granted)
    assert clock.waited == [5, 10, 20, 40]
    got, asked, clock, _ = await flow(code_of(interval=50), b"")
    assert isinstance(got, TransportError)
    assert (got.id, len(asked) - 1, clock.waited) == ("connection-closed", 5, [50, 60, 60, 60, 60])
    got, asked, _, _ = await flow(code_of(), b"", b"", b"", b"", pending(), b"", token())
    assert isinstance(got, Granted)
    got, asked, _, _ = await flow(code_of(), answer(500))
    assert isinstance(got, TokenRefused)
    assert len(asked) == 6


@pytest.mark.parametrize(
    "place",
    [
        "http://login.example/device",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://me:word@login.example/",
        "https://login.example/\x1b[31m",
        "https://login.example/ x",
        "/device",
        "",
        7,
        None,
        "https://" + "a" * 3000,
    ],
    ids=repr,
)
async def test_a_page_that_is_not_opened(place: object) -> None:
    got, _, _, told = await flow(code_of(verification_uri=place))
    assert got.id == "device-answer-unusable"
    assert got.owner == "idp-admin"
    assert "\x1b" not in told and "word" not in json.dumps(got.as_json())
    got, _, _, _ = await flow(code_of(verification_uri_complete=place))
    assert got.verification_uri_complete == ""


@pytest.mark.parametrize(
    ("begin", "id"),
    [
        (code_of(user_code=None), "device-answer-unusable"),
        (code_of(user_code="A\x1b[0m"), "device-answer-unusable"),
        (code_of(user_code=["A"]), "device-answer-unusable"),
        (code_of(device_code=None), "token-refused"),
        (answer(400, {"error": "unauthorized_client"}), "token-refused"),
        (answer(200, {"error": "device_flow_disabled"}), "token-refused"),
        (answer(404), "token-refused"),
        (answer(302, location="https://other.example/"), "token-refused"),
    ],
)
async def test_no_code(begin: Any, id: str) -> None:
    got, _, _, _ = await flow(begin)
    assert got.id == id
    assert "device authorization endpoint" in got.title or id != "token-refused"


async def test_the_page_with_the_code_lies_beside_the_other() -> None:
    place = "https://login.example/device?user_code=A"
    got, _, _, _ = await flow(code_of(verification_uri_complete=place))
    assert got.verification_uri_complete == place
    got, _, _, _ = await flow(code_of(verification_uri_complete="https://other.example/device?user_code=A"))
    assert got.verification_uri_complete == ""
    got, _, _, _ = await flow(code_of(verification_uri=None, verification_url="https://g.example/device"))
    assert got.verification_uri == "https://g.example/device"
    got, _, _, _ = await flow(code_of(verification_uri="http://127.0.0.1:1/device"))
    assert got.verification_uri == "http://127.0.0.1:1/device"


async def test_a_server_without_it() -> None:
    async with Transport() as transport:
        with pytest.raises(OAuthProblem) as caught:
            await start(ServerMetadata("https://a.example", ""), PUBLIC, "", "", transport)
        assert caught.value.id == "device-flow-not-offered"
        assert not transport.exchanges


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.lists(st.integers(), max_size=2),
)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.one_of(
        st.binary(max_size=80),
        st.dictionaries(
            st.sampled_from(
                [
                    "user_code",
                    "verification_uri",
                    "verification_uri_complete",
                    "expires_in",
                    "interval",
                    "error",
                ]
            ),
            _VALUES,
        ).map(lambda found: json.dumps({**code_of(), **found}).encode()),
    )
)
def test_any_answer_is_a_code_or_a_sentence(body: bytes) -> None:
    got, _, _, _ = asyncio.run(flow(answer(200, body)))
    if isinstance(got, DeviceCode):
        assert got.interval >= 1
        assert got.expires_in > 0
        assert got.verification_uri.startswith(("https://", "http://127.0.0.1"))
        assert got.user_code.isprintable()
    else:
        assert isinstance(got, AuthwizardError)
        assert got.title.isprintable()


async def enters(code: DeviceCode, name: str, *, allows: bool = True) -> None:
    """A person at the provider's own pages: each page's form is sent on with what it holds."""
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False, timeout=20) as browser:
        page = await browser.get(code.verification_uri)
        for _ in range(8):
            form = re.search(r"<form.*?</form>", page.text, re.DOTALL)
            if form is None:
                return
            action = re.search(r'action="([^"]*)"', form[0])
            assert action is not None
            fields = {
                found[1]: html.unescape(value[1]) if (value := re.search(r'value="([^"]*)"', tag)) else ""
                for tag in re.findall(r"<(?:input|button)[^>]*>", form[0])
                if (found := re.search(r'name="([^"]*)"', tag))
            }
            fields.pop("abort", None)
            if "user_code" in fields:
                fields["user_code"] = code.user_code
            if "confirm" in fields and not allows:
                fields["abort"] = fields.pop("confirm")
            if "login" in fields:
                fields |= {"login": name, "password": "any"}
            page = await browser.post(str(page.url.join(html.unescape(action[1]))), data=fields)
            if "abort" in fields:
                return
        raise AssertionError(page.text[-500:])


@pytest.mark.real("npm")
@pytest.mark.parametrize("allows", [True, False], ids=["allowed", "denied"])
async def test_a_login_at_a_real_provider(oidc: OpenIdProvider, allows: bool) -> None:
    async with Transport() as transport:
        server = ServerMetadata(
            oidc.issuer,
            oidc.issuer,
            token_endpoint=oidc.token_endpoint,
            device_authorization_endpoint=f"{oidc.issuer}/device/auth",
        )
        code = await start(server, PUBLIC, "openid", "", transport)
        assert (code.interval, code.expires_in) == (5, 600)
        assert code.user_code in code.verification_uri_complete
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 2:
                await enters(code, "alice", allows=allows)

        if allows:
            got = await poll(code, server, PUBLIC, transport, sleep=sleep)
            assert got.id_token
        else:
            with pytest.raises(OAuthProblem) as caught:
                await poll(code, server, PUBLIC, transport, sleep=sleep)
            assert caught.value.id == "login-denied"
        assert waits == [5, 5]
        told = json.dumps([e.as_json() for e in transport.exchanges])
        assert code.device_code.reveal() not in told
        with pytest.raises(TokenRefused) as refused:
            await poll(code, server, PUBLIC, transport, sleep=sleep)
        assert refused.value.error == "invalid_grant"
