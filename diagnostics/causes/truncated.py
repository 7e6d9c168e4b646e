"""Layer token-format: a credential that is not whole, or was never one."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence

from ..facts import CredentialText
from ..facts.shape import TokenShape
from ..facts.wire import Differential
from .book import Verdict, cause, likely, proven

_ID: Final = "token-truncated-or-placeholder"


@cause(
    id=_ID,
    layer="token-format",
    owner="you",
    title="The token is a placeholder, or not whole.",
    explanation="A word of the documentation was left in place of the token, or the token was cut off or masked where"
    " it was copied from or stored. No server knows what is left.",
    fix=(
        "Copy the whole token again, with the copy button, from where it was made.",
        "If the store or terminal cuts it: keep it in a file (0600) or another store.",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/28542",
        "https://github.com/AzureADQuickStarts/AppModelv2-WebApp-OpenIDConnect-DotNet/issues/50",
        "RFC 7518 section 3.1",
    ),
    explains=(
        "token-not-recognised",
        "credential-of-wrong-kind",
        "authorization-scheme-malformed",
        "opaque-token-where-jwt-expected",
    ),
)
def truncated(
    credential: CredentialText, shape: TokenShape, differential: Differential | None
) -> Verdict | None:
    """By its text and its shape, where a server refuses it."""
    real = differential.real if differential else None
    if real is None or not (real.refused or real.failed or real.error == "header-invalid"):
        return None
    answer = Evidence("differential", f"yours {real.met()}")
    fault = credential.fault(_ID)
    if fault is not None:
        return proven(Evidence("credential", fault.says), answer)
    if shape.flaw:
        return proven(
            Evidence("shape", shape.flaw), answer, title="The token was cut off: its end is missing."
        )
    if shape.cut:
        return likely(Evidence("shape", shape.cut), answer, title="The token has been cut off, it seems.")
    return None
