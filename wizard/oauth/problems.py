"""Why a login, or a request for a token, came to nothing: one exception whose id is the id of a cause."""

from __future__ import annotations

from wizard.errors import JobError
from wizard.livetest import PROVEN, Evidence


class OAuthProblem(JobError):
    """``id`` is the id of a cause in `diagnostics.causes`, which is proven by this having been raised, or likely where
    ``certainty`` says so. ``evidence`` are the facts that show it, redacted; ``fix`` replaces the cause's own steps
    where it is given; ``owner`` likewise.
    """

    def __init__(
        self,
        id: str,
        title: str,
        detail: str = "",
        fix: tuple[str, ...] | list[str] = (),
        *,
        evidence: tuple[Evidence, ...] = (),
        owner: str = "",
        certainty: str = PROVEN,
    ) -> None:
        super().__init__(id, title, detail, fix)
        self.evidence = evidence
        self.owner = owner
        self.certainty = certainty


class ResourceProblem(OAuthProblem):
    """What the protected resource says of itself is wrong, or not to be had."""


def not_logged_in(name: str) -> OAuthProblem:
    """Nobody has logged in for this connection yet, or not again since it ended."""
    return OAuthProblem(
        "not-logged-in",
        "Nobody is logged in here yet, and a login needs a person.",
        "",
        [f"Log in: authwizard login {name}"] if name and "://" not in name else ["Log in first."],
    )
