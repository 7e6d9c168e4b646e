"""A diagnosis as it may be shown, copied and sent: each text of it without a secret, and one line of bounded length.

Its texts quote what servers, tokens and files say. A line break in one would forge a section of a letter, and an
escape sequence would speak to the terminal that it is pasted into.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.livetest import Evidence, Finding

from .answers import clean
from .hiding import through

if TYPE_CHECKING:
    from .diagnosis import Diagnosis

_FACT: Final = 600
_FIX: Final = 1000
_ADDRESS: Final = 2000


def _same(text: str) -> str:
    return text


def _line(text: str, limit: int) -> str:
    """What is fit already stays to the letter: a name may hold two spaces."""
    return text if text.isprintable() and len(text) <= limit else clean(text, limit)


def presentable(
    diagnosis: Diagnosis, hide: Callable[[str], str] = _same, own: Callable[[str], str] = _same
) -> Diagnosis:
    """The diagnosis, fit to show. ``hide`` takes the target's secrets out of a text from outside, for a server may say
    the credential back; ``own`` does so in sentences of our own. They come first: a secret that was made fit to show
    is not known again."""

    def fact(text: str) -> str:
        return _line(hide(text), _FACT)

    def said(text: str) -> str:
        return _line(own(text), _FIX)

    def address(text: str) -> str:
        return _line(hide(text), _ADDRESS)

    def shown(finding: Finding) -> Finding:
        evidence = tuple(Evidence(e.probe, fact(e.fact)) for e in finding.evidence)
        return replace(
            finding, title=said(finding.title), evidence=evidence, fix=tuple(map(said, finding.fix))
        )

    return replace(
        diagnosis,
        target=address(diagnosis.target),
        findings=tuple(map(shown, diagnosis.findings)),
        warnings=tuple(map(shown, diagnosis.warnings)),
        # lines for a shell, quoted for it
        reproduce=hide(diagnosis.reproduce),
        answered=tuple(map(fact, diagnosis.answered)),
        url=address(diagnosis.url),
        attempts=through(diagnosis.attempts, address),
        cut=said(diagnosis.cut),
        permissions=through(diagnosis.permissions, fact),
        competing=through(diagnosis.competing, fact),
        # what is remembered of it outlasts this run, and is compared to the letter
        seen=through(diagnosis.seen, hide),
        changed=through(diagnosis.changed, hide),
        not_examined=tuple(replace(n, needs=said(n.needs)) for n in diagnosis.not_examined),
    )
