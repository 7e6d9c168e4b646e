"""The practice ``faos-mcp`` and its login by single sign-on: the browser, the answer on loopback, and the cache.

As FAOS's document says it: when a tool is first used, a browser window opens; the token is then kept in
``~/.faos/auth_cache.json`` for later requests, is renewed by itself, and ``faos-mcp auth clear`` forgets it. What is in
that file the document does not say: this layout is the practice's own. A file that a real ``faos-mcp`` wrote is left
alone. Only the standard library is used, for a client waits for the program to start.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import http.server
import json
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from wizard import browsing
from wizard.secret import Secret

WAITS: Final = 240.0
"""Seconds in which a person has to complete the login."""
_EARLY: Final = 30.0
_ANSWER: Final = 10.0
_LARGEST: Final = 100_000
_DONE: Final = "<!doctype html><title>FAOS (practice)</title><p>You are signed in. This window can be closed."
_FAILED: Final = "<!doctype html><title>FAOS (practice)</title><p>The login failed. The program says why."


class LoginFailed(Exception):
    """There is no login; the text says why, and what to do."""


def cache_path() -> Path:
    """The file that the document names."""
    return Path.home() / ".faos" / "auth_cache.json"


def clear() -> bool:
    """``faos-mcp auth clear``: forget every login. False where there was none. Raises: LoginFailed."""
    known = _read()
    if known is None:
        return False
    cache_path().unlink(missing_ok=True)
    return True


def forget(api: str) -> None:
    """Take the logins at one practice API out of the cache, and the file with the last of them: they open nothing once
    that has stopped, and a real ``faos-mcp`` is to find its place empty."""
    try:
        known = _read()
        left = {key: entry for key, entry in (known or {}).items() if entry.get("api_url") != api}
        if known is None or left == known:
            return
        if left:
            _write(left)
        else:
            cache_path().unlink(missing_ok=True)
    except (LoginFailed, OSError):
        return


@dataclass(frozen=True, slots=True)
class SsoLogin:
    """The login of one domain at one API."""

    api: str
    domain: str

    def header(self) -> Secret:
        """The value of the Authorization header: of the login that is kept, renewed where it has ended, or of a new one
        that a person makes in the browser. Raises: LoginFailed."""
        entry = self.kept()
        if entry is None or not _lasts(entry):
            entry = (entry and self._renewed(entry)) or self._logged_in()
        return Secret(str(entry["access_token"])).map("Bearer ")

    def is_in(self) -> bool:
        """Whether a login is kept that needs no renewing."""
        try:
            entry = self.kept()
        except LoginFailed:
            return False
        return entry is not None and _lasts(entry)

    def kept(self) -> dict[str, Any] | None:
        """What the cache has for this domain and API. Raises: LoginFailed where the file is not to be understood."""
        entry = (_read() or {}).get(self._key)
        return entry if entry and isinstance(entry.get("expires_at"), int | float) else None

    @property
    def _key(self) -> str:
        return f"{self.domain} {self.api}"

    def _renewed(self, entry: Mapping[str, Any]) -> dict[str, Any] | None:
        token = entry.get("refresh_token")
        if not token:
            return None
        said = self._ask({"grant_type": "refresh_token", "refresh_token": token})
        return self._keep(said) if said else None

    def _logged_in(self) -> dict[str, Any]:
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
        with _Listener(state) as listener:
            query = {
                "domain": self.domain,
                "redirect_uri": listener.address,
                "state": state,
                "code_challenge": digest.decode(),
                "code_challenge_method": "S256",
            }
            if not browsing.open_page(f"{self.api.rstrip('/')}/sso/start?{urlencode(query)}"):
                raise LoginFailed("No browser could be opened for the login; name one in BROWSER.")
            answer = listener.wait()
        if error := answer.get("error"):
            says = (
                f"there is no SSO configuration for the domain {self.domain}"
                if error == "unknown_domain"
                else "the identity provider did not let you in"
            )
            raise LoginFailed(f"The login failed: {says}.")
        said = self._ask({"code": answer.get("code", ""), "code_verifier": verifier})
        if said is None:
            raise LoginFailed("The login failed: FAOS did not take the code that the browser brought.")
        return self._keep(said)

    def _ask(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        """What ``/sso/token`` gives; None where it refuses. Raises: LoginFailed where nobody answers."""
        parts = urlsplit(self.api)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_ANSWER)
        try:
            connection.request(
                "POST",
                f"{parts.path.rstrip('/')}/sso/token",
                urlencode(form),
                {"Content-Type": "application/x-www-form-urlencoded"},
            )
            reply = connection.getresponse()
            content = json.loads(reply.read(_LARGEST)) if reply.status == 200 else None
        except (OSError, http.client.HTTPException, ValueError):
            raise LoginFailed(f"The login failed: no answer from {self.api}.") from None
        finally:
            connection.close()
        return content if isinstance(content, dict) else None

    def _keep(self, said: Mapping[str, Any]) -> dict[str, Any]:
        entry = {"api_url": self.api, **said}
        _write({**(_read() or {}), self._key: entry})
        return entry


def _lasts(entry: Mapping[str, Any]) -> bool:
    return float(entry["expires_at"]) - _EARLY > time.time()


def _read() -> dict[str, dict[str, Any]] | None:
    """Every login that is kept; None where there is no file. Raises: LoginFailed."""
    path = cache_path()
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        raise LoginFailed(f"{path} cannot be read as what it should be: clear the cache.") from None
    if not isinstance(content, dict) or content.get("practice") is not True:
        raise LoginFailed(f"{path} is not of this practice faos-mcp, and is left alone.")
    logins = content.get("logins")
    return {k: v for k, v in logins.items() if isinstance(v, dict)} if isinstance(logins, dict) else {}


def _write(logins: Mapping[str, Mapping[str, Any]]) -> None:
    path = cache_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = json.dumps({"practice": True, "logins": logins}, indent=2)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(content)
    Path(temporary).replace(path)


class _Listener:
    """An address on loopback that takes one answer, the one with the right ``state``."""

    def __init__(self, state: str) -> None:
        self._state = state
        self._answer: dict[str, str] = {}
        self._came = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/callback"

    def __enter__(self) -> _Listener:
        listener = self

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                state = query.get("state", "").encode()
                right = parts.path == "/callback" and secrets.compare_digest(state, listener._state.encode())
                good = right and "code" in query
                content = (_DONE if good else _FAILED).encode()
                self.send_response(200 if right else 400)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                if right and not listener._came.is_set():
                    listener._answer = query
                    listener._came.set()

            def log_message(self, *_: object) -> None:
                return None

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self) -> dict[str, str]:
        """The answer. Raises: LoginFailed where none comes."""
        if not self._came.wait(WAITS):
            raise LoginFailed(
                f"The login was not completed within {WAITS:.0f} seconds. Use a tool to try again."
            )
        return self._answer
