"""Causes that a login finds by itself: where this program refuses to go on, or the other side does, is their proof.

`diagnostics.doctor.judge` takes a `LoginTold` as the verdict of the cause with its id, so the rule here has nothing
left to say. A problem of `wizard.oauth` needs an entry: a test compares the two.
"""

from __future__ import annotations

from ..facts.login import LoginTold
from .book import Verdict


def by_login(login: LoginTold) -> Verdict | None:  # noqa: ARG001  a rule names the facts that it needs
    """The rule of a cause that only a login can find."""
    return None


def verdict_of(login: LoginTold) -> Verdict:
    """What a login found, as a verdict."""
    return Verdict(login.certainty, login.evidence, login.title, login.fix, login.owner)
