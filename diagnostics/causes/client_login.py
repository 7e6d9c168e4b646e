"""Layers client-config and cache: a client that logs in otherwise than it was told, or as it remembers."""

from __future__ import annotations

from wizard.livetest import Evidence
from wizard.urls import origin

from ..facts import ResourceMetadata
from ..facts.client_login import ClientLogin, RootMetadata
from ..facts.wire import Differential
from .book import Verdict, cause, proven


@cause(
    id="configured-client-id-ignored",
    layer="client-config",
    owner="client-vendor",
    title="The client registers itself, though its entry holds a client id.",
    explanation="A client id in the entry is there because the authorization server registers nobody by itself. Some"
    " versions of some clients do not read it, try to register all the same, and say that this is not supported.",
    fix=(
        "Update the client, and log in again. Ask its maker to read the id, if the newest version does not.",
        "Or reach the server by mcp-remote, which takes the id: --static-oauth-client-info"
        ' \'{"client_id":"ID"}\'',
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/67258",
        "https://github.com/anthropics/claude-code/issues/90190",
        "https://github.com/anthropics/claude-code/issues/38102",
        "https://github.com/geelen/mcp-remote#static-oauth-client-information",
    ),
    standing=True,
    explains=("authorization-header-missing", "registration-endpoint-missing"),
)
def id_ignored(client: ClientLogin) -> Verdict | None:
    """Its log speaks of a registration, written after the entry was."""
    line = client.registering
    if not client.client_id or line is None or not line.later:
        return None
    return proven(
        Evidence("client-login", f"the entry {client.name} holds the client id {client.client_id}"),
        Evidence("client-login", f"{line.place}: {line.says}"),
        title=f"{client.title} tries to register itself for {client.name}, though its entry holds a client id.",
    )


@cause(
    id="static-header-ignored-oauth-started",
    layer="client-config",
    owner="server-admin",
    title="The client begins a login, though its entry holds a header that the server takes.",
    explanation="Claude Code looks at /.well-known/ of the server before it connects. Where anything but 404 is there,"
    " it takes the server for one that wants a login, and asks for that instead of sending the header.",
    fix=(
        "To the server's admin: \"Please answer 404 at /.well-known/oauth-authorization-server and"
        ' /.well-known/oauth-protected-resource where no login is offered, also to clients that send a token."',
        "Then take the server's name out of ~/.claude/mcp-needs-auth-cache.json, or add the server anew.",
        "Or update Claude Code: later versions send the header first.",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/56357",
        "https://github.com/anthropics/claude-code/issues/38972",
        "https://github.com/agentclientprotocol/claude-agent-acp/issues/1160",
        "https://github.com/metatool-ai/metamcp/issues/277",
    ),
    standing=True,
)
def header_ignored(client: ClientLogin, root: RootMetadata, differential: Differential) -> Verdict | None:
    """The header is accepted; what lies there is no metadata at all, or the client has noted that it has to log in."""
    real = differential.real
    if real is None or not real.accepted or root.answer.status != 200:
        return None
    if root.document and not client.asks:
        return None
    what = "metadata of a login" if root.document else "200, and it is no metadata"
    noted = (
        (Evidence("client-login", f"{client.asks} says that {client.name} needs a login"),)
        if client.asks
        else ()
    )
    return proven(
        Evidence("differential", f"with the header of the entry the server {real.gives()}"),
        Evidence("root-metadata", f"GET {root.url}: {what}"),
        *noted,
        title=f"{client.title} wants a login for {client.name}, though the header of its entry is accepted.",
    )


@cause(
    id="preflight-probe-false-401",
    layer="client-config",
    owner="client-vendor",
    title="The client stops at a first question that it asks without the header of its entry.",
    explanation="Before it connects, the client looks whether anything answers, by a request that lacks the headers of"
    " the entry. The server refuses that one, as it should; the client takes it for a refusal of the credential and"
    " goes no further.",
    fix=(
        "Update the client. Ask its maker to send the entry's headers with the first question, or to pass over its 401,"
        " if the newest version does not.",
        "Or let the client start mcp-remote with the header, which asks no such question.",
    ),
    sources=(
        "https://github.com/agentclientprotocol/claude-agent-acp/issues/1160",
        "https://github.com/anthropics/claude-code/issues/82534",
    ),
    standing=True,
)
def preflight(client: ClientLogin, differential: Differential) -> Verdict | None:
    """Its log says so, written after the entry was; and the entry's own request is accepted."""
    real, line = differential.real, client.preflight
    if real is None or not real.accepted or line is None or not line.later:
        return None
    return proven(
        Evidence("client-login", f"{line.place}: {line.says}"),
        Evidence("differential", f"with the header of the entry the server {real.gives()}"),
        title=f"{client.title} gives up on {client.name} at a question without the entry's header; with it the server"
        " answers.",
    )


@cause(
    id="discovery-cached-or-proxied-origin",
    layer="cache",
    owner="you",
    title="The client remembers another authorization server than the one that the server names.",
    explanation="A client keeps where a server's login was found. When the server moves its login, or was first reached"
    " through a proxy, the client goes on asking at the old place, and says that no login is supported there.",
    fix=(
        "Forget the login: in Claude Code, /mcp, the server, Clear authentication (or: claude mcp logout NAME).",
        "If that changes nothing: remove the server and add it again.",
        "Then log in again.",
    ),
    sources=(
        "https://github.com/mcp-use/mcp-use/pull/1840",
        "https://github.com/mcp-use/mcp-use/issues/1843",
        "https://github.com/anthropics/claude-code/issues/56357",
    ),
    standing=True,
    explains=("stale-auth-cache-revoked-tokens",),
)
def elsewhere(client: ClientLogin, metadata: ResourceMetadata) -> Verdict | None:
    """Its origin is none of those that the resource's metadata names."""
    named = [_origin(url) for url in metadata.authorization_servers]
    if not client.discovered or not named or _origin(client.discovered) in named:
        return None
    return proven(
        Evidence(
            "client-login", f"{client.kept}: the authorization server of {client.name} is {client.discovered}"
        ),
        Evidence("metadata", f"{metadata.url} names {', '.join(metadata.authorization_servers)}"),
        title=f"{client.title} remembers {client.discovered} as the login of {client.name}; the server names"
        f" {metadata.authorization_servers[0]}.",
    )


def _origin(url: str) -> object:
    try:
        return origin(url)
    except ValueError:
        return url
