"""Layer tenant: for which part of a service a request is meant."""

from __future__ import annotations

import re
from typing import Final

from wizard.livetest import Evidence

from ..facts.vendor import TenantVaried
from ..facts.wire import Differential
from .book import Verdict, cause, proven

_REQUIRED: Final = re.compile(r"\bTenantIdRequired\b|\btenant[ _-]?id is required\b", re.IGNORECASE)
_HEADER: Final = re.compile(r"\bX-[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


@cause(
    id="tenant-header-missing-or-wrong",
    layer="tenant",
    owner="you",
    title="The request does not say for which tenant it is meant, or names a wrong one.",
    explanation="A service with several tenants wants to be told which is meant, by a header or by a key that is"
    " bound to one. The credential may be right all the same.",
    fix=(
        "Look up the tenant's id in the service's admin pages.",
        "Set it up anew with that id, or use a key that is bound to the tenant.",
    ),
    sources=(
        "https://fusionauth.io/docs/apis/authentication",
        "https://github.com/FusionAuth/go-client/pull/29",
        "https://github.com/FusionAuth/fusionauth-issues/issues/1609",
        "https://github.com/FusionAuth/fusionauth-issues/issues/3452",
    ),
    explains=("token-not-recognised", "insufficient-scope"),
)
def tenant(differential: Differential, varied: TenantVaried | None) -> Verdict | None:
    """By the server's own word; by the same request that is accepted without the header."""
    real = differential.real
    if real is None or real.accepted:
        return None
    if varied is not None and varied.answer.accepted:
        return proven(
            Evidence("differential", f"with {varied.header}: {varied.value} the server {real.gives()}"),
            Evidence(
                "tenant", f"without {varied.header} the same request is accepted: {varied.answer.seen()}"
            ),
            title=f"{varied.header} names `{varied.value}`, and this credential is not for that tenant.",
            fix=(
                f"Leave {varied.header} out, or give the id of the tenant that the credential belongs to.",
                "Or use a credential of the tenant that the header names.",
            ),
        )
    if not _REQUIRED.search(real.words()):
        return None
    named = _HEADER.search(real.says)
    header = named[0] if named else "the header that names the tenant"
    evidence = [Evidence("differential", f"the server {real.gives()}")]
    if real.says:
        evidence.append(Evidence("differential", f"it says: {real.says[:160]}"))
    if varied is None:
        return proven(
            *evidence,
            title=f"The server has several tenants, and the request names none: {header} is missing.",
            fix=(
                "Look up the tenant's id in the service's admin pages (FusionAuth: Tenants).",
                f"Set it up anew with it: authwizard setup ... --set tenant_id=ID, which sends {header}.",
                "Or use an API key that is bound to the tenant.",
            ),
        )
    return proven(
        Evidence("differential", f"{varied.header}: {varied.value} was sent"),
        *evidence,
        title=f"The server knows no tenant `{varied.value}`, which {varied.header} names.",
        fix=("Look up the tenant's id in the service's admin pages (FusionAuth: Tenants), and give that.",),
    )
