"""Layer license: what the plan, the edition or a policy of the provider does not cover."""

from __future__ import annotations

import re
from typing import Final

from wizard.livetest import Evidence

from ..facts.wire import Differential
from .book import Verdict, cause, likely, proven

_CODE: Final = re.compile(r"\[notLicensed(?:For)?\]|\bnot_licensed\b|\bnotLicensed(?:For)?\b")
_WORDS: Final = re.compile(
    r"\bnot licensed to use\b|\busing a valid licen[cs]e\b|\bnot enabled for your licen[cs]e\b"
    r"|\blicen[cs]e key has expired\b",
    re.IGNORECASE,
)
_POLICY: Final = re.compile(
    r"\b(?:disabled|blocked|not (?:allowed|enabled|permitted)) (?:by|for|in) (?:your|the|this) (?:organi[sz]ation"
    r"|enterprise|company|workspace|plan|edition|subscription|licen[cs]e|seat)\b"
    r"|\bupgrade (?:your|the) (?:plan|subscription)\b"
    r"|\b(?:access denied|blocked|disabled) by (?:\w+ )?policy\b|\brequires an enterprise or organization policy\b"
    r"|\bnot authorized to use this \w+ feature\b|\bno (?:\w+ )?(?:seat|licen[cs]e) (?:is )?assigned\b"
    r"|\bnot (?:available|included) (?:in|on|with) your (?:\w+ )?(?:plan|edition|subscription)\b"
    r"|\brequires? an? (?:paid|enterprise|essentials|premium|business) (?:plan|licen[cs]e|subscription)\b",
    re.IGNORECASE,
)
_FUSIONAUTH: Final = (
    "Custom OAuth scopes want the Essentials plan or a higher one: fusionauth.io/docs, Plans and features.",
    "Copy the licence key from https://account.fusionauth.io/account/plan/",
    "Enter it in FusionAuth's admin pages under Reactor, and activate it.",
)


@cause(
    id="license-or-policy-disables-feature",
    layer="license",
    owner="server-admin",
    title="The credential is right; the plan, the edition or a policy does not cover what is asked for.",
    explanation="Some features are part of a paid plan, want a licence key in the server, a seat for the person, or an"
    " admin's switch. The server then refuses a credential that it knows, and says why in its own words.",
    fix=(
        "Ask the server's or organization's admin for the plan, licence key, seat or policy that it names.",
        "FusionAuth: the key is at https://account.fusionauth.io/account/plan/ and is activated under Reactor.",
        "GitHub: a Copilot seat, and the policy MCP servers in Copilot, for the organization's members.",
    ),
    sources=(
        "https://fusionauth.io/docs/get-started/core-concepts/plans-features",
        "https://github.com/FusionAuth/fusionauth-issues/issues/1555",
        "https://github.com/github/github-mcp-server/issues/672",
        "https://github.com/github/copilot-cli/issues/3756",
    ),
    explains=("insufficient-scope", "token-not-recognised"),
)
def not_licensed(differential: Differential) -> Verdict | None:
    """By the server's own word, to a credential that it does not call bad."""
    real, false = differential.real, differential.false
    if real is None or real.accepted:
        return None
    words = real.words()
    told = _CODE.search(words) or _WORDS.search(words)
    if not told and not _POLICY.search(words):
        return None
    apart = not real.same_as(false)
    evidence = [Evidence("differential", f"the server {real.gives()}")]
    if real.says:
        evidence.append(Evidence("differential", f"it says: {real.says[:160]}"))
    if apart:
        evidence.append(Evidence("differential", f"a false credential is answered otherwise: {false.seen()}"))
    say = proven if told and (apart or _CODE.search(words)) else likely
    return say(*evidence, fix=_FUSIONAUTH if _CODE.search(words) else ())
