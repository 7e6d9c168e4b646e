"""Facts of a TLS handshake beyond the certificate: what else the server wants, and what it can do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Whether the server wants a certificate of its client. ``asked`` is True where it asked for one in the handshake;
    ``alert`` is how it ended the connection (OpenSSL's words, or ``closed``; empty where it did not); ``says`` what it
    answered over HTTP."""

    asked: bool
    alert: str = ""
    says: str = ""

    def seen(self) -> str:
        """What it wants, and how it ended."""
        want = "it asks for a client certificate" if self.asked else "it asks for no client certificate"
        return f"{want}{f'; {self.alert or self.says}' if self.alert or self.says else ''}"


@dataclass(frozen=True, slots=True)
class OldTls:
    """The version that the server speaks where it speaks none of those that are safe; empty where it answers none."""

    version: str

    def seen(self) -> str:
        """The version."""
        return f"it speaks {self.version}" if self.version else "it answers to no older version either"


@dataclass(frozen=True, slots=True)
class CompletedChain:
    """The certificates that the server leaves out, had from the addresses that its own certificate names: with them it
    is trusted here (``trusted``), or still is not."""

    addresses: tuple[str, ...]
    trusted: bool

    def seen(self) -> str:
        """Whether they were enough."""
        where = ", ".join(self.addresses)
        return f"with {where} the chain is {'whole' if self.trusted else 'still not trusted'}"
