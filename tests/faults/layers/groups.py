"""Faults of the layer group: the group is there, and written or placed otherwise; or there are too many."""

from __future__ import annotations

import secrets
import uuid

from oddities.odd_server import Answer, Odd

from ..fault import Words, fault
from ..world import World
from .scope_forms import asked_for, forbidden


def naming(world: World, *groups: str) -> Answer:
    """How servers word that a group is missing."""
    one = groups[0]
    return world.pick(
        forbidden({"error": "forbidden", "message": f"Access denied: requires group '{one}'"}),
        forbidden({"detail": "User is not authorized", "required_groups": list(groups)}),
        forbidden(f"403 Forbidden: user is not a member of group {one}", kind="text/plain"),
    )


@fault("group-leading-slash-path", source="defenseunicorns/uds-core#603")
def with_its_path(world: World) -> Words:
    group = world.pick("mcp-servers-unrestricted", "platform_ops", "data-readers")
    held = world.pick(f"/{group}", f"/acme/{group}", f"/{group}/")
    return asked_for(world, naming(world, group), groups=[held, "/everybody"])


@fault("group-name-case-or-hyphen", source="terrakube-io/terrakube#3257")
def nearly_so_called(world: World) -> Words:
    group = world.pick("mcp-servers", "TERRAKUBE_ADMIN", "Data Readers")
    held = world.pick("MCP-Servers", "terrakube-admin", "data_readers")
    return asked_for(world, naming(world, group), groups=[held, "everybody"])


@fault("groups-claim-name-differs", source="aws/aws-aspnet-cognito-identity-provider#86")
def in_another_claim(world: World) -> Words:
    group = world.pick("boreholes-user", "writers", "ops")
    claim = world.pick("cognito:groups", "https://acme.test/claims/groups", "memberOf")
    answer = world.pick(
        naming(world, group),
        forbidden(
            {
                "error": "access_denied",
                "error_description": f"group '{group}' required; groups claim not found",
            }
        ),
        naming(world, group),
    )
    return asked_for(world, answer, **{claim: [group, "everybody"]})


@fault("groups-overage-entra", source="IBM/mcp-context-forge#2201")
def too_many(world: World) -> Words:
    graph = "https://graph.microsoft.com/v1.0/users/me/getMemberObjects"
    mark = world.pick(
        {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": graph}}},
        {"hasgroups": True},
        {
            "_claim_names": {"groups": "src1"},
            "_claim_sources": {"src1": {"endpoint": graph}},
            "wids": [str(uuid.uuid4())],
        },
    )
    answer = world.pick(
        forbidden({"detail": "Admin privileges required: user is in no admin group"}),
        forbidden(
            {
                "error": "forbidden",
                "message": "Authenticated identity is not allowlisted for this deployment.",
            }
        ),
        naming(world, str(uuid.uuid4())),
    )
    return asked_for(world, answer, **mark)


@fault("groups-guid-vs-name", source="gravitational/teleport#69776")
def ids_for_names(world: World) -> Words:
    some = [str(uuid.uuid4()) for _ in range(3)]
    wanted = world.pick("teleport-admins", str(uuid.uuid4()), "MCP Users")
    held = world.pick(some, ["platform", "mcp-users"], some[:1])
    answer = world.pick(
        naming(world, wanted),
        naming(world, wanted),
        forbidden({"message": f"missing required group: '{wanted}'"}),
    )
    words = asked_for(world, answer, groups=held)
    return (*words, "--require-group", wanted) if world.variant.number == 2 else words


@fault("user-not-in-group", source="MCP Gateway Registry: Authentication and Authorization Guide")
def in_no_such_group(world: World) -> Words:
    group = world.pick("mcp-servers-unrestricted", "admins", "finance-readers")
    held = world.pick(["mcp-servers-restricted"], ["developers", "everybody"], ["hr"])
    return asked_for(world, naming(world, group, "auditors"), groups=held)


def with_user_info(world: World, answer: Answer, now: list[str], **claims: object) -> Words:
    """An issuer that tells the groups of the account as they are now."""

    def live(groups: list[str]) -> Answer:
        return Answer(body={"sub": "somebody", "groups": groups})

    odd = Odd(
        instead={"accepted": answer, "openid": Answer(body={}), "userinfo": live(now)},
        change={"issuer": {"userinfo_endpoint": "{issuer}/userinfo"}},
    )
    server = world.protected(odd)
    server.places[world.variant.issuer_host, "/userinfo"] = "userinfo"
    token = server.issue(scope="read openid", **claims)
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault(
    "group-changed-after-token-issued",
    source="agentic-community/mcp-gateway-registry docs/keycloak-integration.md",
    certainty="likely",
    alone=False,
)
def joined_since(world: World) -> Words:
    group = world.pick("mcp-servers-unrestricted", "admins", f"team-{secrets.token_hex(2)}")
    before = world.pick(["mcp-servers-restricted"], [], ["everybody"])
    return with_user_info(world, naming(world, group), [*before, group], groups=before)


@fault("groups-mapper-missing", source="microcks/microcks#553")
def no_mapper(world: World) -> Words:
    group = world.pick("manager", "mcp-servers-unrestricted", "ops")
    answer = naming(world, group)
    return with_user_info(world, answer, [group, "everybody"], preferred_username="ann")
