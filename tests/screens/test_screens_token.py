"""The token screen, key by key, against an issuer on loopback: what it asks, what it shows, and what it never shows."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator

import pytest
from screens_keys import on, reads, settled, text_of
from support.issuing import Answer, Issuer, Request, claims_of, issuing, says, unknown_token
from textual import events
from textual.pilot import Pilot

from sandbox import practice
from screens.app import Authwizard
from screens.diagnose.screen import DiagnoseScreen
from screens.home import Home
from screens.token import TokenScreen
from screens.widgets.inputs import Line, SecretLine
from wizard import connections
from wizard.connections import Connection

pytestmark = pytest.mark.slow

SIZE = (100, 40)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as made:
        yield made


async def pasted(pilot: Pilot[int], token: str) -> TokenScreen:
    """The token screen with this token explained."""
    await on(pilot, Home)
    await pilot.press("t")
    screen = await on(pilot, TokenScreen)
    screen.query_one("#token", SecretLine).value = token
    await pilot.press("enter")
    await reads(pilot, "signature unchecked")
    await settled(pilot)
    return screen


async def ask_as(pilot: Pilot[int], client: str, secret: str) -> None:
    """Introspect as this client."""
    await pilot.press("i")
    await reads(pilot, "Which client asks?")
    screen = pilot.app.screen
    screen.query_one("#client-id", Line).value = client
    await pilot.press("enter")
    screen.query_one("#client-secret", SecretLine).value = secret
    await pilot.press("enter")


@pytest.mark.slow
@pytest.mark.row("U3", "U7")
async def test_signature_user_info_and_introspection_by_keys(issuer: Issuer) -> None:
    app, token, secret = Authwizard(), issuer.token(aud="server"), secrets.token_urlsafe(24)
    async with app.run_test(size=SIZE) as pilot:
        await pasted(pilot, token)
        assert issuer.asked == []
        await pilot.press("v")
        await reads(pilot, "signature valid")
        assert all(r.method == "GET" and "authorization" not in r.headers for r in issuer.asked)
        await settled(pilot)
        await pilot.press("u")
        await reads(pilot, "finance")
        assert [r.bearer for r in issuer.asked_for("/userinfo")] == [token]
        await settled(pilot)
        await ask_as(pilot, "server", secret)
        await reads(pilot, "200 active true, asked by server")
        await settled(pilot)
        assert len(issuer.asked_for("/introspect")) == 1
        shown = text_of(app)
        assert secret not in shown
        assert token not in shown
        assert not any(field.value for field in app.screen.query(SecretLine))


@pytest.mark.row("U3")
async def test_a_client_outside_the_audience_is_told_apart_from_a_bad_token(issuer: Issuer) -> None:
    issuer.pages["/introspect"] = says(200, {"active": False})
    app = Authwizard()
    async with app.run_test(size=SIZE) as pilot:
        await pasted(pilot, issuer.token())
        await ask_as(pilot, "server", secrets.token_urlsafe(24))
        await reads(pilot, "The token is good. Introspection says otherwise because `server` asks")
        await reads(pilot, "200 active false, asked by server")
        await settled(pilot)
        issuer.pages["/userinfo"] = unknown_token("user_session_not_found")
        await pilot.press("u")
        await reads(pilot, "The login behind this token has ended")


@pytest.mark.row("U3")
async def test_fusionauth_by_keys() -> None:
    with practice.start() as running:
        known = running.services["fusionauth"].credentials
        app = Authwizard()
        async with app.run_test(size=SIZE) as pilot:
            await pasted(pilot, known["access_token"].reveal())
            await ask_as(pilot, known["server_client_id"].reveal(), known["server_client_secret"].reveal())
            await reads(pilot, "FusionAuth's validate endpoint: 200")
            await reads(pilot, "The token is good. Introspection says otherwise")


async def test_escape_cancels_what_runs_then_closes(issuer: Issuer) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait(_: Request) -> Answer:
        begun.set()
        go_on.wait(30)
        return 200, {"sub": "alice"}, {}

    issuer.pages["/userinfo"] = wait
    app = Authwizard()
    try:
        async with app.run_test(size=SIZE) as pilot:
            await pasted(pilot, issuer.token())
            await pilot.press("u")
            await reads(pilot, "running user info")
            await pilot.press("escape")
            await reads(pilot, "Cancelled.")
            assert "running" not in text_of(app)
            await settled(pilot)
            await pilot.press("i")
            await reads(pilot, "Which client asks?")
            await pilot.press("escape")
            await reads(pilot, "signature unchecked")
            await pilot.press("escape")
            await on(pilot, Home)
    finally:
        go_on.set()
    assert begun.is_set()


async def test_an_opaque_token_wants_its_issuer_named(issuer: Issuer) -> None:
    app, token = Authwizard(), secrets.token_urlsafe(32)
    async with app.run_test(size=SIZE) as pilot:
        await pasted(pilot, token)
        await pilot.press("u")
        await reads(pilot, "Name the issuer")
        app.screen.query_one("#issuer", Line).value = issuer.url
        await pilot.press("enter")
        await reads(pilot, "finance")
        assert [r.bearer for r in issuer.asked_for("/userinfo")] == [token]
        await settled(pilot)
        await pilot.press("n")
        await settled(pilot)
        assert "finance" not in text_of(app)
        assert app.screen.query_one("#token", SecretLine).has_focus


async def test_a_source_that_yields_nothing_is_said_and_can_be_corrected(issuer: Issuer) -> None:
    app = Authwizard()
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, Home)
        await pilot.press("t")
        screen = await on(pilot, TokenScreen)
        await pilot.press("enter")
        await reads(pilot, "Paste a token first.")
        screen.query_one("#token", SecretLine).value = "env:NOT_THERE_AT_ALL"
        await pilot.press("enter")
        await reads(pilot, "NOT_THERE_AT_ALL")
        screen.query_one("#token", SecretLine).value = issuer.token()
        await pilot.press("enter")
        await reads(pilot, "signature unchecked")


@pytest.mark.row("U4")
async def test_the_scopes_that_a_connection_chose_are_held_against_its_token(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def api(request: Request) -> Answer:
        scopes = claims_of(request.bearer)["scope"].split() if request.bearer.count(".") == 2 else []
        return (200, {}, {}) if "get_name" in scopes else (401, {"error": "invalid_token"}, {})

    issuer.pages["/api"] = api
    monkeypatch.setenv("A_TOKEN", issuer.token(scope="openid profile email"))
    chosen = ("openid", "profile", "email", "get_name")
    secrets_of = {"token": "env:A_TOKEN"}
    connections.save(Connection("mine", "http", "own", f"{issuer.url}/api", "bearer", {}, secrets_of, chosen))
    app = Authwizard()
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, Home)
        await app.push_screen(DiagnoseScreen("mine"))
        await reads(pilot, "granted: openid profile email")
        await reads(pilot, "also has `get_name`")


async def test_whom_the_secret_goes_to_is_named_before_it_is_given(issuer: Issuer) -> None:
    """A token says by itself who issued it: one that was sent by somebody else may name anybody."""
    async with Authwizard().run_test(size=SIZE) as pilot:
        await pasted(pilot, issuer.token())
        await pilot.press("i")
        await reads(pilot, f"Its secret goes to {issuer.url} alone")


async def test_what_is_far_too_long_is_not_taken_into_the_field() -> None:
    app = Authwizard()
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, Home)
        await pilot.press("t")
        screen = await on(pilot, TokenScreen)
        screen.query_one("#token", SecretLine).post_message(events.Paste("x" * 3_000_000))
        await pilot.pause()
        assert ["3,000,000" in n.message for n in app._notifications] == [True]
        assert screen.query_one("#token", SecretLine).value == ""
        await pilot.press("escape")
        await on(pilot, Home)
