"""mcp-remote, the bridge that lets a client which starts programs only, or has no helper, reach a remote server.

It is called with one version, so that what was proven is what runs. A header's whole value stands in a variable:
mcp-remote expands ``${NAME}`` in ``--header``, and an argument with a space in it is split by some clients, which
then send an empty header without a word (punkpeye/mcp-remote README; seen with 0.15.1).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from typing import Final

from ..entries import Entry, EntryPlan, Remote, RemotePlan, Stdio, StdioPlan, Value, slots
from ..errors import UsageError
from ..secret import Secret
from ..urls import is_loopback
from .model import HELPER, Job

PACKAGE: Final = "mcp-remote@0.15.1"
_NAME: Final = re.compile(r"mcp-remote(?:@[\w.\-]+)?")
_REFERENCE: Final = re.compile(r"\$\{([^}]+)\}")
_TRANSPORTS: Final = {"http": "http-only", "sse": "sse-only"}
_WITH_VALUE: Final = frozenset(
    [
        *(
            "--header",
            "--transport",
            "--host",
            "--resource",
            "--header-file",
            "--callback-path",
            "--auth-timeout",
        ),
        *(
            "--static-oauth-client-info",
            "--static-oauth-client-metadata",
            "--client-metadata-url",
            "--ignore-tool",
        ),
    ]
)


def variable(header: str) -> str:
    """The variable that holds a header's whole value for the bridge: ``AUTHWIZARD_X_API_KEY``."""
    return "AUTHWIZARD_" + re.sub(r"[^A-Z0-9]", "_", header.upper())


def variables(entry: Remote) -> dict[str, Secret]:
    """What the bridge is to find in its environment."""
    return {variable(name): value for name, value in entry.headers.items()}


def can(plan: EntryPlan) -> bool:
    """Whether the bridge can carry it: a key in the address would stand in the arguments, for all to see."""
    return not (isinstance(plan, RemotePlan) and plan.query)


def plan(remote: RemotePlan) -> StdioPlan:
    """The same server by way of the bridge."""
    words = ["npx", "-y", PACKAGE, remote.url, "--transport", _TRANSPORTS[remote.transport]]
    if remote.url.lower().startswith("http:") and not is_loopback(remote.url):
        words.append("--allow-http")
    env: dict[str, Value] = {}
    for name, value in remote.headers.items():
        env[variable(name)] = value
        words += ["--header", f"{name}:${{{variable(name)}}}"]
    return StdioPlan(remote.name, tuple(words), env)


def check(job: Job) -> None:
    """Raises: UsageError where the plan goes by the bridge and Node.js, which runs it, is not there."""
    bridged = isinstance(job.plan, StdioPlan) and PACKAGE in job.plan.command
    if bridged and job.how == HELPER and slots(job.plan) and shutil.which("npx") is None:
        raise UsageError(
            "bridge-needs-node",
            "This way goes through mcp-remote, which needs Node.js, and `npx` is not found here.",
            "",
            ["Install Node.js, or choose another way with --secrets.", "Nothing was written."],
        )


def read(entry: Entry, environ: Mapping[str, str] | None = None) -> Remote | None:
    """The remote server that an entry reaches by the bridge, headers as the bridge sends them; None where the
    entry starts something else. A reference whose variable is not there is sent as it stands."""
    if not isinstance(entry, Stdio):
        return None
    words = list(entry.command)
    start = next((i for i, word in enumerate(words) if _NAME.fullmatch(word.rpartition("/")[2])), None)
    if start is None:
        return None
    known = {**(environ or {}), **{name: value.reveal() for name, value in entry.env.items()}}
    url, transport, headers = "", "http", {}
    for word, value in _options(words[start + 1 :]):
        if word == "--header" and ":" in value:
            name, _, text = value.partition(":")
            sent = _REFERENCE.sub(lambda m: known.get(m[1], m[0]), text.strip())
            headers[name.strip()] = Secret(sent)
        elif word == "--transport":
            transport = "sse" if value == "sse-only" else "http"
        elif not url and "://" in word:
            url = word
    return Remote(url, headers, transport) if url else None


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each word with its value, which is empty for those that take none."""
    rest = iter(words)
    for word in rest:
        yield word, (next(rest, "") if word in _WITH_VALUE else "")
