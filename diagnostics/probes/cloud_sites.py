"""Which sites of Atlassian a token was given, where the address names one that is not answered."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from wizard.errors import TransportError

from ..answers import clean, json_object
from ..engine import Context, Probe, Skip
from ..facts.vendor import CloudSites
from ..facts.wire import Differential, Request
from ..sending import credential_of, live

_PATH: Final = re.compile(r"/ex/(?:jira|confluence)/([0-9A-Za-z-]{8,60})(?:/|$)")
_MOST: Final = 20


async def cloud_sites(context: Context, differential: Differential, request: Request) -> CloudSites | Skip:
    """One request, to the same origin; the list is the token's own. Where there is none, the site is asked for its own
    id, without the token."""
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
        listed = None
    if not isinstance(listed, list):
        return await _of_the_site(context, found[1], f"{parts.scheme}://{parts.netloc}")
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


async def _of_the_site(context: Context, cloud_id: str, base: str) -> CloudSites | Skip:
    asked = f"{base}/_edge/tenant_info"
    try:
        reply = await context.transport.send("GET", asked, headers={"Accept": "application/json"})
    except TransportError:
        return Skip("the sites of the token are not listed")
    own = json_object(reply).get("cloudId") if reply.status == 200 else None
    if not isinstance(own, str) or not own:
        return Skip("the sites of the token are not listed")
    return CloudSites(cloud_id, asked, (clean(context.transport.redact(own), 60),), (base,), by_site=True)


PROBE = Probe("cloud-sites", "the sites of the token", CloudSites, cloud_sites)
