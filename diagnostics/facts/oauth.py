"""Facts about who issues tokens: how it was asked for one, what it says of itself and of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """How the token endpoint took the request for an access token.

    ``status`` is None where no answer came; then ``failure`` is the failure's id. ``title`` and ``fix`` are the
    failure's sentence and steps; ``error`` and ``description`` what the endpoint said (RFC 6749 section 5.2).
    ``authentication`` is how the client showed who it is, ``other`` the other way where that one was tried and taken.
    ``looks_like_id`` is True for a secret that has the form of an id. ``expires_in`` is in seconds.
    """

    endpoint: str
    client_id: str
    authentication: str
    scope: str = ""
    status: int | None = 200
    error: str = ""
    description: str = ""
    failure: str = ""
    title: str = ""
    fix: tuple[str, ...] = ()
    expires_in: float | None = None
    granted: tuple[str, ...] | None = None
    other: str = ""
    looks_like_id: bool = False
    number: int = 0

    @property
    def given(self) -> bool:
        """Whether a token was given."""
        return not self.failure

    def seen(self) -> str:
        """The status and the error's name, or how long the token lives."""
        if self.given:
            life = "" if self.expires_in is None else f" for {self.expires_in:.0f} s"
            return f"a token{life} from {self.endpoint}"
        if self.status is None:
            return f"no answer ({self.failure})"
        return f"{self.status} {self.error}".rstrip()


YOU = "you"
"""Who runs the doctor, by `--issuer`."""

REFUSAL = "the server's refusal"
METADATA = "the server's metadata"

TOLD = "the header X-Keycloak-URL"
"""What the client itself tells the server of its issuer: no proof of what the server knows."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Whose tokens the server takes, as far as anybody says: addresses of issuers, and names of Keycloak realms, each
    with who says so. ``about`` and ``about_audience`` are True where the refusal speaks of the issuer, or of the
    audience."""

    issuers: tuple[tuple[str, str], ...] = ()
    realms: tuple[tuple[str, str], ...] = ()
    about: bool = False
    about_audience: bool = False

    @property
    def decisive(self) -> tuple[tuple[str, str], ...]:
        """The issuers that whoever knows best names: the refusal, then the person, then everybody else."""
        for who in (REFUSAL, YOU):
            found = tuple(i for i in self.issuers if i[0] == who)
            if found:
                return found
        return self.issuers

    def seen(self) -> str:
        """The issuers and realms."""
        named = [*(url for _, url in self.issuers), *(f"realm {name}" for _, name in self.realms)]
        return ", ".join(dict.fromkeys(named)) or "nobody names an issuer"


@dataclass(frozen=True, slots=True)
class Issuer:
    """What an issuer publishes about itself (OpenID Connect Discovery, RFC 8414). ``asked`` is the address that its
    metadata was asked for, ``issuer`` the one that it claims; ``userinfo`` is empty where it names none. ``keys``
    are the ids of its signing keys (RFC 7517), empty where they could not be had; ``jwks`` are the keys themselves, and
    ``jwks_uri`` where they are."""

    asked: str
    url: str
    issuer: str
    token_endpoint: str = ""
    userinfo: str = ""
    keys: tuple[str, ...] = ()
    jwks: Mapping[str, object] = field(default_factory=dict, repr=False)
    jwks_uri: str = ""

    @property
    def itself(self) -> bool:
        """Whether it claims to be the one that was asked (RFC 8414 section 3.3 wants that to the letter)."""
        return self.asked == self.issuer


@dataclass(frozen=True, slots=True)
class Issuers:
    """The issuers that were asked."""

    found: tuple[Issuer, ...]

    def at(self, url: str) -> Issuer | None:
        """The one that answered at this address."""
        return next((i for i in self.found if i.asked == url), None)

    def seen(self) -> str:
        """What each says it is."""
        return ", ".join(f"{i.asked} says it is {i.issuer}" for i in self.found)


@dataclass(frozen=True, slots=True)
class IssuersSaid:
    """The same issuers before their keys are there, for what does not need those."""

    issuers: Issuers

    def seen(self) -> str:
        """What each says it is."""
        return self.issuers.seen()


@dataclass(frozen=True, slots=True)
class GroupsWanted:
    """Groups decide at this server; ``why`` says who says so."""

    why: str

    def seen(self) -> str:
        """Why."""
        return self.why


@dataclass(frozen=True, slots=True)
class UserInfo:
    """What the issuer's user info says of the token's account; ``groups`` are empty where it names none."""

    url: str
    status: int
    claims: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def seen(self) -> str:
        """The groups, or the status."""
        if self.status != 200:
            return f"{self.url}: {self.status}"
        return f"groups {', '.join(self.groups)}" if self.groups else "no groups"


def realm_of(issuer: str) -> str:
    """The realm of a Keycloak issuer (``.../realms/NAME``); empty for any other address."""
    try:
        parts = urlsplit(issuer).path.rstrip("/").split("/")
    except ValueError:
        return ""
    return parts[-1] if len(parts) > 2 and parts[-2] == "realms" else ""


def without_host(issuer: str) -> str:
    """An issuer's path, without the ``/auth`` that older Keycloaks put before it."""
    try:
        return urlsplit(issuer).path.rstrip("/").removeprefix("/auth")
    except ValueError:
        return issuer


def akin(one: str, other: str, issuers: Issuers | None) -> bool:
    """Whether two different issuers are one Keycloak by two names, or two realms: not where their keys show that they
    have nothing in common."""
    if not realm_of(one) or not realm_of(other):
        return False
    if realm_of(one) != realm_of(other):
        return True
    if without_host(one) != without_host(other):
        return False
    first, second = (issuers.at(one), issuers.at(other)) if issuers else (None, None)
    return not (first and second and first.keys and second.keys and not set(first.keys) & set(second.keys))
