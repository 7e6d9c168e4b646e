"""A login that nobody finishes: whatever it waits for, the person is told that, and how it is given longer."""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path

import jwt
import pytest
from rotating_issuer import Issuer
from servers.raw import Asked, answer, raw_server
from support.running import Run

from commands import live
from commands.running import BUDGET, LOGIN_BUDGET, Waiting, within
from diagnostics import ladder, url_targets
from diagnostics.causes import REGISTRY, get
from diagnostics.steps.token_request import TokenRequest
from wizard import catalogue, connections
from wizard.choice import Choice
from wizard.connections import Connection
from wizard.errors import JobError
from wizard.livetest import LiveTestReport, Step
from wizard.oauth import TokenRefused, kept
from wizard.oauth.by_device import by_device
from wizard.oauth.model import Login, ServerMetadata
from wizard.oauth.person import Ask, Person
from wizard.oauth.problems import OAuthProblem
from wizard.oauth.waiting import not_done, timed_out
from wizard.oauth.walk import Walk, Wanted
from wizard.secret import Secret
from wizard.transport import Transport


def nobody(asks: list[Ask], seconds: float, budget: float = 0.0) -> Person:
    def hear(_: Step) -> None:
        return None

    return Person(hear, asks.append, opens=False, seconds=seconds, budget=budget)


async def test_a_code_is_waited_for_no_longer_than_was_given() -> None:
    asks: list[Ask] = []

    async def serve(asked: Asked, writer: asyncio.StreamWriter) -> None:
        code = {"device_code": "d" * 30, "user_code": "AB-CD", "verification_uri": "https://a.example/device"}
        writer.write(answer(200, {**code, "expires_in": 600}) if asked.path == "/device" else answer(400, {}))

    async with raw_server(serve) as raw, Transport(timeout=5) as transport:
        base = raw.url("")
        server = ServerMetadata(
            base, base, token_endpoint=f"{base}/token", device_authorization_endpoint=f"{base}/device"
        )
        service = catalogue.one("mcp")
        method = next(m for m in service.methods if m.kind == "device_code")
        choice = Choice(
            service,
            service.environments[0],
            method,
            "https://a.example/mcp",
            {"client_id": "tv"},
            name="mine",
        )
        walk = Walk(choice, transport, nobody(asks, 0.05, 40), "device_code")
        with pytest.raises(OAuthProblem) as raised:
            await by_device(walk, server, Wanted((), ""))
    problem = raised.value
    assert not isinstance(problem, TokenRefused)
    assert problem.id == "login-timed-out"
    assert "https://a.example/device" in problem.fix[0]
    assert "--timeout 300" in problem.fix[-1]
    assert asks[0].seconds == 0.05


async def test_a_test_whose_time_ends_while_a_login_is_waited_for(issuer: Issuer) -> None:
    asks: list[Ask] = []
    seen: list[TokenRequest | None] = []

    async def find(_: object, __: LiveTestReport, asked: TokenRequest | None) -> None:
        seen.append(asked)

    async with Transport(timeout=5) as transport:
        report = await ladder.run(
            url_targets.from_url(issuer.mcp),
            transport,
            find=find,
            budget=0.4,
            person=nobody(asks, 30, 12),
        )
    assert (report.ok, len(asks), len(seen)) == (False, 1, 1)
    problem = seen[0].error if seen[0] else None
    assert isinstance(problem, OAuthProblem)
    assert problem.id == "login-timed-out"
    assert "complete the login that was begun at http://127.0.0.1" in problem.fix[0]


def test_what_is_said_of_a_login_that_was_too_long() -> None:
    for problem in (not_done("open it", 24, 40), timed_out("http://127.0.0.1:1/", 24, [], {}, budget=40)):
        assert problem.id in REGISTRY
        assert "24 seconds" in problem.title
        assert "--timeout 300 (of 40 s the login had 24)" in problem.fix[-1]
    assert "--timeout 800" in not_done("open it", 370, 400).fix[-1]


@pytest.mark.parametrize(("budget", "least"), [(BUDGET, 15), (40, 24), (LOGIN_BUDGET, 270), (12, 7)])
def test_a_person_has_most_of_the_time(budget: float, least: float) -> None:
    assert least <= live.for_a_person(budget) < budget


async def test_a_look_that_takes_too_long_loses_nothing(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(live, "diagnosed", never)
    report = await live.tested(url_targets.from_url(issuer.mcp), seconds=0.5, person=nobody([], 0.1))
    assert report.finding is not None
    assert report.finding.cause == "login-timed-out"


@pytest.mark.parametrize("method", ["authorization_code", "device_code"])
def test_where_nobody_can_log_in_nothing_is_waited_for(
    issuer: Issuer, run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    connections.save(Connection("notes", "mcp", "own", issuer.mcp, method))
    done = run("test", "notes", "--json", "--timeout", "20")
    assert done.json["finding"]["cause"] == "not-logged-in", done.out
    assert done.json["finding"]["fix"] == ["Log in: authwizard login notes"]
    assert issuer.registrations == 0


def test_a_failed_login_says_what_to_do(issuer: Issuer, run: Run, home: Path) -> None:
    issuer.left_out.add("token_endpoint")
    connections.save(Connection("notes", "mcp", "own", issuer.mcp, "authorization_code"))
    error = run("login", "notes", "--no-browser", "--json", "--timeout", "5").json["error"]
    assert error["fix"] == list(get(error["id"]).fix)
    assert error["fix"]


def test_a_time_out_names_what_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    for about, steps in (("notes", 2), ("https://a.example/mcp", 1)):
        with pytest.raises(JobError) as raised:
            within(0.01, never, Waiting(about=about))
        assert raised.value.fix[0] == "Give it longer: --timeout 60"
        assert len(raised.value.fix) == steps
        assert "TARGET" not in str(raised.value.fix)
    with pytest.raises(JobError) as raised:
        within(0.01, never, Waiting(about="notes"))
    assert raised.value.fix[1] == "See what is slow: authwizard doctor notes"


def test_a_connection_is_shown_with_its_login(run: Run, home: Path) -> None:
    connections.save(Connection("notes", "mcp", "own", "https://a.example/mcp", "authorization_code"))
    shown = run("connections", "show", "notes", "--json")
    assert shown.json["connections"][0]["login"] is None
    assert "authwizard login notes" in run("connections", "show", "notes").out
    claims = jwt.encode({"preferred_username": "ann"}, secrets.token_hex(32), "HS256")
    login = Login(
        "https://id.example",
        "me",
        Secret(secrets.token_urlsafe(24)),
        refresh_token=Secret(secrets.token_urlsafe(24)),
        id_token=Secret(claims),
        expires_at=time.time() + 600,
        asked=("read", "offline_access"),
        scopes=("read",),
        server="https://a.example/mcp",
    )
    kept.keep("notes", login, store="file")
    shown = run("connections", "show", "notes", "--json")
    found = shown.json["connections"][0]["login"]
    assert (found["who"], found["issuer"], found["renewable"]) == ("ann", "https://id.example", True)
    lines = run("connections", "show", "notes").out
    assert "of ann" in lines
    assert "by https://id.example" in lines
    assert "not granted" not in lines
    for secret in (login.access_token, login.refresh_token, login.id_token):
        assert secret is not None
        assert secret.reveal() not in shown.out + lines
    assert "login" not in run("connections", "--json").json["connections"][0]
