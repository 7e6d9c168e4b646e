"""What a client finds that looks for a login before it sends the header that it was given."""

from __future__ import annotations

from wizard.entries import Remote
from wizard.errors import TransportError
from wizard.oauth import wellknown

from ..answers import json_object
from ..asking import read
from ..engine import Context, Probe, Skip
from ..facts.client_login import ClientLogin, RootMetadata


async def root_metadata(context: Context, client: ClientLogin) -> RootMetadata | Skip:  # noqa: ARG001  only such a client looks there
    """One GET without a credential, where the entry of such a client has a header of its own."""
    entry = context.target.entry
    if not isinstance(entry, Remote) or not any(n.lower() == "authorization" for n in entry.headers):
        return Skip("the entry has no Authorization header")
    place = wellknown.server_places(wellknown.root_of(entry.url))[0]
    try:
        reply = await context.transport.send("GET", place, headers={"Accept": "application/json"})
    except TransportError as error:
        return Skip(error.title.rstrip("."))
    kind = (reply.headers.get("content-type") or "").partition(";")[0].strip().lower()
    document = wellknown.server_metadata(place, json_object(reply)) is not None
    return RootMetadata(place, read(reply, kind, context.transport), document)


PROBE = Probe("root-metadata", "metadata at the server's own origin", RootMetadata, root_metadata)
