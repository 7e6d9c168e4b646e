"""The six steps of the wizard as questions in plain lines, for ``--plain`` and for a terminal that draws no screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard import setup
from wizard.errors import AuthwizardError
from wizard.livetest import LiveTestReport, Step
from wizard.outcomes import counted
from wizard.setup import STEPS, Draft, SetupReport

from . import live
from .output import Output, clean, failure_lines, finding_lines
from .plain_steps import ASKS, Walk
from .plain_talk import KEYS, Back, Quit, Talk
from .running import BUDGET, Waiting, within

if TYPE_CHECKING:
    from sandbox.practice import Practice
    from wizard.entries import Entry

_ONLY_WITH_SCOPES = "permissions"


def run(service: str | None, practice: Practice | None = None, *, out: Output | None = None) -> int:
    """Walk the six steps from the first question. 0 when done or left, 1 where an entry does not work."""
    from wizard import catalogue

    out = out or Output()
    walk = Walk(Talk(out), practice)
    d, step = setup.new(), STEPS[0]
    if service:
        d = setup.with_service(d, catalogue.load().get(service))
    try:
        d, step = _waiting(d, service, walk.talk)
    except Quit:
        return 0
    return steps(d, walk, out, start=step)


def from_options(d: Draft, out: Output, *, seconds: float, ca: str | None, dry_run: bool) -> int:
    """Walk the six steps with what the options of ``setup`` say as the answers that Enter takes."""
    walk = Walk(Talk(out))
    walk.talk.say(KEYS)
    return steps(d, walk, out, seconds=seconds, ca=ca, dry_run=dry_run)


def _waiting(d: Draft, service: str | None, talk: Talk) -> tuple[Draft, str]:
    """Offer to go on with a draft that waits."""
    from wizard import catalogue
    from wizard.setup import resume, unfinished

    talk.say("authwizard: set up a service in six steps.", KEYS)
    kept = unfinished.get(service) if service else next(iter(unfinished.every()), None)
    if kept is None:
        return d, STEPS[0]
    try:
        known = catalogue.load().get(kept.service)
        explain = [
            "Everything but the secrets was kept. n begins anew; the kept one stays until you finish another."
        ]
        if not talk.agreed(f"{kept.says}, {kept.step}?", default=True, explain=explain):
            return d, STEPS[0]
    except Back:
        return d, STEPS[0]
    except AuthwizardError:
        return d, STEPS[0]
    practice = known.environment(resume.PRACTICE)
    found, step = resume.restored(kept, known, practice.url if practice else "")
    if reason := resume.why(kept, found, step):
        talk.say(reason)
    return found, step


def steps(
    d: Draft,
    walk: Walk,
    out: Output,
    *,
    start: str = STEPS[0],
    seconds: float = BUDGET,
    ca: str | None = None,
    dry_run: bool = False,
) -> int:
    """Walk from this step to the end; the answer goes to standard output."""
    index = STEPS.index(start)
    trail = _before(d, index)
    while True:
        step = STEPS[index]
        walk.talk.say("", f"{index + 1} of {len(STEPS)} {step}")
        try:
            d = _tested(d, walk.talk, out, seconds, ca) if step == "test" else _asked(d, step, walk)
            if step == "activate":
                code = _finished(d, walk.talk, out, seconds, ca, dry_run=dry_run)
                if code is not None and (dry_run or not _another(d, walk.talk)):
                    return code
                if code is not None:
                    d, index = setup.another_of_list(d), STEPS.index("credentials")
                    trail = _before(d, index)
                continue
        except Back:
            if not trail:
                walk.talk.say("This is the first step.")
            index = trail.pop() if trail else index
            continue
        except Quit:
            left = f" Go on later: authwizard --plain {d.service.id}" if d.service else ""
            walk.talk.say(f"Left. Nothing was written.{left}")
            return 0
        except AuthwizardError as error:
            walk.talk.say(*failure_lines(error))
            if step != "credentials":
                index = trail.pop() if trail else index
            continue
        trail += [index] if _asks(d, step) else []
        index += 1
        _keep(d, STEPS[index], walk.talk)


def _asks(d: Draft, step: str) -> bool:
    """Whether this step has a question, to which one can go back."""
    return step != _ONLY_WITH_SCOPES or bool(d.service and d.service.scopes)


def _before(d: Draft, index: int) -> list[int]:
    """The steps behind one, as if they had been walked."""
    return [n for n in range(index) if _asks(d, STEPS[n])]


def _asked(d: Draft, step: str, walk: Walk) -> Draft:
    """The step's questions, until nothing stands in the way."""
    while True:
        d = ASKS[step](d, walk)
        found = setup.problems(d, step)
        if not found:
            return d
        walk.talk.say(*(p.says for p in found))


def _tested(d: Draft, talk: Talk, out: Output, seconds: float, ca: str | None) -> Draft:
    """Run the live test, each step said as it ends; only one that passed leads on."""
    d = setup.read_sources(d)
    seconds = live.for_login(seconds, d)
    while True:
        waiting, said = Waiting(say=talk.say), set[str]()

        def told(step: Step, waiting: Waiting = waiting, said: set[str] = said) -> None:
            waiting.step(step)
            if step.id not in said and (step.ok is not None or step.seen or step.detail):
                said.add(step.id)
                talk.say(_line(step, out))

        async def test(d: Draft = d, told: live.OnStep = told, waiting: Waiting = waiting) -> Draft:
            return await live.with_login(d, out, waiting, seconds=seconds, ca=ca, on_step=told)

        try:
            tested = within(seconds, test, waiting)
        except AuthwizardError as error:
            talk.say(*failure_lines(error))
        else:
            report = tested.test
            assert report is not None  # noqa: S101  # it was tested
            for step in report.steps:
                if step.id not in said:
                    talk.say(_line(step, out))
            if report.ok:
                number = len(report.tools)
                tools = (
                    f" {counted(number, 'tool')} {'is' if number == 1 else 'are'} offered." if number else ""
                )
                talk.say(report.unchecked or f"It works: the service accepts your credential.{tools}")
                return tested
            if report.finding:
                talk.say(*finding_lines(report.finding, out.mark("broken")))
        explain = ["Nothing is written for a connection that fails. < goes back to change what you gave."]
        talk.line("Enter runs the test again, < goes back, q leaves", "", explain)


def _line(step: Step, out: Output) -> str:
    state = "untested" if step.ok is None else "works" if step.ok else "broken"
    word = {"untested": "not run", "works": "works", "broken": "broken"}[state]
    seen = f"expected {step.expected}, saw {step.seen or 'nothing'}" if step.ok is False else step.seen
    detail = f" ({step.detail})" if step.detail and step.ok is not True else ""
    return f"  {out.mark(state)} {word}: {step.title or step.id}{f', {seen}' if seen else ''}{detail}"


def _finished(
    d: Draft, talk: Talk, out: Output, seconds: float, ca: str | None, *, dry_run: bool
) -> int | None:
    """Show what would be written and, after a yes, write it; None where the answer was no."""
    from .setup_cmd import report_lines, shown

    changes = setup.previews(d)
    if dry_run:
        return shown(d, changes, out)
    for change in changes:
        talk.say(f"{change.client}: {change.path or 'as text'}")
        talk.show(*clean(change.diff or change.text or "").splitlines())
    if replaces := setup.replaced(d):
        talk.say(replaces)
    question = f"Save the connection{' and write this' if any(c.path for c in changes) else ''}?"
    if not talk.agreed(
        question, default=False, explain=["n asks this step again. q leaves; nothing is written."]
    ):
        return None
    waiting = Waiting()
    longer = live.for_proofs(seconds, changes)

    async def prove(draft: Draft, entry: Entry) -> LiveTestReport:
        target = live.written(draft, entry)
        return await live.proven(target, seconds=longer, ca=ca, on_step=waiting.step, say=talk.say)

    async def finish() -> SetupReport:
        return await setup.activate(d, prove)

    report = within(longer, finish, waiting)
    if d.service:
        from wizard.setup import unfinished

        unfinished.discard(d.service.id)
    out.answer(report.as_json(), report_lines(d, report, out))
    return 0 if all(e.answered for e in report.exports) else 1


def _another(d: Draft, talk: Talk) -> bool:
    """Whether another one of the service's list is wanted; whatever ends the answers here is a no."""
    field = setup.chosen_from_list(d)
    if field is None:
        return False
    try:
        return talk.agreed(f"Another one ({field.title.lower()}), with all the rest as it is?", default=False)
    except (Back, Quit, KeyboardInterrupt):
        return False


def _keep(d: Draft, step: str, talk: Talk) -> None:
    from wizard.setup import unfinished

    try:
        unfinished.keep(d, step)
    except AuthwizardError as error:
        talk.say(f"This set-up cannot be gone on with later: {error.title}")
