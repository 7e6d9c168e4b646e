"""Layer header: what becomes of the credential's header between the client and the server."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from wizard.livetest import Evidence

from ..facts import CredentialText, Situation
from ..facts.edge import ALONE, NAME, SCHEME_CASE, Again, OneChanged, Redirected
from ..facts.wire import Answer, Differential, Mended, Request
from ..one_variable import lets_through
from ..other_way import wanted
from .book import Verdict, cause, likely, proven

_HEADER: Final = r"(?:authori[sz]ation|(?:auth\w* )?header)"
_THING: Final = rf"(?:{_HEADER}|auth|(?:access |bearer |auth )?token|credentials?|bearer|api.?key)"
_MISSING: Final = re.compile(
    rf"\b(?:missing|absent|no|without)\b (?:\w+ ){{0,3}}?{_THING}\b"
    rf"|\b{_THING}\b (?:\w+ ){{0,3}}?(?:missing|absent"
    r"|not (?:\w+ )?(?:provided|supplied|present|given|set|sent|received))\b"
    rf"|\b{_HEADER} (?:\w+ )?not found\b"
    rf"|\b{_THING} (?:is |was )?required\b|\brequires? an? (?:\w+ )?{_THING}\b",
    re.I,
)
"""What a server says to who brought nothing. `Token not found` is not among it: it may have looked for one."""
_OWN_PAGE: Final = re.compile(r"\b401 Authorization Required\b", re.I)
"""nginx's own name of a 401: it says so to whoever brought a wrong password as well."""
_JUDGED: Final = re.compile(r"\b(?:invalid|expired|wrong|incorrect|malformed|unknown|revoked|bad)\b", re.I)
_CGI: Final = re.compile(r"\bapache\b|litespeed|cpanel|\bphp\b|plesk", re.I)
_BEFORE: Final = re.compile(r"nginx|openresty|tengine|envoy|caddy|traefik|haproxy|iis\b", re.I)
_PROXIES: Final = re.compile(r"nginx|openresty|apache|envoy|tengine", re.I)


@cause(
    id="authorization-scheme-case",
    layer="header",
    owner="server-admin",
    title="The server minds capital letters in the scheme (`Bearer`, `bearer`).",
    explanation="The name of a scheme is read without regard to capitals (RFC 9110 section 11.1). A server that"
    " compares it letter by letter refuses a good token that is sent in the other way.",
    fix=(
        "Write the scheme as this server wants it; `Bearer` is the usual way.",
        'To the server\'s admin: "Compare the scheme without regard to capital letters (RFC 9110 section 11.1)."',
    ),
    sources=(
        "https://github.com/haiwen/seahub/pull/5866",
        "https://github.com/getodk/central-backend/issues/849",
        "RFC 9110 section 11.1",
    ),
    explains=("token-not-recognised", "authorization-scheme-malformed", "authorization-header-missing"),
)
def scheme_case(
    *,
    situation: Situation,
    credential: CredentialText,
    differential: Differential,
    changed: OneChanged | None,
    mended: Mended | None,
    again: Again | None,
) -> Verdict | None:
    """The same token under the same scheme in other letters is taken, and as it stands it never is."""
    real = differential.real
    if real is None or real.accepted or (again is not None and any(a.accepted for a in again.answers)):
        return None
    seen = Evidence("differential", f"with `{credential.scheme}` yours {real.met()}")
    title = "The server takes this token as `{}`, and not as `{}`."
    letter = (
        f"To the server's admin: \"{situation.url} compares the scheme letter by letter. It has to be read without"
        ' regard to capitals (RFC 9110 section 11.1)."'
    )
    other = next((c for c in (changed.of(SCHEME_CASE) if changed else ()) if c.answer.accepted), None)
    if other is not None:
        return proven(
            seen,
            Evidence("one-changed", f"the same token as `{other.value}`: {other.answer.seen()}"),
            title=title.format(other.value, credential.scheme),
            fix=(f"Send it as Authorization: {other.value} <token>, where the client lets you.", letter),
        )
    fault = credential.fault("authorization-scheme-malformed")
    lax = fault is not None and credential.scheme.lower() == "bearer" and credential.scheme != "Bearer"
    if "malformed" in real.told().lower():
        # by its own word it is the whole header's form that it minds
        return None
    if fault is not None and lax and mended is not None and mended.accepted(fault.id):
        return proven(
            seen,
            Evidence("mended", f"the same token as `Bearer`: {mended.answers[fault.id].seen()}"),
            title=title.format("Bearer", credential.scheme),
            fix=("Write the header as Authorization: Bearer <token>.", letter),
            owner="you",
        )
    return None


@cause(
    id="multiple-authorization-values",
    layer="header",
    owner="you",
    title="The request carries more than one credential.",
    explanation="A request has one Authorization header with one scheme in it. A second one (a static header beside a"
    " login, a comma between two) makes the server take the wrong one, or none.",
    fix=("Keep one credential, and take the other out of the config.",),
    sources=(
        "https://github.com/allegro/allegro-api/issues/3967",
        "RFC 9110 section 11.6.2",
        "RFC 6750 section 2",
    ),
    explains=(
        "token-not-recognised",
        "authorization-scheme-malformed",
        "authorization-header-missing",
        "basic-credentials-wrong",
        "token-quotes-or-invisible-characters",
    ),
)
def several(differential: Differential, changed: OneChanged) -> Verdict | None:
    """Each of them alone: at least one is taken, and all together are not."""
    real, each = differential.real, changed.of(ALONE)
    if real is None or real.accepted or len(each) < 2:
        return None
    seen = (
        Evidence("differential", f"{len(each)} credentials at once ({_places(each)}): {real.seen()}"),
        *(Evidence("one-changed", f"{c.value} alone: {c.answer.seen()}") for c in each),
    )
    taken = next((c for c in each if c.answer.accepted), None)
    if taken is None:
        return None
    return proven(
        *seen,
        title=f"The request carries {len(each)} credentials; {taken.value} alone is taken.",
        fix=(f"Keep {taken.value}, and take the other out of the config.",),
    )


def _places(each: tuple[object, ...]) -> str:
    return ", ".join(str(getattr(c, "value", "")) for c in each)


@cause(
    id="header-with-underscore-dropped",
    layer="header",
    owner="you",
    title="The header's name has an underscore, and a proxy drops it.",
    explanation="nginx and Apache throw away headers with an underscore in their name, so that the server behind them"
    " answers as if no credential had been sent.",
    fix=(
        "Write the name with a hyphen, where the server reads it so.",
        'To the server\'s admin: "nginx: underscores_in_headers on; or read the header by a name with a hyphen."',
    ),
    sources=(
        "https://github.com/nginx-proxy/nginx-proxy/issues/2260",
        "https://github.com/codacy/codacy-analysis-cli/issues/177",
        "https://github.com/mrtolkien/fastapi_simple_security/issues/5",
        "https://github.com/goauthentik/authentik/issues/17650",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#underscores_in_headers",
    ),
    explains=("authorization-header-missing", "token-not-recognised"),
)
def underscore(
    credential: CredentialText, differential: Differential, changed: OneChanged | None
) -> Verdict | None:
    """Answered as if there were none; with a hyphen it is taken, or something stands there that drops such names."""
    real, none = differential.real, differential.none
    if real is None or "_" not in credential.header or credential.in_query:
        return None
    if real.accepted or not real.same_as(none) or not none.refused:
        return None
    seen = Evidence(
        "differential", f"sent as {credential.header} it is answered as if there were none: {real.seen()}"
    )
    other = next((c for c in (changed.of(NAME) if changed else ()) if not c.answer.same_as(real)), None)
    server = real.marks.get("server", "")
    letter = (
        f"To the server's admin: \"The header {credential.header} does not arrive: the proxy drops names with an"
        ' underscore (nginx: underscores_in_headers on)."'
    )
    if other is not None and other.answer.accepted:
        return proven(
            seen,
            Evidence("one-changed", f"sent as {other.value}: {other.answer.seen()}"),
            title=f"The header {credential.header} is dropped on the way; {other.value} arrives.",
            fix=(f"Send it as {other.value}.", letter),
        )
    if not _PROXIES.search(server):
        return None
    return likely(
        seen,
        Evidence("differential", f"{server} answers, which drops names with an underscore"),
        title=f"The header {credential.header} is dropped by {server}, for its underscore.",
        fix=(letter, "Or use a name with a hyphen, if the server reads one."),
        owner="server-admin",
    )


@cause(
    id="authorization-stripped-by-cgi-or-fpm",
    layer="header",
    owner="server-admin",
    title="The web server keeps the Authorization header from the program behind it.",
    explanation="Apache gives no Authorization header to CGI and FastCGI programs (PHP-FPM) unless it is told to. The"
    " program answers every token, good or false, as if none had been sent.",
    fix=(
        'To the server\'s admin: "Apache: CGIPassAuth On (2.4.13 and newer), or SetEnvIf Authorization \\"(.*)\\"'
        ' HTTP_AUTHORIZATION=$1; after a rewrite read REDIRECT_HTTP_AUTHORIZATION."',
    ),
    sources=(
        "https://github.com/clue/framework-x/issues/124",
        "https://github.com/FreshRSS/FreshRSS/issues/2449",
        "https://github.com/sabre-io/dav/issues/114",
        "https://github.com/hauptsacheNet/typo3-mcp-server/issues/33",
        "https://httpd.apache.org/docs/2.4/mod/core.html#cgipassauth",
    ),
    explains=("authorization-header-missing", "token-not-recognised", "basic-credentials-wrong"),
)
def stripped(situation: Situation, credential: CredentialText, differential: Differential) -> Verdict | None:
    """None, a false one and yours get the very same answer, which says that none came, from Apache or PHP."""
    real, none, false = differential.real, differential.none, differential.false
    if real is None or credential.header.lower() != "authorization" or not real.refused:
        return None
    if not (_same(none, false) and _same(none, real)):
        return None
    text = _OWN_PAGE.sub(" ", real.says or real.page or real.words())
    told = _MISSING.search(text.replace("_", " "))
    by = f"{real.marks.get('server', '')} {real.marks.get('x-powered-by', '')}".strip()
    if told is None or _JUDGED.search(text):
        # `missing or invalid` is said to everybody
        return None
    if wanted(credential.header, credential.scheme, differential) is not None:
        # it does not look there
        return None
    cgi, before = bool(_CGI.search(by)), bool(_BEFORE.search(by))
    seen = (
        Evidence(
            "differential",
            f"without a credential, with a made-up one and with yours it answers alike: {real.seen()}",
        ),
        Evidence("differential", f"it says to all of them: {text[:120]}"),
        *((Evidence("differential", f"{by} answers"),) if by else ()),
    )
    way = (
        'Apache: CGIPassAuth On, or SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1; after a rewrite read'
        " REDIRECT_HTTP_AUTHORIZATION."
        if cgi or not before
        else 'nginx: take proxy_set_header Authorization "" out, and pass the header on'
        " (proxy_set_header Authorization $http_authorization; fastcgi_param HTTP_AUTHORIZATION)."
    )
    letter = f'To the server\'s admin: "{situation.url} does not see the Authorization header. {way}"'
    return (proven if cgi or before else likely)(
        *seen,
        title="The Authorization header does not reach the program behind the web server.",
        fix=(letter,),
    )


def _same(one: Answer, other: Answer) -> bool:
    return one.same_as(other) and one.page == other.page


@cause(
    id="redirect-scheme-downgrade-drops-auth",
    layer="header",
    owner="server-admin",
    title="The server redirects from https to http, and the credential is lost.",
    explanation="Behind a proxy that ends TLS a server often takes itself for plain http and writes such addresses into"
    " its redirects. No client takes a credential from https to http.",
    fix=(
        "Write the address in the config as the redirect spells it, with https.",
        "To the server's admin: \"Pass X-Forwarded-Proto on and trust it (uvicorn: --proxy-headers"
        ' --forwarded-allow-ips)."',
    ),
    sources=(
        "https://github.com/BerriAI/litellm/issues/34845",
        "https://github.com/psf/requests/issues/4716",
        "https://github.com/encode/httpx/issues/1850",
    ),
    explains=("wrong-transport-or-endpoint-path", "wrong-environment-url"),
)
def downgrade(
    situation: Situation, differential: Differential, request: Request, led: Redirected | None
) -> Verdict | None:
    """A redirect to http on the same host; the same path by https says what is lost."""
    judged = differential.judged
    there = urlsplit(judged.location) if judged.location else None
    if not situation.secure or there is None or there.scheme != "http":
        return None
    if (there.hostname or "") != situation.host.lower():
        return None
    seen = [Evidence("differential", f"{request.method} {request.url} {judged.met()}")]
    fix = [
        f"To the server's admin: \"{situation.url} redirects to {judged.location}. Pass X-Forwarded-Proto on and trust"
        ' it (uvicorn: --proxy-headers --forwarded-allow-ips), so that it stays https."'
    ]
    if led is not None and led.own and lets_through(led.answer):
        seen.append(Evidence("redirected", f"by https the same address is let in: {led.answer.seen()}"))
        fix.insert(0, f"Set the address to {led.url}")
    return proven(
        *seen,
        title=f"{situation.host} redirects from https to http, where no client takes the credential.",
        fix=tuple(fix),
    )


@cause(
    id="redirect-cross-host-drops-auth",
    layer="header",
    owner="you",
    title="The address redirects to another host, and the credential stays behind.",
    explanation="A credential is for one origin, so that clients take it out of a request that is redirected to another"
    " host. The service there sees nobody.",
    fix=(
        "Write the address in the config that the redirect leads to, once you trust it with the credential.",
    ),
    sources=(
        "https://github.com/psf/requests/issues/2949",
        "https://github.com/psf/requests/issues/4850",
        "https://github.com/psf/requests/issues/6741",
        "https://github.com/planetlabs/planet-client-python/issues/44",
        "RFC 9110 section 15.4",
    ),
    explains=("wrong-transport-or-endpoint-path", "wrong-environment-url"),
)
def other_host(
    situation: Situation, differential: Differential, request: Request, led: Redirected
) -> Verdict | None:
    """Another host than the one asked, and one that answers as the service should."""
    judged = differential.judged
    if led.own or not judged.location:
        return None
    there = urlsplit(judged.location)
    seen = (
        Evidence("differential", f"{request.method} {request.url} {judged.met()}"),
        Evidence("redirected", f"{led.seen()} without a credential, for it is another origin"),
    )
    title = f"{situation.url} redirects to {there.netloc}, where no client takes the credential."
    fix = (
        f"If {there.netloc} is the same service, and you trust it: set the address to {judged.location}",
        f'Else ask the server\'s admin: "Where does {situation.url} lead to, and why?"',
    )
    speaks = led.answer.status == 401 or (led.answer.accepted and led.answer.rpc)
    return (proven if speaks else likely)(*seen, title=title, fix=fix)
