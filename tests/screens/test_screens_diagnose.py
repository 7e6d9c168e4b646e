"""A diagnosis by keys alone: what lies behind it, a letter each; the case saved; the letter copied."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from oddities.odd_server import Odd, OddServer, served
from screens_keys import on, reads, settled, text_of

from screens.app import Authwizard
from screens.diagnose.details import DetailsScreen
from screens.diagnose.save import SaveScreen, proposed
from screens.diagnose.screen import DiagnoseScreen
from wizard import connections
from wizard.connections import Connection


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[OddServer]:
    """A server that refuses the token of the connection `acme`: it is for another audience."""
    with served(Odd()) as running:
        monkeypatch.setenv("ACME_TOKEN", running.issue(aud="https://elsewhere.test/mcp", scope="read admin"))
        connections.save(
            Connection(
                "acme", "mcp", "own", running.mcp, "bearer", {}, {"token": "env:ACME_TOKEN"}, created="0"
            )
        )
        yield running


@pytest.mark.slow
@pytest.mark.row("A11")
@pytest.mark.parametrize(
    "size", [pytest.param((80, 24), id="80x24"), pytest.param((50, 14), id="50x14", marks=pytest.mark.slow)]
)
async def test_what_lies_behind_it_is_a_letter_away(server: OddServer, size: tuple[int, int]) -> None:
    app = Authwizard()
    async with app.run_test(size=size) as pilot:
        await app.push_screen(DiagnoseScreen("acme"))
        await reads(pilot, "Your token's audience is")
        for key, words in (
            ("e", "Content-Type: application/json"),
            ("e", "with your credential"),
            ("e", "with a made-up credential"),
            ("t", "elsewhere.test"),
            ("h", "admin"),
            ("f", "the config's own text"),
            ("m", "# acme: broken"),
        ):
            await settled(pilot)
            await pilot.press(key)
            await on(pilot, DetailsScreen)
            await settled(pilot)
            shown = " ".join(str(r.body.plain) for r in app.screen.query_one("#sheet")._rows)  # type: ignore[attr-defined]
            assert words in shown, (key, shown)
            await pilot.press(key)
            await on(pilot, DiagnoseScreen)


async def test_arrows_turn_and_a_letter_jumps(server: OddServer) -> None:
    app = Authwizard()
    async with app.run_test(size=(100, 30)) as pilot:
        await app.push_screen(DiagnoseScreen("acme"))
        await reads(pilot, "Your token's audience is")
        await pilot.press("e")
        await on(pilot, DetailsScreen)
        await pilot.press("right")
        await reads(pilot, "elsewhere.test")
        await pilot.press("left", "left")
        await reads(pilot, "acme: broken")
        await pilot.press("t")
        await reads(pilot, "audience")
        await pilot.press("escape")
        await on(pilot, DiagnoseScreen)


@pytest.mark.row("A13")
async def test_the_case_is_saved_and_no_secret_is_in_it(server: OddServer, home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(DiagnoseScreen("acme"))
        await reads(pilot, "Your token's audience is")
        await settled(pilot)
        await pilot.press("s")
        await on(pilot, SaveScreen)
        await reads(pilot, "case-acme.json")
        await pilot.press("enter")
        await on(pilot, DiagnoseScreen)
    case = json.loads(Path("case-acme.json").read_text())
    assert case["label"] == "acme"
    assert "ACME_TOKEN" not in json.dumps(case["facts"].get("CredentialText"))


async def test_a_file_that_cannot_be_written_is_said(server: OddServer, home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(DiagnoseScreen("acme"))
        await reads(pilot, "Your token's audience is")
        await settled(pilot)
        await pilot.press("s")
        screen = await on(pilot, SaveScreen)
        screen.query_one("#path").value = "/dev/null/case.json"  # type: ignore[attr-defined]  # the field of the screen
        await pilot.press("enter")
        await reads(pilot, "could not be written")
        await pilot.press("escape")
        await on(pilot, DiagnoseScreen)


async def test_the_letter_is_copied(server: OddServer) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(DiagnoseScreen("acme"))
        await reads(pilot, "Your token's audience is")
        await settled(pilot)
        assert "copy for the admin" in text_of(app)
        await pilot.press("c")
        await pilot.pause()
        assert app.clipboard.startswith(f"To the identity provider's admin, about {server.mcp}:")
        assert any("a letter to the identity provider's admin" in n.message for n in app._notifications)


@pytest.mark.parametrize("well", [True, False], ids=["healthy", "own"])
async def test_what_nobody_else_has_to_mend_is_copied_short(
    server: OddServer, monkeypatch: pytest.MonkeyPatch, well: bool
) -> None:
    monkeypatch.setenv("ACME_TOKEN", server.issue() if well else "acme-unknown-token")
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(DiagnoseScreen("acme"))
        await reads(pilot, "ruled out in")
        await settled(pilot)
        assert "copy for the admin" not in text_of(app)
        await pilot.press("c")
        await pilot.pause()
        assert app.clipboard.startswith(f"acme: {'healthy' if well else 'broken'}")
        assert "Not examined" not in app.clipboard
        assert len(app.clipboard.splitlines()) < 20


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("acme", "case-acme.json"),
        ("https://mcp.acme.test:8443/a/b?c=d", "case-mcp.acme.test-8443-a-b-c-d.json"),
        ("claude-code:../x y", "case-claude-code-..-x-y.json"),
        ("", "case-draft.json"),
    ],
)
def test_a_name_for_its_file(target: str, name: str) -> None:
    assert proposed(target) == name
