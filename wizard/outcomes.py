"""What the last test or diagnosis of each target came to: one small file in the state folder, without a secret.

``{"schema": 1, "outcomes": {TARGET: {"state", "cause", "says", "at", "worked": {"at", "seen"}}}}``; ``at`` is seconds
since 1970, ``worked`` how it looked when it worked last. What may be lost: a file that cannot be read counts as empty,
and one that cannot be written is no failure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from .errors import FileProblem
from .livetest import LiveTestReport
from .paths import state_dir, write_private

STATES: Final = ("works", "warning", "broken")
_SCHEMA: Final = 1
_MOST: Final = 200
"""Targets; the newest are kept."""
_LONGEST: Final = 300
_LIMIT: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Worked:
    """How a target looked when it worked: what was seen by name, such as ``tools`` or ``signing keys``. No secret."""

    at: float
    seen: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """``state`` is ``works``, ``warning`` or ``broken``; ``cause`` a finding's id, empty where nothing was found.
    ``worked`` is of this time or, where it does not work now, of the last one."""

    state: str
    cause: str = ""
    says: str = ""
    at: float = 0.0
    worked: Worked | None = None


def tested(tools: int) -> str:
    """What a test that passed came to, in two words."""
    return counted(tools, "tool") if tools else "just tested"


def of(test: LiveTestReport, at: float) -> Outcome:
    """What a live test came to."""
    if test.ok:
        seen = {"tools": tuple(sorted(test.tools)), "granted scopes": tuple(sorted(test.granted_scopes))}
        worked = Worked(at, {name: held for name, held in seen.items() if held})
        return Outcome("works", "", tested(len(test.tools)), at, worked)
    finding = test.finding
    failed = next((s for s in test.steps if s.ok is False), None)
    title = (
        finding.title if finding else f"{failed.title}: {failed.seen}" if failed else "it was not finished"
    )
    return Outcome("broken", finding.cause if finding else "", title[:_LONGEST], at)


def counted(number: int, thing: str) -> str:
    """``1 tool``, ``3 tools``."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def path() -> Path:
    """The file."""
    return state_dir() / "outcomes.json"


def written() -> int:
    """When the file was written last, in ns; 0 where there is none."""
    try:
        return path().stat().st_mtime_ns
    except OSError:
        return 0


def load() -> dict[str, Outcome]:
    """The last outcome of each target; empty where the file is none of ours."""
    place = path()
    try:
        if place.stat().st_size > _LIMIT:
            return {}
        raw = json.loads(place.read_text("utf-8"))
        found = raw["outcomes"] if raw["schema"] == _SCHEMA else {}
        pairs = [(name, _read(value)) for name, value in found.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {name: outcome for name, outcome in pairs if outcome is not None}


def remember(target: str, outcome: Outcome) -> None:
    """Keep what came of a target, in the place of what came of it before; how it looked when it worked stays, but for
    what is known anew."""
    before = load().get(target)
    _change({target: replace(outcome, worked=_laid(outcome.worked, before.worked if before else None))}, ())


def worked(target: str) -> Worked | None:
    """How a target looked when it worked last; None where that is not known."""
    found = load().get(target)
    return found.worked if found else None


def _laid(new: Worked | None, old: Worked | None) -> Worked | None:
    return Worked(new.at, {**old.seen, **new.seen}) if new and old else new or old


def forget(target: str) -> bool:
    """Take a target's outcome away; False where there was none."""
    if target not in load():
        return False
    _change({}, (target,))
    return True


def outdate(target: str, *, also_good: bool = False) -> None:
    """Take away what no longer holds since the target's login is another one: what was found wrong, and with
    ``also_good`` all of it."""
    found = load().get(target)
    if found is not None and (also_good or found.state != "works"):
        _change({}, (target,))


def rename(target: str, new: str) -> None:
    """Let a target's outcome follow its name."""
    if (outcome := load().get(target)) is not None:
        _change({new: outcome}, (target,))


def swap(one: str, other: str) -> None:
    """Let two targets' outcomes change places; one that has none leaves none."""
    held = load()
    turned = {a: held[b] for a, b in ((one, other), (other, one)) if b in held}
    _change(turned, (one, other))


def _change(more: Mapping[str, Outcome], gone: tuple[str, ...]) -> None:
    from .locks import hold

    try:
        with hold(path(), seconds=1):
            kept = {name: one for name, one in load().items() if name not in gone} | dict(more)
            newest = sorted(kept.items(), key=lambda item: item[1].at)[-_MOST:]
            document = {"schema": _SCHEMA, "outcomes": {name: asdict(one) for name, one in newest}}
            write_private(path(), f"{json.dumps(document, indent=1)}\n".encode("utf-8", "backslashreplace"))
    except FileProblem:
        return


def _read(value: object) -> Outcome | None:
    if not isinstance(value, dict):
        return None
    state, cause, says, at = (value.get(name) for name in ("state", "cause", "says", "at"))
    if state not in STATES or not isinstance(cause, str) or not isinstance(says, str):
        return None
    if isinstance(at, bool) or not isinstance(at, int | float):
        return None
    return Outcome(state, cause, says[:_LONGEST], float(at), _read_worked(value.get("worked")))


def _read_worked(value: object) -> Worked | None:
    if not isinstance(value, dict) or not isinstance(value.get("seen"), dict):
        return None
    at = value.get("at")
    if isinstance(at, bool) or not isinstance(at, int | float):
        return None
    lists = {str(n): v for n, v in value["seen"].items() if isinstance(v, list)}
    return Worked(float(at), {n: tuple(map(str, v)) for n, v in lists.items()})
