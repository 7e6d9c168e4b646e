"""A job with a budget of seconds, and the words from which jobs are made: FIELD=VALUE, FIELD=SOURCE."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from wizard.errors import JobError, UsageError
from wizard.livetest import Step
from wizard.secret import Secret

from .words import LENIENCIES

if TYPE_CHECKING:
    from diagnostics.engine import ProbeState
    from wizard.services import Field

_T = TypeVar("_T")

BUDGET = 30.0
LOGIN_BUDGET = 300.0
"""With an interactive login (CONTRACT, ``--timeout``)."""
_SECRETS: Final = frozenset(
    {"token", "password", "client_secret", "access_token", "basic_credentials", "x-authorization"}
)
_LONGEST = 86_400.0


class Waiting:
    """What the job waits for now, as the end of a sentence; its methods are callbacks of ladder and doctor."""

    def __init__(
        self, what: str = "the first answer", say: Callable[[str], None] | None = None, *, about: str = ""
    ) -> None:
        """``about`` is the connection, where it has a name that the doctor takes."""
        self.what = what
        self.about = "" if "://" in about else about
        self._say = say
        self._running: dict[str, str] = {}
        self._awaited = ""

    def step(self, step: Step) -> None:
        """Remember the step that has ended; what a person has to do is said."""
        if step.awaited:
            self.what = step.awaited
            self._awaited = step.id
            if self._say:
                self._say(f"Waiting: {step.awaited}.")
            return
        if step.id == self._awaited and step.ok:
            self._awaited = ""
        if not self._awaited:
            self.what = f"what comes after `{step.title}`"

    def probe(self, state: ProbeState) -> None:
        """Remember which probes run."""
        if state.state == "running":
            self._running[state.id] = state.title
        else:
            self._running.pop(state.id, None)
        self.what = ", ".join(self._running.values()) or self.what


def budget(text: str | None, otherwise: float = BUDGET) -> float:
    """The seconds of ``--timeout``; ``otherwise`` where it is not given.

    Raises:
        UsageError: no number, or one that is no budget.
    """
    if text is None:
        return otherwise
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= _LONGEST:
        raise UsageError(
            "timeout-invalid", "--timeout takes a number of seconds, more than 0 and at most a day."
        )
    return seconds


def port(text: str | None) -> int | None:
    """The port of ``--port``, on which a login comes back.

    Raises:
        UsageError: it is none.
    """
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise UsageError("port-invalid", "--port takes a number from 1 to 65535.")
    return int(text)


def within(seconds: float, job: Callable[[], Awaitable[_T]], waiting: Waiting) -> _T:
    """Run the job to its end, or to the end of its budget.

    Raises:
        JobError: `timeout`, with what was waited for.
    """
    import asyncio

    from wizard import lookups

    async def limited() -> _T:
        lookups.apart()
        async with asyncio.timeout(seconds):
            return await job()

    try:
        return asyncio.run(limited())
    except TimeoutError:
        raise JobError(
            "timeout",
            f"It was not finished within {seconds:g} seconds.",
            f"It was waiting for: {waiting.what}.",
            [
                f"Give it longer: --timeout {max(60.0, 2 * seconds):g}",
                *([f"See what is slow: authwizard doctor {waiting.about}"] if waiting.about else []),
            ],
        ) from None


def pairs(words: Iterable[str], flag: str, form: str) -> dict[str, str]:
    """``FIELD=VALUE`` words as a mapping; what is wrong is not repeated, for it may be a secret.

    Raises:
        UsageError: one without ``=`` or without a field, or a field given twice.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(
                "wrong-usage", f"{flag} takes {form}.", "What was given has no field before a `=`."
            )
        if name in found:
            raise UsageError("wrong-usage", f"{flag} names one field twice.")
        found[name] = value
    return found


def allowed(names: Sequence[str]) -> tuple[str, ...]:
    """The leniencies of ``--allow``. Raises: UsageError, `unknown-leniency`."""
    if any(name not in LENIENCIES for name in names):
        raise UsageError(
            "unknown-leniency", "There is no such leniency.", f"There is: {', '.join(LENIENCIES)}."
        )
    return tuple(names)


def no_bare_secret(name: str, fields: Iterable[Field] = (), value: str = "") -> None:
    """Refuse ``--set`` for a field that holds a secret: one of the method's, one that is called as such, or an address
    with a secret in it.

    Raises:
        UsageError: `bare-secret`, without the value.
    """
    from wizard.methods.kind import HEADER, QUERY
    from wizard.redaction import secret_part, tells_a_secret

    if part := secret_part(value):
        raise UsageError(
            "bare-secret",
            f"The address that was given holds {part}, and a secret is not taken as an argument.",
            "Arguments can be seen by every program of this machine and stay in the shell's history.",
            ["Leave it out of the address."],
        )
    field = next((f for f in fields if name == f.id or name in f.aliases), None)
    own = name.startswith((HEADER, QUERY))
    bare = name.removeprefix(HEADER).removeprefix(QUERY)
    told = name.lower() in _SECRETS or bare.lower() in _SECRETS or (own and tells_a_secret(bare))
    if not (field.secret if field else told):
        return
    title = field.title if field else f"`{name}`" if name.isprintable() and len(name) < 64 else "That field"
    raise UsageError(
        "bare-secret",
        f"{title} is a secret, and is not taken as an argument.",
        "Arguments can be seen by every program of this machine and stay in the shell's history.",
        [f"Say where it is: --secret {field.id if field else name}=env:VAR (or file:PATH, keyring:NAME, -)"],
    )


class Sources:
    """Reads SOURCE texts; standard input can be read once. ``seconds`` is the whole job's budget, in which a command
    has to end."""

    def __init__(self, seconds: float | None = None) -> None:
        self._stdin_taken = False
        self._seconds = seconds

    def read(self, text: str) -> tuple[str, Secret]:
        """The source as it is kept, and its secret.

        Raises:
            UsageError: no SOURCE, or standard input named twice. SourceError: it yields nothing.
        """
        from wizard.vault import parse_source

        source = parse_source(text)
        if source.kind == "stdin":
            if self._stdin_taken:
                raise UsageError(
                    "stdin-twice", "Standard input can hold one secret only; it was named twice."
                )
            self._stdin_taken = True
        return source.text, source.read(seconds=self._seconds)
