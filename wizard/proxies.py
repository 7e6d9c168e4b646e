"""Which proxy the environment names for an address. httpx reads the same variables (CONTRACT, "Words in it")."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from .secret import Secret


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that is named for an address; ``url`` is without user name and password.

    ``variable`` is where it stands. ``user`` is ``name:password``, None where none stands there. ``bypass`` is True
    where NO_PROXY exempts the address. ``problem`` is a clause where this program cannot use it.
    """

    url: str
    variable: str
    host: str = ""
    port: int = 0
    user: Secret | None = None
    bypass: bool = False
    problem: str = ""

    @property
    def secure(self) -> bool:
        """Whether the proxy itself is spoken to over TLS."""
        return self.url.startswith("https:")


def proxy_of(url: str) -> Proxy | None:
    """The proxy for this address, whether NO_PROXY exempts it or not; None where none is named."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    found = getproxies()
    kind = scheme if found.get(scheme) else "all"
    text = found.get(kind) or ""
    if not text:
        return None
    variable = next((n for n in (f"{kind}_proxy", f"{kind}_PROXY".upper()) if os.environ.get(n)), "")
    bypass = bool(
        proxy_bypass(f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or "")
    )
    return _read(text, variable or "the system's settings", bypass)


def no_proxy() -> str:
    """What NO_PROXY holds."""
    return os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""


def _read(text: str, variable: str, bypass: bool) -> Proxy:
    whole = text if "://" in text else f"http://{text}"
    shown = f"{whole.partition('://')[0]}://{whole.partition('://')[2].rpartition('@')[2]}"
    try:
        parts = urlsplit(whole)
        host, port = parts.hostname or "", parts.port
        # a name that no resolver can be asked for
        host.encode("idna")
    except (ValueError, UnicodeError):
        # what stands where the port should may be the rest of a password
        unread = (
            f"{shown.partition('://')[0]}://{re.split(r'[:/]', shown.partition('://')[2], maxsplit=1)[0]}:…"
        )
        return Proxy(unread, variable, bypass=bypass, problem="its host or port cannot be read")
    scheme = parts.scheme.lower()
    shown = f"{scheme}://{parts.netloc.rpartition('@')[2]}"
    if scheme not in ("http", "https"):
        problem = f"this program speaks to http and https proxies, not to {scheme}"
        return Proxy(shown, variable, host, port or 0, bypass=bypass, problem=problem)
    if not host:
        return Proxy(shown, variable, bypass=bypass, problem="it names no host")
    user = (
        Secret(f"{unquote(parts.username or '')}:{unquote(parts.password or '')}") if parts.username else None
    )
    return Proxy(shown, variable, host, port or (443 if scheme == "https" else 80), user, bypass)
