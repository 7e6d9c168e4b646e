"""Layer http: a server that minds a field of the request other than the credential."""

from __future__ import annotations

import re
from typing import Final

from wizard.livetest import Evidence

from ..facts import CredentialText, JwtView, Situation
from ..facts.edge import ACCEPT, HOST, LENGTH, ORIGIN, SLASH, OneChanged
from ..facts.way import AsBrowser
from ..facts.wire import Differential, Request
from ..one_variable import LONG, OF_CSRF, OF_HOST, OF_LENGTH, TOO_LONG, lets_through
from .book import Verdict, cause, likely, proven

_ALL: Final = (
    "wrong-transport-or-endpoint-path",
    "wrong-environment-url",
    "access-proxy-redirects-to-login",
    "token-not-recognised",
    "authorization-header-missing",
)
_BOTH: Final = "application/json, text/event-stream"
_OF_ACCEPT: Final = re.compile(r"\bmust accept\b|\baccept(?: header|:)|text/event-stream", re.I)


@cause(
    id="host-header-rejected-dns-rebinding",
    layer="http",
    owner="server-admin",
    title="The server does not answer to this host name.",
    explanation="To guard against DNS rebinding a server answers only to the host names that it was told of, often"
    " `localhost` alone. Behind a proxy or under a public name it gets another one in the header Host, and refuses"
    " everybody, whatever the credential.",
    fix=(
        "To the server's admin: \"Add the public host name to the allowed hosts (MCP Python SDK:"
        ' TransportSecuritySettings(allowed_hosts=[...]); TypeScript SDK: allowedHosts; Django: ALLOWED_HOSTS)."',
    ),
    sources=(
        "https://github.com/modelcontextprotocol/python-sdk/issues/1798",
        "https://github.com/PrefectHQ/fastmcp/issues/4468",
        "https://github.com/modelcontextprotocol/inspector/issues/818",
        "https://github.com/blockscout/mcp-server/issues/333",
        "https://github.com/jeff-nasseri/mikrotik-mcp/issues/88",
        "RFC 9110 section 15.5.20",
    ),
    explains=(*_ALL, "waf-empty-or-blocked-user-agent", "license-or-policy-disables-feature"),
)
def host(situation: Situation, differential: Differential, changed: OneChanged | None) -> Verdict | None:
    """Another Host, to the same address, is let through; or the server says it in words."""
    judged = differential.judged
    if judged.accepted or judged.status not in (400, 403, 404, 421):
        return None
    told = judged.status == 421 or bool(OF_HOST.search(judged.told()))
    other = next(
        (
            c
            for c in (changed.of(HOST) if changed else ())
            if lets_through(c.answer) and not OF_HOST.search(c.answer.told())
        ),
        None,
    )
    if other is None and not told:
        return None
    says = judged.says or judged.page
    seen = Evidence(
        "differential", f"Host {situation.host}: {judged.seen()}" + (f" ({says[:80]})" if says else "")
    )
    letter = (
        f"To the server's admin: \"{situation.url} answers {judged.seen()}: its allowed hosts lack {situation.host}."
        " Add it (MCP Python SDK: TransportSecuritySettings(allowed_hosts=[...]); FastMCP:"
        " FASTMCP_HTTP_ALLOWED_HOSTS; TypeScript SDK: allowedHosts), or let the proxy send a Host that it knows"
        ' (nginx: proxy_set_header Host)."'
    )
    title = f"The server does not answer to the host name {situation.host}."
    if other is None:
        # by its own word
        said = bool(OF_HOST.search(says)) and judged.status != 404
        return (proven if said else likely)(seen, title=title, fix=(letter,))
    right = told or bool(other.answer.challenges) or other.answer.rpc
    return (proven if right else likely)(
        seen,
        Evidence("one-changed", f"the same request with Host {other.value}: {other.answer.seen()}"),
        title=title,
        fix=(letter,),
    )


@cause(
    id="origin-header-rejected",
    layer="http",
    owner="server-admin",
    title="The server refuses the header Origin.",
    explanation="MCP servers must check the header Origin, against DNS rebinding. Browsers always send it; one that the"
    " server was not told of is refused with 403, whatever the credential.",
    fix=(
        "To the server's admin: \"Add the client's origin (scheme, host and port) to the allowed origins.\"",
        "Where the config itself sends Origin and the client is no browser: take the header out.",
    ),
    sources=(
        "https://github.com/modelcontextprotocol/python-sdk/issues/1798",
        "https://github.com/spkane/freecad-addon-robust-mcp-server/pull/125",
        "https://github.com/modelcontextprotocol/modelcontextprotocol/pull/1439",
        "https://modelcontextprotocol.io/specification/2025-11-25/basic/transports",
    ),
    explains=(*_ALL, "waf-empty-or-blocked-user-agent", "host-header-rejected-dns-rebinding"),
)
def origin(situation: Situation, differential: Differential, changed: OneChanged) -> Verdict | None:
    """Without it, or with the server's own, the same request is let through."""
    judged = differential.judged
    other = next((c for c in changed.of(ORIGIN) if lets_through(c.answer)), None)
    if other is None or judged.status not in (400, 403) or other.answer.same_as(judged):
        return None
    seen = (
        Evidence("differential", f"{situation.url} {judged.met()}"),
        Evidence(
            "one-changed", f"the same request with the header Origin {other.value}: {other.answer.seen()}"
        ),
    )
    letter = (
        f"To the server's admin: \"{situation.url} answers {judged.seen()}: its allowed origins lack the client's"
        ' (scheme, host and port). Add it, and answer to programs that send no Origin."'
    )
    if other.value == "taken away":
        return proven(
            *seen,
            title=f"{situation.host} refuses the header Origin that the config sends.",
            fix=("Take the header Origin out of the config, if the client is no browser.", letter),
        )
    return proven(*seen, title=f"{situation.host} wants a header Origin that it knows.", fix=(letter,))


@cause(
    id="csrf-protection-on-machine-endpoint",
    layer="http",
    owner="server-admin",
    title="The path is guarded against forged forms, and no program passes.",
    explanation="A web framework lets a POST through only with a token that it has put into its own page (CSRF). No"
    " client of an API has one: the request landed in the web application, or the API's path is not exempt.",
    fix=(
        "Check the path: that of the API, with or without a slash at its end.",
        'To the server\'s admin: "Exempt the endpoint from the CSRF middleware; programs call it with a token."',
    ),
    sources=(
        "https://github.com/agencyenterprise/draft-detective/issues/774",
        "https://docs.djangoproject.com/en/stable/ref/csrf/",
        "https://laravel.com/docs/csrf",
    ),
    explains=(
        *_ALL,
        "waf-empty-or-blocked-user-agent",
        "host-header-rejected-dns-rebinding",
        "origin-header-rejected",
    ),
)
def csrf(
    *,
    situation: Situation,
    differential: Differential,
    request: Request,
    changed: OneChanged | None,
    browser: AsBrowser | None,
) -> Verdict | None:
    """A POST is refused in words of CSRF, whatever the credential."""
    judged = differential.judged
    if request.method != "POST" or judged.accepted or judged.challenges:
        return None
    if judged.status not in (302, 400, 403, 419, 422):
        return None
    told = OF_CSRF.search(judged.told())
    cookie = OF_CSRF.search(judged.marks.get("set-cookie", ""))
    if told is None and (cookie is None or judged.rpc or not judged.same_as(differential.none)):
        return None
    text = judged.says or judged.page or judged.words()
    seen = [Evidence("differential", f"POST {situation.url}: {judged.seen()}, and it says: {text[:120]}")]
    if cookie is not None:
        seen.append(Evidence("differential", f"it sets the cookies {judged.marks['set-cookie'][:80]}"))
    say = proven if told else likely
    if browser is not None and browser.answer.status != judged.status:
        seen.append(Evidence("browser", f"a GET of the same address: {browser.answer.seen()}"))
    letter = (
        f"To the server's admin: \"POST {situation.url} is answered {judged.status} (CSRF). Exempt it from the"
        ' CSRF middleware: programs call it with a token, and no cookie."'
    )
    there = next((c for c in (changed.of(SLASH) if changed else ()) if lets_through(c.answer)), None)
    if there is not None:
        seen.append(Evidence("one-changed", f"POST {there.value}: {there.answer.seen()}"))
        return say(
            *seen,
            title=f"{situation.url} is the web application's; the API answers at {there.value}.",
            fix=(f"Set the path in the address to {there.value}", letter),
            owner="you",
        )
    return say(
        *seen,
        title=f"{situation.host} guards this path against forged forms (CSRF), so no program can POST to it.",
        fix=("Check that the path is the API's, not the web application's.", letter),
    )


@cause(
    id="accept-header-406",
    layer="http",
    owner="you",
    title="The server does not like the header Accept (406).",
    explanation="Over streamable HTTP a client must say that it takes both `application/json` and `text/event-stream`."
    " A header in the config, or a proxy, that says something else is answered 406, whatever the credential.",
    fix=(
        f"Take Accept out of the config, or set it to: {_BOTH}",
        "The network's admin: the proxy must not rewrite Accept.",
    ),
    sources=(
        "https://github.com/modelcontextprotocol/typescript-sdk/issues/1414",
        "https://github.com/modelcontextprotocol/python-sdk/issues/2349",
        "https://github.com/tadata-org/fastapi_mcp/issues/266",
        "https://github.com/docfork/docfork/issues/155",
        "https://modelcontextprotocol.io/specification/2025-11-25/basic/transports",
    ),
    standing=True,
    explains=(*_ALL, "auth-disabled"),
)
def accept(situation: Situation, differential: Differential, changed: OneChanged) -> Verdict | None:
    """What the entry itself sends is answered 406, and both media types are not; or the other way about."""
    judged = differential.judged
    changes = changed.of(ACCEPT)
    own = next((c for c in changes if c.answer.status == 406), None)
    if judged.status != 406 and own is not None:
        return proven(
            Evidence("one-changed", f"with Accept {own.value}, as the config says: {own.answer.seen()}"),
            Evidence("differential", f"the same request with Accept {_BOTH}: {judged.seen()}"),
            title=f"The config sends Accept {own.value}, and {situation.host} wants both media types.",
        )
    if judged.status != 406:
        return None
    seen = Evidence("differential", f"with Accept {_BOTH}: {judged.seen()}, whatever the credential")
    other = next((c for c in changes if c.answer.status not in (None, 406)), None)
    if other is not None:
        return proven(
            seen,
            Evidence("one-changed", f"with Accept {other.value}: {other.answer.seen()}"),
            title=f"{situation.host} answers 406 to Accept {_BOTH}, which every MCP client sends.",
            fix=(
                f"To the server's admin: \"{situation.url} answers 406 to Accept: {_BOTH}, and not to {other.value}."
                ' Streamable HTTP asks for both: correct the check, or the proxy that rewrites Accept."',
            ),
            owner="server-admin",
        )
    if not _OF_ACCEPT.search(judged.told()):
        return None
    return likely(
        seen,
        Evidence("one-changed", "so it is with each media type alone"),
        title=f"{situation.host} answers 406 whatever Accept says: something on the way rewrites it.",
        fix=(
            f"To the server's admin: \"{situation.url} is answered 406 although Accept names both media types. Which"
            ' proxy rewrites the header?"',
        ),
        owner="server-admin",
    )


@cause(
    id="request-headers-too-large",
    layer="http",
    owner="server-admin",
    title="The credential is longer than the server lets a header be.",
    explanation="Servers and proxies take headers up to a limit (nginx and Node 8 to 16 KB). A token that lists many"
    " groups goes beyond it, so that only people in many groups are refused, with 400, 431 or 502.",
    fix=(
        "The identity provider's admin: put fewer groups into the token (Entra: only assigned groups, or app roles;"
        " Keycloak: take the mapper out).",
        "The server's admin: raise the limit (nginx: large_client_header_buffers; Node: --max-http-header-size).",
    ),
    sources=(
        "https://github.com/redhat-data-and-ai/template-agent/issues/347",
        "https://github.com/DouglasNeuroInformatics/OpenDataCapture/issues/1534",
        "https://github.com/pomerium/pomerium/issues/2730",
        "https://github.com/SAP/cloud-sdk/issues/2106",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers",
        "RFC 6585 section 5",
    ),
    explains=(
        "server-error",
        "token-not-recognised",
        "wrong-transport-or-endpoint-path",
        "license-or-policy-disables-feature",
        "insufficient-scope",
    ),
)
def too_large(
    *,
    situation: Situation,
    differential: Differential,
    credential: CredentialText,
    changed: OneChanged | None,
    jwt: JwtView | None,
) -> Verdict | None:
    """A short one is answered; a false one of the same length is not."""
    real, false = differential.real, differential.false
    size = len(credential.bare)
    if real is None or real.accepted or not lets_through(false):
        return None
    cut = real.status is None and real.error == "connection-closed"
    told = real.status in (431, 494) or bool(OF_LENGTH.search(real.told()))
    padded = next((c.answer for c in (changed.of(LENGTH) if changed else ())), None)
    same = padded is not None and (padded.status, padded.error) == (real.status, real.error)
    if not ((told and size > LONG // 4) or (same and size > LONG and (cut or real.status in TOO_LONG))):
        return None
    seen = [
        Evidence("differential", f"yours, {size:,} characters long: {real.seen()}"),
        Evidence("differential", f"a short false one: {false.seen()}"),
    ]
    if padded is not None:
        seen.append(Evidence("one-changed", f"a false one as long as yours: {padded.seen()}"))
    groups = _groups(jwt)
    if groups:
        seen.append(Evidence("jwt", f"the token lists {groups:,} groups or roles"))
    letter = (
        f"To the server's admin: \"{situation.url} answers {real.seen()} to a token of {size:,} characters. Raise the"
        ' limit for headers (nginx: large_client_header_buffers; Node: --max-http-header-size)."'
    )
    fewer = 'To the identity provider\'s admin: "Put fewer groups into the token."'
    return (proven if same or told else likely)(
        *seen,
        title=f"The credential is {size:,} characters long, more than {situation.host} takes in a header.",
        fix=(fewer, letter) if groups else (letter, fewer),
    )


def _groups(jwt: JwtView | None) -> int:
    held = [v for v in (jwt.claims if jwt else {}).values() if isinstance(v, list)]
    return max((len(v) for v in held), default=0) if any(len(v) > 20 for v in held) else 0
