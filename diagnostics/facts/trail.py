"""The fact of a login that a browser recorded. No value of a cookie, code, state or token is in it."""

from __future__ import annotations

from dataclasses import dataclass

from ..har.model import Hop, Recording
from ..har.walk import Login, Rounds


@dataclass(frozen=True, slots=True)
class BrowserTrail:
    """The recording with what was found in it: its navigations, its logins in order, and the way that was gone again
    and again (None where there is none)."""

    recording: Recording
    pages: tuple[Hop, ...]
    logins: tuple[Login, ...]
    rounds: Rounds | None = None

    @property
    def failed(self) -> bool:
        """Whether the browser got nowhere: it went round, or the last login was not taken."""
        from ..har import fate

        if self.rounds is not None:
            return True
        if not self.logins:
            return False
        last = self.logins[-1]
        if last.back is None:
            return last.ask.status >= 400 or bool(last.ask.failure)
        ended = last.after[-1] if last.after else last.back
        return fate.refused(last) or last.back.param("error") is not None or ended.status in (401, 403)

    @property
    def entered(self) -> bool:
        """Whether a login was made, and what came after it was let in."""
        last = self.logins[-1] if self.logins else None
        return not self.failed and last is not None and last.back is not None

    @property
    def sees_cookies(self) -> bool:
        """Whether the recording tells which cookies a request carried."""
        return any(h.sent for h in self.recording.hops)

    def seen(self) -> str:
        """How many hops and logins, and the loop."""
        told = f"{len(self.recording.hops)} requests, {len(self.logins)} logins"
        return f"{told}; {self.rounds.times} equal rounds: {self.rounds.shown()}" if self.rounds else told


def trail(recording: Recording) -> BrowserTrail:
    """What a recording holds."""
    from ..har import walk

    pages = walk.pages(recording)
    return BrowserTrail(recording, pages, walk.logins(pages), walk.rounds(pages))
