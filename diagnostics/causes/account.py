"""Layer role: the account itself is not ready, not assigned, or nobody's at all."""

from __future__ import annotations

import re
from typing import Final

from wizard.livetest import Evidence

from ..answers import clean
from ..facts import JwtView
from ..facts.permission import GROUP, ROLE, Permissions
from ..facts.refused import ANSWER, Heard, Refusals
from ..facts.wire import Differential
from .book import Verdict, cause, likely, proven
from .packed import OF_A_LOGIN
from .permitted import refusal, said

_UNASSIGNED: Final = re.compile(
    r"AADSTS50105\b"
    r"|\b(?:user|account)\b.{0,40}\bnot (?:been )?assigned to (?:a role for )?(?:this |the |client |an? ){0,4}"
    r"(?:app\b|application)"
    r"|\bnot assigned this app\b|\bapp not assigned\b",
    re.I,
)
_UNFINISHED: Final = re.compile(
    r"\baccount (?:is )?not (?:yet )?(?:fully )?set[ _-]?up\b|\bresolve_required_actions\b"
    r"|\brequired actions?\b.{0,40}\b(?:pending|not (?:been )?(?:completed|resolved)|must be)\b"
    r"|\bVERIFY_PROFILE\b|\bUPDATE_PASSWORD\b|\bUPDATE_PROFILE\b",
    re.I,
)
_UNVERIFIED: Final = re.compile(
    r"\be-?mail\b.{0,90}?\b(?:isn.?t|is not|not|un-?|has not been|must be|needs? to be)[ -]?(?:yet )?verified"
    r"|\bunverified e-?mail|\bverify your e-?mail|\bemail_not_verified\b"
    r"|\bemail_verified\b.{0,30}\b(?:false|missing|required)",
    re.I | re.S,
)
_PERSONAL: Final = r"(email|upn|preferred_username|given_name|family_name|user_?id|username)"
_OF_PERSONS: Final = re.compile(
    rf"\b(?:claims?|field|attribute|property)\b.{{0,30}}?\b{_PERSONAL}\b"
    rf"|\b{_PERSONAL}\b.{{0,30}}\b(?:claim|not (?:found|present)|missing|required|absent)"
    rf"|\b(?:missing|without|no)\b.{{0,20}}\b{_PERSONAL}\b"
    r"|\bclaims?\b.{0,30}?\b(groups)\b",
    re.I | re.S,
)
_A_PERSON: Final = re.compile(
    r"\b(?:user|delegated|interactive)\b.{0,25}\b(?:token|context|login|identity|account)\b.{0,20}"
    r"\b(?:required|needed|only|expected)"
    r"|\b(?:application|app-only|service|machine|client[ _-]credentials?)\b.{0,20}\btokens?\b.{0,30}\bnot\b",
    re.I | re.S,
)


def _heard(refusals: Refusals, pattern: re.Pattern[str]) -> tuple[Heard, re.Match[str]] | None:
    """Who said it, where it was said of this account and not to everybody alike."""
    for heard in refusals.heard:
        match = pattern.search(heard.text)
        if match is not None and (heard.apart or heard.by != ANSWER):
            return heard, match
    return None


def _quoted(heard: Heard, match: re.Match[str]) -> Evidence:
    begin, end = max(0, match.start() - 80), min(len(heard.text), match.end() + 80)
    status = f"answered {heard.status}: " if heard.status else ""
    return Evidence(heard.by, f"{status}{clean(heard.text[begin:end], 260)}")


@cause(
    id="user-not-assigned-to-app",
    layer="role",
    owner="idp-admin",
    title="The account is not assigned to this application at the identity provider.",
    explanation="Entra and Okta let into an application only those who are assigned to it, by themselves or by a group."
    " The account is known, its password right, and consent was given or is not the question.",
    fix=(
        "Entra's admin: Enterprise applications, the app, Users and groups: assign the account or a group of it; or"
        " Properties, Assignment required: No.",
        "Okta's admin: Applications, the app, Assignments, Assign.",
        "Then log in again.",
    ),
    sources=(
        "https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes",
        "https://github.com/microsoftgraph/microsoft-graph-explorer-v4/issues/1333",
        "https://community.auth0.com/t/user-not-assigned-to-the-client-application-error-at-log-in/186794",
        "https://support.okta.com/help/s/article/App-Sign-on-Error-403-User-attempted-unauthorized-access-to-app",
    ),
    explains=(*OF_A_LOGIN, "token-not-recognised", "insufficient-scope"),
)
def unassigned(refusals: Refusals) -> Verdict | None:
    """The provider says so by its number or its words."""
    found = _heard(refusals, _UNASSIGNED)
    return proven(_quoted(*found)) if found else None


@cause(
    id="account-not-fully-set-up",
    layer="role",
    owner="you",
    title="The account has something left to do before it may log in.",
    explanation="Keycloak refuses an account with required actions (a new password, terms, a second factor) or with"
    " empty fields of its profile: `invalid_grant`, `Account is not fully set up`. In a browser it shows the page for"
    " them; where only a password or an assertion is sent it cannot.",
    fix=(
        "Log in at the identity provider in a browser once, and do what the page asks for.",
        "Keycloak's admin: Users, the account: Required user actions, and first name, last name and email filled in; or"
        " Realm settings, User profile: make these fields optional.",
    ),
    sources=(
        "https://github.com/keycloak/keycloak/issues/36108",
        "https://github.com/keycloak/keycloak/issues/26426",
        "https://github.com/wanaku-ai/wanaku/issues/1525",
    ),
    explains=(
        *OF_A_LOGIN,
        *("token-not-recognised", "subject-token-refused", "assertion-refused", "basic-credentials-wrong"),
        *("refresh-token-expired-or-revoked", "insufficient-scope"),
    ),
)
def unfinished(refusals: Refusals) -> Verdict | None:
    """The token endpoint says so, or a server that asked it."""
    found = _heard(refusals, _UNFINISHED)
    return proven(_quoted(*found)) if found else None


@cause(
    id="email-not-verified",
    layer="role",
    owner="idp-admin",
    title="The account's email address is not verified, and this server wants that.",
    explanation="Who decides by the email address must know that it is the account's own. The identity provider says so"
    " by `email_verified`; where that is false, or not there, oauth2-proxy and others refuse.",
    fix=(
        "Open the link in the identity provider's mail, or have its admin verify the address (Keycloak: Users, the"
        " account, Email verified).",
        "Then log in again: the old token stays as it is.",
        "oauth2-proxy's admin: insecure_oidc_allow_unverified_email only where anybody may call themselves anything.",
    ),
    sources=(
        "https://github.com/oauth2-proxy/oauth2-proxy/issues/1712",
        "https://github.com/oauth2-proxy/oauth2-proxy/issues/3234",
        "https://github.com/wanaku-ai/wanaku/issues/1525",
        "OpenID Connect Core section 5.1",
    ),
    explains=(*OF_A_LOGIN, "token-not-recognised", "insufficient-scope", "server-error"),
)
def unverified(refusals: Refusals | None, differential: Differential, jwt: JwtView | None) -> Verdict | None:
    """The refusal says so; what the token says of the address goes with it."""
    found = _heard(refusals, _UNVERIFIED) if refusals else None
    if found is None or differential.judged.accepted:
        return None
    told = jwt.claims.get("email_verified") if jwt else None
    shown = () if jwt is None else (Evidence("jwt", f"the token's email_verified is {_plainly(told)}"),)
    if told is True or str(told).lower() == "true":
        return None
    return proven(_quoted(*found), *shown)


def _plainly(value: object) -> str:
    return "absent" if value is None else clean(str(value).lower(), 20)


@cause(
    id="service-account-token-without-user-claims",
    layer="role",
    owner="you",
    title="The token is a program's own, and the server wants a person's.",
    explanation="A token by client credentials has no person behind it: no email, no name, and mostly no groups. A"
    " server that decides by those refuses it, though signature and audience are right.",
    fix=(
        "Use a login of a person (authorization code, or a device code) for this server.",
        "Or the identity provider's admin: give the client app roles, or mappers that write the claim for its service"
        " account; and the server's admin: let it in by those.",
    ),
    sources=(
        "https://github.com/openremote/openremote/pull/2642",
        "https://github.com/oauth2-proxy/oauth2-proxy/issues/1931",
        "https://github.com/github/copilot-cli/issues/4346",
        "https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference",
    ),
    explains=(
        "insufficient-scope",
        "groups-mapper-missing",
        "token-not-recognised",
        "scope-present-role-missing",
    ),
)
def nobody(differential: Differential, permissions: Permissions) -> Verdict | None:
    """By the token's own mark; the refusal names what only a person has, and it is not there."""
    answer = refusal(differential, permissions)
    if answer is None or not permissions.program:
        return None
    match = _OF_PERSONS.search(permissions.words)
    claim = next((g for g in match.groups() if g), "").lower() if match else ""
    by_mapper = permissions.program.startswith("preferred_username")
    if claim == "groups" and by_mapper:
        # a service account of Keycloak's is in groups like anybody
        return None
    absent = bool(claim) and claim not in permissions.names
    person = bool(_A_PERSON.search(permissions.words))
    about = permissions.speaks_of("group", "user", "person", "member") and not by_mapper
    if not absent and (permissions.demanded(ROLE) or permissions.of(GROUP) or not (person or about)):
        return None
    return (proven if absent or person else likely)(
        Evidence("jwt", f"{permissions.program}: no person stands behind the token"),
        said(answer, permissions),
        *((Evidence("jwt", f"it has no claim `{claim}`"),) if absent else ()),
    )
