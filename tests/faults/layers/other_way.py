"""Faults of a credential that is not looked at: sent in another way than the server reads, or refused before that."""

from __future__ import annotations

from servers.scripted import Asked, Reply

from ..fault import Words, fault
from ..mcp_site import McpSite, behind, doctor
from ..world import World


@fault(
    "credential-wanted-another-way",
    source="trip2g/trip2g#279, docker/mcp-registry#4622, plone/plone.restapi#291",
)
def read_elsewhere(world: World) -> Words:
    held = McpSite(world.variant.path)
    name, before_it = world.pick(
        ("x-api-key", ""), ("authorization", "Token "), ("x-authorization", "Bearer ")
    )
    refusal = world.pick(
        Reply(401, {"error": "Missing X-API-Key header"}, headers=(("Server", "Apache/2.4.62"),)),
        Reply(401, {"detail": "Credentials were not provided."}, headers=(("WWW-Authenticate", "Token"),)),
        Reply(401, {"detail": "Authentication required"}),
    )

    def before(asked: Asked) -> Reply | None:
        if asked.path != held.path:
            return Reply(404)
        return held.spoken(asked) if asked.headers.get(name) == before_it + held.token else refusal

    site, _ = behind(world, before, held)
    return doctor(world, site, held)


@fault(
    "forbidden-whatever-the-credential",
    source="RFC 9110 section 15.5.4",
    alone=False,
    certainty="likely",
)
def forbidden_to_all(world: World) -> Words:
    refusal = world.pick(
        Reply(403, {"error": "forbidden", "message": "Access denied"}),
        Reply(403, "Forbidden", "text/plain"),
        Reply(403, {"message": "Not available"}),
    )
    site, held = behind(world, lambda _: refusal)
    return doctor(world, site, held)
