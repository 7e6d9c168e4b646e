"""How a login looks at 80x24 and at 120x40: a fixed address that nobody can use, no times, no path of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from looks import NOW, PICTURES, WORK, Snap, shown, step, traces
from screens_keys import settled
from textual.pilot import Pilot
from textual.screen import Screen

from screens.connection import ConnectionScreen
from screens.login import work
from screens.login.scan import ScanScreen
from screens.login.screen import LoginScreen
from screens.login.text import address, scanned, user_code
from screens.setup.flow import make
from wizard import catalogue, connections, setup
from wizard.connections import Connection
from wizard.exchange import Exchange
from wizard.livetest import LiveTestReport, Step
from wizard.oauth import kept
from wizard.oauth.logging_in import LoggedIn
from wizard.oauth.model import Login
from wizard.oauth.person import BROWSER, DEVICE, Ask, Person
from wizard.oauth.walk import TITLES
from wizard.secret import Secret
from wizard.setup import Draft

pytestmark = [*PICTURES, pytest.mark.slow]

URL = "https://mcp.example.com/mcp"
ISSUER = "https://login.example.com/realms/mcp"
PAGE = (
    f"{ISSUER}/protocol/openid-connect/auth?response_type=code&client_id=authwizard&redirect_uri="
    "http%3A%2F%2F127.0.0.1%3A3334%2Fcallback&scope=openid+mcp%3Atools&state=shown-in-a-picture&code_challenge="
    "shown-in-a-picture&code_challenge_method=S256&resource=https%3A%2F%2Fmcp.example.com%2Fmcp"
)
SSH = (
    "This program runs over SSH, so a browser on your own machine does not reach it by itself.",
    "In another terminal on your own machine, forward the port: ssh -L 3334:127.0.0.1:3334 you@build-7",
)


def sent(number: int, method: str, url: str, status: int) -> Exchange:
    return Exchange(number, method, url, (), status)


def made(id: str, seen: str, *exchanges: Exchange, ok: bool = True) -> Step:
    return Step(id, TITLES[id], ok, "", seen, "", 0.1, exchanges)


BEGUN = (
    made(
        "resource-metadata",
        f"{URL}, at https://mcp.example.com/.well-known/oauth-protected-resource/mcp",
        sent(1, "POST", URL, 401),
        sent(2, "GET", "https://mcp.example.com/.well-known/oauth-protected-resource/mcp", 200),
    ),
    made(
        "authorization-server",
        ISSUER,
        sent(3, "GET", "https://login.example.com/.well-known/oauth-authorization-server/realms/mcp", 404),
        sent(4, "GET", f"{ISSUER}/.well-known/openid-configuration", 200),
    ),
    made(
        "registration",
        "registered there: authwizard",
        sent(5, "POST", f"{ISSUER}/clients-registrations/openid-connect", 201),
    ),
)
DONE = (
    *BEGUN,
    made("authorization", "the browser came back with a code"),
    made("token", "a token for 600 s", sent(6, "POST", f"{ISSUER}/protocol/openid-connect/token", 200)),
    Step("connect", "reach mcp.example.com", True, "an answer", "203.0.113.7, 24 ms"),
    Step("credential", "accepted with yours", True, "200", "200"),
    Step("tools", "tools", True, "a list", "3 tools: list_agents, send_task, read_log"),
)
BROWSER_ASK = Ask(BROWSER, PAGE, opened=True, seconds=300.0, instead=("device_code",))
SSH_ASK = Ask(BROWSER, PAGE, seconds=300.0, advice=SSH)
DEVICE_ASK = Ask(
    DEVICE,
    f"{ISSUER}/device",
    "WDJB-MJHT",
    f"{ISSUER}/device?user_code=WDJB-MJHT",
    seconds=600.0,
    instead=("authorization_code",),
)


def login() -> Login:
    return Login(
        ISSUER,
        "authwizard",
        Secret("no-token"),
        refresh_token=Secret("no-token"),
        expires_at=NOW + 600,
        scopes=("openid", "mcp:tools", "email"),
        asked=("openid", "mcp:tools", "mcp:admin", "offline_access"),
        resource=URL,
    )


def draft(method: str = "authorization_code", **settings: str) -> Draft:
    service = catalogue.load().get("mcp")
    drafted = setup.with_service(setup.new(), service, service.environments[0], URL)
    drafted = setup.with_method(drafted, next(m for m in service.methods if m.id == method))
    for name, text in settings.items():
        drafted = setup.with_setting(drafted, name, text)
    return drafted


def waiting(ask: Ask) -> Callable[[], Screen[object]]:
    """The test step while this is to be done, its clock standing still."""

    def tester() -> object:
        async def test(_: Draft, on_step: Callable[[Step], None], person: Person) -> LiveTestReport:
            for one in BEGUN:
                on_step(one)
            person.ask(ask)
            await asyncio.sleep(600)
            raise AssertionError

        return test

    still = replace(WORK, tester=tester, clock=lambda: 0.0)
    method = "authorization_code" if ask.kind == BROWSER else "device_code"
    return lambda: make("test", still, draft(method))


async def asked(pilot: Pilot[int]) -> None:
    """Wait until it is asked for, and drawn."""
    for _ in range(200):
        await pilot.pause(0.02)
        found = pilot.app.screen.query("#login.-asked")
        if found and found.first().size.height:
            break
    for _ in range(5):
        await pilot.pause()


@pytest.mark.parametrize("ask", [BROWSER_ASK, SSH_ASK, DEVICE_ASK], ids=["browser", "ssh", "device"])
def test_asked(snap_compare: Snap, size: tuple[int, int], ask: Ask) -> None:
    assert snap_compare(shown(waiting(ask)), terminal_size=size, run_before=asked)


def test_a_wrong_paste(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def pasted(pilot: Pilot[int]) -> None:
        await asked(pilot)
        await pilot.press("p")
        screen = pilot.app.screen
        screen.sitting.hear(  # type: ignore[attr-defined]  # the test step's own
            Step("authorization", TITLES["authorization"], None, "", "That is the answer to another login.")
        )
        await asked(pilot)

    assert snap_compare(shown(waiting(BROWSER_ASK)), terminal_size=size, run_before=pasted)


@pytest.mark.parametrize("what", ["fits", "too-large"])
def test_scanned(snap_compare: Snap, size: tuple[int, int], what: str) -> None:
    url = DEVICE_ASK.complete if what == "fits" else PAGE
    assert snap_compare(shown(lambda: ScanScreen(url)), terminal_size=size, run_before=settled)


def test_logged_in(snap_compare: Snap, size: tuple[int, int]) -> None:
    done = setup.with_login(draft(), login())
    done = setup.with_test(
        done, LiveTestReport("mcp", True, DONE, tools=("list_agents", "send_task", "read_log"))
    )
    assert snap_compare(step("test", done), terminal_size=size, run_before=settled)


@pytest.mark.parametrize("who", ["anybody", "entra"])
def test_credentials(snap_compare: Snap, size: tuple[int, int], who: str) -> None:
    entra = {
        "issuer": "https://login.microsoftonline.com/contoso/v2.0",
        "redirect_uri": "http://localhost:*/callback",
    }
    drafted = draft(**entra) if who == "entra" else draft()
    assert snap_compare(step("credentials", drafted), terminal_size=size, run_before=settled)


@pytest.fixture
def mine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is logged in, at a time that stands still."""
    monkeypatch.setattr(work.time, "time", lambda: NOW)
    connections.save(
        Connection(
            "mine",
            "mcp",
            "own",
            URL,
            "authorization_code",
            {},
            {},
            (),
            (),
            (),
            created="2026-11-21T12:00:00Z",
        )
    )
    held = work.Held(True, kept.fresh(login(), made_at=NOW - 86_400))
    monkeypatch.setattr("screens.connection.held", lambda _: held)


@pytest.mark.usefixtures("mine")
def test_connection(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(shown(lambda: ConnectionScreen("mine")), terminal_size=size, run_before=settled)


@pytest.mark.usefixtures("mine")
def test_login_screen(snap_compare: Snap, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    async def log_in(_: str, person: Person, __: Callable[[], None]) -> LoggedIn:
        for one in DONE[:5]:
            person.step(one)
        return LoggedIn(kept.fresh(login(), made_at=NOW), "keyring:mine/login")

    monkeypatch.setattr(work, "log_in", log_in)
    assert snap_compare(shown(lambda: LoginScreen("mine")), terminal_size=size, run_before=settled)


@pytest.mark.usefixtures("mine")
def test_logging_out(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(shown(lambda: LoginScreen("mine", "log-out")), terminal_size=size, run_before=settled)


def test_what_a_server_sends_drives_no_terminal(size: tuple[int, int]) -> None:
    ask = Ask(DEVICE, "https://i.example/\x1b]0;x\x07", "A\x1b[31m\u202eB" * 30, "javascript:alert(1)")
    assert size
    assert address(ask).isascii()
    assert address(ask).isprintable()
    assert scanned(ask) == address(ask)
    assert user_code(ask).isprintable()
    assert len(user_code(ask)) <= 40
    assert address(replace(ask, url="file:///etc/passwd")) == ""


def test_no_picture_holds_a_path_of_this_machine(size: tuple[int, int]) -> None:
    assert not traces(__file__), size
