"""Permissions read out of a token's claims and out of a refusal's words: pure, for probes and reports.

How servers word what they miss is as various as they are; what is stable is the kind (group, role, scope) beside a
name in quotes or brackets, or a JSON key such as ``required_groups``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from .facts.permission import GROUP, ROLE, SCOPE, SERVER, Demand, Held

_DEEP: Final = 4
_LOOKED_AT: Final = 300
_SHORTEST: Final = 4
_MOST: Final = 20
_SCOPES: Final = frozenset({"scope", "scp", "scopes", "permissions"})
_GROUPS: Final = frozenset({"groups", "group", "memberof", "wids", "bare-groups", "teams"})
_ROLES: Final = frozenset({"roles", "role", "authorities"})
_ABOUT: Final = frozenset(
    re.split(
        r"\s",
        "iss sub aud exp nbf iat jti azp client_id typ ver tid oid sid nonce at_hash auth_time acr amr alg kid",
    )
)
_KIND: Final = r"groups?|roles?|scopes?|permissions?|authorit(?:y|ies)"
_NEEDS: Final = (
    r"(?:requires?|required|needs?|needed|missing|lacks?|lacking|without|must\s+have|must\s+be\s+in|not\s+in"
    r"|members?\s+of|no)"
)
_NAME: Final = r"[A-Za-z0-9_/][\w./:@-]*"
_SPACED: Final = r"[A-Za-z0-9_/][\w ./:@-]{0,60}"
_QUOTED: Final = r"['\"`\u2018\u2019\u201c\u201d]"
_STOP: Final = frozenset(
    re.split(
        r"\s",
        "a access all allowed an and any are assigned at based be been by check claim claims configured"
        " contain contains denied does error for found from group groups has have id in insufficient invalid"
        " is it list mapping matching membership missing must name names necessary needed no none not null of"
        " on one or permission permissions policy present provided required requirement requirements role"
        " roles scope scopes specified than the these this to token user value values was were which with you"
        " your",
    )
)


def walk(claims: Mapping[str, object]) -> Iterator[Held]:
    """Every text in the claims that may be a permission; what a token says of itself is left out."""
    for name, value in claims.items():
        if name.lower() not in _ABOUT and not name.startswith("_claim"):
            yield from _walk(name, value, _DEEP)


def _walk(path: str, value: object, deep: int) -> Iterator[Held]:
    kind = kind_of(path)
    if isinstance(value, str):
        parts = re.split(r"[,\s]+", value) if kind == SCOPE else [value]
        yield from (Held(kind, p, path) for p in parts if p)
    elif isinstance(value, list | tuple):
        for one in value:
            if isinstance(one, str | int) and not isinstance(one, bool):
                yield Held(kind, str(one), path)
    elif isinstance(value, Mapping) and deep:
        for name, inner in value.items():
            yield from _walk(f"{path}.{name}", inner, deep - 1)


def kind_of(claim: str) -> str:
    """What a claim is known for, by the last part of its name."""
    last = re.split(r"[./:]", claim.rstrip("/"))[-1].lower().replace("_", "-")
    if last in _SCOPES:
        return SCOPE
    return GROUP if last in _GROUPS else ROLE if last in _ROLES else ""


def shapes(claims: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """How each claim of scopes is written, and its text."""
    for name, value in claims.items():
        if kind_of(name) != SCOPE:
            continue
        if isinstance(value, str) and value.strip():
            many = "commas" if "," in value else "spaces" if len(value.split()) > 1 else "one"
            yield name, many, value
        elif isinstance(value, list) and value:
            yield name, "list", " ".join(str(v) for v in value)


def overage(claims: Mapping[str, object]) -> str:
    """The mark by which Entra says that the groups are too many to be in the token; empty where there is none."""
    if str(claims.get("hasgroups")).lower() == "true":
        return "hasgroups is true"
    named = claims.get("_claim_names")
    if isinstance(named, Mapping) and "groups" in named:
        return "_claim_names has groups"
    told = claims.get("groups:src1") or next(
        (v for n, v in claims.items() if n.startswith("groups:src")), None
    )
    return "it has groups:src1 in place of groups" if told else ""


def program(claims: Mapping[str, object]) -> str:
    """What shows that the token is a program's own, with no person behind it; empty where nothing does."""
    grant = str(claims.get("gty") or claims.get("grant_type") or "").replace("-", "_")
    if "client_credentials" in grant:
        return f"gty is {claims.get('gty') or claims.get('grant_type')}"
    if claims.get("idtyp") == "app":
        return "idtyp is app"
    name = str(claims.get("preferred_username") or "")
    if name.startswith("service-account-"):
        return f"preferred_username is {name}"
    sub = str(claims.get("sub") or "")
    mine = [str(claims.get(n) or "") for n in ("azp", "client_id", "appid", "cid")]
    if sub and (sub in mine or sub.endswith("@clients")):
        return f"sub is the client itself ({sub})"
    return ""


def demanded(words: str, body: str) -> tuple[Demand, ...]:
    """What a refusal asks for by name: in its JSON, else in its words."""
    found = list(_by_keys(_object(body)))
    found += _by_words(words)
    return tuple(dict.fromkeys(found))[:_MOST]


def echoed(held: Iterable[Held], words: str) -> tuple[Demand, ...]:
    """Groups and roles of the token that a refusal names in another spelling: other capitals, hyphens or spaces."""
    found = []
    for one in list(held)[:_LOOKED_AT]:
        parts = [re.escape(p) for p in re.split(r"[-_\s]+", one.value.strip("/")) if p]
        if one.kind not in (GROUP, ROLE) or len("".join(parts)) < _SHORTEST:
            continue
        met = re.search(rf"(?<![\w/-]){'[-_ ]?'.join(parts)}(?![\w/-])", words, re.I)
        if met and met[0] != one.value.strip("/"):
            found.append(Demand(one.kind, met[0], SERVER))
    return tuple(dict.fromkeys(found))


def claims_named(words: str) -> tuple[str, ...]:
    """What a refusal calls a claim."""
    one = rf"\bclaims?\s*[:=]?\s*{_QUOTED}({_NAME}){_QUOTED}"
    other = rf"{_QUOTED}({_NAME}){_QUOTED}\s+claim\b"
    known = (
        r"(scp|scopes?|groups|roles|permissions|cognito:groups|email|upn|preferred_username|email_verified)"
    )
    bare, back = rf"\b{known}\s+claim\b", rf"\bclaim\s+{known}\b"
    hits = [m for p in (one, other, bare, back) for m in re.findall(p, words, re.I)]
    return tuple(dict.fromkeys(hits))


def _object(body: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _by_keys(found: object, deep: int = _DEEP) -> Iterator[Demand]:
    """``required_groups: [...]``, ``missingRole: ...`` and their like, at any depth."""
    if not isinstance(found, Mapping) or not deep:
        return
    for key, value in found.items():
        plain = re.sub(r"[^a-z]", "", str(key).lower())
        kind = _kind(plain)
        asks = re.search(r"require|missing|need|allow|expect|accept", plain)
        if kind and asks and isinstance(value, str | list):
            names = [v for v in value if isinstance(v, str)] if isinstance(value, list) else _split(value)
            any_one = len(names) > 1 and bool(re.search(r"allow|accept|any", plain))
            yield from (Demand(kind, n, SERVER, any_one) for n in names if n)
        else:
            yield from _by_keys(value, deep - 1)


def _kind(word: str) -> str:
    plain = word.lower()
    if "group" in plain:
        return GROUP
    if "role" in plain or "authorit" in plain:
        return ROLE
    return SCOPE if "scope" in plain or "permission" in plain else ""


def _split(text: str) -> list[str]:
    return [
        t.strip(" '\"`[](){}")
        for t in re.split(r"[,;|]|\s+(?:or|and)\s+|\s+", text)
        if t.strip(" '\"`[](){}")
    ]


_LISTED: Final = re.compile(rf"\b({_KIND})\b[^'\"`\[\]]{{0,48}}?[\[(]\s*([^\])]{{1,300}})[\])]", re.I)
_AFTER: Final = re.compile(rf"\b({_KIND})\b(?:\s+\w+){{0,4}}\s*[:=]?\s*{_QUOTED}({_SPACED}){_QUOTED}", re.I)
_BEFORE: Final = re.compile(rf"{_QUOTED}({_SPACED}){_QUOTED}\s+({_KIND})\b", re.I)
_BARE: Final = re.compile(
    rf"\b{_NEEDS}\s+(?:(?:the|a|an|any|one|following|of|required|user|app|realm|client|in)\s+){{0,4}}({_KIND})\s*[:=]?\s+({_NAME})",
    re.I,
)
_MEMBER: Final = re.compile(rf"\bmembers?\s+of\s+{_QUOTED}({_SPACED}){_QUOTED}", re.I)
_NAMED_FIRST: Final = re.compile(
    rf"\b({_KIND})\s+({_NAME})\s+(?:is\s+|was\s+)?(?:required|missing|needed|not\s+found)", re.I
)
_COLON: Final = re.compile(rf"\b{_NEEDS}\s+({_KIND})(?:\(s\))?\s*[:=]\s*({_NAME}(?:\s*,\s*{_NAME})*)", re.I)


def _by_words(words: str) -> Iterator[Demand]:
    any_one = bool(re.search(r"\b(?:any|one|some|either)\s+(?:one\s+)?of\b", words, re.I))
    for pattern in (_AFTER, _NAMED_FIRST, _BARE):
        for kind, name in pattern.findall(words):
            yield from _one(kind, name, any_one)
    for name in _MEMBER.findall(words):
        yield from _one("group", name, any_one)
    for name, kind in _BEFORE.findall(words):
        yield from _one(kind, name, any_one)
    for pattern in (_LISTED, _COLON):
        for kind, names in pattern.findall(words):
            for name in _split(names):
                yield from _one(kind, name, any_one)


def _one(kind: str, name: str, any_one: bool) -> Iterator[Demand]:
    plain = name.strip(".,:;")
    if (
        plain
        and plain.lower() not in _STOP
        and re.fullmatch(_NAME if _kind(kind) == SCOPE else _SPACED, plain)
    ):
        yield Demand(_kind(kind), plain, SERVER, any_one)
