"""Have, need and missing, of scopes, groups and roles: plain data, made of what was found out about a target.

For a gateway whose access rules are at hand also: which servers, methods and tools the token may use, and for what it
may not the scope or group that is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wizard.gateway.rules import CALL, Rules

from .engine import Facts
from .facts import Scopes
from .facts.gateway import Access, Opened, how, nearest
from .facts.permission import GROUP, KINDS, ROLE, SCOPE, SERVER, YOU, Demand, GroupSetup, Held, Permissions

_PLURAL: Final = {SCOPE: "scopes", GROUP: "groups", ROLE: "roles"}
_OWNERS: Final = {SCOPE: "you", GROUP: "idp-admin", ROLE: "idp-admin"}
_FIXES: Final = {
    SCOPE: "Log in again, or make a new token, with `{name}`.",
    GROUP: "The identity provider's admin: add the account to the group `{name}`; then fetch a new token.",
    ROLE: "The identity provider's admin: give the account the role `{name}`; then fetch a new token.",
}
_ELSEWHERE: Final = "The server's admin: read it in the claim `{claim}`, where the token has it."
_SHOWN: Final = 200
_FEW: Final = 12


@dataclass(frozen=True, slots=True)
class Missing:
    """What is needed and not there. ``near`` is what is there and nearly it, ``differs`` in which way."""

    name: str
    source: str
    sure: bool
    owner: str
    fix: str
    near: str = ""
    differs: str = ""

    def as_json(self) -> dict[str, object]:
        """Plain data."""
        near = {"near": self.near, "differs": self.differs} if self.near else {}
        return {
            "name": self.name,
            "source": self.source,
            "sure": self.sure,
            "owner": self.owner,
            "fix": self.fix,
            **near,
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one kind: what the token has and in which claim, what is needed and who says so, what is missing. Of several
    that are needed with ``choice`` one is enough. ``known`` is False where nobody says what the token has (it is
    opaque): then nothing is said to be missing."""

    kind: str
    have: tuple[Held, ...]
    need: tuple[Demand, ...]
    missing: tuple[Missing, ...]
    known: bool = True

    def as_json(self) -> dict[str, object]:
        """Plain data; a token with thousands shows the first of them, and the number of all."""
        return {
            "have": [{"name": h.value, "claim": h.claim} for h in self.have[:_SHOWN]],
            "count": len(self.have),
            "known": self.known,
            "need": [
                {"name": d.value, "source": d.source, "sure": d.certain, "any": d.choice} for d in self.need
            ],
            "missing": [m.as_json() for m in self.missing],
        }


@dataclass(frozen=True, slots=True)
class Server:
    """What the rules open to the token at one server, and what they close, with what any one of would open it."""

    name: str
    methods: tuple[str, ...]
    tools: tuple[str, ...]
    closed: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]

    def as_json(self) -> dict[str, object]:
        """Plain data; ``closed`` are tools, or the server itself as ``*``."""
        return {
            "server": self.name,
            "methods": list(self.methods),
            "tools": list(self.tools),
            "closed": [
                {"tool": tool, "scopes": list(scopes), "groups": list(groups)}
                for tool, scopes, groups in self.closed
            ],
        }


@dataclass(frozen=True, slots=True)
class Allowed:
    """All of it; ``servers`` are None where no rules are at hand, ``rules`` is then empty."""

    standings: tuple[Standing, ...]
    rules: str = ""
    brings: tuple[str, ...] = ()
    servers: tuple[Server, ...] | None = None
    keycloak: GroupSetup | None = None

    def of(self, kind: str) -> Standing:
        """That of one kind."""
        return next(s for s in self.standings if s.kind == kind)

    def as_json(self) -> dict[str, object]:
        """The contract's ``permissions``."""
        found: dict[str, object] = {_PLURAL[s.kind]: s.as_json() for s in self.standings}
        if self.servers is not None:
            found["gateway"] = {
                "rules": self.rules,
                "scopes": list(self.brings),
                "servers": [s.as_json() for s in self.servers],
            }
        if self.keycloak is not None:
            found["keycloak"] = {
                "realm": self.keycloak.realm,
                "checks": [c.as_json() for c in self.keycloak.checks],
            }
        return found


def allowed(facts: Facts) -> Allowed | None:
    """What the token may do, and what it would have to be allowed; None where nothing is known of either."""
    permissions, scopes, opened = facts.get(Permissions), facts.get(Scopes), facts.get(Opened)
    setup = facts.get(GroupSetup)
    if (
        permissions is None
        and (scopes is None or scopes.granted is None)
        and opened is None
        and setup is None
    ):
        return None
    found = permissions or Permissions()
    standings = tuple(_standing(kind, found, scopes, opened) for kind in KINDS)
    if (access := facts.get(Access)) is not None and access.rules is None:
        standings = tuple(_by_document(s, access, found) if s.kind == GROUP else s for s in standings)
    if opened is None or opened.rules is None:
        return Allowed(standings, keycloak=setup)
    brings = opened.rules.scopes_of(opened.groups)
    return Allowed(
        standings, opened.rules.source, brings, tuple(_servers(opened.rules, brings, opened.server))
    )


def _standing(kind: str, found: Permissions, scopes: Scopes | None, opened: Opened | None) -> Standing:
    have = list(found.of(kind))
    if kind == SCOPE:
        told = {h.value for h in have}
        have += [h for h in _brought(scopes, opened) if h.value not in told]
    need = list(found.demanded(kind, certain=False))
    if kind == GROUP and opened is not None and opened.rules is not None and not need:
        rules = opened.rules
        opening = rules.groups_for(
            rules.scopes_for(opened.server, CALL if opened.tool else "tools/list", opened.tool)
        )
        need += [Demand(GROUP, g, rules.source, choice=True) for g in opening]
    known = bool(have or found.names) or (
        kind == SCOPE and ((scopes is not None and scopes.granted is not None) or opened is not None)
    )
    if not known:
        refused = [d for d in need if d.source == SERVER and d.certain and not d.choice]
        return Standing(kind, (), tuple(need), tuple(_missing(d, found, have) for d in refused), known=False)
    values = {h.value for h in have}
    satisfied = any(d.choice and d.value in values for d in need)
    lacking = [d for d in need if d.value not in values and not (d.choice and satisfied)]
    return Standing(kind, tuple(have), tuple(need), tuple(_missing(d, found, have) for d in lacking))


def _by_document(standing: Standing, access: Access, found: Permissions) -> Standing:
    """The groups that the gateway's document knows, any one of which may do, where nobody names one."""
    if standing.need or access.spelled_right or not standing.known:
        return standing
    need = tuple(Demand(GROUP, g, access.source, choice=True, certain=False) for g in access.known)
    missing = tuple(_missing(d, found, standing.have) for d in need)
    return Standing(GROUP, standing.have, need, missing)


def _brought(scopes: Scopes | None, opened: Opened | None) -> tuple[Held, ...]:
    """Scopes that no claim names: by the gateway's own rules, else as the server or the service's document says."""
    if opened is not None and opened.rules is not None:
        rules = opened.rules
        return tuple(Held(SCOPE, s, f"the groups, by {rules.source}") for s in rules.scopes_of(opened.groups))
    granted = scopes.granted if scopes is not None else None
    return tuple(Held(SCOPE, s, "told by the server, or brought along") for s in granted or ())


def _missing(demand: Demand, found: Permissions, have: Iterable[Held]) -> Missing:
    elsewhere = next((c for c in found.at(demand.value)), "")
    near = "" if elsewhere else nearest(demand.value, [h.value for h in have])
    if elsewhere:
        fix, owner = _ELSEWHERE.format(claim=elsewhere), "server-admin"
    else:
        fix, owner = _FIXES[demand.kind].format(name=demand.value), _OWNERS[demand.kind]
    if near:
        fix = (
            f"It is called `{near}` in the token, `{demand.value}` is wanted: make them alike, to the letter."
        )
    if demand.source == YOU and demand.kind == SCOPE:
        owner = "you"
    return Missing(
        demand.value,
        demand.source,
        demand.certain,
        owner,
        fix,
        near or elsewhere,
        how(demand.value, near) if near else ("its claim" if elsewhere else ""),
    )


def _servers(rules: Rules, brings: tuple[str, ...], asked: str) -> Iterable[Server]:
    """Every server that the rules know, and the one that is asked for."""
    for name in dict.fromkeys([*([asked] if asked else []), *rules.servers(rules.scopes)]):
        grants = [g for scope in brings for g in rules.scopes.get(scope, ()) if g.server.strip("/") == name]
        every = [g for held in rules.scopes.values() for g in held if g.server.strip("/") == name]
        methods = tuple(dict.fromkeys(m for g in grants for m in g.methods))
        tools = tuple(dict.fromkeys(t for g in grants for t in g.tools))
        closed = [] if grants else [("*", *_opening(rules, name, ""))]
        closed += [
            (t, *_opening(rules, name, t))
            for t in dict.fromkeys(t for g in every for t in g.tools)
            if t not in tools
        ]
        yield Server(name, methods, tools, tuple(closed))


def _opening(rules: Rules, server: str, tool: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    scopes = rules.scopes_for(server, CALL if tool else "tools/list", tool)
    return scopes, rules.groups_for(scopes)


def lines(found: Allowed | None) -> list[str]:
    """What a person reads: only where something is missing, or a gateway's rules are at hand."""
    if found is None:
        return []
    said = []
    for standing in found.standings:
        missed = [m for m in standing.missing if m.sure]
        asked = [d.value for d in standing.need if d.certain and d.value not in {m.name for m in missed}]
        if not standing.known and asked:
            said.append(
                f"  {_PLURAL[standing.kind]}: what the token has cannot be read; needed: {', '.join(asked)}"
            )
        if not missed:
            continue
        held = list(dict.fromkeys(h.value for h in standing.have))
        more = f" and {len(held) - _FEW:,} more" if len(held) > _FEW else ""
        have = f"{', '.join(held[:_FEW])}{more}" or ("none" if standing.known else "what cannot be read")
        said.append(f"  {_PLURAL[standing.kind]}: the token has {have}")
        for one in missed:
            near = f"; `{one.near}` differs by {one.differs}" if one.near else ""
            said.append(f"    missing {one.name} ({one.source}{near})")
    for server in found.servers or ():
        tools = ", ".join(server.tools) or "no tool"
        said.append(f"  {server.name}: {tools}" if server.methods else f"  {server.name}: closed")
        for tool, scopes, groups in server.closed:
            what = "it" if tool == "*" else tool
            said.append(
                f"    {what} wants one of {', '.join(scopes) or 'no scope'}; groups {', '.join(groups) or 'none'}"
            )
    for check in found.keycloak.checks if found.keycloak else ():
        said.append(
            f"  {'well' if check.ok else 'NOT well'}: {check.says}{f' ({check.fix})' if check.fix else ''}"
        )
    return ["What the token may do, and what is missing:", *said] if said else []
