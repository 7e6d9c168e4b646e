"""What is to be tested or diagnosed: an entry with the context that is known about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wizard.choice import Choice
from wizard.entries import Entry, Reference, Remote, Stdio
from wizard.errors import AuthwizardError
from wizard.livetest import Evidence
from wizard.secret import Secret
from wizard.services import Environment, LiveTest, Method, Service


@dataclass(frozen=True, slots=True)
class Target:
    """``label`` is what the person typed. ``entry`` is None only for a plain API (then ``url`` and ``headers``
    stand in a `Remote` all the same, with ``speaks`` = ``api``).

    ``credential`` is the bare secret (for its text to be judged); ``secrets`` all of them by field.
    ``speaks`` is ``mcp``, ``api``, or empty when it has to be found out.

    ``connection`` is the name of the saved connection behind it, ``sources`` where each of its secrets is kept,
    ``created`` when it was saved, ``tools`` those that were chosen. ``unread`` are the fields whose file yields
    nothing (the id of the failure). ``config`` is the client's file that the entry stands in (``client`` its id),
    ``bridged`` True where it reaches its server by mcp-remote; ``program`` is what it starts, where it starts
    something. ``allow`` are the
    leniencies that the person named. ``otherwise`` is what else can be done where the credential is refused.
    ``said_audience`` and ``said_issuer`` are what the person says the server expects of a token.
    """

    label: str
    entry: Entry
    speaks: str = ""
    service: Service | None = None
    environment: Environment | None = None
    method: Method | None = None
    credential: Secret | None = None
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Evidence, ...] = ()
    connection: str = ""
    created: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    tools: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    config: str = ""
    client: str = ""
    bridged: bool = False
    program: Stdio | None = None
    allow: tuple[str, ...] = ()
    otherwise: str = ""
    said_audience: str = ""
    said_issuer: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.entry, Remote) and "#" in self.entry.url:
            # it is never sent (RFC 9110 section 7.1), and may hold what came of a login
            bare = replace(self.entry, url=self.entry.url.partition("#")[0])
            object.__setattr__(self, "entry", bare)

    @property
    def live(self) -> LiveTest:
        """What may be asked of the service at this deployment; nothing of a service that is not known."""
        return self.service.live_at(self.environment) if self.service else LiveTest()

    @property
    def url(self) -> str:
        """The address that is asked: the remote entry's, or the environment's of a stdio entry."""
        if isinstance(self.entry, Remote):
            return self.entry.url
        return self.settings.get("url", "") or (self.environment.url if self.environment else "")

    @property
    def choice(self) -> Choice | None:
        """What was chosen; None where service, environment or method is not known."""
        if self.service is None or self.environment is None or self.method is None:
            return None
        url = self.settings.get("url", "") or self.url
        return Choice(
            self.service,
            self.environment,
            self.method,
            url,
            self.settings,
            self.secrets,
            self.label,
            self.scopes,
            self.allow,
            connection=self.connection,
        )


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A target that could not be had, beside others that could; ``problem`` says why."""

    label: str
    problem: AuthwizardError
