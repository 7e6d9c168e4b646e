"""Layer scope: tools by their names."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence

from ..facts.gateway import ToolNames, how, nearest
from .book import Verdict, cause, proven

_SHOWN: Final = 12


@cause(
    id="tool-name-mismatch",
    layer="scope",
    owner="you",
    title="There is no tool of that name, and one that is nearly called so.",
    explanation="A tool is found, and allowed, by its exact name. One that is written with other capitals, hyphens or"
    " underscores is another tool, and to access rules one that nobody was given.",
    fix=(
        "Use the name that the server lists.",
        "Write the same name into the access rules, if there are any.",
    ),
    sources=(
        "MCP Gateway Registry: Authentication and Authorization Guide, Troubleshooting",
        "https://github.com/agentic-community/mcp-gateway-registry/blob/main/docs/scopes.md",
    ),
    standing=True,
)
def tool_name(tools: ToolNames) -> Verdict | None:
    """Not listed, and a listed one differs by case, hyphen, underscore or one edit."""
    near = nearest(tools.wanted, tools.listed)
    if not near:
        return None
    return proven(
        Evidence("tool-names", f"`{tools.wanted}` is none of the {len(tools.listed)} tools that are listed"),
        Evidence("tool-names", f"`{near}` is, and differs by {how(tools.wanted, near)}"),
        title=f"The tool is called `{near}`, not `{tools.wanted}`.",
        fix=(
            f"Call it `{near}`.",
            f"Where access rules name tools (the gateway's scopes.yml), write `{near}` there as well.",
        ),
    )


@cause(
    id="tool-not-listed",
    layer="scope",
    owner="you",
    title="There is no tool of that name.",
    explanation="The server lists the tools that it has for this credential, and the one that is wanted is not among"
    " them: it has another name, belongs to another server, or is shown only to who may call it.",
    fix=(
        "Use a name that the server lists: authwizard test TARGET shows them.",
        "If the tool is there for others: ask the server's admin which scope or group it needs.",
    ),
    sources=(
        "https://github.com/modelcontextprotocol/typescript-sdk/issues/288",
        "https://github.com/RooCodeInc/Roo-Code/issues/7631",
        "MCP 2025-06-18, Tools, Error Handling (unknown tools)",
    ),
    standing=True,
    fallback=True,
)
def not_listed(tools: ToolNames) -> Verdict | None:
    """Not listed, and nothing near it either."""
    if tools.wanted in tools.listed or nearest(tools.wanted, tools.listed):
        return None
    shown = ", ".join(f"`{t}`" for t in tools.listed[:_SHOWN]) or "none"
    more = f" and {len(tools.listed) - _SHOWN} more" if len(tools.listed) > _SHOWN else ""
    return proven(
        Evidence("tool-names", f"listed are {shown}{more}"),
        title=f"`{tools.wanted}` is none of the {len(tools.listed)} tools that the server lists to this credential.",
    )
