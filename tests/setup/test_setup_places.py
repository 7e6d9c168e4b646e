"""Which clients are offered, in which order, and for what."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard import catalogue, setup
from wizard.entries import RemotePlan, Slot, StdioPlan
from wizard.secret import Secret
from wizard.setup import Draft, places
from wizard.setup.places import Place

SLOT = Slot("token", "TOKEN")
REMOTE = RemotePlan("mine", "https://example.com/mcp", {"Authorization": ("Bearer ", SLOT)})
API = RemotePlan("mine", "https://example.com/api", {"Authorization": ("Bearer ", SLOT)}, speaks="api")
STDIO = StdioPlan("mine", ("true",), {"TOKEN": (SLOT,)})


def found(*ids: str) -> tuple[Place, ...]:
    from dataclasses import replace

    return places.in_order([replace(p, found=p.choice.client in ids) for p in places.places()])


@pytest.mark.parametrize(
    ("ids", "plan", "speaks", "first"),
    [
        ((), REMOTE, "mcp", "claude-code project"),
        (("vscode", "curl", "env"), REMOTE, "mcp", "vscode project"),
        (("cursor",), STDIO, "mcp", "cursor project"),
        (("claude-code", "curl", "env"), API, "api", "env project"),
    ],
)
def test_what_is_ticked_where_nobody_chose(
    home: Path, ids: tuple[str, ...], plan: RemotePlan | StdioPlan, speaks: str, first: str
) -> None:
    assert places.first_choice(found(*ids), plan, speaks) == (first,)


def test_those_on_this_machine_are_offered_first(home: Path) -> None:
    offered = found("cursor", "curl")
    assert [p.choice.client for p in offered[:3]] == ["cursor", "cursor", "curl"]
    assert not any(p.found for p in offered[3:])
    assert len({p.id for p in offered}) == len(offered)
    # two clients may read one file, as some read a project's `.mcp.json`
    files = [(p.choice.client, p.path) for p in offered if p.path]
    assert len(set(files)) == len(files)


def test_an_api_is_not_written_into_an_mcp_client(home: Path) -> None:
    for place in places.places():
        assert bool(places.shut(place, API, "api")) is place.mcp
    assert all(places.shut(p, STDIO, "mcp") for p in places.places() if not p.mcp)


def gateway() -> Draft:
    service = catalogue.load().get("gateway")
    d = setup.with_service(setup.new(), service, service.environment("own"), "https://gw.example.com")
    d = setup.with_method(d, service.methods[0])
    return setup.with_name(setup.with_setting(d, "server", "atlassian"), "first")


def test_another_server_of_a_gateway_keeps_the_rest() -> None:
    d = setup.with_setting(gateway(), "client_id", "agent-x-m2m")
    again = setup.another_of_list(d)
    assert (again.name, again.settings) == ("", {"client_id": "agent-x-m2m"})
    assert (again.service, again.environment, again.method, again.url) == (
        d.service,
        d.environment,
        d.method,
        d.url,
    )
    field = setup.chosen_from_list(d)
    assert field is not None
    assert field.id == "server"


def test_another_server_drops_what_was_for_the_one_behind() -> None:
    d = setup.with_secret(gateway(), "client_secret", Secret("ours" * 5))
    d = setup.with_secret(d, "egress_token", Secret("theirs" * 5))
    d = setup.with_source(d, "egress_token", "env:ATLASSIAN")
    for field, text in (("cloud_id", "923a"), ("egress_provider", "atlassian"), ("path", "sse")):
        d = setup.with_setting(d, field, text)
    again = setup.another_of_list(d)
    assert set(again.secrets) == {"client_secret"}
    assert (again.sources, again.settings) == ({}, {})
    own = setup.own_secret(again)
    assert own is not None
    assert own.id == "egress_token"


def test_a_way_that_is_refused_anyway_is_not_offered() -> None:
    d = setup.with_setting(gateway(), "client_id", "agent-x-m2m")
    assert d.method is not None
    assert d.method.kind == "client_credentials"
    offered = places.ways("claude-code", setup.plan(d))
    assert offered
    assert "inline" not in offered
    token = setup.with_method(d, next(m for m in d.service.methods if m.id == "keycloak_token"))  # type: ignore[union-attr]  # it is the gateway
    assert "inline" in places.ways("claude-code", setup.plan(token))


async def test_a_service_without_a_list_offers_none() -> None:
    faos = catalogue.load().get("faos")
    d = setup.with_method(setup.with_service(setup.new(), faos), faos.methods[0])
    assert setup.chosen_from_list(d) is None
    assert setup.another_of_list(d) == d
    assert await setup.offers(d, setup.fields(d)[0]) == ()
