"""What a refusal's own words say of a token: which check it failed, and what was expected there.

The stable core alone is read (a claim's name, an IDX number, the word `expected`), for each library words it otherwise.
Seen in: jsonwebtoken, jose, PyJWT, go-oidc, golang-jwt, jjwt, Microsoft.IdentityModel, Spring, oauth2-proxy.
"""

from __future__ import annotations

import re
from typing import Final

AUDIENCE, ISSUER, FORM = "audience", "issuer", "form"

_ABOUT: Final = {
    AUDIENCE: re.compile(r"audience|\baud\b|\bIDX102(?:06|08|14)\b", re.IGNORECASE),
    ISSUER: re.compile(r"issuer|\biss\b|issued by a different|\bIDX102(?:04|05|11)\b", re.IGNORECASE),
    FORM: re.compile(
        r"compact (?:jw[st]|serialization)|\bsegments?\b|\bjwt malformed|malformed (?:jwt|jws|token)"
        r"|\bERR_JWS_INVALID\b|\bJWSInvalid\b|\binvalid (?:jws|jwt serialization|jwt format|jwt structure)"
        r"|\bnot an? (?:valid |well-formed |signed )?jw[ts]\b|\bnot in (?:jwt|jws) (?:compact )?(?:format|form)"
        r"|\b(?:three|3) (?:parts|dot|dots|components|base64)|missing dot delimiter|\bIDX1(?:2741|2709|4100|4102)\b"
        r"|\b(?:unable|failed|could not|cannot|can't|error)\b.{0,20}\b(?:decod|pars)\w*.{0,20}\b(?:jw[ts]|token|header)"
        r"|\b(?:decod|pars)\w+ (?:the )?jw[ts]",
        re.IGNORECASE,
    ),
}
_EXPECTED: Final = re.compile(
    r"\b(?:expected|expects|expecting|required|wanted|must be|should be)(?: values?)?"
    r"(?: an?\b)?(?: (?:audiences?|aud|issuers?|iss)\b(?: claim\b)?)?"
    r"(?: to (?:be|contain|equal|include)\b)?(?: one of\b)?\s*[:=]?\s*[\"'`\[(<]*([^\s\"'`,;\[\]()<>]+)",
    re.IGNORECASE,
)
_OF_A_JWT: Final = re.compile(
    r"signature|\bkid\b|\bkey[ _]?id\b|signing key|\bjwks?\b.{0,40}\bkey|matching key|\bIDX10(?:5\d\d)\b|\bclaim\b"
    r"|\balgorithm\b",
    re.IGNORECASE,
)
_ID_TOKEN: Final = re.compile(
    r"token[ _]use.{0,60}\bid\b|\bexpected:? ['\"]?id['\"]?(?:[.,;]|\s*$)"
    r"|(?:expect|requir|want|need|must be|missing|only|send|use|provide|not an?|to be an?|no)\w{0,20}"
    r"(?:[ '\"`]{1,9}\w{1,40}){0,3}?[ '\"`]{1,9}id[ _-]?token",
    re.IGNORECASE,
)
_EMAIL: Final = re.compile(
    r"(?:missing|no|without|lacks?|requires?|required|not contain|absent).{0,30}\be-?mail\b"
    r"|\be-?mail\b.{0,40}(?:missing|required|not found|not present|absent|is empty|undefined)",
    re.IGNORECASE,
)
_VALID: Final = re.compile(
    r"Valid(Issuer|Audience)s?:\s*'([^']+)'|allowed audiences (?:map)?\[([^\]]+?)(?::\{\})?\]", re.IGNORECASE
)
_NO_VALUE: Final = re.compile(
    r"null|undefined|none|got|an?|the|to|one|of|id|access|token|issuer|audience|iss|aud|claim|but|was|is",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)


def about(words: str, what: str) -> bool:
    """Whether a refusal speaks of this (`AUDIENCE`, `ISSUER`, `FORM`)."""
    return bool(_ABOUT[what].search(words))


def of_a_jwt(words: str) -> bool:
    """Whether it speaks of what only a JWT has: who says so has looked into one."""
    return bool(_OF_A_JWT.search(words)) or about(words, AUDIENCE) or about(words, ISSUER)


def wants_id_token(words: str) -> bool:
    """Whether a refusal says that it wants an ID token."""
    return bool(_ID_TOKEN.search(words))


def wants_email(words: str) -> bool:
    """Whether a refusal says that it misses who the person is, which an ID token says and most access tokens do not."""
    return bool(_EMAIL.search(words))


def expected_issuers(words: str) -> tuple[str, ...]:
    """The issuers that a refusal says it wants."""
    return tuple(v for kind, v in _values(words) if kind != AUDIENCE and _ADDRESS.match(v))


def expected_audiences(words: str) -> tuple[str, ...]:
    """The audiences that a refusal says it wants."""
    return tuple(v for kind, v in _values(words) if kind == AUDIENCE)


def _values(words: str) -> list[tuple[str, str]]:
    """What is expected, each with the claim that it is expected of: the one spoken of last before the value."""
    found: list[tuple[str, str]] = []
    for match in _VALID.finditer(words):
        kind = ISSUER if (match[1] or "").lower() == ISSUER else AUDIENCE
        found += [(kind, v.strip()) for v in re.split(r"[,\s]+", match[2] or match[3]) if _is_value(v)]
    for match in _EXPECTED.finditer(words):
        value = match[1].rstrip(".:")
        if _is_value(value):
            found.append((_spoken_of(words[: match.start(1)]), value))
    return list(dict.fromkeys(found))


def _is_value(text: str) -> bool:
    return len(text) > 1 and not _NO_VALUE.fullmatch(text.strip(".:'"))


def _spoken_of(before: str) -> str:
    last = {k: max((m.start() for m in _ABOUT[k].finditer(before)), default=-1) for k in (AUDIENCE, ISSUER)}
    if max(last.values()) < 0:
        return ""
    return AUDIENCE if last[AUDIENCE] > last[ISSUER] else ISSUER
