"""Scopes that the server asks for beside those that were chosen stand on the screen before anybody consents."""

from __future__ import annotations

from screens.login.text import after
from wizard.oauth.person import BROWSER, DEVICE, Ask


def said(ask: Ask) -> str:
    return "\n".join(row.body.plain for row in after(ask))


def test_what_nobody_chose_is_named() -> None:
    url = "https://id.example.com/"
    for kind in (BROWSER, DEVICE):
        told = said(Ask(kind, url, more=("admin:all", "x\x1b[2J", "y" * 9000)))
        assert "more than was chosen: admin:all" in told
        assert "\x1b" not in told
        assert len(told) < 1000
        assert "more than was chosen" not in said(Ask(kind, url))
