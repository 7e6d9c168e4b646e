"""Faults of the layers rate-limit and server-misconfig: limits, open doors, and introspection that misleads."""

from __future__ import annotations

import secrets

from servers.scripted import Asked, Reply
from support.issuing import Give, Issuer, issuing, says

from ..fault import Words, fault
from ..kept import keep
from ..mcp_site import McpSite, behind, doctor
from ..world import World

_INACTIVE = says(200, {"active": False})


@fault("rate-limited", source="RFC 6585 section 4")
def too_many(world: World) -> Words:
    reply = world.pick(
        Reply(429, {"error": "rate_limited"}, headers=(("Retry-After", "30"),)),
        Reply(429, "Too Many Requests", "text/plain", (("X-RateLimit-Remaining", "0"),)),
        Reply(
            429,
            {"message": "API rate limit exceeded"},
            headers=(("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"),),
        ),
    )
    alone = world.pick(False, True, False)
    site, held = behind(world, lambda a: reply if not alone or a.bearer == held.token else None)
    return doctor(world, site, held)


def _open_service(world: World, *, guarded: bool, health: Reply) -> Words:
    held = McpSite("/")

    def before(asked: Asked) -> Reply | None:
        if asked.path == "/health":
            return health
        if asked.path in ("/", "/mcp", "/mcp/list_agents") and not guarded:
            return held.spoken(asked) if asked.method == "POST" else Reply(200, {"agents": []})
        return None

    site, _ = behind(world, before, held)
    source = world.readable(held.token)
    return ("doctor", keep(world, "fleet", "bearer", world.url(site, "/"), secrets={"token": source}))


@fault("health-requires-auth", source="Fleet: Quick Start, Health Check Failing")
def health_is_guarded(world: World) -> Words:
    refusal = world.pick(
        Reply(401, {"error": "unauthorized"}),
        Reply(403, "Forbidden", "text/plain"),
        Reply(401, "", headers=(("WWW-Authenticate", "Bearer"),)),
    )
    return _open_service(world, guarded=True, health=refusal)


@fault("auth-disabled", source="Fleet: Quick Start, Enable Authentication")
def open_to_all(world: World) -> Words:
    health = world.pick({"status": "healthy"}, {"status": "ok", "auth": "none"}, {})
    return _open_service(world, guarded=False, health=Reply(200, health))


def _introspected(world: World, answer: Give, client: str, claims: dict[str, object], **pages: Give) -> Words:
    """The command that asks an issuer about a token, as a client with a secret."""
    realm = world.pick("/realms/test", "/realms/blue", "/auth/realms/acme")
    issuer: Issuer = world.enter(issuing(realm))
    issuer.pages |= {"/introspect": answer, **{f"/{name}": page for name, page in pages.items()}}
    made = issuer.token(**claims)
    secret = world.secret(secrets.token_urlsafe(24))
    return (
        *("token", world.secret(made), "--introspect"),
        *("--set", f"client_id={client}", "--secret", f"client_secret={secret}"),
    )


@fault("introspection-client-mismatch", source="DuendeArchive/IdentityServer4#5209", herring="")
def asked_by_another(world: World) -> Words:
    client = world.pick("mcp-server", "gateway", "checker")
    audience = world.pick("account", "billing-api", ["web", "mobile"])
    return _introspected(world, _INACTIVE, client, {"aud": audience})


@fault("introspection-client-credentials-unsupported", source="FusionAuth/fusionauth-issues#1434", herring="")
def a_program_is_not_known(world: World) -> Words:
    client = world.pick("mcp-server", "gateway", "b1f5")
    kind = world.pick(["client_credentials"], "client_credentials", ["client_credentials"])
    return _introspected(world, _INACTIVE, client, {"aud": client, "gty": kind})


@fault("introspection-auth-failure-masked-as-inactive", source="frappe/frappe#42693", herring="")
def a_wrong_secret_is_masked(world: World) -> Words:
    refusal = world.pick(
        says(401, {"error": "invalid_client"}),
        says(401, {"error": "invalid_client", "error_description": "Client authentication failed"}),
        says(400, {"error": "invalid_client"}),
    )
    client = world.pick("mcp-server", "gateway", "checker")
    return _introspected(world, _INACTIVE, client, {}, token=refusal)


@fault("introspection-client-refused", source="RFC 7662 section 2.3", herring="")
def who_asks_is_not_known(world: World) -> Words:
    refusal = world.pick(
        says(401, {"error": "invalid_client"}),
        says(403, {"error": "access_denied", "error_description": "Client may not introspect"}),
        says(400, {"error": "invalid_client", "error_description": "Unknown client"}),
    )
    return _introspected(world, refusal, world.pick("mcp-server", "gateway", "checker"), {})


@fault("introspection-takes-no-jwt", source="oidc-provider 9.13.3", herring="")
def no_jwt_is_introspected(world: World) -> Words:
    says_no = world.pick(
        says(400, {"error": "unsupported_token_type"}),
        says(
            400,
            {
                "error": "unsupported_token_type",
                "error_description": "JWT access tokens cannot be introspected",
            },
        ),
        says(400, {"error": "unsupported_token_type", "error_description": "not an opaque token"}),
    )
    return _introspected(world, says_no, world.pick("mcp-server", "gateway", "checker"), {})
