"""Which causes the packs recognise in what was heard: pure, and the same for every provider."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from wizard.livetest import PROVEN, Evidence

from ..answers import clean
from ..causes.book import Cause, Verdict
from ..causes.packed import OF_A_LOGIN
from ..facts.refused import ANSWER, LOGIN, TOKEN, Heard, Refusals
from .model import Pack, Saying

_AROUND: Final = 110
"""Characters shown before and after what was recognised."""


@dataclass(frozen=True, slots=True)
class Said:
    """A cause that was said, as a verdict. ``adds`` is True where it only adds its steps to the cause's own verdict."""

    cause: str
    verdict: Verdict
    adds: bool
    of_login: bool = False

    def root(self, cause: Cause) -> Cause:
        """The cause with what the same refusal of a login comes to where its words are not understood: that goes under
        it."""
        if self.adds or not self.of_login:
            return cause
        under = tuple(i for i in OF_A_LOGIN if i != cause.id and i not in cause.explains)
        return replace(cause, explains=(*cause.explains, *under))

    def beside(self, own: Verdict | None, usual: tuple[str, ...]) -> Verdict | None:
        """The cause's own verdict with these steps after its own (``usual`` are the cause's); where it has none, what
        was said, unless that only adds."""
        if own is None:
            return None if self.adds else self.verdict
        steps = own.fix or usual
        new = tuple(s for s in self.verdict.fix if s not in steps)
        return replace(own, fix=(*steps, *new))


def said(refusals: Refusals, packs: Iterable[Pack], missing: str = "") -> Mapping[str, Said]:
    """By the id of a cause: the surest saying of it, the first where several are as sure. ``missing`` are the
    scopes that are known to be missing, in words."""
    found: dict[str, Said] = {}
    for heard in refusals.heard:
        for pack in packs:
            own = _is_of(pack, heard)
            for saying in pack.sayings:
                if saying.vendor and not own:
                    continue
                groups = _groups(saying, heard)
                if groups is None:
                    continue
                verdict = _verdict(saying, heard, groups, missing)
                new = Said(saying.cause, verdict, saying.adds, heard.by in (LOGIN, TOKEN))
                if _surer(new, found.get(saying.cause)):
                    found[saying.cause] = new
    return found


def _surer(new: Said, old: Said | None) -> bool:
    if old is None or old.adds != new.adds:
        return old is None or old.adds
    return new.verdict.certainty == PROVEN and old.verdict.certainty != PROVEN


def _is_of(pack: Pack, heard: Heard) -> bool:
    """Whether the answer is this provider's own."""
    if heard.service in pack.services and heard.service:
        return True
    if any(name.startswith(pack.headers) for name in heard.headers) if pack.headers else False:
        return True
    if heard.begins and heard.begins in pack.begins:
        return True
    return bool(pack.words and pack.words.search(heard.text))


def _groups(saying: Saying, heard: Heard) -> dict[str, str] | None:
    """What the named groups hold, with the words that were recognised under an empty name; None where it is not
    said."""
    if saying.at and heard.by not in saying.at:
        return None
    if (heard.status not in saying.status) if saying.status else heard.good:
        return None
    if saying.begins and heard.begins not in saying.begins:
        return None
    groups: dict[str, str] = {}
    shown: list[str] = []
    for name, pattern in saying.headers.items():
        match = pattern.search(heard.headers.get(name, ""))
        if match is None or name not in heard.headers:
            return None
        groups |= {k: v for k, v in match.groupdict().items() if v}
        shown.append(f"{name}: {clean(heard.headers[name], 160)}")
    if saying.texts:
        match = next((m for p in saying.texts if (m := p.search(heard.text))), None)
        if match is None:
            return None
        groups |= {k: v for k, v in match.groupdict().items() if v}
        shown.append(_around(heard.text, match))
    groups[""] = "; ".join(shown)
    return groups


def _around(text: str, match: re.Match[str]) -> str:
    begin, end = max(0, match.start() - _AROUND), min(len(text), match.end() + _AROUND)
    return clean(text[begin:end], 300)


def _verdict(saying: Saying, heard: Heard, groups: Mapping[str, str], missing: str) -> Verdict:
    known = {name: clean(value, 120) for name, value in groups.items() if name}
    if missing:
        known["missing"] = missing
    steps = [*saying.steps, *([f"Where: {saying.where}"] if saying.where else [])]
    if saying.request:
        steps.append(saying.request)
    status = f"answered {heard.status}: " if heard.status else ""
    evidence = [Evidence(heard.by, f"{status}{groups['']}")]
    if heard.by == ANSWER and heard.apart and not heard.good:
        evidence.append(Evidence(heard.by, "a false credential is answered otherwise: this one is known"))
    # what is said to everybody alike says nothing of this credential
    sure = saying.to_all or heard.apart or heard.by != ANSWER
    return Verdict(
        saying.certainty if sure else "likely",
        tuple(evidence),
        _filled(saying.title, known),
        tuple(f for f in (_filled(s, known) for s in steps) if f),
        saying.owner,
    )


def _filled(text: str, known: Mapping[str, str]) -> str:
    """The text with what is known filled in; empty where something that it names is not known."""
    try:
        return text.format_map(known) if "{" in text else text
    except (KeyError, IndexError, ValueError):
        return ""
