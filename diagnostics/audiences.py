"""How a token's audience differs from the one that its server takes: one answer, of which each cause is a kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .facts import Clock, JwtView
from .facts.audience import METADATA, SCOPES, Audiences
from .facts.wire import Differential
from .words import number

COGNITO: Final = "audience-cognito-absent"
PREFIX: Final = "audience-entra-api-prefix"
KEYCLOAK: Final = "audience-keycloak-account-or-missing"
ELSEWHERE: Final = "token-for-another-resource"
OTHER: Final = "audience-not-bound-to-resource"

_COGNITO: Final = re.compile(r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/", re.IGNORECASE)
_ENTRA: Final = re.compile(
    r"https://(?:sts\.windows\.net|login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn"
    r"|[^/]+\.(?:ciamlogin|b2clogin)\.com)/",
    re.IGNORECASE,
)
_OWN_OF_KEYCLOAK: Final = frozenset(
    {"account", "account-console", "realm-management", "broker", "security-admin-console", "master-realm"}
)
# https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in
KNOWN_RESOURCES: Final = {
    "00000003-0000-0000-c000-000000000000": "Microsoft Graph",
    "https://graph.microsoft.com": "Microsoft Graph",
    "https://graph.microsoft.us": "Microsoft Graph",
    "https://microsoftgraph.chinacloudapi.cn": "Microsoft Graph",
    "00000002-0000-0000-c000-000000000000": "Azure AD Graph",
    "https://graph.windows.net": "Azure AD Graph",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013": "Azure Resource Manager",
    "https://management.azure.com": "Azure Resource Manager",
    "https://management.core.windows.net": "Azure Resource Manager",
    "https://vault.azure.net": "Azure Key Vault",
    "https://storage.azure.com": "Azure Storage",
}
_AUTH0_OWN: Final = re.compile(r"https://[^/]+\.auth0\.com/(api/v2|userinfo)/?", re.IGNORECASE)
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """``kind`` is the id of a cause. ``held`` is the token's audience, ``wanted`` what the server takes (empty: nobody
    says), ``who`` says so. ``whose`` is whose known resource the token is for. ``sure`` is False where the token could
    be refused for another reason as well."""

    kind: str
    held: tuple[str, ...]
    wanted: str
    who: str
    whose: str = ""
    sure: bool = True

    @property
    def shown(self) -> str:
        """The token's audience for people."""
        return listed(self.held)


def held(claims: Mapping[str, object]) -> tuple[str, ...]:
    """The token's audience as a list."""
    found = claims.get("aud")
    return tuple(str(a) for a in found if a) if isinstance(found, list) else (str(found),) if found else ()


def listed(audience: tuple[str, ...]) -> str:
    """An audience for people; of a long one the beginning."""
    return ", ".join(f"`{a[:120]}`" for a in audience[:5]) or "absent"


def same(one: str, other: str) -> bool:
    """Whether two audiences are one, a slash at the end left out."""
    return one.rstrip("/") == other.rstrip("/")


def twins(one: str, other: str) -> bool:
    """Whether both name the same Entra application, once by its id, once by its URI (api://)."""
    return one.lower() != other.lower() and _bare(one) == _bare(other) and "api://" in (one + other).lower()


def _bare(audience: str) -> str:
    left = audience.lower().rstrip("/")
    if not left.startswith("api://"):
        return left
    last = left.rpartition("/")[2]
    return last if _GUID.fullmatch(last) else left.removeprefix("api://")


def is_entra(claims: Mapping[str, object]) -> bool:
    """Whether Microsoft Entra made the token."""
    return bool(_ENTRA.match(str(claims.get("iss") or "")))


def mismatch(
    jwt: JwtView, audiences: Audiences, differential: Differential, clock: Clock | None
) -> Mismatch | None:
    """What is wrong with the audience of a token that is refused; None where nothing is, or nobody can tell."""
    real, claims, own = differential.real, jwt.claims, held(jwt.claims)
    if real is None or not real.refused:
        return None
    if real.status == 403 and not real.same_as(differential.false) and not audiences.about:
        # it knows the token, and refuses for another reason
        return None
    decisive = audiences.decisive
    who, wanted = decisive[0] if decisive else ("", "")
    until = number(claims.get("exp"))
    in_time = until is None or clock is None or until > clock.now
    if any(same(a, w) for a in own for _, w in decisive):
        # Entra's application by one of its two names, and the server says that it is the wrong one
        apart = audiences.about and is_entra(claims) and who in (METADATA, SCOPES)
        named = next((a for a in own if _GUID.fullmatch(_bare(a))), "") if apart else ""
        return Mismatch(PREFIX, own, _other_name(named), "", sure=in_time) if named else None
    kind, whose = _kind(claims, own, audiences)
    if decisive:
        near = next(((p, w) for p, w in decisive if any(twins(a, w) for a in own)), None)
        if near is not None:
            return Mismatch(PREFIX, own, near[1], near[0], sure=in_time)
        if kind == ELSEWHERE and _asked_for(own, decisive):
            return None
        return Mismatch(kind, own, wanted, who, whose, in_time)
    if audiences.about:
        if kind == OTHER and is_entra(claims) and any(_GUID.fullmatch(_bare(a)) for a in own):
            return Mismatch(PREFIX, own, _other_name(own[0]), "", sure=False)
        return Mismatch(kind, own, "", "", whose, in_time)
    telling = kind in (ELSEWHERE, COGNITO) or (kind == KEYCLOAK and bool(own))
    looked_at = not real.same_as(differential.none)
    if telling and in_time and looked_at and real.status == 401 and real.same_as(differential.false):
        return Mismatch(kind, own, "", "", whose, sure=False)
    return None


def _kind(claims: Mapping[str, object], own: tuple[str, ...], audiences: Audiences) -> tuple[str, str]:
    iss = str(claims.get("iss") or "")
    if not own and _COGNITO.match(iss) and claims.get("token_use", "access") == "access":
        return COGNITO, ""
    if audiences.provider == "keycloak" and set(own) <= _OWN_OF_KEYCLOAK:
        return KEYCLOAK, ""
    names = [_known(a) for a in own]
    if names and all(names):
        return ELSEWHERE, names[0]
    return OTHER, ""


def _known(audience: str) -> str:
    if known := KNOWN_RESOURCES.get(audience.lower().rstrip("/")):
        return known
    found = _AUTH0_OWN.fullmatch(audience)
    if found:
        return "Auth0's Management API" if found[1].lower() == "api/v2" else "Auth0's user info"
    return ""


def _asked_for(own: tuple[str, ...], decisive: tuple[tuple[str, str], ...]) -> bool:
    """Whether the server wants the very resource that the token is for, by another of its names."""
    return any(_known(w) and _known(w) in map(_known, own) for _, w in decisive)


def _other_name(audience: str) -> str:
    return _bare(audience) if audience.lower().startswith("api://") else f"api://{audience}"
