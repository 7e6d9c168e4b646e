"""Keycloak's checklist for groups, through its admin API: only with a token that the person gives for it."""

from __future__ import annotations

from typing import Final

from wizard.errors import AuthwizardError
from wizard.urls import check_url, is_loopback

from ..engine import Context, Probe, Skip
from ..facts import JwtView
from ..facts.gateway import Opened
from ..facts.oauth import realm_of
from ..facts.permission import GROUP, GroupSetup, Permissions
from ..keycloak_admin import Refused, looked_at
from ..target import Target

ADMIN: Final = "admin_token"
_NOT_GIVEN: Final = f"no token for Keycloak's admin API was given (--secret {ADMIN}=SOURCE)"


async def group_setup(
    context: Context, jwt: JwtView | None, permissions: Permissions | None, opened: Opened | None
) -> GroupSetup | Skip:
    """It goes to the Keycloak that the person named, and to no other: neither the token nor the server is believed."""
    target = context.target
    admin = target.secrets.get(ADMIN)
    if admin is None:
        return Skip(_NOT_GIVEN)
    base, realm = _named(target)
    if not base or not realm:
        return Skip("nobody said where Keycloak is (--issuer https://.../realms/REALM, or keycloak_url)")
    url = check_url(base)
    if not url.lower().startswith("https:") and not is_loopback(url):
        return Skip("Keycloak's admin API is not asked over plain http")
    claims = jwt.claims if jwt else {}
    client = str(claims.get("azp") or claims.get("client_id") or target.settings.get("client_id") or "")
    if not client:
        return Skip("neither the token nor the settings name the client")
    try:
        return await looked_at(
            url,
            realm,
            admin,
            context.transport,
            client=client,
            username=str(claims.get("preferred_username") or ""),
            groups=_wanted(permissions, opened, target),
        )
    except Refused as refused:
        return Skip(f"Keycloak's admin API: {refused}")
    except AuthwizardError as problem:
        return Skip(f"Keycloak's admin API: {problem.title.rstrip('.')}")


def _named(target: Target) -> tuple[str, str]:
    """Keycloak's address and the realm, by the person's own words alone."""
    issuer = target.said_issuer or target.settings.get("issuer", "")
    if issuer and realm_of(issuer):
        return issuer.rstrip("/").rpartition("/realms/")[0], realm_of(issuer)
    return target.settings.get("keycloak_url", ""), target.settings.get("keycloak_realm", "")


def _wanted(permissions: Permissions | None, opened: Opened | None, target: Target) -> tuple[str, ...]:
    """The groups that are asked for: by name, else by the gateway's rules, else by the service's document."""
    named = tuple(d.value for d in permissions.demanded(GROUP)) if permissions else ()
    if named:
        return tuple(dict.fromkeys(named))
    if opened is not None and opened.rules is not None:
        return opened.rules.groups_for(opened.rules.scopes_for(opened.server, "tools/list"))
    scopes = target.service.scopes if target.service else ()
    return tuple(dict.fromkeys(g for s in scopes for g in s.groups if g.startswith("mcp-servers")))


PROBE = Probe("group-setup", "Keycloak's groups, by its admin API", GroupSetup, group_setup)
