"""Layer scope: tools by their names."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts.gateway import ToolNames, how, nearest
from .book import Verdict, cause, proven


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
