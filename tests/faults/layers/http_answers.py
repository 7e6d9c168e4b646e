"""Faults of the layer http: who answers, and whether at the right place."""

from __future__ import annotations

from servers.scripted import Asked, Reply

from ..fault import Words, fault
from ..mcp_site import McpSite, behind, doctor
from ..world import World


@fault("wrong-transport-or-endpoint-path", source="modelcontextprotocol/typescript-sdk#1635")
def at_another_path(world: World) -> Words:
    refusal = world.pick(
        Reply(404, {"detail": "Not Found"}),
        Reply(405, "Method Not Allowed", "text/plain", (("Allow", "GET"),)),
        Reply(404, "<html><body><pre>Cannot POST /teams/blue</pre></body></html>", "text/html"),
    )
    right = world.pick("/mcp", "/v1/tools/mcp", "/teams/blue/mcp")
    wrong = world.pick("/", "/v1/tools", "/teams/blue")
    site, held = behind(world, lambda a: refusal if a.path == wrong else None, McpSite(right))
    token = world.readable(held.token)
    return ("doctor", world.url(site, wrong), "--kind", "mcp", "--credential", token)


@fault("access-proxy-redirects-to-login", source="coder/coder#8297")
def a_person_has_to_log_in(world: World) -> Words:
    place = world.pick(
        "https://acme.cloudflareaccess.com/cdn-cgi/access/login/mcp?kid=1",
        "/oauth2/start?rd=%2Fmcp",
        "https://login.acme.test/authorize?client_id=gate&response_type=code&scope=openid",
    )
    site, held = behind(world, lambda _: Reply(302, headers=(("Location", place),)))
    return doctor(world, site, held)


@fault("server-error", source="RFC 9110 section 15.6")
def fails_itself(world: World) -> Words:
    reply = world.pick(
        Reply(500, {"error": "internal_error", "message": "Database is not reachable"}),
        Reply(503, "Service Unavailable", "text/plain", (("Retry-After", "30"),)),
        Reply(502, "<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html", (("Server", "nginx"),)),
    )
    site, held = behind(world, lambda _: reply)
    return doctor(world, site, held)


@fault("auth-error-hidden-in-200", source="ProfessionalWiki/MediaWiki-MCP-Server#443")
def refused_within_a_success(world: World) -> Words:
    held = McpSite(world.variant.path)

    def before(asked: Asked) -> Reply | None:
        if asked.bearer != held.token or asked.path != held.path:
            return None
        error = {
            "code": -32000,
            "message": world.pick("401 Unauthorized", "", "upstream: invalid credentials"),
        }
        result = {"isError": True, "content": [{"type": "text", "text": "The access token has expired"}]}
        said = world.pick({"error": error}, {"result": result}, {"error": error})
        return Reply(200, {"jsonrpc": "2.0", "id": asked.message.get("id"), **said})

    site, _ = behind(world, before, held)
    return doctor(world, site, held)
