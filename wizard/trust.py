"""Whom TLS trusts: the system's store, where corporate authorities are. Never switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import UsageError

if TYPE_CHECKING:
    import ssl


def trust(ca: str | None = None) -> ssl.SSLContext:
    """TLS trust from the system's store, with one more authority where ``ca`` names its file.

    Raises: UsageError ``ca-unreadable``.
    """
    import ssl

    import truststore

    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca:
        try:
            context.load_verify_locations(cafile=ca)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(
                "ca-unreadable",
                f"The certificate file {ca} could not be read.",
                getattr(error, "strerror", None) or "It holds no certificate in PEM form.",
                ["Give a PEM file that begins with -----BEGIN CERTIFICATE-----."],
            ) from error
    return context


def no_trust() -> ssl.SSLContext:
    """For plain http: should TLS be met all the same, nothing is trusted."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
