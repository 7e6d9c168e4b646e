"""Layer discovery: a server's metadata lies where only some clients look."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from wizard.livetest import Evidence

from ..facts import ResourceMetadata, Situation
from ..facts.login import LoggedIn, LoginTold
from ..facts.wire import Differential
from .book import Verdict, cause, proven

_WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"
_NOT_THERE: Final = frozenset({200, 301, 302, 307, 308, 401, 403, 404, 405, 406, 410})


@cause(
    id="prm-path-based-404",
    layer="discovery",
    owner="server-admin",
    title="The server's metadata does not lie where it belongs for the endpoint's path.",
    explanation="For an endpoint https://HOST/mcp the protected resource metadata belongs at"
    " /.well-known/oauth-protected-resource/mcp (RFC 9728 section 3.1). This server has it at the root only, and its"
    " refusal does not say so: clients that ask for the first alone find nothing, never log in, and begin again.",
    fix=(
        "To the server's admin: \"Please serve the protected resource metadata at"
        " /.well-known/oauth-protected-resource followed by the endpoint's path as well as at the root (RFC 9728"
        ' section 3.1), and name it in the 401: WWW-Authenticate: Bearer resource_metadata=..."',
        "Exclude /.well-known/ from the MCP endpoint's router and from the web application before it.",
    ),
    sources=(
        "RFC 9728 section 3.1",
        "https://github.com/akutishevsky/nutrition-mcp/issues/51",
        "https://github.com/code-yeongyu/oh-my-openagent/issues/2673",
        "https://github.com/archestra-ai/archestra/pull/7246",
        "https://github.com/calcom/companion/pull/166",
        "https://github.com/ctxpipe-ai/ctxpipe/pull/147",
    ),
    standing=True,
)
def only_at_the_root(
    metadata: ResourceMetadata,
    situation: Situation,
    differential: Differential,
    login: LoginTold | None,
    logged_in: LoggedIn | None,
) -> Verdict | None:
    """Found at the root, after it was looked for below the path, and no challenge says where it is. Whoever has a
    credential of another kind needs none of it."""
    judged = differential.judged
    if metadata.named or login is not None or differential.none.status != 401:
        return None
    if urlsplit(metadata.url).path.rstrip("/") != _WELL_KNOWN:
        return None
    missed = [
        (u, s)
        for u, s in metadata.missed
        if urlsplit(u).path.startswith(f"{_WELL_KNOWN}/") and s in _NOT_THERE
    ]
    if situation.has_credential and logged_in is None:
        return None
    if not missed or (differential.real is not None and not judged.accepted):
        return None
    place, status = missed[0]
    what = f"{status}" if status != 200 else "200, and what comes is no metadata"
    says = (
        f"names {place}"
        if any(c.get("resource_metadata") for c in differential.none.challenges)
        else "names none"
    )
    return proven(
        Evidence("metadata", f"GET {place} is answered {what}"),
        Evidence(
            "metadata", f"GET {metadata.url} is answered 200, resource {metadata.resource or 'not named'}"
        ),
        Evidence("differential", f"the 401 without a credential {says}"),
        title=f"The server's metadata is at {urlsplit(metadata.url).path} only; clients look at"
        f" {urlsplit(place).path} first, and some look nowhere else.",
    )
