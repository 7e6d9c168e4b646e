"""What to send to somebody who must act: the finding, its proof and the request in one text, without a secret.

Its reader sees neither this program nor what it recorded: numbers, ids and the names of probes are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from wizard.livetest import PROVEN, Finding

from .attempts import FALSE, NONE, REAL, Attempt
from .words import moment

if TYPE_CHECKING:
    from .diagnosis import Diagnosis

_TO: Final = re.compile(
    r"(?:If so, |Or |Else )?[Tt]o (?P<whom>[^:\"“]{2,60}): [\"“](?P<text>.+)[\"”][^\"”]*", re.DOTALL
)
_ADMIN: Final = re.compile(
    r"(?:If [^:.]{1,60}: |(?:If so,|Or|Else) )?(?:[Tt]o )?(?!Ask|Tell)"
    r"(?P<whom>(?:[Tt]he )?[\w' -]{2,60}?(?:admin|owner)): (?P<text>.+)",
    re.DOTALL,
)
_OTHERS: Final = re.compile(r"(?:;? and|;? or|\sOr|\sElse) (?:the )?[\w' -]{2,60}?admin: .*", re.DOTALL)
WHOM: Final = {
    "server-admin": "the server's admin",
    "idp-admin": "the identity provider's admin",
    "network-admin": "the network's admin",
    "client-vendor": "the client's vendor",
}
_OF_THE_SERVER: Final = re.compile(r"server|gateway|oauth2-proxy|owner")
LOOK: Final = "Please look into it, and tell me when it is mended, or what I should do otherwise."
_OWN: Final = re.compile(r"\b([Yy])our(s?)\b")
_REQUESTS: Final = {
    REAL: "with my credential",
    NONE: "without a credential",
    FALSE: "with a made-up one",
}


def requests(finding: Finding) -> tuple[tuple[str, str], ...]:
    """Whom the fix of a finding asks for something, and in which words; a fix that asks nobody gives nothing."""
    return tuple(_asked(finding.fix))


def letter(
    target: str, finding: Finding, url: str = "", attempts: Iterable[Attempt] = (), *, works: bool = False
) -> str:
    """The text for whoever must act; empty where that is the person who asks.

    ``target`` is how the person calls it, ``url`` its address where it has one, without a secret. ``attempts`` are
    shown where the finding was made by them. ``works`` is whether the person got in all the same.
    """
    whom, wanted = _addressee(finding)
    if not whom:
        return ""
    state = "It works for me, and this is not well" if works else "It does not work for me"
    lines = [f"To {_with_article(whom)}, about {url or target}:", "", f"{state}. {_mine(finding.title)}"]
    if seen := list(_seen(finding, attempts)):
        lines += ["", "What was seen:", *(f"- {s}" for s in seen)]
    if means := _meaning(finding):
        lines += ["", f"What that means: {means}"]
    lines += ["", "What I ask of you:", *(f"- {text}" for text in wanted)]
    sure = "is proven by" if finding.certainty == PROVEN else "is likely, not proven, by"
    lines += ["", f"This {sure} what was seen; authwizard asked in my name, and no secret stands here."]
    if finding.sources:
        lines.append(f"More on it: {', '.join(finding.sources)}")
    return "\n".join(lines)


def copied(diagnosis: Diagnosis) -> tuple[str, str]:
    """What is worth copying of a diagnosis, and for whom (empty: for nobody else): the letter where somebody else must
    act on what was found first, else the diagnosis, without what it might have been."""
    from . import report

    first = next(iter(diagnosis.findings), None)
    if first is not None and first.owner in WHOM:
        text = next((text for f, text in diagnosis.letters() if f is first), "")
        if text:
            return f"{text}\n", _with_article(_addressee(first)[0])
    return f"{report.short(diagnosis)}\n", ""


def _addressee(finding: Finding) -> tuple[str, list[str]]:
    """Whom to write to, and what is asked of them; nobody where the person can mend it."""
    asked, owner = requests(finding), WHOM.get(finding.owner, "")
    fitting = [(whom, text) for whom, text in asked if _fits(whom, finding.owner)]
    if not fitting and (not asked or finding.owner == "client-vendor"):
        return (owner, [LOOK]) if owner else ("", [])
    chosen = fitting or asked[:1]
    whom = chosen[0][0]
    if all(w == whom for w, _ in chosen):
        return whom, [_sentence(text) for _, text in chosen]
    # each names the product that it is for: which of them it is, its admin knows
    return owner or whom, [f"{w.removesuffix(_S_ADMIN)}: {text}" for w, text in chosen]


_S_ADMIN: Final = "'s admin"


def _fits(whom: str, owner: str) -> bool:
    if owner in ("server-admin", "idp-admin"):
        return bool(_OF_THE_SERVER.search(whom)) == (owner == "server-admin")
    return whom == WHOM.get(owner)


def _asked(fix: Iterable[str]) -> Iterator[tuple[str, str]]:
    for step in fix:
        found = _TO.fullmatch(step.strip()) or _ADMIN.fullmatch(step.strip())
        if found:
            yield re.sub(r"^The ", "the ", found["whom"]), _OTHERS.sub("", found["text"])


def _seen(finding: Finding, attempts: Iterable[Attempt]) -> Iterator[str]:
    made = {a.which: a for a in attempts}
    if not any(e.probe == "differential" for e in finding.evidence):
        made = {}
    first = next((made[which] for which in (REAL, NONE) if which in made), None)
    for which, words in _REQUESTS.items():
        if (one := made.get(which)) is None:
            continue
        what = f"{one.method} {one.url}" if one is first else "the same"
        when = f" ({moment(one.at)}, by the server's clock)" if one is first and one.at is not None else ""
        yield f"{what} {words}: {one.came}{when}"
    told = (_mine(e.fact) for e in finding.evidence if not (first and e.fact.startswith(STATED)))
    yield from dict.fromkeys(told)


STATED: Final = "without a credential: "
"""How `Differential.seen` begins: the attempts say it all."""


def _meaning(finding: Finding) -> str:
    from .causes import REGISTRY

    cause = REGISTRY.get(finding.cause)
    return _mine(cause.explanation) if cause else ""


def _mine(text: str) -> str:
    """A sentence to the person as that person would write it."""
    return _OWN.sub(lambda m: ("M" if m[1] == "Y" else "m") + ("ine" if m[2] else "y"), text)


def _sentence(text: str) -> str:
    """As a sentence of its own; a name or an address that it begins with stays as it is written."""
    if text.partition(" ")[0].isalpha():
        text = f"{text[:1].upper()}{text[1:]}"
    return text.replace('\\"', '"')


def _with_article(whom: str) -> str:
    return whom if whom.startswith("the ") or whom[:1].isupper() else f"the {whom}"
