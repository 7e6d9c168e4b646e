"""A server that is well and wants a credential which nobody gave: that is said first, and the next step is one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from oddities.odd_server import Odd, served
from servers.scripted import Reply, scripted
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


_SAYS = "missing or invalid API key: send it in the X-API-Key header"


@pytest.mark.parametrize(
    ("reply", "quoted"),
    [
        (Reply(401, {"error": "unauthorized", "message": _SAYS}), f"401 unauthorized: {_SAYS}"),
        (Reply(401, {"error": {"code": 401, "message": _SAYS}}), f"401: {_SAYS}"),
        (Reply(401, _SAYS, "text/plain"), f"401: {_SAYS}"),
    ],
)
def test_the_header_that_it_names_is_the_one_to_give(run: Run, reply: Reply, quoted: str) -> None:
    with scripted(lambda _: reply) as site:
        url = site.url("/mcp")
        found = run("doctor", url, "--json")
        (warning,) = found.json["warnings"]
    assert any(e["fact"].endswith(f"answers {quoted}") for e in warning["evidence"]), warning
    assert warning["title"].endswith("It asks for the header X-API-Key.")
    step = f"authwizard doctor {url} --header X-API-Key=SOURCE, such as env:TOKEN or file:PATH."
    assert warning["fix"] == [f"Give it: {step}"]
    assert "401 401" not in found.out


def test_a_bearer_token_stays_a_credential_where_both_are_named(run: Run) -> None:
    says = "missing credential: send a Bearer token, or the X-API-Key header"
    with scripted(lambda _: Reply(401, {"message": says})) as site:
        (warning,) = run("doctor", site.url("/mcp"), "--json").json["warnings"]
    assert "--credential SOURCE" in warning["fix"][0]
