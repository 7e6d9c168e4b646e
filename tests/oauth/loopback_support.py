"""What the tests of the loopback listener share: a state, a raw client, and which addresses there are."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from wizard.oauth.loopback import Loopback
from wizard.secret import Secret


@dataclass(frozen=True)
class Heard:
    """An answer as it came over the socket; status 0 where the connection was closed without one."""

    status: int
    head: str
    body: str


def state() -> Secret:
    """A state such as a login makes."""
    return Secret(secrets.token_urlsafe(24))


def free() -> int:
    """A port that is free now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def has_v6() -> bool:
    """Whether this machine has ``::1``."""
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


def target(of: Secret, path: str = "/callback", **more: str) -> str:
    """The request target of an answer with this state."""
    return f"{path}?{urlencode({**more, 'state': of.reveal()})}"


async def raw(redirect_uri: str, sent: bytes, address: str = "") -> Heard:
    """Send bytes, then say that no more come; read to the end."""
    parts = urlsplit(redirect_uri)
    host = address or ("127.0.0.1" if parts.hostname == "localhost" else parts.hostname)
    reader, writer = await asyncio.open_connection(host, parts.port)
    try:
        writer.write(sent)
        writer.write_eof()
        text = (await reader.read()).decode("utf-8", "replace")
    except ConnectionError:
        return Heard(0, "", "")
    finally:
        writer.close()
    head, _, body = text.partition("\r\n\r\n")
    return Heard(int(head.split(" ", 2)[1]) if head else 0, head, body)


async def get(
    loopback: Loopback,
    wanted: str,
    *,
    method: str = "GET",
    host: str | None = None,
    address: str = "",
    headers: Mapping[str, str] | None = None,
) -> Heard:
    """One request as a browser sends it, with the Host of the redirect URI unless another is given."""
    named = urlsplit(loopback.redirect_uri).netloc if host is None else host
    lines = [f"{method} {wanted} HTTP/1.1", *([f"Host: {named}"] if named else [])]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return await raw(loopback.redirect_uri, "\r\n".join([*lines, "", ""]).encode(), address)
