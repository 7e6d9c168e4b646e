"""The live test and its diagnosis, as every command runs them: one transport, one budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.livetest import LiveTestReport, Step

if TYPE_CHECKING:
    from diagnostics.doctor import Diagnosis
    from diagnostics.target import Target
    from wizard.entries import Entry
    from wizard.setup import Draft

OnStep = Callable[[Step], None]


async def tested(
    target: Target,
    *,
    patience: float,
    ca: str | None = None,
    call: tuple[str, Mapping[str, object]] | None = None,
    on_step: OnStep | None = None,
) -> LiveTestReport:
    """Run the ladder; where it fails without naming the cause, ask the doctor for it.

    ``patience`` is how long a single answer is waited for, in seconds.
    """
    from diagnostics import ladder
    from wizard.transport import Transport

    async with Transport(timeout=patience, ca=ca) as transport:
        report = await ladder.run(target, transport, call=call, on_step=on_step)
    if report.ok or report.finding is not None:
        return report
    if on_step:
        on_step(Step("cause", "the cause of it", None))
    diagnosis = await diagnosed(target, patience=patience, ca=ca)
    return replace(report, finding=diagnosis.findings[0]) if diagnosis.findings else report


async def diagnosed(target: Target, *, patience: float, ca: str | None = None) -> Diagnosis:
    """Ask the doctor."""
    from diagnostics import doctor
    from wizard.transport import Transport

    async with Transport(timeout=patience, ca=ca) as transport:
        return await doctor.diagnose(target, transport)


def target_of(d: Draft) -> Target:
    """The target that a draft describes."""
    from diagnostics import targets
    from wizard import setup

    if d.service is None or d.environment is None or d.method is None:
        raise ValueError("a target needs service, environment and method")
    return targets.build(
        d.service,
        d.environment,
        d.method,
        label=setup.name_of(d),
        url=setup.url_of(d),
        settings=setup.settings_of(d),
        secrets=setup.secrets_of(d),
        scopes=d.scopes,
        name=setup.name_of(d),
    )


def written(d: Draft, entry: Entry) -> Target:
    """The same target, asked through an entry that was read back out of a client's file."""
    return replace(target_of(d), entry=entry)
