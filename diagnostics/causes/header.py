"""Layer header: what becomes of the Authorization header."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence
from wizard.pasting import pasted

from ..answers import clean
from ..facts import ConfigText, CredentialText, ResourceMetadata, Situation
from ..facts.login import LoginTold, LoginWay
from ..facts.oauth import TokenAnswer
from ..facts.way import OtherSpelling
from ..facts.wire import Answer, Differential, Mended, Request
from ..other_way import header_asked_for
from .book import Verdict, cause, likely, proven
from .text_faults import judged

_SHOWN: Final = 120


@cause(
    id="authorization-header-missing",
    layer="header",
    owner="you",
    title="The request carries no Authorization header.",
    explanation="The server asks for a credential and gets none: the header is absent, or stands under a name that"
    " the client or the server does not read.",
    fix=(
        "Add the header Authorization: Bearer <token> where this client reads it (`headers` in .mcp.json).",
        "Or set the service up anew: authwizard setup SERVICE",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/50464",
        "https://github.com/cursor/cursor/issues/3129",
        "https://github.com/modelcontextprotocol/inspector/issues/391",
    ),
)
def header_missing(
    situation: Situation,
    differential: Differential,
    config: ConfigText,
    token: TokenAnswer | None,
    login: LoginTold | None,
    *,
    metadata: ResourceMetadata | None,
    way: LoginWay | None,
) -> Verdict | None:
    """No credential where the server asks for one; or one under another name, answered as if there were none."""
    none, real = differential.none, differential.real
    if not none.refused or login is not None or (token is not None and not token.given):
        # no token was given, and why that is has a name of its own
        return None
    if real is None and differential.forbids_all:
        # nobody says that a credential would change it
        return None
    if real is None and situation.own_login:
        # the program behind the entry logs in by itself
        return None
    if real is None and any(r.state in ("helper", "asked") for r in config.references):
        # a helper of the client gives the headers, and it was not run; or the client asks the person
        return None
    asks = next((c.text() for c in none.challenges), "")
    refused = Evidence("differential", f"without a credential the server answers {_quoted(none)}")
    if real is None:
        sent = ", ".join(situation.header_names) or "no header"
        if situation.configured:
            return proven(
                Evidence("config", f"the entry sends {sent}, and no credential"),
                refused,
                title="This entry sends no credential, and the server asks for one.",
            )
        if metadata is not None and metadata.authorization_servers:
            service = "http" if differential.kind == "api" else "mcp"
            who = ", ".join(clean(a, _SHOWN) for a in metadata.authorization_servers[:2])
            named = Evidence("metadata", f"{metadata.url} names who gives its tokens: {who}")
            if way is not None and not way.open:
                return likely(
                    refused,
                    named,
                    Evidence("login-way", f"what {way.issuer} publishes names no page or code to log in by"),
                    title=f"The server wants a token of {way.issuer}, and none was given.",
                    fix=(
                        f"Ask who runs it for a token, and give it: authwizard doctor {pasted(situation.url)}"
                        " --credential SOURCE, such as env:TOKEN or file:PATH.",
                        f"Or set it up with it: authwizard setup {service} --url {pasted(situation.url)}",
                    ),
                )
            return likely(
                refused,
                named,
                title="The server wants a login, and none was made here.",
                fix=(
                    f"Log in and test it: authwizard test {pasted(situation.url)}",
                    f"Set it up, so that the login is kept: authwizard setup {service} --url {pasted(situation.url)}",
                    "Where you have a token already: --credential SOURCE, such as env:TOKEN or file:PATH.",
                ),
            )
        name = header_asked_for(none)
        asks = f"the header {name}" if name else asks
        wants = f" It asks for {asks}." if asks else ""
        how = f"--header {pasted(name)}=SOURCE" if name else "--credential SOURCE"
        return likely(
            refused,
            title=f"The server wants a credential, and none was given.{wants}",
            fix=(
                f"Give it: authwizard doctor {pasted(situation.url)} {how}, such as env:TOKEN or file:PATH.",
            ),
        )
    names = [n.lower() for n in situation.header_names]
    bearer = any(c.is_bearer() for c in none.challenges)
    if bearer and real.refused and real.same_as(none) and "authorization" not in names:
        return proven(
            Evidence("config", f"the credential is sent as {', '.join(situation.header_names)}"),
            Evidence("differential", f"the server answers as if there were none: {real.seen()}"),
            Evidence("differential", f"it asks for {asks}"),
            title="The credential is sent under a name that this server does not read.",
            fix=("Send it as Authorization: Bearer <token>.",),
        )
    return None


def _quoted(answer: Answer) -> str:
    """The answer with what it says, be it on a page."""
    quoted = answer.quoted()
    return clean(f"{quoted}: {answer.page}" if answer.page and quoted == answer.seen() else quoted, _SHOWN)


@cause(
    id="authorization-scheme-malformed",
    layer="header",
    owner="you",
    title="The Authorization header does not have the form `Bearer <token>`.",
    explanation="The value must be the word Bearer, one space, the token. Without the scheme, with a colon, or with"
    " another scheme the server does not look at the token at all.",
    fix=("Write the header exactly as: Authorization: Bearer <token>, with one space.",),
    sources=(
        "https://github.com/allegro/allegro-api/issues/3967",
        "https://github.com/kubernetes/kubernetes/issues/52919",
        "Fleet: Quick Start, Malformed Header",
    ),
    explains=("token-not-recognised", "authorization-header-missing"),
)
def scheme_malformed(
    credential: CredentialText, differential: Differential | None, mended: Mended | None
) -> Verdict | None:
    """A scheme in other letters is a fault only where the server minds it (RFC 9110 section 11.1)."""
    fault = credential.fault("authorization-scheme-malformed")
    if fault is None or (differential and differential.real and differential.real.accepted):
        return None
    lax = fault.says.startswith("The scheme is")
    return judged(fault, differential, mended, certain=not lax)


@cause(
    id="double-bearer-prefix",
    layer="header",
    owner="you",
    title="The word Bearer is sent twice.",
    explanation="The stored value begins with `Bearer `, and the template puts another before it.",
    fix=("Store the token alone, without the word Bearer.", "Or take the word out of the header's template."),
    sources=(
        "https://github.com/nuxt-community/auth-module/issues/95",
        "https://github.com/Portkey-AI/portkey-python-sdk/issues/163",
        "https://github.com/bytedance/deer-flow/issues/2855",
    ),
    explains=("authorization-scheme-malformed", "token-not-recognised", "server-error"),
)
def double_bearer(
    credential: CredentialText, differential: Differential | None, mended: Mended | None
) -> Verdict | None:
    """Seen in the text, proven by the value with one of them."""
    return judged(credential.fault("double-bearer-prefix"), differential, mended)


@cause(
    id="redirect-trailing-slash-drops-auth",
    layer="header",
    owner="you",
    title="The address redirects to itself with another slash, and the request is lost on the way.",
    explanation="A redirect by 301 or 302 turns a POST into a GET; one to another scheme or port is another origin, to"
    " which no client takes the credential. The address that the redirect names works when it is asked directly.",
    fix=(
        "Write the address in the config as the server spells it.",
        "The server's admin: answer at both spellings, or redirect by 307 or 308 to the same origin.",
    ),
    sources=(
        "https://github.com/zoho/analytics-mcp-server/issues/22",
        "https://github.com/BerriAI/litellm/issues/34845",
        "https://github.com/oceanbase/powercontext/issues/1662",
        "https://github.com/sigbit/mcp-auth-proxy/issues/116",
        "RFC 9110 section 15.4",
    ),
    explains=("wrong-transport-or-endpoint-path", "redirect-scheme-downgrade-drops-auth"),
)
def slash(other: OtherSpelling, differential: Differential, request: Request) -> Verdict | None:
    """The other spelling, asked directly with the same credential, is let in (without one: asks to sign in)."""
    judged, answer = differential.judged, other.answer
    there = answer.accepted or (differential.real is None and answer.refused)
    if answer.status is None or not (there or answer.refused):
        return None
    lost = {
        "method": f"{judged.status} turns the {request.method} into a GET",
        "scheme": "the scheme changes, so no credential may go along",
        "port": "the port is lost, so no credential may go along",
    }[other.fault]
    evidence = (
        Evidence(
            "differential", f"{request.method} {request.url} is answered {judged.status} to {other.location}"
        ),
        Evidence("slash", lost),
        Evidence("slash", f"{request.method} {other.url}, asked directly, {answer.met()}"),
    )
    fix = (
        f"Set the address to {other.url}",
        "To the server's admin: \"Answer at both spellings, or redirect by 308 to the same origin"
        ' (nginx: absolute_redirect off; FastAPI: redirect_slashes=False)."',
    )
    title = f"{request.url} redirects to {other.url}, and {lost.partition(',')[0]}."
    return (proven if there else likely)(*evidence, title=title, fix=fix)
