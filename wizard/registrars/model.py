"""A client as its provider has it registered, and one that is to be: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from wizard.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.secret import Secret
    from wizard.transport import Transport

MARK: Final = "registered by authwizard"
"""What stands in a client that this program registered, so that it is known again from any machine."""

IN_USE, UNUSED, UNKNOWN = "in-use", "unused", "unknown"


class RegistrarRefused(JobError):
    """The provider's own API did not do what was asked. ``status`` is the answer's, 0 where there is none to name."""

    def __init__(
        self, id: str, title: str, detail: str, fix: tuple[str, ...] | list[str], status: int = 0
    ) -> None:
        super().__init__(id, title, detail, fix)
        self.status = status


@dataclass(frozen=True, slots=True)
class Wanted:
    """A client to be registered: public, with PKCE, for exactly these redirect URIs. ``line`` is where it stands in its
    file."""

    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Client:
    """``id`` is the provider's inner one, ``client_id`` the one that goes over the wire. ``ours`` is whether this
    program registered it. ``use`` is `IN_USE`, `UNUSED` or `UNKNOWN`, ``seen`` the clause that shows it, ``last`` when
    it was used last (seconds since the epoch, None where nobody said). ``own`` is True for a client of the provider
    itself, which is never removed."""

    id: str
    client_id: str
    name: str
    redirect_uris: tuple[str, ...] = ()
    ours: bool = False
    use: str = UNKNOWN
    seen: str = ""
    last: float | None = None
    own: bool = False

    def as_json(self) -> dict[str, object]:
        """As the command answers it."""
        return {
            "client_id": self.client_id,
            "name": self.name,
            "redirect_uris": list(self.redirect_uris),
            "ours": self.ours,
            "use": self.use,
            "seen": self.seen,
            "last_used": self.last,
            "left_behind": self.left_behind,
            "wildcard": bool(self.wildcards),
        }

    @property
    def left_behind(self) -> bool:
        """Whether this program registered it, and the provider's records show that nobody uses it."""
        return self.ours and not self.own and self.use == UNUSED

    @property
    def wildcards(self) -> tuple[str, ...]:
        """The redirect URIs with a ``*`` in them."""
        return tuple(u for u in self.redirect_uris if "*" in u)


class Registrar(Protocol):
    """One provider's API for clients. ``provider`` is its id, ``at`` its address as a person reads it."""

    provider: str
    at: str

    async def clients(self) -> tuple[Client, ...]:
        """Every client, with what can be known of its use. Raises: RegistrarRefused, TransportError."""
        ...

    async def add(self, wanted: Wanted) -> Client:
        """Register one. Raises: as `clients`."""
        ...

    async def remove(self, client: Client) -> None:
        """Remove one for good. Raises: as `clients`."""
        ...


class Opens(Protocol):
    """How a registrar is opened: with the address, texts and secrets by field."""

    async def __call__(
        self,
        at: str,
        settings: Mapping[str, str],
        secrets: Mapping[str, Secret],
        transport: Transport,
        allow: tuple[str, ...],
    ) -> Registrar:
        """Raises: UsageError, RegistrarRefused, OAuthProblem, TokenRefused, TransportError."""
        ...
