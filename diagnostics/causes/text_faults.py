"""What the rules about the credential's text share: a fault is proven by the server taking the mended value."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts import TextFault
from ..facts.wire import Differential, Mended
from .book import Verdict, likely, proven


def judged(
    fault: TextFault | None,
    differential: Differential | None,
    mended: Mended | None,
    *,
    title: str = "",
    certain: bool = True,
) -> Verdict | None:
    """The verdict on a fault. With ``certain`` it is likely also where the mended value was not taken."""
    if fault is None:
        return None
    seen = Evidence("credential", fault.says)
    real = differential.real if differential else None
    if mended and mended.accepted(fault.id):
        answer = mended.answers[fault.id].seen()
        return proven(
            seen, Evidence("mended", f"the same token without that is accepted: {answer}"), title=title
        )
    if real is not None and real.error == "header-invalid":
        return proven(
            seen, Evidence("differential", "as it stands it cannot be sent in a header"), title=title
        )
    if not certain or (real is not None and not (real.refused or real.failed)):
        return None
    answered = (Evidence("differential", f"yours {real.met()}"),) if real is not None else ()
    return likely(seen, *answered, title=title)
