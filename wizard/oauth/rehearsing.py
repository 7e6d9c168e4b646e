"""What a renewal of a login would do, looked at from every side without using its refresh token."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from wizard.errors import AuthwizardError
from wizard.livetest import Step

from . import kept as keeping
from . import sessions
from .complete import checked_endpoint
from .kept import Kept

if TYPE_CHECKING:
    from wizard.choice import Choice
    from wizard.transport import Transport

_TITLES: Final = {
    "login": "the login that is kept",
    "place": "writing it back to its place",
    "metadata": "the issuer's metadata",
    "request": "the request that would be sent",
}


async def rehearse(name: str, choice: Choice, transport: Transport) -> tuple[Step, ...]:
    """The steps of a renewal: the login is read, written back unchanged, and its issuer's public metadata is asked;
    no credential is sent.

    Raises: OAuthProblem ``not-logged-in``, or one that cannot be read; SourceError; JobError ``refresh-busy``.
    """
    async with sessions.locked(name):
        held = await asyncio.to_thread(sessions.read, name)
        transport.know(*sessions.secrets_of(held.login))
        steps = [_login(held), await _place(name, held)]
    steps.append(await _metadata(held, choice, transport))
    steps.append(_request(held, choice))
    return tuple(steps)


def _step(id: str, ok: bool | None, expected: str, seen: str, detail: str = "") -> Step:
    return Step(id, _TITLES[id], ok, expected, seen, detail)


def _login(held: Kept) -> Step:
    expected = "a refresh token"
    if held.refused is not None:
        return _step("login", False, expected, held.refused.title, held.refused.detail)
    if held.login.refresh_token is None:
        return _step("login", False, expected, "none: the identity provider gave none")
    unsure = "a renewal was begun that came to no answer: it may be spent" if held.begun_at else ""
    ends = held.login.expires_at
    left = None if ends is None else ends - time.time()
    life = (
        "an access token without an end"
        if left is None
        else f"an access token for {left:.0f} s more"
        if left > 0
        else "an access token that has ended"
    )
    return _step("login", None if unsure else True, expected, f"there is one, and {life}", unsure)


async def _place(name: str, held: Kept) -> Step:
    try:
        await asyncio.to_thread(keeping.put, name, held)
    except AuthwizardError as problem:
        return _step("place", False, "it can be written", problem.title, problem.detail)
    return _step("place", True, "it can be written", "it was written back as it is")


async def _metadata(held: Kept, choice: Choice, transport: Transport) -> Step:
    from .discovery import server_metadata

    login, expected = held.login, "the same token endpoint as when you logged in"
    try:
        server = await server_metadata(login.issuer, transport, allow=choice.allow)
    except AuthwizardError as problem:
        return _step(
            "metadata", None, expected, transport.redact(problem.title), transport.redact(problem.detail)
        )
    if server.token_endpoint == login.token_endpoint:
        return _step("metadata", True, expected, f"{login.issuer} names it")
    seen = f"it names {transport.redact(server.token_endpoint) or 'none'} now"
    return _step("metadata", False, expected, seen, "Log in again.")


def _request(held: Kept, choice: Choice) -> Step:
    login = held.login
    client = sessions.client_of(login, choice)
    expected = "an endpoint that a refresh token may go to"
    try:
        endpoint = checked_endpoint(login.token_endpoint, choice.allow)
    except AuthwizardError as problem:
        return _step("request", False, expected, problem.title, problem.detail)
    words = [f"grant_type=refresh_token as client {client.id} ({client.authentication})"]
    words += [f"resource {login.resource}"] if login.resource else []
    return _step("request", True, expected, f"POST {endpoint}", ", ".join(words))
