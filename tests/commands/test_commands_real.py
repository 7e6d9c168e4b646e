"""``setup mcp`` against real MCP servers from PyPI."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from servers.real import RealServer
from support.keeping import where_found
from support.running import Put, Run

from wizard.secret import Secret

pytestmark = pytest.mark.slow


@pytest.mark.row("A7", "G8")
def test_fastmcp_with_a_static_token(run: Run, put: Put, home: Path, fastmcp_static: RealServer) -> None:
    token = Secret(fastmcp_static.token)
    words = (
        *("setup", "mcp", "--url", fastmcp_static.url, "--secret", f"token={put(token)}"),
        *("--client", "claude-code", "--client", "curl", "--yes", "--json"),
    )
    first, second = run(*words), run(*words)
    assert first.code == 0, first.out + first.err
    assert {"add", "fail"} <= set(first.json["test"]["tools"])
    assert [e["proof"]["answered"] for e in first.json["exports"]] == [True, True]
    assert second.code == 0
    assert [e["changed"] for e in second.json["exports"]] == [False, False]
    assert where_found(token, home, first.out, first.err, second.out) == []
    name = first.json["connection"]
    called = run("test", name, "--call", "add", "--args", '{"a": 2, "b": 3}', "--json")
    assert called.code == 0, called.out
    assert run("doctor", name, "--json").json["verdict"] == "healthy"


def test_fastmcp_that_is_open(run: Run, fastmcp_open: RealServer) -> None:
    done = run("setup", "mcp", "--url", fastmcp_open.url, "--yes", "--json")
    assert done.code == 0, done.out + done.err
    assert done.json["method"] == "none"


def test_fastmcp_with_a_jwt_that_is_over(run: Run, put: Put, fastmcp_jwt: RealServer) -> None:
    mint = functools.partial(fastmcp_jwt.extra["mint"], scope="read")
    good = run(
        "setup",
        "mcp",
        "--url",
        fastmcp_jwt.url,
        "--secret",
        f"token={put(Secret(mint()))}",
        "--yes",
        "--json",
    )
    assert good.code == 0, good.out + good.err
    old = put(Secret(mint(exp=1_700_000_000)))
    done = run("setup", "mcp", "--url", fastmcp_jwt.url, "--secret", f"token={old}", "--yes", "--json")
    assert done.code == 1
    assert done.json["test"]["finding"]["cause"] == "access-token-expired"
