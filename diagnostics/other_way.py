"""How a server wants its credential, where that is another way than the one in which it was sent: by its own refusal.
Pure. A refusal counts only where the credential changes nothing about it: then nobody has looked at it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .facts.wire import Answer, Differential

AUTHORIZATION: Final = "Authorization"
_NAME: Final = re.compile(
    r"\b(x-(?:[a-z0-9]+[-_])*(?:key|token|auth|authorization|apikey|secret)|(?:api|access|auth)[-_]?(?:key|token)"
    r"|authorization)(?=['\"`]?(?: (?:http |request )?header|:)|\b)",
    re.I,
)
_OF_HEADER: Final = re.compile(r"\bheaders?\b", re.I)
_NONE_CAME: Final = re.compile(
    r"\b(?:missing|absent|without|required?|requires|expected|provide|supply|include|not (?:\w+ )?(?:provided|supplied"
    r"|present|given|set|sent|received|found))\b|\bno\b",
    re.I,
)
_KEY: Final = re.compile(r"\bapi[ _-]?key\b", re.I)
_AS_BEARER: Final = re.compile(r"\bbearer\b|\bauthorization\b", re.I)
_FORGERY: Final = re.compile(r"csrf|xsrf", re.I)
_OF_OTHERS: Final = frozenset({"oauth", "dpop", "mutual"})
"""Schemes that are named for a bearer token too (older servers say OAuth), or have a cause of their own."""
_WORDS: Final = frozenset({"basic", "digest", "negotiate", "ntlm", "bearer"})
"""Schemes of the standards: a token is not sent by them as it stands."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """``header`` is the one that the server reads (empty: it names none), ``scheme`` what it wants before the
    credential (empty: nothing, or nobody says). ``says`` are its own words."""

    header: str
    scheme: str
    says: str

    def told(self) -> str:
        """What it asks for, in words."""
        if self.header:
            return f"the header {self.header}{f': {self.scheme}' if self.scheme else ''}"
        return "an API key"


def unseen(differential: Differential) -> bool:
    """Whether none, a false one and the real one are refused alike."""
    real, none = differential.real, differential.none
    return real is not None and real.refused and _same(real, none) and _same(real, differential.false)


def wanted(header: str, scheme: str, differential: Differential) -> Wanted | None:
    """The other way; None where the refusal names none, or the one that was taken. ``header`` and ``scheme`` are those
    by which the credential was sent."""
    real = differential.real
    if real is None or not unseen(differential):
        return None
    text = real.told()
    own = header.lower().replace("_", "-")
    names = [n for n in _names(text) if n.lower().replace("_", "-") != own]
    if names and not any(n.lower().replace("_", "-") == own for n in _names(text)):
        return Wanted(names[0], "", text[:120])
    asked = [c.scheme for c in real.challenges if not c.get("resource_metadata")]
    schemes = {s.lower() for s in asked}
    if asked and own == "authorization" and scheme and not schemes & {scheme.lower(), *_OF_OTHERS}:
        return Wanted(AUTHORIZATION, asked[0], f"WWW-Authenticate: {asked[0]}")
    plain = text.replace("_", " ")
    if own == "authorization" and not asked and _KEY.search(plain) and _NONE_CAME.search(plain):
        return None if _AS_BEARER.search(text) else Wanted("", "", text[:120])
    return None


def header_asked_for(answer: Answer) -> str:
    """The header, other than Authorization, that a refusal of who gave no credential says it lacks; else empty."""
    names = _names(answer.told())
    return "" if _AS_BEARER.search(answer.told()) else next(iter(names), "")


def ways(header: str, scheme: str, differential: Differential) -> Iterator[tuple[str, str]]:
    """Each way in which the same credential may be sent instead, as header and scheme: the one that is asked for; the
    usual ones where nothing looked at it and nothing is asked for."""
    asks = wanted(header, scheme, differential)
    if asks is not None and asks.header.lower() not in ("", "authorization"):
        yield asks.header, ""
        yield asks.header, "Bearer"
    elif asks is not None and asks.header:
        if asks.scheme.lower() not in _WORDS:
            yield AUTHORIZATION, asks.scheme
    elif unseen(differential) and not differential.judged.challenges and header.lower() == "authorization":
        yield "X-API-Key", ""
        yield AUTHORIZATION, ""
        yield "X-Authorization", scheme or "Bearer"


def _names(text: str) -> list[str]:
    """The headers for a credential that a refusal says it lacks: by an ``X-``, or with the word beside the name."""
    if not _NONE_CAME.search(text):
        return []
    said = bool(_OF_HEADER.search(text))
    found = [m[1] for m in _NAME.finditer(text)]
    return [
        n for n in found if not _FORGERY.search(n) and (n.lower().startswith("x-") or (said and "-" in n))
    ]


def _same(one: Answer, other: Answer) -> bool:
    return one.same_as(other) and one.page == other.page
