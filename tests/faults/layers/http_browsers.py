"""Faults that only a client in a browser meets: warnings, for every other client works."""

from __future__ import annotations

from servers.scripted import Asked, Reply

from ..fault import Words, fault
from ..mcp_site import McpSite, behind, doctor
from ..world import World

_EVERYBODY = ("Access-Control-Allow-Origin", "*")
_EXPOSED = ("Access-Control-Expose-Headers", "Mcp-Session-Id, WWW-Authenticate")


@fault("cors-preflight-requires-auth", source="hauptsacheNet/typo3-mcp-server#115", advice=True)
def preflight_refused(world: World) -> Words:
    held = McpSite(world.variant.path, headers=(_EVERYBODY, _EXPOSED))

    def before(asked: Asked) -> Reply | None:
        if asked.method != "OPTIONS":
            return None
        refused = held.refused(asked)
        allowed = (_EVERYBODY, ("Access-Control-Allow-Headers", "content-type"))
        return world.pick(refused, Reply(405, {"detail": "Method Not Allowed"}), Reply(204, headers=allowed))

    site, _ = behind(world, before, held)
    return doctor(world, site, held)


@fault("cors-www-authenticate-not-exposed", source="twentyhq/twenty#19836", advice=True)
def challenge_hidden(world: World) -> Words:
    origin = world.pick("*", "https://app.acme.test", "*")
    more = world.pick((), (("Access-Control-Expose-Headers", "Mcp-Session-Id"),), ())
    allowed = ("Access-Control-Allow-Headers", "Authorization, Content-Type, Mcp-Protocol-Version")
    held = McpSite(world.variant.path, headers=(("Access-Control-Allow-Origin", origin), allowed, *more))
    site, _ = behind(
        world, lambda a: Reply(204, headers=held.headers) if a.method == "OPTIONS" else None, held
    )
    return doctor(world, site, held)
