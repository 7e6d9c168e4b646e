"""Opening a web page in the person's browser: by ``BROWSER``, else as the system does; never by a shell."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from .children import environment

_SECONDS: Final = 3.0
_NAME: Final = re.compile(r"(?i)[a-z0-9._-]+")
_LITERAL: Final = re.compile(r"(?i)[0-9a-f:.]+(%[a-z0-9._%-]+)?")
_SAFE: Final = "/%:=&?~#+!$,;'@()*[]-._"


def page(url: str) -> str:
    """The address as it may be handed to a browser: http or https, percent-encoded, without user info; else empty."""
    if not url.isprintable():
        return ""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    try:
        name = host if ":" in host else host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    if not (_LITERAL if ":" in name else _NAME).fullmatch(name):
        return ""
    where = f"[{name}]" if ":" in name else name
    netloc = where if port is None else f"{where}:{port}"
    rest = (quote(part, safe=_SAFE) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, netloc, *rest))


def command(url: str, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The words that open the page here; empty where no browser can be opened."""
    environ = os.environ if environ is None else environ
    if chosen := environ.get("BROWSER", "").strip():
        try:
            words = shlex.split(chosen)
        except ValueError:
            return ()
        if any("%s" in word for word in words):
            return tuple(word.replace("%s", url) for word in words)
        return (*words, url)
    if sys.platform == "darwin":
        return ("open", url)
    if sys.platform == "win32":
        return ("rundll32", "url.dll,FileProtocolHandler", url)
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        opener = shutil.which("xdg-open")
        return (opener, url) if opener else ()
    return ()


def open_page(url: str) -> bool:
    """Open the page; False where no browser opened, so that its address is shown instead. May take 3 seconds."""
    words = command(address) if (address := page(url)) else ()
    if not words:
        return False
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return process.wait(_SECONDS) == 0
    except subprocess.TimeoutExpired:
        # a browser that stays in the foreground is one that opened; somebody has to wait for its end
        threading.Thread(target=process.wait, daemon=True).start()
        return True
