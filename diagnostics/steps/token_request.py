"""The access token that a target's secrets are exchanged for, before anything is asked of the target itself."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from diagnostics.answers import clean
from wizard import catalogue, methods, oauth
from wizard.entries import EntryPlan, Remote, RemotePlan, Slot, fill
from wizard.errors import AuthwizardError
from wizard.methods import kinds
from wizard.names import LOGIN
from wizard.oauth.walk import TITLES as STEPS
from wizard.secret import Secret
from wizard.services import Environment

from .log import Log

if TYPE_CHECKING:
    from diagnostics.target import Target
    from wizard.choice import Choice
    from wizard.oauth.model import Login
    from wizard.oauth.person import Person
    from wizard.transport import Transport

STEP: Final = "token"
_TOKEN: Final = "access_token"  # noqa: S105  # a field's name


@dataclass(frozen=True, slots=True, repr=False)
class TokenRequest:
    """How asking for a token went. ``target`` sends the token where one was given, else it is as it was. ``error`` is
    None where one was given; ``seconds`` is how long it took. ``login`` is what a flow came to (`wizard.oauth.flow`),
    ``granted`` what a token endpoint answered whose address was known."""

    target: Target
    endpoint: str
    client_id: str
    authentication: str
    scope: str
    granted: oauth.Granted | None = None
    error: AuthwizardError | None = None
    seconds: float = 0.0
    login: Login | None = None

    @property
    def given(self) -> bool:
        """Whether there is a token."""
        return self.login is not None or self.granted is not None


def is_due(target: Target) -> bool:
    """Whether the target's secrets are still to be exchanged: not where its entry holds the token already, as one does
    that was read back out of a client's config."""
    if target.method is None:
        return False
    if not (kinds.get(target.method.kind).flows or oauth.needed(target.method, target.secrets)):
        return False
    held = _held(target)
    return not all(name in held for name in places(target))


async def exchange(
    target: Target, transport: Transport, person: Person | None = None, **words: Any
) -> TokenRequest | None:
    """Ask for the token; None where none is due. Failures are part of the answer, never raised. Where somebody has to
    log in for it, ``person`` is who; ``words`` go to `wizard.oauth.flow.log_in`."""
    if not is_due(target):
        return None
    began = time.monotonic()
    choice = _choice(target)
    known = methods.texts(choice)
    asked = TokenRequest(
        target,
        clean(transport.redact(methods.endpoint_of(choice))),
        clean(known.get("client_id", "")),
        known.get("token_endpoint_auth_method", "") or oauth.AUTHENTICATIONS[0],
        known.get("scope", "") or " ".join(target.scopes),
    )
    transport.know(*target.secrets.values())
    try:
        if _flows(choice):
            login = await _login(target, transport, person, words)
            held = _with_token(target, login.access_token, login.token_type)
            return replace(
                asked,
                target=replace(held, scopes=held.scopes or login.scopes) if words else held,
                login=login,
                endpoint=login.token_endpoint,
                client_id=clean(login.client_id),
                authentication=login.authentication,
                scope=" ".join(login.asked),
                seconds=time.monotonic() - began,
            )
        granted = await again(asked, transport)
    except AuthwizardError as error:
        return replace(asked, error=error, seconds=time.monotonic() - began)
    if granted is None:
        return None
    held = _with_token(target, granted.access_token)
    return replace(asked, target=held, granted=granted, seconds=time.monotonic() - began)


def _flows(choice: Choice) -> bool:
    """Whether the token endpoint has to be found out."""
    kind = kinds.get(choice.method.kind)
    return kind.flows or not methods.endpoint_of(choice)


async def _login(
    target: Target, transport: Transport, person: Person | None, words: Mapping[str, Any]
) -> Login:
    """The login that is kept, else a new one. Raises: as `wizard.oauth.flow.log_in`."""
    from wizard.oauth import flow
    from wizard.oauth.person import silent
    from wizard.oauth.problems import not_logged_in

    choice = _choice(target)
    if LOGIN in choice.secrets and not words.get("held"):
        from wizard.oauth import kept, sessions
        from wizard.oauth.dpop import Prover

        if target.connection:
            login = await sessions.current(target.connection, choice, transport)
        else:
            login = kept.for_choice(choice.secrets[LOGIN], choice).login
        if prover := Prover.of(login, target.url):
            transport.sign(prover)
        return login
    if person is None and kinds.get(choice.method.kind).person:
        raise not_logged_in(choice.name)
    return await flow.log_in(choice, transport, person or silent(), **words)


async def again(asked: TokenRequest, transport: Transport, **settings: str) -> oauth.Granted | None:
    """Ask the same endpoint for another token, with other settings. Raises: as `wizard.oauth.obtain`."""
    choice = _choice(asked.target)
    secrets = {name: value for name, value in choice.secrets.items() if name != _TOKEN}
    changed = replace(choice, settings={**choice.settings, **settings}, secrets=secrets)
    return await oauth.obtain(changed, transport=transport)


def _choice(target: Target) -> Choice:
    """What was chosen; an address that no service is known for is as any other HTTP API's."""
    url = target.settings.get("url", "") or target.url
    service = target.service or catalogue.one("mcp" if target.speaks == "mcp" else "http")
    environment = target.environment or Environment("own", "", url)
    choice = replace(target, service=service, environment=environment).choice
    assert choice is not None  # noqa: S101  # is_due looked for the method
    return choice


def say(log: Log, asked: TokenRequest) -> None:
    """The step ``token``, where a flow has not said more already."""
    expected = "an access token"
    if asked.login is not None:
        ends = asked.login.expires_at
        good = "" if ends is None else f", good for {max(0.0, ends - time.time()):.0f} s more"
        told = f"scope {clean(' '.join(asked.login.scopes))}" if asked.login.scopes else ""
        log.add(STEP, True, expected, f"that of your login{good}", told, seconds=asked.seconds)
        return
    if asked.error is not None:
        error = asked.error
        refused = isinstance(error, oauth.TokenRefused)
        seen = (
            f"{error.status} {error.error}".rstrip() if isinstance(error, oauth.TokenRefused) else error.title
        )
        detail = error.detail or (error.title if refused else "")
        held = log.get(STEP)
        if held is not None and held.ok:
            # a token was given, and what came after it was refused
            log.put(replace(held, ok=False, seen=clean(seen), detail=clean(detail)))
        if bad := log.failed(*(id for id in STEPS if id != STEP)):
            log.add(STEP, None, expected, f"waits for {bad}", seconds=asked.seconds)
        log.add(STEP, False, expected, clean(seen), clean(detail), seconds=asked.seconds)
        return
    assert asked.granted is not None  # noqa: S101  # no error
    life = asked.granted.expires_in
    seen = "a token" if life is None else f"a token for {life:.0f} s"
    scopes = asked.granted.scopes
    detail = f"scope {clean(' '.join(scopes))}" if scopes else ""
    log.add(STEP, True, expected, seen, detail, seconds=asked.seconds)


def _plan(target: Target) -> EntryPlan:
    return methods.entry_plan(replace(_choice(target), kept=(_TOKEN,)))


def places(target: Target) -> tuple[str, ...]:
    """The headers (in small letters) or variables that hold the token."""
    plan = _plan(target)
    values = plan.headers if isinstance(plan, RemotePlan) else plan.env
    names = [n for n, v in values.items() if any(isinstance(p, Slot) and p.field == _TOKEN for p in v)]
    return tuple(n.lower() if isinstance(plan, RemotePlan) else n for n in names)


def _held(target: Target) -> Mapping[str, Secret]:
    entry = target.entry
    if isinstance(entry, Remote):
        return {name.lower(): value for name, value in entry.headers.items()}
    return entry.env


def _with_token(target: Target, token: Secret, scheme: str = "Bearer") -> Target:
    secrets = {**target.secrets, _TOKEN: token}
    plan, held = _plan(target), places(target)
    entry = target.entry
    if isinstance(entry, Remote) and isinstance(plan, RemotePlan):
        new = {n: fill(v, secrets) for n, v in plan.headers.items() if n.lower() in held}
        if scheme == "DPoP":
            new = {n: _bound(v) for n, v in new.items()}
        entry = replace(entry, headers={**entry.headers, **new})
    elif not isinstance(entry, Remote) and not isinstance(plan, RemotePlan):
        entry = replace(entry, env={**entry.env, **{n: fill(plan.env[n], secrets) for n in held}})
    return replace(target, entry=entry, secrets=secrets, credential=token)


def _bound(value: Secret) -> Secret:
    """A header with a token that is bound to a key (RFC 9449 section 7.1)."""
    scheme, space, token = value.reveal().partition(" ")
    return Secret(f"DPoP {token}") if space and scheme.lower() == "bearer" else value
