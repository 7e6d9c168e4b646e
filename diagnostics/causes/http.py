"""Layer http: who answers, and whether at the right place."""

from __future__ import annotations

from typing import Final

from wizard.lengths import span
from wizard.livetest import Evidence
from wizard.pasting import pasted

from ..facts import Neighbours, Situation
from ..facts.edge import Elsewhere
from ..facts.gateway import Access, nearest
from ..facts.vendor import ToolTold
from ..facts.way import AsBrowser
from ..facts.wire import BROKEN_ANSWERS, Answer, Differential, Request
from ..login_wall import LOGIN_PAGE, Wall, wall_of
from ..refusals import speaks_of_auth
from .book import Verdict, cause, likely, proven

_NAMES: Final = 12


@cause(
    id="wrong-transport-or-endpoint-path",
    layer="http",
    owner="you",
    title="The address, or the transport, is not the server's.",
    explanation="The server answers 404 or 405 whatever the credential: MCP lives at another path, or speaks the"
    " other transport (streamable HTTP, or the older HTTP+SSE).",
    fix=(
        "Correct the address in the config.",
        "Correct the transport: `http` for streamable HTTP, `sse` for the older.",
    ),
    sources=(
        "https://github.com/modelcontextprotocol/typescript-sdk/issues/1635",
        "https://github.com/QwenLM/qwen-code/issues/8784",
        "https://github.com/punkpeye/mcp-proxy/issues/62",
    ),
    explains=("wrong-environment-url",),
)
def wrong_path(
    situation: Situation,
    differential: Differential,
    request: Request,
    neighbours: Neighbours | None,
    access: Access | None,
) -> Verdict | None:
    """A gateway lists other servers; another way of asking the same origin is answered; or what answers here does not
    speak MCP."""
    judged = differential.judged
    if access is not None and judged.status == 404 and access.server and access.listed and not access.open:
        return _no_such_server(access, Evidence("differential", f"{request.seen()}: {judged.seen()}"))
    alike = differential.none.status == judged.status == differential.false.status
    who = "whatever the credential" if alike else f"and without a credential {differential.none.seen()}"
    seen = Evidence("differential", f"{request.seen()}: {judged.seen()}, {who}")
    found = next((n for n in (neighbours.tried if neighbours else ()) if n.is_mcp), None)
    # who refuses none and a false one here may hide what is here from this one alone
    hidden = judged.status == 404 and differential.none.refused and differential.false.refused
    if found is None:
        odd = "" if request.kind == "api" else _no_mcp(differential)
        if not odd:
            return None
        return likely(seen, title=f"What answers at {situation.url} is not an MCP server: {odd}.")
    spoken = "the older HTTP+SSE" if found.way == "sse" else "streamable HTTP"
    kind = "sse" if found.way == "sse" else "http"
    return (likely if hidden else proven)(
        seen,
        Evidence("neighbours", f"{found.url} answers {found.answer.seen()} to {spoken}"),
        title=f"The MCP server answers at {found.url}, by {spoken}.",
        fix=(f"Set the address to {found.url} and the transport to `{kind}`.",),
    )


def _no_such_server(access: Access, seen: Evidence) -> Verdict:
    names = [s.name for s in access.listed or ()]
    shown = ", ".join(names[:_NAMES]) + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")
    near = nearest(access.server, names)
    return proven(
        seen,
        Evidence("access", f"the gateway lists to this credential: {shown}"),
        title=f"The gateway has no server `{access.server}`; it has {shown}.",
        fix=(
            f"Name the server `{near}`: --set {pasted(f'server={near}')}"
            if near
            else "Name one of them: --set server=NAME",
            "Or ask the gateway's admin to register the server, under this name.",
        ),
    )


def _no_mcp(differential: Differential) -> str:
    """Why what answered is no MCP server, whatever the credential; empty where nothing says so."""
    judged = differential.judged
    if judged.error in BROKEN_ANSWERS:
        return BROKEN_ANSWERS[judged.error]
    if judged.status is not None and 300 <= judged.status < 400:
        return f"it redirects elsewhere ({judged.status})"
    if judged.accepted and not differential.spoken:
        if judged.content == "text/event-stream":
            return "it sends events, and none of them is an answer"
        return "it sends a web page" if judged.content == "text/html" else "its answer is no JSON-RPC message"
    return ""


@cause(
    id="access-proxy-redirects-to-login",
    layer="http",
    owner="server-admin",
    title="An access proxy before the service wants a person to log in.",
    explanation="What stands before the service sends everyone who has no browser session to a login page. The service"
    " itself never sees the request, nor its credential.",
    fix=(
        "The server's admin: let the API's path through without a browser login, and let the service answer 401.",
        "Or send what the access proxy takes from programs (a service token), beside your own credential.",
    ),
    sources=(
        "https://github.com/coder/coder/issues/8297",
        "https://github.com/stefanko-ch/Nexus-Stack/issues/893",
        "https://github.com/getsentry/junior/issues/832",
        "https://github.com/cloudflare/cloudflare-docs/issues/33141",
        "https://oauth2-proxy.github.io/oauth2-proxy/features/endpoints",
    ),
    explains=("wrong-transport-or-endpoint-path", "wrong-environment-url"),
)
def access_proxy(
    situation: Situation, differential: Differential, request: Request, browser: AsBrowser | None
) -> Verdict | None:
    """Sent to a login whatever the credential; or refused in silence where a browser is sent to one."""
    judged = differential.judged
    wall = _wall(judged)
    if wall is not None:
        seen = Evidence("differential", f"{request.seen()} {judged.met()}, not JSON")
        none = Evidence("differential", f"without a credential: {differential.none.seen()}")
        return _walled(situation, wall, seen, none, certain=True)
    if browser is None or (wall := _wall(browser.answer)) is None or not wall.certain:
        return None
    seen = Evidence("differential", f"{request.seen()} {judged.met()}, with and without a credential")
    return _walled(situation, wall, seen, Evidence("browser", browser.seen()), certain=False)


def _wall(answer: Answer) -> Wall | None:
    """The login that an answer leads to: by the address that it came from, by where it sends on, by its page."""
    came = wall_of(answer.moved, ()) if answer.moved else None
    if came is not None and came.certain:
        return came
    if answer.location:
        return wall_of(answer.location, answer.asks)
    return LOGIN_PAGE if answer.login else None


def _walled(situation: Situation, wall: Wall, *evidence: Evidence, certain: bool) -> Verdict:
    title = (
        f"{wall.name[:1].upper()}{wall.name[1:]} stands before {situation.host} and wants a person to log in."
    )
    letter = f'To the server\'s admin: "{situation.url} sends programs to a login page. {wall.fix}"'
    own = "Or ask them for what programs may send there (a service token), and add it beside your own credential."
    return (proven if certain else likely)(*evidence, title=title, fix=(letter, own))


@cause(
    id="server-error",
    layer="http",
    owner="server-admin",
    title="The server itself fails.",
    explanation="A 5xx answer means that the server, or what stands before it, could not do its work. The"
    " credential is not the reason when every one gets the same answer.",
    fix=(
        "Try again in a minute.",
        'To the server\'s admin: "The server answers 5xx whatever the credential. Please look into its log."',
    ),
    sources=("RFC 9110 section 15.6",),
)
def server_error(situation: Situation, differential: Differential, other: Elsewhere | None) -> Verdict | None:
    """5xx to all is proven; only to the real one: it fails after accepting it."""
    judged = differential.judged
    if not judged.failed:
        return None
    by = f" ({judged.server})" if judged.server else ""
    letter = (
        f"To the server's admin: \"{situation.url} answers {judged.seen()}. Please look into its log, and tell me when"
        ' it works again."'
    )
    fix = (_again(judged), letter)
    title = f"The server answers {judged.status}: {_FAILS.get(judged.status or 0, 'it fails itself')}."
    if other is not None and judged.content == "text/html" and other.alike(judged):
        # the edge answers itself, whatever is asked: whether the server fails nobody has seen
        return likely(Evidence("differential", f"{differential.seen()}{by}"), title=title, fix=fix)
    if differential.none.failed and differential.false.failed:
        seen = Evidence("differential", f"{differential.seen()}{by}")
        return proven(seen, title=title, fix=fix)
    seen = Evidence("differential", f"only yours {judged.met()}{by}")
    return likely(
        seen,
        Evidence("differential", f"without a credential it is {differential.none.seen()}"),
        title=title,
        fix=fix,
    )


@cause(
    id="slack-error-in-200-not-authed",
    layer="http",
    owner="you",
    title="The service refuses the credential, in an answer of 200.",
    explanation="This service answers 200 also to a refusal and says so in the body (`ok` is false). A client that"
    " looks at the status alone shows it as connected.",
    fix=(
        "Make a new token (or install the app again), and store it in place of this one.",
        "Check that it belongs to the workspace that is meant.",
    ),
    sources=(
        "https://docs.slack.dev/apis/web-api/",
        "https://github.com/modelcontextprotocol/servers/issues/1261",
        "https://github.com/xorbitsai/xagent/issues/1069",
    ),
    explains=("token-not-recognised", "authorization-header-missing", "auth-error-hidden-in-200"),
    standing=True,
)
def refused_within(situation: Situation, differential: Differential) -> Verdict | None:
    """The error is in the body where the service's document puts it; which error it is tells whether the token came."""
    real = differential.real
    judged = differential.judged
    if (
        not (judged.documented and judged.hidden)
        or judged.needs
        or (real is None and not situation.configured)
    ):
        return None
    told = Evidence("differential", f"{judged.status}, and in it: {judged.hidden}")
    meaning = f" {judged.means}" if judged.means else ""
    if real is not None and real.hidden == differential.none.hidden:
        return proven(
            told,
            Evidence(
                "differential", "without a credential the answer is the same: the token does not arrive"
            ),
            title=f"The token does not reach the service: it answers 200 with {judged.hidden}.",
            fix=(
                "Send it as Authorization: Bearer <token>.",
                "Look for something on the way that takes the header out (a proxy, a redirect).",
            ),
        )
    seen = [told]
    if real is not None:
        seen.append(
            Evidence("differential", f"without a credential it is {differential.none.hidden or 'other'}")
        )
        seen.append(
            Evidence("differential", f"a false one gets {differential.false.hidden or 'another answer'}")
        )
    return proven(*seen, title=f"The service refuses, in an answer of 200: {judged.hidden}.{meaning}")


_FAILS: Final = {
    502: "what stands before it got no good answer from the program behind",
    503: "it cannot take requests now",
    504: "what stands before it waited in vain for the program behind",
}
"""RFC 9110 section 15.6."""


def _again(answer: Answer) -> str:
    """When to try it again: as the server says (RFC 9110 section 10.2.3), else soon."""
    wait = answer.retry_after.strip()
    if not wait:
        return "Try again in a minute."
    return (
        f"Try again in {span(float(wait))}, as it asks." if wait.isdecimal() else f"Try again after {wait}."
    )


_BEHIND = (
    "Authorize the connection to the service behind the server anew, in that server's own settings.",
    'To the server\'s admin: "A refusal of the service behind is answered 200; please answer 401 or 403."',
)


@cause(
    id="auth-error-hidden-in-200",
    layer="http",
    owner="server-admin",
    title="A refusal hides in an answer of 200.",
    explanation="The status says success, and the body says that a credential is invalid, expired or missing. A client"
    " that looks at the status alone shows the server as connected, and never signs in again.",
    fix=(
        'To the server\'s admin: "Please answer a refused credential with 401 and WWW-Authenticate, not with 200."',
        "If the refused credential is that of a service behind the server: authorize that connection anew there.",
    ),
    sources=(
        "https://github.com/ProfessionalWiki/MediaWiki-MCP-Server/issues/443",
        "https://github.com/xorbitsai/xagent/issues/1069",
        "https://github.com/fwouts/prmonitor/issues/1042",
    ),
    explains=("token-not-recognised", "authorization-header-missing", "access-token-expired"),
    standing=True,
)
def hidden_refusal(differential: Differential, called: ToolTold | None) -> Verdict | None:
    """Where a false credential is answered otherwise, the server took this one, and what is behind it did not."""
    real = differential.real
    if called is not None and differential.judged.accepted and speaks_of_auth(called.says):
        return proven(
            Evidence("tool-told", called.seen()),
            Evidence("differential", f"the server itself {differential.judged.gives()}"),
            title=f"The server lets you in; what its tool {called.tool} asks refuses, in an answer of 200.",
            fix=_BEHIND,
        )
    if real is None or not real.hidden or real.documented:
        return None
    told = Evidence("differential", f"yours is answered {real.status}, and in it: {real.hidden}")
    if differential.false.status in (401, 403):
        return proven(
            told,
            Evidence("differential", f"a made-up one is answered {differential.false.seen()}"),
            title="The server takes your credential; what is behind it refuses, and that hides in an answer of 200.",
            fix=_BEHIND,
        )
    return proven(told, Evidence("differential", differential.seen()))
