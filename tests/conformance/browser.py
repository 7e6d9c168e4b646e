"""A browser whose person agrees at once: one GET, and where it redirects to this machine, a GET there.

``python browser.py ADDRESS``: the suite's authorization servers ask for no login and redirect immediately. It takes no
library, for it is started anew for each login and would be the slowest part of it.
"""

from __future__ import annotations

import socket
import sys

LOOPBACK = frozenset({"localhost", "127.0.0.1"})
REDIRECTS = frozenset({b"302", b"303", b"307"})


def get(url: str) -> str:
    """Where the answer redirects to; empty where it does not. Nothing but this machine is asked."""
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    host, _, port = place.partition(":")
    if scheme != "http" or host not in LOOPBACK:
        sys.exit(f"not on this machine: {scheme}://{place}")
    with socket.create_connection((host, int(port or 80)), timeout=20) as wire:
        wire.sendall(
            f"GET {slash}{path} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\nAccept: */*\r\n\r\n".encode()
        )
        answer = b""
        while piece := wire.recv(65536):
            answer += piece
    status, *lines = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")
    if status.split(b" ")[1] not in REDIRECTS:
        return ""
    for line in lines:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"location":
            return value.strip().decode()
    return ""


if location := get(sys.argv[1]):
    get(location)
