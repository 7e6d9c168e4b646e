"""Layer role: a role that is missing, or that is there and not where the server looks."""

from __future__ import annotations

import re
from typing import Final

from wizard.livetest import Evidence

from ..facts.permission import ROLE, SCOPE, Permissions
from ..facts.wire import Differential
from .book import Verdict, cause, likely, proven
from .permitted import by_roles, met, named, said, unmet

_PREFIX: Final = re.compile(r"^(?:ROLE_|SCOPE_|realm:|client:|role:)", re.I)
_PLAIN: Final = re.compile(
    r"[\W\d_]*(?:(?:error|message|detail|status|code|title|forbidden|access|denied|is|not|authori[sz]ed|user|you|are|to"
    r"|perform|this|action|true|false|null|insufficient|permissions?|http)[\W\d_]*)*",
    re.I,
)
_ANEW: Final = "Then log in again: a token that is out keeps the roles that it was made with."


def bare(role: str) -> str:
    """A role without the prefixes that frameworks put before it, and without the client that it is of."""
    return _PREFIX.sub("", role).rpartition(":")[2].casefold()


@cause(
    id="role-location-or-prefix-mismatch",
    layer="role",
    owner="server-admin",
    title="The role is in the token, and the server looks for it elsewhere or under another prefix.",
    explanation="Keycloak writes roles of the realm into `realm_access.roles`, those of a client into"
    " `resource_access.CLIENT.roles`; Entra into `roles`. Spring looks into `scope` alone unless it is told otherwise,"
    " and puts `ROLE_` or `SCOPE_` before what it finds; Keycloak's adapters take `realm:NAME` for the realm's.",
    fix=(
        "The server's admin: read the roles where the provider writes them (Spring: a JwtAuthenticationConverter),"
        " and compare with the same prefix (hasRole adds ROLE_, hasAuthority does not).",
        "Or the identity provider's admin: a role mapper that writes them where the server looks.",
    ),
    sources=(
        "https://github.com/eugenp/tutorials/issues/11093",
        "https://github.com/ferrerojosh/nest-keycloak-connect/issues/81",
        "https://github.com/eugenp/tutorials/issues/13396",
        "https://github.com/alerta/alerta/issues/834",
        "https://docs.spring.io/spring-security/reference/servlet/oauth2/resource-server/jwt.html",
    ),
    explains=(
        "insufficient-scope",
        "scope-present-role-missing",
        "token-not-recognised",
        "user-not-in-group",
    ),
)
def elsewhere(differential: Differential, permissions: Permissions) -> Verdict | None:
    """What is demanded is in the token but for a prefix, or to the letter and refused all the same."""
    answer = met(ROLE, differential, permissions)
    if answer is None or answer.accepted:
        return None
    for demand in permissions.demanded(ROLE):
        pairs = [h for h in permissions.held if h.kind == ROLE and bare(h.value) == bare(demand.value)]
        pairs = pairs or [h for h in permissions.held if h.value == demand.value]
        if not pairs:
            continue
        held = pairs[0]
        differs = "" if held.value == demand.value else f", as `{held.value}`"
        return proven(
            Evidence(
                "jwt", f"the token has `{held.value}` in {named(dict.fromkeys(h.claim for h in pairs))}"
            ),
            Evidence("permissions", f"{demand.source} names the role `{demand.value}`"),
            said(answer, permissions),
            title=f"The token has the role `{demand.value}` in `{held.claim}`{differs}; the server does not find it.",
            fix=(
                f"To the server's admin: \"The role stands in `{held.claim}`{differs}. Please read it there, and"
                ' compare it with the same prefix."',
                "Or to the identity provider's admin: a role mapper that writes it where the server looks.",
            ),
        )
    if not by_roles(permissions):
        return None
    nested = [h for h in permissions.of(ROLE) if h.claim != "roles"]
    return likely(
        Evidence("jwt", f"its roles stand in {named(dict.fromkeys(h.claim for h in nested))}"),
        said(answer, permissions),
        title="The server finds no right for this token, whose roles stand where Spring does not look by itself.",
    )


@cause(
    id="scope-present-role-missing",
    layer="role",
    owner="idp-admin",
    title="The token lacks a role; its scopes are not what is missing.",
    explanation="A scope is what a client may do for an account, a role is what the account itself may do. Where the"
    " role is missing, no scope helps.",
    fix=(
        "The identity provider's admin: assign the role. Keycloak: Users, the account, Role mapping; and Client scopes:"
        " `roles` must be one of the client's. Entra: Enterprise applications, the app, Users and groups.",
        _ANEW,
    ),
    sources=(
        "https://github.com/mauriciovigolo/keycloak-angular/issues/218",
        "https://github.com/microcks/microcks/issues/553",
        "https://www.keycloak.org/docs/latest/server_admin/#_role_scope_mappings",
    ),
    standing=True,
    explains=("insufficient-scope", "token-not-recognised"),
)
def missing(differential: Differential, permissions: Permissions) -> Verdict | None:
    """A role is named that is nowhere in the token; or one is spoken of where the scopes are all there."""
    answer = met(ROLE, differential, permissions)
    if answer is None or permissions.overage:
        return None
    roles = permissions.of(ROLE)
    wanted = unmet(permissions.demanded(ROLE), [h.value for h in permissions.held])
    wanted = tuple(d for d in wanted if not any(bare(h.value) == bare(d.value) for h in roles))
    held = named(dict.fromkeys(h.value for h in roles)) or "none"
    lacking = unmet(permissions.demanded(SCOPE), [h.value for h in permissions.held])
    if wanted and len(wanted) == len(permissions.demanded(ROLE)) and not lacking:
        shown = named(d.value for d in wanted)
        return (proven if roles or answer.accepted else likely)(
            Evidence("jwt", f"the token's roles: {held}"),
            Evidence("permissions", f"{wanted[0].source} names the role {shown}"),
            said(answer, permissions),
            title=f"The token lacks the role {shown}; its roles are {held}.",
            fix=(
                f"To the identity provider's admin: \"Please give this account the role {shown}, and see that the"
                " client's tokens carry roles (Keycloak: the client scope `roles`).\"",
                _ANEW,
            ),
        )
    if permissions.demanded(ROLE) or answer.accepted or answer.status != 403 or lacking:
        return None
    if any(c.get("error") == "insufficient_scope" for c in answer.challenges):
        return None
    if not permissions.speaks_of("role", "rbac", "privilege") and not _wordless(permissions):
        return None
    return likely(
        Evidence("jwt", f"the token's roles: {held}"),
        Evidence(
            "jwt", f"its scopes: {' '.join(dict.fromkeys(h.value for h in permissions.of(SCOPE))) or 'none'}"
        ),
        said(answer, permissions),
    )


def _wordless(permissions: Permissions) -> bool:
    """Whether the refusal gives no reason, every scope that the server knows is in `scope`, and there are roles."""
    offered = permissions.demanded(SCOPE, certain=False)
    complete = bool(offered) and all("scope" in permissions.at(d.value) for d in offered)
    return bool(_PLAIN.fullmatch(permissions.words.strip())) and complete and bool(permissions.of(ROLE))
