"""What every way of logging in walks with: the choice, the person, and how its steps are told."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from wizard.errors import AuthwizardError, TransportError
from wizard.livetest import Evidence, Step
from wizard.secret import Secret

from . import registration
from .client_auth import OAuthClient
from .model import Login, ServerMetadata
from .person import Person
from .problems import OAuthProblem
from .registration import Clients, Given
from .token_endpoint import Granted, TokenRefused, ask

if TYPE_CHECKING:
    from wizard.choice import Choice
    from wizard.exchange import Exchange
    from wizard.providers import Provider
    from wizard.transport import Transport

_T = TypeVar("_T")

TITLES: Final = {
    "resource-metadata": "who gives tokens for this server",
    "authorization-server": "the authorization server",
    "registration": "this program as a client there",
    "authorization": "your login in the browser",
    "device": "your login by a code",
    "assertion": "the identity provider's assertion",
    "token": "an access token from the token endpoint",
}
"""The steps that a login can have, in order."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: scopes (none: the parameter is left out), and the resource (empty: likewise). ``provider`` is
    what is known of who gives the token. ``listed`` is True where nobody said which scopes are needed, so that all
    that the metadata lists are asked for."""

    scopes: tuple[str, ...]
    resource: str
    provider: Provider | None = None
    listed: bool = False


class Heard:
    """Which exchanges belong to which step: to each those that no step before it took."""

    def __init__(self, begun: frozenset[int] = frozenset()) -> None:
        self._taken = set(begun)
        self._of: dict[str, tuple[Exchange, ...]] = {}

    @classmethod
    def of(cls, transport: Transport) -> Heard:
        """What a transport exchanges from now on."""
        return cls(frozenset(e.number for e in transport.exchanges))

    def take(self, id: str, exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
        """Give these to a step; all that it has now."""
        new = tuple(e for e in exchanges if e.number not in self._taken)
        self._taken |= {e.number for e in new}
        self._of[id] = (*self._of.get(id, ()), *new)
        return self._of[id]


@dataclass(frozen=True, slots=True)
class Walk:
    """One login on its way. ``kind`` is the contract's method id; ``held`` a former login, ``more`` the scopes that it
    lacked; ``clients`` keeps what is registered. ``allow`` are the leniencies in force, ``provider`` what is known of
    who gives the tokens."""

    choice: Choice
    transport: Transport
    person: Person
    kind: str
    held: Login | None = None
    more: tuple[str, ...] = ()
    clients: Clients | None = None
    allow: frozenset[str] = frozenset()
    heard: Heard = field(default_factory=Heard)

    def text(self, field: str) -> str:
        """A setting in force."""
        from wizard import methods

        return methods.texts(self.choice).get(field, "").strip()

    def unchosen(self, wanted: Wanted) -> tuple[str, ...]:
        """Scopes that the server asks for beside those that the person chose; none where they chose none, for then the
        server says what is needed. What brings a refresh token opens no door of its own."""
        chosen = {*self.text("scope").split(), *self.choice.scopes}
        renews = {"offline_access", wanted.provider.offline_scope if wanted.provider else ""}
        return tuple(s for s in wanted.scopes if s not in chosen | renews) if chosen else ()

    def secret(self, field: str) -> Secret | None:
        """A secret that was given."""
        return self.choice.secrets.get(field) or None

    def given(self) -> Given:
        """What is known of the client beforehand."""
        id = self.text("client_id")
        if not id and (hidden := self.secret("client_id")) is not None:
            id = hidden.reveal()
        return Given(
            id,
            self.secret("client_secret"),
            self.text("token_endpoint_auth_method"),
            self.text("client_metadata_url"),
            self.secret("private_key"),
            self.text("signing_algorithm"),
        )

    def dynamic(self, client: OAuthClient) -> bool:
        """Whether this client has registered itself."""
        given = self.given()
        return bool(client.id) and not given.id and client.id != given.document

    async def client(
        self, server: ServerMetadata, redirect_uri: str, wanted: Wanted, *grants: str
    ) -> OAuthClient:
        """The step ``registration``."""

        async def ask_for() -> registration.Registered:
            return await registration.client_for(
                server,
                self.given(),
                redirect_uri,
                self.transport,
                scopes=wanted.scopes,
                grants=grants,
                clients=self.clients,
                guide=wanted.provider.guide(redirect_uri) if wanted.provider and redirect_uri else (),
            )

        found = await self.step("registration", "a client id", ask_for)
        how = {
            registration.GIVEN: "the client id that was given",
            registration.DOCUMENT: "its client metadata document",
            registration.DYNAMIC: "registered there",
        }[found.how]
        self.say("registration", True, "a client id", f"{how}: {found.client.id}")
        return found.client

    def check(self, server: ServerMetadata) -> None:
        """Before anybody is asked to log in: whether a token can come of it. Raises: OAuthProblem."""
        if not server.token_endpoint:
            problem = OAuthProblem(
                "token-endpoint-missing",
                f"{server.issuer} names no token endpoint.",
                evidence=(Evidence("discovery", f"{server.url or server.issuer} has no token_endpoint"),),
            )
            self.failed("token", "a token endpoint", problem, time.monotonic())
            raise problem

    async def token(
        self,
        server: ServerMetadata,
        client: OAuthClient,
        grant: dict[str, str | Secret],
        wanted: Wanted,
        check: Callable[[Granted], None] | None = None,
    ) -> Granted:
        """The step ``token``: a grant at the token endpoint. ``check`` raises where that is not to be used."""
        self.check(server)
        began = time.monotonic()

        async def ask_for() -> Granted:
            shape = wanted.provider.token if wanted.provider else None
            given = await ask(server.token_endpoint, client, grant, self.transport, shape=shape)
            if check is not None:
                check(given)
            return given

        by_code = grant.get("grant_type") == "authorization_code"
        granted = await self.step(
            "token", "an access token", self.explained(ask_for, client, wanted) if by_code else ask_for
        )
        self.granted(granted, time.monotonic() - began)
        return granted

    def explained(
        self, job: Callable[[], Awaitable[_T]], client: OAuthClient, wanted: Wanted
    ) -> Callable[[], Awaitable[_T]]:
        """The same job of a person's login, with the refusal of a token told as the problem that it is."""

        async def done() -> _T:
            try:
                return await job()
            except TokenRefused as refused:
                from .code_refusals import why

                raise why(refused, client, wanted, dynamic=self.dynamic(client)) from None

        return done

    def granted(self, granted: Granted, seconds: float = 0.0) -> None:
        """Say that a token was given."""
        life = granted.expires_in
        seen = "a token" if life is None else f"a token for {life:.0f} s"
        scopes = f"scope {' '.join(granted.scopes)}" if granted.scopes else ""
        self.say("token", True, "an access token", seen, seconds, detail=scopes)

    async def step(self, id: str, expected: str, job: Callable[[], Awaitable[_T]]) -> _T:
        """Do the job of a step; where it fails, say so and go no further."""
        began = time.monotonic()
        try:
            return await job()
        except TransportError as error:
            problem = _unreached(id, error)
            self.failed(id, expected, problem, began)
            raise problem from None
        except AuthwizardError as error:
            self.failed(id, expected, error, began)
            raise

    def failed(self, id: str, expected: str, problem: AuthwizardError, began: float) -> None:
        """Say that a step failed."""
        self.say(id, False, expected, problem.title, time.monotonic() - began, detail=problem.detail)

    def say(
        self,
        id: str,
        ok: bool | None,
        expected: str,
        seen: str,
        seconds: float = 0.0,
        *,
        detail: str = "",
        exchanges: Iterable[Exchange] | None = None,
    ) -> None:
        """Tell a step, redacted. ``exchanges`` are its own; all that no step has yet where None."""
        shown = [" ".join(self.transport.redact(text).split())[:400] for text in (seen, detail)]
        clean = ["".join(c for c in text if c.isprintable()) for text in shown]
        own = self.heard.take(id, self.transport.exchanges if exchanges is None else exchanges)
        self.person.step(Step(id, TITLES[id], ok, expected, clean[0], clean[1], seconds, own))


_ASKED: Final = {
    "registration": "where clients register themselves",
    "device": "for the login by a code",
    "assertion": "of the identity provider",
}


def _unreached(step: str, error: TransportError) -> OAuthProblem:
    """An endpoint that gave no answer, or none that ends."""
    if step == "token":
        id, what = "token-endpoint-unreachable", "The token endpoint"
    else:
        id, what = "authorization-server-unreachable", f"The address {_ASKED.get(step, 'of the login')}"
    said = f"{error.title} {error.detail}".strip()
    return OAuthProblem(
        id,
        f"{what} gives no answer. {error.title}",
        error.detail,
        evidence=(Evidence(step, said),),
    )
