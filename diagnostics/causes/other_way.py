"""Layer header: a credential that may be good, and is sent where or how this server does not look."""

from __future__ import annotations

from wizard.livetest import Evidence
from wizard.methods.kind import HEADER
from wizard.pasting import pasted

from ..facts import CredentialText, Situation
from ..facts.edge import WAY, OneChanged
from ..facts.wire import Differential
from ..other_way import Wanted, unseen, wanted
from .book import Verdict, cause, likely, proven


@cause(
    id="credential-wanted-another-way",
    layer="header",
    owner="you",
    title="The server wants the credential in another header, or by another scheme.",
    explanation="A server reads its credential in one place: in the Authorization header by a scheme (Bearer, Basic,"
    " Token), or in a header of its own (X-API-Key). What comes in another place is not looked at, and is answered as"
    " nothing at all is: a good key looks like a wrong one.",
    fix=(
        "Send it as the server asks: --header NAME=SOURCE in place of --credential SOURCE.",
        "Where it asks for Basic: --method basic --set username=NAME --secret password=SOURCE",
    ),
    sources=(
        "https://github.com/trip2g/trip2g/issues/279",
        "https://github.com/docker/mcp-registry/pull/4622",
        "https://github.com/python-openapi/openapi-core/issues/317",
        "https://github.com/plone/plone.restapi/issues/291",
        "RFC 9110 section 11.6.1",
    ),
    explains=("token-not-recognised", "authorization-header-missing", "authorization-stripped-by-cgi-or-fpm"),
)
def another_way(
    *,
    situation: Situation,
    credential: CredentialText,
    differential: Differential,
    changed: OneChanged | None,
) -> Verdict | None:
    """Proven by the same credential that is taken in the other way; likely by the server's word alone."""
    real = differential.real
    if real is None or credential.in_query or not unseen(differential):
        return None
    as_sent = f"{credential.header}: {credential.scheme}".rstrip(": ")
    alike = Evidence(
        "differential",
        f"without a credential, with a made-up one and with yours it answers alike: {real.quoted()}",
    )
    taken = next((c for c in (changed.of(WAY) if changed else ()) if c.answer.accepted), None)
    asks = wanted(credential.header, credential.scheme, differential)
    said = (Evidence("differential", f"it says: {asks.says}"),) if asks else ()
    if taken is not None:
        name, _, rest = taken.value.partition(": ")
        word = rest.removesuffix("…").strip()
        how = f", the value being `{word} ` and the credential" if word else ""
        return proven(
            alike,
            *said,
            Evidence(
                "one-changed", f"the same credential as {taken.value} is answered {taken.answer.seen()}"
            ),
            title=f"The server takes this credential as {taken.value}, and not as {as_sent}.",
            fix=_sent_in(situation, name, how),
        )
    if asks is None:
        return None
    return likely(
        alike,
        *said,
        title=f"The server asks for {asks.told()}; yours is sent as {as_sent}.",
        fix=_fix(situation, asks),
    )


def _sent_in(situation: Situation, header: str, how: str = "") -> tuple[str, ...]:
    """What sends it in this header: where the target is looked at, and where it is kept."""
    anew = f"--method api_key_header --secret {pasted(f'{HEADER}{header}')}=SOURCE"
    if how:
        return (f"Send it in the header {header}{how}: --header {pasted(header)}=SOURCE",)
    if situation.configured:
        return (
            f"Send it in the header {header}: in a client's own entry it takes the place of the header that is"
            f" there; a connection is set up anew, with {anew}",
        )
    return (
        f"Send it in the header {header}: --header {pasted(header)}=SOURCE; authwizard setup takes {anew}",
    )


def _fix(situation: Situation, asks: Wanted) -> tuple[str, ...]:
    scheme = asks.scheme.lower()
    if asks.header.lower() not in ("", "authorization"):
        return (
            *_sent_in(situation, asks.header),
            "If that is refused as well: make a new one, of the kind that this server gives.",
        )
    if scheme == "basic":
        return (
            "Give user name and password (or what stands for it): --method basic --set username=NAME --secret"
            " password=SOURCE",
            f"If you have a token alone: see in the documents of {situation.host} which user name goes with it.",
        )
    if scheme:
        return (f"Send it as the server asks: {asks.told()}, then the credential.",)
    return (
        f"See in the documents of {situation.host} which header it reads, and send it there: --header NAME=SOURCE",
        "If it is the Authorization header: make a new key.",
    )


@cause(
    id="forbidden-whatever-the-credential",
    layer="http",
    owner="server-admin",
    title="The server forbids this to everybody alike, whatever the credential.",
    explanation="With no credential, a false one and yours the answer is the same 403: nothing has looked at it. A rule"
    " on who may come (an address, a country, a policy), or on what may be asked, refuses before that.",
    fix=(
        "Try it from another network, or with the VPN that the service is behind.",
        'To the server\'s admin: "Every request is answered 403, with a credential and without. Which rule does it?"',
    ),
    sources=("RFC 9110 section 15.5.4", "https://github.com/spring-ai-community/mcp-security/issues/46"),
    fallback=True,
)
def forbidden(situation: Situation, differential: Differential) -> Verdict | None:
    """403 alike to all, without a challenge and without a word about a credential."""
    if not differential.forbids_all:
        return None
    judged = differential.judged
    letter = (
        f"To the server's admin: \"{situation.url} answers {judged.quoted()} to every request, with and without a"
        ' credential. Which rule refuses it?"'
    )
    return likely(
        Evidence("differential", differential.seen()),
        Evidence("differential", f"it says to all: {judged.quoted()}"),
        title="The server forbids this to everybody alike: nothing has looked at a credential.",
        fix=("Try it from another network, or with the VPN that the service is behind.", letter),
    )
