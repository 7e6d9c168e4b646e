"""Layer rate-limit."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts.wire import Differential
from .book import Verdict, cause, proven


@cause(
    id="rate-limited",
    layer="rate-limit",
    owner="you",
    title="The server asks to wait: too many requests.",
    explanation="The server counts requests, by address or by account, and refuses those above its limit.",
    fix=("Wait, then try again.", "Ask less often, or ask the server's admin for a higher limit."),
    sources=("RFC 6585 section 4", "draft-ietf-httpapi-ratelimit-headers"),
    explains=("token-not-recognised",),
)
def rate_limited(differential: Differential) -> Verdict | None:
    """429 to the request that counts."""
    judged = differential.judged
    if judged.status != 429:
        return None
    both = differential.none.status == 429
    whose = (
        "with and without a credential: the limit is by address"
        if both
        else "only with yours: the limit is the account's"
    )
    wait = f"{judged.retry_after} s" if judged.retry_after.isdigit() else judged.retry_after
    evidence = [Evidence("differential", f"429 {whose}")]
    if wait:
        evidence.append(Evidence("differential", f"Retry-After: {judged.retry_after}"))
    if judged.limits:
        evidence.append(Evidence("differential", judged.limits))
    title = f"The server asks to wait {wait}: too many requests." if wait else ""
    first = f"Wait {wait}, then try again." if wait else "Wait a few minutes, then try again."
    return proven(
        *evidence, title=title, fix=(first, "Ask less often, or ask the server's admin for a higher limit.")
    )
