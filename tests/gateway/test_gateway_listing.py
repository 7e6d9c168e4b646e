"""The servers behind a gateway: as its registry lists them, and as its scripts' files name them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from practice_gateway import described, draft_of, secrets_of
from servers.raw import Asked, Raw, answer, raw_server

from sandbox.practice import Practice
from wizard import setup
from wizard.errors import FileProblem, UsageError
from wizard.gateway import listing, rules
from wizard.gateway.listing import GatewayServer, NotListed, list_servers
from wizard.secret import Secret
from wizard.transport import Transport

ALL = ["atlassian", "currenttime", "fininfo", "mcpgw", "public"]


@pytest.mark.parametrize("method", ["keycloak", "keycloak_token", "cognito", "cognito_token"])
async def test_the_registry_lists_what_the_credential_may_see(running: Practice, method: str) -> None:
    found = await list_servers(draft_of(running, "atlassian", method=method))
    assert [s.name for s in found] == ALL
    by_name = {s.name: s for s in found}
    assert by_name["atlassian"].wants_auth is True
    assert by_name["public"].wants_auth is False
    assert by_name["fininfo"].tools == 3
    assert by_name["mcpgw"].title
    # the credential of the server behind was for nobody here
    assert not [s for s in running.seen if s.service == "gateway/atlassian"]


async def test_a_group_with_less_sees_less(running: Practice) -> None:
    d = draft_of(running)
    d = setup.with_secret(d, "token", running.services["gateway"].credentials["token_restricted"])
    assert [s.name for s in await list_servers(d)] == ["currenttime", "fininfo", "mcpgw", "public"]


async def test_an_address_that_is_whole_already(running: Practice) -> None:
    service, environment, _ = described(running)
    d = draft_of(running, "fininfo")
    whole = f"{running.services['gateway'].url}/fininfo/mcp"
    d = setup.with_service(d, service, environment, whole)
    assert setup.plan(d).url == whole  # type: ignore[union-attr]  # a gateway's entry is remote
    assert [s.name for s in await list_servers(d)] == ALL


async def test_a_refusal_is_told(running: Practice) -> None:
    d = setup.with_secret(draft_of(running), "token", Secret("ey." + "x" * 20))
    with pytest.raises(NotListed) as raised:
        await list_servers(d)
    assert raised.value.status == 401


async def test_a_service_that_is_no_gateway(running: Practice) -> None:
    from wizard import catalogue

    service = catalogue.load().get("mcp")
    d = setup.with_service(setup.new(), service, service.environment("practice"))
    d = setup.with_secret(setup.with_method(d, service.methods[0]), "token", Secret("x" * 20))
    with pytest.raises(UsageError) as raised:
        await list_servers(d)
    assert raised.value.id == "no-listing"


async def _listed(raw: Raw) -> tuple[GatewayServer, ...]:
    from wizard import catalogue

    service = catalogue.load().get("gateway")
    headers = {"X-Authorization": Secret("Bearer " + "a" * 30), "Authorization": Secret("Bearer " + "b" * 30)}
    async with Transport(timeout=5) as transport:
        return await listing.listed(service, raw.url(""), headers, transport)


async def test_pages_are_followed_and_only_the_first_leg_is_sent() -> None:
    pages = {
        "/v0/servers": {
            "servers": [{"server": {"name": "io.mcpgateway/one"}}],
            "metadata": {"nextCursor": "x&y"},
        },
        "/v0/servers?cursor=x%26y": {
            "servers": [{"server": {"name": "io.mcpgateway/two", "title": "Two\u202e"}}]
        },
    }

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, pages[asked.path]))

    async with raw_server(reply) as raw:
        found = await _listed(raw)
    assert [s.name for s in found] == ["one", "two"]
    assert found[1].title == "Two"
    sent = {v for a in raw.asked for n, v in a.headers.items() if n in ("authorization", "x-authorization")}
    assert sent == {"Bearer " + "a" * 30}


async def test_the_shorter_form_is_read_where_the_first_is_not_there() -> None:
    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        body = {
            "servers": [
                {"display_name": "Time", "path": "/time/", "is_enabled": True, "auth_scheme": "none"},
                7,
            ]
        }
        writer.write(
            answer(200, body) if asked.path == "/api/servers" else answer(404, {"detail": "Not Found"})
        )

    async with raw_server(reply) as raw:
        assert await _listed(raw) == (GatewayServer("time", "Time", wants_auth=False, enabled=True),)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"servers": 3}', b"[" * 100_000])
async def test_what_is_no_list_is_told(body: bytes) -> None:
    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, body))

    async with raw_server(reply) as raw:
        with pytest.raises(NotListed) as raised:
            await _listed(raw)
    assert raised.value.status is None


def test_the_files_of_its_scripts(tmp_path: Path) -> None:
    headers = {"X-Authorization": "Bearer x"}
    entries = {
        "mcpgw": {"headers": headers},
        "atlassian": {"headers": {**headers, "Authorization": "Bearer y"}},
    }
    for name, content in (
        ("mcp.json", {"mcpServers": entries}),
        ("vscode_mcp.json", {"mcp": {"servers": entries}}),
    ):
        place = tmp_path / name
        place.write_text(json.dumps(content))
        found = listing.from_config(place)
        assert [(s.name, s.wants_auth) for s in found] == [("atlassian", True), ("mcpgw", False)]
    (tmp_path / "mcp.json").write_text("[")
    with pytest.raises(FileProblem):
        listing.from_config(tmp_path / "mcp.json")


def test_the_rules_name_servers_as_well() -> None:
    text = "group_mappings: {a: [s]}\ns: [{server: one}]\nt: [{server: two/}]"
    found = rules.parse(text, "scopes.yml")
    assert [s.name for s in listing.from_rules(found)] == ["one", "two"]
    assert [s.name for s in listing.from_rules(found, ["a"])] == ["one"]
    assert listing.from_rules(found, ["A"]) == ()


def test_nothing_is_asked_without_a_choice(running: Practice) -> None:
    with pytest.raises(UsageError):
        asyncio.run(list_servers(setup.new()))
    assert secrets_of(running.services["gateway"], "none", "mcpgw") == {}
