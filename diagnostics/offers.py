"""What else a person can do at once about a diagnosis: give a credential, log in, have the program started. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from wizard.entries import Stdio

from .diagnosis import Diagnosis
from .examined import Examined
from .facts import Started
from .facts.login import LoginWay
from .target import Target


@dataclass(frozen=True, slots=True)
class Offers:
    """``credential``: the target is an address, and one could be sent there. ``login``: a person could log in for it.
    ``start`` is the command that was not started, as a line without secrets; empty where nothing is to be started."""

    credential: bool = False
    login: bool = False
    start: str = ""


def offers(
    target: Target, examined: Examined, diagnosis: Diagnosis, hide: Callable[[str], str] = str
) -> Offers:
    """By what was found out."""
    facts = examined.facts
    address, wants = "://" in target.label, diagnosis.wants is not None
    way = facts.get(LoginWay)
    entry = target.entry
    idle = isinstance(entry, Stdio) and facts.get(Started) is None and not diagnosis.findings
    return Offers(
        credential=address and (wants or (target.credential is not None and diagnosis.verdict != "healthy")),
        login=address and wants and way is not None and way.open,
        start=hide(shlex.join(entry.command)) if isinstance(entry, Stdio) and idle else "",
    )
