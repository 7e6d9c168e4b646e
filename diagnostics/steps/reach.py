"""Is there a host, does its port answer, and is its certificate trusted?"""

from __future__ import annotations

import time
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from diagnostics import net
from diagnostics.proxied import through, tunnel
from wizard.errors import UsageError
from wizard.proxies import Proxy, proxy_of
from wizard.urls import is_loopback

from .log import Log

_ERRORS: Final = {
    "unknown-name": "the name is not known here",
    "no-answer": "the name server does not answer",
    "refused": "the host answers, but nothing listens on port {port}",
    "timeout": "no answer in time",
    "unreachable": "no way to the host",
    "closed": "the connection was closed at once",
    "not-tls": "the port does not speak TLS; it may be plain http: try the address with http://",
    "client-certificate": "the server wants a client certificate",
    "protocol": "no TLS version or cipher in common",
}
_VERIFY: Final = {
    9: "not valid yet",
    10: "expired",
    18: "self-signed",
    19: "signed by an authority that your system does not know",
    20: "signed by an authority that your system does not know, or sent without its intermediate",
    21: "sent without its intermediate",
    62: "not for {host}",
}
_EXPECTED_TLS: Final = "a certificate that your system trusts"


async def reach(log: Log, url: str, ca: str | None) -> None:
    """The steps ``connect`` and ``tls``. Where a proxy stands between, the proxy is what is reached."""
    parts = urlsplit(url)
    secure = parts.scheme.lower() == "https"
    proxy = proxy_of(url)
    if proxy is not None and not proxy.bypass:
        opened = await _pass(log, url, proxy)
        host, port = parts.hostname or "", parts.port or 443
        opener = partial(tunnel, proxy, host, port)
    else:
        host, port = parts.hostname or "", parts.port or (443 if secure else 80)
        opened, opener = await _connect(log, host, port), None
    if not opened:
        log.wait(f"reach {host}" if opener is None else _title(proxy), "tls")
    elif not secure:
        readable = "" if is_loopback(url) else " Anyone on it can read what is sent."
        log.add("tls", None, "", "skipped: plain http", f"Nothing on the way is encrypted.{readable}")
    else:
        await _tls(log, host, port, ca, opener)


def _title(proxy: Proxy | None) -> str:
    return f"reach {proxy.host or 'the proxy'}" if proxy else ""


async def _connect(log: Log, host: str, port: int) -> bool:
    began = time.monotonic()
    met = await net.connect(host, port)
    expected, title = "an address whose port answers", f"reach {host}"
    if met.error:
        log.add("connect", False, expected, _ERRORS[met.error].format(port=port), began=began, title=title)
        return False
    seen = f"{met.address}, {met.seconds * 1000:.0f} ms"
    log.add("connect", True, expected, seen, seconds=met.seconds, title=title)
    return True


async def _pass(log: Log, url: str, proxy: Proxy) -> bool:
    """Through a proxy: it is there, and lets the request through."""
    expected, title = "a proxy that lets the request through", _title(proxy)
    named = f"{proxy.variable} names the proxy {proxy.url}."
    if proxy.problem:
        log.add("connect", False, expected, f"cannot be used: {proxy.problem}", named, title=title)
        return False
    met = await through(proxy, url, proxy.user)
    seconds = met.seconds
    if met.status is None:
        seen = _ERRORS.get(met.error, "it does not answer as an HTTP proxy").format(port=proxy.port)
        log.add("connect", False, expected, seen, named, seconds=seconds, title=title)
        return False
    if met.status == 407 or (met.tunnel and not 200 <= met.status < 300):
        seen = f"the proxy answers {met.status}"
        log.add("connect", False, expected, seen, named, seconds=seconds, title=title)
        return False
    log.add(
        "connect", True, expected, f"it does, {seconds * 1000:.0f} ms", named, seconds=seconds, title=title
    )
    return True


async def _tls(log: Log, host: str, port: int, ca: str | None, opened: net.Opener | None) -> None:
    began = time.monotonic()
    try:
        met = await net.handshake(host, port, ca, opened=opened)
    except UsageError as error:
        log.add("tls", False, _EXPECTED_TLS, error.title, error.detail, began=began)
        return
    names = f"It is for {', '.join(met.names[:5])}." if met.names else ""
    if met.error == "verify":
        known = _VERIFY.get(met.verify_code or 0, met.reason or "not accepted")
        seen = f"a certificate {known.format(host=host)}"
        dates = _validity(met) if met.verify_code in (9, 10) else names
        log.add("tls", False, _EXPECTED_TLS, seen, dates or f"Issued by {met.issuer}.", began=began)
    elif met.error:
        log.add("tls", False, _EXPECTED_TLS, _ERRORS[met.error].format(port=port), met.reason, began=began)
    else:
        left = _days(met.not_after)
        seen = f"valid {left}, your system trusts it" if left else "your system trusts it"
        log.add("tls", True, _EXPECTED_TLS, seen, f"{met.version}, issued by {met.issuer}", began=began)


def _days(not_after: float | None) -> str:
    if not_after is None:
        return ""
    days = int((not_after - time.time()) // 86400)
    return f"{days} day" if days == 1 else f"{days} days"


def _validity(met: net.Handshake) -> str:
    def day(seconds: float | None) -> str:
        return time.strftime("%Y-%m-%d", time.gmtime(seconds)) if seconds is not None else "an unknown day"

    return f"It is valid from {day(met.not_before)} to {day(met.not_after)}."
