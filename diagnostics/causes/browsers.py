"""Layer http: what a client in a browser meets (CORS), and the challenge that leads a client to the login."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence

from ..facts import ResourceMetadata, Situation
from ..facts.edge import Preflight
from ..facts.wire import Answer, Differential, Request
from .book import Verdict, cause, likely, proven

_WANTED: Final = ("authorization", "content-type", "mcp-protocol-version")
_SPECIFICATION: Final = "https://fetch.spec.whatwg.org/#http-cors-protocol"


@cause(
    id="cors-preflight-requires-auth",
    layer="http",
    owner="server-admin",
    title="A client in a browser cannot reach the server: its preflight is refused.",
    explanation="Before a request to another origin a browser asks by OPTIONS, without a credential, whether it may. A"
    " server that answers this with 401, or without the headers that are needed, is closed to clients in a browser;"
    " others do not notice.",
    fix=(
        "To the server's admin: \"Answer OPTIONS before authentication, with Access-Control-Allow-Origin and"
        ' Access-Control-Allow-Headers: Authorization, Content-Type, Mcp-Protocol-Version, Mcp-Session-Id."',
    ),
    sources=(
        "https://github.com/hauptsacheNet/typo3-mcp-server/issues/115",
        "https://github.com/envoyproxy/ai-gateway/issues/2307",
        "https://github.com/alpic-ai/skybridge/issues/873",
        _SPECIFICATION,
    ),
    advice=True,
)
def preflight(preflight: Preflight) -> Verdict | None:
    """Refused, or without what a browser needs; the server's other answers say that browsers are meant to ask."""
    answer = preflight.answer
    if answer.status is None or answer.status == 429 or answer.failed:
        return None
    why = _lacks(answer)
    if not why:
        return None
    return likely(Evidence("preflight", preflight.seen()), Evidence("preflight", why))


def _lacks(answer: Answer) -> str:
    if answer.status in (401, 403, 405):
        return f"the browser's question is answered {answer.status}, so that it sends no request"
    if "access-control-allow-origin" not in answer.marks:
        return "no origin is allowed (Access-Control-Allow-Origin is not there)"
    allowed = {h.strip().lower() for h in answer.marks.get("access-control-allow-headers", "").split(",")}
    # `*` does not stand for Authorization (Fetch standard, CORS non-wildcard request-header name)
    missing = [h for h in _WANTED if h not in allowed and ("*" not in allowed or h == "authorization")]
    return f"these headers are not allowed: {', '.join(missing)}" if missing else ""


@cause(
    id="cors-www-authenticate-not-exposed",
    layer="http",
    owner="server-admin",
    title="A client in a browser cannot read how to sign in.",
    explanation="The refusal may be read from other origins, but not its header WWW-Authenticate, unless it is named in"
    " Access-Control-Expose-Headers. A client in a browser then finds no login and says that the server is not there.",
    fix=(
        "To the server's admin: \"Send Access-Control-Expose-Headers: WWW-Authenticate, Mcp-Session-Id with every"
        ' answer."',
    ),
    sources=(
        "https://github.com/twentyhq/twenty/issues/19836",
        "https://github.com/better-auth/better-auth/issues/10272",
        "https://github.com/modelcontextprotocol/inspector/issues/402",
        _SPECIFICATION,
    ),
    advice=True,
)
def not_exposed(differential: Differential) -> Verdict | None:
    """A 401 that other origins may read, with a challenge that they may not."""
    none = differential.none
    if none.status != 401 or not none.challenges or "access-control-allow-origin" not in none.marks:
        return None
    exposed = {h.strip().lower() for h in none.marks.get("access-control-expose-headers", "").split(",")}
    if exposed & {"www-authenticate", "*"}:
        return None
    shown = none.marks.get("access-control-expose-headers", "nothing")
    return likely(
        Evidence("differential", f"the 401 allows {none.marks['access-control-allow-origin']} to read it"),
        Evidence("differential", f"of its headers it exposes {shown}"),
    )


@cause(
    id="challenge-missing-resource-metadata",
    layer="http",
    owner="server-admin",
    title="The refusal does not say where to log in.",
    explanation="A client learns from the 401's header WWW-Authenticate where the resource's metadata lies, and from"
    " that where to log in. Where a 401 lacks it, the client shows `needs authentication` and opens no browser; often"
    " it is there for a missing token and not for one that has expired.",
    fix=(
        'To the server\'s admin: "Send WWW-Authenticate: Bearer resource_metadata=\\"...\\" with every 401, also'
        ' to a token that is invalid or has expired (then with error=\\"invalid_token\\")."',
    ),
    sources=(
        "https://github.com/maxkuminov/obsidian-mcp/issues/30",
        "https://github.com/maxkuminov/obsidian-mcp/issues/32",
        "https://github.com/aws/amazon-q-developer-cli/issues/3638",
        "https://github.com/InsForge/insforge-mcp/issues/69",
        "RFC 9728 section 5.1",
        "RFC 9110 section 15.5.2",
    ),
    standing=True,
    beside=True,
)
def unled(
    situation: Situation, differential: Differential, request: Request, metadata: ResourceMetadata | None
) -> Verdict | None:
    """One 401 leads to the login and another does not; or none has a challenge at all, where metadata is published."""
    if request.kind == "api":
        return None
    named = [("none", differential.none), ("a false token", differential.false)]
    if differential.real is not None:
        named.append(("yours", differential.real))
    refusals = [(who, a) for who, a in named if a.status == 401]
    led = [who for who, a in refusals if any(c.get("resource_metadata") for c in a.challenges)]
    unled = [(who, a) for who, a in refusals if who not in led]
    if not unled or not _bearer(refusals):
        return None
    without = Evidence(
        "differential", f"the 401 to {' and to '.join(w for w, _ in unled)}: {_challenge(unled[0][1])}"
    )
    letter = (
        f"To the server's admin: \"{situation.url} answers 401 without resource_metadata to"
        f" {' and to '.join(w for w, _ in unled)}. Every 401 has to name it: WWW-Authenticate: Bearer"
        ' resource_metadata=\\"...\\"."'
    )
    if led:
        return proven(
            Evidence("differential", f"the 401 to {led[0]} names where to log in (resource_metadata)"),
            without,
            title=f"The 401 to {unled[0][0]} does not say where to log in, and the one to {led[0]} does.",
            fix=(letter,),
        )
    if metadata is None or not metadata.authorization_servers:
        return None
    published = Evidence("metadata", f"{metadata.url} is published, and names who gives tokens")
    bare = all(not a.challenges for _, a in refusals)
    return (proven if bare else likely)(
        without, published, title="No refusal of this server says where to log in.", fix=(letter,)
    )


def _bearer(refusals: list[tuple[str, Answer]]) -> bool:
    """Whether a login is meant at all: a 401 that asks for Basic wants a password."""
    return all(not a.challenges or any(c.is_bearer() for c in a.challenges) for _, a in refusals)


def _challenge(answer: Answer) -> str:
    asks = ", ".join(c.text() for c in answer.challenges)
    return f"{asks}, without resource_metadata" if asks else "no WWW-Authenticate at all"
