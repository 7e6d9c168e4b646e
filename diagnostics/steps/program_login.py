"""The login that a stdio server makes itself: it opens a browser when a tool is first used, and keeps what it gets."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from diagnostics import answers
from wizard.errors import AuthwizardError
from wizard.livetest import PROGRAM_LOGIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.mcp import Session, ToolInfo
    from diagnostics.target import Target
    from wizard.caches import Cached
    from wizard.transport import Transport

    from .log import Log

STEP: Final = PROGRAM_LOGIN
SECONDS: Final = 300.0
"""How long a login in the browser is waited for (CONTRACT, ``--timeout``); the budget of the test may be less."""
_EXPECTED: Final = "an answer after the login"


async def log_in(
    log: Log, target: Target, live: Session, transport: Transport, tools: Sequence[ToolInfo]
) -> None:
    """Use the tool that the service's description names for it, and see which login is kept then."""
    method = target.method
    if method is None or method.login is None:
        return
    name = method.login.tool
    if name not in [t.name for t in tools]:
        log.add(STEP, False, _EXPECTED, f"the server lists no tool {name}, by which it would log in")
        return
    kept = _kept(target)
    from wizard import caches

    if not any(e.state in (caches.USABLE, caches.RENEWABLE) for e in kept):
        log.begin(STEP, f"{live.server_name or 'the program'} opens a browser: complete the login there")
    began = time.monotonic()
    try:
        result = await live.call(name, {}, timeout=SECONDS)
    except AuthwizardError as error:
        seen = answers.clean(transport.redact(f"{error.title} {error.detail}"))
        log.add(STEP, False, _EXPECTED, seen, began=began)
        return
    if result.is_error:
        seen = f"{name} failed: {answers.clean(transport.redact(result.text))}"
        log.add(STEP, False, _EXPECTED, seen, began=began)
        return
    found = _kept(target)
    seen = " ".join(e.says() for e in found[:1]) or f"{name} answered"
    detail = "" if found else "No login was found where the program is said to keep it."
    log.add(STEP, True, _EXPECTED, seen, detail, began=began)


def scopes(target: Target) -> tuple[str, ...] | None:
    """The scopes of the login that is kept, where it says any."""
    return next((e.scopes for e in _kept(target) if e.scopes), None)


def _kept(target: Target) -> tuple[Cached, ...]:
    choice = target.choice
    from wizard import caches

    return caches.of_choice(choice)[0] if choice else ()
