"""What Slack, Notion and Atlassian refuse, told by their words (`diagnostics/packs`), and by who knows which site."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence

from ..facts.gateway import ToolNames
from ..facts.vendor import CloudSites, ScopedGateway
from ..facts.wire import Differential
from .book import Verdict, cause, likely, proven
from .packed import by_pack

_IDENTITY: Final = frozenset({"atlassianUserInfo", "getAccessibleAtlassianResources"})

cause(
    id="slack-missing-scope-or-token-type",
    layer="scope",
    owner="you",
    title="The Slack token lacks a scope, or is of another type than this request takes.",
    explanation="Slack names in its answer the scope that is needed (`needed`) and those that the token has"
    " (`provided`)."
    " Scopes belong to the app; a token has those with which the app was last installed. Some methods take only a"
    " bot's token (xoxb-), others only a user's (xoxp-).",
    fix=(
        "Add the scope at api.slack.com/apps, the app, OAuth & Permissions, and install the app again.",
        "Store the new token in place of this one. For another type, take the token of that name on the same page.",
    ),
    sources=(
        "https://docs.slack.dev/authentication/tokens",
        "https://github.com/korotovsky/slack-mcp-server/issues/228",
        "https://github.com/Inumedia/SlackAPI/issues/285",
        "https://github.com/alexwlchan/backup-slack/issues/4",
    ),
    explains=(
        "insufficient-scope",
        "credential-of-wrong-kind",
        "slack-error-in-200-not-authed",
        "auth-error-hidden-in-200",
        "token-not-recognised",
    ),
    standing=True,
)(by_pack)

cause(
    id="notion-page-not-shared",
    layer="tenant",
    owner="you",
    title="The page is not shared with the Notion integration, so for its token it does not exist.",
    explanation="An integration sees only pages that somebody has connected it to, and those below them. Notion answers"
    " 404 for every other, also where the token is right.",
    fix=(
        "In Notion open the page or one above it: the three dots, Connections, add the integration.",
        "Check the id: in an address that of the page stands before ?v=, that of a view after it.",
    ),
    sources=(
        "https://developers.notion.com/reference/status-codes",
        "https://github.com/makenotion/notion-mcp-server/issues/81",
        "https://github.com/makenotion/notion-sdk-js/issues/194",
        "https://github.com/alessandrobelli/NotionHook/issues/3",
    ),
    explains=(
        "insufficient-scope",
        "token-not-recognised",
        "wrong-environment-url",
        "auth-error-hidden-in-200",
    ),
    standing=True,
)(by_pack)


@cause(
    id="atlassian-token-scope-set-incomplete",
    layer="scope",
    owner="you",
    title="The Atlassian token lacks scopes that this request, or these tools, want.",
    explanation="An API token with scopes may do what they name, and no more: the REST API says `scope does not"
    " match`, and"
    " the Rovo MCP Server connects and shows but the tools that need none. Classic and granular scopes are not mixed.",
    fix=(
        "Make a new token with the scopes of the products: id.atlassian.com, Security, API tokens, Create API token"
        " with scopes (read:jira-work, read:jira-user, read:page:confluence ...).",
        "Then store it in place of the old one.",
    ),
    sources=(
        "https://github.com/atlassian/atlassian-mcp-server/issues/87",
        "https://github.com/HolmesGPT/holmesgpt/pull/2373",
        "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/",
    ),
    explains=(
        "insufficient-scope",
        "token-not-recognised",
        "basic-credentials-wrong",
        "tool-name-mismatch",
        "atlassian-scoped-token-needs-gateway",
    ),
    standing=True,
)
def few_tools(tools: ToolNames) -> Verdict | None:
    """Only the tools that need no scope are listed (`packs` hears the refusal of the REST API)."""
    listed = set(tools.listed)
    rest = {n for n in listed - _IDENTITY if "teamworkgraph" not in n.lower()}
    if not (_IDENTITY & listed) or rest or tools.wanted in listed:
        return None
    return proven(
        Evidence(
            "tool-names", f"listed are only {', '.join(sorted(listed))}, which need no scope of a product"
        ),
        title=f"The token has no scope of Jira or Confluence: `{tools.wanted}` is not among the {len(listed)}"
        f" tools that"
        " it is shown.",
    )


@cause(
    id="atlassian-scoped-token-needs-gateway",
    layer="client-config",
    owner="you",
    title="An Atlassian API token with scopes is not taken at the site's own address.",
    explanation="A classic API token works at https://SITE.atlassian.net. One with scopes works only at"
    " https://api.atlassian.com/ex/jira/CLOUD-ID (or /ex/confluence/), and the site refuses it as if it were wrong.",
    fix=(
        "Set the address to https://api.atlassian.com/ex/jira/CLOUD-ID (for Confluence: /ex/confluence/CLOUD-ID).",
        "Or make a classic API token, without scopes: id.atlassian.com, Security, API tokens, Create API token.",
    ),
    sources=(
        "https://github.com/sooperset/mcp-atlassian/issues/968",
        "https://github.com/ankitpokhrel/jira-cli/issues/850",
        "https://github.com/stablyai/orca/pull/20092",
        "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/",
    ),
    explains=("basic-credentials-wrong", "token-not-recognised", "insufficient-scope"),
)
def needs_gateway(differential: Differential, gateway: ScopedGateway) -> Verdict | None:
    """The site refuses the pair as a wrong one, and the gateway's path takes it."""
    real = differential.real
    if real is None or real.accepted:
        return None
    site = f"https://api.atlassian.com/ex/{gateway.product}/{gateway.cloud_id}"
    fix = (
        f"Set the address to {site} (the cloud id comes from {gateway.told_by}).",
        "Or make a classic API token, without scopes: id.atlassian.com, Security, API tokens, Create API token.",
    )
    seen = Evidence("differential", f"the site {real.gives()}, as to a false pair")
    known = Evidence("scoped-gateway", f"{gateway.told_by} names the cloud id {gateway.cloud_id}")
    if gateway.answer is None:
        return None
    if gateway.answer.accepted:
        return proven(
            seen,
            known,
            Evidence("scoped-gateway", f"{gateway.asked} takes the same pair: {gateway.answer.seen()}"),
            title="The token has scopes: it works at the API gateway, and not at the site's own address.",
            fix=fix,
        )
    if "scope does not match" in gateway.answer.words().lower():
        return likely(
            seen,
            Evidence("scoped-gateway", f"{gateway.asked} knows the pair, and says: scope does not match"),
            fix=fix,
        )
    if gateway.answer.status == 404:
        return likely(
            seen,
            known,
            Evidence(
                "scoped-gateway",
                "the token is an API token of Atlassian (ATATT): those with scopes begin alike",
            ),
            title="If the token was made with scopes, it works at the API gateway, and not at the site's own address.",
            fix=(*fix, "If it was made without: compare the email address, and make a new token."),
        )
    return None


@cause(
    id="atlassian-cloud-id-wrong",
    layer="tenant",
    owner="you",
    title="The cloud id is that of a site which this login was not given.",
    explanation="At api.atlassian.com the address names the site by its cloud id. A login is for the sites that were"
    " chosen at consent; any other is answered as if it were not there.",
    fix=(
        "Use an id that https://api.atlassian.com/oauth/token/accessible-resources lists for this token.",
        "Or log in again and choose the site that is meant; its own id is at https://SITE.atlassian.net/_edge/tenant_info.",
    ),
    sources=(
        "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/",
        "https://github.com/atlassian/atlassian-mcp-server/issues/117",
        "https://github.com/stablyai/orca/pull/20092",
    ),
    explains=(
        "insufficient-scope",
        "token-not-recognised",
        "wrong-environment-url",
        "tenant-header-missing-or-wrong",
    ),
)
def other_site(differential: Differential, sites: CloudSites) -> Verdict | None:
    """The list of the token's sites, which the token itself was shown, does not hold the id in the address."""
    real = differential.real
    if real is None or real.accepted or sites.cloud_id in sites.ids:
        return None
    listed = ", ".join(f"{i} ({url})" for i, url in zip(sites.ids, sites.urls, strict=True)) or "none at all"
    fix = (
        (f"Use {sites.ids[0]} in place of {sites.cloud_id}.",)
        if len(sites.ids) == 1
        else (("Use the one of them that is meant.",) if sites.ids else ())
    )
    if sites.by_site:
        return proven(
            Evidence("differential", f"with {sites.cloud_id} in the address the server {real.gives()}"),
            Evidence("cloud-sites", f"{sites.asked} says that this site's cloud id is {listed}"),
            title=f"The cloud id {sites.cloud_id} is not that of this site: its own is {sites.ids[0]}.",
            fix=fix,
        )
    return proven(
        Evidence("differential", f"with {sites.cloud_id} in the address the server {real.gives()}"),
        Evidence("cloud-sites", f"{sites.asked} lists for this token: {listed}"),
        title=f"The cloud id {sites.cloud_id} is none of those that this token was given: {listed}.",
        fix=(*fix, "Or log in again and choose the site that is meant."),
    )
