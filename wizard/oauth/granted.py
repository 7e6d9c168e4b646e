"""What a login came to: whom it is for, and the scopes that it was granted beside those that it asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .model import Login

GRANTED, MISSING, MORE = "granted", "missing", "more"
_WHO: Final = ("preferred_username", "email", "name", "sub")
_OFFLINE: Final = "offline_access"
_REFUSED: Final = (
    "What needs it is refused (403, insufficient_scope). Whether you and this client may have it, the identity"
    " provider's admin decides."
)
_NOT_RENEWED: Final = "No refresh token was given: when the access token ends, you log in again."


@dataclass(frozen=True, slots=True)
class Scope:
    """``state`` is `GRANTED`, `MISSING` (asked for and not granted) or `MORE` (granted and not asked for); ``means``
    is a sentence on what that comes to, empty where there is nothing to say."""

    name: str
    state: str
    means: str = ""


def beside_asked(login: Login) -> tuple[Scope, ...]:
    """Those asked for, in their order, then what was granted besides (RFC 6749 section 3.3: the server may give other
    scopes than were asked for, and says so). An answer that names none granted what was asked for (section 5.1)."""
    asked = tuple(dict.fromkeys(login.asked))
    # offline_access is a wish for a refresh token: many give one, and do not list the scope
    given = {*login.scopes, *([_OFFLINE] if login.refresh_token is not None else [])}
    told = (Scope(name, GRANTED) if name in given else Scope(name, MISSING, _means(name)) for name in asked)
    more = (Scope(name, MORE) for name in dict.fromkeys(login.scopes) if name not in asked)
    return (*told, *more)


def who(login: Login) -> str:
    """Whom its ID token names, unchecked (it came from the token endpoint itself); empty where none came."""
    from wizard import jwt

    found = jwt.peek(login.id_token.reveal()) if login.id_token is not None else None
    return next((text for claim in _WHO if found and (text := found.text(claim))), "")


def _means(name: str) -> str:
    return _NOT_RENEWED if name == _OFFLINE else _REFUSED
