"""FAOS single sign-on by keys: six steps with a login in the browser, then a new login from the connection."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from screens_keys import on, reads, settled, text_of
from support import login_browser

from sandbox.practice import Practice
from screens.app import Authwizard
from screens.connection import ConnectionScreen
from screens.home import Home
from screens.setup.activate import ActivateStep
from screens.setup.credentials import CredentialsStep
from screens.setup.method import MethodStep
from screens.setup.permissions import PermissionsStep
from screens.setup.test import TestStep
from screens.widgets.inputs import Line


@pytest.fixture
def browser(services: Practice, monkeypatch: pytest.MonkeyPatch) -> Practice:
    """A browser that logs in at the practice identity provider."""
    given = services.services["faos"].credentials
    monkeypatch.setenv("BROWSER", f"{sys.executable} {login_browser.__file__}")
    monkeypatch.setenv("LOGIN_USERNAME", given["sso_username"].reveal())
    monkeypatch.setenv("LOGIN_PASSWORD", given["sso_password"].reveal())
    return services


def tokens(home: Path) -> set[str]:
    logins = json.loads((home / ".faos" / "auth_cache.json").read_text())["logins"]
    return {entry["access_token"] for entry in logins.values()}


@pytest.mark.slow
@pytest.mark.row("F1", "F4", "F9")
@pytest.mark.parametrize("domain", ["sso_domain", "sso_domain_saml"], ids=["oidc", "saml"])
async def test_sso_by_keys_and_a_new_login(browser: Practice, home: Path, domain: str) -> None:
    cache = home / ".faos" / "auth_cache.json"
    app = Authwizard("faos", browser)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, MethodStep)
        await pilot.press("down")
        await reads(pilot, "Needs: A FAOS Enterprise license.")
        await pilot.press("enter")
        step = await on(pilot, CredentialsStep)
        name = browser.services["faos"].credentials[domain].reveal()
        step.query_one("#field-sso_domain", Line).value = name
        await pilot.press("enter")
        await on(pilot, PermissionsStep)
        await pilot.press("enter")
        await on(pilot, TestStep)
        await reads(pilot, "Logged in until")
        await settled(pilot)
        kept = tokens(home)
        assert not any(token in text_of(app) for token in kept)
        await pilot.press("enter")
        await on(pilot, ActivateStep)
        await settled(pilot)
        await pilot.press("enter")
        await reads(pilot, "written, read back, answered")
        await pilot.press("enter")
        await on(pilot, Home)
        await settled(pilot)
        await pilot.press("m")
        await on(pilot, ConnectionScreen)
        await reads(pilot, "Logged in until")
        await pilot.press("l")
        await reads(pilot, "The login was cleared; a copy is kept.")
        assert not cache.exists()
        await pilot.press("u")
        await reads(pilot, "The login is as it was before.")
        assert tokens(home) == kept
        await pilot.press("enter")
        await on(pilot, Home)
        await pilot.press("m")
        await on(pilot, ConnectionScreen)
        await reads(pilot, "log in anew")
        await pilot.press("l")
        await reads(pilot, "The login was cleared; a copy is kept.")
        await pilot.press("enter")
        await reads(pilot, "Logged in until")
    assert not tokens(home) & kept
