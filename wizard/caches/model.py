"""What is known of one kept login. Nothing in it is a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

USABLE: Final = "usable"
EXPIRED: Final = "expired"
RENEWABLE: Final = "renewable"
BROKEN: Final = "half-written"
CLOSED: Final = "unreadable"
ODD: Final = "odd-expiry"
NO_TOKEN: Final = "no-token"  # noqa: S105  # a state
LOCKED: Final = "locked"


@dataclass(frozen=True, slots=True)
class Holder:
    """A lock file, and the process that it names: ``alive`` is None where it names none. ``since`` is in seconds since
    1970, where it says so."""

    path: Path
    pid: int | None
    alive: bool | None
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Cached:
    """One login that a program keeps.

    ``id`` names it here, for good. ``path`` is its file, ``pointer`` the keys that lead to it within, ``files`` are all
    that belong to it. ``server`` is the address that it is for, ``domain`` the company's, where they are known.
    ``expires`` and ``written`` are in seconds since 1970. ``refreshes`` is True where it can be renewed without you.

    ``state`` is ``usable``, ``expired`` (a person has to log in again), ``renewable`` (expired, and to be renewed),
    ``half-written``, ``unreadable``, ``odd-expiry`` (the time in it is none), ``no-token`` (at most a client was
    registered, and nobody has logged in) or ``locked`` (a process that is gone holds it). ``flaw`` says what is wrong.
    """

    id: str
    store: str
    program: str
    path: Path
    state: str
    files: tuple[Path, ...] = ()
    pointer: tuple[str, ...] = ()
    server: str = ""
    domain: str = ""
    issuer: str = ""
    client_id: str = ""
    expires: float | None = None
    scopes: tuple[str, ...] = ()
    mode: int | None = None
    written: float | None = None
    refreshes: bool = False
    holder: Holder | None = None
    flaw: str = ""
    clear: str = ""

    def age(self, now: float) -> float | None:
        """Seconds since it was written."""
        return None if self.written is None else max(now - self.written, 0.0)

    def says(self) -> str:
        """Its state in one sentence."""
        until = "" if self.expires is None else moment(self.expires)
        match self.state:
            case "usable":
                return f"Logged in until {until}." if until else "Logged in; until when is not said."
            case "expired":
                return f"The login ended at {until}, and nothing is kept to renew it with."
            case "renewable":
                return f"The access token ended at {until}; it can be renewed without you."
            case "no-token":
                return (
                    "A client was registered, and nobody has logged in."
                    if self.client_id
                    else "It holds no token."
                )
        return self.flaw

    def as_json(self, now: float) -> dict[str, object]:
        """The contract's item of ``stores``."""
        age = self.age(now)
        return {
            "id": self.id,
            "store": self.store,
            "path": str(self.path),
            "server": shown(self.server) or self.domain or None,
            "domain": self.domain or None,
            "issuer": shown(self.issuer) or None,
            "client_id": self.client_id or None,
            "expires": None if self.expires is None else moment(self.expires),
            "scopes": list(self.scopes),
            "mode": None if self.mode is None else f"{self.mode:04o}",
            "age": None if age is None else round(age),
            "state": self.state,
            "refreshes": self.refreshes,
            "detail": self.says(),
        }


def shown(text: str) -> str:
    """A name or an address of another program as it can be shown: without a user, or a parameter that is a secret."""
    from wizard.redaction import Redactor

    return Redactor().url(text) if "://" in text else text


def moment(seconds: float) -> str:
    """A time in UTC as a person and a program can read it; empty where no calendar has it."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return ""
