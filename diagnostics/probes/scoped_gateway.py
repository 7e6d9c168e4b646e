"""Whether a pair that a site of Atlassian refuses is taken at the gateway's path, as one of a token with scopes is."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from wizard.errors import TransportError

from ..answers import clean, json_object
from ..engine import Context, Probe, Skip
from ..facts.vendor import ScopedGateway
from ..facts.wire import Differential, Request
from ..sending import credential_of, live
from .differential import put

_BEGINS: Final = "ATATT"
_MYSELF: Final = {"jira": "/rest/api/3/myself", "confluence": "/wiki/rest/api/user/current"}


async def scoped_gateway(
    context: Context, differential: Differential, request: Request
) -> ScopedGateway | Skip:
    """Two requests to the same origin, the first one without the pair; the pair goes to nobody else."""
    real = differential.real
    if real is None or real.status != 401:
        return Skip("no pair was refused")
    if not any(s.reveal().strip().startswith(_BEGINS) for s in context.target.secrets.values()):
        return Skip("it is no API token of Atlassian")
    parts = urlsplit(request.url)
    if parts.path.startswith("/ex/"):
        return Skip("it is the gateway that was asked")
    base = f"{parts.scheme}://{parts.netloc}"
    told_by = f"{base}/_edge/tenant_info"
    try:
        reply = await context.transport.send("GET", told_by, headers={"Accept": "application/json"})
    except TransportError:
        return Skip("the site does not say its cloud id")
    cloud_id = json_object(reply).get("cloudId") if reply.status == 200 else None
    if not isinstance(cloud_id, str) or not cloud_id.replace("-", "").isalnum():
        return Skip("the site does not say its cloud id")
    product = "confluence" if parts.path.startswith("/wiki") else "jira"
    asked = f"{base}/ex/{product}/{cloud_id}{_MYSELF[product]}"
    sent = credential_of(context.target, live(context.target))
    answer = await put(context, replace(request, method="GET", url=asked, body=None), sent)
    return ScopedGateway(clean(cloud_id, 60), told_by, product, asked, answer)


PROBE = Probe("scoped-gateway", "the same pair at the gateway", ScopedGateway, scoped_gateway)
