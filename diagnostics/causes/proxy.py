"""Layer proxy: what stands between this machine and the server because the environment names it."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence
from wizard.urls import is_loopback

from ..facts import Situation
from ..facts.way import Way
from ..facts.wire import Differential
from .book import Verdict, cause, likely, proven

_WORDS: Final = {
    "refused": "nothing listens there",
    "timeout": "no answer in time",
    "unreachable": "no way there",
    "unknown-name": "its name is not known",
    "closed": "it closes the connection",
    "not-http": "it does not answer as an HTTP proxy",
    "not-tls": "it does not speak TLS, or its certificate is not trusted here",
}


@cause(
    id="proxy-captures-loopback",
    layer="proxy",
    owner="you",
    title="Requests to this very machine are sent to a proxy.",
    explanation="The environment names a proxy and does not exempt this machine from it. A proxy cannot reach"
    " a server on"
    " your machine: for it, localhost is itself. So a local MCP server, or the callback of a login, seems to be down.",
    fix=("Exempt this machine: NO_PROXY=localhost,127.0.0.1,::1 (and no_proxy, which some programs read).",),
    sources=(
        "https://github.com/shanliuling/dsh-image-gen/issues/53",
        "https://github.com/slopus/happy/pull/1021",
        "https://github.com/fosdickio/binary_ninja_mcp/issues/41",
        "https://github.com/anthropics/claude-code/issues/23344",
    ),
    explains=("proxy-407-or-proxy-ignored", "server-error"),
)
def captured(situation: Situation, way: Way) -> Verdict | None:
    """Straight it is reached, and through the proxy it is not. A proxy that wants a user is another matter."""
    if way.bypass or way.direct or way.wants_user or not is_loopback(situation.url):
        return None
    if way.problem or way.via.error == "not-tls":
        # nobody could use this proxy for anything
        return None
    if not (way.closed or way.captured):
        return None
    seen = () if way.straight is None else (Evidence("proxy", f"past the proxy: {way.straight.seen()}"),)
    exempt = ",".join(
        dict.fromkeys([*filter(None, way.no_proxy.split(",")), "localhost", "127.0.0.1", "::1"])
    )
    return proven(
        *_evidence(situation, way),
        *seen,
        title=f"{way.variable} sends requests to {situation.host}, which is this machine, to the proxy {way.proxy}.",
        fix=(
            f"Exempt this machine: NO_PROXY={exempt} (and no_proxy, which some programs read), where the"
            " client starts.",
            "If the client ignores NO_PROXY: exempt these names in the proxy's own settings, or take the"
            " variable out of"
            " the client's environment.",
        ),
    )


@cause(
    id="proxy-407-or-proxy-ignored",
    layer="proxy",
    owner="you",
    title="The request does not get past the proxy.",
    explanation="The environment names a proxy. It asks for a user name and password, refuses them, is not there; or"
    " it is the only way out and is not used.",
    fix=(
        "Set the proxy's user name and password in HTTPS_PROXY, or name the host in NO_PROXY.",
        "Use a client that reads these variables.",
    ),
    sources=(
        "https://github.com/openai/codex/issues/22667",
        "https://github.com/apify/mcpc/issues/78",
        "RFC 9110 section 15.5.8",
    ),
    explains=("connection-timed-out", "connection-refused", "dns-name-unresolvable-or-split-horizon"),
)
def proxy(situation: Situation, way: Way, differential: Differential | None) -> Verdict | None:
    """Both ways side by side: which of them is open, and which one is taken."""
    if way.bypass:
        return _exempted(situation, way)
    if not way.closed:
        return _only_way(situation, way, differential)
    if way.wants_user:
        return _user(situation, way)
    if way.via.status is not None:
        return _forbids(situation, way)
    why = way.problem or _WORDS.get(way.via.error, way.via.error)
    straight = _around(situation, way)
    return proven(
        *_evidence(situation, way),
        title=f"The proxy {way.proxy} that {way.variable} names cannot be used: {why}.",
        fix=(f"Correct {way.variable}, or start what should listen at {way.proxy}.", *straight),
    )


def _evidence(situation: Situation, way: Way) -> tuple[Evidence, ...]:
    exempt = f"NO_PROXY is {way.no_proxy}" if way.no_proxy else "NO_PROXY is not set"
    taken = _WORDS.get(way.direct, way.direct) if way.direct else "a connection can be made"
    return (
        Evidence("proxy", f"{way.variable} names {way.proxy}; {exempt}"),
        Evidence(
            "proxy", f"through the proxy: {way.problem or _WORDS.get(way.via.error, '') or way.via.seen()}"
        ),
        Evidence("tcp", f"straight to {situation.host}, port {situation.port}: {taken}"),
    )


def _around(situation: Situation, way: Way) -> tuple[str, ...]:
    if way.direct:
        return ()
    return (
        f"{situation.host} can be reached without the proxy. To do so, name it: NO_PROXY={_named(situation, way)}",
    )


def _named(situation: Situation, way: Way) -> str:
    return f"{way.no_proxy},{situation.host}" if way.no_proxy else situation.host


def _user(situation: Situation, way: Way) -> Verdict:
    host = way.proxy.partition("://")[2]
    form = f"{way.proxy.partition('://')[0]}://USER:PASSWORD@{host}"
    if way.has_user:
        title = f"The proxy {way.proxy} refuses the user name and password that {way.variable} holds."
        first = f"Correct them in {way.variable} ({form}); signs such as @ : / % are percent-encoded there."
    else:
        title = f"The proxy {way.proxy} wants a user name and password, and {way.variable} holds none."
        first = f"Set them: {way.variable}={form}, in a file that only you can read."
    ask = f'To the network\'s admin: "Which user may pass the proxy {way.proxy}?"'
    return proven(*_evidence(situation, way), title=title, fix=(first, *_around(situation, way), ask))


def _forbids(situation: Situation, way: Way) -> Verdict:
    where = f"{situation.host}, port {situation.port}"
    lost = (way.via.status or 0) >= 500
    says = f"cannot reach {where}" if lost else f"does not let a request to {where} through"
    ask = f'To the network\'s admin: "The proxy {way.proxy} answers {way.via.status} for {where}. Is it allowed?"'
    return proven(
        *_evidence(situation, way),
        title=f"The proxy {way.proxy} {says}: it answers {way.via.status}.",
        fix=("Check the host and the port in the address.", *_around(situation, way), ask),
        owner="network-admin",
    )


def _exempted(situation: Situation, way: Way) -> Verdict | None:
    if not way.direct or way.closed:
        return None
    return proven(
        *_evidence(situation, way),
        title=f"NO_PROXY exempts {situation.host}, and only the proxy {way.proxy} reaches it.",
        fix=(f"Take what matches {situation.host} out of NO_PROXY ({way.no_proxy}).",),
    )


def _only_way(situation: Situation, way: Way, differential: Differential | None) -> Verdict | None:
    """It works here, for this program uses the proxy; a client that does not would wait for ever."""
    judged = differential.judged if differential else None
    if not way.direct or judged is None:
        return None
    if not way.via.tunnel and judged.failed and way.direct:
        return likely(
            *_evidence(situation, way),
            title=f"The proxy {way.proxy} cannot reach {situation.host}: it answers {judged.status}.",
            fix=("Check the host and the port in the address, and that the service runs.",),
        )
    if not (judged.accepted and situation.configured):
        return None
    return likely(
        *_evidence(situation, way),
        title=f"{situation.host} is reached only through the proxy; a client that ignores it gets no answer.",
        fix=(
            f"Start the client where {way.variable} is set. On Node set NODE_USE_ENV_PROXY=1 too.",
            "mcp-remote: add --enable-proxy. VS Code: set http.proxy.",
        ),
    )
