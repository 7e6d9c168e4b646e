"""The doctor's answer to a recording of a browser alone: no request is made."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .diagnosis import Diagnosis
from .doctor import conclude
from .engine import Facts
from .examined import Examined, NotExamined
from .facts.login import LoginTold
from .facts.refused import Refusals, recorded
from .facts.trail import BrowserTrail, trail

if TYPE_CHECKING:
    from .facts import Fact
    from .har.model import Recording

ALONE: Final = "a recording was given, and no target"
BLIND: Final = (
    "the recording was saved without cookies (Chrome leaves them out unless “sensitive data” is allowed in the"
    " developer tools' settings)"
)
_BY_COOKIE: Final = (
    "state-mismatch-cookie-lost",
    "duplicate-or-parallel-csrf-cookies",
    "session-cookie-overwritten-by-concurrent-response",
)


def read(path: str, seconds: float) -> Recording:
    """The recording, read in so many seconds at most. Raises: FileProblem; JobError ``timeout``."""
    from .har.read import recording

    return recording(Path(path).expanduser(), seconds)


def facts(recording: Recording) -> dict[type, Fact]:
    """What it tells."""
    from .har.told import told

    walked = trail(recording)
    found: dict[type, Fact] = {BrowserTrail: walked}
    if (login := told(walked)) is not None:
        found[LoginTold] = login
    if heard := recorded(walked, login):
        found[Refusals] = Refusals(heard)
    return found


def examined(label: str, recording: Recording) -> Examined:
    """Everything that it tells; nothing else was asked."""
    from . import probes

    found = facts(recording)
    alone = {p.gives: ALONE for p in probes.every() if p.gives not in found}
    blind = () if recording.cookies else tuple(NotExamined(c, BLIND) for c in _BY_COOKIE)
    return Examined(label, Facts(found, alone), asked=blind)


def diagnose(label: str, recording: Recording) -> Diagnosis:
    """Judge it alone."""
    began = time.monotonic()
    found = conclude(examined(label, recording))
    return replace(found, seconds=time.monotonic() - began)
