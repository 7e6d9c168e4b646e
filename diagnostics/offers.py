"""What else a person can do at once about a diagnosis: give a credential, log in, have the program started. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field

from wizard.entries import Stdio
from wizard.redaction import Redactor
from wizard.telling import without_secrets

from .diagnosis import Diagnosis
from .examined import Examined
from .facts import Started
from .facts.login import LoginWay
from .target import Target


@dataclass(frozen=True, slots=True)
class Offers:
    """``credential``: the target is an address, and one could be sent there. ``login``: a person could log in for it.
    ``start`` is the command that was not started, as a line without secrets; empty where nothing is to be started;
    ``entry`` is what the yes to it is for."""

    credential: bool = False
    login: bool = False
    start: str = ""
    entry: Stdio | None = field(default=None, repr=False)


def offers(
    target: Target, examined: Examined, diagnosis: Diagnosis, hide: Callable[[str], str] = str
) -> Offers:
    """By what was found out."""
    facts = examined.facts
    address, wants = "://" in target.label, diagnosis.wants is not None
    way = facts.get(LoginWay)
    entry = target.entry
    idle = facts.get(Started) is None and not diagnosis.findings
    startable = entry if isinstance(entry, Stdio) and entry.command and idle else None
    return Offers(
        credential=address and (wants or (target.credential is not None and diagnosis.verdict != "healthy")),
        login=address and wants and way is not None and way.open,
        start=_line(startable, hide) if startable else "",
        entry=startable,
    )


def _line(entry: Stdio, hide: Callable[[str], str]) -> str:
    line = shlex.join(without_secrets(map(hide, entry.command)))
    return hide(Redactor().text(line))
