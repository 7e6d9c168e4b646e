"""Layer header: a user name and a password that are refused."""

from __future__ import annotations

from wizard.challenge import Challenge
from wizard.livetest import Evidence

from ..facts.basic import BasicPair
from ..facts.wire import Answer, Differential
from .book import Verdict, cause, likely, proven

_LOCK = "Try it by hand where you sign in, once: several wrong passwords can lock the account."
_APP = "If two-factor login is on, make an app password or API token there and give it as the password."


@cause(
    id="basic-credentials-wrong",
    layer="header",
    owner="you",
    title="The server does not accept this user name and password.",
    explanation="They arrive as Basic authentication, and are answered as a pair that nobody has: the user name is"
    " written otherwise there (an email, or with a domain before it), or the password is wrong, old, or not the one"
    " that programs may use.",
    fix=(_LOCK, "Correct the user name (or email) and the password, and set it up anew.", _APP),
    sources=(
        "RFC 7617 section 2",
        "https://developer.atlassian.com/cloud/jira/platform/basic-auth-for-rest-apis/",
        "https://nginx.org/en/docs/http/ngx_http_auth_basic_module.html",
    ),
    explains=("authorization-scheme-malformed", "token-not-recognised"),
)
def credentials_wrong(pair: BasicPair, differential: Differential) -> Verdict | None:
    """Refused as a false pair is. What the form alone shows comes first: no colon, a space at an end, the charset."""
    real, false = differential.real, differential.false
    if real is None or real.status != 401 or not real.same_as(false):
        return None
    asks = next(
        (c for a in (differential.none, real) for c in a.challenges if c.scheme.lower() == "basic"), None
    )
    if asks is None and not pair.documented and any(a.challenges for a in (differential.none, real)):
        # it wants another scheme altogether
        return None
    told = _told(asks, real)
    say = proven if asks else likely
    if not pair.readable or not pair.colon:
        why = pair.seen()
        return proven(
            Evidence("basic", why),
            told,
            title="What is sent as Basic is not `user:password` in base64.",
            fix=(
                "Give user name and password as fields of their own, and they are put together for you: "
                "--method basic --set username=NAME --secret password=SOURCE",
            ),
        )
    alike = Evidence("differential", f"yours and a made-up pair are answered alike: {real.seen()}")
    form = Evidence("basic", _form(pair))
    if pair.empty:
        return say(
            form, alike, told, title=f"The server refuses a Basic credential whose {pair.empty} is empty."
        )
    return say(form, alike, told, fix=_fix(pair, asks))


def _told(asks: Challenge | None, real: Answer) -> Evidence:
    if asks is None:
        return Evidence("differential", f"it answers {real.seen()} and does not ask for Basic by name")
    realm = asks.get("realm")
    return Evidence(
        "differential", f"it asks for Basic, realm {realm[:60]}" if realm else "it asks for Basic"
    )


def _form(pair: BasicPair) -> str:
    more = [
        "" if pair.ascii else "there are letters outside ASCII",
        "a space stands at an end" if pair.edges else "",
    ]
    return ", ".join([f"a user name {pair.form()}", *filter(None, more)])


def _fix(pair: BasicPair, asks: Challenge | None) -> tuple[str, ...]:
    steps = [_LOCK]
    if pair.edges:
        steps.insert(0, "Take the space off the end of the user name or password.")
    if pair.domain:
        steps.append("See whether this server wants the user name without the domain, or as an email.")
    elif pair.documented:
        steps.append(
            "Check that it is the account which made the password or token, and that neither has ended."
        )
    elif pair.email:
        steps.append("See whether this server wants a user name in place of the email.")
    else:
        steps.append(
            "If you sign in as DOMAIN\\name, give the domain: --set domain=DOMAIN. Else try your email."
        )
    if not pair.ascii and not (asks and asks.get("charset").lower() == "utf-8"):
        steps.append(
            "It may read letters such as ü or é in another charset than UTF-8 (RFC 7617 section 2.1): "
            "try a password without them."
        )
    return (*steps, _APP)
