"""Layer http: who answers, and whether at the right place."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts import Neighbours, Situation
from ..wire_facts import BROKEN_ANSWERS, Differential, Request
from .book import Verdict, cause, likely, proven


@cause(
    id="wrong-transport-or-endpoint-path",
    layer="http",
    owner="you",
    title="The address, or the transport, is not the server's.",
    explanation="The server answers 404 or 405 whatever the credential: MCP lives at another path, or speaks the"
    " other transport (streamable HTTP, or the older HTTP+SSE).",
    fix=(
        "Correct the address in the config.",
        "Correct the transport: `http` for streamable HTTP, `sse` for the older.",
    ),
    sources=(
        "https://github.com/modelcontextprotocol/typescript-sdk/issues/1635",
        "https://github.com/QwenLM/qwen-code/issues/8784",
        "https://github.com/punkpeye/mcp-proxy/issues/62",
    ),
    explains=("wrong-environment-url",),
)
def wrong_path(
    situation: Situation, differential: Differential, request: Request, neighbours: Neighbours | None
) -> Verdict | None:
    """Another way of asking the same origin is answered; or what answers here does not speak MCP."""
    judged = differential.judged
    seen = Evidence("differential", f"{request.seen()}: {judged.seen()}, whatever the credential")
    found = next((n for n in (neighbours.tried if neighbours else ()) if n.is_mcp), None)
    if found is None:
        odd = "" if request.kind == "api" else _no_mcp(differential)
        if not odd:
            return None
        return likely(seen, title=f"What answers at {situation.url} is not an MCP server: {odd}.")
    spoken = "the older HTTP+SSE" if found.way == "sse" else "streamable HTTP"
    kind = "sse" if found.way == "sse" else "http"
    return proven(
        seen,
        Evidence("neighbours", f"{found.url} answers {found.answer.seen()} to {spoken}"),
        title=f"The MCP server answers at {found.url}, by {spoken}.",
        fix=(f"Set the address to {found.url} and the transport to `{kind}`.",),
    )


def _no_mcp(differential: Differential) -> str:
    """Why what answered is no MCP server, whatever the credential; empty where nothing says so."""
    judged = differential.judged
    if judged.error in BROKEN_ANSWERS:
        return BROKEN_ANSWERS[judged.error]
    if judged.status is not None and 300 <= judged.status < 400:
        return f"it redirects elsewhere ({judged.status})"
    if judged.accepted and not differential.spoken:
        return "it sends a web page" if judged.content == "text/html" else "its answer is no JSON-RPC message"
    return ""


@cause(
    id="server-error",
    layer="http",
    owner="server-admin",
    title="The server itself fails.",
    explanation="A 5xx answer means that the server, or what stands before it, could not do its work. The"
    " credential is not the reason when every one gets the same answer.",
    fix=(
        "Try again in a minute.",
        'To the server\'s admin: "The server answers 5xx whatever the credential. Please look into its log."',
    ),
    sources=("RFC 9110 section 15.6",),
)
def server_error(situation: Situation, differential: Differential) -> Verdict | None:
    """5xx to all is proven; only to the real one: it fails after accepting it."""
    judged = differential.judged
    if not judged.failed:
        return None
    by = f" ({judged.server})" if judged.server else ""
    letter = (
        f'To the server\'s admin: "{situation.url} answers {judged.seen()} (exchange {judged.number})."'
        " Add the time and the exchange."
    )
    fix = ("Try again in a minute.", letter)
    title = f"The server answers {judged.status}: it fails itself."
    if differential.none.failed and differential.false.failed:
        seen = Evidence("differential", f"{differential.seen()}{by}")
        return proven(seen, title=title, fix=fix)
    seen = Evidence("differential", f"only yours is answered {judged.seen()}{by}")
    return likely(
        seen, Evidence("differential", f"none is answered {differential.none.seen()}"), title=title, fix=fix
    )
