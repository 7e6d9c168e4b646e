"""What the wizard works with: the practice services that run, and the jobs that are handed in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.secret import Secret
from wizard.services import Environment, Service

if TYPE_CHECKING:
    from sandbox.practice import Practice
    from wizard.entries import EntryPlan
    from wizard.setup import Prover, Tester
    from wizard.setup.draft import Draft
    from wizard.setup.places import Place

PRACTICE = "practice"


@dataclass(frozen=True, slots=True)
class Work:
    """``urls`` maps a service to its running practice; ``tester`` and ``prover`` make the jobs when first used."""

    tester: Callable[[], Tester]
    prover: Callable[[], Prover]
    urls: Mapping[str, str] = field(default_factory=dict)
    practice: Practice | None = None
    clock: Callable[[], float] = time.monotonic

    @property
    def note(self) -> str:
        """What every step's header says on the right."""
        return "practice on this machine" if self.practice is not None else ""

    def places(self) -> tuple[Place, ...]:
        """The clients that can be written to, and which of their files."""
        from wizard.setup import places

        return places.places()

    def ways(self, client: str, plan: EntryPlan) -> tuple[str, ...]:
        """How a client can find the secret, safest first."""
        from wizard.setup import places

        return places.ways(client, plan)

    def keep(self, draft: Draft, step: str) -> None:
        """Keep the draft for the next start, without its secrets. Raises: FileProblem."""
        from wizard.setup import unfinished

        unfinished.keep(draft, step)

    def finished(self, draft: Draft) -> None:
        """The draft came to a connection: nothing waits to be gone on with."""
        from wizard.setup import unfinished

        if draft.service is not None:
            unfinished.discard(draft.service.id)

    def stores(self) -> tuple[tuple[str, str, str], ...]:
        """Where secrets can be kept: id, title, and why not (empty when it can). May block."""
        from .. import jobs

        return jobs.stores()

    async def asks_for_login(self, url: str, speaks: str) -> bool:
        """Whether the server itself says that one has to log in."""
        from .. import jobs

        return await jobs.asks_for_login(url, speaks)

    def short(self, path: str) -> str:
        """A path as a person writes it: from the working folder, or with ~ for home."""
        return shortened(path)

    def environments(self, service: Service) -> tuple[Environment, ...]:
        """A service's deployments; the practice one is first when it runs, and absent when it does not."""
        real = tuple(e for e in service.environments if e.id != PRACTICE)
        running = tuple(e for e in service.environments if e.id == PRACTICE and self.url(service, e))
        return running + real

    def url(self, service: Service, environment: Environment | None) -> str:
        """The address of the running practice service; empty for any other deployment."""
        if environment is None or environment.id != PRACTICE:
            return ""
        return self.urls.get(service.id, "") or environment.url

    def practice_credential(self, service: str, field_id: str) -> Secret | None:
        """The random credential of a practice service, by the field that takes it."""
        if self.practice is None or service not in self.practice.services:
            return None
        return self.practice.services[service].credentials.get(field_id)

    def practice_token_file(self, service: str) -> str:
        """Where a practice service keeps its token file; empty when it has none."""
        if self.practice is None or service not in self.practice.services:
            return ""
        path = self.practice.services[service].token_file
        return str(path) if path is not None else ""


def shortened(text: str) -> str:
    """Paths in a text as a person writes them: from the working folder, or with ~ for home. One in quotes stays, for
    there no shell finds the home."""
    for long, short in ((f"{Path.cwd()}/", "./"), (f"{Path.home()}/", "~/")):
        text = re.sub(rf"(?<!['\"]){re.escape(long)}", short, text)
    return text
