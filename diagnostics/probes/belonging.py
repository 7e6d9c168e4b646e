"""Whether the settings, and the credential itself, belong to the environment that the address names."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from wizard import practice
from wizard.errors import AuthwizardError
from wizard.services import Environment
from wizard.urls import origin

from .. import quiet
from ..engine import Context, Probe, Skip
from ..facts import Belonging
from ..target import Target

_NONE = Belonging("", "", "", "")


async def belonging(context: Context) -> Belonging | Skip:
    """Compare with the catalogue's environments, and with the person's other connections. Nothing is sent."""
    target = context.target
    if target.service is None:
        return Skip("the service is not in the catalogue")
    here = environment_of(target)
    found = _by_settings(target, here)
    # a secret that a token was given for is known where it was sent
    if found is None and not (context.asked and context.asked.granted):
        found = await asyncio.to_thread(_by_connections, target, here)
    return found or _NONE


def environment_of(target: Target) -> Environment | None:
    """The environment whose address this is: by its URL first, for that is what is really asked."""
    service = target.service
    if service is None or not target.url:
        return target.environment
    for environment in service.environments:
        if environment.url and origin(environment.url) == origin(target.url):
            return environment
    return target.environment


def _by_settings(target: Target, here: Environment | None) -> Belonging | None:
    service = target.service
    if service is None or here is None:
        return None
    for field, value in target.settings.items():
        if field == "url" or here.settings.get(field) == value:
            continue
        words = re.split(r"[-_.\s]+", value.lower())
        for other in service.environments:
            named = other.settings.get(field) == value or (other.id in words and here.id != "practice")
            if other is not here and named and here.id not in words:
                return Belonging(field, value, other.title, here.title)
    return None


def _by_connections(target: Target, here: Environment | None) -> Belonging | None:
    """The same credential, kept by a connection to another address of the same service."""
    from wizard import connections

    service = target.service
    credentials = [s for s in (target.credential, *target.secrets.values()) if s]
    if service is None or not credentials or not target.url:
        return None
    try:
        others = [c for c in connections.load_all() if c.service == service.id and c.url]
    except AuthwizardError:
        return None
    own = (target.connection, target.label)
    running = practice.running().values()
    for other in others:
        ended = other.environment == "practice" and other.url not in running
        if other.name in own or ended or origin(other.url) == origin(target.url):
            continue
        # a variable holds what was put into it last: it tells nothing of the other address
        telling = {f: source for f, source in other.secrets.items() if not source.startswith("env:")}
        if any(s in credentials for s in quiet.secrets_of(replace(other, secrets=telling)).values()):
            is_here = here.title if here else target.url
            return Belonging(
                "the credential", f"of {other.name}", f"{other.name} ({other.url})", is_here, True
            )
    return None


PROBE = Probe("belonging", "settings against the address", Belonging, belonging)
