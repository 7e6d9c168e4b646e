"""A token's report as lines for a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Final

from wizard import ways_out
from wizard.lengths import ago, span
from wizard.livetest import Finding

from .answers import clean
from .claim_words import told
from .token import Times, TokenReport
from .words import moment

_MOST: Final = 30
_GROUPS: Final = 8
_ALL: Final = 1_000_000
_TIMES: Final = frozenset({"exp", "iat", "nbf", "auth_time"})
OWNERS: Final = {
    "you": "you can fix it",
    "server-admin": "the server's admin must act",
    "idp-admin": "the identity provider's admin must act",
}


def text(report: TokenReport, *, whole: bool = False) -> str:
    """The report as lines; with ``whole`` every group and scope is named."""
    alg = clean(str(report.header.get("alg") or ""))
    head = {"saml": "SAML message"}.get(report.kind, f"{named(report.kind)} token")
    lines = [f"{head}{f' ({alg})' if alg else ''}   {signature(report)}   {report.hint}".rstrip()]
    times = report.times
    rows = [
        ("kind", report.use.seen() if report.use.by else ""),
        ("issuer", clean(report.issuer or "")),
        ("audience", few(report.audience, ", ")),
        ("subject", clean(str(report.claims.get("sub") or ""))),
        ("issued", moment(times.issued) if times.issued is not None else ""),
        ("not before", moment(times.not_before) if times.not_before is not None else ""),
        ("expires", _expiry(times)),
        ("scopes", few(report.scopes, " ", _ALL if whole else _MOST)),
        ("groups", few(report.groups, ", ", _ALL if whole else _GROUPS)),
        ("signature", report.checked.seen() if report.checked else ""),
    ]
    lines += _aligned(rows)
    if report.kind == "opaque" and report.introspection is None:
        lines.append("  Only its issuer knows what it is for and until when it is valid.")
    lines += [f"  {note}" for note in report.notes]
    if report.claims:
        lines += ["", "claims", *_aligned(claim_rows(report))]
    if report.kind == "jwe":
        lines += ["", "header, which is not encrypted", *_aligned(_shown(report.header))]
    for title, said, claims in sections(report):
        lines += ["", f"{title}: {said}", *_aligned(claims)]
    if report.not_examined:
        lines += ["", "not asked", *(f"  {what}: {why}" for what, why in report.not_examined)]
    for mark, found in (("wrong", report.findings), ("doubtful", report.warnings)):
        for f in found:
            lines += ["", f"  {mark}: {f.title} ({f.cause})"]
            lines.append(f"    {f.certainty}, {OWNERS.get(f.owner, f.owner)}")
            lines += [f"    - {fact}" for fact in facts(f)]
            lines += ways_out.lines(f.fix, 4)
    return "\n".join(lines)


def named(kind: str) -> str:
    """The kind as it is written."""
    return kind.upper() if kind in ("jwt", "jwe", "saml") else kind


def signature(report: TokenReport) -> str:
    """What is known of its signature, in two words."""
    unsigned = report.kind == "saml" and report.claims.get("signed") is False
    return "not signed" if unsigned else f"signature {report.signature}"


def facts(finding: Finding) -> Iterator[str]:
    """What shows it, where that says more than its title."""
    return (e.fact for e in finding.evidence if e.fact != finding.title)


def few(values: tuple[str, ...], between: str, most: int = _GROUPS) -> str:
    """The first of them, and how many more there are."""
    shown = between.join(clean(v, 120) for v in values[:most])
    return f"{shown} and {len(values) - most:,} more" if len(values) > most else shown


def claim_rows(report: TokenReport) -> list[tuple[str, str]]:
    """Every claim: its name, its value in words, what it means. Many groups are not named a second time."""
    if report.kind == "saml":
        from .token_saml import rows

        return rows(report.claims)
    groups = frozenset(report.groups)
    found = []
    for t in told(report.claims, report.now or time.time()):
        value = report.claims.get(t.name)
        again = (
            isinstance(value, list | tuple) and len(value) > _GROUPS and groups.issuperset(map(str, value))
        )
        shown = f"{len(value):,} of them, as above" if again and isinstance(value, list | tuple) else t.value
        found.append((t.name, f"{shown}   ({t.means})" if t.means else shown))
    return found


def sections(report: TokenReport) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """What its issuer said: a title, the answer in a few words, the claims as names and values."""
    if (info := report.user_info) is not None:
        yield "user info", info.said, _shown(info.claims)
    if (asked := report.introspection) is not None:
        yield "introspection", asked.said, _shown(asked.claims)
    if (told := report.validation) is not None:
        yield "validate endpoint", told.said, []


def _shown(claims: Mapping[str, object]) -> list[tuple[str, str]]:
    rows = [(clean(name, 40), _value(name, value)) for name, value in list(claims.items())[:_MOST]]
    left = len(claims) - _MOST
    return [*rows, ("...", f"{left} more")] if left > 0 else rows


def _value(name: str, value: object) -> str:
    if name in _TIMES and isinstance(value, (int, float)) and not isinstance(value, bool):
        return moment(float(value)) if abs(value) < 1e12 else str(value)
    if isinstance(value, list):
        return clean(", ".join(_plain(v) for v in value))
    return clean(_plain(value))


def _plain(value: object) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    shown = [(label, value) for label, value in rows if value]
    width = min(30, max([11, *(len(label) + 2 for label, _ in shown)]))
    return [f"  {label:<{width}}{value}" for label, value in shown]


def _expiry(times: Times) -> str:
    if times.expires is None or times.left is None:
        return ""
    words = f"in {span(times.left)}" if times.left > 0 else ago(times.left)
    return f"{words} ({moment(times.expires)})"
