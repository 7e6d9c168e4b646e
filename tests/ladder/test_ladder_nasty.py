"""Servers that give no answer: one step says what happened, the later ones wait for it."""

from __future__ import annotations

import asyncio
import secrets

import pytest
from servers.raw import Answerer, Asked, always, answer, raw_server

from diagnostics import ladder, targets
from diagnostics.target import Target
from wizard.entries import Remote
from wizard.livetest import LiveTestReport, Step
from wizard.secret import Secret
from wizard.services import Method
from wizard.transport import Transport

NONE = Method("none", "none", "None")


async def closes(_: Asked, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    for _number in range(100):
        writer.write(b"x" * 1_000_000)
        await writer.drain()


NASTY = {
    "closes": (closes, "closed the connection"),
    "endless": (endless, "larger than"),
    "redirects": (always(answer(302, location="/again")), "redirects without end"),
    "no-http": (always(b"SSH-2.0-OpenSSH_9.9\r\n"), "closed the connection"),
}


async def tried(where: Target) -> tuple[LiveTestReport, dict[str, Step]]:
    async with Transport(timeout=10) as transport:
        report = await ladder.run(where, transport)
    return report, {s.id: s for s in report.steps}


@pytest.mark.parametrize("path", ["/", "/mcp"])
@pytest.mark.parametrize("kind", ["", "api", "mcp"])
@pytest.mark.parametrize("name", NASTY)
async def test_no_answer_fails_a_step(name: str, kind: str, path: str) -> None:
    answerer, says = NASTY[name]
    if name == "redirects" and kind == "mcp":
        # a message that is posted is not sent on, so there is but the first redirect
        says = "302, a redirect to http://127.0.0.1"
    async with raw_server(answerer) as raw:
        report, steps = await tried(targets.from_url(raw.url(path), kind=kind))
    assert not report.ok
    met = steps["no-credential"]
    assert met.ok is False, report.steps
    assert met.expected == "an answer"
    assert says in met.seen
    later = [s for s in report.steps if s.id in ("session", "ping", "tools", "rate-limit")]
    assert len(later) == (1 if kind == "api" else 4)
    assert {(s.ok, s.seen) for s in later} == {(None, f"waits for {met.title}")}


@pytest.mark.parametrize("name", NASTY)
async def test_no_answer_to_a_credential(name: str) -> None:
    answerer, says = NASTY[name]
    token = Secret(secrets.token_urlsafe(24))
    async with raw_server(answerer) as raw:
        report, steps = await tried(targets.from_url(raw.url("/"), credential=token))
    assert not report.ok
    assert steps["credential"].ok is False
    assert says in steps["credential"].seen
    for id in ("false-credential", "session", "ping", "tools", "rate-limit"):
        assert (steps[id].ok, steps[id].seen) == (None, "waits for accepted with yours")


@pytest.mark.parametrize("speaks", ["", "api", "mcp"])
@pytest.mark.parametrize("path", ["/", "/mcp"])
async def test_method_none_is_refused(path: str, speaks: str) -> None:
    refuses: Answerer = always(answer(401))
    async with raw_server(refuses) as raw:
        report, steps = await tried(Target("it", Remote(raw.url(path), {}), speaks, method=NONE))
    assert not report.ok
    assert steps["no-credential"].ok is False
    assert steps["no-credential"].title == "accepted without a credential"
    assert steps["no-credential"].seen.startswith("401")


@pytest.mark.parametrize("path", ["/", "/v1"])
@pytest.mark.parametrize(
    ("status", "ok"),
    [(200, True), (401, True), (403, True), (404, False), (429, False), (500, False), (503, False)],
)
async def test_an_api_without_a_credential_says_what_is_the_matter(status: int, ok: bool, path: str) -> None:
    """Whatever the answer, a step says whether it is well, and the report agrees with the steps."""
    async with raw_server(always(answer(status, {}))) as raw:
        report, steps = await tried(targets.from_url(raw.url(path), kind="api"))
    assert report.ok is ok
    assert steps["no-credential"].ok is ok
    assert steps["no-credential"].seen.startswith(str(status))


async def test_an_open_api_of_a_service_that_should_not_be_open_fails() -> None:
    from dataclasses import replace

    from wizard import catalogue

    service = catalogue.load().get("http")
    guarded = replace(service, live=replace(service.live, requires_auth=True))
    async with raw_server(always(answer(200, {}))) as raw:
        where = replace(targets.from_url(raw.url("/v1"), kind="api"), service=guarded)
        report, steps = await tried(where)
    assert not report.ok
    assert steps["no-credential"].ok is False
