"""What a server forgets: sessions, keys, and what its replicas do not share. Layers http and server-misconfig."""

from __future__ import annotations

import re
from typing import Final

from wizard.livetest import Evidence

from ..facts import Clock, JwtView, ResourceMetadata, Situation
from ..facts.edge import Again, FollowUps, Running
from ..facts.oauth import TokenAnswer
from ..facts.wire import Answer, Differential
from ..words import moment, number
from .book import Verdict, cause, likely, proven

_SESSION: Final = re.compile(r"session", re.I)


@cause(
    id="mcp-session-lost",
    layer="http",
    owner="server-admin",
    title="The server forgets its MCP sessions.",
    explanation="It opens a session, and a request within it a moment later is answered as if it did not exist. Mostly"
    " several instances share one address, and each knows its own sessions only.",
    fix=(
        "To the server's admin: \"Keep a client on one instance (sticky sessions by Mcp-Session-Id), share the sessions"
        ' between the instances, or run the server without sessions (stateless)."',
        "A client must open a new session when it is answered 404.",
    ),
    sources=(
        "https://github.com/mcp-use/mcp-use/issues/153",
        "https://github.com/PrefectHQ/fastmcp/issues/1003",
        "https://github.com/agentic-community/mcp-gateway-registry/issues/960",
        "https://github.com/last9/last9-mcp-server/issues/174",
        "https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management",
    ),
    standing=True,
)
def session_lost(situation: Situation, differential: Differential, followed: FollowUps) -> Verdict | None:
    """404, or a 400 that speaks of the session, within one that was opened a moment ago."""
    if not (followed.answers and differential.judged.accepted and followed.opened.accepted):
        return None
    lost = [a for a in followed.answers if _is_lost(a)]
    if not lost:
        return None
    some = len(lost) < len(followed.answers)
    count = f"{len(lost)} of {len(followed.answers)} requests" if some else "every request"
    return proven(
        Evidence("follow-ups", f"a session was opened: {followed.opened.seen()}"),
        Evidence("follow-ups", f"{count} within it: {lost[0].seen()} {lost[0].says[:80]}".rstrip()),
        Evidence("differential", f"the credential is taken: {differential.judged.seen()}"),
        title=f"{situation.host} opens an MCP session, and {count} within it is answered {lost[0].status}.",
    )


def _is_lost(answer: Answer) -> bool:
    if answer.status is None or answer.status in (401, 403):
        return False
    return answer.status == 404 or bool(_SESSION.search(answer.told()))


@cause(
    id="replicas-hold-different-keys",
    layer="server-misconfig",
    owner="server-admin",
    title="The same credential is taken by some instances of the server and refused by others.",
    explanation="Several instances answer under one address, and each made its own signing key or client store when it"
    " started. A token is good at the one that made it only.",
    fix=(
        'To the server\'s admin: "Give all instances the same signing secret and the same client store."',
        "Until then one instance alone works.",
    ),
    sources=("https://github.com/keboola/mcp-server/issues/508",),
    explains=("token-not-recognised", "kid-unknown-server-jwks-cache-stale", "signature-invalid"),
    standing=True,
)
def replicas(situation: Situation, differential: Differential, again: Again) -> Verdict | None:
    """One moment, one token, both answers. What differs between the instances only their admin can see."""
    real = differential.real
    if real is None:
        return None
    answers = (real, *again.answers)
    taken = [a for a in answers if a.accepted]
    refused = [a for a in answers if a.status == 401]
    if not taken or not refused or any(a.status == 429 for a in answers):
        return None
    seen = [
        Evidence(
            "again", f"the same request {len(answers)} times: {len(taken)} taken, {len(refused)} refused"
        ),
        Evidence("again", f"refused: {refused[0].seen()}; taken: {taken[0].seen()}"),
    ]
    by = {m for a in answers if (m := a.marks.get("x-served-by") or a.marks.get("x-instance-id"))}
    if len(by) > 1:
        seen.append(Evidence("again", f"several instances answer: {', '.join(sorted(by))[:120]}"))
    return likely(
        *seen,
        title=f"{situation.host} takes the same credential {len(taken)} of {len(answers)} times: its instances differ.",
    )


@cause(
    id="server-signing-secret-regenerated-on-restart",
    layer="server-misconfig",
    owner="server-admin",
    title="The server was restarted, and no longer knows the tokens that it gave before.",
    explanation="A server that makes its own tokens signs them with a secret. Where that is made anew at each start, a"
    " restart ends every login, however long the tokens were meant to last.",
    fix=(
        "Log in again: a token from after the restart works.",
        "To the server's admin: \"Set a signing secret that stays the same (JWT secret from the environment or a"
        ' secret store)."',
    ),
    sources=(
        "https://github.com/keboola/mcp-server/issues/508",
        "https://github.com/amantus-ai/vibetunnel/issues/637",
        "https://github.com/spring-ai-community/mcp-security/issues/78",
        "https://github.com/stumpapp/stump/issues/1140",
    ),
    explains=(
        "token-not-recognised",
        "kid-not-in-jwks-keys-regenerated",
        "signature-invalid",
        "jwt-alg-mismatch",
    ),
)
def restarted(
    *,
    jwt: JwtView,
    differential: Differential,
    clock: Clock,
    running: Running,
    metadata: ResourceMetadata | None,
) -> Verdict | None:
    """The server made the token, runs since a later moment, and refuses it though it has not expired."""
    real = differential.real
    issued, until = number(jwt.claims.get("iat")), number(jwt.claims.get("exp"))
    if real is None or real.status != 401 or issued is None or issued >= running.since:
        return None
    if until is not None and until <= clock.now:
        return None
    held = jwt.claims.get("aud")
    audience = [str(a).rstrip("/") for a in (held if isinstance(held, list) else [held]) if a]
    if (
        metadata is not None
        and metadata.resource
        and audience
        and metadata.resource.rstrip("/") not in audience
    ):
        return None
    seen = (
        Evidence("jwt", f"the server itself gave the token ({jwt.claims.get('iss')}), {moment(issued)}"),
        Evidence("running", running.seen()),
        Evidence("differential", f"yours {real.met()}, though it has not expired"),
    )
    return proven(*seen) if real.same_as(differential.false) else likely(*seen)


@cause(
    id="auth-loop-causes-429",
    layer="rate-limit",
    owner="you",
    title="The login is asked for so often that the identity provider makes everybody wait.",
    explanation="A client that is refused, logs in and is refused again asks the same endpoints over and over, until"
    " they answer 429. The first refusal is the cause; the 429 hides it.",
    fix=(
        "Stop every client that uses this login.",
        "Wait, then try once: the answer to that one request names the real cause.",
    ),
    sources=(
        "https://github.com/punkpeye/mcp-remote/issues/91",
        "https://github.com/FlowFuse/flowfuse/issues/8273",
        "RFC 6585 section 4",
    ),
    explains=("rate-limited",),
)
def loop(token: TokenAnswer) -> Verdict | None:
    """429 from the endpoint that gives tokens; who asked so often only its log tells."""
    if token.given or token.status != 429:
        return None
    return likely(
        Evidence("token-answer", f"{token.endpoint} answers {token.seen()}"),
        title=f"{token.endpoint} makes you wait (429): something asks it for logins too often.",
        fix=(
            "Stop every client that uses this login.",
            *(token.fix or ("Wait some minutes, then try once.",)),
        ),
    )
