"""Layer cache: a client that runs still uses the credential that it had when it was started."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts.cache import OldSession
from ..facts.wire import Differential
from .book import Verdict, cause, proven


@cause(
    id="running-session-keeps-old-token",
    layer="cache",
    owner="you",
    title="The credential is good, and the client that runs still uses the one of before.",
    explanation="A client reads its credential when it starts, and keeps it: a new login, or a new value of a variable,"
    " reaches it only at its next start. Until then it is refused, though everything that is asked from outside works.",
    fix=("End the client, and start it where the new value is known.",),
    sources=(
        "https://github.com/openai/codex/issues/14144",
        "https://github.com/openai/codex/issues/21407",
        "https://github.com/kirodotdev/KiroCrew/issues/3310",
    ),
    standing=True,
)
def older(session: OldSession, differential: Differential) -> Verdict | None:
    """The present value is accepted, and the one that the process has is refused."""
    if not session.answer.refused or differential.real is None:
        return None
    name, who = session.variable, f"{session.program} (process {session.pid})"
    answered = session.answer.seen()
    return proven(
        Evidence(
            "old-session",
            f"{who} was started with another {name}: the server answers it {answered}",
        ),
        Evidence("differential", f"the value that {name} has here is accepted"),
        title=f"{session.title} runs with an older {name} than this shell has, and that one is refused.",
        fix=(
            f"End {session.title} (process {session.pid}), and start it from a shell, or a desktop session, in which"
            f" {name} has its new value.",
        ),
    )
