"""What is kept of a recording: places, names, lengths, marks. No value of a cookie, code, state or token is in it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

MARK = 16


_KEY = secrets.token_bytes(16)
"""Of this run, and kept nowhere: by a mark in a case a short password could be guessed, were it of the value alone."""


def mark(value: str) -> str:
    """Tells two values of one run apart without being one of them, and without telling one who guesses it."""
    told = value.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(told, key=_KEY, digest_size=MARK // 2).hexdigest()


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of an address or form: ``text`` only where its name tells no secret."""

    length: int
    mark: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """An address without user info and without the values of its parameters."""

    scheme: str
    host: str
    port: int
    path: str
    params: Mapping[str, Param] = field(default_factory=dict)

    @property
    def bare(self) -> str:
        """Host and path, as a hop is shown."""
        port = "" if self.port in (80, 443) else f":{self.port}"
        return f"{self.host}{port}{self.path}"

    @property
    def whole(self) -> str:
        """With its scheme."""
        return f"{self.scheme}://{self.bare}"

    @property
    def site(self) -> tuple[str, str, int]:
        """The origin."""
        return self.scheme, self.host, self.port

    def said(self, name: str) -> str:
        """An open parameter's text; empty where there is none."""
        found = self.params.get(name)
        return found.text if found else ""


@dataclass(frozen=True, slots=True)
class SetCookie:
    """A ``Set-Cookie`` header. ``expires`` in seconds since 1970, ``max_age`` in seconds; None where not given.
    ``size`` is that of name and value in bytes."""

    name: str
    mark: str
    length: int
    size: int
    domain: str = ""
    path: str = ""
    secure: bool = False
    same_site: str = ""
    partitioned: bool = False
    expires: float | None = None
    max_age: float | None = None

    def shown(self) -> str:
        """The cookie as it was set, without its value."""
        parts = [f"{self.name}=({self.length} characters)"]
        parts += [f"Domain={self.domain}"] if self.domain else []
        parts += [f"Path={self.path}"] if self.path else []
        parts += ["Secure"] if self.secure else []
        parts += [f"SameSite={self.same_site}"] if self.same_site else []
        parts += [f"Max-Age={self.max_age:g}"] if self.max_age is not None else []
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Sent:
    """A cookie that a request carried."""

    name: str
    length: int
    mark: str


@dataclass(frozen=True, slots=True)
class SamlSeen:
    """What a SAML response says of itself (`wizard.saml.Saml`), without its subject and attributes: ``groups`` is how
    many it names."""

    status: str
    issuer: str
    audience: tuple[str, ...]
    not_before: float | None
    not_on_or_after: float | None
    groups: int
    encrypted: bool
    signed: bool

    def shown(self) -> str:
        """For whom it is, and how it ended."""
        of = f" of {self.issuer}" if self.issuer else ""
        to = f" for {', '.join(self.audience)}" if self.audience else ""
        kept = "encrypted" if self.encrypted else f"{self.groups} groups"
        sealed = "signed" if self.signed else "not signed"
        return f"a SAML response{of}{to}: {self.status or 'no status'}, {kept}, {sealed}"


@dataclass(frozen=True, slots=True)
class Hop:
    """One request and its answer. ``started`` and ``ended`` are by the browser's clock, ``date`` by the server's, all
    in seconds since 1970. ``document`` is True for a navigation, ``frame`` for one within a frame. ``form`` are the
    parameters that were posted. ``failure`` is the browser's own name of an error; ``says`` a few redacted words of an
    answer that refused, ``error`` the OAuth error in its body, ``tokens`` the times of the JWTs in it by their name.
    ``saml`` is the SAML response that it brought."""

    number: int
    method: str
    place: Place
    status: int
    document: bool = True
    frame: bool = False
    location: Place | None = None
    form: Mapping[str, Param] = field(default_factory=dict)
    sent: tuple[Sent, ...] = ()
    set: tuple[SetCookie, ...] = ()
    started: float | None = None
    ended: float | None = None
    date: float | None = None
    failure: str = ""
    says: str = ""
    error: str = ""
    scope: str = ""
    tokens: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    saml: SamlSeen | None = None
    authorized: bool = False

    @property
    def redirects(self) -> bool:
        """Whether it sends the browser on."""
        return 300 <= self.status < 400 and self.location is not None

    def param(self, name: str) -> Param | None:
        """A parameter of its address, or of what was posted."""
        return self.place.params.get(name) or self.form.get(name)

    def said(self, name: str) -> str:
        """An open parameter's text."""
        found = self.param(name)
        return found.text if found else ""

    def shown(self) -> str:
        """Host, path and status."""
        return f"{self.place.bare} {self.status or self.failure or 'no answer'}"

    def cookie(self, name: str) -> tuple[Sent, ...]:
        """Those of this name that it carried."""
        return tuple(s for s in self.sent if s.name == name)


@dataclass(frozen=True, slots=True)
class Recording:
    """All hops in the order in which they began. ``creator`` wrote the file; ``cookies`` is False where it left all
    cookies out, as Chrome does unless it is told otherwise. ``skipped`` entries could not be understood."""

    hops: tuple[Hop, ...]
    creator: str = ""
    cookies: bool = True
    skipped: int = 0
