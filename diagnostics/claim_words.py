"""What the claims of tokens mean, as data; each in a few words.

RFC 7519, RFC 9068 and OpenID Connect Core, and what the vendors document of their own ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wizard.lengths import ago, span

from .answers import clean
from .words import moment, number

MEANINGS: Final[Mapping[str, str]] = {
    "iss": "who made it",
    "sub": "whom it is about: the account's id at its issuer",
    "aud": "for whom it is: a server must refuse it if it is not named here",
    "exp": "until when it is valid",
    "nbf": "from when it is valid",
    "iat": "when it was made",
    "jti": "its own id",
    "azp": "the client that it was made for",
    "client_id": "the client that it was made for",
    "appid": "the client that it was made for (Entra, version 1)",
    "cid": "the client that it was made for (Okta)",
    "scope": "what it may be used for",
    "scp": "what it may be used for (Entra, Okta)",
    "scopes": "what it may be used for",
    "permissions": "what it may be used for (Auth0)",
    "roles": "the roles of the account, or of the application itself (Entra)",
    "role": "the roles of the account",
    "groups": "the groups of the account",
    "wids": "the ids of the account's roles in its directory (Entra)",
    "cognito:groups": "the groups of the account (Cognito)",
    "cognito:roles": "the AWS roles of those groups (Cognito)",
    "cognito:username": "the account's name (Cognito)",
    "realm_access": "the roles of the account in its realm (Keycloak)",
    "resource_access": "the roles of the account at each client (Keycloak)",
    "entitlements": "what the account is entitled to",
    "authorities": "the authorities of the account (Spring, UAA)",
    "_claim_names": "claims that were too long to be put in, and where they are (Entra)",
    "_claim_sources": "where those claims are to be asked for",
    "hasgroups": "the account has groups that were too many to be put in (Entra)",
    "typ": "what kind of token it is (Keycloak)",
    "token_use": "what kind of token it is (Cognito): access or id",
    "nonce": "the value by which the client knows its own login again: ID tokens have it",
    "at_hash": "a hash of the access token of the same login: ID tokens have it",
    "c_hash": "a hash of the code of the same login: ID tokens have it",
    "auth_time": "when the person logged in",
    "acr": "how strongly the person was authenticated",
    "amr": "by which means the person was authenticated",
    "sid": "the session at the issuer",
    "session_state": "the session at the issuer",
    "cnf": "the key that the sender must prove to have",
    "act": "who acts in the person's name",
    "may_act": "who may act in the person's name",
    "tid": "the tenant (Entra)",
    "oid": "the account's id in its directory (Entra)",
    "ver": "the version of the token (Entra): 1.0 or 2.0",
    "idp": "where the person logged in",
    "idtyp": "whose token it is (Entra): app or user",
    "upn": "the account's name (Entra)",
    "unique_name": "the account's name (Entra, version 1)",
    "preferred_username": "the account's name",
    "username": "the account's name",
    "name": "the person's name",
    "given_name": "the person's first name",
    "family_name": "the person's last name",
    "email": "the person's email address",
    "email_verified": "whether the email address was checked",
    "phone_number": "the person's telephone number",
    "locale": "the person's language",
    "zoneinfo": "the person's time zone",
    "picture": "a picture of the person",
    "updated_at": "when the person's data was changed",
    "org_id": "the organization",
    "allowed-origins": "web origins that may use the client (Keycloak)",
    "uti": "its own id (Entra)",
    "rh": "Entra's own use",
    "aio": "Entra's own use",
    "xms_cc": "what the client can do (Entra)",
    "applicationId": "the application that it was made for (FusionAuth)",
    "authenticationType": "how the person logged in (FusionAuth)",
    "gty": "the grant by which it was had (Auth0)",
    "events": "a message to a client: this is no token for an API",
    "device_id": "the device",
    "origin_jti": "the id of the login's first token (Cognito)",
    "event_id": "the id of the login (Cognito)",
}
_TIMES: Final = frozenset({"exp", "iat", "nbf", "auth_time", "updated_at"})
_FIRST: Final = 8
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A claim: its name, its value in words, what it means (empty: not known here)."""

    name: str
    value: str
    means: str


def told(claims: Mapping[str, object], now: float) -> Iterator[Told]:
    """Every claim of a token, up to a limit, times in words."""
    for name, value in list(claims.items())[:_MOST]:
        yield Told(clean(name, 80), _shown(name, value, now), _meaning(name))
    if len(claims) > _MOST:
        yield Told("...", f"{len(claims) - _MOST} more", "")


def _meaning(name: str) -> str:
    if name in MEANINGS:
        return MEANINGS[name]
    if "://" in name:
        last = name.rstrip("/").rpartition("/")[2].lower()
        return MEANINGS.get(last, "a claim of this provider's own")
    return ""


def _shown(name: str, value: object, now: float) -> str:
    seconds = number(value) if name in _TIMES else None
    if seconds is not None:
        away = f"in {span(seconds - now)}" if seconds > now else ago(now - seconds)
        return f"{moment(seconds)}, {away}" if abs(seconds) < 1e12 else str(value)[:40]
    if isinstance(value, list | tuple):
        first = ", ".join(_one(v) for v in value[:_FIRST])
        return clean(f"{first}, and {len(value) - _FIRST:,} more" if len(value) > _FIRST else first)
    return clean(_one(value))


def _one(value: object) -> str:
    import json

    if isinstance(value, str):
        return value[:400]
    if isinstance(value, Mapping):
        return ", ".join(f"{str(k)[:40]}: {_brief(v)}" for k, v in list(value.items())[:_FIRST])
    return (
        json.dumps(value, default=str)[:400]
        if isinstance(value, bool | int | float) or value is None
        else _brief(value)
    )


def _brief(value: object) -> str:
    if isinstance(value, Mapping):
        held = next(iter(value.values()), None)
        return _brief(held) if len(value) == 1 and not isinstance(held, Mapping) else f"{len(value)} members"
    if isinstance(value, list | tuple):
        few = ", ".join(str(v)[:60] for v in value[:4] if not isinstance(v, Mapping | list))
        return f"{few} ({len(value)} in all)" if len(value) > 4 else few
    return str(value)[:120]
