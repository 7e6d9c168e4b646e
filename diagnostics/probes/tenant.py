"""The same request without the header that names a tenant: whether that header is what is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from ..engine import Context, Probe, Skip
from ..facts.vendor import TenantVaried
from ..facts.wire import Differential, Request
from ..sending import credential_of, live
from .differential import put

_NAMES: Final = re.compile(
    r"tenant|workspace|cloud-?id|\borg(?:ani[sz]ation)?\b|-org(?:ani[sz]ation)?-", re.I
)


async def tenant(context: Context, differential: Differential, request: Request) -> TenantVaried | Skip:
    """Only that header is left out, and only where the credential with it is not accepted; to the same address."""
    real = differential.real
    if real is None or real.accepted or real.status is None:
        return Skip("the request is accepted as it stands" if real else "no credential is given")
    name = next((n for n in request.headers if _NAMES.search(n)), None)
    if name is None:
        return Skip("no header names a tenant")
    value = request.headers[name]
    target = context.target
    bare = replace(request, headers={n: v for n, v in request.headers.items() if n != name})
    shown = value if isinstance(value, str) else value.reveal()
    return TenantVaried(name, shown[:80], await put(context, bare, credential_of(target, live(target))))


PROBE = Probe("tenant", "without the tenant's header", TenantVaried, tenant)
