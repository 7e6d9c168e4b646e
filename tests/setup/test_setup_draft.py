"""The six steps as plain state: what follows from a change, and what is cleared by it."""

from __future__ import annotations

import secrets

import pytest

from wizard import catalogue, setup
from wizard.errors import UsageError
from wizard.livetest import LiveTestReport, Step
from wizard.secret import Secret
from wizard.services import Service
from wizard.setup import Draft

GOOD = LiveTestReport("x", True, (Step("health", "health", True),))


def made() -> Secret:
    return Secret("faosx_" + secrets.token_urlsafe(32))


@pytest.fixture
def faos() -> Service:
    return catalogue.load().get("faos")


@pytest.fixture
def ready(faos: Service) -> Draft:
    d = setup.with_service(setup.new(), faos, faos.environment("prod"))
    method = faos.method("api_token")
    assert method is not None
    d = setup.with_method(d, method)
    d = setup.with_secret(d, "token", made())
    d = setup.with_preset(d, "analyst")
    return setup.with_test(d, GOOD)


def test_a_ready_draft_has_no_problem(ready: Draft) -> None:
    for step in setup.STEPS:
        assert setup.problems(ready, step) == (), step


def test_an_empty_draft_names_what_is_missing_at_each_step() -> None:
    d = setup.new()
    assert setup.problems(d, "service")[0].says == "Choose a service."
    for step in ("method", "credentials", "test", "activate"):
        assert setup.problems(d, step), step


@pytest.mark.parametrize(
    "change",
    [
        lambda d: setup.with_secret(d, "token", made()),
        lambda d: setup.with_source(d, "token", "env:OTHER"),
        lambda d: setup.with_setting(d, "tenant_id", "tenant-prod"),
        lambda d: setup.with_scopes(d, ["graph:read"]),
        lambda d: setup.with_tools(d, ["faos_get_context"]),
        lambda d: setup.with_method(d, d.service.method("service_account")),
        lambda d: setup.with_service(d, d.service, d.service.environment("staging")),
        lambda d: setup.with_service(d, d.service, d.environment, "https://other.invalid"),
    ],
)
def test_what_the_test_proved_falls_with_what_it_was_about(ready: Draft, change: object) -> None:
    assert change(ready).test is None  # type: ignore[operator]  # a lambda of the list above


@pytest.mark.parametrize(
    "change",
    [
        lambda d: setup.with_name(d, "other"),
        lambda d: setup.with_store(d, "file"),
        lambda d: setup.with_clients(d, [setup.ClientChoice("curl")]),
        lambda d: setup.with_service(d, d.service, d.environment),
        lambda d: setup.with_method(d, d.method),
        lambda d: setup.with_preset(d, "analyst"),
        lambda d: setup.with_secret(d, "token", d.secrets["token"]),
    ],
)
def test_going_back_and_on_again_keeps_the_test(ready: Draft, change: object) -> None:
    assert change(ready).test is GOOD  # type: ignore[operator]  # a lambda of the list above


def test_a_credential_does_not_follow_to_another_deployment(ready: Draft) -> None:
    moved = setup.with_service(ready, ready.service, ready.service.environment("staging"))  # type: ignore[union-attr,arg-type]  # ready has a service
    assert not moved.secrets
    assert moved.method is ready.method
    assert moved.scopes == ready.scopes


def test_another_method_and_back_loses_nothing(ready: Draft) -> None:
    assert ready.service is not None
    other = setup.with_method(ready, ready.service.method("service_account"))  # type: ignore[arg-type]  # it has one
    assert "token" not in setup.secrets_of(other)
    assert {p.field for p in setup.problems(other, "credentials")} == {
        "service_account_id",
        "service_account_secret",
    }
    back = setup.with_method(other, ready.method)  # type: ignore[arg-type]  # ready has one
    assert setup.secrets_of(back) == setup.secrets_of(ready)


def test_another_service_clears_all_but_the_clients(ready: Draft) -> None:
    d = setup.with_clients(ready, [setup.ClientChoice("vscode")])
    d = setup.with_service(setup.with_name(d, "mine"), catalogue.load().get("fleet"))
    assert (d.name, d.method, d.secrets, d.scopes) == ("", None, {}, ())
    assert d.clients == (setup.ClientChoice("vscode"),)


@pytest.mark.parametrize("tool", ["faos_get_context", "faos_run_workflow", "faos_nl_graph_query"])
def test_a_tool_brings_its_least_scopes_and_no_other(faos: Service, tool: str) -> None:
    d = setup.with_tools(setup.with_service(setup.new(), faos), [tool])
    need = next(t.scopes for t in faos.tools if t.name == tool)
    assert d.scopes == need
    assert tool in {t.name for t in setup.unlocked(d)}
    assert setup.wider(d) == ()
    assert setup.wider(setup.with_scopes(d, [*need, "metrics:read"])) == ("metrics:read",)


def test_an_unknown_scope_is_named(ready: Draft) -> None:
    d = setup.with_scopes(ready, ["graph:read", "everything:do"])
    assert [p.says for p in setup.problems(d, "permissions")] == ["FAOS has no scope `everything:do`."]


@pytest.mark.parametrize(
    ("service", "environment", "url", "name"),
    [
        ("faos", "prod", "", "faos-prod"),
        ("faos", "practice", "http://127.0.0.1:1", "faos-practice"),
        ("faos", "company", "https://api.yourcompany.faosx.ai", "faos-yourcompany"),
        ("fleet", "own", "https://fleet-mcp.example.com", "fleet-mcp"),
        ("fleet", "own", "https://fleet.example.com", "fleet"),
        ("mcp", "own", "http://127.0.0.1:8123/mcp", "mcp-local-8123"),
        ("mcp", "own", "https://mcp.example.com/mcp", "mcp-example"),
        ("mcp", "own", "https://ä.example/mcp", "mcp"),
        ("mcp", "own", "http://[::1]:9/mcp", "mcp-local-9"),
    ],
)
def test_the_suggested_name_can_be_one(service: str, environment: str, url: str, name: str) -> None:
    from wizard.connections import valid_name

    s = catalogue.load().get(service)
    d = setup.with_service(setup.new(), s, s.environment(environment), url)
    assert valid_name(setup.suggested_name(d)) == name


BAD_URLS = [
    "", " ", "fleet", "//x", "http://", "https://:80", "ftp://x/", "file:///etc/passwd", "javascript:alert(1)",
    "http://u:p@host/", "http://host:99999/", "http://host:0/", "http://ho st/", "http://host/\x00", "http://[::1/",
    "https://\u202eevil/", "http://" + "a" * 300 + ".example/", "http://host:port/", "https://x\n.example",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD_URLS)
def test_what_is_no_address_is_a_sentence_at_the_first_step(url: str) -> None:
    s = catalogue.load().get("fleet")
    d = setup.with_service(setup.new(), s, s.environment("own"), url)
    (problem,) = setup.problems(d, "service")
    assert problem.field == "url"
    assert problem.says.endswith(".")


def test_an_own_name_that_cannot_be_stops_before_anything_is_kept(ready: Draft) -> None:
    assert setup.problems(setup.with_name(ready, "a/b"), "activate")


async def test_nothing_is_kept_without_a_test(ready: Draft) -> None:
    async def prove(*_: object) -> LiveTestReport:
        return GOOD

    with pytest.raises(UsageError, match="not been tested"):
        await setup.activate(setup.with_test(ready, None), prove)
