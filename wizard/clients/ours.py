"""Whether an entry of a client's config is one of ours: it names the connection whose secrets it uses."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath
from typing import Final

from ..entries import Entry, Reference, Stdio

_HELPER: Final = re.compile(r"(?:\bauthwizard['\"]?|-m wizard) headers ([A-Za-z0-9_-]+)$")


def named(entry: Entry, references: tuple[Reference, ...]) -> tuple[str, Reference] | None:
    """The connection whose headers or environment a helper of the client gives, and where it is named."""
    if isinstance(entry, Stdio):
        name = _run_with(entry)
        return (name, Reference("command", f"authwizard exec {name}", "helper", name)) if name else None
    for reference in references:
        found = _HELPER.search(reference.written) if reference.state == "helper" else None
        if found:
            return found[1], replace(reference, variable=found[1])
    return None


def behind(entry: Stdio) -> Stdio | None:
    """The program that ``authwizard exec NAME -- ...`` becomes; None where the entry is no such line, or names none."""
    name = _run_with(entry)
    words = entry.command[entry.command.index("exec") + 2 :] if name else ()
    if words[:1] != ("--",) or len(words) < 2:
        return None
    return replace(entry, command=words[1:])


def _run_with(entry: Stdio) -> str:
    """The name in ``authwizard exec NAME -- ...``."""
    if "exec" not in entry.command:
        return ""
    at = entry.command.index("exec")
    before = " ".join(PurePath(word).name for word in entry.command[:at])
    if at + 1 >= len(entry.command) or not re.search(r"\bauthwizard\b|\bwizard$", before):
        return ""
    return entry.command[at + 1]
