"""Layer group: groups that are there, and written or placed otherwise than the server reads them."""

from __future__ import annotations

import re
from typing import Final

from wizard.lengths import span
from wizard.livetest import Evidence

from ..facts import Clock, JwtView
from ..facts.gateway import Access, Legs
from ..facts.oauth import UserInfo
from ..facts.permission import GROUP, Demand, GroupSetup, Permissions
from ..facts.wire import Answer, Differential
from ..token import GROUP_CLAIMS, direct_groups
from ..words import number
from .book import Verdict, cause, likely, proven
from .permitted import demanded, met, named, said, unmet

_STANDARD: Final = "groups"
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_ANEW: Final = "Then fetch a new token: one that is out keeps the groups that it was made with."


def held_groups(permissions: Permissions) -> tuple[str, ...]:
    """The groups in the token, wherever a claim for groups stands."""
    return tuple(dict.fromkeys(h.value for h in permissions.of(GROUP)))


def slashed(held: str, wanted: str) -> bool:
    """Whether two names are one group with and without its path (Keycloak's `Full group path`)."""
    if held == wanted or not held.strip("/") or not wanted.strip("/"):
        return False
    if held.strip("/") == wanted.strip("/"):
        return True
    if "/" not in held + wanted or ("/" in held.strip("/") and "/" in wanted.strip("/")):
        return False
    return held.rstrip("/").rpartition("/")[2] == wanted.rstrip("/").rpartition("/")[2]


@cause(
    id="group-leading-slash-path",
    layer="group",
    owner="idp-admin",
    title="The token has the group with its path, and the server knows it without (or the other way round).",
    explanation="Keycloak writes a group by its name, or with `Full group path` by its path, a slash before it. For a"
    " server that compares letters these are two groups.",
    fix=(
        "Keycloak's admin: Clients, the client, Client scopes, its dedicated scope, the mapper `groups`: Full group"
        " path off. Or the server's admin: write the full path into the rule (safer: two groups may share a name).",
        _ANEW,
    ),
    sources=(
        "https://github.com/defenseunicorns/uds-core/issues/603",
        "https://github.com/jupyterhub/oauthenticator/pull/761",
        "https://github.com/keycloak/keycloak/issues/23900",
        "https://github.com/keycloak/keycloak/issues/51865",
    ),
    standing=True,
    explains=("insufficient-scope", "group-to-scope-mapping-missing", "user-not-in-group"),
)
def slash(
    differential: Differential, permissions: Permissions, access: Access | None, legs: Legs | None
) -> Verdict | None:
    """The two differ by slash and path alone; the server says what it wants, or its rules, or the person."""
    answer = met(GROUP, differential, permissions, legs)
    groups = held_groups(permissions)
    if answer is None or not groups:
        return None
    wanted = unmet(demanded(GROUP, permissions, access), groups)
    pair = next(((g, d) for d in wanted for g in groups if slashed(g, d.value)), None)
    if pair is None and access is not None and not access.spelled_right and not wanted:
        close = next(((g, k) for g in groups for k in access.known if slashed(g, k)), None)
        sure = access.rules is not None or access.open is False
        pair = (close[0], Demand(GROUP, close[1], access.source, certain=sure)) if close else None
    if pair is None:
        return None
    held, demand = pair
    path = held.startswith("/")
    way = "Full group path off" if path else f"Full group path on (it is then `/{demand.value.strip('/')}`)"
    return (proven if demand.certain else likely)(
        Evidence("jwt", f"the token's group is `{held}` ({', '.join(permissions.at(held))})"),
        Evidence("permissions", f"{demand.source} names `{demand.value}`: it differs by the path alone"),
        said(answer, permissions),
        title=f"The token has the group `{held}`, and `{demand.value}` is what is looked for.",
        fix=(
            f'To Keycloak\'s admin: "In the groups mapper of the client: {way}."',
            f'Or to the server\'s admin: "Write the group as the token has it, `{held}`."',
            _ANEW,
        ),
    )


@cause(
    id="groups-claim-name-differs",
    layer="group",
    owner="server-admin",
    title="The groups are in the token, in another claim than the server reads.",
    explanation="There is no standard claim for groups: Keycloak and Okta write `groups`, Cognito `cognito:groups`,"
    " Entra `groups`, `roles` or `wids`, Auth0 a claim named by an address.",
    fix=(
        "The server's admin: set the name of the groups claim in the server's configuration.",
        "Or the identity provider's admin: a mapper, Action or pre-token trigger that writes the claim that is read.",
    ),
    sources=(
        "https://github.com/aws/aws-aspnet-cognito-identity-provider/issues/86",
        "https://github.com/swisstopo/swissgeol-boreholes-suite/issues/1067",
        "https://github.com/pomerium/documentation/pull/50",
        "https://github.com/rustfs/rustfs/issues/2362",
        "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html",
    ),
    explains=(
        "insufficient-scope",
        "groups-mapper-missing",
        "user-not-in-group",
        "group-to-scope-mapping-missing",
    ),
)
def other_claim(
    differential: Differential, permissions: Permissions, access: Access | None, legs: Legs | None
) -> Verdict | None:
    """The very group is in the token, elsewhere; or the claim that the refusal names is not there and another is."""
    answer = met(GROUP, differential, permissions, legs)
    if answer is None or answer.accepted or permissions.overage:
        return None
    wanted = demanded(GROUP, permissions, access)
    at = next(((d, c) for d in wanted if (c := permissions.at(d.value))), None)
    missed = next(
        (c for c in permissions.claims if c not in permissions.names and c not in ("scope", "scp")), ""
    )
    if at is not None and (access is None or not set(at[1]) & set(GROUP_CLAIMS)):
        demand, claims = at
        if _STANDARD in claims and not missed:
            return None
        return _elsewhere(answer, permissions, claims, missed or _STANDARD, demand.value)
    others = tuple(dict.fromkeys(h.claim for h in permissions.of(GROUP) if h.claim != missed))
    if not wanted and missed and others and permissions.speaks_of("group", "role"):
        return _elsewhere(answer, permissions, others, missed)
    return None


def _elsewhere(
    answer: Answer, permissions: Permissions, claims: tuple[str, ...], reads: str, group: str = ""
) -> Verdict:
    where, what = named(claims), f"`{group}`" if group else "groups"
    return (proven if group else likely)(
        Evidence(
            "jwt",
            f"the token has {what} in {where}, and {'a' if reads in permissions.names else 'no'} `{reads}`",
        ),
        said(answer, permissions),
        title=f"The token has {what} in its claim {where}, and the server does not look there.",
        fix=(
            f"To the server's admin: \"Our tokens name groups in the claim {where}. Please set that as the groups claim"
            f' (it seems to be `{reads}` now)."',
            f"Or to the identity provider's admin: a mapper that writes the groups into `{reads}` as well.",
        ),
    )


@cause(
    id="groups-overage-entra",
    layer="group",
    owner="idp-admin",
    title="The account is in too many groups: the token names none of them.",
    explanation="Entra puts at most 200 groups into a token (150 with SAML). Where there are more it leaves all of them"
    " out, and puts a mark there that they have to be asked for. A server that does not ask sees an account in no"
    " group. Whether it is a member, the token does not say.",
    fix=(
        "Entra's admin: App registrations, the app, Token configuration, Edit groups claim: only groups assigned to the"
        " application. Or use app roles.",
        "Or the server's admin: ask Microsoft Graph (getMemberObjects, GroupMember.Read.All) where the mark is.",
        _ANEW,
    ),
    sources=(
        "https://github.com/IBM/mcp-context-forge/issues/2201",
        "https://github.com/oauth2-proxy/oauth2-proxy/issues/3385",
        "https://github.com/MicrosoftDocs/azure-docs/issues/42371",
        "https://github.com/argoproj/argo-cd/issues/25067",
        "https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference#groups-overage-claim",
    ),
    explains=(
        *("insufficient-scope", "groups-mapper-missing", "user-not-in-group", "token-not-recognised"),
        *("groups-claim-name-differs", "scope-present-role-missing"),
    ),
)
def too_many(differential: Differential, permissions: Permissions, legs: Legs | None) -> Verdict | None:
    """By the mark itself, where a token that is known is refused."""
    answer = met(GROUP, differential, permissions, legs)
    if answer is None or answer.accepted or not permissions.overage or permissions.demanded("scope"):
        return None
    if _STANDARD in permissions.names:
        return None
    return proven(
        Evidence("jwt", f"{permissions.overage}, and there is no `groups`"),
        said(answer, permissions),
        title="The account is in more groups than Entra puts into a token (200): this token names none of them.",
    )


@cause(
    id="groups-guid-vs-name",
    layer="group",
    owner="server-admin",
    title="The token has ids of groups, and the rule has names (or the other way round).",
    explanation="Entra writes groups by their object id. A rule that has a name never matches one.",
    fix=(
        "The server's admin: write the object ids into the rules (Entra: Groups, the group, Overview, Object ID).",
        "Or Entra's admin: Token configuration, groups claim: sAMAccountName, or cloud-only group display names.",
    ),
    sources=(
        "https://github.com/gravitational/teleport/issues/69776",
        "https://github.com/IBM/mcp-context-forge/issues/2201",
        "https://learn.microsoft.com/en-us/entra/identity-platform/optional-claims#configure-groups-optional-claims",
    ),
    standing=True,
    explains=("insufficient-scope", "group-to-scope-mapping-missing", "user-not-in-group"),
)
def by_id(
    differential: Differential, permissions: Permissions, access: Access | None, legs: Legs | None
) -> Verdict | None:
    """All of the one are ids, none of the other is."""
    answer = met(GROUP, differential, permissions, legs)
    groups = held_groups(permissions)
    wanted = unmet(demanded(GROUP, permissions, access), groups)
    if answer is None or not groups or not wanted:
        return None
    ids, wants = {bool(_ID.fullmatch(g)) for g in groups}, {bool(_ID.fullmatch(d.value)) for d in wanted}
    if len(ids) != 1 or len(wants) != 1 or ids == wants:
        return None
    which = ("ids", "names") if True in ids else ("names", "ids")
    shown = named(d.value for d in wanted)
    return proven(
        Evidence("jwt", f"the token has {which[0]} of groups: {named(groups)}"),
        Evidence("permissions", f"{wanted[0].source} names {shown}"),
        said(answer, permissions),
        title=f"The token has {which[0]} of groups ({named(groups)}), and {shown} is looked for by its"
        f" {which[1][:-1]}.",
    )


@cause(
    id="group-changed-after-token-issued",
    layer="group",
    owner="you",
    title="The account is in the group now; the token is older than that.",
    explanation="A token keeps the groups that it was made with. Who joins a group afterwards has to get a new one.",
    fix=(
        "Log in again (authwizard logout NAME, then authwizard login NAME), or fetch a new token.",
        "A renewed login is enough only where the provider looks the groups up anew.",
    ),
    sources=(
        "https://github.com/agentic-community/mcp-gateway-registry/blob/a8694ebcd81d29b0e66b440e45ab1bd5ef9cf2a5/docs/"
        "keycloak-integration.md",
        "MCP Gateway Registry: Authentication and Authorization Guide, Regenerate token after group changes",
    ),
    explains=(
        "insufficient-scope",
        "user-not-in-group",
        "groups-mapper-missing",
        "group-to-scope-mapping-missing",
    ),
)
def changed(  # noqa: PLR0917  # each a fact
    differential: Differential,
    permissions: Permissions,
    jwt: JwtView,
    info: UserInfo | None,
    setup: GroupSetup | None,
    access: Access | None,
    clock: Clock | None,
    legs: Legs | None,
) -> Verdict | None:
    """The issuer's user info, which is asked now, names a group that the token lacks though it names groups; or its
    admin API does, and says that the mapper is there."""
    answer = met(GROUP, differential, permissions, legs)
    groups = (*held_groups(permissions), *direct_groups(jwt.claims))
    sure = setup is not None and setup.account and setup.mapper
    if answer is None or answer.accepted or not (sure or _STANDARD in permissions.names):
        return None
    now = (
        tuple(g.strip("/") for g in setup.groups)
        if setup is not None and sure
        else info.groups
        if info
        else ()
    )
    bare = {g.strip("/") for g in groups}
    new = [g for g in now if g.strip("/") not in bare]
    wanted = unmet(demanded(GROUP, permissions, access), groups)
    joined = [g for g in new if any(g == d.value for d in wanted)] or ([] if wanted else new)
    if not joined:
        return None
    issued = number(jwt.claims.get("iat"))
    age = f", and was made {span(clock.now - issued)} ago" if issued is not None and clock is not None else ""
    probe = "group-setup" if sure else "user-info"
    return (proven if sure else likely)(
        Evidence("jwt", f"the token's groups are {named(held_groups(permissions)) or 'none'}{age}"),
        Evidence(probe, f"the issuer says now: groups {', '.join(now)}"),
        said(answer, permissions),
        title=f"The account is in {named(joined)} now, and the token was made before that.",
    )
