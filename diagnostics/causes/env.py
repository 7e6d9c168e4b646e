"""Layer env: values that should have come from the environment."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts import ConfigText
from ..wire_facts import Differential
from .book import Verdict, cause, proven


@cause(
    id="unexpanded-variable-literal",
    layer="env",
    owner="you",
    title="A placeholder is sent in place of the value.",
    explanation="The config names a variable that nothing fills in: it is not set, or this client does not expand"
    " that syntax there. The server gets the placeholder's own letters, and refuses them.",
    fix=(
        "Set the variable where the client is started, and start the client anew.",
        "Or write the reference in the client's own syntax: Claude Code ${VAR}, VS Code ${env:VAR} or ${input:ID}.",
        "Then run authwizard doctor again.",
    ),
    sources=(
        "https://github.com/QwenLM/qwen-code/issues/11499",
        "https://github.com/anomalyco/opencode/issues/23664",
        "https://github.com/anthropics/claude-code/issues/70485",
    ),
    explains=("authorization-header-missing", "token-not-recognised", "authorization-scheme-malformed"),
)
def unexpanded_variable(config: ConfigText, differential: Differential | None) -> Verdict | None:
    """A reference that came to nothing, or a placeholder that is still there."""
    evidence = tuple(
        Evidence(
            "config",
            f"{r.place}: {r.written} " + ("is not set" if r.state == "unset" else "is not expanded here"),
        )
        for r in config.references
        if r.state in ("unset", "literal")
    )
    if not evidence:
        evidence = tuple(Evidence("config", f"{p.where} holds {p.written}") for p in config.placeholders)
    if not evidence:
        return None
    name = next((r.variable or r.written for r in config.references if r.state == "unset"), "")
    title = f"The variable {name} is not set, so its value is missing." if name else ""
    judged = differential.judged if differential else None
    if judged is not None and judged.status is not None:
        evidence += (Evidence("differential", f"the server answers {judged.seen()}"),)
    return proven(*evidence, title=title)
