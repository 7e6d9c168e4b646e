"""When a gateway's access rules were written, against when the program that answers there was started."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from wizard.oauth.port_holder import process_of
from wizard.urls import is_loopback

from ..engine import Context, Probe, Skip
from ..facts.gateway import Access, RulesAge
from ..facts.wire import Differential

_STARTED: Final = 19
"""Of the fields of `/proc/PID/stat` after the name, the start: in ticks since the machine began (proc(5))."""


async def rules_age(context: Context, differential: Differential, access: Access) -> RulesAge | Skip:
    """Only where the rules are at hand, and the request is refused all the same."""
    if access.rules is None:
        return Skip("the gateway's rules are not at hand")
    if differential.judged.status != 403:
        return Skip("no rule refuses")
    return await asyncio.to_thread(_ages, context.target.url, access.rules.source)


def _ages(url: str, rules: str) -> RulesAge | Skip:
    try:
        written = Path(rules).stat().st_mtime
    except OSError:
        return Skip("the file of rules is gone")
    return RulesAge(rules, written, _started(url))


def _started(url: str) -> float | None:
    """When the program behind a port of this machine was started, in seconds since 1970; None where nobody tells."""
    if not is_loopback(url):
        return None
    with suppress(OSError, ValueError, IndexError):
        number = process_of(urlsplit(url).port or 80)
        ticks = int(Path(f"/proc/{number}/stat").read_text("ascii").rpartition(")")[2].split()[_STARTED])
        since = next(
            int(line.split()[1])
            for line in Path("/proc/stat").read_text("ascii").splitlines()
            if line.startswith("btime")
        )
        return since + ticks / os.sysconf("SC_CLK_TCK")
    return None


PROBE = Probe("rules-age", "when the access rules were written", RulesAge, rules_age)
