"""Scopes that were granted against those that are wanted, and what the server says of its limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from diagnostics import answers
from diagnostics.challenge import parse_challenges
from wizard import jwt

from .log import Log

if TYPE_CHECKING:
    from diagnostics.target import Target
    from wizard.transport import Exchange, Reply

_CLAIMS: Final = ("scope", "scp", "scopes")
_LIMITS: Final = ("ratelimit", "x-ratelimit", "x-rate-limit")


def _texts(found: object) -> tuple[str, ...] | None:
    if isinstance(found, str):
        return tuple(found.split())
    if isinstance(found, list):
        return tuple(s for s in found if isinstance(s, str))
    return None


def from_answer(reply: Reply | None, at: str) -> tuple[str, ...] | None:
    """The scopes that the check's answer lists under a key (``a.b`` goes deeper); None where it lists none."""
    if reply is None or not at or reply.status >= 300:
        return None
    found: object = answers.json_object(reply)
    for key in at.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return _texts(found)


def from_token(target: Target) -> tuple[str, ...] | None:
    """The scopes that stand in a JWT; None where the credential is none, or names none."""
    seen = jwt.peek(target.credential.reveal().strip()) if target.credential else None
    if seen is None:
        return None
    return next((s for c in _CLAIMS if (s := _texts(seen.claims.get(c))) is not None), None)


def from_challenge(reply: Reply | None) -> tuple[str, ...]:
    """The scopes that a 403 asks for."""
    if reply is None or reply.status != 403:
        return ()
    challenges = parse_challenges(reply.headers.get_all("www-authenticate"))
    return tuple(s for c in challenges for s in c.scopes())


def scopes(log: Log, target: Target, granted: tuple[str, ...] | None, asked: tuple[str, ...]) -> None:
    """The step ``scopes``. ``asked`` is what a challenge of the server named as missing."""
    wanted = tuple(dict.fromkeys((*target.scopes, *asked)))
    expected = " ".join(wanted) or "any"
    if granted is None:
        if asked:
            log.add("scopes", False, expected, f"the server asks for {answers.clean(' '.join(asked))}")
        elif "scopes" in log.planned:
            log.add(
                "scopes", None, expected, "not said: neither the server nor the credential names its scopes"
            )
        return
    missing = tuple(s for s in wanted if s not in granted)
    wider = tuple(s for s in granted if s not in wanted) if wanted else ()
    seen = answers.clean(" ".join(granted)) or "none"
    if missing:
        log.add("scopes", False, expected, seen, f"It lacks {answers.clean(' '.join(missing))}.")
    else:
        detail = f"Wider than needed: {answers.clean(' '.join(wider))}." if wider else ""
        log.add("scopes", True, expected, seen, detail)


def rate_limit(log: Log, exchanges: tuple[Exchange, ...]) -> None:
    """The step ``rate-limit``: what the answers said. Only a 429 fails it."""
    seen: dict[str, str] = {}
    stopped = False
    for exchange in exchanges:
        stopped = stopped or exchange.status == 429
        for name, value in exchange.response_headers:
            low = name.lower()
            if low.startswith(_LIMITS) or low == "retry-after":
                seen[low] = answers.clean(value, 60)
    text = ", ".join(f"{name}: {value}" for name, value in seen.items())
    expected = "no limit reached"
    if stopped:
        log.add("rate-limit", False, expected, f"429, {text}" if text else "429", "The server asks to wait.")
    elif text:
        log.add("rate-limit", True, expected, answers.clean(text))
    else:
        log.add("rate-limit", None, expected, "no limit was named")


def as_text(value: object) -> str:
    """A tool's structured answer as one line."""
    return answers.clean(json.dumps(value, ensure_ascii=False, default=str))
