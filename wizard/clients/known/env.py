""".env: the address and the secrets of a service as variables, for a program that asks an API by itself.

By default the secret stays where it is kept: its variable stands there as a comment, with the shell line that sets
it. With ``--secrets file`` (or ``inline``) the value itself is written, and the file is 0600. One comment above names
the variables that belong to a connection, and how they are sent: by it they are found again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Final

from ... import dotenv, preview
from ...dotenv import Dotenv
from ...entries import EntryPlan, RemotePlan, Slot, Value, slots
from ...errors import UsageError
from ...secret import MASK
from .. import programs
from ..base import read_file
from ..composing import Composed
from ..model import ENV, FILE, INLINE, Job
from ..text import TextClient, remote

_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_MARK: Final = re.compile(r"# authwizard ([A-Za-z0-9_-]{1,64}): ([A-Za-z0-9_ ]*)(?: \(.*\))?")


class EnvFile(TextClient):
    """A `.env` file."""

    id: ClassVar[str] = "env"
    title: ClassVar[str] = ".env"
    what: ClassVar[str] = "file"
    private: ClassVar[bool] = True

    def found(self) -> bool:
        """Whether the working folder has one."""
        return (Path.cwd() / ".env").is_file()

    def path(self, project: bool) -> Path | None:
        """`.env` in the working folder; nobody has one of their own, so that is an answer's text."""
        return Path.cwd() / ".env" if project else None

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """A variable that is set elsewhere, or the value in a file of 0600; nothing for a stdio server. What is
        obtained anew each time is not put into a file."""
        if not isinstance(plan, RemotePlan):
            return ()
        return (ENV,) if any(s.fresh for s in slots(plan)) else (ENV, FILE, INLINE)

    def check(self, job: Job) -> None:
        """What a header cannot carry, and what the readers of such files would read in different ways."""
        super().check(job)
        if job.how == ENV:
            return
        for slot in slots(job.plan):
            secret = job.secrets.get(slot.field)
            if secret is not None and not dotenv.portable(secret.reveal()):
                raise UsageError(
                    "secret-needs-another-way",
                    f"The secret `{slot.field}` holds characters that not every reader of a .env file reads alike.",
                    f"--secrets {job.how} cannot carry it unchanged.",
                    [f"Use --secrets {ENV}.", "Nothing was written."],
                )

    def next_act(self, name: str, project: bool) -> tuple[str, ...]:  # noqa: ARG002  # the protocol's
        """Load it."""
        return ("Keep the file out of version control.", "Load it: set -a; . ./.env; set +a")

    def text(self, job: Job, before: bytes | None, where: str) -> str:
        """The file with the connection's variables, each in its place if it is there already."""
        file = dotenv.parse(before or b"", where or ".env")
        names = [name for name, _ in _variables(job)]
        mark = _mark(job, names)
        gone = [n for n in _marked(file).get(job.plan.name, ()) if n not in names]
        file = _with_mark(_without(file, gone), job.plan.name, mark)
        for name, value in _variables(job):
            line = _reference(job, name, value)
            if line is None:
                file = _set(file, name, "".join(_shown(job, part) for part in value))
            elif not _refers(file, name, line):
                file = _refer(file, name, line)
        return file.text

    def lines(self, job: Job, before: bytes | None, where: str) -> tuple[list[str], list[str]]:
        """Our own lines as they are and as they will be; of a value only what also stands in the new one."""
        file = dotenv.parse(before or b"", where or ".env")
        after = dotenv.parse(self.text(job, before, where).encode())
        new = [line for line, _ in _own_lines(after, job.plan.name)]
        return [line if line in new else hidden for line, hidden in _own_lines(file, job.plan.name)], new

    def compose_without(self, name: str, where: Path | None, before: bytes | None) -> Composed:
        """The file without what was written for a connection.

        Raises:
            UsageError: there is no file. FileProblem: it cannot be understood.
        """
        if where is None:
            return super().compose_without(name, where, before)
        file = dotenv.parse(before or b"", str(where))
        if name not in _marked(file):
            return Composed(before or b"", "")
        rest = _with_mark(_without(file, _marked(file)[name]), name, "")
        old = [hidden for _, hidden in _own_lines(file, name)]
        return Composed(rest.content, preview.diff(where, self.title, old, [], existed=True))

    def servers(self, path: Path) -> Mapping[str, object]:
        """What was written into a file, by connection: each variable with its value, which may be a secret."""
        content = read_file(path)
        file = dotenv.parse(content or b"", str(path))
        values = {k: v.reveal() for k, v in file.values().items()}
        return {
            name: {n: values.get(n) for n in names} | {"lines": len(_own_lines(file, name))}
            for name, names in _marked(file).items()
        }


def _variables(job: Job) -> Iterator[tuple[str, Value]]:
    """The address, then each secret, by the variable's name."""
    plan = remote(job, ".env")
    made = re.sub(r"[^A-Z0-9]", "_", f"{plan.name}_URL".upper())
    yield f"_{made}" if made[0].isdigit() else made, (plan.base or plan.url,)
    for slot in slots(plan):
        yield job.variable(slot), (slot,)


def _shown(job: Job, part: str | Slot) -> str:
    return part if isinstance(part, str) else job.secrets[part.field].reveal()


def _reference(job: Job, name: str, value: Value) -> str | None:
    """The comment that stands for a variable which is set elsewhere; None where the value itself is written."""
    slot = next((p for p in value if isinstance(p, Slot)), None)
    if slot is None or job.how != ENV:
        return None
    if slot.field in job.variables:
        return f"# {name} is set elsewhere already"
    return f"# {programs.posix_line(name, job.connection, slot.field)}"


def _mark(job: Job, names: list[str]) -> str:
    """The comment that names the connection's variables, and how they are sent."""
    plan = remote(job, ".env")

    def told(value: Value) -> str:
        return "".join(p if isinstance(p, str) else f"${job.variable(p)}" for p in value)

    sent = [f"{name}: {told(value)}" for name, value in plan.headers.items()]
    sent += [f"?{name}={told(value)}" for name, value in plan.query.items()]
    how = f" (sent as {'; '.join(sent)})" if sent else ""
    return f"# authwizard {plan.name}: {' '.join(names)}{how}"


def _comments(file: Dotenv) -> Iterator[tuple[int, int, str]]:
    """Each line that is a comment, with its span: lines within a value are none."""
    inside = [b.span for b in file.bindings]
    for found in _LINE.finditer(file.text):
        text = found.group().strip().removeprefix("\ufeff")
        if text.startswith("#") and not any(a <= found.start() < b for a, b in inside):
            yield found.start(), found.end(), text


def _marked(file: Dotenv) -> dict[str, tuple[str, ...]]:
    """The variables that were written for each connection."""
    found = ((_MARK.fullmatch(text)) for _, _, text in _comments(file))
    return {m[1]: tuple(m[2].split()) for m in found if m}


def _with_mark(file: Dotenv, name: str, mark: str) -> Dotenv:
    for start, end, text in _comments(file):
        match = _MARK.fullmatch(text)
        if match and match[1] == name:
            if text == mark:
                return file
            line = f"{mark}{file.eol}" if mark else ""
            return Dotenv(f"{file.text[:start]}{line}{file.text[end:]}", file.where)
    return file.added(mark) if mark else file


def _refers(file: Dotenv, name: str, line: str) -> bool:
    return file.last(name) is None and any(text == line for _, _, text in _comments(file))


def _refer(file: Dotenv, name: str, line: str) -> Dotenv:
    """The file with the comment in the place of the variable, whether that was set or told by another comment."""
    held = file.last(name)
    span = (
        held.span if held else next(((a, b) for a, b, t in _comments(file) if _is_reference(t, name)), None)
    )
    if span is None:
        return file.added(line)
    replaced = Dotenv(f"{file.text[: span[0]]}{line}{file.eol}{file.text[span[1] :]}", file.where)
    return replaced.remove(name)


def _set(file: Dotenv, name: str, value: str) -> Dotenv:
    """The file with the variable set, in the place of a comment that told where it is."""
    span = next(((a, b) for a, b, t in _comments(file) if _is_reference(t, name)), None)
    if span is None or file.last(name):
        return file.set(name, value)
    line = f"{name}={dotenv.rendered(value)}{file.eol}"
    return Dotenv(f"{file.text[: span[0]]}{line}{file.text[span[1] :]}", file.where)


def _without(file: Dotenv, names: list[str] | tuple[str, ...]) -> Dotenv:
    for name in names:
        file = file.remove(name)
        for start, end, text in reversed(list(_comments(file))):
            if _is_reference(text, name):
                file = Dotenv(file.text[:start] + file.text[end:], file.where)
    return file


def _is_reference(text: str, name: str) -> bool:
    """Whether a comment is one of ours that stands for this variable."""
    ours = text.startswith(f'# export {name}="$(') and " secret " in text
    return ours or text == f"# {name} is set elsewhere already"


def _own_lines(file: Dotenv, connection: str) -> list[tuple[str, str]]:
    """What belongs to a connection, in the file's order: each as it stands, and as it may be shown of an old file."""
    names = _marked(file).get(connection, ())
    found: list[tuple[int, str, str]] = []
    for binding in file.bindings:
        if binding.key in names:
            raw = file.text[slice(*binding.span)].strip()
            found.append((binding.span[0], raw, f"{binding.key}={MASK} (as it was)"))
    for start, _, text in _comments(file):
        match = _MARK.fullmatch(text)
        if (match and match[1] == connection) or any(_is_reference(text, n) for n in names):
            found.append((start, text, text))
    return [(raw, hidden) for _, raw, hidden in sorted(found)]


CLIENT = EnvFile()
