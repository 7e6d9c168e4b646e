"""What the steps of a login say: who gives the tokens, and that the usual port was taken."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest
from rotating_issuer import Issuer

from diagnostics import ladder, url_targets
from wizard.livetest import Step
from wizard.oauth import browser
from wizard.oauth.person import silent
from wizard.transport import Transport


async def test_who_gives_tokens_is_named_and_a_port_that_was_taken_as_well(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Step] = []
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        usual = other.getsockname()[1]
        monkeypatch.setattr(browser, "PORT", usual)
        person = replace(silent(), step=heard.append, seconds=0.05)
        async with Transport(timeout=5) as transport:
            report = await ladder.run(url_targets.from_url(issuer.mcp), transport, person=person)
    told = {step.id: step.seen for step in report.steps}
    assert told["resource-metadata"].startswith(f"{issuer.url}, by {issuer.url}/.well-known/")
    said = next(step.seen for step in heard if step.id == "authorization")
    assert said.startswith(f"Port {usual} on 127.0.0.1, to which the browser would return, is in use.")
    assert "is used instead" in said
    assert "not finished" in told["authorization"]
