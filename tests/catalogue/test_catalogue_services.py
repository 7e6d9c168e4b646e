"""The built-in services say what their documents say; a person's own are read beside them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from wizard import practice
from wizard.catalogue import load, parse
from wizard.errors import UsageError
from wizard.methods import kinds
from wizard.services import Service

ROOT = Path(__file__).parents[2]
SCOPES = {
    "agents:invoke": ["faos_invoke_agent"],
    "workflows:run": ["faos_run_workflow", "faos_cancel_workflow"],
    "workflows:read": ["faos_get_workflow_status", "faos_list_workflows"],
    "context:read": ["faos_get_context", "faos_get_story", "faos_search_decisions", "faos_get_guidelines"],
    "activities:write": ["faos_log_activity"],
    "activities:read": ["faos_get_my_tasks"],
    "metrics:read": ["faos_query_metric", "faos_list_metrics", "faos_get_metric_definition"],
    "graph:read": ["faos_query_graph", "faos_nl_graph_query", "faos_explain_graph_query"],
}
OWN = """
id = "weather"
title = "Weather"
summary = "Forecasts."
entry = "remote"
speaks = "mcp"
[[environments]]
id = "prod"
title = "Production"
url = "https://weather.example.com/mcp"
[[methods]]
id = "token"
kind = "bearer"
"""


@pytest.fixture(autouse=True)
def fresh() -> None:
    load.cache_clear()


@pytest.fixture
def own(home: Path) -> Path:
    folder = home / ".config/authwizard/services"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def faos() -> Service:
    return load().get("faos")


def test_the_built_in_ones_are_there_and_the_general_ones_come_last() -> None:
    ids = [s.id for s in load().services]
    assert {"faos", "fleet", "mcp", "http"} <= set(ids)
    assert ids[-2:] == ["mcp", "http"]
    assert load().problems == ()
    assert all(s.source for s in load().services)


def test_faos_scopes_tools_and_presets(faos: Service) -> None:
    assert [s.id for s in faos.scopes] == list(SCOPES)
    assert [(t.name, t.scopes) for t in faos.tools] == [(t, (s,)) for s, ts in SCOPES.items() for t in ts]
    presets = {p.id: set(p.scopes) for p in faos.presets}
    assert presets == {
        "developer": set(SCOPES),
        "analyst": {"agents:invoke", "context:read", "metrics:read", "graph:read"},
        "ci-cd": {"workflows:run", "workflows:read", "activities:write"},
    }
    assert faos.scopes_for(frozenset({"faos_run_workflow", "faos_get_my_tasks"})) == (
        "workflows:run",
        "activities:read",
    )


def test_faos_environments_and_methods(faos: Service) -> None:
    urls = {e.id: e.url for e in faos.environments}
    assert urls == {
        "prod": "https://api.faosx.ai",
        "staging": "https://staging-api.faosx.ai",
        "company": "",
        "practice": "",
    }
    assert [(m.id, m.kind) for m in faos.methods] == [
        ("api_token", "bearer"),
        ("sso", "sso"),
        ("service_account", "client_credentials"),
    ]
    sso = faos.method("sso")
    assert not sso.unavailable
    assert "A FAOS Enterprise license." in sso.needs
    assert (sso.login.tool, sso.login.cache) == ("faos_list_workflows", "faos")
    assert [(c.folder, c.files) for c in faos.caches] == [("~/.faos", "auth_cache.json")]
    account = faos.method("client_credentials")
    assert account.field("client_id").id == "service_account_id"
    assert account.field("client_secret").secret
    assert faos.first_sentence == "List FAOS tools"


def test_no_path_is_made_up_for_a_real_faos(faos: Service) -> None:
    assert not (faos.live.health or faos.live.check or faos.live.headers)
    assert [e.id for e in faos.environments if e.live] == ["practice"]


def test_fleet() -> None:
    fleet = load().get("fleet")
    assert (fleet.live.health, fleet.live.check, fleet.live.requires_auth) == (
        "/health",
        "/mcp/list_agents",
        True,
    )
    token = fleet.method("token_file").field("token")
    assert token.secret
    assert token.source == "file:~/.fleet-mcp/auth_token"
    assert token.file_variable == "FLEET_MCP_AUTH_TOKEN_FILE"
    assert fleet.method("bearer").headers == {"Authorization": "Bearer {token}"}


def test_every_method_can_be_used_or_says_why_not() -> None:
    for service in load().services:
        for method in service.methods:
            ready = method.login or method.kind in kinds.READY
            assert method.unavailable or ready, (service.id, method.id)
            assert method.unavailable or method.kind == "none" or method.guide.steps, (service.id, method.id)


def test_practice_has_the_address_that_runs_now() -> None:
    assert load().get("faos").environment("practice").url == ""
    practice.record({"faos": "http://127.0.0.1:4711"})
    assert load().get("faos").environment("practice").url == "http://127.0.0.1:4711"
    assert load().get("fleet").environment("practice").url == ""
    assert next(s for s in load().services if s.id == "faos").environment("practice").url


def test_an_unknown_service_names_those_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        load().get("nope")
    assert caught.value.id == "unknown-service"
    assert "faos" in caught.value.fix[0]


def test_a_persons_own_is_read(own: Path) -> None:
    (own / "weather.toml").write_text("\ufeff" + OWN, encoding="utf-8")
    assert load().get("weather").environment("prod").url == "https://weather.example.com/mcp"
    assert [s.id for s in load().services][-2:] == ["mcp", "http"]


def test_a_built_in_one_is_replaced_only_by_saying_so(own: Path) -> None:
    text = OWN.replace('"weather"', '"fleet"', 1)
    (own / "a.toml").write_text(text)
    (own / "b.toml").write_text('replaces = "fleet"\n' + text.replace("Forecasts", "Mine"))
    found = load()
    assert found.get("fleet").summary == "Mine."
    (problem,) = found.problems
    assert re.search(r"/a\.toml:2: .*built-in.*; expected .*replaces = \"fleet\"", problem.detail)


def test_two_of_ones_own_with_one_id(own: Path) -> None:
    (own / "a.toml").write_text(OWN)
    (own / "b.toml").write_text(OWN)
    assert len(load().problems) == 1
    assert "/b.toml:2:" in load().problems[0].detail


def test_broken_ones_are_collected_and_stop_nothing(own: Path) -> None:
    (own / "good.toml").write_text(OWN)
    (own / "latin.toml").write_bytes(b'id = "caf\xe9"\n')
    (own / "folder.toml").mkdir()
    (own / "syntax.toml").write_text('id = "x"\ntitle = \n')
    (own / "dangling.toml").symlink_to(own / "nowhere")
    os.mkfifo(own / "pipe.toml")
    (own / "deep.toml").write_text("x = " + "[" * 100_000)
    (own / "large.toml").write_text("#" * 1_100_000)
    (own / "empty.toml").touch()
    (own / "ignored.txt").write_text("no")
    found = load()
    assert found.get("weather")
    assert len(found.problems) == 8
    told = "\n".join(f"{p.title} {p.detail}" for p in found.problems)
    for name in ("latin", "folder", "syntax", "dangling", "pipe", "deep", "large", "empty"):
        assert f"{name}.toml" in told


def test_the_folder_itself_may_be_a_file(home: Path) -> None:
    (home / ".config/authwizard").mkdir(parents=True)
    (home / ".config/authwizard/services").write_text("no folder")
    assert load().get("faos")
    assert len(load().problems) == 1


def test_the_example_in_the_documentation_is_right() -> None:
    page = (ROOT / "docs/adding-a-service.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    service = parse(example, "adding-a-service.md")
    assert service.id == "weather"
    assert service.method("key").fields[0].id == "key"
    assert service.tools_for(frozenset({"forecast:read"}))
