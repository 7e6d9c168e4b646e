"""How the practice gateway goes wrong: one change each, in what it hands out, knows, or has behind it."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import replace

from wizard.secret import Secret

from .gateway import GatewaySite
from .gateway_idp import MASTER
from .sites import Site


def egress_refused(site: Site) -> None:
    """The token handed out for the server behind is of the right form, and not the one that it knows."""
    site.credentials["egress_token"] = Secret(secrets.token_urlsafe(40))


def unmapped(site: Site) -> None:
    """The access rules no longer name the groups that agents are in."""
    if isinstance(site, GatewaySite):
        known = {g: s for g, s in site.rules.groups.items() if not g.startswith("mcp-servers-")}
        site.rules = replace(site.rules, groups=known)


def misspelt(site: Site) -> None:
    """The groups are called with underscores."""
    if isinstance(site, GatewaySite):
        site.idp.spell = lambda group: group.replace("-", "_")
        site.hand_out()


def no_mapper(site: Site) -> None:
    """The realm's clients have no groups mapper."""
    if isinstance(site, GatewaySite):
        site.idp.mapper = False
        site.hand_out()


def other_realm(site: Site) -> None:
    """The token handed out is of the realm `master`."""
    if isinstance(site, GatewaySite):
        token = site.idp.agent_token(site.credentials["client_id"].reveal(), MASTER)
        site.credentials["token"] = token
        site.keep(token)


def secret_id(site: Site) -> None:
    """What is handed out as the client secret is its id."""
    site.credentials["client_secret"] = Secret(str(uuid.uuid4()))


def id_token(site: Site) -> None:
    """The token handed out is an ID token: it is for the client itself."""
    if isinstance(site, GatewaySite):
        client = site.credentials["client_id"].reveal()
        token = site.idp.agent_token(client, typ="ID", aud=client, scope=None)
        site.credentials["token"] = token
        site.keep(token)


def ahead(site: Site) -> None:
    """The clock of the identity provider is a quarter of an hour ahead."""
    if isinstance(site, GatewaySite):
        site.idp.ahead = 900
        site.hand_out()


def other_name(site: Site) -> None:
    """Keycloak writes another name of this machine into its tokens than the gateway knows it by."""
    if isinstance(site, GatewaySite):
        site.idp.calls_itself = site.idp.origin.replace("127.0.0.1", "localhost")
        site.hand_out()


def renamed_tool(site: Site) -> None:
    """One server has hyphens in its tools' names, where the access rules have underscores."""
    if isinstance(site, GatewaySite):
        server = site.behind["currenttime"]
        tools = tuple(replace(t, name=t.name.replace("_", "-")) for t in server.tools)
        site.behind = {**site.behind, server.name: replace(server, tools=tools)}
