"""What GitHub refuses, told by its headers and words (`diagnostics/packs/github.toml`), and by who sees what."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts.vendor import OwnerSeen
from ..facts.wire import Differential
from .book import Verdict, cause, likely
from .packed import by_pack

cause(
    id="github-sso-not-authorized",
    layer="tenant",
    owner="you",
    title="The token is not authorized for the organization's single sign-on.",
    explanation="An organization with SAML single sign-on lets a token in only after its owner has authorized it"
    " for that"
    " organization, while logged in there. Elsewhere the same token works. The header X-GitHub-SSO says so, and"
    " leads to"
    " the page.",
    fix=(
        "Open the address in the header X-GitHub-SSO (it holds for an hour), or github.com/settings/tokens: Configure"
        " SSO beside the token, the organization, Authorize.",
        "An OAuth login: log out and in again while signed in at the organization.",
    ),
    sources=(
        "https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api",
        "https://github.com/github/github-mcp-server/issues/1121",
        "https://github.com/fwouts/prmonitor/issues/1042",
        "https://github.com/mapbox/github-release-tools/issues/28",
    ),
    explains=(
        "insufficient-scope",
        "token-not-recognised",
        "wrong-environment-url",
        "license-or-policy-disables-feature",
        "github-fine-grained-permission-missing",
        "auth-error-hidden-in-200",
    ),
    standing=True,
)(by_pack)

cause(
    id="github-fine-grained-permission-missing",
    layer="scope",
    owner="you",
    title="The fine-grained token lacks a permission, or the repository is none of those chosen for it.",
    explanation="A fine-grained token, or an app's, may do what its permissions name, in the repositories chosen"
    " for it."
    " The header X-Accepted-GitHub-Permissions names what the request needs.",
    fix=(
        "Add the permission that the header names: github.com/settings/personal-access-tokens, the token, Permissions.",
        "Check under Repository access that the repository is among those chosen.",
    ),
    sources=(
        "https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens",
        "https://github.com/actions/github-script/issues/323",
        "https://github.com/peter-evans/repository-dispatch/issues/393",
        "https://github.com/saadmk11/github-actions-version-updater/issues/110",
    ),
    explains=(
        "insufficient-scope",
        "token-not-recognised",
        "wrong-environment-url",
        "github-fine-grained-not-approved-or-wrong-owner",
    ),
    standing=True,
)(by_pack)


@cause(
    id="github-fine-grained-not-approved-or-wrong-owner",
    layer="tenant",
    owner="you",
    title="The fine-grained token does not reach what belongs to this owner.",
    explanation="A fine-grained token belongs to one resource owner: you, or one organization, which may first have to"
    " approve it. Everything private of any other owner is answered 404, as if it were not there, while public things"
    " and your own account answer well.",
    fix=(
        "Make the token with the organization as its resource owner: github.com/settings/personal-access-tokens/new.",
        "To the organization's owner: \"Please approve my fine-grained token: Settings, Personal access tokens,"
        ' Pending requests."',
        "Check that the repository is among those chosen for it.",
    ),
    sources=(
        "https://github.com/cli/cli/issues/13350",
        "https://github.com/PhilanthropyDataCommons/service/pull/2500",
        "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens",
    ),
    explains=("insufficient-scope", "token-not-recognised", "wrong-environment-url"),
    standing=True,
)
def not_approved(differential: Differential, owner: OwnerSeen) -> Verdict | None:
    """The token is known to the server, its owner is there, and what is asked for is not found (`packs` hears the
    organization's own refusal)."""
    real = differential.real
    if real is None or real.status not in (403, 404) or not owner.me.accepted or owner.me.status != 200:
        return None
    evidence = [
        Evidence("differential", f"the server {real.gives()}"),
        Evidence("owner", f"to the same token {owner.asked_me} answers {owner.me.seen()}"),
    ]
    if owner.there is not None and owner.there.status == 200:
        evidence.append(Evidence("owner", f"{owner.owner} is there: {owner.asked_there} answers 200"))
    whose = f"`{owner.owner}`" if owner.owner else "its owner"
    return likely(
        *evidence,
        title=f"The token is good, and does not reach what {whose} keeps private: it was made for another owner, or is"
        " not approved yet.",
    )


cause(
    id="github-rate-or-secondary-limit-as-403",
    layer="rate-limit",
    owner="you",
    title="GitHub asks to wait: its rate limit is used up. The 403 is not about the credential.",
    explanation="GitHub answers 403, and not always 429, to who has asked too often: by the hour, or too fast"
    " (secondary"
    " limit). Nothing is wrong with the token, and a new one counts for the same account.",
    fix=(
        "Wait for the seconds of Retry-After, else until the time in x-ratelimit-reset, else a minute at least.",
        "Then ask less often, one request at a time, and always with a token.",
    ),
    sources=(
        "https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api",
        "https://github.com/github/github-mcp-server/issues/2219",
        "https://github.com/app-sre/github-mirror/pull/62",
        "https://github.com/github/github-mcp-server/issues/2037",
    ),
    explains=(
        "insufficient-scope",
        "token-not-recognised",
        "rate-limited",
        "wrong-environment-url",
        "github-classic-scope-missing",
    ),
    standing=True,
)(by_pack)
