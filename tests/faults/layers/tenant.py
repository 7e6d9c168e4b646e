"""Faults of the layer tenant: for which part of a service a request is meant, and who stands behind a gateway."""

from __future__ import annotations

import time
import uuid

import jwt
from servers.scripted import Asked, Reply

from wizard import connections
from wizard.connections import Connection

from ..fault import Words, fault
from ..refusing import Api, made
from ..world import World

_FUSIONAUTH = (
    "A Tenant Id is required to complete this request. To complete this request, you may assign a Tenant to your API"
    " key, or add the X-FusionAuth-TenantId HTTP request header with the Tenant Id."
)


@fault("tenant-header-missing-or-wrong", source="FusionAuth/go-client#29")
def no_tenant(world: World) -> Words:
    mine, token = str(uuid.uuid4()), made()
    header, given = world.pick(("X-FusionAuth-TenantId", ""), ("X-Org-Id", "umbrella"), ("X-Tenant", "blue"))
    missing = {"fieldErrors": {}, "generalErrors": [{"code": "[TenantIdRequired]", "message": _FUSIONAUTH}]}
    refusal = world.pick(
        Reply(400, missing),
        Reply(403, {"error": "forbidden", "message": "You are not a member of this organization"}),
        Reply(404, {"detail": "Not found"}),
    )

    def known(asked: Asked) -> Reply:
        held = asked.headers.get(header.lower(), None if world.variant.number == 0 else mine)
        return Reply(body={"users": []}) if held == mine else refusal

    path = world.pick("/api/user", "/v2/projects", "/rest/boards")
    url = (
        Api(known, Reply(401, {"message": "Unauthorized"})).serve(world, token).url(path, world.variant.host)
    )
    more = ("--header", f"{header}={world.secret(given)}") if given else ()
    return ("doctor", url, "--kind", "api", "--credential", world.readable(token), *more)


@fault("egress-token-refused", source="https://github.com/agentic-community/mcp-gateway-registry")
def behind_the_gateway(world: World) -> Words:
    egress, held = made("", 40), dict[str, str]()
    server = world.pick("atlassian", "github", "gdrive")
    said = world.pick(
        "Unauthorized; token expired", "Bad credentials", "Request had invalid authentication credentials"
    )

    def answer(asked: Asked) -> Reply:
        if asked.headers.get("x-authorization") != f"Bearer {held['ingress']}":
            return Reply(401, {"detail": "Missing or invalid Authorization header. Expected: Bearer <token>"})
        if asked.path in ("/v0/servers", "/v0.1/servers", "/api/servers"):
            named = {"name": f"io.mcpgateway/{server}", "path": f"/{server}"}
            return Reply(body={"servers": [{"server": named, **named}], "metadata": {"count": 1}})
        return Reply(world.pick(401, 401, 403), {"message": said if asked.bearer else "Unauthorized"})

    base = world.serve(answer).url("", world.variant.host)
    now = int(time.time())
    claims = {"iss": f"{base}/realms/mcp-gateway", "groups": ["mcp-servers-unrestricted"]}
    held["ingress"] = jwt.encode({**claims, "iat": now, "exp": now + 86400}, made("", 64), algorithm="HS256")
    folder = world.file("secrets/token", held["ingress"], 0o644)
    settings = {
        "server": server,
        "client_id": "agent-blue-m2m",
        "keycloak_realm": "mcp-gateway",
        "keycloak_url": base,
    }
    sources = {"token": f"file:{folder}", "egress_token": world.secret(egress)}
    connections.save(Connection("gate", "gateway", "own", base, "keycloak_token", settings, sources))
    return ("doctor", "gate")
