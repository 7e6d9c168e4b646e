"""The files that the credential is read from, and those in which the service's own server keeps it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from wizard import practice

from .. import file_places, listener
from ..engine import Context, Probe, Skip
from ..facts import Named, Situation
from ..facts.file import Place, TokenFile, TokenFiles
from ..file_look import look
from ..target import Target


async def token_file(context: Context, situation: Situation, named: Named | None) -> TokenFiles | Skip:
    """Look at them; nothing is changed, and nothing of them is sent."""
    local = named is not None and listener.is_here(named.addresses)
    return await asyncio.to_thread(_look, context.target, situation.port, local)


def _look(target: Target, port: int, local: bool) -> TokenFiles | Skip:
    own = [p for p in _own(target) if p.server]
    used = []
    for field, source in target.sources.items():
        place = file_places.of_source(source, _what(target, field))
        if place is not None:
            written = next((p for p in own if p.path == place.path), None)
            place = replace(written, wanted=True, field=place.field) if written else place
            used.append(TokenFile(place, look(place), field))
    if target.method is not None and target.method.login is not None:
        # the program behind the entry reads its own login there
        used += [TokenFile(p, look(p), "") for p in _own(target) if not p.server]
    config = _config(target)
    if config is not None:
        used.append(TokenFile(config, look(config), ""))
    known = {f.look.real for f in used}
    service = target.service
    beside = [TokenFile(p, seen) for p in own if local and (seen := look(p)).real not in known]
    if not used and not beside:
        return Skip("no file holds the credential")
    variable = next((f.variable for f in service.files if f.server), "") if service else ""
    return TokenFiles(
        tuple(used),
        tuple(beside),
        local,
        listener.find(port, variable) if local and (own or any(f.place.server for f in used)) else None,
        _copied(target),
        target.credential,
    )


def _own(target: Target) -> tuple[Place, ...]:
    """The service's files; of a practice service the one that it wrote."""
    service = target.service
    if service is None:
        return ()
    here = file_places.of_service(service)
    place = practice.token_file(target.url)
    at_practice = target.environment is not None and target.environment.id == "practice"
    if not at_practice or not any(p.server for p in here):
        return here
    form = next(p for p in here if p.server)
    return (
        Place(str(place), f"the token of the practice {service.title}", form=form.form, server=True),
        *(p for p in here if not p.server),
    )


def _what(target: Target, field: str) -> str:
    return f"the {field} of the connection {target.connection}" if target.connection else f"the {field}"


def _config(target: Target) -> Place | None:
    """The client's file that the entry stands in, where it holds the secret itself."""
    if not target.config:
        return None
    from wizard import clients
    from wizard.errors import AuthwizardError

    client, _, server = target.label.partition(":")
    place = Path(target.config)
    readers = [s.client for s in clients.get(client).scopes() if s.path == place] or [clients.get(client)]
    try:
        entries = [reader.servers(place).get(server) for reader in readers]
    except (AuthwizardError, OSError):
        return None
    secret = target.credential.reveal() if target.credential else ""
    held = bool(secret) and file_places.holds(entries, secret)
    # what is a secret by its name is one, whether it is in use or not
    if not held and not any(file_places.plain("", entry) for entry in entries):
        return None
    return Place(
        target.config, f"the config of {clients.get(client).title}, which holds the token", wanted=True
    )


def _copied(target: Target) -> float | None:
    """When the value in use was written down: with the connection, or in the client's file."""
    try:
        if target.created:
            return datetime.fromisoformat(target.created).timestamp()
        return os.stat(target.config).st_mtime if target.config else None  # noqa: PTH116  a text, asked once
    except (OSError, ValueError):
        return None


PROBE = Probe("file", "the token's file", TokenFiles, token_file)
