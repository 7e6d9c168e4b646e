"""What stands in the config: references that came to nothing, and placeholders that nothing fills."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

from wizard import clients
from wizard.entries import Entry, Reference, Remote, Stdio
from wizard.redaction import tells_a_secret
from wizard.secret import Secret

from ..engine import Context, Probe
from ..facts import ConfigText, Placeholder
from ..facts.own_form import OwnForm
from ..sending import SCHEMES
from ..target import Target

_BRIDGED: Final = re.compile(r"\$\{([^{}]+)\}")
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
    references = (*target.references, *_of_the_bridge(target))
    return ConfigText(references, left, target.notes, tuple(_bare(entry)), _own_form(target))


def _own_form(target: Target) -> OwnForm | None:
    if not target.client:
        return None
    from wizard.clients.usual import UsualClient

    client = clients.get(target.client)
    if not isinstance(client, UsualClient):
        return None
    # one program may read its files in several ways
    syntax = client.expanding({}, Path(target.config)).syntax
    return OwnForm(client.id, client.title, syntax.reference, syntax.places, target.bridged)


def _of_the_bridge(target: Target) -> Iterator[Reference]:
    """Variables of headers that the bridge expands, where the client does not look into them."""
    if target.program is None or not target.bridged:
        return
    known = {**os.environ, **{name: value.reveal() for name, value in target.program.env.items()}}
    words = target.program.command
    told = {r.variable for r in target.references}
    for word, value in pairwise(words):
        name, _, text = value.partition(":")
        found = _BRIDGED.fullmatch(text.strip()) if word == "--header" else None
        if found and found[1] not in told:
            value_there = known.get(found[1])
            state = "unset" if value_there is None else "resolved" if value_there else "empty"
            yield Reference(f"headers.{name.strip()}", found[0], state, found[1])


def _bare(entry: Entry) -> Iterator[Placeholder]:
    for name, value in entry.headers.items() if isinstance(entry, Remote) else ():
        text = value.reveal().strip()
        if tells_a_secret(name) and text.lower() in SCHEMES:
            yield Placeholder(name, text)


def _placeholders(values: Mapping[str, Secret]) -> list[Placeholder]:
    found: dict[str, Placeholder] = {}
    for where, value in values.items():
        match = _PLACEHOLDER.search(value.reveal())
        if match and match[0] not in found:
            found[match[0]] = Placeholder(where, match[0])
    return list(found.values())


PROBE = Probe("config", "the config's own text", ConfigText, config_text)
