"""Steps with the names that are known in place of NAME, SERVICE and CLIENT, so that a command works as it is printed.

A cause writes the general form of a command; what was diagnosed is filled in here, once for all of them. Every name is
quoted here as well, for a case may be somebody else's.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from wizard.livetest import Finding
from wizard.pasting import pasted

from .engine import Facts
from .facts import Situation
from .facts.called import Called

_EXPORT: Final = re.compile(r"authwizard export NAME(?: --client [\w-]+)?(?P<how> --secrets \w+)?")
_OF_SERVICE: Final = re.compile(r"(authwizard (?:setup|services)) SERVICE\b")
_OF_CONNECTION: Final = re.compile(r"(authwizard (?:login|logout|connections remove)) NAME\b")


def with_names(findings: tuple[Finding, ...], facts: Facts) -> tuple[Finding, ...]:
    """The findings, each step with the names that the facts tell; a word stays where they tell none."""
    situation, called = facts.get(Situation), facts.get(Called) or Called()
    service = situation.service if situation else ""
    return tuple(replace(f, fix=tuple(filled(s, called, service) for s in f.fix)) for f in findings)


def filled(step: str, called: Called, service: str = "") -> str:
    """One step with the names filled in."""
    step = _EXPORT.sub(lambda m: _export(m, called, service), step)
    if service:
        step = _OF_SERVICE.sub(lambda m: f"{m[1]} {pasted(service)}", step)
    if called.connection:
        step = _OF_CONNECTION.sub(lambda m: f"{m[1]} {pasted(called.connection)}", step)
    return step


def _export(found: re.Match[str], called: Called, service: str) -> str:
    """An entry is written into the very file that it was read from. Where no connection stands behind it, `setup` makes
    one and writes it; what that cannot, `import` takes as it stands."""
    if not called.client:
        return found[0].replace("NAME", pasted(called.connection)) if called.connection else found[0]
    place = " --project" if called.project else f" --path {pasted(called.path)}" if called.path else ""
    # any MCP server can be set up by its address
    what = pasted(service) if service else f"mcp --url {pasted(called.address)}" if called.address else ""
    if called.connection:
        command = f"authwizard export {pasted(called.connection)}"
    elif what:
        command = f"authwizard setup {what} --name {pasted(called.free)}"
    else:
        return f"authwizard import {pasted(f'{called.client}:{called.entry}')}{place}, then export what that makes"
    # what is written has the connection's name
    other = (called.connection or called.free) != called.entry
    rest = f", then take the entry `{called.entry}` out of that file" if other else ""
    return f"{command} --client {pasted(called.client)}{place}{found['how'] or ''}{rest}"
