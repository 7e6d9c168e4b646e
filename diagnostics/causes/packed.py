"""Causes that a provider says itself: `diagnostics.packs` holds the texts, `diagnostics.doctor.judge` lets them speak.

The rule of such a cause has nothing left to say; a test compares the packs with what is entered here.
"""

from __future__ import annotations

from typing import Final

from ..facts.refused import Refusals
from .book import Verdict

OF_A_LOGIN: Final = (
    "token-request-refused",
    "client-secret-wrong-or-id-instead-of-value",
    "client-grant-not-allowed",
    "client-id-not-known",
    "redirect-uri-not-registered",
    "authorization-refused",
    "login-denied",
    "authorization-code-refused",
    "scope-not-known-at-issuer",
    "resource-not-accepted",
    "login-timed-out",
)
"""What the same refusal comes to where its own words are not understood."""


def by_pack(refusals: Refusals) -> Verdict | None:  # noqa: ARG001  a rule names the facts that it needs
    """The rule of a cause that only a provider's own words tell."""
    return None
