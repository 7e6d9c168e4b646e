"""The credential's text as it would be sent: what no server can read in it, and the value with that put right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

from wizard import paste
from wizard.methods.templates import parts
from wizard.secret import Secret
from wizard.services import Field

from ..engine import Context, Probe, Skip
from ..facts import CredentialText, TextFault
from ..sending import SCHEMES, credential_of, live, split
from ..target import Target

_MALFORMED: Final = "authorization-scheme-malformed"
_DOUBLE: Final = "double-bearer-prefix"
_NAMED_BY: Final = {"several-lines": "token-quotes-or-invisible-characters"}
"""What is seen in a text by the name of the cause that it is, where that has another."""
_STANDARD: Final = ("bearer", "basic", "dpop", "digest", "negotiate")
_AUTHORIZATION: Final = "authorization"
_WITH_SCHEME: Final = frozenset({_AUTHORIZATION, "x-authorization"})
"""Headers that hold a scheme before the credential."""
_GLUED: Final = re.compile(
    r"(bearer|token|basic|dpop)(?:\s*[:=]\s*|\s{2,}|\t\s*|(?=ey|faosx_))(\S.*)", re.I | re.S
)
_SCHEMED: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]* \S")
_STUCK: Final = re.compile(r"Bearer(\S{8,})", re.S)
_NAMED: Final = re.compile(r"(?:access_)?token\s*=\s*(\S.*)", re.I | re.S)


async def credential_text(context: Context) -> CredentialText | Skip:
    """Judge the first header that carries the credential; a parameter of the address where no header does."""
    sent = credential_of(context.target, live(context.target))
    if not sent:
        given = context.target.credential
        if given is None:
            return Skip("no credential is given")
        return CredentialText("", "", given, _paste("", "", given.reveal()))
    if not sent.headers:
        name, value = next(iter(sent.query.items()))
        return CredentialText(name, "", value, _paste(name, "", value.reveal()), in_query=True)
    name = next((n for n in _by_leg(context.target, sent.headers) if n.lower() in _WITH_SCHEME), "")
    name = name or next(iter(sent.headers))
    return judge(name, sent.headers[name].reveal(), _scheme(context.target, name))


def _by_leg(target: Target, names: Iterable[str]) -> list[str]:
    """The names as a request meets those who read them, where the service names several."""
    legs = target.service.legs if target.service else ()
    order = [h.lower() for leg in legs for h in leg.headers]
    return sorted(names, key=lambda n: order.index(n.lower()) if n.lower() in order else len(order))


def _scheme(target: Target, header: str) -> str:
    """The scheme that the service's document puts before the credential in this header: empty for the bare value,
    ``Bearer`` where nothing else is known."""
    if target.method is None:
        return "Bearer"
    written = {**(target.service.headers if target.service else {}), **target.method.headers}
    template = next(
        (text for name, text in written.items() if name.lower() == header.lower()), "Bearer {token}"
    )
    secret = {f.id for f in (*target.method.fields, *target.method.derived) if f.secret}
    before = ""
    for text, is_field in parts(template):
        if is_field and text in secret:
            break
        before += target.settings.get(text, "") if is_field else text
    return before.strip()


def judge(name: str, value: str, wanted: str = "Bearer") -> CredentialText:
    """A header's value, as it stands; ``wanted`` is the scheme that should stand before the credential."""
    if name.lower() in _WITH_SCHEME and wanted.lower() not in _STANDARD:
        bare = value.removeprefix(f"{wanted} ") if wanted else value
        return CredentialText(name, wanted, Secret(bare), _paste(name, wanted, bare))
    if name.lower() not in _WITH_SCHEME:
        # in a header of its own a scheme before the value is part of it
        field = Field(f"header.{name}", name, secret=True) if _SCHEMED.match(value) else None
        return CredentialText(name, "", Secret(value), _paste(name, "", value, field))
    scheme, bare = split(value)
    faults: list[TextFault] = []
    if not scheme:
        faults.append(_without_scheme(name, value))
        glued = _glued(value) or _misspelt(value)
        bare = glued[glued.lastindex or 1] if glued else value
        scheme = "Bearer"
    elif scheme.lower() == "bearer" and scheme != "Bearer":
        # RFC 9110 lets the scheme be in any case; some servers (Fleet's document) do not.
        says = f"The scheme is written `{scheme}`; some servers want exactly `Bearer`."
        faults.append(TextFault(_MALFORMED, says, name, _whole("Bearer", _clean(bare))))
    elif scheme.lower() == "token":
        says = f"The scheme is `{scheme}`, where most servers want `Bearer`."
        faults.append(TextFault(_MALFORMED, says, name, _whole("Bearer", _clean(bare))))
    if scheme.lower() != "bearer":
        return CredentialText(name, scheme, Secret(bare), tuple(faults))
    if bare != bare.lstrip(" \t"):
        says = "There is more than one space after the scheme."
        faults.append(TextFault(_MALFORMED, says, name, _whole("Bearer", _clean(bare))))
        bare = bare.lstrip(" \t")
    return CredentialText(name, scheme, Secret(bare), (*_paste(name, scheme, bare), *faults))


def _glued(value: str) -> re.Match[str] | None:
    return _GLUED.fullmatch(value) or _STUCK.fullmatch(value) or _NAMED.fullmatch(value)


def _misspelt(value: str) -> re.Match[str] | None:
    """A word that is nearly `Bearer`, and the token after it."""
    found = re.fullmatch(r"([A-Za-z]{4,9}) +(\S+)", value)
    return found if found and difflib.get_close_matches(found[1].lower(), ["bearer"], cutoff=0.75) else None


def _without_scheme(name: str, value: str) -> TextFault:
    if misspelt := _misspelt(value):
        says = f"The scheme is written `{misspelt[1]}`; it is `Bearer`."
        return TextFault(_MALFORMED, says, name, _whole("Bearer", _clean(misspelt[2])))
    glued = _glued(value)
    if glued:
        says = f"{name} does not have the form `Bearer`, one space, the token."
        return TextFault(_MALFORMED, says, name, _whole("Bearer", _clean(glued[glued.lastindex or 1])))
    says = f"{name} holds a value without a scheme before it."
    return TextFault(_MALFORMED, says, name, _whole("Bearer", _clean(value)))


def _paste(name: str, scheme: str, bare: str, field: Field | None = None) -> tuple[TextFault, ...]:
    faults = []
    prefix = "Bearer" if scheme.lower() == "bearer" else scheme
    for issue in paste.look(bare, field):
        if issue.severity != paste.WRONG:
            continue
        mended = _whole(prefix, issue.mended.reveal()) if issue.mended else None
        says = issue.says
        if issue.id == _DOUBLE and scheme:
            says = f"{name} reads `{scheme} {bare.split(maxsplit=1)[0]} …`: the scheme stands there twice."
        faults.append(TextFault(_NAMED_BY.get(issue.id, issue.id), says, name, mended))
    return tuple(faults)


def _whole(scheme: str, bare: str) -> Secret:
    return Secret(f"{scheme} {bare}" if scheme else bare)


def _clean(bare: str) -> str:
    """The value after every certain mend."""
    issues = paste.look(bare)
    mended = next((i.mended for i in issues if i.mended), None)
    text = mended.reveal() if mended else bare
    first, _, rest = text.partition(" ")
    return rest.strip() if first.lower() in SCHEMES and rest else text.strip()


PROBE = Probe("credential", "the credential's text", CredentialText, credential_text)
