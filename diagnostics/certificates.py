"""What a certificate says of itself: dates, names, who signed it, and where its signer's certificate is to be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography import x509

_MOST: Final = 3
"""Addresses taken out of one certificate."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """``not_before`` and ``not_after`` are seconds since 1970; ``signers_at`` are the addresses of its signer's
    certificate (RFC 5280 section 4.2.2.1), ``own`` is True where its subject is its issuer."""

    not_before: float | None = None
    not_after: float | None = None
    names: tuple[str, ...] = ()
    issuer: str = ""
    signers_at: tuple[str, ...] = ()
    own: bool = False


def read(der: bytes | None) -> Certificate:
    """What it says; nothing where it cannot be read."""
    if not der:
        return Certificate()
    from cryptography import x509

    try:
        found = x509.load_der_x509_certificate(der)
        issuer = ", ".join(
            str(a.value)
            for a in found.issuer
            if a.oid in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME)
        )
        before, after = found.not_valid_before_utc, found.not_valid_after_utc
        return Certificate(
            before.timestamp(),
            after.timestamp(),
            _names(found),
            issuer,
            _signers_at(found),
            found.subject == found.issuer,
        )
    except ValueError:
        return Certificate()


def authorities(content: bytes) -> tuple[bytes, ...]:
    """The certificates in what a signer's address gave, as PEM: DER, PEM or PKCS #7 (RFC 5280 section 4.2.2.1); empty
    for anything else."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    loads: tuple[Callable[[bytes], list[x509.Certificate]], ...] = (
        lambda held: [x509.load_der_x509_certificate(held)],
        x509.load_pem_x509_certificates,
        pkcs7.load_der_pkcs7_certificates,
    )
    for load in loads:
        try:
            return tuple(c.public_bytes(Encoding.PEM) for c in load(content))
        except (ValueError, UnsupportedAlgorithm):
            continue
    return ()


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    hosts = found.get_values_for_type(x509.DNSName)
    return (*hosts, *(str(a) for a in found.get_values_for_type(x509.IPAddress)))


def _signers_at(certificate: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID

    try:
        told = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return ()
    ours = AuthorityInformationAccessOID.CA_ISSUERS
    places = [
        a.access_location.value
        for a in told
        if a.access_method == ours and isinstance(a.access_location, x509.UniformResourceIdentifier)
    ]
    return tuple(p for p in places if p.startswith("http://"))[:_MOST]
