"""A browser whose person agrees at once: one GET, and where it redirects to this machine, a GET there.

``python browser.py ADDRESS``: the suite's authorization servers ask for no login and redirect immediately.
"""

from __future__ import annotations

import http.client
import sys
from urllib.parse import urljoin, urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def get(url: str) -> str:
    """Where the answer redirects to; empty where it does not. Nothing but this machine is asked."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        sys.exit(f"not on this machine: {parts.scheme}://{parts.netloc}")
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    connection.request("GET", f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return urljoin(url, answer.getheader("location") or "") if answer.status in (302, 303, 307) else ""


if location := get(sys.argv[1]):
    get(location)
