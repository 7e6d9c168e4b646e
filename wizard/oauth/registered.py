"""Clients that this program registered with an issuer (RFC 7591), kept so that the next login uses the same.

They are kept by issuer and by the kind of redirect URI, and are given for no other issuer: the two are compared
character by character (MCP-B11 and A9: revision 2026-07-28, "Authorization Server Binding"). The file is
``registered.json`` in the config folder: ``{"schema": 1, "clients": [...]}``, with references to secrets and no secret
inside; those are in the system keyring or, where there is none, in private files. What an entry holds that this
version does not know is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

from wizard.errors import AuthwizardError, FileProblem
from wizard.secret import Secret
from wizard.urls import is_loopback

if TYPE_CHECKING:
    from .token_endpoint import OAuthClient

SCHEMA: Final = 1
SECONDS: Final = 30.0
"""How long `registering` waits for another process that registers: a registration is one request."""

_SECRETS: Final = ("client_secret", "registration_access_token")
_TEXTS: Final = ("issuer", "kind", "client_id", "redirect_uri", "authentication", "registration_client_uri")
_TIMES: Final = ("issued_at", "expires_at")


@dataclass(frozen=True, slots=True)
class Registered:
    """A client as its issuer registered it (RFC 7591 section 3.2.1, RFC 7592 section 3).

    ``redirect_uri`` is the one that was registered, empty where there is none. ``issued_at`` and ``expires_at`` are
    seconds since the epoch; ``expires_at`` is when the secret ends (``client_secret_expires_at``), 0 for never.
    """

    issuer: str
    client_id: str
    redirect_uri: str = ""
    authentication: str = "none"
    client_secret: Secret | None = None
    issued_at: float = 0.0
    expires_at: float = 0.0
    registration_client_uri: str = ""
    registration_access_token: Secret | None = None

    @property
    def client(self) -> OAuthClient:
        """As the token endpoint knows it."""
        from .token_endpoint import OAuthClient

        return OAuthClient(self.client_id, self.client_secret, self.authentication)


def path() -> Path:
    """Where they are kept."""
    from wizard.paths import config_dir

    return config_dir() / "registered.json"


def kind_of(redirect_uri: str) -> str:
    """The redirect URI without what differs from login to login: a loopback's port (RFC 8252 section 7.3). Whether the
    issuer lets the port differ is for the caller to know; `Registered.redirect_uri` holds the one it was told."""
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:
        return redirect_uri
    if parts.scheme != "http" or not is_loopback(redirect_uri):
        return redirect_uri
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return urlunsplit((parts.scheme, host or "", parts.path, parts.query, ""))


def get(issuer: str, redirect_uri: str = "", *, now: float | None = None) -> Registered | None:
    """The client that was registered with exactly this issuer for this kind of redirect URI; None where there is none,
    its secret has ended, or is not to be had any more.

    Raises:
        FileProblem: the file cannot be read as what it should be; it is left as it is.
    """
    entry = next((e for e in _read()[1] if _key(e) == (issuer, kind_of(redirect_uri))), None)
    if entry is None:
        return None
    ends = float(entry.get("expires_at") or 0)
    if ends and ends <= (time.time() if now is None else now):
        return None
    try:
        return _registered(entry)
    except AuthwizardError:
        # a keyring that was emptied: the client cannot be used any more, and a new one can be registered
        return None


def listed() -> tuple[Registered, ...]:
    """Every client, without its secrets, in the order of the file. Raises: FileProblem, as `get`."""
    return tuple(_registered({k: v for k, v in e.items() if k not in _SECRETS}) for e in _read()[1])


def put(client: Registered) -> None:
    """Keep a client, in the place of the one before for the same issuer and kind of redirect URI.

    Raises:
        FileProblem: as `get`; `file-busy`, `cannot-write`. StoreError: a secret cannot be kept; then nothing is.
    """
    from wizard.locks import hold
    from wizard.vault import default_store

    held = {name: secret for name in _SECRETS if (secret := getattr(client, name)) is not None}
    with hold(path()):
        raw, entries = _read()
        key = (client.issuer, kind_of(client.redirect_uri))
        before: Mapping[str, Any] = next((e for e in entries if _key(e) == key), {})
        store = default_store() if held else None
        references = {n: store.save(_place(*key), n, s) for n, s in held.items() if store is not None}
        for name in _SECRETS:
            if name in before and before[name] != references.get(name):
                _forget(before[name])
        new = {
            **{k: v for k, v in before.items() if k not in _SECRETS},
            **{n: getattr(client, n) for n in (*_TEXTS, *_TIMES) if n != "kind"},
            "kind": key[1],
            **references,
        }
        _write(raw, [*(e for e in entries if _key(e) != key), new])


def remove(issuer: str, redirect_uri: str = "") -> Registered | None:
    """Forget a client and its secrets; what was forgotten, without them. The issuer is not told.

    Raises:
        FileProblem: as `put`. StoreError: a secret cannot be removed; then the client stays.
    """
    from wizard.locks import hold

    key = (issuer, kind_of(redirect_uri))
    with hold(path()):
        raw, entries = _read()
        gone = next((e for e in entries if _key(e) == key), None)
        if gone is None:
            return None
        for name in _SECRETS:
            if name in gone:
                _forget(gone[name])
        _write(raw, [e for e in entries if e is not gone])
    return _registered({k: v for k, v in gone.items() if k not in _SECRETS})


def holds(issuer: str, client_id: str) -> bool:
    """Whether this program registered the client. Raises: FileProblem, as `get`."""
    return any((e["issuer"], e["client_id"]) == (issuer, client_id) for e in _read()[1])


def forget(issuer: str, client_id: str) -> None:
    """As `remove`, for whatever redirect URI the client was registered. Raises: as `remove`."""
    for entry in _read()[1]:
        if (entry["issuer"], entry["client_id"]) == (issuer, client_id):
            remove(issuer, entry.get("redirect_uri", ""))


@contextlib.asynccontextmanager
async def registering(issuer: str, *, seconds: float = SECONDS) -> AsyncIterator[None]:
    """Hold the right to register with this issuer: look with `get` inside the block, for another process may have
    registered while this one waited.

    Raises:
        FileProblem: `file-busy` when another holds it for ``seconds``.
    """
    from wizard.locks import hold_async

    mark = hashlib.sha256(issuer.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    async with hold_async(path().with_name(f"registering-{mark}"), seconds=seconds):
        yield


class KeptClients:
    """These clients, as `wizard.oauth.registration` wants them: one is given only for the very redirect URI that was
    registered, for many an issuer holds a loopback's port to be part of it. One for each job."""

    def __init__(self) -> None:
        self._given: list[tuple[str, str]] = []

    def get(self, issuer: str, redirect_uri: str) -> OAuthClient | None:
        """As `get` of this module."""
        found = get(issuer, redirect_uri)
        if found is None or found.redirect_uri != redirect_uri:
            return None
        self._given.append((issuer, found.client_id))
        return found.client

    def doubt(self) -> None:
        """A login by a client of before came to nothing, and the issuer may know it no more: forget it, so that the
        next login registers anew. One that was registered in this job stays."""
        for issuer, client_id in self._given:
            forget(issuer, client_id)

    def put(self, issuer: str, redirect_uri: str, client: OAuthClient, answer: Mapping[str, object]) -> None:
        """Keep what the issuer answered (RFC 7591 section 3.2.1). Raises: as `put` of this module."""
        said = answer.get("registration_client_uri")
        token = answer.get("registration_access_token")
        put(
            Registered(
                issuer,
                client.id,
                redirect_uri,
                client.authentication,
                client.secret,
                _moment(answer.get("client_id_issued_at")),
                _moment(answer.get("client_secret_expires_at")),
                said if isinstance(said, str) and not _tells(said, token, client.secret) else "",
                Secret(token) if isinstance(token, str) and token else None,
            )
        )

    def registering(self, issuer: str) -> contextlib.AbstractAsyncContextManager[None]:
        """As `registering` of this module."""
        return registering(issuer)


def _tells(address: str, token: object, secret: Secret | None) -> bool:
    """Whether an address holds what the file must not: some issuers put the token into it."""
    from wizard.redaction import secret_part

    held = (token if isinstance(token, str) else "", secret.reveal() if secret else "")
    return bool(secret_part(address)) or any(text and text in address for text in held)


def _moment(value: object) -> float:
    """A time of an answer, 0 where there is none that is sane."""
    sane = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e12
    return float(value) if sane and isinstance(value, int | float) else 0.0


def _place(issuer: str, kind: str) -> str:
    """The name under which a store keeps the client's secrets: one that no two clients share."""
    text = f"{issuer}\n{kind}".encode("utf-8", "surrogatepass")
    return f"registered-{hashlib.sha256(text).hexdigest()[:24]}"


def _key(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry["issuer"], entry["kind"]


def _registered(entry: Mapping[str, Any]) -> Registered:
    from wizard.vault import parse_source

    values: dict[str, Any] = {n: entry[n] for n in _TEXTS if n != "kind" and n in entry}
    values |= {n: float(entry[n]) for n in _TIMES if n in entry}
    values |= {n: parse_source(entry[n]).read() for n in _SECRETS if n in entry}
    return Registered(**values)


def _forget(reference: str) -> None:
    from wizard.errors import StoreError
    from wizard.vault import forget

    try:
        forget(reference)
    except StoreError as problem:
        # where there is no keyring, nothing is left in it that could be forgotten
        if problem.id not in ("keyring-absent", "keyring-refused"):
            raise


def _read() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The whole file, and its entries; an absent file holds none."""
    from wizard.reading import read_text

    try:
        text = read_text(path(), FileProblem)
    except FileProblem as problem:
        if problem.id == "file-missing" and not path().is_symlink():
            return {"schema": SCHEMA, "clients": []}, []
        raise
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise _broken("It is no JSON.") from None
    entries = raw.get("clients") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(entries, list):
        raise _broken("An object with schema and clients was expected.")
    if raw.get("schema") != SCHEMA:
        raise _broken(f"Its schema is not {SCHEMA}; a newer version may have written it.")
    if not all(map(_sane, entries)):
        raise _broken("One of its clients is none.")
    return raw, entries


def _sane(entry: object) -> bool:
    if not isinstance(entry, dict) or not (
        entry.get("issuer") and entry.get("client_id") and "kind" in entry
    ):
        return False
    texts: Iterable[object] = (entry.get(n, "") for n in (*_TEXTS, *_SECRETS))
    times: Iterable[object] = (entry.get(n, 0) for n in _TIMES)
    return all(isinstance(t, str) for t in texts) and all(
        isinstance(t, int | float) and not isinstance(t, bool) and abs(t) < 1e15 for t in times
    )


def _write(raw: Mapping[str, Any], entries: list[dict[str, Any]]) -> None:
    from wizard.paths import write_private

    text = json.dumps({**raw, "clients": entries}, indent=2, ensure_ascii=True) + "\n"
    write_private(path(), text.encode("ascii"))


def _broken(what: str) -> FileProblem:
    return FileProblem(
        "registered-broken",
        f"The file of registered clients cannot be understood: {path()}",
        what,
        [
            "Mend it, or move it away: a client is then registered anew at the next login.",
            "It was left as it is.",
        ],
    )
