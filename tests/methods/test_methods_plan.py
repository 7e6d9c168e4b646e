"""From choices to headers, variables and slots."""

from __future__ import annotations

import re
import secrets
import sys

import pytest

from wizard import methods
from wizard.catalogue import load, parse
from wizard.choice import Choice
from wizard.entries import RemotePlan, Slot, StdioPlan, realise, slots
from wizard.errors import UsageError
from wizard.secret import Secret
from wizard.services import Environment, Method, Service

TOKEN = Secret(secrets.token_urlsafe(24))


def of(service: str, method: str, environment: str = "") -> tuple[Service, Environment, Method]:
    found = load().get(service)
    place = found.environment(environment) if environment else found.environments[0]
    way = found.method(method)
    assert place is not None
    assert way is not None
    return found, place, way


def test_faos_token_as_its_document_shows_it() -> None:
    plan = methods.entry_plan(Choice(*of("faos", "api_token"), name="faos"))
    assert plan == StdioPlan(
        "faos",
        ("faos-mcp",),
        {"FAOS_API_URL": ("https://api.faosx.ai",), "FAOS_API_TOKEN": (Slot("token", "FAOS_API_TOKEN"),)},
    )


def test_two_tenants_have_their_own_variables() -> None:
    prod = methods.entry_plan(
        Choice(*of("faos", "api_token"), name="faos-prod", settings={"tenant_id": "tenant-prod"})
    )
    staging = methods.entry_plan(
        Choice(
            *of("faos", "api_token", "staging"), name="faos-staging", settings={"tenant": "tenant-staging"}
        )
    )
    assert isinstance(prod, StdioPlan)
    assert isinstance(staging, StdioPlan)
    assert prod.env["FAOS_TENANT_ID"] == ("tenant-prod",)
    assert staging.env["FAOS_TENANT_ID"] == ("tenant-staging",)
    assert staging.env["FAOS_API_URL"] == ("https://staging-api.faosx.ai",)
    assert [s.variable for s in slots(prod)] == ["FAOS_PROD_TOKEN"]
    assert [s.variable for s in slots(staging)] == ["FAOS_STAGING_TOKEN"]


def test_faos_service_account() -> None:
    plan = methods.entry_plan(
        Choice(*of("faos", "service_account"), name="faos", settings={"client_id": "sa_k3"})
    )
    entry = realise(plan, {"service_account_secret": TOKEN})
    assert entry.env["FAOS_SERVICE_ACCOUNT_ID"].reveal() == "sa_k3"
    assert entry.env["FAOS_SERVICE_ACCOUNT_SECRET"] == TOKEN
    assert "FAOS_TENANT_ID" not in entry.env


def test_faos_sso_has_no_secret_of_ours() -> None:
    service, place, method = of("faos", "sso", "company")
    plan = methods.entry_plan(
        Choice(
            service,
            place,
            method,
            name="faos",
            url="https://api.acme.faosx.ai",
            settings={"sso_domain": "acme.com"},
        )
    )
    assert isinstance(plan, StdioPlan)
    assert plan.env == {
        "FAOS_API_URL": ("https://api.acme.faosx.ai",),
        "FAOS_AUTH_METHOD": ("sso",),
        "FAOS_SSO_DOMAIN": ("acme.com",),
    }
    assert methods.refusal(method, "https://api.acme.faosx.ai") == ""
    assert methods.missing(service, method, {}, set())[0].id == "sso_domain"


def test_practice_is_started_with_this_python() -> None:
    plan = methods.entry_plan(
        Choice(*of("faos", "api_token", "practice"), name="faos-practice", url="http://127.0.0.1:1")
    )
    assert isinstance(plan, StdioPlan)
    assert plan.command == (sys.executable, "-m", "sandbox.faos_mcp")


def test_a_real_stdio_service_sends_no_header_that_no_document_names() -> None:
    assert methods.headers(Choice(*of("faos", "api_token"), secrets={"token": TOKEN})) == {}
    practice = of("faos", "api_token", "practice")
    assert methods.headers(Choice(*practice, secrets={"token": TOKEN})) == {
        "Authorization": TOKEN.map("Bearer ")
    }
    account = of("faos", "service_account", "practice")
    assert methods.headers(
        Choice(*account, settings={"service_account_id": "sa_k3"}, secrets={"service_account_secret": TOKEN})
    ) == {
        "X-FAOS-Service-Account-Id": Secret("sa_k3"),
        "X-FAOS-Service-Account-Secret": TOKEN,
    }


@pytest.mark.parametrize("method", ["token_file", "bearer"])
def test_fleet(method: str) -> None:
    plan = methods.entry_plan(Choice(*of("fleet", method), name="fleet", url="https://fleet-mcp.example.com"))
    assert plan == RemotePlan(
        "fleet",
        "https://fleet-mcp.example.com",
        {"Authorization": ("Bearer ", Slot("token", "FLEET_TOKEN"))},
    )
    assert methods.headers(Choice(*of("fleet", method), secrets={"token": TOKEN})) == {
        "Authorization": TOKEN.map("Bearer ")
    }


def test_where_fleets_token_is_found() -> None:
    service, _, method = of("fleet", "token_file")
    assert methods.sources(service, method, {}, {}) == {"token": "file:~/.fleet-mcp/auth_token"}
    environ = {"FLEET_MCP_AUTH_TOKEN_FILE": "/custom/path/token.json"}
    assert methods.sources(service, method, {}, environ) == {"token": "file:/custom/path/token.json"}
    assert methods.sources(service, method, {"token_file": "/mine"}, environ) == {"token": "file:/mine"}
    assert methods.sources(service, method, {"token_file": "file:/mine#x"}, environ) == {
        "token": "file:/mine#x"
    }
    assert methods.missing(service, method, {}, frozenset()) == ()
    bearer = service.method("bearer")
    assert bearer is not None
    assert methods.sources(service, bearer, {"token_file": "/mine"}, environ) == {}
    assert [f.id for f in methods.missing(service, bearer, {}, frozenset())] == ["token"]


def test_a_header_that_a_person_names() -> None:
    target = of("mcp", "api_key_header")
    one = methods.entry_plan(Choice(*target, name="mcp", url="https://x.example"))
    assert one.headers == {"X-API-Key": (Slot("header.X-API-Key", "MCP_X_API_KEY"),)}
    renamed = {"header_name": "X-Acme"}
    two = methods.entry_plan(Choice(*target, name="mcp", url="https://x.example", settings=renamed))
    assert two.headers == {"X-Acme": (Slot("header.X-API-Key", "MCP_X_API_KEY"),)}
    given = {"header.X-Acme-Key": TOKEN}
    three = methods.entry_plan(
        Choice(
            *target,
            name="acme-1",
            url="https://x.example",
            settings={"header_name": "X-API-Key", "header.X-Team": "blue"},
            kept=given,
        )
    )
    assert three.headers == {
        "X-Acme-Key": (Slot("header.X-Acme-Key", "ACME_1_X_ACME_KEY"),),
        "X-Team": ("blue",),
    }
    assert methods.headers(Choice(*target, settings={"header.X-Team": "blue"}, secrets=given)) == {
        "X-Acme-Key": TOKEN,
        "X-Team": Secret("blue"),
    }
    assert methods.headers(Choice(*target, settings=renamed, secrets={"header.X-API-Key": TOKEN})) == {
        "X-Acme": TOKEN
    }
    service, _, method = target
    assert methods.missing(service, method, {}, frozenset(given)) == ()
    assert [f.id for f in methods.missing(service, method, {}, frozenset())] == ["header.X-API-Key"]


def test_a_header_given_by_name_takes_the_place_of_the_methods_own() -> None:
    target = of("mcp", "bearer")
    plan = methods.entry_plan(
        Choice(*target, name="mcp", url="https://x.example", kept=("token", "header.authorization"))
    )
    assert plan.headers == {"authorization": (Slot("header.authorization", "MCP_AUTHORIZATION"),)}


@pytest.mark.parametrize(
    "given",
    [{"header_name": "X Key"}, {"header_name": "X-Key:"}, {"header.X-A": "a\r\nX-B: c"}, {"header.": "a"}],
)
def test_what_cannot_be_a_header_is_refused_without_repeating_it(given: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        methods.entry_plan(
            Choice(*of("mcp", "api_key_header"), name="mcp", url="https://x.example", settings=given)
        )
    assert caught.value.id == "header-invalid"
    assert "X-B" not in f"{caught.value} {caught.value.detail}"


def test_a_secret_that_is_not_there_leaves_its_header_out() -> None:
    assert methods.headers(Choice(*of("mcp", "bearer"))) == {}


def test_the_older_transport_is_asked_for_by_name() -> None:
    target = of("mcp", "none")
    plan = methods.entry_plan(
        Choice(*target, name="mcp", url="https://x.example", settings={"transport": "sse"})
    )
    assert isinstance(plan, RemotePlan)
    assert plan.transport == "sse"
    with pytest.raises(UsageError):
        methods.entry_plan(
            Choice(*target, name="mcp", url="https://x.example", settings={"transport": "carrier"})
        )


@pytest.mark.parametrize(
    "url", ["http://mcp.example.com/x", "HTTP://10.0.0.7:80", "http://localhost.example.com"]
)
def test_no_credential_over_plain_http(url: str) -> None:
    bearer, none = of("mcp", "bearer")[2], of("mcp", "none")[2]
    assert "http" in methods.refusal(bearer, url)
    assert methods.refusal(bearer, url, frozenset({"http"})) == ""
    assert methods.refusal(none, url) == ""


@pytest.mark.parametrize(
    "url",
    ["", "https://mcp.example.com", "http://127.0.0.1:8000/mcp", "http://localhost:1", "http://[::1]:1/"],
)
def test_https_and_this_machine_are_fine(url: str) -> None:
    assert methods.refusal(of("mcp", "bearer")[2], url) == ""


def test_a_kind_that_needs_more_than_this_version_can_do() -> None:
    method = Method("company", "sso", "Company login")
    assert "Company login" in methods.refusal(method, "https://x.example")


def test_no_two_connections_share_a_variable() -> None:
    service, _, method = of("faos", "api_token")
    names = ["faos", "faos-prod", "faos-staging", "faos-api", "1st", "a.b"]
    made = [methods.variable_of(service, method, name, "token") for name in names]
    assert made[0] == "FAOS_API_TOKEN"
    assert len(set(made)) == len(names)
    assert all(re.fullmatch(r"[A-Z_][A-Z0-9_]*", variable) for variable in made)


OPTIONAL = """
id = "acme"
title = "Acme"
summary = "Acme."
entry = "remote"
speaks = "mcp"
[[environments]]
id = "prod"
title = "Production"
url = "https://acme.example.com"
settings = { team = "blue" }
[[methods]]
id = "key"
kind = "api_key_header"
[methods.headers]
X-Both = "{team}-{region}"
[[methods.fields]]
id = "header.X-Acme"
title = "Key"
secret = true
[[methods.fields]]
id = "header.X-Extra"
title = "Second key"
secret = true
required = false
[[methods.fields]]
id = "team"
title = "Team"
[[methods.fields]]
id = "region"
title = "Region"
required = false
default = "eu"
"""


def test_defaults_presets_and_what_is_not_required() -> None:
    service = parse(OPTIONAL, "acme.toml")
    place, method = service.environments[0], service.methods[0]
    plan = methods.entry_plan(Choice(service, place, method, name="acme"))
    assert plan.headers == {
        "X-Both": ("blue", "-", "eu"),
        "X-Acme": (Slot("header.X-Acme", "ACME_X_ACME"),),
    }
    typed = methods.entry_plan(
        Choice(
            service,
            place,
            method,
            name="acme",
            settings={"team": "red"},
            kept=("header.X-Acme", "header.X-Extra"),
        )
    )
    assert typed.headers["X-Both"] == ("red", "-", "eu")
    assert typed.headers["X-Extra"] == (Slot("header.X-Extra", "ACME_X_EXTRA"),)


def test_nothing_secret_stands_in_a_plan() -> None:
    for service in load().services:
        for place in service.environments:
            for method in service.methods:
                plan = methods.entry_plan(Choice(service, place, method, name="n", url="https://x.example"))
                used = {slot.field for slot in slots(plan)}
                wanted = {f.id for f in method.derived or method.fields if f.secret}
                assert method.unavailable or used == wanted
