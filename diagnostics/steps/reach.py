"""Is there a host, does its port answer, and is its certificate trusted?"""

from __future__ import annotations

import time
from typing import Final
from urllib.parse import urlsplit

from diagnostics import net
from wizard.errors import UsageError

from .log import Log

_ERRORS: Final = {
    "unknown-name": "the name is not known here",
    "no-answer": "the name server does not answer",
    "refused": "the host answers, but nothing listens on port {port}",
    "timeout": "no answer in time",
    "unreachable": "no way to the host",
    "closed": "the connection was closed at once",
    "not-tls": "the port does not speak TLS; it may be plain http",
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
    proxy = net.proxy_for(url)
    where = urlsplit(proxy) if proxy else parts
    secure = parts.scheme.lower() == "https"
    host = where.hostname or ""
    port = where.port or (443 if where.scheme.lower() == "https" else 80)
    title = f"reach {host}"
    began = time.monotonic()
    opened = await net.connect(host, port)
    expected = "an address whose port answers"
    if opened.error:
        seen = _ERRORS[opened.error].format(port=port)
        detail = f"Your environment names {proxy} as the proxy." if proxy else ""
        log.add("connect", False, expected, seen, detail, began=began, title=title)
        log.wait(title, "tls")
        return
    seen = f"{opened.address}, {opened.seconds * 1000:.0f} ms"
    detail = f"This is the proxy {proxy} that your environment names." if proxy else ""
    log.add("connect", True, expected, seen, detail, seconds=opened.seconds, title=title)
    if not secure:
        log.add("tls", None, "", "skipped: plain http", "Nothing on the way is encrypted.")
    elif proxy:
        log.add("tls", None, "", "skipped: through a proxy", "Each request still verifies the certificate.")
    else:
        await _tls(log, host, port, ca)


async def _tls(log: Log, host: str, port: int, ca: str | None) -> None:
    began = time.monotonic()
    try:
        met = await net.handshake(host, port, ca)
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
