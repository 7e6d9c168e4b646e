"""Where a redirect leads that no client follows with its credential, asked directly."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from wizard.urls import seclusion

from .. import net
from ..engine import Context, Probe, Skip
from ..facts import Named, Situation
from ..facts.edge import Redirected
from ..facts.wire import Differential, Request
from ..login_wall import wall_of
from ..sending import Sent, credential_of, live
from .differential import put
from .other_spelling import spelled


async def redirected(
    context: Context, situation: Situation, differential: Differential, request: Request, named: Named | None
) -> Redirected | Skip:
    """On the target's own host the path is asked at the target's own origin, with the credential; elsewhere without
    one, and no nearer to this machine than the target itself is."""
    judged = differential.judged
    if not judged.location or wall_of(judged.location, judged.asks) or spelled(request.url, judged.location):
        return Skip("no redirect takes the credential away")
    here, there = urlsplit(request.url), urlsplit(judged.location)
    host = (there.hostname or "").lower()
    if host == (here.hostname or "").lower():
        if here.scheme != "https" or there.scheme != "http":
            return Skip("the redirect stays on this host, and its scheme is no lower one")
        url = urlunsplit((here.scheme, here.netloc, there.path or "/", here.query, ""))
        target = context.target
        sent = credential_of(target, live(target)) if situation.has_credential else Sent()
        return Redirected(url, True, await put(context, replace(request, url=url), sent))
    depth = max(seclusion(h) for h in (situation.host, *(named.addresses if named else ())))
    found = await net.resolve(host, there.port or (443 if there.scheme == "https" else 80))
    if any(seclusion(place) > depth for place in (host, *found.addresses)):
        return Skip("the redirect leads nearer to this machine than the server is")
    plain = {n: v for n, v in request.headers.items() if n in ("Accept", "Content-Type")}
    answer = await put(context, replace(request, url=judged.location, headers=plain, query={}), Sent())
    return Redirected(judged.location, False, answer)


PROBE = Probe("redirected", "where the redirect leads", Redirected, redirected)
