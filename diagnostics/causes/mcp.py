"""What an MCP server makes of the first requests of every client, once it has let it in. Layer http."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts import Situation
from ..facts.edge import FollowUps
from ..facts.wire import Answer, Differential, Request
from .book import Verdict, cause, proven


@cause(
    id="mcp-request-fails",
    layer="http",
    owner="server-admin",
    title="The MCP server answers with an error in place of a result.",
    explanation="A JSON-RPC error travels in an answer of 200, so that a look at the status shows success. A client"
    " needs the result of `initialize`, and then of `tools/list`: without them it has no server, or no tools.",
    fix=(
        "Try again in a minute.",
        "To the server's admin: \"The server answers initialize or tools/list with a JSON-RPC error. Please look into"
        ' its log."',
    ),
    sources=(
        "https://github.com/mcp-router/mcp-router/issues/206",
        "https://github.com/obot-platform/obot/issues/5220",
        "https://github.com/anthropics/claude-code/issues/56888",
        "MCP 2025-06-18, Lifecycle, Initialization and Error Handling",
        "JSON-RPC 2.0 section 5.1",
    ),
    fallback=True,
    standing=True,
)
def request_fails(
    situation: Situation, differential: Differential, request: Request, followed: FollowUps | None
) -> Verdict | None:
    """By the error in place of the result; of tools/list only where the server itself fails."""
    judged = differential.judged
    if request.kind == "mcp" and judged.errs:
        return _fails(situation, "initialize", judged, "differential", differential.seen())
    listed = followed.listed if followed is not None else None
    if listed is not None and (listed.failed or (listed.errs and listed.code == "-32603")):
        seen = f"initialize {judged.met()}"
        return _fails(situation, "tools/list", listed, "follow-ups", seen)
    return None


def _fails(situation: Situation, asked: str, answer: Answer, probe: str, more: str) -> Verdict:
    said = answer.rpc_error or answer.quoted()
    letter = (
        f"To the server's admin: \"{situation.url} answers {asked} with the error {said}"
        f' (status {answer.status}). Please look into its log."'
    )
    return proven(
        Evidence(probe, f"{asked} is answered {answer.status}, and in it the error {said}"),
        Evidence("differential", more),
        title=f"The MCP server answers {asked} with an error: {said}",
        fix=("Try again in a minute.", letter),
    )


@cause(
    id="tools-list-refused",
    layer="http",
    owner="you",
    title="The server lets `initialize` through, and refuses the credential at `tools/list`.",
    explanation="Some servers look at the credential only when the tools are listed or called: `initialize` is open to"
    " everybody, and a client shows the server as connected, without a tool.",
    fix=(
        "Make a new credential, or log in again, and set it up anew: authwizard setup SERVICE",
        "If it is good elsewhere: ask the server's admin what tools/list needs.",
    ),
    sources=(
        "https://github.com/neo4j/mcp/issues/204",
        "https://github.com/vuetifyjs/mcp/pull/40",
        "MCP 2025-06-18, Authorization, Token Requirements: every HTTP request carries it",
    ),
    explains=("token-not-recognised",),
    fallback=True,
)
def list_refused(followed: FollowUps) -> Verdict | None:
    """`initialize` is let in, and `tools/list` a moment later is not, with the same credential."""
    refused = followed.refused
    if refused is None or refused.real is None:
        return None
    opened = followed.opened
    return proven(
        Evidence("follow-ups", f"initialize: {opened.seen()}"),
        Evidence("follow-ups", f"tools/list: {refused.seen()}"),
        title=f"The server lets initialize through, and refuses tools/list: {refused.real.quoted()}",
    )
