"""http and https: what the address says, and what the port speaks."""

from __future__ import annotations

from urllib.parse import urlsplit

from wizard.livetest import Evidence
from wizard.urls import is_loopback

from ..facts import Situation
from ..facts.way import OtherScheme
from ..facts.wire import Differential
from .book import Verdict, cause, likely, proven


def _with(situation: Situation, scheme: str) -> str:
    return f"{scheme}://{situation.url.partition('://')[2]}"


@cause(
    id="http-url-instead-of-https",
    layer="client-config",
    owner="you",
    title="The address says http, and the service is reached by https.",
    explanation="Over plain http everyone on the way can read the credential. A redirect to https loses the body of a"
    " POST, and no client takes the credential along.",
    fix=("Write https:// in the address.",),
    sources=("https://github.com/encode/httpx/issues/1850", "https://github.com/psf/requests/issues/5861"),
    explains=("wrong-transport-or-endpoint-path", "redirect-trailing-slash-drops-auth", "connection-refused"),
    way=True,
)
def http_for_https(
    situation: Situation, differential: Differential, other: OtherScheme | None
) -> Verdict | None:
    """A redirect to https on the same host; a port that speaks TLS; or plain http that works, and should not."""
    if situation.secure:
        return None
    judged = differential.judged
    there = urlsplit(judged.location) if judged.location else None
    fix = (f"Set the address to {_with(situation, 'https')}",)
    if there is not None and there.scheme == "https" and there.hostname == situation.host.lower():
        fix = (f"Set the address to {judged.location}",)
        return proven(
            Evidence("differential", f"{situation.url} {judged.met()}"),
            Evidence("config", "no client takes a credential from http to https"),
            title=f"The address says http, and {situation.host} sends every request on to https.",
            fix=fix,
        )
    if other is not None and other.speaks == "https":
        where = f"{situation.host}, port {situation.port}"
        return proven(
            Evidence("scheme", f"{where} speaks TLS ({other.says})"),
            Evidence("differential", f"to plain http it {judged.gives()}"),
            title=f"The address says http, and {where} speaks https.",
            fix=fix,
        )
    if situation.has_credential and judged.accepted and not is_loopback(situation.url):
        return likely(
            Evidence("situation", f"{situation.url} is plain http, and not this machine"),
            title="The credential goes over plain http: anyone on the way can read it.",
            fix=(*fix, "If the server has no https: ask its admin for it, and replace the credential then."),
        )
    return None


@cause(
    id="https-url-on-plain-http-port",
    layer="tls",
    owner="you",
    title="The address says https, and the port speaks plain http.",
    explanation="A TLS handshake is answered by words of http: the server, or this port of it, has no TLS.",
    fix=("Use the port that serves https.", "On this machine alone: write http:// in the address."),
    sources=("OpenSSL SSL_R_WRONG_VERSION_NUMBER", "RFC 8446 section 4.1"),
)
def https_for_http(situation: Situation, other: OtherScheme) -> Verdict | None:
    """No TLS there, and a GET by plain http is answered."""
    if not situation.secure or other.speaks != "http":
        return None
    where = f"{situation.host}, port {situation.port}"
    fix: tuple[str, ...]
    if is_loopback(situation.url):
        fix = (f"Set the address to {_with(situation, 'http')}",)
    else:
        fix = (
            "Ask the server's admin for the port that serves https.",
            "Plain http is for this machine alone: over it anyone on the way could read the credential.",
        )
    return proven(
        Evidence("tls", f"{where} does not answer a TLS handshake"),
        Evidence("scheme", f"to plain http it answers {other.says}"),
        title=f"The address says https, and {where} speaks plain http.",
        fix=fix,
    )
