"""One worker that walks the six steps. Every step is built from the draft, so going back loses nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.screen import Screen

from wizard import setup
from wizard.errors import AuthwizardError
from wizard.outcomes import Outcome as Last
from wizard.outcomes import tested
from wizard.services import Service
from wizard.setup import resume, unfinished
from wizard.setup.draft import STEPS, Draft

from .base import ANOTHER, BACK, FINISH, SIBLING, Outcome, StepScreen
from .work import PRACTICE, Work

if TYPE_CHECKING:
    from ..app import Authwizard


class Backdrop(Screen[None]):
    """Stands under the steps, so that home does not flash up between two of them."""


class Flow:
    """The walk from the first question to the written config."""

    def __init__(
        self, app: Authwizard, service: str | None = None, work: Work | None = None, *, asks: bool = False
    ) -> None:
        self.app = app
        self._asks = asks
        self._waiting: tuple[resume.Unfinished, Service] | None = None
        self.work = work or _work(app)
        self.trouble = self.welcome = ""
        self._told = False
        self.draft, self.index = self._start(service)

    def _start(self, service: str | None) -> tuple[Draft, int]:
        draft = setup.new()
        if not service:
            return draft, 0
        from wizard import catalogue

        try:
            found = catalogue.load().get(service)
        except AuthwizardError as error:
            self.trouble = " ".join(part for part in (error.title, error.detail, *error.fix) if part)
            return draft, 0
        if kept := unfinished.get(found.id):
            if not self._asks:
                return self._resumed(kept, found)
            self._waiting = kept, found
        return self._anew(found)

    def _anew(self, found: Service) -> tuple[Draft, int]:
        draft = setup.new()
        environments = self.work.environments(found)
        first = environments[0] if len(environments) == 1 or environments[0].id == PRACTICE else None
        draft = setup.with_service(draft, found, first, self.work.url(found, first))
        return draft, 0 if setup.problems(draft, "service") else 1

    def _resumed(self, kept: resume.Unfinished, service: Service) -> tuple[Draft, int]:
        """Go on with a draft, at the step where it was left or at an earlier one that lacks something."""
        practice = service.environment(PRACTICE)
        draft, step = resume.restored(kept, service, self.work.url(service, practice))
        left = f"step {kept.number}, {kept.step}"
        if reason := resume.why(kept, draft, step):
            self.welcome = f"{reason} It was left at {left}."
        else:
            self.welcome = f"Going on with {service.title}, which was left at {left}."
        return draft, STEPS.index(step)

    async def run(self) -> None:
        """Walk until the last step is done, or the first one is left backwards."""
        await self.app.push_screen(Backdrop())
        if self.trouble:
            self.app.notify(self.trouble, severity="error", markup=False)
        if self._waiting is not None:
            await self._ask(*self._waiting)
        while 0 <= self.index < len(STEPS):
            screen = make(STEPS[self.index], self.work, self.draft)
            screen.welcome, self.welcome = self.welcome, ""
            outcome = await self.app.push_screen_wait(screen)
            await self._take(outcome)
        if isinstance(self.app.screen, Backdrop):
            await self.app.pop_screen()

    async def _ask(self, kept: resume.Unfinished, service: Service) -> None:
        """Whether what waits is what is wanted: it may be another server."""
        from .pick import Pick, PickScreen

        where = f", {kept.url}" if kept.url else ""
        picks = (
            Pick("on", "Go on with it", f"step {kept.number}, {kept.step}{where}"),
            Pick("anew", "Begin anew", "what waits is forgotten with the first step that is done"),
        )
        answer = await self.app.push_screen_wait(
            PickScreen(f"A set-up of {service.title} was left", picks, "on")
        )
        if answer == "on":
            self.draft, self.index = self._resumed(kept, service)
        elif answer is None:
            self.index = -1

    async def _take(self, outcome: Outcome) -> None:
        self.draft = outcome.draft
        if outcome.go in (FINISH, ANOTHER, SIBLING) and self.draft.test is not None:
            says = tested(len(self.draft.test.tools))
            self.app.remember(setup.name_of(self.draft), Last("works", "", says))
        if outcome.go == BACK:
            self.index -= 1
        elif outcome.go == FINISH:
            self.index = len(STEPS)
        elif outcome.go == ANOTHER:
            self.draft, self.index = another(self.draft), 0
        elif outcome.go == SIBLING:
            self.draft, self.index = setup.another_of_list(self.draft), STEPS.index("credentials")
        else:
            self.index += 1
            await self._keep()

    async def _keep(self) -> None:
        """What was chosen so far, without the secrets, for the next start."""
        if self.index >= len(STEPS):
            return
        try:
            await asyncio.to_thread(self.work.keep, self.draft, STEPS[self.index])
        except AuthwizardError as error:
            if not self._told:
                self._told = True
                says = f"This set-up cannot be gone on with later: {error.title} {error.detail}"
                self.app.notify(says, severity="warning", markup=False)


def another(draft: Draft) -> Draft:
    """A new draft for another environment or tenant of the same service, by the same method, for the same clients."""
    if draft.service is None or draft.method is None:
        return setup.new()
    fresh = setup.with_service(setup.new(), draft.service)
    fresh = setup.with_method(fresh, draft.method)
    fresh = setup.with_store(setup.with_clients(fresh, draft.clients), draft.store)
    return setup.with_tools(fresh, draft.tools) if draft.tools else setup.with_scopes(fresh, draft.scopes)


def make(step: str, work: Work, draft: Draft) -> StepScreen:
    """The screen of a step; each module is imported when it is first needed."""
    match step:
        case "service":
            from .service import ServiceStep

            return ServiceStep(work, draft)
        case "method":
            from .method import MethodStep

            return MethodStep(work, draft)
        case "credentials":
            from .credentials import CredentialsStep

            return CredentialsStep(work, draft)
        case "permissions":
            from .permissions import PermissionsStep

            return PermissionsStep(work, draft)
        case "test":
            from .test import TestStep

            return TestStep(work, draft)
        case _:
            from .activate import ActivateStep

            return ActivateStep(work, draft)


def _work(app: Authwizard) -> Work:
    from .. import jobs

    urls = dict(jobs.practice_urls())
    if app.practice is not None:
        urls.update({name: service.url for name, service in app.practice.services.items()})
    return Work(jobs.tester, jobs.prover, urls, app.practice)
