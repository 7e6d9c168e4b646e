"""Faults of the layer header: what becomes of the credential's header on its way."""

from __future__ import annotations

import secrets
import ssl
from pathlib import Path

import trustme
from servers.scripted import Asked, Reply

from ..fault import Words, fault
from ..mcp_site import McpSite, behind, doctor
from ..world import World


@fault("authorization-scheme-case", source="haiwen/seahub#5866")
def letter_by_letter(world: World) -> Words:
    wants = world.pick("Bearer", "Bearer", "bearer")
    held = McpSite(world.variant.path)
    held.invalid = world.pick(
        {"error_msg": "Invalid token"}, {"code": 401.2, "message": "Could not authenticate"}, ""
    )
    refusal = Reply(401, world.pick(held.invalid, held.missing, "Unauthorized"))

    def before(asked: Asked) -> Reply | None:
        scheme = asked.headers.get("authorization", wants).partition(" ")[0]
        return None if scheme == wants or asked.path != held.path else refusal

    site, _ = behind(world, before, held)
    sent = world.pick("bearer", "BEARER", "Bearer")
    token = world.readable(f"{sent} {held.token}")
    return ("doctor", world.url(site), "--header", f"Authorization={token}")


@fault("multiple-authorization-values", source="allegro/allegro-api#3967")
def two_at_once(world: World) -> Words:
    held = McpSite(world.variant.path)
    other = secrets.token_urlsafe(18)
    sent = world.pick(
        f"Bearer {other}, Bearer {held.token}",
        f"Bearer {held.token},Basic YTpi",
        f"Basic YTpi, Bearer {held.token}",
    )
    refusal = Reply(
        401, world.pick({"error": "invalid_request"}, {"message": "Two credentials"}, "Unauthorized")
    )

    def before(asked: Asked) -> Reply | None:
        return refusal if "," in asked.headers.get("authorization", "") else None

    site, _ = behind(world, before, held)
    return ("doctor", world.url(site), "--header", f"Authorization={world.readable(sent)}")


@fault("header-with-underscore-dropped", source="mrtolkien/fastapi_simple_security#5")
def dropped_for_its_underscore(world: World) -> Words:
    name = world.pick("api_key", "access_token", "X_Api_Key")
    key = secrets.token_urlsafe(24)
    held = McpSite(world.variant.path)
    refusal = Reply(
        world.pick(403, 401, 401),
        world.pick(
            {"detail": "An API key must be passed as query or header"},
            {"message": f"missing {name}"},
            {"error": "no key"},
        ),
        headers=(("Server", world.pick("nginx/1.24.0", "openresty", "nginx")),),
    )

    def answering(asked: Asked) -> Reply:
        # what nginx passes on of the headers: those without an underscore
        passed = {n: v for n, v in asked.headers.items() if "_" not in n}
        if asked.path != held.path:
            return Reply(404, {"detail": "Not Found"})
        return held.spoken(asked) if passed.get(name.lower().replace("_", "-")) == key else refusal

    site = world.serve(answering)
    return ("doctor", world.url(site), "--header", f"{name}={world.readable(key)}")


@fault("authorization-stripped-by-cgi-or-fpm", source="FreshRSS/FreshRSS#2449")
def kept_from_the_program(world: World) -> Words:
    says = world.pick(
        {"error": "missing_token", "message": "No access token was provided"},
        {"errors": [{"message": "Missing Authorization header"}]},
        "No access token was sent with this request",
    )
    marks = world.pick(
        (("Server", "Apache/2.4.62 (Debian)"),),
        (("Server", "Apache"), ("X-Powered-By", "PHP/8.2.20")),
        (("Server", "LiteSpeed"), ("X-Powered-By", "PHP/8.1.2")),
    )
    kind = world.pick("application/json", "application/json", "text/plain")
    site, held = behind(world, lambda _: Reply(401, says, kind, marks))
    return doctor(world, site, held)


def certified(world: World, *names: str) -> tuple[ssl.SSLContext, Path]:
    """A server's certificate of an authority of its own, and that authority's file."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context, world.file("authority.pem", authority.cert_pem.bytes())


@fault("redirect-scheme-downgrade-drops-auth", source="BerriAI/litellm#34845")
def back_to_http(world: World) -> Words:
    context, authority = certified(world, "localhost", "127.0.0.1")
    held = McpSite(world.variant.path)
    asked_for = world.pick("/", "/mcp-server", "/teams/blue")
    status = world.pick(307, 308, 302)

    def answering(asked: Asked) -> Reply:
        if asked.path != asked_for:
            return held(asked)
        host = asked.headers.get("host", "")
        return Reply(status, headers=(("Location", f"http://{host}{held.path}"),))

    site = world.serve(answering, tls=context)
    token = world.readable(held.token)
    url = world.url(site, asked_for)
    return ("doctor", url, "--kind", "mcp", "--credential", token, "--ca", str(authority))


@fault("redirect-cross-host-drops-auth", source="psf/requests#4850")
def to_another_host(world: World) -> Words:
    held = McpSite(world.variant.path)
    there = world.serve(held)
    name = world.name(world.pick("www.acme.test", "eu.api.acme.test", "mcp.blue.test"))
    status = world.pick(301, 308, 307)
    place = there.url(held.path, name)
    here = world.serve(lambda _: Reply(status, headers=(("Location", place),)))
    return ("doctor", world.url(here), "--credential", world.readable(held.token))
