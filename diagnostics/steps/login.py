"""Logging in within a live test: where the server's metadata asks for it, and again where the server asks for more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from diagnostics.answers import clean
from wizard import catalogue
from wizard.challenge import Challenge, parse_challenges
from wizard.entries import Remote
from wizard.errors import AuthwizardError
from wizard.livetest import Step
from wizard.oauth import discovery
from wizard.oauth.registration import Clients, Remembered
from wizard.oauth.waiting import not_done
from wizard.providers import ISSUER

from . import permissions, step_up, token_request
from .log import TITLES
from .token_request import TokenRequest

if TYPE_CHECKING:
    from diagnostics.target import Target
    from wizard.oauth.model import Login
    from wizard.oauth.person import Ask, Person
    from wizard.transport import Reply, Transport

    from .ask import Taken
    from .log import Log

MOST: Final = 5
"""Attempts at stepping up (CONTRACT, limits)."""
_METHOD: Final = "authorization_code"
_BOUND: Final = frozenset({"client_secret", "assertion"})
_REDIRECTS: Final = frozenset({302, 303, 307})


class Renewal:
    """The logins of one test. ``person`` is None where nobody is there: then nothing is asked for a second time.
    ``willing`` is True where they said that they want to log in: then an entry of a client's config is logged in to as
    well, which that client would do by itself."""

    def __init__(
        self,
        transport: Transport,
        person: Person | None,
        clients: Clients | None = None,
        *,
        willing: bool = False,
    ) -> None:
        self.person = person
        self.made = False
        self.awaited = ""
        self._willing = willing
        self._log: Log | None = None
        self._transport = transport
        self._clients = clients or Remembered()
        self._same = 0
        self._count = 0
        self._wanted: list[tuple[str, ...]] = []
        self._needless = False
        self._since = 0

    def tell(self, log: Log | None, on_step: Callable[[Step], None] | None = None) -> None:
        """Where the steps of a login are told: to the log, and to the person, unless ``on_step``, which hears what the
        log is told, is how that person hears. Without a log, to the person alone."""
        self._log = log
        if self.person is None:
            return
        hears, shows = self.person.step, self.person.ask

        def both(step: Step) -> None:
            hears(step)
            if log is not None:
                log.put(step)

        def asked(ask: Ask) -> None:
            place = urlsplit(ask.url)
            self.awaited = f"complete the login that was begun at {place.scheme}://{place.hostname or ''}"
            shows(ask)

        step = log.put if log is not None and hears == on_step else both
        self.person = replace(self.person, step=step, ask=asked)

    def due(self, target: Target) -> bool:
        """Whether nothing was said about how to sign in, so that the server's metadata decides."""
        plain = target.method is None or target.method.kind == "bearer"
        return (
            self.person is not None
            and plain
            and isinstance(target.entry, Remote)
            and (self._willing or "://" in target.label)
            and not target.credential
            and not target.entry.headers
            and not target.entry.query
        )

    async def first(self, target: Target, taken: Taken, speaks: str) -> TokenRequest | None:
        """Log in as the server's metadata says; None where it says nothing, or lets everybody in."""
        reply = taken.reply
        lenient = "gateway-redirect" in target.allow
        if taken.accepted is not False or reply is None or (reply.status in _REDIRECTS and not lenient):
            return None
        owner = target.service or catalogue.one("mcp" if speaks == "mcp" else "http")
        method = next((m for m in owner.methods if m.kind == _METHOD and not m.unavailable), None)
        if method is None:
            return None
        chosen = replace(target, method=method, speaks=speaks)
        asked = await self._exchange(chosen, _challenges(reply), guess=False)
        if asked is not None and asked.error is not None and asked.error.id == discovery.NOTHING:
            return None
        return asked

    async def chosen(self, target: Target) -> TokenRequest | None:
        """Log in, or get a token, by the method that was chosen."""
        if token_request.is_due(target) and self.person is not None:
            return await self._exchange(target, None)
        return await token_request.exchange(target, self._transport)

    def late(self, asked: TokenRequest | None, target: Target, awaited: str, seconds: float) -> TokenRequest:
        """The request for a token as one that failed: the test ended before the person had done what it waited for."""
        problem = not_done(awaited, seconds, self.person.budget if self.person else 0.0)
        asked = asked or TokenRequest(target, "", "", "", "")
        return replace(asked, login=None, granted=None, error=problem)

    def possible(self, asked: TokenRequest | None) -> bool:
        """Whether a refusal can be met by another login."""
        return self.person is not None and asked is not None and asked.login is not None

    async def again(self, asked: TokenRequest, reply: Reply) -> TokenRequest | None:
        """What another login came to, where the server asks for more scopes (MCP-C16, C17) or names another
        authorization server than before (MCP-A9, B11); None where no login would change anything. Where the logins
        until now changed nothing, that is the answer's error."""
        login = asked.login
        if login is None:
            return None
        challenges = _challenges(reply)
        wanted = tuple(dict.fromkeys(s for c in challenges for s in c.scopes()))
        short = reply.status == 403 and any(c.get("error") == "insufficient_scope" for c in challenges)
        if self._count >= MOST:
            return self._in_vain(asked, wanted) if short and wanted else None
        self._count += 1
        if short:
            lacking = [s for s in wanted if s not in login.asked]
            self._same += not lacking
            if not wanted:
                return None
            if not lacking and self._same > 1:
                return self._in_vain(asked, wanted)
            self._wanted.append(wanted)
            self._needless = not lacking
            more = await self._exchange(
                _without(asked.target, login), challenges, held=login, scopes=wanted, kind=login.how
            )
            if self._log is not None:
                self._log.add(
                    "step-up", more is not None and more.given, " ".join(wanted), _seen(lacking, login)
                )
            return more
        if reply.status == 401 and await self._moved(asked.target, challenges, login):
            return await self._exchange(_without(asked.target, login), challenges, kind=login.how)
        return None

    def changed_nothing(self, asked: TokenRequest | None) -> TokenRequest | None:
        """The request for a token as one that failed, where the last login was made for scopes that the one before had,
        and the server turns its token away too, in whatever words. To be asked where the session came to nothing."""
        if asked is None or asked.login is None or not self._needless:
            return None
        place = asked.target.url
        after = [e.status or 0 for e in self._transport.exchanges[self._since :] if e.url == place]
        last = next((s for s in reversed(after) if s >= 400), 0)
        return self._in_vain(asked, self._wanted[-1], last) if 400 <= last < 500 else None

    def _in_vain(self, asked: TokenRequest, wanted: tuple[str, ...], status: int = 403) -> TokenRequest:
        """The request for a token as one that failed: the logins changed nothing (MCP-C17). ``status`` is how the
        server answers now."""
        login = asked.login
        assert login is not None  # noqa: S101  # `again` looked for it
        in_token = permissions.from_token(asked.target)
        problem = step_up.in_vain(login, in_token, wanted, self._wanted, status)
        if self._log is not None:
            expected = clean(" ".join(wanted))
            self._log.put(Step("step-up", TITLES["step-up"], False, expected, problem.title, problem.detail))
        return replace(asked, login=None, error=problem)

    async def _moved(self, target: Target, challenges: tuple[Challenge, ...], login: Login) -> bool:
        """Whether the server now names another authorization server."""
        try:
            found = await discovery.discover(
                target.url, challenges, self._transport, allow=target.allow, guess=False
            )
        except AuthwizardError:
            return False
        return found.server.issuer != login.issuer

    async def _exchange(
        self, target: Target, challenges: tuple[Challenge, ...] | None, **words: object
    ) -> TokenRequest | None:
        asked = await token_request.exchange(
            target, self._transport, self.person, challenges=challenges, clients=self._clients, **words
        )
        self.awaited = ""
        self.made = self.made or (asked is not None and asked.login is not None)
        self._since = len(self._transport.exchanges)
        return asked


def _challenges(reply: Reply) -> tuple[Challenge, ...]:
    return parse_challenges(reply.headers.get_all("www-authenticate"))


def _without(target: Target, login: Login) -> Target:
    """The target without the token that was refused. A secret that was given is for the issuer that it went to, and
    for no other that the server names afterwards (MCP-B11)."""
    settings = dict(target.settings)
    if _BOUND & target.secrets.keys():
        settings[ISSUER] = settings.get(ISSUER) or login.issuer
    secrets = {n: v for n, v in target.secrets.items() if n != "access_token"}
    entry = target.entry
    if isinstance(entry, Remote):
        places = token_request.places(target)
        entry = replace(entry, headers={n: v for n, v in entry.headers.items() if n.lower() not in places})
    return replace(target, entry=entry, settings=settings, secrets=secrets, credential=None)


def _seen(lacking: Sequence[str], login: Login) -> str:
    if not lacking:
        return "the same scopes again"
    return f"{' '.join(lacking)}, besides {' '.join(login.asked) or 'none'}"
