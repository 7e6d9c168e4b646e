"""Which sites of Atlassian a token was given, where the address names one that is not answered."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from wizard.errors import TransportError

from ..answers import clean
from ..engine import Context, Probe, Skip
from ..sending import credential_of, live
from ..vendor_facts import CloudSites
from ..wire_facts import Differential, Request

_PATH: Final = re.compile(r"/ex/(?:jira|confluence)/([0-9A-Za-z-]{8,60})(?:/|$)")
_MOST: Final = 20


async def cloud_sites(context: Context, differential: Differential, request: Request) -> CloudSites | Skip:
    """One request, to the same origin; the list is the token's own."""
    real = differential.real
    found = _PATH.search(urlsplit(request.url).path)
    if real is None or real.accepted or real.status is None or found is None:
        return Skip("no cloud id in the address was refused")
    parts = urlsplit(request.url)
    asked = f"{parts.scheme}://{parts.netloc}/oauth/token/accessible-resources"
    sent = credential_of(context.target, live(context.target))
    context.transport.know(*sent.values())
    try:
        reply = await context.transport.send(
            "GET", asked, headers={"Accept": "application/json", **sent.headers}
        )
        listed = reply.json() if reply.status == 200 else None
    except TransportError:
        return Skip("the sites of the token are not listed")
    if not isinstance(listed, list):
        return Skip("the sites of the token are not listed")
    sites = [s for s in listed[:_MOST] if isinstance(s, dict) and isinstance(s.get("id"), str)]
    hide = context.transport.redact
    return CloudSites(
        found[1],
        asked,
        tuple(dict.fromkeys(clean(hide(s["id"]), 60) for s in sites)),
        tuple(
            {
                s["id"]: clean(hide(str(s.get("url") or s.get("name") or "no address")), 80) for s in sites
            }.values()
        ),
    )


PROBE = Probe("cloud-sites", "the sites of the token", CloudSites, cloud_sites)
