"""Layer group: what the identity provider puts into a token of the groups that an account is in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wizard.livetest import Evidence

from ..facts import JwtView
from ..facts.oauth import GroupsWanted, UserInfo, realm_of
from ..facts.permission import GroupSetup
from ..facts.wire import Differential
from .book import Verdict, cause, likely, proven

_NAMES: Final = frozenset({"groups", "roles", "wids", "memberof"})
_MAPPER: Final = (
    "Keycloak's admin: Clients, the client, Client scopes, its dedicated scope: add the mapper `Group Membership`,"
    " claim name groups, `Add to access token` on, `Full group path` off."
)
_ANEW: Final = "Then fetch a new token: the old one stays as it is."


@cause(
    id="groups-mapper-missing",
    layer="group",
    owner="idp-admin",
    title="The token carries no groups.",
    explanation="The server decides by the groups in the token. The identity provider puts them there only where a"
    " mapper says so, and only for the client that has it.",
    fix=(_MAPPER, _ANEW),
    sources=(
        "https://github.com/keycloak/keycloak/issues/43654",
        "https://github.com/microcks/microcks/issues/553",
        "MCP Gateway Registry: Keycloak groups",
    ),
    explains=("token-not-recognised",),
)
def mapper_missing(
    jwt: JwtView,
    differential: Differential,
    wanted: GroupsWanted,
    info: UserInfo | None,
    setup: GroupSetup | None = None,
) -> Verdict | None:
    """No groups in the token; the issuer's user info tells whether the account is in any."""
    real = differential.real
    if real is None or not real.refused or _named(jwt.claims) or _elsewhere(jwt.claims):
        return None
    if "groups" in jwt.claims:
        # a mapper is there, and had none to write
        return None
    client = jwt.claims.get("azp") or jwt.claims.get("client_id")
    whose = f" of the client `{client}`" if isinstance(client, str) else ""
    shown = Evidence("jwt", "the token has no claim that names groups")
    refused = Evidence("differential", f"yours {real.met()}; {wanted.why}")
    if info is not None and info.groups:
        return proven(
            shown,
            Evidence("user-info", f"the issuer's user info says: {info.seen()}"),
            refused,
            title=f"The account is in groups, and the token{whose} carries none: no mapper puts them there.",
        )
    if setup is not None and setup.account and setup.groups:
        if setup.mapper:
            return None
        return proven(
            shown,
            Evidence("group-setup", setup.seen()),
            refused,
            title=f"The account is in {', '.join(f'`{g}`' for g in setup.groups[:6])}, and the token{whose} carries no"
            " groups: no mapper puts them there.",
            fix=(_MAPPER, _ANEW),
        )
    if setup is not None and setup.account:
        # it is in none: no mapper would help
        return None
    asked = info is not None and info.status == 200
    told = (Evidence("user-info", "the issuer's user info names no groups either"),) if asked else ()
    kind = "Keycloak" if realm_of(str(jwt.claims.get("iss") or "")) else "The identity provider"
    look = (
        f"{kind}'s admin: look at the groups of the account (a service account has some too); add it to the one that"
        " the server wants."
    )
    return likely(
        shown,
        *told,
        refused,
        title=f"The token{whose} carries no groups: no mapper puts them there, or the account is in none.",
        fix=(look, f"If it is in one: {_MAPPER}", _ANEW),
    )


def _named(claims: Mapping[str, object]) -> bool:
    """Whether any claim lists groups, under whatever name: Keycloak's, Cognito's, Entra's, or one named by a URL."""
    return any(
        isinstance(value, list)
        and bool(value)
        and name.rstrip("/").replace(":", "/").rpartition("/")[2].lower() in _NAMES
        for name, value in claims.items()
    )


def _elsewhere(claims: Mapping[str, object]) -> bool:
    """Whether the token says that the groups are too many to be in it (Entra's overage)."""
    return bool(claims.get("hasgroups")) or "groups" in str(claims.get("_claim_names") or "")
