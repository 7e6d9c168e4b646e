from __future__ import annotations

import secrets

import pytest
from servers.real import RealServer, free_port

from diagnostics import ladder
from diagnostics.target import Target
from wizard.entries import Remote, Stdio
from wizard.livetest import LiveTestReport, Step
from wizard.secret import Secret
from wizard.services import Method
from wizard.transport import Transport

NONE = Method("none", "none", "None")


def target(server: RealServer, token: str = "", *, speaks: str = "mcp", **more: object) -> Target:
    token = token or server.token
    headers = {"Authorization": Secret(f"Bearer {token}")} if token else {}
    given = {"credential": Secret(token), "secrets": {"token": Secret(token)}} if token else {}
    return Target("it", Remote(server.url, headers), speaks, **given, **more)  # type: ignore[arg-type]  # test keywords


async def tried(where: Target, **more: object) -> tuple[LiveTestReport, dict[str, Step]]:
    async with Transport(timeout=10) as transport:
        report = await ladder.run(where, transport, **more)  # type: ignore[arg-type]  # test keywords
    shown = repr(report) + repr(transport.exchanges)
    for secret in where.secrets.values():
        assert secret.reveal() not in shown
    return report, {s.id: s for s in report.steps}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["fastmcp_static", "fastmcp_jwt", "sdk_server", "fastmcp_sse", "sdk_sse_server"]
)
async def test_a_healthy_protected_server(name: str, request: pytest.FixtureRequest) -> None:
    server: RealServer = request.getfixturevalue(name)
    heard: list[Step] = []
    call = ("echo", {"text": "hi"}) if name.startswith("sdk") else ("add", {"a": 1, "b": 2})
    report, steps = await tried(target(server), call=call, on_step=heard.append)
    assert {s.id: s.ok for s in report.steps} == {
        "connect": True,
        "tls": None,
        "no-credential": True,
        "credential": True,
        "false-credential": True,
        "session": True,
        "ping": True,
        "tools": True,
        "call": True,
        "rate-limit": None,
    } | ({"scopes": True} if name == "fastmcp_jwt" else {})
    assert report.ok
    assert set(report.tools) == ({"echo", "variable"} if name.startswith("sdk") else {"add", "fail"})
    assert steps["no-credential"].seen.startswith("401")
    assert steps["call"].seen == ("answered: hi" if name.startswith("sdk") else "answered: 3")
    assert len(heard) == len(report.steps)
    assert [s.id for s in report.steps] == [s.id for s in ladder.planned(target(server), call)]


async def test_a_false_token_says_so_and_what_waits(fastmcp_static: RealServer) -> None:
    report, steps = await tried(target(fastmcp_static, f"tok_{secrets.token_urlsafe(24)}"))
    assert not report.ok
    assert steps["credential"].ok is False
    assert steps["credential"].seen == "401 invalid_token"
    for id in ("session", "ping", "tools"):
        assert steps[id].ok is None
        assert steps[id].seen == "waits for accepted with yours"


async def test_a_token_without_the_scope(fastmcp_jwt: RealServer) -> None:
    token = fastmcp_jwt.extra["mint"](scope="other")
    report, steps = await tried(target(fastmcp_jwt, token, scopes=("read",)))
    assert not report.ok
    assert steps["credential"].ok is False
    assert steps["scopes"].ok is False
    assert "read" in steps["scopes"].detail
    assert report.granted_scopes == ("other",)


@pytest.mark.slow
async def test_a_server_that_asks_for_nothing(fastmcp_open: RealServer) -> None:
    report, steps = await tried(target(fastmcp_open, secrets.token_urlsafe(24)))
    assert report.ok
    assert steps["no-credential"].ok is None
    assert steps["false-credential"].detail == "this server asks for no credential"
    open_report, open_steps = await tried(target(fastmcp_open, method=NONE))
    assert open_report.ok
    assert open_steps["no-credential"].ok
    assert "credential" not in open_steps


async def test_no_credential_for_a_protected_server(fastmcp_static: RealServer) -> None:
    bare = RealServer(fastmcp_static.url)
    report, steps = await tried(target(bare))
    assert report.ok
    assert steps["no-credential"].ok
    assert steps["session"].seen == "waits for a credential"
    wanted, steps = await tried(target(bare, method=NONE))
    assert not wanted.ok
    assert steps["no-credential"].ok is False
    assert steps["no-credential"].seen.startswith("401")


async def test_what_it_speaks_is_found_out(fastmcp_static: RealServer) -> None:
    report, steps = await tried(target(fastmcp_static, speaks=""))
    assert report.ok
    assert steps["session"].ok


async def test_names_that_nearly_match(fastmcp_static: RealServer) -> None:
    report, steps = await tried(target(fastmcp_static), call=("math-Add", {}))
    assert not report.ok
    assert steps["call"].detail == "Did you mean add?"


async def test_nothing_listens() -> None:
    report, steps = await tried(target(RealServer(f"http://127.0.0.1:{free_port()}/mcp", "abcdefgh")))
    assert not report.ok
    assert steps["connect"].ok is False
    assert "nothing listens" in steps["connect"].seen
    assert steps["tools"].seen == "waits for reach 127.0.0.1"


async def test_a_stdio_entry(sdk_stdio: tuple[str, ...]) -> None:
    entry = Stdio(sdk_stdio, {"SOME_TOKEN": Secret(secrets.token_urlsafe(16))})
    report, steps = await tried(Target("it", entry, "mcp"), call=("variable", {"name": "SOME_TOKEN"}))
    assert report.ok
    assert [s.id for s in report.steps] == ["start", "session", "ping", "tools", "call"]
    assert steps["call"].seen == "answered: set"


async def test_a_command_that_is_not_there() -> None:
    report, steps = await tried(Target("it", Stdio(("no-such-command-here",)), "mcp"))
    assert not report.ok
    assert steps["start"].seen == "The command no-such-command-here was not found."
    assert steps["tools"].seen == "waits for start"
