"""How the token screen looks: decoded, asked for a client, what its issuer said, and while that is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from looks import FINDING, NOW, PICTURES, Snap, shown, traces
from screens_keys import reads, settled
from textual.pilot import Pilot

from diagnostics.issuer_says import Wishes
from diagnostics.token import Times, TokenReport
from screens import token
from screens.token import TokenScreen
from wizard.livetest import Evidence, Finding, Step
from wizard.oauth.inspection import Introspection, UserInfoAnswer
from wizard.oauth.signatures import Signature
from wizard.secret import Secret

pytestmark = [*PICTURES, pytest.mark.slow]

ISSUER = "https://kc.example.com/realms/mcp"
ANSWERED = TokenReport(
    "jwt",
    {"alg": "RS256"},
    {"sub": "alice"},
    ("profile", "email"),
    (),
    ISSUER,
    ("account",),
    Times(NOW - 4354, None, NOW - 754, -754.0),
    findings=(FINDING,),
)
ASKED = replace(
    ANSWERED,
    times=Times(NOW, None, NOW + 600, 600.0),
    signature="valid",
    checked=Signature("valid", "", "RS256", "k1", f"{ISSUER}/certs", ("k1",), "RSA RS256"),
    introspection=Introspection(f"{ISSUER}/introspect", 200, False, "mcp-server"),
    user_info=UserInfoAnswer(f"{ISSUER}/userinfo", 200, {"sub": "alice", "groups": ["mcp-users", "finance"]}),
    findings=(
        Finding(
            "introspection-client-mismatch",
            "proven",
            "server-misconfig",
            "server-admin",
            "The token is good. Introspection says otherwise because `mcp-server` asks and the audience is `account`.",
            (
                Evidence("introspection", "introspection: 200 active false, asked by mcp-server"),
                Evidence("jwt", "the token's audience is `account`; `mcp-server` asks"),
                Evidence("user-info", "user info: 200"),
            ),
            ("Check tokens by the issuer's keys (JWKS) instead: that needs no client.",),
        ),
    ),
)
TOLD = (
    Step("issuer", "what the issuer publishes", True, "", f"{ISSUER}/.well-known/openid-configuration"),
    Step("signature", "the issuer's keys", True, "", "2 keys"),
    Step("introspection", "introspection", False, "", "200 active false, asked by mcp-server"),
    Step("user info", "user info", True, "", "200"),
)


@pytest.mark.parametrize("keys", ["", "i", "v", "u"], ids=["shown", "client", "asked", "asking"])
def test_token(snap_compare: Snap, size: tuple[int, int], keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(_: Secret, wishes: Wishes, on_step: Callable[[Step], None]) -> TokenReport:
        if wishes.userinfo:
            on_step(TOLD[0])
            on_step(Step("user info", "user info", None))
            await asyncio.Event().wait()
        for step in TOLD if wishes.verify else ():
            on_step(step)
        return ASKED if wishes.verify else ANSWERED

    monkeypatch.setattr(token, "ask", ask)

    async def press(pilot: Pilot[int]) -> None:
        await settled(pilot)
        pilot.app.screen.query_one("#token").value = "z" * 30  # type: ignore[attr-defined]
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press(*keys)
        if keys == "u":
            await reads(pilot, "running user info")
            return
        await settled(pilot)

    assert snap_compare(shown(TokenScreen), terminal_size=size, run_before=press)


def test_no_machine_path_in_a_picture(size: tuple[int, int]) -> None:
    assert not traces(__file__)
