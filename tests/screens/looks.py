"""What the pictures share: drafts, reports and work that tell nothing about this machine; all drawn."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from textual.screen import Screen

from screens.app import Authwizard
from screens.setup.flow import make
from screens.setup.work import Work
from wizard import catalogue, setup
from wizard.livetest import Evidence, Finding, Step
from wizard.secret import Secret
from wizard.setup import Draft, places
from wizard.setup.places import Place

NOW = 1_795_273_200.0
PICTURES = [
    pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"]),
    pytest.mark.usefixtures("nothing_found"),
]
HERE = ("claude-code", "cursor", "curl", "env")
ELSEWHERE = ("claude-desktop", "vscode", "cline", "gateway")
"""The clients of a picture: those that there are grow in number."""
Snap = Callable[..., bool]
STEPS = (
    Step("reach", "reach fleet.example.com", True, "an answer", "203.0.113.7, 24 ms"),
    Step("tls", "TLS", True, "a certificate that is trusted", "valid 61 days, your system trusts it"),
    Step("refused", "refused without a credential", True, "401", "401 missing_token"),
    Step("false", "refused with a false one", True, "401", "401 invalid_token"),
    Step("accepted", "accepted with yours", True, "200", "200"),
    Step("tools", "tools", True, "a list", "3 tools: list_agents, send_task, read_log"),
)
BAD = (*STEPS[:4], Step("accepted", "accepted with yours", False, "200", "403 insufficient_scope"))
BAD_REPORT = (*BAD, Step("tools", "tools", None, "", "", "waits for accepted with yours"))
FINDING = Finding(
    "insufficient-scope",
    "proven",
    "scope",
    "you",
    "The token lacks `graph:read`, which faos_query_graph needs.",
    (
        Evidence("differential", 'with your token: 403, `insufficient_scope`, scope="graph:read"'),
        Evidence("token", "the service says your token has metrics:read"),
    ),
    ("Make a new token with metrics:read and graph:read.", "Set the connection up again with it."),
    ("403 on tools/call",),
)


@dataclass(frozen=True, slots=True)
class Stub(Work):
    """Work that tells nothing about this machine."""

    def stores(self) -> tuple[tuple[str, str, str], ...]:
        return (("keyring", "System keyring", ""), ("file", "A file that only you can read (0600)", ""))

    async def asks_for_login(self, url: str, speaks: str) -> bool:  # noqa: ARG002  nobody is asked for a picture
        return False

    def places(self) -> tuple[Place, ...]:
        every = [p for p in places.places() if p.choice.client in (*HERE, *ELSEWHERE)]
        return places.in_order([replace(p, found=p.choice.client in HERE) for p in every])


def _never() -> object:
    raise AssertionError("no test is run for a picture")


WORK = Stub(_never, _never)  # type: ignore[arg-type]  # never called


def fleet() -> Draft:
    service = catalogue.load().get("fleet")
    draft = setup.with_service(setup.new(), service, service.environment("own"), "https://fleet.example.com")
    draft = setup.with_method(draft, service.methods[1])
    return setup.with_secret(draft, "token", Secret("z" * 48))


def faos() -> Draft:
    service = catalogue.load().get("faos")
    draft = setup.with_service(setup.new(), service, service.environment("prod"))
    return setup.with_method(draft, service.methods[0])


def shown(screen: Callable[[], Screen[object]]) -> Authwizard:
    """The program with this screen on it."""

    class Shown(Authwizard):
        up = False

        async def on_ready(self) -> None:
            await self.push_screen(screen())
            self.up = True

    return Shown()


def step(name: str, draft: Draft) -> Authwizard:
    return shown(lambda: make(name, WORK, draft))


def traces(module: str) -> list[str]:
    """Which pictures of this module's name a path of this machine."""
    pictures = list((Path(module).parent / "__snapshots__" / Path(module).stem).glob("*.svg"))
    assert pictures
    paths = (str(Path.home()), f"{tempfile.gettempdir()}/", "/root", "/home/")
    return [p.name for p in pictures if any(path in p.read_text("utf-8") for path in paths)]
