"""Layer license: the client itself may not use the server."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts.entry import ClientPolicy
from .book import Verdict, cause, proven


@cause(
    id="client-side-policy-blocks-server",
    layer="license",
    owner="server-admin",
    title="The client's own rules keep it from using this server.",
    explanation="An organization can say which MCP servers its people's clients may use, and so can one's own settings."
    " The client then never connects, whatever the credential: no request reaches the server.",
    fix=(
        "See which rule it is, and who may change it: the organization's admin, or you in your settings.",
        "Claude Code: `/mcp` and `claude mcp list` say that it is blocked; /etc/claude-code holds the organization's.",
        "VS Code: chat.mcp.access. GitHub Copilot: the policy MCP servers in Copilot, and its registry.",
    ),
    sources=(
        "https://code.claude.com/docs/en/managed-mcp",
        "https://github.com/github/copilot-cli/issues/2481",
        "https://github.com/microsoft/mcp/issues/2169",
        "https://github.com/microsoft/vscode/issues/246585",
    ),
    standing=True,
    way=True,
)
def blocked(policy: ClientPolicy) -> Verdict | None:
    """By the rule itself, as the client's files have it."""
    rule = next(iter(policy.blocked), None)
    if rule is None:
        return None
    others = [Evidence("client-policy", f"{b.where}: {b.says}") for b in policy.blocked[1:2]]
    fix: tuple[str, ...] = (f"Take the rule out of {rule.where}, and start {policy.title} anew.",)
    if rule.admin:
        ask = f"Please let {policy.title} use this MCP server: {rule.says}, in {rule.where}."
        fix = (f'To the organization\'s admin: "{ask}"',)
    return proven(
        Evidence("client-policy", f"{rule.where}: {rule.says}"),
        *others,
        title=f"{policy.title} may not use this server: {rule.says}.",
        fix=fix,
        owner="server-admin" if rule.admin else "you",
    )
