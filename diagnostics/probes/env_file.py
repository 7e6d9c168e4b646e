"""Whether an env file of the folder has another value for the variable that the credential comes from."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from wizard import dotenv
from wizard.errors import AuthwizardError
from wizard.secret import Secret

from ..engine import Context, Probe, Skip
from ..facts.entry import EnvFileValue
from ..facts.wire import Differential, Request
from ..sending import credential_of, live
from ..target import Target
from .differential import put

_NAMES = (".env", ".env.local")


async def env_file(
    context: Context, differential: Differential | None, request: Request | None
) -> EnvFileValue | Skip:
    """Compared in memory; asked once, at the same address, where the variable's own value is refused."""
    target = context.target
    value = target.credential
    names = tuple(dict.fromkeys(_variables(target)))
    if not value or not names:
        return Skip("the credential comes from no variable")
    found = await asyncio.to_thread(_other, names, value)
    if found is None:
        return Skip("no env file here has another value for it")
    fact, other = found
    real = differential.real if differential else None
    if real is None or request is None or not real.refused:
        return fact
    old = value.reveal()
    changed = credential_of(target, live(target)).map(
        lambda s: Secret(s.reveal().replace(old, other.reveal()))
    )
    answer = await put(context, request, changed)
    return EnvFileValue(fact.variable, fact.path, fact.line, answer)


def _variables(target: Target) -> Iterator[str]:
    yield from (
        source.removeprefix("env:") for source in target.sources.values() if source.startswith("env:")
    )
    yield from (r.variable for r in target.references if r.state == "resolved" and ":" not in r.variable)


def _other(names: tuple[str, ...], value: Secret) -> tuple[EnvFileValue, Secret] | None:
    for place in (Path.cwd() / name for name in _NAMES):
        try:
            held = dotenv.load(place) if place.is_file() else None
        except (AuthwizardError, OSError):
            continue
        for name in names if held else ():
            found = held.last(name) if held else None
            if found is None or not found.value or found.value.reveal() in value.reveal():
                continue
            return EnvFileValue(name, str(place), found.line), found.value
    return None


PROBE = Probe("env-file", "an env file beside it", EnvFileValue, env_file)
