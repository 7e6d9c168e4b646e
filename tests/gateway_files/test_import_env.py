"""`import --env` by command line: from a gateway's folder to connections that work, and to its own files again."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from support.running import Run

from sandbox.practice import Practice
from wizard import connections


def _env(checkout: Path) -> Path:
    return checkout / "credentials-provider" / "oauth" / ".env"


def _secret(services: Practice, name: str = "client_secret") -> str:
    return services.services["gateway"].credentials[name].reveal()


@pytest.mark.row("G3")
@pytest.mark.row("G1")
@pytest.mark.row("G4")
def test_from_a_gateways_folder_to_its_own_files(run: Run, practised: Path, services: Practice) -> None:
    """Imported, tested, exported: the servers behind the gateway accept what was read and written."""
    ran = run("import", "--env", str(_env(practised)), "--yes", "--json", "--store", "file")
    assert (ran.code, ran.err) == (0, "")
    url = services.services["gateway"].url
    first, second = ran.json["connections"]
    assert (first["name"], first["url"], first["method"]) == ("gateway", url, "keycloak")
    assert (second["name"], second["settings"]["server"]) == ("gateway-atlassian", "atlassian")
    token = practised / ".oauth-tokens" / "atlassian-atlassian-egress.json"
    assert {"field": "egress_token", "kept_in": f"file:{token}"} in second["secrets"]
    assert second["settings"]["cloud_id"] == _secret(services, "cloud_id")
    assert [p["id"] for p in ran.json["problems"]] == ["provider-list"]
    for name in ("gateway", "gateway-atlassian"):
        tested = run("test", name, "--json")
        assert (tested.code, tested.json["ok"]) == (0, True), tested.out
    wrote = run(
        "export", "gateway-atlassian", "--client", "gateway", "--path", str(practised), "--yes", "--json"
    )
    assert (wrote.code, wrote.err) == (0, ""), wrote.out
    assert wrote.json["proof"] == {"read_back": True, "answered": True, "after": "restart"}
    folder = practised / ".oauth-tokens"
    entry = json.loads((folder / "mcp.json").read_text())["mcpServers"]["gateway-atlassian"]
    assert entry["url"] == f"{url}/atlassian/mcp"
    assert entry["type"] == "streamable-http"
    assert entry["headers"]["Authorization"] == f"Bearer {_secret(services, 'egress_token')}"
    assert entry["headers"]["X-Authorization"].startswith("Bearer ey")
    assert json.loads((folder / "ingress.json").read_text())["provider"] == "keycloak_m2m"
    assert {p.stat().st_mode & 0o777 for p in folder.iterdir()} == {0o600}
    for answer in (ran, wrote):
        assert _secret(services) not in answer.out + answer.err
        assert _secret(services, "egress_token") not in answer.out + answer.err
        assert entry["headers"]["X-Authorization"].split()[1] not in answer.out + answer.err
    gone = run(
        "export", "gateway-atlassian", "--client", "gateway", "--path", str(practised), "--remove", "--yes"
    )
    assert gone.code == 0
    assert json.loads((folder / "mcp.json").read_text())["mcpServers"] == {}


@pytest.mark.row("G1")
def test_cognito_as_well(run: Run, home: Path, services: Practice) -> None:
    url = services.services["gateway"].url
    file = home / ".env.agent"
    file.write_text(
        f"AUTH_PROVIDER=cognito\nREGISTRY_URL={url}\nAWS_REGION=us-east-1\nCOGNITO_DOMAIN={url}/cognito\n"
        f"COGNITO_USER_POOL_ID={_secret(services, 'user_pool_id')}\n"
        f"COGNITO_CLIENT_ID={_secret(services, 'cognito_client_id')}\n"
        f"COGNITO_CLIENT_SECRET={_secret(services, 'cognito_client_secret')}\n"
    )
    file.chmod(0o600)
    ran = run("import", "--env", str(file), "--name", "pool", "--yes", "--json", "--store", "file")
    assert (ran.code, ran.json["problems"]) == (0, [])
    tested = run("test", "pool", "--json")
    assert tested.json["ok"] is True, tested.out
    wrote = run("export", "pool", "--client", "gateway", "--yes", "--json")
    assert wrote.code == 0, wrote.out
    assert json.loads(Path(".oauth-tokens/ingress.json").read_text())["user_pool_id"] == _secret(
        services, "user_pool_id"
    )


def test_a_dry_run_keeps_nothing(run: Run, checkout: Path, home: Path) -> None:
    before = sorted(p for p in home.rglob("*") if p.is_file())
    ran = run("import", "--env", str(_env(checkout)), "--dry-run", "--json")
    assert ran.code == 0
    assert [c["name"] for c in ran.json["connections"]] == ["gateway", "gateway-atlassian"]
    assert {"field": "client_secret", "kept_in": None} in ran.json["connections"][0]["secrets"]
    assert sorted(p for p in home.rglob("*") if p.is_file()) == before
    assert connections.load_all() == ()


def test_without_a_yes_nothing_is_saved(run: Run, checkout: Path) -> None:
    ran = run("import", "--env", str(_env(checkout)), "--json")
    assert (ran.code, ran.json["error"]["id"]) == (2, "not-agreed")
    assert connections.load_all() == ()


def test_twice_is_once(run: Run, checkout: Path) -> None:
    words = ("import", "--env", str(_env(checkout)), "--yes", "--json", "--store", "file")
    first, again = run(*words), run(*words)
    assert [c["changed"] for c in first.json["connections"]] == [True, True]
    assert [c["changed"] for c in again.json["connections"]] == [False, False]
    assert len(connections.load_all()) == 2


def test_a_name_that_another_connection_has_is_refused(run: Run, checkout: Path) -> None:
    connections.save(connections.Connection("gateway", "mcp", "own", "https://a.test/mcp", "none"))
    ran = run("import", "--env", str(_env(checkout)), "--yes", "--json")
    assert (ran.code, ran.json["error"]["id"]) == (2, "name-taken")
    assert len(connections.load_all()) == 1


def test_what_cannot_work_is_named_and_nothing_is_made_of_it(run: Run, checkout: Path) -> None:
    file = _env(checkout)
    file.write_text(file.read_text().replace("KEYCLOAK_REALM=mcp-gateway\n", "KEYCLOAK_REALM=your_realm\n"))
    ran = run("import", "--env", str(file), "--yes", "--json")
    assert (ran.code, ran.json["connections"]) == (1, [])
    assert ("example-value", 4, "error") in [
        (p["id"], p["line"], p["severity"]) for p in ran.json["problems"]
    ]
    assert connections.load_all() == ()
    plain = run("import", "--env", str(file), "--yes")
    assert "line 4: KEYCLOAK_REALM still holds the example's value." in plain.out


def test_a_set_that_cannot_work_leaves_the_others(run: Run, checkout: Path) -> None:
    file = _env(checkout)
    file.write_text(file.read_text().replace("EGRESS_OAUTH_CLIENT_SECRET_1=anything\n", ""))
    ran = run("import", "--env", str(file), "--yes", "--json", "--store", "file")
    assert ran.code == 1
    assert [c["name"] for c in ran.json["connections"]] == ["gateway"]
    assert [c.name for c in connections.load_all()] == ["gateway"]


def test_without_a_token_file_the_server_has_no_token_and_that_is_said(run: Run, checkout: Path) -> None:
    (checkout / ".oauth-tokens" / "atlassian-atlassian-egress.json").unlink()
    ran = run("import", "--env", str(_env(checkout)), "--dry-run", "--json")
    assert "egress-token-missing" in [p["id"] for p in ran.json["problems"]]
    assert [s["field"] for s in ran.json["connections"][1]["secrets"]] == ["client_secret"]


def test_a_file_that_others_may_read_is_told(run: Run, checkout: Path) -> None:
    _env(checkout).chmod(0o644)
    ran = run("import", "--env", str(_env(checkout)), "--dry-run", "--json")
    assert "file-mode" in [p["id"] for p in ran.json["problems"]]
    assert ran.code == 0


def test_where_the_gateway_is_has_to_be_said(run: Run, checkout: Path) -> None:
    (checkout / ".env").unlink()
    ran = run("import", "--env", str(_env(checkout)), "--yes", "--json")
    assert (ran.code, ran.json["error"]["id"]) == (2, "gateway-url-missing")
    ran = run("import", "--env", str(_env(checkout)), "--url", "https://gw.test", "--dry-run", "--json")
    assert ran.json["connections"][0]["url"] == "https://gw.test"
    ran = run("import", "--env", str(_env(checkout)), "--url", "http://gw.test", "--dry-run", "--json")
    assert (ran.code, ran.json["connections"]) == (1, [])
    assert ran.json["problems"][-1]["id"] == "plain-http"


def test_two_sets_for_one_server_get_names_of_their_own(run: Run, checkout: Path) -> None:
    file = _env(checkout)
    egress = "".join(line + "\n" for line in file.read_text().splitlines() if line.startswith("EGRESS"))
    file.write_text(file.read_text() + egress.replace("_1=", "_2="))
    ran = run("import", "--env", str(file), "--dry-run", "--json")
    names = [c["name"] for c in ran.json["connections"]]
    assert names == ["gateway", "gateway-atlassian", "gateway-atlassian-2"]


def test_a_provider_list_with_faults_is_told_and_stops_nothing(run: Run, checkout: Path) -> None:
    place = _env(checkout).with_name("oauth_providers.yaml")
    place.write_text("providers:\n  google:\n    auth_url: https://a.test\n    token_url: https://a.test\n")
    ran = run("import", "--env", str(_env(checkout)), "--dry-run", "--json")
    assert (ran.code, [p["id"] for p in ran.json["problems"]]) == (0, ["provider-not-listed"])
    place.write_text("providers: [\n")
    ran = run("import", "--env", str(_env(checkout)), "--dry-run", "--json")
    assert (ran.code, [p["id"] for p in ran.json["problems"]]) == (0, ["providers-not-yaml"])


@pytest.mark.row("G3")
@pytest.mark.parametrize(("words", "provider"), [((), "keycloak"), (("--method", "cognito"), "cognito")])
def test_a_template_is_written_private_and_never_over_another(
    words: tuple[str, ...], provider: str, run: Run, home: Path
) -> None:
    file = home / "new" / ".env"
    ran = run("import", "--env", str(file), "--template", *words, "--json")
    assert (ran.code, ran.json["written"]) == (0, True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert f"AUTH_PROVIDER={provider}\n" in file.read_text()
    ran = run("import", "--env", str(file), "--template", "--json")
    assert (ran.code, ran.json["error"]["id"]) == (2, "file-exists")
    ran = run("import", "--env", str(file), "--json")
    assert (ran.code, {p["id"] for p in ran.json["problems"]}) == (1, {"missing"})


@pytest.mark.parametrize(
    ("words", "id"),
    [
        ((), "wrong-usage"),
        (("cursor",), "nothing-to-import"),
        (("cursor:fleet",), "nothing-to-import"),
        (("--bundle", "x"), "not-yet"),
        (("--env", "absent"), "file-missing"),
        (("--env", "."), "file-is-folder"),
        (("--env", "latin"), "file-not-utf8"),
        (("--env", "huge"), "file-too-large"),
        (("--env", "pipe"), "file-not-regular"),
        (("--env", "good", "--method", "cognito"), "wrong-usage"),
        (("--env", "good", "--name", "a/b"), "bad-name"),
        (("--env", "new", "--template", "--method", "basic"), "unknown-method"),
    ],
)
def test_wrong_words_and_files_have_a_sentence(words: tuple[str, ...], id: str, run: Run, home: Path) -> None:
    import os

    Path("latin").write_bytes(b"A=\xe9\n")
    Path("huge").write_bytes(b"A=b\n" * 2_500_000)
    Path("good").write_text("A=b\n")
    os.mkfifo("pipe")
    ran = run("import", *words, "--json")
    assert (ran.json["error"]["id"], ran.code) == (id, 1 if id.startswith("file-") else 2)


def test_a_secret_that_stands_in_the_wrong_place_is_in_no_answer(run: Run, checkout: Path) -> None:
    token = secrets.token_urlsafe(32)
    file = _env(checkout)
    file.write_text(f"{file.read_text()}{token}\nOTHER='{token}\nAUTH_PROVIDER={token}\n")
    for words in (("--json",), ()):
        ran = run("import", "--env", str(file), "--yes", *words)
        assert ran.code == 1
        assert token not in ran.out + ran.err
