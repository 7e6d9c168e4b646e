"""The six steps in plain lines: the same questions, no cursor movement, nothing kept that should not be."""

from __future__ import annotations

import io
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from support.keeping import where_found
from support.running import Ran, Run
from test_commands_terminal import Terminal

from sandbox.practice import Practice
from wizard import catalogue, connections, outcomes, setup
from wizard.secret import Secret
from wizard.setup import unfinished

pytestmark = pytest.mark.slow

Talk = Callable[..., Ran]


@pytest.fixture
def talk(run: Run, monkeypatch: pytest.MonkeyPatch) -> Talk:
    """Run with these lines as what the person types."""

    def go(*words: str, says: list[str]) -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in says)))
        return run(*words)

    return go


def fleet(services: Practice) -> list[str]:
    """From the first question to the yes, for Fleet's practice by its token."""
    return ["fleet", "practice", "bearer", services.services["fleet"].credentials["token"].reveal()]


@pytest.mark.row("A7")
def test_the_same_six_steps_to_the_same_config(talk: Talk, services: Practice, home: Path) -> None:
    token = services.services["fleet"].credentials["token"]
    done = talk("--plain", says=[*fleet(services), "mine", "file", "claude-code project", "y"])
    assert done.code == 0, done
    headings = [line for line in done.err.splitlines() if " of 6 " in line]
    assert headings == [f"{n} of 6 {step}" for n, step in enumerate(setup.STEPS, 1)]
    assert "mine is set up and works" in done.out
    assert [c.name for c in connections.load_all()] == ["mine"]
    assert list(json.loads(Path(".mcp.json").read_text("utf-8"))["mcpServers"]) == ["mine"]
    assert "accepted with yours" in done.err
    assert "\x1b" not in done.out + done.err
    assert "\r" not in done.out + done.err
    # the practice's own file, and the one that the secret was put into
    assert len(where_found(token, home, done.out, done.err)) == 2 - (
        not str(services.services["fleet"].token_file).startswith(str(home))
    )
    assert unfinished.every() == ()
    assert outcomes.load()["mine"].state == "works"


def test_help_back_and_a_wrong_number(talk: Talk, services: Practice) -> None:
    done = talk(
        "--plain", says=["?", "99", "nothing", "fleet", "practice", "?", "<", "faos", "practice", "q"]
    )
    assert done.code == 0
    assert "A service is what you want to sign in to" in done.err
    assert done.err.count("Type a number from 1 to ") == 2
    assert done.err.count("1 of 6 service") == 2
    assert "Left. Nothing was written. Go on later: authwizard --plain faos" in done.err
    assert connections.load_all() == ()


def test_going_back_loses_nothing(talk: Talk, services: Practice) -> None:
    token = services.services["faos"].credentials["token"].reveal()
    says = ["faos", "practice", "1", token, "tenant-x", "<", "", "", "graph:read", "q"]
    done = talk("--plain", says=says)
    assert done.code == 0
    assert "Enter keeps ••••••••" in done.err
    assert "[tenant-x]" in done.err
    assert "These tools open: faos_query_graph" in done.err
    assert token not in done.err + done.out


@pytest.mark.parametrize("form", ["Bearer {}", '"{}"', "export TOKEN={}"])
def test_what_came_along_with_a_paste_is_mended(talk: Talk, services: Practice, form: str) -> None:
    token = services.services["faos"].credentials["token"].reveal()
    done = talk("--plain", "faos", says=["", "practice", "1", form.format(token), "", "", "", "q"])
    assert "Mend it? [Y/n]" in done.err
    assert f"{len(token)} characters" in done.err
    assert token not in done.err + done.out


def test_what_cannot_be_a_token_is_asked_for_again(talk: Talk, services: Practice) -> None:
    done = talk(
        "--plain", "faos", says=["", "practice", "1", "", "faosx_abc123...", "file:/nowhere/at-all", "q"]
    )
    assert "API token is missing." in done.err
    assert "That cannot work as it is. Give it again." in done.err
    assert "There is no file /nowhere/at-all." in done.err
    assert done.err.count("API token (not shown)") == 4


def test_a_failed_test_names_its_cause_and_leads_back(talk: Talk, services: Practice, home: Path) -> None:
    false = Secret("faosx_" + secrets.token_urlsafe(32))
    right = services.services["faos"].credentials["token"]
    says = ["faos", "practice", "1", false.reveal(), "", "none", "", "<", "<", right.reveal(), "", "", "q"]
    done = talk("--plain", says=says)
    assert done.code == 0
    assert "broken: " in done.err
    assert "It works: the service accepts your credential." in done.err
    assert done.err.count("3 of 6 credentials") == 2
    assert connections.load_all() == ()
    assert not where_found(false, home, done.out, done.err)


@pytest.mark.parametrize("at", [0, 2, 3])
def test_the_end_of_the_answers_is_an_interruption(talk: Talk, services: Practice, at: int) -> None:
    done = talk("--plain", says=fleet(services)[:at])
    assert done.code == 130
    assert "Traceback" not in done.err
    assert connections.load_all() == ()


def test_a_walk_that_was_left_is_gone_on_with(talk: Talk, services: Practice, home: Path) -> None:
    token = services.services["faos"].credentials["token"]
    left = talk("--plain", says=["faos", "practice", "1", token.reveal(), "tenant-x", "graph:read", "q"])
    assert left.code == 0
    assert not where_found(token, home)
    done = talk("--plain", "faos", says=["y", token.reveal(), "", "", "q"])
    assert "Go on with FAOS, step 6, activate? [Y/n]" in done.err
    assert "The secret was not kept: step 3 asks for it again." in done.err
    assert "[tenant-x]" in done.err
    assert "[8]" in done.err
    assert "6 of 6 activate" in done.err


def test_one_goes_back_from_where_a_walk_is_gone_on_with(talk: Talk, services: Practice, home: Path) -> None:
    token = services.services["faos"].credentials["token"]
    talk("--plain", says=["faos", "practice", "1", token.reveal(), "tenant-x", "graph:read", "q"])
    done = talk("--plain", "faos", says=["y", "<", "<", "<", "q"])
    headings = [line for line in done.err.splitlines() if " of 6 " in line]
    assert headings == ["3 of 6 credentials", "2 of 6 method", "1 of 6 service", "1 of 6 service"]
    assert "This is the first step." in done.err


def test_a_practice_that_does_not_run_is_said(talk: Talk, services: Practice, home: Path) -> None:
    talk("--plain", says=[*fleet(services), "mine", "q"])
    services.stop()
    catalogue.load.cache_clear()
    done = talk("--plain", "fleet", says=["y", "q"])
    assert "Its practice service is not running. Start it: authwizard --practice" in done.err


def test_the_options_of_setup_are_what_enter_takes(talk: Talk, services: Practice, home: Path) -> None:
    place = services.services["fleet"].token_file
    words = (
        "setup",
        "fleet",
        "--environment",
        "practice",
        "--secret",
        f"token=file:{place}",
        "--name",
        "mine",
    )
    done = talk(*words, "--client", "vscode", "--project", "--plain", says=["", "", "", "", "", "", "y"])
    assert done.code == 0, done
    assert [c.name for c in connections.load_all()] == ["mine"]
    assert "mine" in Path(".vscode/mcp.json").read_text("utf-8")


def test_a_dry_run_writes_nothing(talk: Talk, services: Practice) -> None:
    says = [*fleet(services)[1:], "mine", "file", "claude-code project"]
    done = talk("setup", "fleet", "--plain", "--dry-run", says=["fleet", *says])
    assert done.code == 0, done
    assert "nothing was saved and nothing was written" in done.out
    assert connections.load_all() == ()
    assert not Path(".mcp.json").exists()


def test_with_yes_nothing_is_asked(talk: Talk) -> None:
    assert talk("setup", "faos", "--plain", "--yes", says=[]).code == 2


def test_a_dumb_terminal_gets_lines(services: Practice, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal("fleet")
    terminal.until("1 of 6 service")
    terminal.say("\n")
    terminal.until("Fleet: which one?")
    terminal.say("practice\n")
    terminal.until("How do you sign in?")
    terminal.say("bearer\n")
    terminal.until("Token (not shown): ")
    terminal.say("q\n")
    assert terminal.end() == 0
    assert "\x1b" not in terminal.text


def test_ctrl_c_leaves_with_130(home: Path) -> None:
    terminal = Terminal("--plain")
    terminal.until("1 of 6 service")
    terminal.until("Number")
    os.killpg(terminal.process.pid, 2)
    assert terminal.end() == 130
    assert "Traceback" not in terminal.text


@pytest.mark.slow
@pytest.mark.row("G11")
def test_the_servers_of_a_gateway_one_after_the_other(talk: Talk, services: Practice) -> None:
    credentials = services.services["gateway"].credentials
    secret = credentials["client_secret"].reveal()
    rest = [""] * 6  # the end of the address, transport, provider, egress token, cloud id, rules
    first = ["gateway", "practice", "keycloak", "", "", credentials["client_id"].reveal(), secret, ""]
    kept = ["", "", "", "", ""]  # Keycloak's address, realm, client id, secret, scopes
    end = ["none", "", "file", "claude-code project", "y"]
    theirs, cloud = credentials["egress_token"].reveal(), credentials["cloud_id"].reveal()
    behind = ["", "", "atlassian", theirs, cloud, ""]
    says = [*first, "atlassian", *behind, *end, "y", *kept, "fininfo", *rest, *end, "n"]
    done = talk("--plain", says=says)
    assert done.code == 0, done
    assert "asks for no credential of its own" in done.err
    assert "wants a credential of its own, which is asked for next: Token for the server behind." in done.err
    assert "Client id is missing" not in done.err
    written = json.loads(Path(".mcp.json").read_text("utf-8"))["mcpServers"]
    assert list(written) == ["gateway-practice-atlassian", "gateway-practice-fininfo"]
    first_one, second = (connections.get(name) for name in written)
    assert ("egress_token" in first_one.secrets, "egress_token" in second.secrets) == (True, False)
    assert {"cloud_id", "egress_provider"} <= first_one.settings.keys()
    assert not {"cloud_id", "egress_provider"} & second.settings.keys()
    assert theirs not in done.err + done.out
    assert secret not in done.err + done.out
