"""Which steps a live test will have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.entries import Remote

from ..sending import credential_of, live
from . import permissions, program_login, token_request

if TYPE_CHECKING:
    from diagnostics.target import Target

MCP: Final = ("session", "ping", "tools", program_login.STEP, "call")
"""Those of the protocol."""


def plan(target: Target, call: object | None) -> tuple[str, ...]:
    """The ids of the steps that a test of this target will have, in order."""
    tells = target.live
    remote = isinstance(target.entry, Remote)
    due = token_request.is_due(target)
    ids = [token_request.STEP] if due else []
    if target.url:
        ids += ["connect", "tls"]
        ids += ["health"] if tells.health else []
        ids += ["no-credential"] if remote or tells.check else []
        sends = due or bool(credential_of(target, live(target)))
        ids += ["credential", "false-credential"] if sends and (remote or tells.check) else []
    ids += [] if remote else ["start"]
    if not remote or target.speaks != "api":
        by_program = not remote and target.method is not None and target.method.login is not None
        unwanted = {*(() if call else ("call",)), *(() if by_program else (program_login.STEP,))}
        ids += [id for id in MCP if id not in unwanted]
    if target.scopes or tells.scopes_at or tells.scopes_header or permissions.from_token(target) is not None:
        ids += ["scopes"]
    return (*ids, "rate-limit") if target.url else tuple(ids)
