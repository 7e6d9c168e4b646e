"""What a token is for: an access, ID or refresh token, a personal one, a client's secret; by its claims, its header, or
its beginning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wizard import prefixes

ACCESS, ID, REFRESH, LOGOUT, UNKNOWN = "access", "id", "refresh", "logout", "unknown"
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEADER_TYPES: Final = {
    "at+jwt": ACCESS,
    "application/at+jwt": ACCESS,
    "logout+jwt": LOGOUT,
    "dpop+jwt": "proof",
    "oauth-id-jag+jwt": "assertion",
    "secevent+jwt": LOGOUT,
}
_MANY: Final = 200


@dataclass(frozen=True, slots=True)
class Use:
    """``kind`` is one of this module's words, or what a beginning tells (``a bot token, of Slack``); ``by`` is how that
    is known, empty where it is not."""

    kind: str = UNKNOWN
    by: str = ""

    def as_json(self) -> dict[str, str | None]:
        """For the answer of ``token``."""
        return {"kind": self.kind, "by": self.by or None}

    def seen(self) -> str:
        """In words."""
        name = {ACCESS: "an access token", ID: "an ID token", REFRESH: "a refresh token"}.get(
            self.kind, self.kind
        )
        return f"{name} ({self.by})" if self.by else "not told"


def of_claims(header: Mapping[str, object], claims: Mapping[str, object]) -> Use:
    """By what the token says of itself, then by the claims that only one kind has."""
    typed = str(header.get("typ") or "").lower()
    if typed in _HEADER_TYPES:
        return Use(_HEADER_TYPES[typed], f"its header says typ {typed}")
    use, typ = str(claims.get("token_use") or "").lower(), str(claims.get("typ") or "")
    if use in (ACCESS, ID):
        return Use(use, f"token_use {use}")
    named = {
        "bearer": ACCESS,
        "dpop": ACCESS,
        "id": ID,
        "refresh": REFRESH,
        "offline": REFRESH,
        "logout": LOGOUT,
    }
    if typ.lower() in named:
        return Use(named[typ.lower()], f"typ {typ}")
    for claim in ("at_hash", "c_hash", "s_hash", "nonce"):
        if claim in claims:
            return Use(ID, f"it has {claim}")
    if "events" in claims:
        return Use(LOGOUT, "it has events")
    for claim in ("scope", "scp", "scopes", "permissions"):
        if claim in claims:
            return Use(ACCESS, f"it has {claim}")
    held, client = claims.get("aud"), claims.get("azp") or claims.get("client_id")
    if client is not None and held in (client, [client]):
        return Use(ID, "its audience is its own client, and it has no scope")
    return Use(ACCESS, "it has roles") if "roles" in claims else Use()


def of_text(text: str) -> Use:
    """By its beginning, or its form."""
    if found := prefixes.known(text):
        return Use(f"{found.what}, of {found.whose}", f"it begins with {found.begins}")
    if _GUID.fullmatch(text):
        return Use("an id, or a client's secret in the form of one", "it is a GUID")
    if "~" in text and re.fullmatch(r"[A-Za-z0-9_~.-]{34,44}", text) and text[3:5] == "8Q":
        return Use("a client secret of Entra", "its form")
    return Use()


def notes(claims: Mapping[str, object], groups: tuple[str, ...]) -> Iterator[str]:
    """What is to be known of the groups: left out, too many, ids in place of names, paths."""
    named = claims.get("_claim_names")
    if claims.get("hasgroups") is True or (isinstance(named, Mapping) and "groups" in named):
        yield (
            "The groups were left out: the account has too many for a token (Entra: more than 200). A server has to ask"
            " Microsoft Graph for them, or the admin limits them to those of the application."
        )
    if isinstance(named, Mapping) and (rest := sorted(str(n)[:40] for n in named if n != "groups")[:5]):
        yield f"Not in the token, but to be asked for elsewhere (_claim_names): {', '.join(rest)}."
    few = groups[:_MANY]
    if few and sum(bool(_GUID.fullmatch(g)) for g in few) * 2 > len(few):
        yield "The groups are ids, not names: a rule that names groups does not match them (Entra: object ids)."
    if any(g.startswith("/") for g in few):
        yield "The groups are paths, with a slash before them (Keycloak: Full group path): rules compare letters."
    if len(groups) > _MANY:
        yield f"It names {len(groups):,} groups: many servers refuse a header as long as this token."
