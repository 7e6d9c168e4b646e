"""A fault of a token's text as a finding, under the cause that explains it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wizard.livetest import Evidence, Finding
from wizard.paste import PasteIssue

TOO_LONG: Final = "request-headers-too-large"
_ODD: Final = "token-quotes-or-invisible-characters"
_CAUSES: Final[Mapping[str, str]] = {
    "too-long": TOO_LONG,
    "json-object-pasted": _ODD,
    "assignment-pasted": _ODD,
    "several-lines": _ODD,
    "wrong-prefix": "credential-of-wrong-kind",
    "empty": "token-truncated-or-placeholder",
}
"""By which cause a fault of the text is explained where it has another name."""
_WHAT_TO_DO: Final[Mapping[str, str]] = {
    "id-token-used-as-access-token": "For an API take the access_token of the same login; this one is for its client.",
    "credential-of-wrong-kind": "Take what is asked for in its place: the access_token, or a token made for the API.",
    "too-long": "Ask for fewer groups or scopes in it: most servers take headers of 8 to 16 KB.",
}


def cause_of(fault: str) -> str:
    """The id of the cause that explains a fault of the text."""
    return _CAUSES.get(fault, fault)


def of_text_fault(issue: PasteIssue, certainty: str) -> Finding:
    """The finding of it; nothing of the value stands in it."""
    fix = "Take the value without it." if issue.mended else _WHAT_TO_DO.get(issue.id, "Copy the token again.")
    seen = (Evidence("credential", issue.says),)
    return Finding(cause_of(issue.id), certainty, "token-format", "you", issue.says, seen, (fix,))
