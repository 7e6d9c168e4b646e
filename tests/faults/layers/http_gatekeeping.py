"""Faults of the layer http: a server that minds a field of the request other than the credential."""

from __future__ import annotations

from servers.scripted import Asked, Reply

from ..fault import Words, fault
from ..mcp_site import McpSite, behind, doctor
from ..world import World


@fault("host-header-rejected-dns-rebinding", source="modelcontextprotocol/python-sdk#1798")
def unknown_host(world: World) -> Words:
    name = world.name(world.pick("mcp.acme.test", "tools.internal.test", "gateway.blue.test"))
    reply = world.pick(
        Reply(421, "Invalid Host header", "text/plain"),
        Reply(
            403,
            {"jsonrpc": "2.0", "error": {"code": -32000, "message": f"Invalid Host: {name}"}, "id": None},
        ),
        Reply(400, "<h1>DisallowedHost</h1><p>Invalid HTTP_HOST header</p>", "text/html"),
    )
    known = world.pick(("localhost", "127.0.0.1"), ("localhost",), ("127.0.0.1", "localhost"))
    site, held = behind(world, lambda asked: None if asked.host in known else reply)
    token = world.readable(held.token)
    return ("doctor", site.url(world.variant.path, name), "--credential", token)


@fault("origin-header-rejected", source="spkane/freecad-addon-robust-mcp-server#125")
def unknown_origin(world: World) -> Words:
    reply = world.pick(
        Reply(403, "Invalid Origin header", "text/plain"),
        Reply(
            403,
            {"jsonrpc": "2.0", "error": {"code": -32000, "message": "Origin not allowed"}, "id": None},
        ),
        Reply(400, {"error": "Invalid Origin header: https://app.acme.test"}),
    )
    site, held = behind(world, lambda asked: reply if "origin" in asked.headers else None)
    origin = world.secret(
        world.pick("https://app.acme.test", "http://localhost:6274", "https://ide.blue.test")
    )
    return doctor(world, site, held, "--header", f"Origin={origin}")


@fault("csrf-protection-on-machine-endpoint", source="agencyenterprise/draft-detective#774")
def guarded_against_forged_forms(world: World) -> Words:
    reply = world.pick(
        Reply(
            403,
            "<!DOCTYPE html><html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1>"
            "<p>CSRF verification failed. Request aborted.</p></body></html>",
            "text/html",
            (("Set-Cookie", "csrftoken=x; Path=/"),),
        ),
        Reply(419, {"message": "CSRF token mismatch."}, headers=(("Set-Cookie", "XSRF-TOKEN=x; path=/"),)),
        Reply(403, "Cross-site POST form submissions are forbidden", "text/plain"),
    )
    page = Reply(200, "<!doctype html><html><body><h1>Welcome</h1></body></html>", "text/html")

    def before(asked: Asked) -> Reply | None:
        if asked.path != world.variant.path:
            return None
        return reply if asked.method == "POST" else page

    site, held = behind(world, before, McpSite(world.pick(f"{world.variant.path}/", "/api/mcp", "/rpc")))
    return doctor(world, site, held)


@fault("accept-header-406", source="modelcontextprotocol/typescript-sdk#1414")
def not_acceptable(world: World) -> Words:
    says = world.pick(
        "Not Acceptable: Client must accept both application/json and text/event-stream",
        "Not Acceptable: Client must accept text/event-stream",
        "Client must accept both application/json and text/event-stream",
    )
    error = {"jsonrpc": "2.0", "error": {"code": -32000, "message": says}, "id": None}

    def before(asked: Asked) -> Reply | None:
        accept = asked.headers.get("accept", "")
        both = "application/json" in accept and "text/event-stream" in accept
        return None if both or asked.path != world.variant.path else Reply(406, error)

    site, held = behind(world, before)
    own = world.secret(world.pick("application/json", "text/html, application/json", "*/*"))
    return doctor(world, site, held, "--header", f"Accept={own}", "--kind", "mcp")


@fault("request-headers-too-large", source="redhat-data-and-ai/template-agent#347")
def more_than_a_header_holds(world: World) -> Words:
    limit = world.pick(8192, 16384, 6000)
    reply = world.pick(
        Reply(
            400,
            "<html><head><title>400 Request Header Or Cookie Too Large</title></head><body><center>"
            "<h1>400 Bad Request</h1></center></body></html>",
            "text/html",
            (("Server", "nginx"),),
        ),
        Reply(431, ""),
        Reply(502, "<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html"),
    )
    server = world.protected()

    def before(asked: Asked) -> Reply | None:
        return reply if len(asked.headers.get("authorization", "")) > limit else None

    site, _ = behind(world, before)
    groups = [f"/departments/number-{n}/team" for n in range(600)]
    token = world.readable(server.issue(groups=groups))
    return ("doctor", world.url(site), "--credential", token)
