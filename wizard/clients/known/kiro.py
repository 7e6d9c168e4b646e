"""Kiro, the IDE and the command line: `~/.kiro/settings/mcp.json`, and `.kiro/settings/mcp.json` of a project.

`${NAME}` is replaced in `env` and `headers`, for variables alone that a person has approved; others are sent as they
stand (kiro.dev/docs/mcp/configuration, "Environment variables"). A remote address is https, or of this machine; `oauth`
and `oauthScopes` are of the same page. It does not run here: the form is checked.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final

from ...entries import Reference, RemotePlan
from ...errors import UsageError
from ...livetest import Evidence
from ...urls import is_loopback
from ..model import ENV, INLINE, Job
from ..places import Places
from ..syntax import Syntax
from ..usual import Changes, Shape, UsualClient

_SHOWS: Final = "Open Kiro's MCP servers (the command line: /mcp): {name} is connected, and shows its tools."


class Kiro(UsualClient):
    """Kiro."""

    id: ClassVar[str] = "kiro"
    title: ClassVar[str] = "Kiro"
    rank: ClassVar[int] = 16
    programs: ClassVar[tuple[str, ...]] = ("kiro", "kiro-cli")
    places: ClassVar[Places] = Places(
        own=("~/.kiro/settings/mcp.json",), project=(".kiro/settings/mcp.json",)
    )
    shape: ClassVar[Shape] = Shape(off={"disabled": True})
    syntax: ClassVar[Syntax] = Syntax(
        "${NAME}",
        re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}"),
        places=("env", "headers"),
    )
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((ENV, INLINE), "${", "it holds `${`, which begins a variable there"),
    )
    kept: ClassVar[frozenset[str]] = frozenset({"disabled", "autoApprove", "disabledTools", "timeout"})
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        (
            "Replace a variable that you have not approved.",
            "Add it to `Mcp Approved Env Vars` in its settings, or use the way `helper`.",
        ),
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        ("Ask an address that is not https, but for this machine's.", "Use the way `helper`."),
    )
    logs_in: ClassVar[str] = "Open Kiro's MCP servers and choose {name}: log in in the browser that opens."
    holds: ClassVar[tuple[str, str]] = ("now", "now")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = ((_SHOWS,), (_SHOWS,))

    def check(self, job: Job) -> None:
        """No address in the clear."""
        super().check(job)
        plan = job.plan
        if (
            isinstance(plan, RemotePlan)
            and plan.url.lower().startswith("http:")
            and not is_loopback(plan.url)
        ):
            raise UsageError(
                "client-cannot",
                "Kiro asks no address that is not https, but for this machine's.",
                "",
                ["Use --secrets helper, which goes through mcp-remote.", "Nothing was written."],
            )

    def after(self, job: Job, project: bool) -> str:
        """A variable has to be approved first."""
        return "approve" if job.how == ENV else super().after(job, project)

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # the base's
        """A client id of one's own with the port where its login comes back, and the scopes."""
        own = plan.login
        if own is None:
            return {}
        client = {"clientId": own.client_id, "redirectUri": f"127.0.0.1:{own.port}"} if own.client_id else {}
        return ({"oauth": client} if client else {}) | (
            {"oauthScopes": list(own.scopes)} if own.scopes else {}
        )

    def notes(self, seen: list[Reference]) -> tuple[Evidence, ...]:
        """And that a variable counts only once it is approved."""
        approved = (
            Evidence(
                "client-config", f"Kiro replaces `{r.written}` in {r.place} only if you have approved it."
            )
            for r in seen
            if r.state == "resolved"
        )
        return (*super().notes(seen), *approved)


CLIENT = Kiro()
