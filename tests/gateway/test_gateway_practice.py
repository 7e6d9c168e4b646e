"""The practice gateway as a client meets it: its own refusals, its rules, and what it passes on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping

import pytest
from practice_gateway import settings_of, target_of

from diagnostics import ladder
from diagnostics.mcp import open_session
from sandbox import practice
from sandbox.gateway import GatewaySite
from sandbox.practice import Practice, PracticeService
from wizard.entries import Remote
from wizard.exchange import Reply
from wizard.secret import Secret
from wizard.transport import Transport

SERVERS = ["mcpgw", "atlassian", "currenttime", "fininfo", "public"]
METHODS = ["keycloak_token", "cognito_token"]


def ingress(gateway: PracticeService, name: str = "token") -> dict[str, Secret | str]:
    return {"X-Authorization": gateway.credentials[name].map("Bearer ")}


async def post(
    gateway: PracticeService, path: str, method: str, headers: Mapping[str, Secret | str], **params: object
) -> Reply:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    sent = {**headers, "Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    async with Transport(timeout=5) as transport:
        return await transport.send(
            "POST", gateway.url + path, headers=sent, body=json.dumps(message).encode()
        )


@pytest.mark.row("G8")
@pytest.mark.parametrize("server", SERVERS)
async def test_each_server_is_reached_and_keeps_its_session(running: Practice, server: str) -> None:
    entry = target_of(running, server).entry
    assert isinstance(entry, Remote)
    async with Transport(timeout=5) as transport, open_session(entry, transport) as session:
        await session.ping()
        tools = await session.tools()
        said = await session.call(tools[0].name, {})
    assert tools and not said.is_error


@pytest.mark.parametrize("method", METHODS)
async def test_only_the_egress_headers_reach_the_server_behind(running: Practice, method: str) -> None:
    async with Transport(timeout=5) as transport:
        report = await ladder.run(target_of(running, "atlassian", method=method), transport)
    assert report.ok, report
    behind = [s for s in running.seen if s.service == "gateway/atlassian"]
    assert behind
    for seen in behind:
        headers = dict(seen.headers)
        assert headers["authorization"] == "Bearer egress_token"
        assert headers["x-atlassian-cloud-id"] == "cloud_id"
        assert not {"x-authorization", "x-client-id", "x-region", "x-user-pool-id", "x-keycloak-url"} & set(
            headers
        )
    held = running.services["gateway"].credentials
    for secret in (held["token"], held["cognito_token"], held["egress_token"]):
        assert secret.reveal() not in repr(running.seen)


async def test_requests_are_seen_in_the_order_of_time(running: Practice) -> None:
    gateway = running.services["gateway"]
    async with Transport(timeout=5) as transport:
        for url in (
            f"{gateway.url}/health",
            f"{running.services['faos'].url}/health",
            f"{gateway.url}/health",
        ):
            await transport.send("GET", url)
    assert [s.service for s in running.seen] == ["gateway", "faos", "gateway"]


async def test_its_own_refusals(running: Practice) -> None:
    gateway = running.services["gateway"]
    none = await post(gateway, "/mcpgw/mcp", "initialize", {})
    false = await post(gateway, "/mcpgw/mcp", "initialize", {"X-Authorization": "Bearer nobody"})
    assert (none.status, none.json()) == (401, {"error": "Authentication required"})
    assert (false.status, false.json()) == (401, {"error": "Authentication required"})
    lesser = ingress(gateway, "token_restricted")
    for path, method, name in (
        ("/atlassian/mcp", "initialize", ""),
        ("/fininfo/mcp", "tools/call", "forget_stock_data"),
        ("/fininfo/mcp", "resources/list", ""),
        ("/fininfo/mcp", "server/discover", ""),
    ):
        refused = await post(gateway, path, method, lesser, name=name)
        assert (refused.status, refused.json()) == (403, {"error": "Access forbidden"}), method


async def test_the_server_behind_refuses_in_its_own_words(running: Practice) -> None:
    gateway = running.services["gateway"]
    held = gateway.credentials
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    with_token = {**ingress(gateway), "Authorization": held["egress_token"].map("Bearer ")}
    for headers, status in (
        (ingress(gateway), 401),
        ({**ingress(gateway), "Authorization": "Bearer nobody"}, 401),
        (with_token, 403),
        ({**with_token, "X-Atlassian-Cloud-Id": "another"}, 403),
        ({**with_token, "X-Atlassian-Cloud-Id": held["cloud_id"]}, 200),
    ):
        answer = await post(gateway, "/atlassian/mcp", "initialize", headers, **hello)
        assert answer.status == status
        if status != 200:
            assert answer.json()["code"] == status


@pytest.mark.parametrize("changed", ["X-User-Pool-Id", "X-Client-Id", "X-Region"])
async def test_cognito_wants_the_headers_that_belong_to_its_token(running: Practice, changed: str) -> None:
    gateway = running.services["gateway"]
    settings = settings_of(gateway, "cognito_token", "mcpgw")
    headers = {
        **ingress(gateway, "cognito_token"),
        "X-User-Pool-Id": settings["user_pool_id"],
        "X-Client-Id": settings["client_id"],
        "X-Region": settings["region"],
    }
    assert (await post(gateway, "/mcpgw/mcp", "ping", headers)).status == 400  # let in, and without a session
    assert (await post(gateway, "/mcpgw/mcp", "ping", {**headers, changed: "eu-west-9"})).status == 401


async def test_a_token_that_ended_or_of_another_realm_is_refused(running: Practice) -> None:
    site = running._sites["gateway"]
    assert isinstance(site, GatewaySite)
    gateway = running.services["gateway"]
    client = gateway.credentials["client_id"].reveal()
    past = int(time.time()) - 60
    for token in (
        site.idp.agent_token(client, exp=past),
        site.idp.agent_token(client, "master"),
        site.idp.agent_token(client, iss="https://elsewhere.invalid/realms/mcp-gateway"),
        site.idp.agent_token(client, aud="another"),
    ):
        refused = await post(gateway, "/mcpgw/mcp", "ping", {"X-Authorization": token.map("Bearer ")})
        assert refused.status == 401


async def test_another_keycloak_can_be_believed(running: Practice) -> None:
    """One practice's realm stands for the other Keycloak: its tokens count only where its issuer is named."""
    gateway = running.services["gateway"]
    site = running._sites["gateway"]
    assert isinstance(site, GatewaySite)
    issuer = f"{gateway.url}/realms/master"
    # a realm whose keys the second gateway does not have itself
    token = site.idp.agent_token(gateway.credentials["client_id"].reveal(), "master")
    sent = {"X-Authorization": token.map("Bearer ")}
    with practice.start(trusted=issuer) as other, practice.start() as third:
        assert (await post(other.services["gateway"], "/mcpgw/mcp", "ping", sent)).status == 400
        assert (await post(third.services["gateway"], "/mcpgw/mcp", "ping", sent)).status == 401


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_secret": "wrong"}, 401, "unauthorized_client"),
        ({"grant_type": "client_credentials", "client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "scope": "everything"}, 400, "invalid_scope"),
    ],
)
async def test_its_keycloak_refuses_as_keycloak_does(
    running: Practice, form: dict[str, str], status: int, error: str
) -> None:
    from urllib.parse import urlencode

    gateway = running.services["gateway"]
    held = gateway.credentials
    whole = {"client_id": held["client_id"].reveal(), "client_secret": held["client_secret"].reveal(), **form}
    url = f"{gateway.url}/realms/mcp-gateway/protocol/openid-connect/token"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with Transport(timeout=5) as transport:
        refused = await transport.send("POST", url, headers=kind, body=urlencode(whole).encode())
        nowhere = await transport.send("POST", url.replace("mcp-gateway", "moon"), headers=kind, body=b"")
    assert (refused.status, refused.json()["error"]) == (status, error)
    assert nowhere.status == 404


async def test_many_at_once(running: Practice) -> None:
    async def one(server: str) -> bool:
        async with Transport(timeout=10) as transport:
            return (await ladder.run(target_of(running, server), transport)).ok

    assert all(await asyncio.gather(*(one(s) for s in SERVERS[:4])))
