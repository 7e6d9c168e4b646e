"""A server that is well and wants a credential which nobody gave: that is said first, and the next step is one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from oddities.odd_server import Odd, served
from support.running import Practice, Run

from commands.output import Output
from commands.output import test_lines as lines_of  # pytest takes a `test_` name for a test
from wizard.livetest import LiveTestReport, Step


def test_no_login_is_advised_where_none_is_offered(run: Run, services: Practice) -> None:
    url = services.services["mcp"].url
    said = run("doctor", url).out.splitlines()
    assert "healthy, and wants a credential" in said[0]
    assert "no credential" in said[1]
    found = run("doctor", url, "--json")
    assert (found.code, found.json["verdict"], found.json["findings"]) == (0, "healthy", [])
    fix = " ".join(found.json["warnings"][0]["fix"])
    assert "--credential" in fix
    assert "authwizard test" not in fix


def test_a_login_is_advised_where_it_can_be_made(run: Run) -> None:
    with served(Odd()) as server:
        warning: Mapping[str, list[str]] = run("doctor", server.mcp, "--json").json["warnings"][0]
    assert warning["title"] == "The server wants a login, and none was made here."
    assert warning["fix"][0] == f"Log in and test it: authwizard test {server.mcp}"


def test_a_test_without_a_credential_does_not_say_that_it_works(run: Run, services: Practice) -> None:
    done = run("test", services.services["mcp"].url)
    assert "it works" not in done.out
    assert "wants a credential, and none was given" in done.out.splitlines()[0]


@pytest.mark.parametrize(("step", "works"), [("session", True), ("tools", True), ("rate-limit", False)])
def test_it_works_where_something_was_let_in(step: str, works: bool) -> None:
    steps = (Step("no-credential", "", True, "401", "401"), Step(step, "", True))
    head = lines_of(LiveTestReport("x", True, steps), Output())[0]
    assert ("it works." in head) == works
