"""The live test and its diagnosis, as every command runs them: one budget, and the cause where a step failed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.livetest import Finding, LiveTestReport, Step

from .running import BUDGET, LOGIN_BUDGET

if TYPE_CHECKING:
    from diagnostics.doctor import Diagnosis, OnExamined
    from diagnostics.har.model import Recording
    from diagnostics.steps.token_request import TokenRequest
    from diagnostics.target import Target
    from diagnostics.watch import Watch
    from wizard.change import Change
    from wizard.entries import Entry
    from wizard.oauth.model import Login
    from wizard.oauth.person import Person
    from wizard.oauth.registration import Clients
    from wizard.setup import Draft

    from .output import Output
    from .running import Waiting

OnStep = Callable[[Step], None]

_FOR_THE_CAUSE = (0.25, 15.0)
"""The share of a test's time, and the most seconds of it, that are left for finding the cause."""
_AROUND_A_LOGIN = (0.4, 30.0)
"""Likewise what a login leaves of it: for the requests before and after, and for the cause."""
_ONE_ANSWER = 10.0
_OF_TWO = 0.4
"""The share of a diagnosis's time for one answer: of a bare address the kind is asked first, then all the rest."""
_WITH_BRIDGE = 90.0


async def tested(
    target: Target,
    *,
    seconds: float,
    ca: str | None = None,
    call: tuple[str, Mapping[str, object]] | None = None,
    on_step: OnStep | None = None,
    person: Person | None = None,
    clients: Clients | None = None,
) -> LiveTestReport:
    """Run the ladder; where it fails, ask the doctor for the cause. ``seconds`` is the budget of both. ``person`` is
    who may have to log in, ``clients`` keeps what is registered for it."""
    from diagnostics import ladder
    from wizard.transport import Transport

    end = asyncio.get_running_loop().time() + seconds

    async def cause(failed: Target, report: LiveTestReport, asked: TokenRequest | None) -> Finding | None:
        # the doctor is all rules and probes: a test that goes well needs none of them
        from diagnostics import doctor
        from wizard import proof

        left = end - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(left):
                # the test has started a stdio server's command already, so the doctor may as well; but a bridge that
                # npx has to fetch would be stopped half-way
                diagnosis = await diagnosed(
                    failed,
                    seconds=left,
                    ca=ca,
                    start=not proof.fetches(failed.entry),
                    tool=call[0] if call else "",
                    told=report.told,
                    asked=asked,
                )
        except TimeoutError:
            # what the login has found needs no more of a look
            return doctor.of_problem(asked.error if asked else None, transport)
        return diagnosis.findings[0] if diagnosis.findings else None

    async with Transport(timeout=_one_answer(seconds), ca=ca) as transport:
        return await ladder.run(
            target,
            transport,
            call=call,
            on_step=on_step,
            find=cause,
            budget=_all_but(_FOR_THE_CAUSE, seconds),
            person=person,
            clients=clients,
        )


_NO_LOGIN: Final = (
    "No login was made: the server asked for none, or names nobody to log in at, or one is given already."
)


async def diagnosed(
    target: Target,
    *,
    seconds: float,
    ca: str | None = None,
    start: bool = False,
    require_scopes: tuple[str, ...] = (),
    require_groups: tuple[str, ...] = (),
    require_roles: tuple[str, ...] = (),
    tool: str = "",
    told: str = "",
    asked: TokenRequest | None = None,
    on_probe: Callable[..., None] | None = None,
    person: Person | None = None,
    on_examined: OnExamined | None = None,
    har: Recording | None = None,
    unasked: Callable[[str], None] | None = None,
    watch: Watch | None = None,
) -> Diagnosis:
    """Ask the doctor. ``start`` is the yes to starting a stdio server's command, ``person`` who wants to log in
    first; ``unasked`` hears why no login was made. ``watch`` has the budget already, where it is given."""
    from diagnostics import doctor
    from diagnostics.watch import Watch
    from wizard.transport import Transport

    watch = watch or Watch(seconds)
    async with Transport(timeout=_one_answer(seconds, _OF_TWO), ca=ca) as transport:
        if person is not None:
            from diagnostics.steps import aim

            asked = await aim.logged_in(target, transport, person, budget=_all_but(_FOR_THE_CAUSE, seconds))
            if asked is None and unasked is not None:
                unasked(_NO_LOGIN)
        return await doctor.diagnose(
            target,
            transport,
            on_probe=on_probe,
            start=start,
            require_scopes=require_scopes,
            require_groups=require_groups,
            require_roles=require_roles,
            tool=tool,
            told=told,
            asked=asked,
            on_examined=on_examined,
            har=har,
            watch=watch,
        )


def target_of(d: Draft) -> Target:
    """The target that a draft describes."""
    from diagnostics import targets
    from wizard import setup

    return targets.build(setup.choice(d))


def written(d: Draft, entry: Entry) -> Target:
    """The same target, asked through an entry that was read back out of a client's file."""
    return replace(target_of(d), entry=entry)


async def proven(
    target: Target, *, seconds: float, ca: str | None, on_step: OnStep | None, say: Callable[[str], None]
) -> LiveTestReport:
    """The live test of a written entry. ``say`` is told where it may take long, because a bridge is fetched."""
    from wizard import proof

    if proof.fetches(target.entry):
        say(proof.FETCHES)
    return await tested(target, seconds=seconds, ca=ca, on_step=on_step)


def for_proofs(seconds: float, changes: Iterable[Change]) -> float:
    """The budget of the proofs: longer than the usual one where a bridge may have to be fetched first. One that a
    person gave is kept."""
    from wizard.clients import bridge
    from wizard.entries import StdioPlan

    plans = [c.job.plan for c in changes if c.job is not None]
    bridged = any(isinstance(p, StdioPlan) and bridge.PACKAGE in p.command for p in plans)
    return _WITH_BRIDGE if bridged and seconds == BUDGET else seconds


async def with_login(
    d: Draft,
    out: Output,
    waiting: Waiting,
    *,
    seconds: float,
    ca: str | None = None,
    port: int | None = None,
    on_step: OnStep | None = None,
) -> Draft:
    """The draft with its test, and with the login that was made for it. ``on_step`` is ``waiting``'s own if None; one
    that is given says each step itself, those of a login among them."""
    from wizard import setup
    from wizard.oauth.registered import KeptClients

    from .login_person import person

    logins: list[Login] = []
    someone = person(
        out,
        port=port,
        seconds=for_a_person(seconds),
        budget=seconds,
        keep=logins.append,
        waiting=waiting,
    )
    someone = someone if on_step is None else replace(someone, step=on_step)
    report = await tested(
        target_of(d),
        seconds=seconds,
        ca=ca,
        on_step=on_step or waiting.step,
        person=someone,
        clients=KeptClients(),
    )
    kept = setup.with_login(d, logins[-1]) if logins else d
    return setup.with_test(kept, report)


def for_login(seconds: float, d: Draft) -> float:
    """The budget of a test in which a person may have to log in, here or by the service's own program: longer than the
    usual one. One that a person gave is kept."""
    from wizard.methods import kinds

    if d.method is None or seconds != BUDGET:
        return seconds
    return LOGIN_BUDGET if d.method.login is not None or kinds.get(d.method.kind).person else seconds


def for_a_person(seconds: float) -> float:
    """How long a person may take for a login within this budget."""
    return _all_but(_AROUND_A_LOGIN, seconds)


def _all_but(left: tuple[float, float], seconds: float) -> float:
    share, most = left
    return seconds - min(share * seconds, most)


def _one_answer(seconds: float, share: float = 0.6) -> float:
    """How long a single answer is waited for within this budget."""
    return min(_ONE_ANSWER, max(seconds * share, 0.05))
