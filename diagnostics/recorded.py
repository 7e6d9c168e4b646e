"""The doctor's answer to a recording of a browser alone: no request is made."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .doctor import Diagnosis, NotExamined, judge
from .engine import Facts
from .login_facts import LoginTold
from .trail_facts import BrowserTrail, trail

if TYPE_CHECKING:
    from .facts import Fact
    from .har.model import Recording

BLIND: Final = (
    "the recording was saved without cookies (Chrome leaves them out unless “sensitive data” is allowed in the"
    " developer tools' settings)"
)
_BY_COOKIE: Final = (
    "state-mismatch-cookie-lost",
    "duplicate-or-parallel-csrf-cookies",
    "session-cookie-overwritten-by-concurrent-response",
)


def read(path: str) -> Recording:
    """The recording. Raises: FileProblem."""
    from .har.read import recording

    return recording(Path(path).expanduser())


def facts(recording: Recording) -> dict[type, Fact]:
    """What it tells."""
    from .har.told import told

    walked = trail(recording)
    found: dict[type, Fact] = {BrowserTrail: walked}
    if (login := told(walked)) is not None:
        found[LoginTold] = login
    return found


def diagnose(label: str, recording: Recording) -> Diagnosis:
    """Judge it alone."""
    began = time.monotonic()
    found = judge(label, Facts(facts(recording)), (), 0.0)
    if not recording.cookies:
        blind = tuple(NotExamined(c, BLIND) for c in _BY_COOKIE)
        kept = tuple(c for c in found.ruled_out if c not in _BY_COOKIE)
        found = replace(found, not_examined=(*blind, *found.not_examined), ruled_out=kept)
    return replace(found, seconds=time.monotonic() - began)
