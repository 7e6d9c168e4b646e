"""What stands in the config: references that came to nothing, and placeholders that nothing fills."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from wizard.entries import Remote, Stdio
from wizard.secret import Secret

from ..engine import Context, Probe
from ..facts import ConfigText, Placeholder

_PLACEHOLDER: Final = re.compile(
    r"\$\{[^{}]+\}|\{\{[^{}]*\}\}|\{(?:env|file|input|secret):[^{}]*\}|\$\([^()]+\)"
    r"|(?<![\w$])\$[A-Z_][A-Z0-9_]{2,}\b|%[A-Z_][A-Z0-9_]*%"
)


async def config_text(context: Context) -> ConfigText:
    """Look at every value that would be sent or handed to the child."""
    target = context.target
    entry = target.entry
    values = dict(entry.env) if isinstance(entry, Stdio) else {**entry.headers, **entry.query}
    values |= {"url": Secret(entry.url)} if isinstance(entry, Remote) else {}
    if not any(target.credential == v for v in values.values()) and target.credential:
        values.setdefault("credential", target.credential)
    # what the client asks for when it starts the server is no fault of the entry
    asked = {r.written for r in target.references if r.state == "asked"}
    left = tuple(p for p in _placeholders(values) if p.written not in asked)
    return ConfigText(target.references, left, target.notes)


def _placeholders(values: Mapping[str, Secret]) -> list[Placeholder]:
    found: dict[str, Placeholder] = {}
    for where, value in values.items():
        match = _PLACEHOLDER.search(value.reveal())
        if match and match[0] not in found:
            found[match[0]] = Placeholder(where, match[0])
    return list(found.values())


PROBE = Probe("config", "the config's own text", ConfigText, config_text)
