"""What a person left is offered again; a connection is shown, renamed, removed; files are mended: by keys alone."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from screens_keys import on, reads, text_of

from sandbox.practice import Practice
from screens.app import Authwizard
from screens.home import Home
from screens.setup.credentials import CredentialsStep
from screens.setup.method import MethodStep
from screens.setup.permissions import PermissionsStep
from screens.setup.pick import PickScreen
from screens.setup.service import ServiceStep
from wizard import browsing, catalogue, connections, export, outcomes, setup
from wizard.connections import Connection
from wizard.entries import RemotePlan
from wizard.outcomes import Outcome
from wizard.setup import unfinished


@pytest.mark.slow
@pytest.mark.row("A7")
async def test_a_walk_is_gone_on_with_after_quitting(services: Practice, home: Path) -> None:
    secret = services.services["faos"].credentials["token"].reveal()
    app = Authwizard(practice=services)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, Home)
        await pilot.press("s")
        await on(pilot, ServiceStep)
        await pilot.press("enter", "enter")
        await on(pilot, MethodStep)
        await pilot.press("enter")
        await on(pilot, CredentialsStep)
        await pilot.press("ctrl+t", "tab", *"tenant-x", "enter")
        await on(pilot, PermissionsStep)
        await pilot.press("ctrl+q")
    (kept,) = unfinished.every()
    assert kept.says == "Go on with FAOS, step 4"
    (place,) = unfinished.folder().iterdir()
    assert secret not in place.read_text("utf-8")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    app = Authwizard(practice=services)
    async with app.run_test(size=(80, 24)) as pilot:
        await reads(pilot, "Go on with FAOS, step 4")
        await pilot.press("enter")
        await on(pilot, CredentialsStep)
        assert "The secret was not kept: step 3 asks for it again." in text_of(app)
        assert "tenant-x" in text_of(app)
        await pilot.press("ctrl+t", "enter")
        await on(pilot, PermissionsStep)
        await pilot.press("escape", "escape", "escape", "escape")
        await reads(pilot, "Go on with FAOS, step 4")
        await pilot.press("x")
        await pilot.pause()
        assert "Go on with" not in text_of(app)
    assert unfinished.every() == ()


@pytest.mark.slow
async def test_a_named_service_goes_on_with_its_draft(services: Practice) -> None:
    app = Authwizard("faos", services)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, MethodStep)
        await pilot.press("enter")
        await on(pilot, CredentialsStep)
    again = Authwizard("faos", services)
    async with again.run_test(size=(80, 24)) as pilot:
        await on(pilot, PickScreen)
        await reads(pilot, "step 3, credentials")
        await pilot.press("enter")
        await on(pilot, CredentialsStep)
        assert "which was left at step 3" in text_of(again)


@pytest.mark.parametrize("keys", [("down", "enter"), ("escape",)], ids=["begun anew", "left"])
async def test_a_draft_for_another_server_is_not_gone_on_with_unasked(keys: tuple[str, ...]) -> None:
    service = catalogue.load().get("mcp")
    draft = setup.with_service(setup.new(), service, service.environments[0], "https://other.example/mcp")
    unfinished.keep(setup.with_method(draft, service.methods[0]), "test")
    app = Authwizard("mcp")
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, PickScreen)
        await reads(pilot, "https://other.example/mcp")
        await pilot.press(*keys)
        await (on(pilot, ServiceStep) if "down" in keys else on(pilot, Home))
        assert unfinished.get("mcp") is not None


async def test_what_came_of_a_target_is_still_known_after_a_restart(home: Path) -> None:
    connections.save(Connection("mine", "fleet", "own", "https://example.com", "none"))
    first = Authwizard()
    async with first.run_test(size=(80, 24)) as pilot:
        await on(pilot, Home)
        first.remember("mine", Outcome("broken", "token-expired", "The token has expired."))
        first.remember("https://u:p@example.com/?key=x", Outcome("broken", "x", "y"))
        await first.workers.wait_for_complete()
    assert list(outcomes.load()) == ["mine"]
    second = Authwizard()
    async with second.run_test(size=(80, 24)) as pilot:
        await on(pilot, Home)
        await reads(pilot, "broken")
        assert "The token has expired." in text_of(second)
        assert "1 min" in text_of(second)


def mine() -> Path:
    """A connection with an entry that this program wrote, beside one that it did not."""
    connections.save(Connection("mine", "mcp", "own", "https://example.com/mcp", "none"))
    Path(".mcp.json").write_text(json.dumps({"mcpServers": {"foreign": {"command": "true"}}}), "utf-8")
    plan = RemotePlan("mine", "https://example.com/mcp")
    export.write(export.prepare(plan, "mine", "claude-code", project=True, path=None, how=None, secrets={}))
    return Path(".mcp.json")


def servers(path: Path) -> list[str]:
    return list(json.loads(path.read_text("utf-8"))["mcpServers"])


async def test_a_connection_is_removed_after_a_look(home: Path) -> None:
    path = mine()
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await reads(pilot, "m Manage")
        await pilot.press("m")
        await reads(pilot, "In these clients")
        await pilot.press("x")
        await reads(pilot, "This goes with it")
        assert "Claude Code: mine" in text_of(app)
        assert servers(path) == ["foreign", "mine"]
        await pilot.press("escape")
        await reads(pilot, "In these clients")
        await pilot.press("x")
        await reads(pilot, "This goes with it")
        await pilot.press("enter")
        await reads(pilot, "mine was removed.")
        await pilot.press("enter")
        await on(pilot, Home)
    assert servers(path) == ["foreign"]
    assert connections.load_all() == ()


async def test_a_connection_is_renamed_with_its_entry(home: Path) -> None:
    path = mine()
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await reads(pilot, "m Manage")
        await pilot.press("m")
        await reads(pilot, "In these clients")
        await pilot.press("n")
        await reads(pilot, "Its new name")
        await pilot.press("end", *"2/", "enter")
        await reads(pilot, "cannot be the name")
        await pilot.press("backspace", "enter")
        await reads(pilot, "mine is now called mine2.")
    assert servers(path) == ["foreign", "mine2"]
    assert [c.name for c in connections.load_all()] == ["mine2"]


@pytest.mark.row("L4")
async def test_a_file_that_others_can_read_is_mended_on_a_key(home: Path) -> None:
    folder = home / ".fleet-mcp"
    folder.mkdir(mode=0o700)
    place = folder / "auth_token"
    place.write_text('{"value": "' + "z" * 43 + '", "created_at": "2026-01-01T00:00:00Z"}', "utf-8")
    place.chmod(0o644)
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, Home)
        await pilot.press("f")
        await reads(pilot, "mend 1 mode")
        assert "chmod 600" in text_of(app)
        await pilot.press("m")
        await reads(pilot, "1 mode was changed.")
        assert "mend 1 mode" not in text_of(app)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


async def test_a_mended_paste_keeps_a_word_about_it(services: Practice) -> None:
    secret = services.services["faos"].credentials["token"].reveal()
    app = Authwizard("faos", services)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, MethodStep)
        await pilot.press("enter")
        step = await on(pilot, CredentialsStep)
        step.query_one("#field-token").value = f"Bearer {secret}"  # type: ignore[attr-defined]  # it is a Line
        await reads(pilot, "Enter mends it.")
        await pilot.press("enter")
        await reads(pilot, "Mended. The word `Bearer` came along with it")


async def test_the_documented_variable_names_the_token_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_MCP_AUTH_TOKEN_FILE", "/run/fleet/token")
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        from screens.setup.flow import make
        from screens.setup.work import Work
        from wizard import catalogue, setup

        fleet = catalogue.load().get("fleet")
        draft = setup.with_service(setup.new(), fleet, fleet.environment("own"), "https://fleet.example.com")
        draft = setup.with_method(draft, fleet.methods[0])
        app.push_screen(make("credentials", Work(lambda: None, lambda: None), draft))  # type: ignore[arg-type,return-value]  # never called
        await reads(pilot, "/run/fleet/token")


@pytest.mark.slow
@pytest.mark.row("G11")
async def test_the_gateways_servers_are_listed_and_chosen(services: Practice) -> None:
    app = Authwizard("gateway", services)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, MethodStep)
        await pilot.press("enter")
        await on(pilot, CredentialsStep)
        await pilot.press("ctrl+t", "ctrl+l")
        await reads(pilot, "which?")
        assert "asks for no credential of its own" in text_of(app)
        await pilot.press("down", "enter")
        step = await on(pilot, CredentialsStep)
        chosen = step.query_one("#field-server").value  # type: ignore[attr-defined]  # it is a Line
        assert chosen not in ("", "mcpgw")


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://example.com/a b?x=ü", "https://example.com/a%20b?x=%C3%BC"),
        ("https://user:word@example.com/x", "https://example.com/x"),
        ("http://[::1]:8/x", "http://[::1]:8/x"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://", ""),
        ("https://example.com/\x1b[2J", ""),
        ("https://example.com:x/", ""),
    ],
)
def test_only_a_page_of_the_web_is_opened(url: str, page: str) -> None:
    assert browsing.page(url) == page


@pytest.mark.parametrize(
    ("browser", "words"),
    [
        ("firefox", ("firefox", "https://example.com")),
        ("sh -c %s --x", ("sh", "-c", "https://example.com", "--x")),
        ("'unclosed", ()),
        ("", ()),
    ],
)
def test_the_browser_is_a_command_with_the_page_as_one_word(browser: str, words: tuple[str, ...]) -> None:
    assert browsing.command("https://example.com", {"BROWSER": browser}) == words


def test_a_browser_that_fails_did_not_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for code in (0, 3):
        browser = tmp_path / f"browser{code}"
        browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/seen\nexit {code}\n', "utf-8")
        browser.chmod(0o700)
        monkeypatch.setenv("BROWSER", str(browser))
        assert browsing.open_page("https://example.com/?a=1&b=$(x)") is (code == 0)
        assert (tmp_path / "seen").read_text("utf-8") == "https://example.com/?a=1&b=$(x)"
