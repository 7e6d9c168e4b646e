"""What a probe can tell: typed, immutable answers. A rule names the facts that it needs by these types.

Each fact says in one short sentence what was seen (`seen`); nothing in any of them shows a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, Self, runtime_checkable

from wizard.entries import Reference
from wizard.livetest import Evidence
from wizard.secret import Secret

from .own_form import OwnForm
from .wire import Answer

if TYPE_CHECKING:
    from ..net import Handshake

OWN_SCOPES: Final = "this connection"
CLOCKS_AGREE: Final = 60.0
"""Seconds by which two clocks may differ and still agree: what a careful verifier of tokens grants."""


@runtime_checkable
class Fact(Protocol):
    """Anything a probe returns."""

    def seen(self) -> str:
        """One short sentence without a secret."""
        ...


@dataclass(frozen=True, slots=True)
class Situation:
    """What was asked to be diagnosed. ``configured`` is True for an entry of a client or a saved connection: there
    a missing credential is a fault, while for a bare address it is only what the person did not give. ``own_login`` is
    True where the program behind the entry gets its credential by itself, so that none of ours is missing.
    ``requires_auth`` is what the service's document says (None: nothing), ``status`` the provider's status page.
    ``practice`` is True for one of our own practice services."""

    url: str
    host: str
    port: int
    secure: bool
    configured: bool
    has_credential: bool
    header_names: tuple[str, ...]
    transport: str
    service: str = ""
    proxy: str = ""
    requires_auth: bool | None = None
    practice: bool = False
    own_login: bool = False
    status: str = ""

    def seen(self) -> str:
        """The address, and whether a credential goes along."""
        return f"{self.url or 'no address'}, {'with' if self.has_credential else 'without'} a credential"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder that stands where a value should be; ``where`` is the header, variable or field."""

    where: str
    written: str


@dataclass(frozen=True, slots=True)
class ConfigText:
    """What stands in the config: references that came to nothing, placeholders, notes of who read it. ``bare`` are
    headers that hold a scheme and no credential after it. ``own`` is the form of the client whose entry it is."""

    references: tuple[Reference, ...] = ()
    placeholders: tuple[Placeholder, ...] = ()
    notes: tuple[Evidence, ...] = ()
    bare: tuple[Placeholder, ...] = ()
    own: OwnForm | None = None

    def seen(self) -> str:
        """How many placeholders are left."""
        left = len(self.placeholders) + sum(r.state != "resolved" for r in self.references)
        return "every value is filled in" if not left else f"{left} placeholder(s) without a value"


@dataclass(frozen=True, slots=True)
class TextFault:
    """One fault in the credential's text. ``header`` is where it is sent, ``mended`` the value that should be."""

    id: str
    says: str
    header: str
    mended: Secret | None = None


@dataclass(frozen=True, slots=True)
class CredentialText:
    """The credential as it would be sent: ``header`` names its header, or with ``in_query`` its parameter of the
    address; ``bare`` is the value alone."""

    header: str
    scheme: str
    bare: Secret
    faults: tuple[TextFault, ...] = ()
    in_query: bool = False

    def seen(self) -> str:
        """The form of the credential."""
        scheme = f"{self.scheme} " if self.scheme else ""
        return self.faults[0].says if self.faults else f"{self.header}: {scheme}{self.bare.hint()}"

    def fault(self, *ids: str) -> TextFault | None:
        """The first fault with one of these ids."""
        return next((f for f in self.faults if f.id in ids), None)


@dataclass(frozen=True, slots=True)
class JwtView:
    """A JWT's header and claims, read without checking the signature."""

    header: Mapping[str, object]
    claims: Mapping[str, object]

    def seen(self) -> str:
        """Algorithm and issuer."""
        return f"a JWT ({self.header.get('alg', 'no alg')}) of {self.claims.get('iss', 'no issuer')}"


@dataclass(frozen=True, slots=True)
class Clock:
    """``now`` is the time to judge by, in seconds since 1970: the server's if it gave one. ``ahead`` is how many
    seconds this machine's clock is ahead of it, None where the server gave none. ``others`` are the other hosts that
    told their time, each with how far this machine's clock is ahead of it."""

    now: float
    ahead: float | None = None
    others: tuple[tuple[str, float], ...] = ()

    @property
    def readings(self) -> tuple[float, ...]:
        """By each host that told its time, the server first."""
        return (*(() if self.ahead is None else (self.ahead,)), *(ahead for _, ahead in self.others))

    @property
    def off(self) -> float | None:
        """How far this machine's clock is ahead of right, as far as can be told: what all agree on, what the others say
        where the server alone is off, what the only one says. None where nobody told the time, or they disagree."""
        from statistics import median

        if self.theirs is not None:
            return median(ahead for _, ahead in self.others)
        found = self.readings
        return median(found) if found and max(found) - min(found) <= CLOCKS_AGREE else None

    @property
    def local(self) -> float:
        """The time by this machine's clock."""
        return self.now + (self.ahead or 0.0)

    @property
    def right(self) -> float:
        """The right time, as far as can be told; else this machine's."""
        return self.local - (self.off or 0.0)

    @property
    def ours(self) -> float | None:
        """How far this machine's clock is ahead of right, where two hosts or more agree that it is wrong."""
        if len(self.readings) < 2 or min(map(abs, self.readings)) <= CLOCKS_AGREE:
            return None
        return self.off

    @property
    def theirs(self) -> float | None:
        """How far the server's clock is ahead of right, where the others agree with this machine's and it does not."""
        if self.ahead is None or abs(self.ahead) <= CLOCKS_AGREE or not self.others:
            return None
        return -self.ahead if all(abs(ahead) <= CLOCKS_AGREE for _, ahead in self.others) else None

    def seen(self) -> str:
        """How the clocks agree."""
        if self.ahead is None:
            return "the server gave no time; this machine's is used"
        if abs(self.ahead) < 2:
            return "this clock and the server's agree"
        return (
            f"this clock is {abs(self.ahead):.0f} s {'ahead of' if self.ahead > 0 else 'behind'} the server's"
        )


@dataclass(frozen=True, slots=True)
class Named:
    """What the name service said; ``error`` as in `diagnostics.net.Resolved`."""

    host: str
    addresses: tuple[str, ...]
    error: str

    def seen(self) -> str:
        """The addresses, or why there are none."""
        return ", ".join(self.addresses) if self.addresses else f"no address for {self.host}"


@dataclass(frozen=True, slots=True)
class Reached:
    """Whether a TCP connection was made; ``error`` as in `diagnostics.net.Connected`."""

    host: str
    port: int
    address: str
    error: str
    seconds: float

    def seen(self) -> str:
        """The address reached, or the refusal."""
        where = f"{self.host}, port {self.port}"
        return f"{self.address}, {self.seconds * 1000:.0f} ms" if not self.error else f"{where}: {self.error}"


@dataclass(frozen=True, slots=True)
class Secured:
    """The TLS handshake and the certificate met; fields as in `diagnostics.net.Handshake`."""

    host: str
    version: str
    not_after: float | None
    names: tuple[str, ...]
    issuer: str
    verify_code: int | None
    error: str
    reason: str = ""
    not_before: float | None = None
    sent: int = 0
    signers_at: tuple[str, ...] = ()
    ahead: float | None = None

    @classmethod
    def of(cls, host: str, met: Handshake) -> Self:
        """What a handshake with this host met."""
        return cls(
            host,
            met.version,
            met.not_after,
            met.names,
            met.issuer,
            met.verify_code,
            met.error,
            met.reason,
            met.not_before,
            met.sent,
            met.signers_at,
            met.ahead,
        )

    def seen(self) -> str:
        """The TLS version, or what is wrong."""
        return f"{self.version}, trusted" if not self.error else (self.reason or self.error)


@dataclass(frozen=True, slots=True)
class Health:
    """The service's health path, asked without a credential; ``documented`` where its document says it is open."""

    url: str
    answer: Answer
    documented: bool = True

    def seen(self) -> str:
        """The status."""
        return f"{self.url}: {self.answer.seen()}"


@dataclass(frozen=True, slots=True)
class ResourceMetadata:
    """RFC 9728 metadata of the protected resource. ``named`` is whether a challenge named where it lies; ``missed`` are
    the places that come before ``url``, with what was there instead (a status, 200 for what is no metadata)."""

    url: str
    resource: str
    authorization_servers: tuple[str, ...]
    scopes: tuple[str, ...]
    named: bool = False
    missed: tuple[tuple[str, int], ...] = ()

    def seen(self) -> str:
        """The resource that it names."""
        return f"{self.url}: resource {self.resource or 'not named'}"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another way of asking the same origin, and what came of it. ``beside`` is what a made-up address beside it
    answers, asked where a 401 came: who refuses every address alike has told nothing of this one."""

    url: str
    way: str
    answer: Answer
    beside: Answer | None = None

    @property
    def is_mcp(self) -> bool:
        """Whether an MCP server answers there: JSON-RPC, an event stream, or a challenge to sign in."""
        if self.answer.status == 401:
            return self.beside is None or self.beside.status != 401
        if self.answer.errs:
            return False
        if self.way == "sse":
            return self.answer.accepted and self.answer.content == "text/event-stream"
        return self.answer.accepted and (self.answer.rpc or self.answer.content == "text/event-stream")


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What lies beside an address that was not found."""

    tried: tuple[Neighbour, ...]

    def seen(self) -> str:
        """Where MCP answers."""
        found = next((n for n in self.tried if n.is_mcp), None)
        return f"{found.url} answers" if found else f"{len(self.tried)} addresses tried, none answers"


THE_SERVER: Final = "the server"
"""Who demands scopes, where the refusal itself names them."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """``required`` of the call, by ``source``; ``granted`` to the credential, None where nobody says. With ``choice``
    one of those required is enough."""

    required: tuple[str, ...]
    source: str
    granted: tuple[str, ...] | None
    choice: bool = False

    @property
    def own(self) -> bool:
        """Whether they are what the connection asks for, which tells nothing of what the server wants."""
        return self.source == OWN_SCOPES

    @property
    def missing(self) -> tuple[str, ...]:
        """What is required and not granted; empty where the granted ones are not known."""
        if self.granted is None or (self.choice and set(self.required) & set(self.granted)):
            return ()
        return tuple(s for s in self.required if s not in self.granted)

    def lacking(self) -> str:
        """Those that are missing in words, or that are required where nobody says what is granted; empty for none."""
        missing = self.missing or (self.required if self.granted is None else ())
        listed = ", ".join(f"`{s}`" for s in missing)
        return f"one of {listed}" if self.choice and len(missing) > 1 else listed

    def seen(self) -> str:
        """Granted and required."""
        granted = "not told" if self.granted is None else (" ".join(self.granted) or "none")
        return f"granted {granted}; required {' '.join(self.required) or 'none'}"


@dataclass(frozen=True, slots=True)
class Belonging:
    """Settings that belong to another environment of the service than the address does. ``kept`` is True where only a
    connection that keeps the same credential says so."""

    field: str
    value: str
    belongs_to: str
    url_is: str
    kept: bool = False

    def seen(self) -> str:
        """The contradiction, or none."""
        if not self.field:
            return "settings and address belong together"
        return f"{self.field} {self.value} is of {self.belongs_to}, the address of {self.url_is}"


@dataclass(frozen=True, slots=True)
class Started:
    """A stdio server that was started; ``error`` is empty where it answered `initialize`."""

    command: str
    name: str
    error: str

    def seen(self) -> str:
        """Its name, or why it did not answer."""
        return self.error or f"{self.name or self.command} answered"
