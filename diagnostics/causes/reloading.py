"""Layer server-misconfig: rules that were changed, and that nobody has read since."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts.gateway import Access, Legs, RulesAge
from ..facts.permission import Permissions
from ..facts.wire import Differential
from .book import Verdict, cause, likely
from .permitted import named, refusal, said


@cause(
    id="authorization-config-not-reloaded",
    layer="server-misconfig",
    owner="server-admin",
    title="The access rules allow it, and the gateway still refuses: it has not read them again.",
    explanation="A gateway reads its access rules when it starts. What is changed in scopes.yml counts only after a"
    " restart of the auth server, and then for each of its replicas.",
    fix=(
        "The gateway's admin: restart the auth server (docker compose restart auth-server), every replica of it.",
        "If it still refuses: compare the file in the container with this one.",
    ),
    sources=(
        "https://github.com/agentic-community/mcp-gateway-registry/blob/a8694ebcd81d29b0e66b440e45ab1bd5ef9cf2a5/docs/"
        "keycloak-integration.md",
        "MCP Gateway Registry: Authentication and Authorization Guide, Troubleshooting Group Issues",
    ),
    explains=(
        *(
            "insufficient-scope",
            "user-not-in-group",
            "group-to-scope-mapping-missing",
            "token-not-recognised",
        ),
        "scope-present-role-missing",
    ),
)
def stale_rules(
    access: Access, age: RulesAge, differential: Differential, permissions: Permissions, legs: Legs | None
) -> Verdict | None:
    """The rules at hand open the server to the token's groups; they are newer than the program that refuses."""
    answer = refusal(differential, permissions, legs)
    rules = access.rules
    if answer is None or answer.status != 403 or rules is None or not age.newer:
        return None
    scopes = rules.scopes_of(access.groups)
    if not rules.allows(scopes, access.server, "initialize") and not rules.allows(
        scopes, access.server, "tools/list"
    ):
        return None
    return likely(
        Evidence(
            "access",
            f"{rules.source} gives {named(access.groups)} the scopes {named(scopes)}, which open"
            f" `{access.server}`",
        ),
        Evidence("rules-age", age.seen()),
        said(answer, permissions),
        title=f"The rules in {rules.source} open `{access.server}`; the gateway refuses this token: it runs with"
        " older ones.",
    )
