"""What an address is: where a credential may go, and whether it can be asked at all."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from .errors import UsageError

_HOST: Final = re.compile(r"(?i)(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::[0-9]{1,5})?(?:[/?]\S*)?")


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host as written (in lower case) and port: what a credential is bound to (RFC 6454)."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or (443 if scheme == "https" else 80)


def is_loopback(url: str) -> bool:
    """Whether the address names this very machine."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def seclusion(host: str) -> int:
    """How near to this machine an address lies: 0 anywhere (or a name), 1 in a network of one's own, 2 on the same
    link, 3 on this machine."""
    name = host.strip("[]").partition("%")[0].rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return 3
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        return 0
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback or found.is_unspecified:
        return 3
    return 2 if found.is_link_local else 0 if found.is_global else 1


def lacks_scheme(text: str) -> bool:
    """Whether this reads as an address whose ``https://`` was left out: ``example.com/mcp``, ``localhost:8000``."""
    return bool(_HOST.fullmatch(text.strip()))


def check_url(text: str) -> str:
    """The address, if it is one that can be asked. Raises: UsageError ``not-a-url`` (without repeating it)."""

    def refuse(why: str) -> UsageError:
        return UsageError(
            "not-a-url", "That is not an address that can be asked.", why, ["Give it as https://host/path."]
        )

    text = text.strip()
    if any(ord(c) < 0x21 or ord(c) == 0x7F for c in text):
        raise refuse("It holds spaces or control characters.")
    try:
        parts = urlsplit(text)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except (ValueError, UnicodeError) as error:
        raise refuse("Its host or port cannot be read.") from error
    if parts.scheme.lower() not in ("http", "https"):
        more = " Add https:// before it." if lacks_scheme(text) else ""
        raise refuse(f"It does not begin with https:// or http://.{more}")
    if not parts.hostname or port == 0:
        raise refuse("It names no host.")
    if "@" in parts.netloc:
        raise refuse("It holds a user name or password; give those as a credential.")
    return text


def joined(url: str, query: Mapping[str, str]) -> str:
    """The address with these parameters after its own; each is percent-encoded (RFC 3986 section 2.1)."""
    if not query:
        return url
    parts = urlsplit(url)
    more = "&".join(
        f"{quote(name, safe='')}={quote(value, safe='', errors='replace')}" for name, value in query.items()
    )
    return urlunsplit(parts._replace(query=f"{parts.query}&{more}" if parts.query else more))


def parted(url: str, names: Collection[str]) -> tuple[str, dict[str, str]]:
    """The address without the parameters of these names, and those by name, decoded. What stays is as it was."""
    parts = urlsplit(url)
    kept: list[str] = []
    taken: dict[str, str] = {}
    for piece in parts.query.split("&"):
        pairs = parse_qsl(piece, keep_blank_values=True)
        if pairs and pairs[0][0] in names:
            taken[pairs[0][0]] = pairs[0][1]
        else:
            kept.append(piece)
    if not taken:
        return url, {}
    return urlunsplit(parts._replace(query="&".join(kept))), taken
