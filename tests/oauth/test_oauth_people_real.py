"""What the other tests of sign-in stand on: people with a real browser, real issuers, and servers behind them.

Nothing of the product but its way of opening a page; each login is made by hand here, step by step.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest
from servers.chromium import Person
from servers.keycloak_people import People
from servers.oidc_provider import DEVICE, OpenIdProvider
from servers.protected import Protected

from diagnostics.mcp import open_session
from wizard.browsing import open_page
from wizard.entries import Remote
from wizard.secret import Secret
from wizard.transport import Transport

NewPerson = Callable[..., Person]


@dataclass
class Listener:
    """A loopback listener of the plainest kind."""

    address: str
    answers: list[dict[str, str]] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)

    def answer(self) -> dict[str, str]:
        assert self.came.wait(90), "nobody came back"
        return self.answers[0]


@contextmanager
def listening() -> Iterator[Listener]:
    class Callback(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<p>You may close this page.</p>")
            if parts.path == "/callback":
                made.answers.append(dict(parse_qsl(parts.query)))
                made.came.set()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the path holds a code."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Callback)
    made = Listener(f"http://127.0.0.1:{server.server_address[1]}/callback")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def asked(url: str, **form: str) -> httpx.Response:
    return httpx.post(url, data=form, timeout=30, trust_env=False)


def metadata(issuer: str) -> dict[str, str]:
    return dict(httpx.get(f"{issuer}/.well-known/openid-configuration", timeout=30, trust_env=False).json())


def by_code(
    issuer: str, person: Person, client: dict[str, str], **more: str
) -> tuple[httpx.Response, dict[str, str]]:
    """The token endpoint's answer, and what came to the redirect URI before it."""
    says = metadata(issuer)
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(12)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    resource = {k: v for k, v in more.items() if k == "resource"}
    with listening() as listener:
        query = httpx.QueryParams(
            response_type="code",
            client_id=client["client_id"],
            redirect_uri=listener.address,
            state=state,
            code_challenge=challenge,
            code_challenge_method="S256",
            **more,
        )
        assert open_page(f"{says['authorization_endpoint']}?{query}")
        came = listener.answer()
        assert came["state"] == state
        assert person.page()["text"] == "You may close this page."
    form = {"grant_type": "authorization_code", "code": came["code"], "redirect_uri": listener.address}
    return asked(says["token_endpoint"], **form, code_verifier=verifier, **client, **resource), came


def by_device(issuer: str, person: Person, client: dict[str, str], **more: str) -> httpx.Response:
    says = metadata(issuer)
    begun = asked(says["device_authorization_endpoint"], **client, **more).raise_for_status().json()
    form = {"grant_type": DEVICE, "device_code": begun["device_code"], **client}
    form |= {k: v for k, v in more.items() if k == "resource"}
    assert asked(says["token_endpoint"], **form).json()["error"] == "authorization_pending"
    assert open_page(begun["verification_uri_complete"])
    assert "success" in person.page()["text"].lower(), person.page()
    deadline = time.monotonic() + 30
    while True:
        done = asked(says["token_endpoint"], **form)
        if done.json().get("error") not in ("authorization_pending", "slow_down"):
            return done
        assert time.monotonic() < deadline, done.text
        time.sleep(1)


async def tools(server: Protected, token: str) -> list[str]:
    entry = Remote(server.url, headers={"Authorization": Secret(f"Bearer {token}")})
    async with Transport() as transport, open_session(entry, transport) as session:
        return [tool.name for tool in await session.tools()]


def claims(token: str) -> dict[str, object]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


@pytest.fixture
def alice(chromium_browser: NewPerson, monkeypatch: pytest.MonkeyPatch) -> Person:
    """At oidc-provider."""
    person = chromium_browser("alice")
    monkeypatch.setenv("BROWSER", person.command)
    return person


@pytest.mark.real("npm", "chromedriver")
class TestOpenIdProvider:
    """oidc-provider 9, and FastMCP behind it."""

    async def test_a_code_becomes_a_token_for_the_server_alone(
        self, oidc: OpenIdProvider, oidc_protected: Protected, alice: Person
    ) -> None:
        more = {"scope": "openid offline_access read", "resource": oidc_protected.url}
        done, came = by_code(oidc.issuer, alice, {"client_id": "public"}, **more)
        assert done.status_code == 200, done.text
        token = done.json()["access_token"]
        assert came["iss"] == oidc.issuer
        assert claims(token)["aud"] == oidc_protected.url
        assert claims(token)["groups"] == ["mcp-servers-unrestricted"]
        oidc_protected.forget()
        assert await tools(oidc_protected, token) == ["add", "fail"]
        heard = oidc_protected.heard()
        assert {h["sha256"] for h in heard} == {hashlib.sha256(token.encode()).hexdigest()}
        assert {h["scheme"] for h in heard} == {"Bearer"}
        assert heard[-1]["method"] == "tools/list"
        assert token not in oidc_protected.log.read_text()

    def test_a_refresh_token_is_good_once_and_its_second_use_ends_the_family(
        self, oidc: OpenIdProvider, oidc_protected: Protected, alice: Person
    ) -> None:
        client = {"client_id": "public"}
        done, _ = by_code(oidc.issuer, alice, client, scope="openid read", resource=oidc_protected.url)
        first = done.json()["refresh_token"]
        form = {"grant_type": "refresh_token", "resource": oidc_protected.url, **client}
        second = asked(oidc.token_endpoint, **form, refresh_token=first)
        assert second.status_code == 200, second.text
        assert second.json()["refresh_token"] != first
        assert asked(oidc.token_endpoint, **form, refresh_token=first).json()["error"] == "invalid_grant"
        again = asked(oidc.token_endpoint, **form, refresh_token=second.json()["refresh_token"])
        assert again.json()["error"] == "invalid_grant"

    def test_whoever_registers_may_log_people_in(
        self, oidc: OpenIdProvider, oidc_protected: Protected, alice: Person
    ) -> None:
        says = metadata(oidc.issuer)
        wanted = {
            "redirect_uris": ["http://127.0.0.1/callback"],
            "application_type": "native",
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
        }
        made = httpx.post(says["registration_endpoint"], json=wanted, timeout=30, trust_env=False).json()
        client = {"client_id": made["client_id"]}
        done, _ = by_code(oidc.issuer, alice, client, scope="openid read", resource=oidc_protected.url)
        assert claims(done.json()["access_token"])["client_id"] == made["client_id"]

    def test_a_token_without_a_resource_is_for_user_info_and_can_be_introspected_and_revoked(
        self, oidc: OpenIdProvider, alice: Person
    ) -> None:
        says = metadata(oidc.issuer)
        done, _ = by_code(oidc.issuer, alice, {"client_id": "public"}, scope="openid email groups")
        token = done.json()["access_token"]
        sent = {"Authorization": f"Bearer {token}"}
        info = httpx.get(says["userinfo_endpoint"], headers=sent, timeout=30, trust_env=False).json()
        assert (info["sub"], info["groups"]) == ("alice", ["mcp-servers-unrestricted"])
        own = {"client_id": "public", "token": token}
        assert asked(says["introspection_endpoint"], **own).json()["active"] is True
        assert asked(says["revocation_endpoint"], **own).status_code == 200
        assert asked(says["introspection_endpoint"], **own).json() == {"active": False}

    async def test_a_device_is_signed_in_from_a_browser(
        self, oidc: OpenIdProvider, oidc_protected: Protected, alice: Person
    ) -> None:
        client = {"client_id": "tv"}
        done = by_device(oidc.issuer, alice, client, scope="openid read", resource=oidc_protected.url)
        assert done.status_code == 200, done.text
        assert done.json()["refresh_token"]
        assert await tools(oidc_protected, done.json()["access_token"])

    def test_whom_it_does_not_know_it_does_not_let_in(
        self, oidc: OpenIdProvider, chromium_browser: NewPerson, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mallory = chromium_browser("mallory")
        monkeypatch.setenv("BROWSER", mallory.command)
        says = metadata(oidc.issuer)
        query = httpx.QueryParams(
            response_type="code",
            client_id="public",
            redirect_uri="http://127.0.0.1:9/callback",
            code_challenge="x" * 43,
            code_challenge_method="S256",
            scope="openid",
        )
        assert open_page(f"{says['authorization_endpoint']}?{query}")
        assert "callback" not in mallory.page()["path"]

    def test_a_token_lives_as_long_as_was_asked(self, oidc_like: Callable[..., OpenIdProvider]) -> None:
        brief = oidc_like(ttl=2)
        name, secret = brief.client()
        form = {"grant_type": "client_credentials", "scope": "read"}
        done = httpx.post(brief.token_endpoint, data=form, auth=(name, secret.reveal()), trust_env=False)
        assert done.json()["expires_in"] == 2


@pytest.mark.real("java", "chromedriver")
class TestKeycloak:
    """Keycloak 26, and FastMCP behind it."""

    @pytest.fixture
    def logging_in(
        self, people: People, chromium_browser: NewPerson, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[str], Person]:
        def someone(name: str) -> Person:
            person = chromium_browser(name, people.password(name).reveal())
            monkeypatch.setenv("BROWSER", person.command)
            return person

        return someone

    async def test_a_code_becomes_a_token_with_groups_after_consent(
        self, people: People, keycloak_protected: Protected, logging_in: Callable[[str], Person]
    ) -> None:
        done, came = by_code(people.issuer, logging_in("alice"), {"client_id": "cli"}, scope="openid read")
        assert done.status_code == 200, done.text
        token = done.json()["access_token"]
        assert came["iss"] == people.issuer
        assert keycloak_protected.url in claims(token)["aud"]
        assert sorted(claims(token)["groups"]) == ["mcp-servers-restricted", "mcp-servers-unrestricted"]
        assert await tools(keycloak_protected, token) == ["add", "fail"]

    def test_a_client_that_is_not_in_the_audience_is_told_that_a_good_token_is_dead(
        self, people: People, logging_in: Callable[[str], Person]
    ) -> None:
        name, secret = people.client("app")
        client = {"client_id": name, "client_secret": secret.reveal()}
        done, _ = by_code(people.issuer, logging_in("bob"), client, scope="openid read")
        token = done.json()["access_token"]
        assert not claims(token).get("groups")
        says = metadata(people.issuer)
        sent = {"Authorization": f"Bearer {token}"}
        assert (
            httpx.get(says["userinfo_endpoint"], headers=sent, timeout=30, trust_env=False).status_code == 200
        )
        name, secret = people.client("stranger")
        stranger = {"client_id": name, "client_secret": secret.reveal()}
        assert asked(says["introspection_endpoint"], token=token, **stranger).json() == {"active": False}

    async def test_a_device_is_signed_in_from_a_browser(
        self, people: People, keycloak_protected: Protected, logging_in: Callable[[str], Person]
    ) -> None:
        done = by_device(people.issuer, logging_in("alice"), {"client_id": "tv"}, scope="openid read")
        assert done.status_code == 200, done.text
        assert await tools(keycloak_protected, done.json()["access_token"])

    def test_a_wrong_password_ends_at_keycloak(
        self, people: People, chromium_browser: NewPerson, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = chromium_browser("alice")
        monkeypatch.setenv("BROWSER", person.command)
        query = (
            "client_id=cli&response_type=code&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&scope=openid"
        )
        challenge = f"code_challenge={'x' * 43}&code_challenge_method=S256"
        assert open_page(f"{metadata(people.issuer)['authorization_endpoint']}?{query}&{challenge}")
        page = person.page()
        assert page["origin"] == people.keycloak.url
        assert "Invalid username or password" in page["text"]
