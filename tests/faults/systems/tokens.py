"""Systems that are well: tokens that look like a fault of theirs, and are taken."""

from __future__ import annotations

import uuid

from oddities.odd_server import Odd

from ..fault import Words, system
from ..world import World


@system()
def token_of_keycloak_with_its_own_audience_beside_the_servers(world: World) -> Words:
    realm = world.pick("tools", "acme", "mcp")
    server = world.protected(
        Odd(change={"resource": {"authorization_servers": [f"{{issuer}}/realms/{realm}"]}})
    )
    token = server.issue(
        kind="JWT",
        iss=f"{server.own['issuer']}/realms/{realm}",
        aud=["account", server.mcp],
        azp="cursor",
        typ="Bearer",
    )
    return ("doctor", server.mcp, "--credential", world.secret(token))


@system()
def token_of_entra_at_a_server_whose_metadata_names_scopes_of_its_api(world: World) -> Words:
    tenant, app = uuid.uuid4(), uuid.uuid4()
    new = f"https://login.microsoftonline.com/{tenant}/v2.0"
    scopes = [f"api://{app}/read"]
    server = world.protected(
        Odd(change={"resource": {"authorization_servers": [new], "scopes_supported": scopes}})
    )
    # Microsoft's own APIs and older registrations get version 1, and many a server takes both
    issuer = world.pick(new, f"https://sts.windows.net/{tenant}/", new)
    token = server.issue(kind="JWT", iss=issuer, ver=world.pick("2.0", "1.0", "2.0"), scp="read", scope=None)
    return ("doctor", server.mcp, "--credential", world.secret(token))


@system()
def server_that_is_asked_what_the_person_expects(world: World) -> Words:
    server = world.protected()
    token = world.secret(server.issue())
    return (
        "doctor",
        server.mcp,
        "--credential",
        token,
        "--audience",
        server.mcp,
        "--issuer",
        server.own["issuer"],
    )
