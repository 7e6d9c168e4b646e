"""What a client, or any client, cannot carry unchanged: refused before a byte is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ..entries import RemotePlan, slots
from ..errors import FileProblem, UsageError
from . import addresses
from .model import ENV, PROMPT, Job

_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def needs_path(what: str) -> UsageError:
    """The sentence for a text with the secret in it that nobody named a file for."""
    return UsageError(
        "inline-needs-path",
        f"An answer holds no secret, so a {what} with the secret in it needs a file.",
        "",
        ["Name one with --path, or leave --secrets out."],
    )


def beyond_measure(path: Path, server: str, why: str) -> FileProblem:
    """The sentence for an entry that nobody has by accident."""
    return FileProblem(
        "entry-too-large", f"`{server}` is not read: {why}.", str(path), ["Take out what is not its own."]
    )


def refuse_characters(job: Job, client: str, marks: str, because: str, instead: str) -> None:
    """Refuse a secret that holds what the client would change on its way."""
    for slot in slots(job.plan):
        secret = job.secrets.get(slot.field)
        if secret and any(mark in secret.reveal() for mark in marks.split(" ")):
            raise UsageError(
                "secret-needs-another-way",
                f"{client} would change this secret (`{slot.field}`) on its way: {because}.",
                f"--secrets {job.how} cannot carry it unchanged.",
                [instead, "Nothing was written."],
            )


def hidden(names: Iterable[str], client: str, whom: str, *instead: str) -> UsageError:
    """The sentence for variables that a client does not pass on to ``whom`` it starts for the secret."""
    return UsageError(
        "variable-hidden-from-helper",
        f"{client} keeps {', '.join(sorted(names))} from {whom}.",
        "The helper could not read the secret, and the server would be asked without it.",
        ["Keep the secret in a store: --store keyring (or file).", *instead, "Nothing was written."],
    )


def refuse_unsendable(job: Job, client: str, *, encodes: bool = False) -> None:
    """Refuse what no header, address or environment can carry, whatever the client; ``encodes``: it percent-encodes
    what it puts into an address."""
    if job.how in (ENV, PROMPT) and not encodes:
        addresses.refuse(job.plan, job.secrets.get, client, job.how)
    remote = isinstance(job.plan, RemotePlan)
    for slot in slots(job.plan):
        secret = job.secrets.get(slot.field)
        if secret is None:
            continue
        text = secret.reveal()
        if "\0" in text or (remote and _CONTROL.search(text)):
            raise UsageError(
                "secret-has-control-character",
                f"The secret `{slot.field}` holds a line break or another control character, which a "
                f"{'header' if remote else 'variable'} cannot carry.",
                f"{client} could not send it.",
                ["Copy it again without what surrounds it.", "Nothing was written."],
            )
        if job.how == ENV and text.endswith("\n"):
            raise UsageError(
                "secret-needs-another-way",
                f"The secret `{slot.field}` ends with a line break, which a shell takes off a variable.",
                "--secrets env cannot carry it unchanged.",
                ["Copy it again without the line break.", "Nothing was written."],
            )
