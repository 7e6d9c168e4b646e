"""A token decoded and explained: what kind, for whom, from whom, until when, and what it may do."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from wizard import paste, saml
from wizard.jwt import Peek, peek, sealed
from wizard.lengths import ago, span
from wizard.livetest import LIKELY, PROVEN, Evidence, Finding
from wizard.oauth.inspection import Introspection, UserInfoAnswer, Validation
from wizard.oauth.signatures import UNCHECKED, Signature, check
from wizard.secret import Secret

from .claim_words import told
from .time_claims import seconds, unusable
from .token_faults import TOO_LONG, cause_of, of_text_fault
from .token_use import Use, notes, of_claims, of_text
from .words import iso, moment

SCOPE_CLAIMS: Final = ("scope", "scp", "scopes", "permissions", "scopes_granted")
GROUP_CLAIMS: Final = ("groups", "roles", "wids", "cognito:groups")
_MORE_GROUP_CLAIMS: Final = (
    "group",
    "role",
    "cognito:roles",
    "entitlements",
    "authorities",
    "memberOf",
    "memberof",
)
_SOON: Final = 300.0
_SKEW: Final = 60.0
_OF_THE_APPLICATION: Final = ("https://sts.windows.net/", "https://login.microsoftonline.")


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds since 1970, None where the token does not say; ``left`` until it expires (negative: since)."""

    issued: float | None = None
    not_before: float | None = None
    expires: float | None = None
    left: float | None = None

    def as_json(self) -> dict[str, object]:
        """The contract's times, in UTC."""
        return {
            "issued": iso(self.issued),
            "not_before": iso(self.not_before),
            "expires": iso(self.expires),
            "seconds_left": None if self.left is None else round(self.left),
        }


@dataclass(frozen=True, slots=True)
class TokenReport:
    """``kind`` is ``jwt``, ``jwe``, ``saml``, ``opaque`` or ``empty``, ``use`` what it is for, ``notes`` what else is
    to be known of it; ``now`` is when that was judged. ``signature`` ``valid``, ``invalid`` or ``unchecked``,
    ``checked`` how that was found. What the issuer said is None where it was not asked; ``not_examined`` is what was
    wished for and could not be asked, and why."""

    kind: str
    header: Mapping[str, object] = field(default_factory=dict)
    claims: Mapping[str, object] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    issuer: str | None = None
    audience: tuple[str, ...] = ()
    times: Times = field(default_factory=Times)
    signature: str = UNCHECKED
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    hint: str = ""
    checked: Signature | None = None
    introspection: Introspection | None = None
    user_info: UserInfoAnswer | None = None
    validation: Validation | None = None
    not_examined: tuple[tuple[str, str], ...] = ()
    use: Use = field(default_factory=Use)
    notes: tuple[str, ...] = ()
    now: float = 0.0

    def as_json(self) -> dict[str, object]:
        """The contract's ``token`` answer. The claims are shown, the token is not."""
        return {
            "schema": 1,
            "kind": self.kind,
            "header": _plain(self.header),
            "claims": _plain(self.claims),
            "scopes": list(self.scopes),
            "groups": list(self.groups),
            "issuer": self.issuer,
            "audience": list(self.audience),
            "times": self.times.as_json(),
            "signature": self.signature,
            "findings": [f.as_json() for f in self.findings],
            "warnings": [w.as_json() for w in self.warnings],
            "use": self.use.as_json(),
            "notes": list(self.notes),
            "explained": [
                {"claim": t.name, "value": t.value, "means": t.means or None}
                for t in told(self.claims, self.now)
            ],
            **self._said(),
        }

    def _said(self) -> dict[str, object]:
        """What was asked beyond the token itself; nothing where nothing was."""
        asked, told = self.introspection, self.not_examined
        if not (self.checked or asked or self.user_info or told):
            return {}
        return {
            "checked": self.checked.seen() if self.checked else None,
            "introspection": {
                "url": asked.url,
                "status": asked.status,
                "active": asked.active,
                "client_id": asked.client_id or None,
                "error": asked.error or None,
                "claims": dict(asked.claims),
            }
            if asked
            else None,
            "user_info": _asked(self.user_info, self.user_info.error) if self.user_info else None,
            "validation": _asked(self.validation, "") if self.validation else None,
            "not_examined": [{"what": what, "needs": why} for what, why in told],
        }


def _asked(answer: UserInfoAnswer | Validation, error: str) -> dict[str, object]:
    return {
        "url": answer.url,
        "status": answer.status,
        "error": error or None,
        "claims": dict(answer.claims),
    }


def explain(
    secret: Secret, *, now: float | None = None, jwks: Mapping[str, object] | None = None
) -> TokenReport:
    """Decode a token and say what it is; its signature is checked where the issuer's keys are given.

    ``now`` is in seconds since 1970; ``jwks`` a JWK set (RFC 7517). Never raises.
    """
    text = secret.reveal()
    now = time.time() if now is None else now
    message = saml.read(text)
    if message is not None:
        from .token_saml import report

        return report(message, now)
    if saml.is_like(text):
        return _no_saml(now)
    issues = paste.look(text, None, now=now)
    wrong = tuple(of_text_fault(i, PROVEN) for i in issues if i.severity == paste.WRONG and i.id != "empty")
    doubts = tuple(of_text_fault(i, LIKELY) for i in issues if i.severity != paste.WRONG)
    mended = next((i.mended for i in issues if i.mended), None)
    clean = mended.reveal() if mended else text
    if not clean.strip():
        empty = Finding(
            cause_of("empty"),
            PROVEN,
            "token-format",
            "you",
            "There is nothing in it.",
            fix=("Give a token.",),
        )
        return TokenReport("empty", findings=(empty,))
    found = peek(clean)
    if found is None:
        return _unread(
            clean, TokenReport("opaque", findings=wrong, warnings=doubts, hint=secret.hint(), now=now)
        )
    claims = found.claims
    times = _times(claims, now)
    checked = check(clean, jwks) if jwks else None
    wrong_form = wrong
    wrong = (
        *(f for f in wrong if f.cause not in (*_TIME_CAUSES, TOO_LONG)),
        *_no_times(claims),
        *wrong_times(times, now),
        *_forged(checked, found),
    )
    groups = groups_of(claims)
    doubts = (*doubts, *(f for f in wrong_form if f.cause == TOO_LONG))
    return TokenReport(
        kind="jwt",
        header=found.header,
        claims=claims,
        scopes=scopes_of(claims),
        groups=groups,
        use=of_claims(found.header, claims),
        notes=tuple(notes(claims, groups)),
        now=now,
        issuer=found.text("iss") or None,
        audience=_texts(claims.get("aud")),
        times=times,
        signature=checked.state if checked else UNCHECKED,
        checked=checked,
        findings=wrong,
        warnings=(*doubts, *_doubtful(found.header, claims, times)),
        hint=secret.hint(),
    )


def _unread(text: str, report: TokenReport) -> TokenReport:
    """A token whose claims cannot be read: encrypted for its recipient, or a mere random text."""
    header = sealed(text)
    if header is None:
        return replace(report, use=of_text(text))
    return replace(
        report,
        kind="jwe",
        header=header,
        use=Use("an encrypted token", "it has five parts, and its header says how they are encrypted"),
        notes=(
            "It is encrypted: only its recipient, who holds the key, can read for whom and until when it is.",
        ),
    )


def _no_saml(now: float) -> TokenReport:
    broken = Finding(
        "token-truncated-or-placeholder",
        PROVEN,
        "token-format",
        "you",
        "It is written like a SAML message, and cannot be read as one.",
        (
            Evidence(
                "token", "no well-formed XML of SAML, or one with a document type, which no SAML message has"
            ),
        ),
        ("Copy the whole message again: the XML, or the value of SAMLResponse as it was sent.",),
        (),
        ("OASIS SAML 2.0 bindings",),
    )
    return TokenReport("saml", findings=(broken,), now=now)


def cleaned(secret: Secret) -> Secret:
    """The token without what came along when it was copied."""
    issues = paste.look(secret.reveal(), None, now=time.time())
    return next((i.mended for i in issues if i.mended), None) or secret


def with_claims(report: TokenReport, claims: Mapping[str, object], now: float) -> TokenReport:
    """An opaque token with what its issuer says of it."""
    issuer = claims.get("iss")
    return replace(
        report,
        scopes=scopes_of(claims),
        groups=groups_of(claims),
        issuer=issuer if isinstance(issuer, str) and issuer else report.issuer,
        audience=_texts(claims.get("aud")),
        times=_times(claims, now),
    )


def scopes_of(claims: Mapping[str, object]) -> tuple[str, ...]:
    """Scopes wherever a provider puts them: a text with spaces, or a list."""
    found: list[str] = []
    for claim in SCOPE_CLAIMS:
        value = claims.get(claim)
        found += value.replace(",", " ").split() if isinstance(value, str) else _texts(value)
    if not found and str(claims.get("iss") or "").startswith(_OF_THE_APPLICATION):
        # what an application may do by itself stands in its roles (Entra's application permissions)
        found += _texts(claims.get("roles"))
    return tuple(dict.fromkeys(found))


def direct_groups(claims: Mapping[str, object]) -> tuple[str, ...]:
    """What stands in the claims that are made for groups, roles of realms and clients left out."""
    return tuple(dict.fromkeys(g for claim in GROUP_CLAIMS for g in _texts(claims.get(claim))))


def groups_of(claims: Mapping[str, object]) -> tuple[str, ...]:
    """Groups and roles wherever a provider puts them: Entra's, Cognito's, Keycloak's, or a claim named by a URL."""
    found = [g for claim in (*GROUP_CLAIMS, *_MORE_GROUP_CLAIMS) for g in _texts(claims.get(claim))]
    realm = claims.get("realm_access")
    if isinstance(realm, Mapping):
        found += _texts(realm.get("roles"))
    clients = claims.get("resource_access")
    if isinstance(clients, Mapping):
        for client, held in clients.items():
            roles = _texts(held.get("roles")) if isinstance(held, Mapping) else ()
            found += [f"{client}:{role}" for role in roles]
    for name, value in claims.items():
        if "://" in name and name.rstrip("/").rpartition("/")[2].lower() in ("groups", "roles"):
            found += _texts(value)
    return tuple(dict.fromkeys(found))


def _times(claims: Mapping[str, object], now: float) -> Times:
    expires = seconds(claims, "exp")
    left = None if expires is None else expires - now
    return Times(seconds(claims, "iat"), seconds(claims, "nbf"), expires, left)


def _no_times(claims: Mapping[str, object]) -> Iterator[Finding]:
    fix = "Whoever makes the token has to write seconds since 1970, as a number (RFC 7519 section 2)."
    for claim, says, sure in unusable(claims):
        title, certainty = f"A time in it is none: {says}.", PROVEN if sure else LIKELY
        yield _finding("time-claim-not-in-seconds", title, f"the claim {claim}", fix, certainty=certainty)


_TIME_CAUSES: Final = frozenset({"access-token-expired", "token-not-yet-valid-iat-nbf-future"})


def wrong_times(times: Times, now: float) -> Iterator[Finding]:
    """What its times say against it now."""
    if times.left is not None and times.left <= 0 and times.expires is not None:
        yield _finding(
            "access-token-expired",
            f"It expired {ago(times.left)}.",
            f"valid until {moment(times.expires)}",
            "Log in again, or make a new token.",
        )
    start = max((t for t in (times.not_before, times.issued) if t is not None), default=None)
    if start is not None and start > now + _SKEW:
        yield _finding(
            "token-not-yet-valid-iat-nbf-future",
            f"It is valid only in {span(start - now)}.",
            f"valid from {moment(start)}",
            "Check this machine's clock, and the issuer's.",
        )


def _forged(checked: Signature | None, found: Peek) -> tuple[Finding, ...]:
    if checked is None:
        return ()
    from .facts import JwtView
    from .issuer_says import judged

    return judged(checked, JwtView(found.header, found.claims))


def _doubtful(header: Mapping[str, object], claims: Mapping[str, object], times: Times) -> Iterator[Finding]:
    if str(header.get("alg")).lower() == "none":
        yield _finding(
            "jwt-alg-none-or-unsigned",
            "It is not signed: anybody could have written it.",
            "alg is none",
            "Get a signed token.",
            certainty=LIKELY,
            layer="signature",
        )
    if claims.get("exp") is None:
        yield _finding(
            "token-without-expiry",
            "It never expires.",
            "no exp claim",
            "Prefer a token with an end, and replace it regularly.",
            certainty=LIKELY,
        )
    elif times.expires is not None and times.left is not None and 0 < times.left < _SOON:
        yield _finding(
            "token-expires-soon",
            f"It expires in {span(times.left)}.",
            f"valid until {moment(times.expires)}",
            "Have the next one ready.",
            certainty=LIKELY,
        )


def _finding(
    cause: str, title: str, fact: str, fix: str, *, certainty: str = PROVEN, layer: str = "token-time"
) -> Finding:
    return Finding(
        cause, certainty, layer, "you", title, (Evidence("token", fact),), (fix,), (), ("RFC 7519",)
    )


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple):
        return ()
    if set(map(type, value)) <= {str}:
        return tuple(value)
    return tuple(str(v) for v in value if isinstance(v, (str, int)))


def _plain(value: Mapping[str, object]) -> dict[str, object]:
    return dict(value)
