"""``test``, ``doctor``, ``token``, ``export``, ``connections`` and the lists, against practice services."""

from __future__ import annotations

import json
import secrets
import socket
import time
from pathlib import Path

import jwt
import pytest
from support.keeping import where_found
from support.running import Put, Ran, Run

from sandbox.practice import Practice
from wizard.secret import Secret

FINDING = {"cause", "certainty", "layer", "owner", "title", "evidence", "fix", "explains", "sources"}
DIAGNOSIS = {
    "answered",
    "schema", "target", "verdict", "findings", "warnings", "ruled_out", "not_examined", "exchanges", "seconds",
    "letters", "reproduce", "changed", "competing", "permissions", "cut",
}  # fmt: skip


@pytest.fixture
def fleet(run: Run, services: Practice) -> Ran:
    """A saved connection ``fleet-practice``."""
    place = services.services["fleet"].token_file
    done = run(
        "setup", "fleet", "--environment", "practice", "--secret", f"token=file:{place}", "--yes", "--json"
    )
    assert done.code == 0, done.out + done.err
    return done


@pytest.mark.slow
@pytest.mark.row("L5", "G8")
def test_test_by_name_url_and_client(run: Run, services: Practice, fleet: Ran, put: Put, home: Path) -> None:
    service = services.services["fleet"]
    done = run("export", "fleet-practice", "--client", "claude-code", "--project", "--yes", "--json")
    assert done.code == 0, done.out
    source = put(service.credentials["token"])
    for words in (["fleet-practice"], [service.url, "--credential", source], ["claude-code:fleet-practice"]):
        done = run("test", *words, "--json")
        assert done.code == 0, done.out + done.err
        assert (done.json["ok"], done.json["finding"]) == (True, None)
        assert done.json["tools"] == ["list_agents", "get_agent"]
        plain = run("test", *words)
        assert plain.out.splitlines()[0].endswith("it works.")
        assert where_found(service.credentials["token"], home, done.out, plain.out, plain.err) == [
            str(service.token_file)
        ]


@pytest.mark.row("G8")
def test_a_tool_is_called_only_when_asked_for(run: Run, services: Practice, fleet: Ran) -> None:
    done = run("test", "fleet-practice", "--json")
    assert "call" not in [s["id"] for s in done.json["steps"]]
    done = run("test", "fleet-practice", "--call", "get_agent", "--args", '{"name": "scout"}', "--json")
    assert done.code == 0, done.out
    assert next(s for s in done.json["steps"] if s["id"] == "call")["ok"] is True
    done = run("test", "fleet-practice", "--call", "get_agents", "--json")
    assert done.code == 1
    assert "get_agent" in json.dumps(next(s for s in done.json["steps"] if s["id"] == "call"))
    assert run("test", "fleet-practice", "--call", "x", "--args", "[1]").code == 2
    assert run("test", "fleet-practice", "--args", "{}").code == 2


@pytest.mark.row("L3")
def test_the_doctor_names_what_a_server_refused(run: Run, services: Practice, put: Put, home: Path) -> None:
    url = services.services["fleet"].url
    real, false = services.services["fleet"].credentials["token"], Secret(secrets.token_urlsafe(32))
    for text, cause in (
        (false, "token-not-recognised"),
        (real.map("Bearer "), "double-bearer-prefix"),
        (real.map('"', '"'), "token-quotes-or-invisible-characters"),
        (Secret("${FLEET_TOKEN}"), "unexpanded-variable-literal"),
    ):
        done = run("doctor", url, "--credential", put(text), "--json")
        assert done.code == 1
        assert set(done.json) == DIAGNOSIS
        assert done.json["findings"][0]["cause"] == cause
        assert set(done.json["findings"][0]) == FINDING
        plain = run("doctor", url, "--credential", put(text))
        assert plain.code == 1
        assert done.json["findings"][0]["title"] in plain.out
        assert where_found(real, home, done.out, plain.out) == [str(services.services["fleet"].token_file)]


def test_the_doctor_on_what_is_healthy(run: Run, services: Practice, fleet: Ran) -> None:
    done = run("doctor", "fleet-practice", "--json")
    assert (done.code, done.json["verdict"], done.json["findings"]) == (0, "healthy", [])
    every = run("doctor", "--all", "--json")
    assert [t["verdict"] for t in every.json["targets"]] == ["healthy"]
    assert run("doctor").code == 2
    assert run("doctor", "x", "--all").code == 2


def test_the_doctor_asks_nobody_for_an_empty_client(run: Run, home: Path) -> None:
    done = run("doctor", "claude-code:", "--json")
    assert (done.code, done.json) == (0, {"schema": 1, "targets": []})


def test_nobody_listens(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/mcp"
        done = run("test", url, "--json")
        assert done.code == 1
        assert done.json["finding"]["cause"] == "connection-refused"
        assert run("doctor", url, "--json").json["findings"][0]["cause"] == "connection-refused"


@pytest.mark.parametrize("command", ["test", "doctor"])
def test_the_budget_is_kept_and_what_was_waited_for_is_said(run: Run, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        done = run(command, f"http://127.0.0.1:{silent.getsockname()[1]}/mcp", "--timeout", "1", "--json")
        assert time.monotonic() - began < 3
        assert done.code == 1
        assert done.json


@pytest.mark.parametrize("text", ["0", "-1", "inf", "nan", "x", "", "1e9"])
def test_what_is_no_budget(run: Run, text: str) -> None:
    assert run("test", "http://127.0.0.1:1/", f"--timeout={text}").code == 2


def test_a_header_beside_a_credential_is_refused(run: Run, put: Put) -> None:
    source = put(Secret(secrets.token_urlsafe()))
    done = run("doctor", "http://127.0.0.1:1/", "--credential", source, "--header", f"authorization={source}")
    assert done.code == 2


def test_a_token_explained(run: Run, put: Put, home: Path) -> None:
    now = int(time.time())
    key = secrets.token_urlsafe(32)
    claims = {"iss": "https://idp.example", "aud": "x", "iat": now - 7200, "scope": "a b", "groups": ["g"]}
    old = Secret(jwt.encode({**claims, "exp": now - 3600}, key))
    done = run("token", put(old), "--json")
    assert done.code == 1
    assert done.json["findings"][0]["cause"] == "access-token-expired"
    assert (done.json["scopes"], done.json["groups"]) == (["a", "b"], ["g"])
    fresh = Secret(jwt.encode({**claims, "exp": now + 3600}, key))
    done = run("token", put(fresh), "--json")
    assert (done.code, done.json["signature"]) == (0, "unchecked")
    assert set(done.json) == {
        "schema", "kind", "header", "claims", "scopes", "groups", "issuer", "audience", "times", "signature",
        "findings", "warnings", "use", "notes", "explained",
    }  # fmt: skip
    plain = run("token", put(fresh))
    assert "https://idp.example" in plain.out
    assert where_found(fresh, home, done.out, plain.out) == []


def test_export_shows_writes_removes_and_undoes(run: Run, fleet: Ran, home: Path) -> None:
    words = ("export", "fleet-practice", "--client", "vscode", "--project")
    place = Path(".vscode/mcp.json")
    assert run(*words).code == 2
    shown = run(*words, "--dry-run", "--json")
    assert (shown.code, shown.json["changed"], place.exists()) == (0, True, False)
    done = run(*words, "--yes", "--json")
    assert (done.code, done.json["proof"]["answered"]) == (0, True)
    assert run(*words, "--yes", "--json").json["changed"] is False
    gone = run(*words, "--remove", "--yes", "--json")
    assert (gone.code, gone.json["changed"]) == (0, True)
    assert "fleet-practice" not in place.read_text()
    back = run(*words, "--undo", "--json")
    assert back.code == 0, back.out
    assert "fleet-practice" in place.read_text()
    assert run("export", "fleet-practice").code == 2
    assert run("export", "nobody", "--client", "curl").code == 2
    assert run("export", "fleet-practice", "--client", "curl", "--project", "--path", "x").code == 2


def test_curl_without_a_path_is_text(run: Run, fleet: Ran) -> None:
    done = run("export", "fleet-practice", "--client", "curl", "--yes", "--json")
    assert (done.code, done.json["path"]) == (0, None)
    assert "curl" in done.json["text"]


def test_connections_are_listed_shown_renamed_and_removed(run: Run, fleet: Ran, services: Practice) -> None:
    (one,) = run("connections", "--json").json["connections"]
    assert one["name"] == "fleet-practice"
    assert one["secrets"][0]["kept_in"].startswith("file:")
    assert "kept in file:" in run("connections", "show", "fleet-practice").out
    assert run("connections", "rename", "fleet-practice").code == 2
    assert run("connections", "rename", "fleet-practice", "mine").code == 0
    assert run("test", "mine").code == 0
    assert run("connections", "remove", "fleet-practice").code == 2
    assert run("connections", "remove", "mine", "--yes", "--json").json["connections"][0]["name"] == "mine"
    assert "no connection yet" in run("connections").out
    token_file = services.services["fleet"].token_file
    assert token_file is not None
    assert token_file.exists()


def test_the_lists(run: Run, home: Path) -> None:
    causes = run("causes", "--json").json["causes"]
    assert {"id", "layer", "owner", "title", "explanation", "fix", "sources"} == set(causes[0])
    assert len(causes) >= 20
    assert causes[0]["title"] in run("causes", causes[0]["id"]).out
    assert run("causes", "nothing").code == 2
    services = run("services", "--json").json["services"]
    assert {"faos", "fleet", "mcp", "http"} <= {s["id"] for s in services}
    assert "--secret token=SOURCE" in run("services", "faos").out
    clients = {c["id"] for c in run("clients", "--json").json["clients"]}
    assert {"claude-code", "vscode", "curl"} <= clients
    assert "claude-code" in run("clients").out


def test_a_service_description_is_checked(run: Run) -> None:
    from wizard import catalogue

    source = Path(str(catalogue.__file__)).parent / "fleet.toml"
    good = Path("good.toml")
    good.write_text(source.read_text())
    assert run("services", "check", "good.toml").code == 0
    Path("bad.toml").write_text(source.read_text().replace('entry = "remote"', 'entry = "sideways"'))
    done = run("services", "check", "bad.toml", "--json")
    assert done.code == 1
    assert "bad.toml" in done.json["error"]["detail"]
    assert run("services", "check", "none.toml").code == 1
    assert run("services", "check").code == 2


def test_any_mcp_server_by_its_url(run: Run, services: Practice, put: Put, home: Path) -> None:
    service = services.services["mcp"]
    token = service.credentials["token"]
    done = run(
        *("setup", "mcp", "--url", service.url, "--secret", f"token={put(token)}", "--name", "mine"),
        *("--client", "claude-code", "--project", "--yes", "--json"),
    )
    assert done.code == 0, done.out + done.err
    assert done.json["exports"][0]["proof"]["answered"] is True
    assert where_found(token, home, done.out, done.err) == []
    without = run("setup", "mcp", "--url", service.url, "--method", "none", "--yes", "--json")
    assert without.code == 1
    assert without.json["test"]["finding"]["cause"] == "authorization-header-missing"
