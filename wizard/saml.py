"""Looking into a SAML response or assertion without trusting it: no signature is checked, no entity is resolved, and
nothing is fetched (OASIS SAML 2.0 core and bindings; SAML 1.1 where its names are other ones)."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote_plus
from xml.parsers import expat

_LARGEST: Final = 2_000_000
_DEEPEST: Final = 100
_MOST: Final = 20_000
"""Attribute values and elements of a kind that are read."""
_NAMESPACES: Final = ("urn:oasis:names:tc:SAML:2.0:", "urn:oasis:names:tc:SAML:1.0:")
_ROOTS: Final = frozenset({"Response", "Assertion", "EncryptedAssertion"})
_PARAMETER: Final = re.compile(r"(?:^|[?&\s])SAMLResponse=([^&\s]+)")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_GROUPS: Final = re.compile(r"(?:^|[/:._-])(?:groups?|member_?of|roles?|wids)$", re.IGNORECASE)
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class Saml:
    """What stands in it, as its issuer wrote it. ``kind`` is ``response`` or ``assertion``. Times are in seconds since
    1970, None where none is told: ``issued``, and the conditions' ``not_before`` and ``not_on_or_after``. ``subject``
    is whether one is named, ``subject_format`` in which form. ``attributes`` by name; ``groups`` are the values of
    those that are called so. ``encrypted`` counts assertions that only their recipient can read, ``signed`` whether a
    signature stands in it. ``status`` is the response's, without its prefix. ``form`` is how it was written: ``xml``,
    ``base64`` or ``deflate``."""

    kind: str
    issuer: str = ""
    audience: tuple[str, ...] = ()
    subject: bool = False
    subject_format: str = ""
    issued: float | None = None
    not_before: float | None = None
    not_on_or_after: float | None = None
    destination: str = ""
    status: str = ""
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    encrypted: int = 0
    signed: bool = False
    form: str = "xml"

    @property
    def groups(self) -> tuple[str, ...]:
        """The values of attributes that are called groups or roles."""
        found = (v for name, values in self.attributes.items() if _GROUPS.search(name) for v in values)
        return tuple(dict.fromkeys(found))


@dataclass(slots=True)
class _Node:
    name: str
    attributes: dict[str, str]
    children: list[_Node] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def all(self, name: str) -> Iterator[_Node]:
        """Every element of this name below, itself included."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node.name == name:
                yield node
            waiting.extend(reversed(node.children))

    def first(self, name: str) -> _Node | None:
        return next(self.all(name), None)

    def child(self, name: str) -> _Node | None:
        return next((c for c in self.children if c.name == name), None)

    def words(self) -> str:
        return "".join(self.text).strip()


class _Unsafe(Exception):
    """A document type or an entity: SAML has none, and attacks do."""


def read(text: str) -> Saml | None:
    """What a pasted SAML message says: XML, its base64, or its deflated base64 of a redirect; None for anything else,
    and for XML that declares a document type. Never raises."""
    for form, data in _forms(text):
        root = _tree(data)
        if root is not None and root.name in _ROOTS:
            return _saml(root, form)
    return None


def is_like(text: str) -> bool:
    """Whether a text is written as a SAML message, be it well formed or not."""
    start = text.lstrip()[:400]
    return (start.startswith("<") and "saml" in start.lower()) or "SAMLResponse=" in start


def _forms(text: str) -> Iterator[tuple[str, bytes]]:
    if len(text) > _LARGEST:
        return
    bare = text.strip().lstrip("\ufeff")
    if bare.startswith("<"):
        yield "xml", bare.encode("utf-8", "replace")
        return
    named = _PARAMETER.search(bare) if "SAMLResponse=" in bare else None
    held = unquote_plus(named[1]).replace(" ", "+") if named else bare
    if "." in held:
        return
    if "%" in held:
        held = unquote_plus(held).replace(" ", "+")
    held = "".join(held.split())
    if not _BASE64.fullmatch(held):
        return
    try:
        data = base64.b64decode(held.replace("-", "+").replace("_", "/") + "=" * (-len(held) % 4))
    except (binascii.Error, ValueError):
        return
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        yield "base64", data
        return
    try:
        plain = zlib.decompressobj(-15).decompress(data, _LARGEST)
    except zlib.error:
        return
    if plain.lstrip().startswith(b"<"):
        yield "deflate", plain


def _tree(data: bytes) -> _Node | None:
    """The elements, each by its local name; None for what is no well-formed XML, or no safe one."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    top = _Node("", {})
    open_nodes = [top]
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(open_nodes) > _DEEPEST or count > _MOST * 4:
            raise _Unsafe
        space, _, local = name.rpartition(" ")
        known = not space or space.startswith(_NAMESPACES) or len(open_nodes) != 1
        node = _Node(local if known else "", attributes)
        open_nodes[-1].children.append(node)
        open_nodes.append(node)

    def end(_: str) -> None:
        open_nodes.pop()

    def said(words: str) -> None:
        open_nodes[-1].text.append(words)

    def refuse(*_: object) -> None:
        raise _Unsafe

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, said
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, _Unsafe, ValueError, LookupError):
        return None
    return top.children[0] if top.children else None


def _saml(root: _Node, form: str) -> Saml:
    assertion = root if root.name == "Assertion" else root.first("Assertion")
    whole = assertion or root
    conditions, subject = whole.first("Conditions"), whole.first("Subject")
    named = subject.first("NameID") or subject.first("NameIdentifier") if subject else None
    issuer = whole.child("Issuer") or root.child("Issuer")
    bounds = conditions.attributes if conditions else {}
    said = root.first("StatusCode") if root.name == "Response" else None
    return Saml(
        kind="response" if root.name == "Response" else "assertion",
        issuer=issuer.words() if issuer else whole.attributes.get("Issuer", ""),
        audience=tuple(dict.fromkeys(a.words() for a in whole.all("Audience") if a.words())),
        subject=named is not None and bool(named.words()),
        subject_format=named.attributes.get("Format", "").rpartition(":")[2] if named else "",
        issued=_time(whole.attributes.get("IssueInstant", "")),
        not_before=_time(bounds.get("NotBefore", "")),
        not_on_or_after=_time(bounds.get("NotOnOrAfter", "")) or _confirmed(subject),
        destination=root.attributes.get("Destination", ""),
        status=said.attributes.get("Value", "").rpartition(":")[2] if said else "",
        attributes=_attributes(whole),
        encrypted=sum(1 for _ in root.all("EncryptedAssertion")),
        signed=root.first("Signature") is not None,
        form=form,
    )


def _confirmed(subject: _Node | None) -> float | None:
    data = subject.first("SubjectConfirmationData") if subject else None
    return _time(data.attributes.get("NotOnOrAfter", "")) if data else None


def _attributes(whole: _Node) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for node in whole.all("Attribute"):
        name = node.attributes.get("Name") or node.attributes.get("AttributeName") or ""
        values = tuple(v.words() for v in node.children if v.name == "AttributeValue")[:_MOST]
        if name:
            found[name] = (*found.get(name, ()), *values)
    return found


def _time(text: str) -> float | None:
    match = _MOMENT.match(text)
    if match is None:
        return None
    try:
        told = datetime.fromisoformat(match[1] + (match[2] or "Z").replace("Z", "+00:00"))
        return told.astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        return None
