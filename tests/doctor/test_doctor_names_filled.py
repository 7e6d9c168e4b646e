"""A step names the connection, the service, the client and the file that are known: it works as it is printed."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from support.running import Put, Run

from diagnostics.facts.called import Called
from diagnostics.naming import filled
from sandbox.practice import Practice

_ANEW = "Or anew: authwizard export NAME --client cursor"


@pytest.mark.parametrize(
    ("step", "called", "service", "want"),
    [
        (_ANEW, Called(), "", _ANEW),
        (_ANEW, Called("c"), "", "Or anew: authwizard export c --client cursor"),
        (_ANEW, Called("c", "cursor", "c"), "", "Or anew: authwizard export c --client cursor"),
        (
            "Or: authwizard export NAME --client CLIENT --secrets helper",
            Called("c", "cursor", "c", project=True),
            "",
            "Or: authwizard export c --client cursor --project --secrets helper",
        ),
        (
            _ANEW,
            Called("c", "cursor", "e", path="/a b/f.json"),
            "",
            "Or anew: authwizard export c --client cursor --path '/a b/f.json', then take the entry `e` out of that"
            " file",
        ),
        (
            _ANEW,
            Called("", "cursor", "e", address="https://h.test/mcp", free="e"),
            "",
            "Or anew: authwizard setup mcp --url https://h.test/mcp --name e --client cursor",
        ),
        (
            _ANEW,
            Called("", "cursor", "e", project=True, free="e"),
            "faos",
            "Or anew: authwizard setup faos --name e --client cursor --project",
        ),
        (
            _ANEW,
            Called("", "cursor", "e e", project=True, free="e-e"),
            "",
            "Or anew: authwizard import 'cursor:e e' --project, then export what that makes",
        ),
        ("(authwizard setup SERVICE).", Called(), "fleet", "(authwizard setup fleet)."),
        ("authwizard setup SERVICE", Called("c"), "", "authwizard setup SERVICE"),
        (
            "(authwizard logout NAME, then authwizard login NAME)",
            Called("c"),
            "",
            "(authwizard logout c, then authwizard login c)",
        ),
        ("claude mcp logout NAME; --header NAME=SOURCE", Called("c"), "fleet", None),
        # a case that somebody sent
        ("authwizard login NAME", Called("x; ls"), "", "authwizard login 'x; ls'"),
    ],
)
def test_what_is_known_is_filled_in(step: str, called: Called, service: str, want: str | None) -> None:
    assert filled(step, called, service) == (step if want is None else want)


def _entry(url: str, token: str, name: str = "mine") -> None:
    Path(".cursor").mkdir(exist_ok=True)
    entry = {"url": url, "headers": {"Authorization": f"Bearer {token}"}}
    place = Path(".cursor/mcp.json")
    place.write_text(json.dumps({"mcpServers": {name: entry}}))
    place.chmod(0o600)


def _fix(run: Run, *words: str) -> list[str]:
    return list(run("doctor", *words, "--json").json["findings"][0]["fix"])


def _command(step: str) -> list[str]:
    found = re.search(r"authwizard (.*?)(?:, then |$)", step)
    assert found, step
    return shlex.split(found[1])


@pytest.mark.slow
def test_the_entry_of_a_saved_connection_is_written_into_its_own_file(
    run: Run, services: Practice, put: Put
) -> None:
    fleet = services.services["fleet"]
    source = put(fleet.credentials["token"])
    words = ["--environment", "practice", "--name", "mine", "--secret", f"token={source}", "--yes", "--json"]
    assert run("setup", "fleet", *words).code == 0
    _entry(fleet.url, "${env:MY_UNSET_TOKEN}")
    step = _fix(run, "cursor:mine", "--save", "case.json")[-1]
    assert step.endswith("authwizard export mine --client cursor --project")
    assert _fix(run, "--replay", "case.json")[-1] == step
    assert run(*_command(step), "--yes", "--json").code == 0
    assert "MY_UNSET_TOKEN" not in Path(".cursor/mcp.json").read_text()
    assert not (Path.home() / ".cursor/mcp.json").exists()
    assert run("doctor", "cursor:mine", "--json").json["verdict"] == "healthy"


@pytest.mark.slow
def test_without_a_connection_the_entry_is_set_up_under_its_name(
    run: Run, services: Practice, put: Put
) -> None:
    fleet = services.services["fleet"]
    _entry(fleet.url, "${env:MY_UNSET_TOKEN}")
    step = _fix(run, "cursor:mine")[-1]
    command = _command(step)
    assert command[0] == "setup" and command[-5:] == ["--name", "mine", "--client", "cursor", "--project"]
    # in a terminal these are asked
    asked = ["--secret", f"token={put(fleet.credentials['token'])}", "--yes", "--json"]
    asked += ["--environment", "practice"] if command[1] == "fleet" else ["--method", "bearer"]
    done = run(*command, *asked)
    assert done.code == 0, done
    assert "MY_UNSET_TOKEN" not in Path(".cursor/mcp.json").read_text()


@pytest.mark.slow
def test_a_connection_that_is_gone_is_told_from_one_that_is_nearly_called_so(
    run: Run, services: Practice, put: Put
) -> None:
    fleet = services.services["fleet"]
    source = put(fleet.credentials["token"])
    words = ["--environment", "practice", "--name", "fleet-prod", "--secret", f"token={source}", "--yes"]
    assert run("setup", "fleet", *words).code == 0
    entry = {"type": "http", "url": fleet.url, "headersHelper": "authwizard headers fleet-prd"}
    Path(".mcp.json").write_text(json.dumps({"mcpServers": {"it": entry}}))
    near, anew, _ = _fix(run, "claude-code:it")
    assert near.startswith("Did you mean the connection `fleet-prod`?")
    assert anew.endswith(" --name fleet-prd")


@pytest.mark.slow
def test_a_program_that_nobody_knows_is_taken_as_it_stands(run: Run, home: Path) -> None:
    program = {"command": "/bin/false", "env": {"MY_TOKEN": "${env:MY_UNSET_TOKEN}"}}
    Path(".cursor").mkdir()
    Path(".cursor/mcp.json").write_text(json.dumps({"mcpServers": {"my tool": program}}))
    step = next(s for s in _fix(run, "cursor:my tool") if "authwizard import" in s)
    command = _command(step)
    assert command == ["import", "cursor:my tool", "--project"]
    assert run(*command, "--yes", "--json").code == 0
