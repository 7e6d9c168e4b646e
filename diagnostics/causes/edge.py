"""Layer http: what stands before the server and turns a program away before its credential is looked at."""

from __future__ import annotations

import re
from typing import Final

from wizard.livetest import Evidence

from .. import edge
from ..facts import Situation
from ..facts.edge import USER_AGENT, Elsewhere, OneChanged
from ..facts.wire import Answer, Differential, Request
from ..one_variable import lets_through
from .book import Verdict, cause, likely, proven

_BEHIND: Final = (
    "wrong-transport-or-endpoint-path",
    "wrong-environment-url",
    "access-proxy-redirects-to-login",
    "token-not-recognised",
    "authorization-header-missing",
    "server-error",
    "auth-disabled",
)
_ADDRESS_LIST: Final = re.compile(
    r"\bip[ _-]?(?:address)?(?:es)?[ _-]?(?:allow|white|access)[ _-]?list"
    r"|\bip(?: address)?\b.{0,60}?\b(?:not|isn't|aren't) "
    r"(?:\w+ ){0,2}?(?:permitted|allowed|authori[sz]ed|trusted|white-?listed|allow-?listed|(?:on|in) (?:the|an|our))"
    r"|\b(?:not|isn't) (?:permitted|allowed|authori[sz]ed) from (?:this|your) (?:ip|network|location)"
    r"|\b(?:access|requests?|connections?|traffic) (?:from|by) (?:this|your|the)(?: client)? ip\b.{0,60}?"
    r"\b(?:denied|blocked|forbidden|rejected|restricted|not allowed)"
    r"|\b(?:your|client|source) ip\b.{0,60}?\b(?:denied|blocked|forbidden|rejected|restricted)"
    r"|\bip_(?:not_allowed|restricted|forbidden|blocked|address_blocked)\b",
    re.I,
)
_ERROR: Final = re.compile(r"\berror(?: code)?:? ?(10[0-3]\d|52\d|530)\b", re.I)
_OWN: Final = {
    "1016": "it finds no address of the server behind it (error 1016)",
    "1033": "no tunnel of the server is connected to it (error 1033)",
}


def _whose(answer: Answer, situation: Situation) -> str:
    return edge.name_of(answer) or f"what stands before {situation.host}"


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


@cause(
    id="waf-managed-challenge-html",
    layer="http",
    owner="server-admin",
    title="A firewall tests for a browser, and no program passes.",
    explanation="What stands before the server answers with a page of scripts that only a browser can run (a managed"
    " challenge). A client that expects JSON shows `Unexpected token '<'`; the server never sees the request.",
    fix=(
        'To the server\'s admin: "Exempt the MCP path, /.well-known, /register and /token from challenges."',
        "Try from another network: such tests are often made of data centres and VPNs alone.",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/72673",
        "https://github.com/LetsFG/LetsFG/issues/206",
        "https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/",
        "https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html",
    ),
    explains=(
        *_BEHIND,
        "waf-empty-or-blocked-user-agent",
        "waf-ai-bot-block",
        "ip-allow-list",
        "rate-limited",
    ),
)
def browser_test(situation: Situation, differential: Differential) -> Verdict | None:
    """By the field or the page that such a test alone has."""
    judged = differential.judged
    if not judged.check or lets_through(judged):
        return None
    letter = (
        f"To the server's admin: \"{judged.check} answers {situation.url} with a test for a browser"
        f" ({judged.status}). Exempt this path, /.well-known, /register and /token from challenges"
        + (
            ' (Cloudflare: a WAF custom rule with the action Skip)."'
            if judged.check == "Cloudflare"
            else '."'
        )
    )
    return proven(
        Evidence(
            "differential", f"{situation.url} is answered {judged.status}, a page that tests for a browser"
        ),
        Evidence("differential", f"the page is that of {judged.check}, with and without a credential"),
        title=f"{judged.check} before {situation.host} tests for a browser, which no program passes.",
        fix=(letter, "Try from another network: data centres and VPNs are tested more often."),
    )


@cause(
    id="waf-empty-or-blocked-user-agent",
    layer="http",
    owner="server-admin",
    title="A firewall turns programs away by their User-Agent.",
    explanation="The very same request is refused under a program's name and let through under a browser's: a rule"
    " before the server looks at the header User-Agent. The credential was not looked at.",
    fix=(
        "To the server's admin: \"Allow the User-Agent of MCP clients for the MCP path, /.well-known, /register and"
        ' /token."',
        "Where the client has an option for its User-Agent, set it.",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/47390",
        "https://github.com/NousResearch/hermes-agent/issues/115329",
        "https://github.com/NousResearch/hermes-agent/issues/96602",
    ),
    explains=(*_BEHIND, "rate-limited", "ip-allow-list"),
)
def user_agent(situation: Situation, differential: Differential, changed: OneChanged) -> Verdict | None:
    """A browser's name is let through where ours is not, and nothing else differs."""
    none = differential.none
    other = next((c for c in changed.of(USER_AGENT) if lets_through(c.answer)), None)
    if other is None or other.value == "Claude-User" or other.answer.status == none.status:
        return None
    if none.accepted or none.rpc:
        return None
    who = _whose(none, situation)
    letter = (
        f"To the server's admin: \"{_capital(who)} refuses {situation.url} to programs by their User-Agent"
        f" ({none.seen()}; a browser's gets {other.answer.status}). Please exempt this path, /.well-known, /register"
        ' and /token from that rule."'
    )
    return proven(
        Evidence("differential", f"under the name authwizard: {none.seen()}"),
        Evidence("one-changed", f"the same request under a browser's name: {other.answer.seen()}"),
        title=f"{_capital(who)} refuses programs by their User-Agent; a browser's is let through.",
        fix=(letter, "Where the client has an option for its User-Agent, set it."),
    )


@cause(
    id="waf-ai-bot-block",
    layer="http",
    owner="server-admin",
    title="The edge before the server turns away AI assistants.",
    explanation="Requests under an assistant's name (Claude-User, GPTBot) end at the edge, others reach the server. At"
    " Cloudflare this is a switch of its own (Block AI bots), which other rules do not lift; a login succeeds, and the"
    " requests after it are lost.",
    fix=(
        "To the server's admin: \"Cloudflare: Security > Bots > Block AI bots: off for this host, or exempt the MCP"
        ' path; look at AI Crawl Control too. Elsewhere: exempt it from the rules against bots."',
    ),
    sources=(
        "https://github.com/anthropics/claude-ai-mcp/issues/75",
        "https://github.com/anthropics/claude-ai-mcp/issues/1061",
        "https://github.com/anthropics/claude-ai-mcp/issues/63",
        "https://developers.cloudflare.com/bots/additional-configurations/block-ai-bots/",
    ),
    standing=True,
)
def assistants(
    situation: Situation, differential: Differential, request: Request, changed: OneChanged
) -> Verdict | None:
    """An MCP server is there for assistants: one that lets us in, and not Claude-User, shuts out its own guests."""
    other = next((c for c in changed.of(USER_AGENT) if c.value == "Claude-User"), None)
    none = differential.none
    if other is None or request.kind == "api" or not lets_through(none):
        return None
    refused = bool(other.answer.check) or other.answer.status in (401, 402, 403, 429, 503)
    if not refused or other.answer.status == none.status:
        return None
    return proven(
        Evidence("differential", f"under the name authwizard: {none.seen()}"),
        Evidence("one-changed", f"the same request under the name Claude-User: {other.answer.seen()}"),
        title=f"{edge.name_of(none)} before {situation.host} turns away AI assistants (Claude-User).",
    )


@cause(
    id="ip-allow-list",
    layer="http",
    owner="server-admin",
    title="The server takes requests from certain network addresses only.",
    explanation="The credential may be right: it is the address from which the request comes that is not on the list."
    " A server that runs elsewhere (a hosted MCP server) has an address of its own.",
    fix=(
        'To the server\'s admin: "Please put our outgoing address on the IP allow list."',
        "Or run the MCP server inside the network that is allowed.",
    ),
    sources=(
        "https://github.com/github/github-mcp-server/issues/748",
        "https://github.com/github/github-mcp-server/issues/309",
        "https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/managing-allowed-ip-addresses-for-your-organization",
    ),
    explains=(
        "token-not-recognised",
        "insufficient-scope",
        "wrong-environment-url",
        "auth-error-hidden-in-200",
    ),
)
def address_list(situation: Situation, differential: Differential) -> Verdict | None:
    """By the server's own words; no other network is asked from, so it is likely only."""
    judged = differential.judged
    if judged.accepted or judged.status is None or not (told := _ADDRESS_LIST.search(judged.told())):
        return None
    text = judged.says or judged.page or judged.words()
    return likely(
        Evidence("differential", f"{situation.url} {judged.met()}"),
        Evidence("differential", f"it says: {text[:200]}"),
        title=f"{situation.host} does not take requests from this network's address: `{told[0][:60]}`.",
    )


@cause(
    id="edge-route-missing",
    layer="http",
    owner="server-admin",
    title="The edge knows of no server behind this address.",
    explanation="A tunnel, balancer or hosting platform answers by itself, for every path alike: the route from this"
    " host name to the server is missing, or nothing is connected to it. The server's own log shows nothing.",
    fix=(
        "To the server's admin: \"Add the route (tunnel ingress, balancer rule, custom domain) for this host name and"
        ' path, and see that the server behind it is connected."',
    ),
    sources=(
        "https://github.com/anthropics/claude-ai-mcp/issues/63",
        "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/",
        "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/",
        "https://ngrok.com/docs/errors/err_ngrok_3200/",
    ),
    explains=("server-error", "wrong-transport-or-endpoint-path", "wrong-environment-url", "auth-disabled"),
)
def no_route(situation: Situation, differential: Differential, other: Elsewhere | None) -> Verdict | None:
    """By the edge's own error; else by its answering every path in the same words."""
    judged = differential.judged
    who = edge.name_of(judged)
    if not who or judged.rpc or judged.accepted or judged.challenges:
        return None
    seen = Evidence("differential", f"{situation.url} {judged.met()} by {who}")
    letter = (
        f"To the server's admin: \"{who} answers {judged.status} for {situation.url} itself: is there a route for"
        ' this host name and path, and is the server behind it connected?"'
    )
    why = _own_error(judged)
    if why:
        alike = (Evidence("made-up", other.seen()),) if other else ()
        return proven(
            seen,
            Evidence("differential", f"{who} says: {why}"),
            *alike,
            title=f"{who} knows of no server behind {situation.host}: {why}.",
            fix=(letter,),
        )
    if other is None or judged.status not in (404, 502, 503) or judged.content == "application/json":
        return None
    if not other.alike(judged):
        return None
    return likely(
        seen,
        Evidence("made-up", f"{other.seen()}, in the same words"),
        title=f"{who} answers {judged.status} for every path of {situation.host}: no server is behind it.",
        fix=(letter,),
    )


def _own_error(answer: Answer) -> str:
    """What an edge says of itself: its own statuses and error numbers, which no server behind it sends."""
    marks = answer.marks
    if code := marks.get("ngrok-error-code", ""):
        return f"no agent is connected for this name ({code})" if code == "ERR_NGROK_3200" else ""
    if marks.get("x-railway-fallback", "").lower() == "true":
        return "no deployment answers for this name (x-railway-fallback)"
    if (routed := marks.get("x-render-routing", "")).startswith("no-"):
        return f"no server runs for this name ({routed})"
    if (code := marks.get("x-vercel-error", "")).startswith("DEPLOYMENT_"):
        return f"no deployment answers for this name ({code})"
    if edge.name_of(answer) != "Cloudflare" or answer.status is None:
        return ""
    told = _ERROR.search(answer.told())
    if told and told[1] in _OWN:
        return _OWN[told[1]]
    if answer.status == 530:
        return "it reaches no server for this name (530)"
    return f"it reaches no server ({answer.status})" if 521 <= answer.status <= 523 else ""
