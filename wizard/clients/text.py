"""What clients with a plain text have in common: a script, or a file of variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from .. import preview
from ..entries import Entry, EntryPlan, Reference, RemotePlan, slots
from ..errors import FileProblem, UsageError
from .composing import Composed
from .model import ENV, FILE, INLINE, Beside, Job, Scope, masked
from .refusing import needs_path, refuse_unsendable


class TextClient:
    """A client whose text is made as a whole (`text`), with or without a file of its own."""

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    rank: ClassVar[int] = 90
    mcp: ClassVar[bool] = False
    judge: ClassVar[str] = "run"
    cannot: ClassVar[tuple[tuple[str, str], ...]] = ()
    what: ClassVar[str] = "text"
    executable: ClassVar[bool] = False
    private: ClassVar[bool] = False
    logs_in: ClassVar[str] = ""

    def found(self) -> bool:
        """Whether it can be used on this machine."""
        return True

    def path(self, project: bool) -> Path | None:  # noqa: ARG002  # others look at it
        """It has no file of its own: without --path the text is the answer."""
        return None

    def place(self, path: Path) -> Path:
        """The file that a --path names."""
        return path

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """How it can come by the secret, safest first."""
        raise NotImplementedError

    def form(self, plan: EntryPlan, how: str) -> EntryPlan:  # noqa: ARG002  # others look at it
        """The plan as it is."""
        return plan

    def check(self, job: Job) -> None:
        """What a header cannot carry; a text is a program, or is read by one, that encodes an address itself."""
        refuse_unsendable(job, self.title, encodes=True)

    def after(self, job: Job, project: bool) -> str:  # noqa: ARG002  # the protocol's
        """A new variable needs a new shell."""
        new = job.how == ENV and any(s.field not in job.variables for s in slots(job.plan))
        return "new-shell" if new else "now"

    def next_act(self, name: str, project: bool) -> tuple[str, ...]:
        """What the person does next."""
        raise NotImplementedError

    def login_acts(self, job: Job) -> tuple[str, ...]:  # noqa: ARG002  # the protocol's
        """It does not log in."""
        return ()

    def text(self, job: Job, before: bytes | None, where: str) -> str:
        """The whole text; with inline it holds the secret."""
        raise NotImplementedError

    def lines(self, job: Job, before: bytes | None, where: str) -> tuple[list[str], list[str]]:
        """How the change is shown, old lines and new ones; the job's secrets are masked."""
        old = [] if before is None else [f"(the file as it was, {len(before.splitlines())} lines)"]
        return old, self.text(job, before, where).splitlines()

    def compose(self, job: Job, where: Path | None, before: bytes | None) -> Composed:
        """What the file will hold, or what is answered where there is none.

        Raises:
            UsageError: the answer would hold a secret. FileProblem: the file that is there cannot be understood.
        """
        hidden = masked(job)
        if where is None:
            if job.how in (INLINE, FILE) and slots(job.plan):
                raise needs_path(self.what)
            return Composed(b"", "", self.text(hidden, None, ""))
        content = self.text(job, before, str(where)).encode()
        if content == before:
            return Composed(content, "")
        old, new = self.lines(hidden, before, str(where))
        return Composed(content, preview.diff(where, self.title, old, new, existed=before is not None))

    def compose_without(self, name: str, where: Path | None, before: bytes | None) -> Composed:  # noqa: ARG002  # the protocol's
        """There is no entry in it that could be taken out."""
        raise UsageError(
            "client-cannot",
            f"{self.title} has no config to take `{name}` out of.",
            "",
            [f"Delete the {self.what} itself."],
        )

    def scopes(self) -> tuple[Scope, ...]:
        """It has no entries of a name."""
        return ()

    def command_line(self, job: Job, project: bool) -> tuple[str, ...]:  # noqa: ARG002  # the protocol's
        """It has no such command."""
        return ()

    def beside(self, where: Path, job: Job | None) -> tuple[Beside, ...]:  # noqa: ARG002  # the protocol's
        """Nothing else is written."""
        return ()

    def asks(self, path: Path) -> Mapping[str, tuple[str, str]]:  # noqa: ARG002  # the protocol's
        """It asks for nothing."""
        return {}

    def servers(self, path: Path) -> Mapping[str, object]:  # noqa: ARG002  # the protocol's
        """A text lists no servers."""
        return {}

    def effective(
        self,
        path: Path,
        server: str,  # noqa: ARG002  # the protocol's
        environ: Mapping[str, str],  # noqa: ARG002  # the protocol's
    ) -> tuple[Entry, tuple[Reference, ...]]:
        """Not known: such a text is not a config."""
        raise UsageError(
            "client-not-readable",
            f"A {self.title} {self.what} is not read back as a config.",
            str(path),
            ["Name the connection, or the URL, instead."],
        )


def refuse_foreign(before: bytes | None, where: str, mark: str) -> None:
    """Refuse to write over a program that is not ours: ``mark`` stands in the beginning of those that are.

    Raises:
        FileProblem: ``file-not-ours``.
    """
    if before and mark.encode() not in before[:1000]:
        raise FileProblem(
            "file-not-ours",
            f"{where} holds something else, and is not written over.",
            "Its beginning does not say that it was written here.",
            ["Name another file with --path, and take from it what you need.", "Nothing was changed."],
        )


def remote(job: Job, title: str) -> RemotePlan:
    """The job's plan, where it is a remote one.

    Raises:
        UsageError: ``client-cannot``.
    """
    if isinstance(job.plan, RemotePlan):
        return job.plan
    raise UsageError(
        "client-cannot",
        f"{title} cannot start a stdio server.",
        "",
        ["Choose another client, or the API's URL."],
    )
