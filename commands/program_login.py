"""``login`` and ``logout`` where the service's own program logs in: what it keeps is cleared, and it is used anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard import caches
from wizard.caches.model import moment
from wizard.livetest import LiveTestReport

from . import live
from .output import Output, test_lines
from .running import Waiting, within

if TYPE_CHECKING:
    from wizard.choice import Choice


def login(name: str, choice: Choice, out: Output, *, seconds: float, ca: str | None) -> int:
    """Clear the login that is kept, with a copy, and let the program log in by its live test. 1 where that fails; then
    the copy is named."""
    from diagnostics import targets
    from wizard import connections

    cleared = caches.clear_for(choice)
    for entry in cleared.entries:
        out.note(f"The login that {entry.program} kept was cleared. To put it back: {_undo(entry.id)}")
    target = targets.from_connection(connections.get(name))
    waiting = Waiting(say=out.tell, about=name)

    async def test() -> LiveTestReport:
        return await live.tested(target, seconds=seconds, ca=ca, on_step=waiting.step)

    report = within(seconds, test, waiting)
    mine, _ = caches.of_choice(choice)
    made = mine[0] if mine else None
    expires = made.expires if made else None
    document: dict[str, object] = {
        "schema": 1,
        "connection": name,
        "issuer": made.issuer if made else "",
        "how": "program",
        "expires": moment(expires) if expires is not None else None,
        "renewable": made.refreshes if made else False,
        "granted_scopes": list(made.scopes) if made else [],
        "kept_in": str(made.path) if made else None,
        "cleared": [e.id for e in cleared.entries],
        "test": report.as_json(),
    }
    if not report.ok:
        out.answer(document, test_lines(report, out))
        return 1
    lines = [f"{out.mark('works')} {name} is logged in."]
    lines += [f"  {made.says()}", f"  kept in {made.path}"] if made else []
    out.answer(document, lines)
    return 0


def logout(name: str, choice: Choice, out: Output) -> int:
    """Clear the login that is kept, with a copy. The service is not told: only its own program could tell it."""
    cleared = caches.clear_for(choice)
    document = {
        "schema": 1,
        "connection": name,
        "issuer": next((e.issuer for e in cleared.entries), ""),
        "revocation": "not advertised",
        "revoked": [],
        "removed": [e.id for e in cleared.entries],
        "backups": [str(p) for p in cleared.copies],
    }
    lines = [
        f"{out.mark('works')} {name} is logged out." if cleared.entries else f"No login of {name} is kept."
    ]
    for entry in cleared.entries:
        lines.append(f"  {entry.program} asks for a new login when it is used next.")
        lines.append(f"  To put it back: {_undo(entry.id)}")
        lines.append(
            f"  {out.mark('warning')} The service was not told: what it gave stays good until its end."
        )
    out.answer(document, lines)
    return 0


def _undo(id: str) -> str:
    return f"authwizard stores --undo {id}"
