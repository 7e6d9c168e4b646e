"""SAML 2.0 as the practice needs it: a request by redirect, and an answer that is posted with a signed assertion.

Written after the OASIS standards saml-core-2.0-os, saml-bindings-2.0-os (3.4 redirect, 3.5 POST) and
saml-profiles-2.0-os (4.1, web browser SSO). An assertion that comes by POST has to be signed (profiles, 4.1.4.5), so
this one is: by signxml, for XML signatures are nothing to write oneself.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from lxml.etree import _Element

_PROTOCOL: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
_ASSERTION: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
_SUCCESS: Final = "urn:oasis:names:tc:SAML:2.0:status:Success"
_BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_EMAIL: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
_POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_PREFIXES: Final = {"p": _PROTOCOL, "a": _ASSERTION}
_LARGEST: Final = 100_000
_VALID: Final = timedelta(minutes=5)
_LEEWAY: Final = timedelta(seconds=60)


class NotAccepted(Exception):
    """A message that is no valid one; the text says why, without quoting it."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks (``issuer``), its number, and where the answer goes (the assertion consumer service)."""

    id: str
    issuer: str
    consumer: str


@dataclass(frozen=True, slots=True)
class Party:
    """An identity provider: its name (entity id), its key and the certificate of it, made at run time."""

    name: str
    key: EllipticCurvePrivateKey
    certificate: bytes


def party(name: str) -> Party:
    """A new identity provider."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "practice identity provider")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LEEWAY)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return Party(name, key, made.public_bytes(serialization.Encoding.PEM))


def request(request: Request, to: str) -> str:
    """The AuthnRequest as the redirect binding carries it: deflated, in base64 (bindings, 3.4.4.1)."""
    from lxml import etree

    root = etree.Element(f"{{{_PROTOCOL}}}AuthnRequest", nsmap={"samlp": _PROTOCOL, "saml": _ASSERTION})
    for name, value in (
        ("ID", request.id),
        ("Version", "2.0"),
        ("IssueInstant", _text(datetime.now(UTC))),
        ("Destination", to),
        ("ProtocolBinding", _POST),
        ("AssertionConsumerServiceURL", request.consumer),
    ):
        root.set(name, value)
    _add(root, "Issuer", request.issuer)
    packer = zlib.compressobj(wbits=-15)
    return base64.b64encode(packer.compress(etree.tostring(root)) + packer.flush()).decode()


def read_request(text: str) -> Request:
    """What a redirect brought. Raises: NotAccepted."""
    try:
        unpacker = zlib.decompressobj(wbits=-15)
        content = unpacker.decompress(base64.b64decode(text, validate=True), _LARGEST)
    except (ValueError, binascii.Error, zlib.error):
        raise NotAccepted("The SAMLRequest is not base64 of deflated XML.") from None
    root = _parsed(content)
    issuer = root.findtext("a:Issuer", "", _PREFIXES)
    if root.tag != f"{{{_PROTOCOL}}}AuthnRequest" or root.get("Version") != "2.0" or not issuer:
        raise NotAccepted("The SAMLRequest is no AuthnRequest of SAML 2.0.")
    return Request(root.get("ID", ""), issuer, root.get("AssertionConsumerServiceURL", ""))


def answer(idp: Party, asked: Request, person: str) -> str:
    """The Response with one signed assertion about the person, in base64 (bindings, 3.5.4)."""
    from lxml import etree
    from signxml.algorithms import CanonicalizationMethod
    from signxml.signer import XMLSigner

    now = datetime.now(UTC)
    until = _text(now + _VALID)
    root = etree.Element(f"{{{_PROTOCOL}}}Response", nsmap={"samlp": _PROTOCOL, "saml": _ASSERTION})
    _says(root, InResponseTo=asked.id, Destination=asked.consumer, now=now)
    _add(root, "Issuer", idp.name)
    status = etree.SubElement(root, f"{{{_PROTOCOL}}}Status")
    etree.SubElement(status, f"{{{_PROTOCOL}}}StatusCode").set("Value", _SUCCESS)
    told = etree.Element(f"{{{_ASSERTION}}}Assertion", nsmap={"saml": _ASSERTION})
    _says(told, now=now)
    _add(told, "Issuer", idp.name)
    subject = _add(told, "Subject")
    _add(subject, "NameID", person, Format=_EMAIL)
    confirmed = _add(subject, "SubjectConfirmation", Method=_BEARER)
    _add(
        confirmed,
        "SubjectConfirmationData",
        InResponseTo=asked.id,
        Recipient=asked.consumer,
        NotOnOrAfter=until,
    )
    conditions = _add(told, "Conditions", NotBefore=_text(now - _LEEWAY), NotOnOrAfter=until)
    _add(_add(conditions, "AudienceRestriction"), "Audience", asked.issuer)
    statement = _add(told, "AuthnStatement", AuthnInstant=_text(now))
    context = _add(statement, "AuthnContext")
    _add(
        context,
        "AuthnContextClassRef",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    )
    signer = XMLSigner(
        signature_algorithm="ecdsa-sha256",
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signed = signer.sign(told, key=idp.key, cert=idp.certificate.decode(), reference_uri=told.get("ID"))
    # saml-core 2.3.3: the signature stands right after the issuer
    signed.insert(1, signed[-1])
    root.append(signed)
    return base64.b64encode(etree.tostring(root)).decode()


def read_answer(text: str, idp: Party, asked: Request) -> str:
    """The person whom the identity provider vouches for. Raises: NotAccepted.

    Only what the signature covers is read, so that nothing can be put beside it (profiles, 4.1.4.3).
    """
    from cryptography.exceptions import InvalidSignature
    from signxml.algorithms import DigestAlgorithm, SignatureMethod
    from signxml.exceptions import InvalidInput
    from signxml.exceptions import InvalidSignature as NotSigned
    from signxml.verifier import SignatureConfiguration, XMLVerifier

    try:
        content = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise NotAccepted("The SAMLResponse is not base64.") from None
    root = _parsed(content)
    if root.find("p:Status/p:StatusCode", _PREFIXES) is None:
        raise NotAccepted("The SAMLResponse has no status.")
    expected = SignatureConfiguration(
        location=f"{{{_ASSERTION}}}Assertion/",
        signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
    )
    try:
        found = XMLVerifier().verify(
            root, x509_cert=idp.certificate.decode(), expect_config=expected, id_attribute="ID"
        )
    except (NotSigned, InvalidInput, InvalidSignature, ValueError):
        raise NotAccepted("The assertion is not signed by the identity provider.") from None
    told = None if isinstance(found, list) else found.signed_xml
    if told is None or told.tag != f"{{{_ASSERTION}}}Assertion":
        raise NotAccepted("The signature is for something else than the assertion.")
    return _judged(told, idp, asked)


def _judged(told: _Element, idp: Party, asked: Request) -> str:
    now = datetime.now(UTC)
    data = told.find("a:Subject/a:SubjectConfirmation/a:SubjectConfirmationData", _PREFIXES)
    conditions = told.find("a:Conditions", _PREFIXES)
    if data is None or conditions is None:
        raise NotAccepted("The assertion has no conditions.")
    for wrong, says in (
        (told.findtext("a:Issuer", "", _PREFIXES) != idp.name, "comes from another identity provider"),
        (
            told.findtext("a:Conditions/a:AudienceRestriction/a:Audience", "", _PREFIXES) != asked.issuer,
            "is meant for another service",
        ),
        (data.get("Recipient") != asked.consumer, "was to go to another address"),
        (data.get("InResponseTo") != asked.id, "answers another request"),
        (_moment(conditions.get("NotBefore")) > now + _LEEWAY, "is not valid yet"),
        (_moment(conditions.get("NotOnOrAfter")) <= now, "has expired"),
        (_moment(data.get("NotOnOrAfter")) <= now, "has expired"),
    ):
        if wrong:
            raise NotAccepted(f"The assertion {says}.")
    person = str(told.findtext("a:Subject/a:NameID", "", _PREFIXES))
    if not person:
        raise NotAccepted("The assertion names nobody.")
    return person


def number() -> str:
    """A new id: an XML name that nobody guesses (saml-core 1.3.4)."""
    return f"_{secrets.token_hex(16)}"


@cache
def _parser() -> object:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _parsed(content: bytes) -> _Element:
    from lxml import etree

    if len(content) > _LARGEST or b"<!DOCTYPE" in content:
        raise NotAccepted("The message is too large, or has a document type.")
    try:
        return etree.fromstring(content, _parser())
    except etree.XMLSyntaxError:
        raise NotAccepted("The message is no XML.") from None


def _says(element: _Element, *, now: datetime, **more: str) -> None:
    for name, value in {"ID": number(), "Version": "2.0", "IssueInstant": _text(now), **more}.items():
        element.set(name, value)


def _add(parent: _Element, tag: str, text: str = "", **attributes: str) -> _Element:
    from lxml import etree

    made = etree.SubElement(parent, f"{{{_ASSERTION}}}{tag}")
    made.text = text or None
    for name, value in attributes.items():
        made.set(name, value)
    return made


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str | None) -> datetime:
    """A time that was said; one that is none lies in no time at all, and is refused."""
    try:
        return datetime.strptime(text or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise NotAccepted("The assertion says no time.") from None
