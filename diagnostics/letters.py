"""What to send to somebody who must act: the finding, its proof and the request in one text, without a secret."""

from __future__ import annotations

import re
from typing import Final

from wizard.livetest import Finding

_TO: Final = re.compile(r'(?:If so, )?[Tt]o the (?P<whom>[^:"]+): "(?P<text>.+)"\.?', re.DOTALL)
WHOM: Final = {
    "server-admin": "the server's admin",
    "idp-admin": "the identity provider's admin",
    "network-admin": "the network's admin",
    "client-vendor": "the client's vendor",
}


def requests(finding: Finding) -> tuple[tuple[str, str], ...]:
    """Whom the fix of a finding asks for something, and in which words; a fix that asks nobody gives nothing."""
    found = (_TO.fullmatch(step.strip()) for step in finding.fix)
    return tuple((m["whom"], m["text"]) for m in found if m)


def letter(target: str, finding: Finding) -> str:
    """The text for whoever must act; empty where that is the person who asks."""
    asked = requests(finding)
    if not asked and finding.owner not in WHOM:
        return ""
    whom = asked[0][0] if asked else WHOM[finding.owner]
    wanted = [text for _, text in asked] or list(finding.fix)
    lines = [
        f"To {_with_article(whom)}, about {target}:",
        "",
        f"authwizard found: {finding.title}",
        "",
        "What was seen:",
    ]
    lines += [f"- {e.fact} ({e.probe})" for e in finding.evidence]
    lines += ["", "What is asked of you:", *(f"- {text}" for text in wanted)]
    sure = "proven" if finding.certainty == "proven" else "likely, not proven"
    lines += ["", f"Cause: {finding.cause} ({sure}). Sources: {', '.join(finding.sources)}"]
    return "\n".join(lines)


def _with_article(whom: str) -> str:
    return whom if whom.startswith("the ") else f"the {whom}"
