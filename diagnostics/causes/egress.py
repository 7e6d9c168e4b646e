"""Layer tenant: the server behind a gateway, and the credential that it wants for itself."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts.gateway import Access, Legs
from ..facts.wire import Answer
from .book import Verdict, cause, likely, proven


@cause(
    id="egress-token-refused",
    layer="tenant",
    owner="you",
    title="The server behind the gateway refuses its own token; the gateway itself has let you in.",
    explanation="Two parties ask for a credential each: the gateway (ingress), and the server behind it (egress), to"
    " which the gateway passes a token on without judging it. Here the second one says no.",
    fix=(
        "Renew the login at the provider behind that server, and put its new token in place of the old one.",
        "Check the provider's own ids (Atlassian: the cloud id) and the scopes that were consented to.",
    ),
    sources=(
        "MCP Gateway Registry: Authentication and Authorization Guide, Layer 3: Egress Authentication",
        "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/",
    ),
    explains=(
        "token-not-recognised",
        "insufficient-scope",
        "authorization-header-missing",
        "wrong-environment-url",
        "access-token-expired",
        "token-revoked-or-user-disabled",
    ),
)
def egress(legs: Legs, access: Access | None) -> Verdict | None:
    """A refusal in other words than the first leg's own, that stays the same with a false token for the last leg."""
    first, last = legs.legs[0], legs.legs[-1]
    refusal = last.refused
    if refusal is None or first.real is None or any(refusal.same_as(a) for a in (first.none, first.false)):
        return None
    if first.real.same_as(refusal) and refusal.status == 403:
        # the gateway's own rules refuse before anything is passed on
        return None
    listed = bool(access and access.open)
    say = proven if listed or first.real.accepted else likely
    server = f"`{access.server}`" if access else "the last one"
    let_in = (
        Evidence("access", f"{first.title} lists {server} to your token")
        if listed
        else Evidence("legs", f"to your token for it alone the answer is {_words(first.real)}")
    )
    evidence = [
        Evidence("legs", f"to a false token for itself {first.title} answers {_words(first.false)}"),
        let_in,
    ]
    behind = f"The server behind the gateway ({server})"
    if last.real is None:
        return say(
            *evidence,
            title=f"{behind} wants a token of its own, and none was sent.",
            fix=(
                "Log in at the provider behind that server; its token lies in .oauth-tokens/egress.json.",
                "Set it up anew with that token: authwizard setup ... --secret egress_token=SOURCE",
            ),
        )
    if refusal.same_as(last.false):
        seen = f"with the token for {last.title} it is {_words(refusal)}, as with a false one"
        title = f"{behind} refuses its own token; the gateway has let you in."
        return say(*evidence, Evidence("legs", seen), title=title)
    seen = f"with the token for {last.title} it is {_words(refusal)}; with a false one {last.false.seen()}"
    return say(
        *evidence,
        Evidence("legs", seen),
        title=f"{behind} knows its token, and does not allow this: {refusal.says or refusal.seen()}",
        fix=(
            "Check the ids that go along for it (Atlassian: X-Atlassian-Cloud-Id must name the site consented for).",
            "Log in again at the provider, and consent to the scopes that this server needs.",
        ),
    )


def _words(answer: Answer) -> str:
    seen, says = answer.seen(), answer.says[:80]
    return f"{seen} ({says})" if says and says not in seen else seen
