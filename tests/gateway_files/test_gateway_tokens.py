"""The gateway's token files: read in each of their forms, and made of an entry's headers."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest

from wizard.entries import RemotePlan, Slot
from wizard.errors import FileProblem
from wizard.gateway import tokens
from wizard.secret import Secret

TOKEN = secrets.token_urlsafe()
URL = "https://gw.test/atlassian/mcp"
INGRESS = {"X-Authorization": ("Bearer ", Slot("access_token", "A")), "X-Client-Id": ("agent-x-m2m",)}
KEYCLOAK = {**INGRESS, "X-Keycloak-Realm": ("mcp-gateway",), "X-Keycloak-URL": ("https://kc.test",)}
EGRESS = {"Authorization": ("Bearer ", Slot("egress_token", "E")), "X-Atlassian-Cloud-Id": ("c-1",)}


def _file(folder: Path, name: str, data: object) -> Path:
    path = folder / name
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_ingress_as_its_script_writes_it(tmp_path: Path) -> None:
    data = {
        "provider": "cognito_m2m",
        "access_token": TOKEN,
        "refresh_token": None,
        "expires_at": 1_800_000_000.5,
        "expires_at_human": "…",
        "token_type": "Bearer",
        "client_id": "c",
        "user_pool_id": "us-east-1_a",
        "region": "us-east-1",
    }
    found = tokens.read(_file(tmp_path, "ingress.json", data))
    assert (found.access_token, found.refresh_token, found.expires_at) == (
        Secret(TOKEN),
        None,
        1_800_000_000.5,
    )
    assert (found.provider, found.user_pool_id, found.region) == ("cognito_m2m", "us-east-1_a", "us-east-1")
    assert found.more == {"expires_at_human": "…", "token_type": "Bearer"}
    assert TOKEN not in repr(found)


def test_an_agents_file_says_its_time_as_a_text(tmp_path: Path) -> None:
    data = {
        "access_token": TOKEN,
        "expires_at": "2027-01-15T08:00:00+00:00",
        "keycloak_realm": "r",
        "provider": "keycloak",
    }
    found = tokens.read(_file(tmp_path, "agent-x-m2m-token.json", data))
    assert (found.expires_at, found.realm) == (1_800_000_000.0, "r")
    assert (
        tokens.read(_file(tmp_path, "a", {**data, "expires_at": "2027-01-15T08:00:00Z"})).expires_at
        == 1_800_000_000
    )
    assert (
        tokens.read(_file(tmp_path, "a", {**data, "expires_at": "2027-01-15T08:00:00"})).expires_at
        == 1_800_000_000
    )


def test_egress_has_a_cloud_id_and_scopes(tmp_path: Path) -> None:
    data = {
        "provider": "atlassian",
        "access_token": TOKEN,
        "refresh_token": "r" * 9,
        "cloud_id": "c",
        "scopes": ["a", "b"],
    }
    found = tokens.read(_file(tmp_path, "egress.json", data))
    assert (found.cloud_id, found.scopes, found.refresh_token) == ("c", ("a", "b"), Secret("r" * 9))


@pytest.mark.parametrize(
    ("content", "id"),
    [
        ("", "token-file-not-json"),
        ("{", "token-file-not-json"),
        ("[" * 100_000, "token-file-not-json"),
        ("[]", "token-file-invalid"),
        ("{}", "token-file-invalid"),
        ('{"access_token": 1}', "token-file-invalid"),
        ('{"access_token": "x", "cloud_id": 1}', "token-file-invalid"),
        ('{"access_token": "x", "expires_at": "soon"}', "token-file-invalid"),
        ('{"access_token": "x", "expires_at": NaN}', "token-file-invalid"),
        ('{"access_token": "x", "expires_at": true}', "token-file-invalid"),
    ],
)
def test_what_is_no_token_file_has_a_sentence(content: str, id: str, tmp_path: Path) -> None:
    path = tmp_path / "ingress.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileProblem) as caught:
        tokens.read(path)
    assert caught.value.id == id


def test_the_egress_file_is_looked_for_as_the_scripts_do(tmp_path: Path) -> None:
    assert tokens.egress_file(tmp_path, "atlassian", "jira") is None
    general = _file(tmp_path, "egress.json", {"access_token": TOKEN, "provider": "google"})
    assert tokens.egress_file(tmp_path, "atlassian", "jira") is None
    assert tokens.egress_file(tmp_path, "google", "drive") == general
    by_provider = _file(tmp_path, "atlassian-egress.json", {})
    assert tokens.egress_file(tmp_path, "atlassian", "jira") == by_provider
    exact = _file(tmp_path, "atlassian-jira-egress.json", {})
    assert tokens.egress_file(tmp_path, "atlassian", "jira") == exact
    assert tokens.egress_file(tmp_path, "../atlassian", "jira") is None


def test_an_entry_has_the_files_of_its_two_legs(tmp_path: Path) -> None:
    plan = RemotePlan("a", URL, {**KEYCLOAK, **EGRESS})
    held = {"access_token": Secret(TOKEN), "egress_token": Secret("e")}
    files = {f.name: f.members for f in tokens.from_plan(plan, held, tmp_path)}
    assert list(files) == ["ingress.json", "agent-x-m2m-token.json", "egress.json"]
    ingress = files["ingress.json"]
    assert (ingress["provider"], ingress["realm"], ingress["client_id"]) == (
        "keycloak_m2m",
        "mcp-gateway",
        "agent-x-m2m",
    )
    assert ingress["access_token"] == (Slot("access_token", "A"),)
    assert files["egress.json"]["cloud_id"] == "c-1"
    assert TOKEN not in repr(files)


def test_cognito_has_its_own_members_and_no_agents_file(tmp_path: Path) -> None:
    plan = RemotePlan("a", URL, {**INGRESS, "X-User-Pool-Id": ("us-east-1_a",), "X-Region": ("us-east-1",)})
    (only,) = tokens.from_plan(plan, {"access_token": Secret(TOKEN)}, tmp_path)
    assert only.members["provider"] == "cognito_m2m"
    assert (only.members["user_pool_id"], only.members["region"]) == ("us-east-1_a", "us-east-1")


def test_a_server_without_a_sign_in_has_no_token_file(tmp_path: Path) -> None:
    assert tokens.from_plan(RemotePlan("a", URL), {}, tmp_path) == ()


def test_another_providers_token_is_not_written_over(tmp_path: Path) -> None:
    _file(tmp_path, "egress.json", {"access_token": TOKEN, "provider": "google"})
    (only,) = tokens.from_plan(RemotePlan("a", URL, EGRESS), {"egress_token": Secret("e")}, tmp_path)
    assert only.name == "atlassian-atlassian-egress.json"
