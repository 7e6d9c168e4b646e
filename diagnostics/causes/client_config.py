"""Layer client-config: an entry that contradicts itself."""

from __future__ import annotations

from wizard.livetest import Evidence
from wizard.pasting import pasted

from ..facts import Belonging, ConfigText, JwtView, Neighbours, ResourceMetadata, Situation
from ..facts.called import Called
from ..facts.edge import Elsewhere
from ..facts.gateway import Legs
from ..facts.oauth import Expected, Issuers, akin
from ..facts.vendor import WrongKind
from ..facts.wire import Differential
from ..issuer_spelling import OTHER, apart
from .book import Verdict, cause, likely, proven


@cause(
    id="wrong-environment-url",
    layer="client-config",
    owner="you",
    title="The credential belongs to another environment than this address.",
    explanation="A token made in one environment (staging, another region or tenant) is unknown in every other.",
    fix=(
        "Use the address of the environment that the credential was made in.",
        "Or make a new credential in the environment that the address names.",
    ),
    sources=(
        "https://github.com/microsoft/Dynamics-AX-Integration/issues/18",
        "https://github.com/wanaku-ai/wanaku/issues/1416",
        "FAOS: Authentication Setup, Troubleshooting (401: wrong API URL)",
    ),
    explains=("audience-not-bound-to-resource", "token-not-recognised", "insufficient-scope"),
)
def wrong_environment(
    *,
    differential: Differential,
    situation: Situation,
    jwt: JwtView | None,
    metadata: ResourceMetadata | None,
    belonging: Belonging | None,
    neighbours: Neighbours | None,
    issuers: Issuers | None,
    expected: Expected | None,
    legs: Legs | None,
    other: Elsewhere | None,
) -> Verdict | None:
    """By the token's issuer, by the settings, by who else keeps the same credential, by an address with nothing."""
    judged = differential.judged
    refused = Evidence("differential", f"the server {judged.gives()}")
    issuer = str(jwt.claims.get("iss") or "") if jwt else ""
    if judged.refused and issuer and metadata and metadata.authorization_servers:
        wanted = metadata.authorization_servers
        named = [*wanted, *(url for _, url in expected.decisive)] if expected else wanted
        # the same one in another spelling has causes of its own
        same = any(apart(issuer, w) != OTHER for w in named)
        # one Keycloak by two names, or two of its realms: each has a name of its own
        if not same and not any(akin(issuer, w, issuers) for w in wanted):
            return proven(
                Evidence("jwt", f"the token's issuer is {issuer}"),
                Evidence("metadata", f"this server takes tokens of {', '.join(wanted)}"),
                refused,
                title=f"Your token is of `{issuer}`. This server takes tokens of `{wanted[0]}`.",
                fix=(f"Log in at {wanted[0]}, or use the address of the environment that {issuer} is for.",),
            )
    # who is refused otherwise than somebody unknown is known here
    stranger = legs is None and judged.same_as(differential.false)
    if judged.refused and belonging and belonging.field and (stranger or not belonging.kept):
        thing = f"{belonging.field} {belonging.value}"
        return (likely if belonging.kept else proven)(
            Evidence("belonging", f"{thing} belongs to {belonging.belongs_to}"),
            Evidence("situation", f"the address {situation.url} is that of {belonging.url_is}"),
            refused,
            title=f"{thing[:1].upper()}{thing[1:]} belongs to {belonging.belongs_to}, not to this address.",
        )
    if other is not None and judged.content == "text/html" and other.alike(judged):
        # an edge answers in the server's place
        return None
    nowhere = all(
        a is None or a.status == 404 for a in (differential.none, differential.false, differential.real)
    )
    if nowhere and not (neighbours and any(n.is_mcp for n in neighbours.tried)):
        return likely(
            refused,
            Evidence("neighbours", neighbours.seen() if neighbours else "no other address was tried"),
            title=f"Nothing of the service answers at {situation.url}.",
            fix=("Check the address against the service's document: host, path and environment.",),
        )
    return None


@cause(
    id="credential-of-wrong-kind",
    layer="client-config",
    owner="you",
    title="The credential is of another kind than the one that is wanted here.",
    explanation="It may be in order in itself, and it is not what this service asks for: another vendor's token, a"
    " client secret or refresh token in place of an access token, a user's token where a bot's is wanted.",
    fix=(
        "Get the kind of credential that the service's set-up guide names, and store it in place of this one.",
    ),
    sources=(
        "https://github.com/mcpjungle/MCPJungle/issues/143",
        "https://github.com/atlassian/atlassian-mcp-server/issues/87",
        "https://github.com/Inumedia/SlackAPI/issues/285",
        "https://docs.slack.dev/authentication/tokens",
    ),
    explains=(
        "token-not-recognised",
        "slack-error-in-200-not-authed",
        "auth-error-hidden-in-200",
        "authorization-scheme-malformed",
        "basic-credentials-wrong",
        "insufficient-scope",
    ),
)
def wrong_kind(differential: Differential | None, kind: WrongKind | None) -> Verdict | None:
    """By the server's own word for it; by a beginning that another kind alone has, and a refusal."""
    real = differential.real if differential else None
    if real is None or real.accepted:
        return None
    answered = Evidence("differential", f"the server {real.gives()}")
    if _TYPE in f"{real.hidden} {real.words()}":
        begins = (Evidence("kind", kind.seen()),) if kind else ()
        return proven(answered, *begins, title="The server wants another type of token for this request.")
    if kind is None or kind.other or not (real.refused or real.failed):
        return None
    seen = Evidence("kind", kind.seen())
    if not kind.wanted:
        return likely(seen, answered, title=f"{kind.field} is {kind.what}, of {kind.whose}: no API takes it.")
    return proven(
        seen,
        answered,
        title=f"{kind.field} is {kind.what}, of {kind.whose}. Wanted is one that begins with {kind.wanted}.",
        fix=(
            f"Get the right one, which begins with {kind.wanted}: see authwizard services SERVICE.",
            "Store it in place of this one. Where this one belongs, it may still be in use: do not revoke it for this.",
        ),
    )


_TYPE = "not_allowed_token_type"


@cause(
    id="connection-of-entry-gone",
    layer="client-config",
    owner="you",
    title="The entry takes its secrets from a connection that does not exist.",
    explanation="The entry holds no secret: authwizard gives it those of a saved connection when the client starts it."
    " That connection was removed or renamed, or is another machine's or user's, so nothing is given.",
    fix=(
        "Set it up again under that name: authwizard setup SERVICE --name NAME.",
        "Or remove the entry from the client's config.",
    ),
    sources=(
        "https://code.claude.com/docs/en/mcp",
        "https://cursor.com/docs/mcp",
    ),
    standing=True,
    explains=("authorization-header-missing", "unexpanded-variable-literal"),
)
def connection_gone(config: ConfigText, called: Called | None) -> Verdict | None:
    """The entry names a connection, and none is saved under that name."""
    gone = next((r for r in config.references if r.state == "gone"), None)
    if gone is None:
        return None
    near = " or ".join(f"`{name}`" for name in called.near) if called else ""
    meant = f"Did you mean the connection {near}? Then write that name in the entry, in place of `{gone.variable}`."
    return proven(
        Evidence("config", f"{gone.place}: {gone.written}"),
        Evidence("config", f"no connection {gone.variable} is saved here"),
        title=f"This entry takes its secrets from the connection `{gone.variable}`, which does not exist.",
        fix=(
            *([meant] if near else []),
            f"Set it up again under that name: authwizard setup SERVICE --name {pasted(gone.variable)}",
            "Or remove the entry from the client's config.",
        ),
    )
