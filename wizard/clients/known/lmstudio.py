"""LM Studio: its `mcp.json`, in Cursor's notation; none for a project.

`url`, `headers` and `auth` (lmstudio-ai/docs 0_app/2_mcp and 4_integrations/1_mcp-remote @c6854fb); nothing is said of
variables: none is written. Its own login comes back at http://127.0.0.1:33389/mcp-oauth-callback. The file is opened in
the program (Program, Install, Edit mcp.json); where it lies is what others write to (`~/.lmstudio`, of older versions
`~/.cache/lm-studio`). It does not run here: the form is checked.
"""

from __future__ import annotations

from typing import ClassVar, Final

from ...entries import RemotePlan
from ..model import Job
from ..places import Places
from ..usual import UsualClient

_ACTS: Final = (
    "Open the Program tab in LM Studio, and switch {name} on.",
    "Its tools are listed there.",
)


class LMStudio(UsualClient):
    """LM Studio."""

    id: ClassVar[str] = "lmstudio"
    title: ClassVar[str] = "LM Studio"
    rank: ClassVar[int] = 18
    programs: ClassVar[tuple[str, ...]] = ("lms",)
    places: ClassVar[Places] = Places(own=("~/.lmstudio/mcp.json", "~/.cache/lm-studio/mcp.json"))
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Refer to a variable.", "Use the way `helper`."),
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        ("Keep servers in a project.", "They stand in your own file."),
        ("Be told the scopes of its own login.", "Use the way `helper`."),
        (
            "Let you choose where its own login comes back.",
            "For a client id of your own register http://127.0.0.1:33389/mcp-oauth-callback.",
        ),
    )
    logs_in: ClassVar[str] = "Switch {name} on in the Program tab: log in in the browser that opens."
    holds: ClassVar[tuple[str, str]] = ("restart", "approve")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = ((), _ACTS)

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # the base's
        """A client id of one's own; without it, it registers itself."""
        own = plan.login is not None and plan.login.client_id
        return {"auth": {"CLIENT_ID": own}} if own else {}


CLIENT = LMStudio()
