"""A login as it is kept: one JSON document, which is one secret of a saved connection (its field ``login``).

The document is ``{"schema": 1, "made_at": ..., "got_at": ..., "begun_at": ..., "refused": null, ...}`` with the fields
of `Login`. A key that this version does not know is kept when the document is written again, so that an older version
does not take from a newer one what it needs; a newer ``schema`` is refused, for then a known key may mean something
else.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Final, NoReturn

from wizard.livetest import Evidence
from wizard.names import LOGIN
from wizard.secret import Secret
from wizard.urls import origin

from .model import Login
from .problems import OAuthProblem

if TYPE_CHECKING:
    from wizard.choice import Choice
    from wizard.connections import Connection
    from wizard.vault import Store

SCHEMA: Final = 1
MARGIN: Final = 60.0
"""Seconds before its end at which an access token is taken as spent: a request takes time, and clocks differ."""

_TIMES: Final = ("made_at", "got_at", "begun_at")
_OWN: Final = frozenset({"schema", "refused", *_TIMES})


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refresh that the identity provider refused for good: ``id`` is a cause's, the texts are redacted. ``at`` is
    seconds since the epoch."""

    id: str
    title: str
    detail: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """The document. Times are seconds since the epoch, 0 for never: ``made_at`` is when the person logged in, and stays
    through refreshes; ``got_at`` when this access token was had; ``begun_at`` when a refresh was begun of which no
    answer was kept, so that the refresh token may be spent. ``refused`` is set once a refresh was refused for good:
    until the next login it is not tried again by itself. ``more`` is what this version does not know."""

    login: Login
    made_at: float
    refused: Refusal | None = None
    got_at: float = 0.0
    begun_at: float = 0.0
    more: Mapping[str, object] = field(default_factory=dict, repr=False)


def written(kept: Kept) -> Secret:
    """The document of this."""
    plain: dict[str, object] = {
        **kept.more,
        "schema": SCHEMA,
        **{name: getattr(kept, name) for name in _TIMES},
        "refused": None if kept.refused is None else _members(kept.refused),
        **_members(kept.login),
    }
    return Secret(json.dumps(plain, ensure_ascii=True, allow_nan=False))


def read(document: Secret, name: str = "") -> Kept:
    """What the document says; ``name`` is the connection's, for the sentence.

    Raises:
        OAuthProblem: ``credential-store-corrupt-or-truncated`` for one that is cut off, or is no login; nothing of it
            is repeated.
    """
    text = document.reveal()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        _broken(name, "It is no JSON; it may have been cut off while it was written.")
    if not isinstance(found, dict):
        _broken(name, "It is JSON, but no object.")
    schema = found.get("schema")
    if isinstance(schema, bool) or not isinstance(schema, int) or schema < 1:
        _broken(name, "It has no schema, so something else wrote it.")
    if schema > SCHEMA:
        _broken(name, f"Its schema is {schema}, this version knows {SCHEMA}.", ("Update authwizard.",))
    values: dict[str, Any] = {f.name: _value(found, f.name, name) for f in fields(Login) if f.name in found}
    for needed in ("issuer", "client_id", "access_token"):
        if not values.get(needed):
            _broken(name, f"It has no {needed}.")
    return Kept(
        Login(**values),
        refused=_refusal(found.get("refused"), name),
        more={k: v for k, v in found.items() if k not in _OWN and k not in _CHECKED},
        **{key: _number(found.get(key), key, name) or 0.0 for key in _TIMES},
    )


def as_secret(login: Login, *, made_at: float | None = None) -> Secret:
    """A fresh login as one secret; made now if ``made_at`` is None."""
    return written(fresh(login, made_at=made_at))


def fresh(login: Login, *, made_at: float | None = None) -> Kept:
    """The document of a login that has just been made."""
    now = time.time() if made_at is None else made_at
    return Kept(login, now, got_at=now)


def from_secret(document: Secret, name: str = "") -> Login:
    """The login in it. Raises: as `read`."""
    return read(document, name).login


def for_choice(document: Secret, choice: Choice) -> Kept:
    """As `read`, for what is to be sent to this choice's server. Raises: as `read`, and as `check_server`."""
    found = read(document, choice.name)
    check_server(found.login, choice)
    return found


def check_server(login: Login, choice: Choice) -> None:
    """A token goes to the origin of the server that the login was made for (CONTRACT, "Origins"), also where another
    address stands in the connection since.

    Raises:
        OAuthProblem: ``not-logged-in`` at the address that the choice has now.
    """
    from wizard import methods

    now = methods.resource_of(choice)
    if not login.server or origin(login.server) == origin(now):
        return
    from wizard.redaction import Redactor

    was, here = (Redactor().url(url)[:200] for url in (login.server, now))
    raise OAuthProblem(
        "not-logged-in",
        f"The login of {choice.name} was made for another server than the connection names now.",
        f"It is for {was}; the address is {here} now. The token was not sent there.",
        (
            "See whether the address is right: authwizard connections show " + choice.name,
            f"If it is, log in there: authwizard login {choice.name}",
        ),
        evidence=(
            Evidence("login", f"made for {was}"),
            Evidence("login", f"the connection's address: {here}"),
        ),
        owner="you",
    )


def expires_soon(login: Login, now: float, margin: float = MARGIN) -> bool:
    """Whether the access token ends within ``margin`` seconds of ``now`` (since the epoch). One whose end was not said
    does not: only the resource can tell (RFC 6749 section 5.1)."""
    return login.expires_at is not None and login.expires_at - margin <= now


def spent(kept: Kept, now: float) -> bool:
    """Whether the access token is to be renewed: it ends within `MARGIN`, or within a quarter of its life where that is
    shorter, so that one of a minute is not renewed at each use."""
    ends = kept.login.expires_at
    life = max(0.0, ends - kept.got_at) if ends is not None and kept.got_at else math.inf
    return expires_soon(kept.login, now, min(MARGIN, life / 4))


def keep(name: str, login: Login, *, store: str = "") -> Connection:
    """Keep a fresh login with a saved connection, in the place of the one before; the connection as it is now.

    ``store`` is the id of a store; where it is empty, the one that holds the login, or else another secret of this
    connection, else the default one.

    Raises:
        UsageError: ``unknown-connection``, ``login-not-in-variable``. StoreError, FileProblem: it is not kept.
    """
    return put(name, fresh(login), store=store)


def put(name: str, kept: Kept, *, store: str = "") -> Connection:
    """As `keep`, for a document that was there already."""
    from wizard import fallbacks
    from wizard.vault import free_field

    connection = fallbacks.named(name)
    place = _store(connection, store)
    second = connection.fallback.secrets.values() if connection.fallback else ()
    reference = place.save(connection.name, free_field(LOGIN, second), written(kept))
    if connection.secrets.get(LOGIN) == reference:
        return connection
    return fallbacks.save(name, replace(connection, secrets={**connection.secrets, LOGIN: reference}))


def _store(connection: Connection, wanted: str) -> Store:
    from wizard.vault import check_keeps, default_store, get_store, kept_by

    if wanted:
        check_keeps(wanted, LOGIN)
        return get_store(wanted)
    held = connection.secrets
    ordered = [held[LOGIN]] if LOGIN in held else []
    found = (kept_by(reference) for reference in (*ordered, *held.values()))
    return next((store for store in found if store is not None), None) or default_store()


def _members(value: Login | Refusal) -> dict[str, object]:
    return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}


def _plain(value: object) -> object:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _value(found: Mapping[str, Any], key: str, name: str) -> object:
    return _CHECKED[key](found[key], key, name)


def _text(value: object, key: str, name: str) -> str:
    return value if isinstance(value, str) else _broken(name, f"Its {key} is no text.")


def _secret(value: object, key: str, name: str) -> Secret | None:
    return None if value is None else Secret(_text(value, key, name))


def _number(value: object, key: str, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        _broken(name, f"Its {key} is no number.")
    try:
        seconds = float(value)
    except OverflowError:
        seconds = math.inf
    return seconds if math.isfinite(seconds) else _broken(name, f"Its {key} is no time.")


def _truth(value: object, key: str, name: str) -> bool:
    return value if isinstance(value, bool) else _broken(name, f"Its {key} is neither true nor false.")


def _texts(value: object, key: str, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        _broken(name, f"Its {key} is no list of texts.")
    return tuple(value)


def _pairs(value: object, key: str, name: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        _broken(name, f"Its {key} is no object of texts.")
    return dict(value)


_BY_TYPE: Final[Mapping[str, Callable[[object, str, str], object]]] = {
    "str": _text,
    "Secret": _secret,
    "Secret | None": _secret,
    "float | None": _number,
    "bool": _truth,
    "tuple[str, ...]": _texts,
    "Mapping[str, str]": _pairs,
}
_CHECKED: Final = {f.name: _BY_TYPE[str(f.type)] for f in fields(Login)}


def _refusal(value: object, name: str) -> Refusal | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        _broken(name, "Its refused is no object.")
    texts = {k: _text(value.get(k, ""), k, name) for k in ("id", "title", "detail")}
    return Refusal(**texts, at=_number(value.get("at"), "at", name) or 0.0)


def _broken(name: str, what: str, fix: tuple[str, ...] = ()) -> NoReturn:
    whose = f"The login of {name}" if name else "The login that is kept"
    again = f"Log in again: authwizard login {name}" if name else "Log in again."
    raise OAuthProblem(
        "credential-store-corrupt-or-truncated", f"{whose} cannot be read.", what, (*fix, again), owner="you"
    )
