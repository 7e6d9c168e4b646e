"""How a token stands after its issuer was asked about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wizard.errors import AuthwizardError
from wizard.livetest import Evidence
from wizard.urls import check_url, origin

from ..token import scopes_of


@dataclass(frozen=True, slots=True)
class Standing:
    """``signed``: a published key made the signature. ``taken``: another endpoint of the issuer took the token (user
    info, FusionAuth's validate). ``expired`` by its own time. ``forged``: a key of the issuer did not make the
    signature. ``refused``: such an endpoint did not take it. ``evidence`` says each."""

    signed: bool = False
    taken: bool = False
    expired: bool = False
    forged: bool = False
    refused: bool = False
    evidence: tuple[Evidence, ...] = ()

    @property
    def bad(self) -> bool:
        """Whether anything but introspection speaks against it."""
        return self.expired or self.forged or (self.refused and not self.taken)

    def seen(self) -> str:
        """In a word or two."""
        if self.bad:
            return "the token is bad"
        return "the token is good" if self.signed or self.taken else "nobody says how the token stands"


def for_a_resource(claims: Mapping[str, object]) -> str:
    """The address that a token was made for (RFC 8707), where that is none of its issuer's own; else empty."""
    held = claims.get("aud")
    named = [a for a in (held if isinstance(held, list) else [held]) if isinstance(a, str) and a]
    try:
        own = origin(check_url(str(claims.get("iss") or "")))
        away = [a for a in named if origin(check_url(a)) != own]
    except (AuthwizardError, ValueError):
        return ""
    return away[0] if away and len(away) == len(named) else ""


def is_for_user_info(claims: Mapping[str, object]) -> bool:
    """Whether user info owes the token an answer: it was asked for with ``openid``, and for no resource of its own."""
    return "openid" in scopes_of(claims) and not for_a_resource(claims)
