"""The login of a saved connection as it is now: read from the vault, and renewed by one process at a time.

A refresh token that is rotated may be used once (RFC 9700 section 4.14.2), and whoever uses it a second time ends the
login for all. Hence: one lock for each login over all processes; the login is read again once the lock is had; the new
one is written before the lock goes; and a request that is under way is waited for even by who is told to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard import outcomes, providers
from wizard.errors import FileProblem, JobError, TransportError, UsageError
from wizard.names import LOGIN

from . import kept as keeping
from . import registered
from .client_auth import KEY, OAuthClient
from .kept import Kept, Refusal
from .model import Login
from .posting import TokenRefused
from .problems import OAuthProblem, not_logged_in
from .refresh_refusals import why
from .token_endpoint import DPOP, Granted, ask

if TYPE_CHECKING:
    from wizard.choice import Choice
    from wizard.providers import TokenAnswer
    from wizard.secret import Secret
    from wizard.transport import Transport

SECONDS: Final = 30.0
"""How long another process is waited for that renews the same login: it waits for one answer."""
ATTEMPTS: Final = 5
_OFFLINE: Final = "offline_access"
_GRACE: Final = 5.0
"""Seconds for which an answer under way is waited for when the job is called off."""
_PATIENCE: Final = 8.0
"""Seconds for which an identity provider that is busy is waited for, in all."""
_NEVER_SENT: Final = frozenset({"dns-unresolved", "connection-refused", "proxy-refused", "tls-failed"})
_BUSY: Final = frozenset({429, 503})
"""Answers that say that nothing was done (RFC 9110 section 15.6.4, RFC 6585 section 4): asked again, the refresh token
is not used twice."""


async def current(name: str, choice: Choice, transport: Transport, *, now: float | None = None) -> Login:
    """The login of the connection called ``name``, renewed if its access token is about to end. ``choice`` says what
    else the client shows (a secret, a private key); ``now`` is seconds since the epoch.

    Raises:
        OAuthProblem: it cannot be read, or a renewal was refused; each cause has its id. TransportError: the identity
            provider was not reached; the login is kept as it is. JobError: ``refresh-busy``.
        SourceError, StoreError, FileProblem: the vault.
    """
    clock = _clock(now)
    held = await asyncio.to_thread(read, name)
    transport.know(*secrets_of(held.login))
    keeping.check_server(held.login, choice)
    if not keeping.spent(held, clock()):
        return held.login
    try:
        return (await renewed(name, choice, transport, held, clock=clock)).login
    except (OAuthProblem, TransportError, JobError):
        if _usable(held.login, clock()):
            return held.login
        raise


async def login_of(choice: Choice, transport: Transport) -> Login:
    """The login of this choice: of a saved connection as `current` has it, else the one among its secrets.

    Raises: as `current`.
    """
    if choice.connection:
        return await current(choice.connection, choice, transport)
    document = choice.secrets.get(LOGIN)
    if document is None:
        raise not_logged_in(choice.name)
    return keeping.for_choice(document, choice).login


async def renewed(
    name: str,
    choice: Choice,
    transport: Transport,
    held: Kept,
    *,
    clock: Callable[[], float] = time.time,
    asked_for: bool = False,
) -> Kept:
    """The login, renewed since ``held`` was read: by this call, or by another process that did it meanwhile.
    ``asked_for`` is True where the person wants it now, though an earlier one was refused.

    Raises: as `current`.
    """
    async with locked(name):
        found = await asyncio.to_thread(read, name)
        transport.know(*secrets_of(found.login))
        if found.login.access_token != held.login.access_token and _usable(found.login, clock()):
            return found
        if found.refused is not None and not asked_for:
            raise _refused_before(found.refused, name)
        if found.login.refresh_token is None:
            raise _cannot(found.login, name)
        job = asyncio.create_task(_renew(name, choice, transport, found, clock))
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            # the request may have been sent: what it brings is written down, or the login would be lost
            await asyncio.wait([job], timeout=_GRACE)
            raise


@contextlib.asynccontextmanager
async def locked(name: str, *, seconds: float | None = None) -> AsyncIterator[None]:
    """The right to change the login of this connection.

    Raises:
        JobError: ``refresh-busy``, another process has it for ``seconds``, `SECONDS` if None.
        FileProblem: ``cannot-write``.
    """
    from wizard.connections import lock_of_login
    from wizard.locks import hold_async

    budget = SECONDS if seconds is None else seconds
    taken = False
    try:
        async with hold_async(lock_of_login(name), seconds=budget):
            taken = True
            yield
    except FileProblem as problem:
        if taken or problem.id != "file-busy":
            raise
        raise JobError(
            "refresh-busy",
            f"Another process has been renewing the login of {name} for {budget:g} seconds.",
            "",
            ["Wait until it is done, then try again."],
        ) from None


def read(name: str) -> Kept:
    """The login as it is kept now.

    Raises:
        OAuthProblem: ``not-logged-in``, or as `kept.read`. SourceError: the vault does not give it.
    """
    from wizard import fallbacks
    from wizard.vault import parse_source

    reference = fallbacks.named(name).secrets.get(LOGIN)
    if reference is None:
        raise not_logged_in(name)
    return keeping.read(parse_source(reference).read(), name)


def secrets_of(login: Login) -> tuple[Secret, ...]:
    """Every secret in it."""
    held = (login.access_token, login.refresh_token, login.id_token, login.client_secret, login.dpop_key)
    return tuple(secret for secret in held if secret is not None)


def client_of(login: Login, choice: Choice) -> OAuthClient:
    """The client that the login was made by; the client secret that the connection has now goes before that of then,
    unless it is another client's, or for another issuer."""
    from wizard import methods

    texts = methods.texts(choice)
    if login.authentication == KEY:
        return OAuthClient(
            login.client_id,
            authentication=KEY,
            private_key=choice.secrets.get("private_key"),
            algorithm=texts.get("signing_algorithm", ""),
            audience=login.issuer,
        )
    mine = texts.get("client_id", "").strip() == login.client_id and _same_issuer(login, choice, texts)
    secret = (choice.secrets.get("client_secret") if mine else None) or login.client_secret
    return OAuthClient(login.client_id, secret, login.authentication)


def _same_issuer(login: Login, choice: Choice, texts: Mapping[str, str]) -> bool:
    """Whether the connection is still for the login's issuer. Of a provider that publishes nothing the setting says
    only where it is served."""
    named = texts.get(providers.ISSUER, "").strip().rstrip("/")
    return named in ("", login.issuer.rstrip("/")) or providers.of_choice(choice) is not None


async def _renew(
    name: str, choice: Choice, transport: Transport, found: Kept, clock: Callable[[], float]
) -> Kept:
    # this shows that the place can be written to before the refresh token is used, and stays if this process is killed
    await asyncio.to_thread(keeping.put, name, replace(found, begun_at=clock()))
    try:
        login = await _granted(choice, transport, found.login, clock)
    except TokenRefused as refused:
        problem, final = why(refused, _told(found), name, clock())
        mark = Refusal(problem.id, problem.title, problem.detail, clock()) if final else found.refused
        unsure = refused.status >= 500 and refused.status not in _BUSY
        begun = clock() if unsure else found.begun_at
        await asyncio.to_thread(keeping.put, name, replace(found, refused=mark, begun_at=begun))
        if problem.id == "stale-dynamic-client":
            registered.forget(found.login.issuer, found.login.client_id)
        raise problem from None
    except TransportError as problem:
        if problem.id in _NEVER_SENT:
            await asyncio.to_thread(keeping.put, name, found)
        raise _unreached(problem) from None
    except UsageError:
        await asyncio.to_thread(keeping.put, name, found)
        raise
    new = Kept(login, found.made_at, got_at=clock(), more=found.more)
    await asyncio.to_thread(keeping.put, name, new)
    await asyncio.to_thread(outcomes.outdate, name)
    return new


def _told(found: Kept) -> Kept:
    """With how its client came about, where this program registered it."""
    login = found.login
    if not registered.holds(login.issuer, login.client_id):
        return found
    return replace(found, login=replace(login, registration="dynamic"))


async def _granted(choice: Choice, transport: Transport, login: Login, clock: Callable[[], float]) -> Login:
    """Ask the token endpoint (RFC 6749 section 6, with RFC 8707's ``resource``)."""
    from .complete import checked_endpoint

    refresh_token = login.refresh_token
    assert refresh_token is not None  # noqa: S101  # `renewed` looked for it
    endpoint = checked_endpoint(login.token_endpoint, choice.allow)
    grant: dict[str, str | Secret] = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "resource": login.resource,
    }
    client = client_of(login, choice)
    with _proving(login, transport, endpoint):
        known = providers.behind(choice, login.issuer, login.endpoints)
        granted = await _asked(endpoint, client, grant, transport, known.token if known else None)
    life = granted.expires_in
    return replace(
        login,
        access_token=granted.access_token,
        token_type=granted.token_type,
        refresh_token=granted.refresh_token or refresh_token,
        id_token=granted.id_token or login.id_token,
        expires_at=None if life is None else clock() + life,
        scopes=login.scopes if granted.scopes is None else granted.scopes,
    )


async def _asked(
    endpoint: str,
    client: OAuthClient,
    grant: Mapping[str, str | Secret],
    transport: Transport,
    shape: TokenAnswer | None,
) -> Granted:
    """Ask, and ask again while the identity provider says that it is busy."""
    patience = time.monotonic() + _PATIENCE
    for attempt in range(1, ATTEMPTS):
        try:
            return await ask(endpoint, client, grant, transport, shape=shape)
        except TokenRefused as refused:
            pause = _pause(transport, refused.number, attempt)
            if refused.status not in _BUSY or time.monotonic() + pause > patience:
                raise
            await asyncio.sleep(pause)
    return await ask(endpoint, client, grant, transport, shape=shape)


def _unreached(problem: TransportError) -> TransportError:
    kept = "The login is kept as it is."
    problem.detail = f"{problem.detail} {kept}".strip()
    return problem


def _pause(transport: Transport, number: int, attempt: int) -> float:
    """Seconds before the next attempt: what the answer says (RFC 9110 section 10.2.3), else twice as long each time."""
    answer = next((e for e in transport.exchanges if e.number == number), None)
    said = next((v for k, v in answer.response_headers if k.lower() == "retry-after"), "") if answer else ""
    return float(said) if said.isdecimal() and len(said) < 6 else 0.25 * 2**attempt


@contextlib.contextmanager
def _proving(login: Login, transport: Transport, endpoint: str) -> Iterator[None]:
    """Requests to the endpoint show the key that the login is bound to (RFC 9449 section 5)."""
    if login.token_type != DPOP or login.dpop_key is None:
        yield
        return
    from .dpop import Prover

    before = transport.sign(Prover.from_key(login.dpop_key, endpoint))
    try:
        yield
    finally:
        transport.sign(before)


def _usable(login: Login, now: float) -> bool:
    return login.expires_at is None or now < login.expires_at


def _clock(now: float | None) -> Callable[[], float]:
    return time.time if now is None else lambda: now


def _refused_before(refused: Refusal, name: str) -> OAuthProblem:
    again = f"Log in again: authwizard login {name}"
    return OAuthProblem(refused.id, refused.title, refused.detail, (again,), owner="you")


def _cannot(login: Login, name: str) -> OAuthProblem:
    """There is nothing to renew it with (MCP-C15: a refresh token may never be counted on)."""
    asked = _OFFLINE in (*login.asked, *login.scopes)
    return OAuthProblem(
        "access-token-expired" if asked else "offline-access-missing",
        f"The login of {name} ends with its access token, and cannot be renewed.",
        "The identity provider gave no refresh token with it.",
        (
            f"Log in again: authwizard login {name}",
            *(() if asked else (f"Ask for the scope {_OFFLINE} too, where it is offered.",)),
        ),
        owner="you",
    )
