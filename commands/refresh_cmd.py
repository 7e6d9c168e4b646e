"""``refresh``: renew the login of one connection, or of all, or only look at what that would do."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard import connections, fallbacks
from wizard.errors import AuthwizardError, UsageError
from wizard.livetest import Step
from wizard.names import LOGIN

from .login_words import login_json, login_lines
from .output import Output, failure_lines
from .running import Waiting, budget, within

if TYPE_CHECKING:
    from wizard.oauth.kept import Kept
    from wizard.transport import Transport

_ONE_ANSWER: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of one login. ``done`` is ``renewed``, ``shared`` (another process did it meanwhile), ``rehearsed``
    or ``failed``; ``rotated`` is whether the refresh token is another one now."""

    name: str
    done: str
    kept: Kept | None = None
    rotated: bool = False
    steps: tuple[Step, ...] = ()
    error: AuthwizardError | None = None

    @property
    def ok(self) -> bool:
        return self.error is None and all(step.ok is not False for step in self.steps)

    def as_json(self, *, rehearsed: bool) -> dict[str, object]:
        return {
            "name": self.name,
            "ok": self.ok,
            "done": self.done,
            **(login_json(self.kept) if self.kept else {}),
            **({"steps": [s.as_json() for s in self.steps]} if rehearsed else {"rotated": self.rotated}),
            "error": self.error.as_json() if self.error else None,
        }


def run(args: argparse.Namespace, out: Output) -> int:
    """Renew. 0 where each login was renewed, or a rehearsal finds nothing in the way."""
    seconds = budget(args.timeout)
    if bool(args.name) == args.all:
        raise UsageError(
            "wrong-usage",
            "Name one connection, or say --all.",
            "",
            ["authwizard refresh NAME", "Or: authwizard refresh --all"],
        )
    names = [args.name] if args.name else _all()
    if args.name and LOGIN not in connections.get(args.name).secrets:
        raise _nothing(args.name)
    waiting = Waiting()

    async def job() -> list[_Done]:
        from wizard.transport import Transport

        found: list[_Done] = []
        for name in names:
            waiting.what = f"the issuer of {name}"
            async with Transport(timeout=min(_ONE_ANSWER, seconds), ca=args.ca) as transport:
                found.append(await _one(name, transport, rehearse=args.rehearse, alone=bool(args.name)))
        return found

    done = within(seconds, job, waiting)
    document = {"schema": 1, "connections": [one.as_json(rehearsed=args.rehearse) for one in done]}
    out.answer(
        document, [line for one in done for line in _lines(one, out)] or ["No connection has a login."]
    )
    return 0 if all(one.ok for one in done) else 1


async def _one(name: str, transport: Transport, *, rehearse: bool, alone: bool) -> _Done:
    from wizard.oauth import logging_in, rehearsing, sessions

    try:
        choice = logging_in.choice_of(name)
        if rehearse:
            steps = await rehearsing.rehearse(name, choice, transport)
            return _Done(name, "rehearsed", sessions.read(name), steps=steps)
        before = sessions.read(name)
        asked = len(transport.exchanges)
        after = await sessions.renewed(name, choice, transport, before, asked_for=True)
        said = "renewed" if len(transport.exchanges) > asked else "shared"
        return _Done(name, said, after, after.login.refresh_token != before.login.refresh_token)
    except AuthwizardError as problem:
        if alone:
            raise
        return _Done(name, "failed", error=problem)


def _all() -> list[str]:
    """Every login: those that wait as a fallback as well, for they too end where nobody renews them."""
    found: list[str] = []
    for one in connections.load_all():
        found += [one.name] if LOGIN in one.secrets else []
        found += [fallbacks.target(one.name)] if one.fallback and LOGIN in one.fallback.secrets else []
    return found


def _nothing(name: str) -> UsageError:
    from wizard.methods import kinds

    choice = connections.choice(connections.get(name))
    if kinds.get(choice.method.kind).person:
        return UsageError(
            "not-logged-in", f"The connection {name} is not logged in.", "", [f"authwizard login {name}"]
        )
    return UsageError(
        "no-login",
        f"There is no login of {name} to be renewed: it signs in by {choice.method.title}.",
        "",
        [f"See whether it works: authwizard test {name}"],
    )


def _lines(one: _Done, out: Output) -> list[str]:
    mark = out.mark("works" if one.ok else "broken")
    if one.error is not None:
        first, *rest = failure_lines(one.error)
        return [f"{mark} {one.name}: {first}", *rest]
    said = {
        "renewed": "renewed" + (", with a new refresh token" if one.rotated else ""),
        "shared": "renewed by another process meanwhile",
        "rehearsed": "nothing stands in the way of a renewal; the refresh token itself was not tried"
        if one.ok
        else "a renewal would not work",
    }[one.done]
    lines = [f"{mark} {one.name}: {said}"]
    for step in one.steps:
        state = "warning" if step.ok is None else "works" if step.ok else "broken"
        detail = f" ({step.detail})" if step.detail else ""
        lines.append(f"  {out.mark(state)} {step.title}: {step.seen}{detail}")
    return lines if one.steps or one.kept is None else [*lines, *login_lines(one.kept)]
