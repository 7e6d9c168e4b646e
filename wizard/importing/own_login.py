"""What an entry says of a login that its client makes by itself. Clients spell it in their own ways, and none of the
spellings means anything else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from wizard.entries import Entry, OwnLogin, Stdio

_HOLDERS: Final = ("oauth", "auth", "oauth2", "oAuth")
_CLIENT: Final = ("clientId", "client_id", "CLIENT_ID")
_SECRET: Final = ("clientSecret", "client_secret", "CLIENT_SECRET")
_SCOPES: Final = ("scopes", "scope")
_PORT: Final = ("callbackPort", "callback_port", "redirectPort")
_BRIDGE: Final = ("--static-oauth-client-info", "--static-oauth-client-metadata")


def own_login(raw: Mapping[str, Any], entry: Entry) -> tuple[OwnLogin, str] | None:
    """The login, and its client secret as it is written (empty: none); None where the entry says nothing of one.
    ``entry`` tells what mcp-remote is given for it."""
    held = next((raw[name] for name in _HOLDERS if isinstance(raw.get(name), dict)), None)
    if held is None:
        held = _bridged(entry)
    if held is None:
        return None
    secret, scopes = _text(held, _SECRET), next((held[n] for n in _SCOPES if held.get(n)), ())
    words = scopes.replace(",", " ").split() if isinstance(scopes, str) else scopes
    listed = tuple(w for w in words if isinstance(w, str)) if isinstance(words, list | tuple) else ()
    port = next((held[n] for n in _PORT if isinstance(held.get(n), int)), OwnLogin().port)
    return OwnLogin(_text(held, _CLIENT), port, listed, bool(secret)), secret


def _bridged(entry: Entry) -> dict[str, Any] | None:
    """The objects that mcp-remote is given, in one; of a file (``@PATH``) nothing is known."""
    words = entry.command if isinstance(entry, Stdio) else ()
    found: dict[str, Any] = {}
    for name, text in pairwise(words):
        if name in _BRIDGE:
            try:
                given = json.loads(text)
            except (ValueError, RecursionError):
                given = {}
            found |= given if isinstance(given, dict) else {}
    return found or None


def _text(held: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((v for n in names if isinstance(v := held.get(n), str) and v), "")
