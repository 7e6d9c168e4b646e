"""Layer group: the groups in a token, and what they are known for."""

from __future__ import annotations

from wizard.gateway.rules import CALL
from wizard.livetest import Evidence

from ..facts.gateway import Access, Legs, Opened, how, plain
from ..facts.oauth import UserInfo
from ..facts.permission import GROUP, ROLE, GroupSetup, Permissions
from ..facts.wire import Answer, Differential
from ..permissions import kind_of
from .book import Verdict, cause, likely, proven
from .group_claims import held_groups, slashed
from .permitted import met, named, said, unmet

_GUIDE = "MCP Gateway Registry: Authentication and Authorization Guide, Troubleshooting Group Issues"


@cause(
    id="group-name-case-or-hyphen",
    layer="group",
    owner="idp-admin",
    title="The group in the token is spelled otherwise than the one that is known.",
    explanation="A group counts only to the letter: with other capitals, an underscore for a hyphen, or a slash before"
    " it, it is another group, which brings no rights.",
    fix=(
        "The identity provider's admin: rename the group to the letter as the server knows it.",
        "Then fetch a new token: one that is out keeps the groups that it was made with.",
    ),
    sources=(
        _GUIDE,
        "https://github.com/terrakube-io/terrakube/issues/3257",
        "https://github.com/DependencyTrack/dependency-track/issues/3269",
        "https://github.com/Infisical/infisical/issues/6731",
    ),
    standing=True,
    explains=("insufficient-scope", "group-to-scope-mapping-missing", "user-not-in-group"),
)
def spelling(
    access: Access | None,
    differential: Differential,
    legs: Legs | None,
    permissions: Permissions | None = None,
) -> Verdict | None:
    """None of the token's groups is known to the letter, one of them nearly; the token itself is accepted."""
    if access is None:
        return _misspelt(differential, permissions, legs) if permissions else None
    refusal = _forbidden(differential, legs)
    near = access.near()
    if refusal is None or near is None or access.spelled_right or slashed(*near):
        return None
    held, known = near
    say = proven if access.rules is not None or access.open is False else likely
    return say(
        Evidence("jwt", f"the token's group is `{held}`"),
        Evidence("access", f"{access.source} knows `{known}`: it differs by {how(held, known)}"),
        Evidence("legs", f"the token is accepted, and the request answered {refusal.seen()}"),
        title=f"The token's group is `{held}`; the gateway knows `{known}`.",
        fix=(
            f"The identity provider's admin: rename the group to `{known}`, to the letter.",
            "Then fetch a new token: one that is out keeps the groups that it was made with.",
        ),
    )


def _misspelt(differential: Differential, permissions: Permissions, legs: Legs | None) -> Verdict | None:
    """By the server's own words, or the person's: what is named is not in the token, and something like it is."""
    answer = met(GROUP, differential, permissions, legs)
    groups = held_groups(permissions)
    wanted = unmet(permissions.demanded(GROUP), groups)
    pair = next(
        ((g, d) for d in wanted for g in groups if plain(g) == plain(d.value) and not slashed(g, d.value)),
        None,
    )
    if answer is None or pair is None:
        return None
    held, demand = pair
    return proven(
        Evidence("jwt", f"the token's group is `{held}`"),
        Evidence(
            "permissions", f"{demand.source} names `{demand.value}`: it differs by {how(held, demand.value)}"
        ),
        said(answer, permissions),
        title=f"The token's group is `{held}`; the server knows `{demand.value}`.",
        fix=(
            f'To the server\'s admin: "The group is called `{held}` in our tokens, to the letter. Please write it so."',
            f"Or the identity provider's admin: rename the group to `{demand.value}`; then fetch a new token.",
        ),
    )


@cause(
    id="group-to-scope-mapping-missing",
    layer="group",
    owner="server-admin",
    title="The gateway gives the token's groups no rights.",
    explanation="The token is good and names groups, but the gateway's access rules map none of them to a scope.",
    fix=(
        "The gateway's admin: add the group, as the token names it, to group_mappings in auth_server/scopes.yml.",
        "Then restart the auth server.",
    ),
    sources=(
        "https://github.com/agentic-community/mcp-gateway-registry/issues/1117",
        "https://github.com/IBM/mcp-context-forge/issues/2201",
        _GUIDE,
    ),
    explains=("insufficient-scope",),
)
def mapping(access: Access, differential: Differential, legs: Legs | None) -> Verdict | None:
    """By the rules themselves, or by a gateway that knows the token and lists no server at all to it."""
    refusal = _forbidden(differential, legs)
    if refusal is None or not access.groups or (access.near() and not access.spelled_right):
        return None
    mapped = bool(access.rules.scopes_of(access.groups)) if access.rules is not None else None
    told = "no scopes configured" in refusal.words()
    if mapped or not (mapped is False or told or access.listed == ()):
        return None
    named = ", ".join(f"`{g}`" for g in access.groups)
    shown = [Evidence("jwt", f"the token's groups: {named}")]
    if access.rules is not None:
        shown.append(
            Evidence("access", f"{access.source} maps {', '.join(access.rules.groups) or 'no group'}")
        )
    elif access.listed == ():
        shown.append(Evidence("access", "the gateway accepts the token, and lists no server to it"))
    shown.append(
        Evidence(
            "legs", f"the request is answered {refusal.seen()}{f': {refusal.says}' if refusal.says else ''}"
        )
    )
    certain = mapped is False or told or bool(access.spelled_right)
    return (proven if certain else likely)(
        *shown,
        title=f"The gateway's access rules map no scope to {named}.",
        fix=(
            f"The gateway's admin: add {named} to group_mappings in auth_server/scopes.yml, with its scopes.",
            "Then restart the auth server, and try again with the same token.",
        ),
    )


def _forbidden(differential: Differential, legs: Legs | None) -> Answer | None:
    """The refusal of a token that is known: 403 of the first leg, whatever is sent for those behind it."""
    judged = legs.legs[0].real if legs else differential.real
    return judged if judged is not None and judged.status == 403 else None


@cause(
    id="user-not-in-group",
    layer="group",
    owner="idp-admin",
    title="The account is in none of the groups that open this server.",
    explanation="The token is good, and its groups are known; none of them opens what was asked for.",
    fix=(
        "The identity provider's admin: add the account to a group that opens it.",
        "Then fetch a new token: one that is out keeps the groups that it was made with.",
    ),
    sources=(
        "MCP Gateway Registry: Authentication and Authorization Guide, Assigning Service Accounts to Groups",
        "https://www.keycloak.org/docs/latest/server_admin/#proc-managing-groups_server_administration_guide",
    ),
    standing=True,
    explains=("insufficient-scope",),
)
def membership(  # noqa: PLR0917  # each a fact
    access: Access | None,
    differential: Differential,
    legs: Legs | None,
    permissions: Permissions | None = None,
    info: UserInfo | None = None,
    setup: GroupSetup | None = None,
    opened: Opened | None = None,
) -> Verdict | None:
    """By the rules, or by a list of servers that names others and not this one; else by a group that is named."""
    if opened is not None and opened.tool and differential.judged.accepted:
        return _of_tool(opened)
    if setup is not None and setup.account and not setup.groups and permissions is not None:
        return _in_none(setup, differential, permissions, legs)
    if access is None:
        return _outside(differential, permissions, legs, info) if permissions else None
    refusal = _forbidden(differential, legs)
    if refusal is None or not access.groups or (access.near() and not access.spelled_right):
        return None
    rules = access.rules
    opening: tuple[str, ...] = ()
    if rules is not None:
        opening = rules.groups_for(rules.scopes_for(access.server, "tools/list"))
        if not rules.scopes_of(access.groups) or set(opening) & set(access.groups):
            return None
        shown = Evidence(
            "access", f"{rules.source} opens `{access.server}` to {', '.join(opening) or 'no group'}"
        )
    elif access.listed and access.open is False:
        names = ", ".join(s.name for s in access.listed[:8])
        shown = Evidence("access", f"the gateway lists {names} to this token, and not `{access.server}`")
        opening = tuple(g for g in access.known if g not in access.groups)
    else:
        return None
    named = ", ".join(f"`{g}`" for g in access.groups)
    which = f" ({', '.join(opening)})" if opening else ""
    return proven(
        Evidence("jwt", f"the token's groups: {named}"),
        shown,
        Evidence("legs", f"the token is accepted, and the request answered {refusal.seen()}"),
        title=f"The token's groups ({named}) do not open `{access.server}`.",
        fix=(
            f"The identity provider's admin: add the account to a group that opens `{access.server}`{which}.",
            "Then fetch a new token: one that is out keeps the groups that it was made with.",
        ),
    )


def _outside(
    differential: Differential, permissions: Permissions, legs: Legs | None, info: UserInfo | None
) -> Verdict | None:
    """The group that is named is nowhere in the token, nothing like it is, and the token's groups are all there."""
    answer = met(GROUP, differential, permissions, legs)
    groups = held_groups(permissions)
    wanted = unmet(permissions.demanded(GROUP), [h.value for h in permissions.held])
    complete = any(kind_of(n) == GROUP for n in permissions.names) and not permissions.overage
    if answer is None or not (groups or complete):
        return None
    if not wanted:
        unnamed = not answer.accepted and not permissions.demanded(GROUP) and not permissions.claims
        return _unnamed(answer, permissions, groups, info) if unnamed else None
    if any(plain(g) == plain(d.value) or slashed(g, d.value) for d in wanted for g in groups):
        return None
    if info is not None and any(d.value in info.groups for d in wanted):
        return None
    shown, held = named(d.value for d in wanted), named(groups) or "none"
    asked = (
        (Evidence("user-info", f"the issuer says now: {info.seen()}"),) if info and info.status == 200 else ()
    )
    return proven(
        Evidence("jwt", f"the token's groups: {held}"),
        Evidence("permissions", f"{wanted[0].source} names {shown}"),
        *asked,
        said(answer, permissions),
        title=f"The account is not in {shown}: the token's groups are {held}.",
        fix=(
            f'To the identity provider\'s admin: "Please add this account to the group {shown}."',
            "Then fetch a new token: one that is out keeps the groups that it was made with.",
        ),
    )


def _unnamed(
    answer: Answer, permissions: Permissions, groups: tuple[str, ...], info: UserInfo | None
) -> Verdict | None:
    """The refusal is about groups, and names none; the token's own are known."""
    if answer.status != 403 or not permissions.speaks_of("group") or permissions.demanded(ROLE):
        return None
    if info is not None and set(info.groups) - set(groups):
        return None
    held = named(groups) or "none"
    return likely(
        Evidence("jwt", f"the token's groups: {held}"),
        said(answer, permissions),
        title=f"The server decides by groups, and the token's ({held}) do not open it.",
        fix=(
            "Ask the server's admin which group opens it, to the letter; then: doctor ... --require-group NAME",
            'To the identity provider\'s admin: "Please add this account to the group that opens this server."',
            "Then fetch a new token: one that is out keeps the groups that it was made with.",
        ),
    )


def _in_none(
    setup: GroupSetup, differential: Differential, permissions: Permissions, legs: Legs | None
) -> Verdict | None:
    """Keycloak's own admin API says that the account is in no group."""
    answer = met(GROUP, differential, permissions, legs)
    if answer is None or answer.accepted or held_groups(permissions):
        return None
    return proven(
        Evidence("group-setup", setup.seen()),
        said(answer, permissions),
        title=f"The account is in no group of the realm {setup.realm}.",
        fix=(*(c.fix for c in setup.checks if c.id == "membership" and c.fix), "Then fetch a new token."),
    )


def _of_tool(opened: Opened) -> Verdict | None:
    """The rules open the server to the token, and the tool that is wanted there only to others."""
    rules = opened.rules
    if rules is None or rules.allows(rules.scopes_of(opened.groups), opened.server, CALL, opened.tool):
        return None
    scopes = rules.scopes_for(opened.server, CALL, opened.tool)
    groups = rules.groups_for(scopes)
    if not groups:
        return None
    return proven(
        Evidence("jwt", f"the token's groups: {named(opened.groups) or 'none'}"),
        Evidence("opened", f"{rules.source} opens `{opened.tool}` at `{opened.server}` to {named(scopes)}"),
        title=f"The token may use `{opened.server}`, and not its tool `{opened.tool}`: that wants {named(scopes)}.",
        fix=(
            f"The identity provider's admin: add the account to {' or '.join(f'`{g}`' for g in groups)}.",
            f"Or the gateway's admin: add `{opened.tool}` in {rules.source} to a scope that the token's groups bring.",
            "Then fetch a new token: one that is out keeps the groups that it was made with.",
        ),
    )
