"""Scopes that were granted against those that are wanted, and what the server says of its limits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from diagnostics import answers, refusals
from wizard import jwt

from .log import Log

if TYPE_CHECKING:
    from diagnostics.target import Target
    from wizard.transport import Exchange

_CLAIMS: Final = ("scope", "scp", "scopes")
_LIMITS: Final = ("ratelimit", "x-ratelimit", "x-rate-limit")


def from_token(target: Target) -> tuple[str, ...] | None:
    """The scopes that stand in a JWT; None where the credential is none, or names none."""
    seen = jwt.peek(target.credential.reveal().strip()) if target.credential else None
    if seen is None:
        return None
    return next((s for c in _CLAIMS if (s := refusals.texts(seen.claims.get(c))) is not None), None)


def with_groups(target: Target, granted: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """These scopes, and those that the groups in the token bring, where the service's document says so."""
    seen = jwt.peek(target.credential.reveal().strip()) if target.credential and target.service else None
    if seen is None or target.service is None:
        return granted
    from diagnostics.token import groups_of

    brought = target.service.of_groups(groups_of(seen.claims))
    return tuple(dict.fromkeys((*(granted or ()), *brought))) if brought else granted


def scopes(log: Log, target: Target, granted: tuple[str, ...] | None, asked: tuple[str, ...]) -> None:
    """The step ``scopes``. ``asked`` is what a refusal named as missing: one of them may be enough."""
    choice = target.live.needs_any
    wanted = tuple(dict.fromkeys((*target.scopes, *(() if choice else asked))))
    expected = " ".join(wanted) or (f"one of {answers.clean(' '.join(asked))}" if asked else "any")
    if granted is None:
        if asked:
            told = " or ".join(asked) if choice else " ".join(asked)
            log.add("scopes", False, expected, f"the server asks for {answers.clean(told)}")
        elif "scopes" in log.planned:
            log.add(
                "scopes", None, expected, "not said: neither the server nor the credential names its scopes"
            )
        return
    have = target.service.with_included(granted) if target.service else granted
    missing = tuple(s for s in wanted if s not in have)
    if choice and asked and not set(asked) & set(have):
        missing = (*missing, f"one of {', '.join(asked)}")
    wider = tuple(s for s in granted if s not in wanted) if wanted else ()
    seen = answers.clean(" ".join(granted)) or "none"
    if missing:
        log.add("scopes", False, expected, seen, f"It lacks {answers.clean(' '.join(missing))}.")
    else:
        detail = f"Wider than needed: {answers.clean(' '.join(wider))}." if wider else ""
        log.add("scopes", True, expected, seen, detail)


def rate_limit(log: Log, exchanges: tuple[Exchange, ...], own: int = 0) -> None:
    """The step ``rate-limit``: what the answers said. Only a 429 fails it. ``own`` is the number of the exchange that
    the credential was sent with: its limits count, for those of nobody are others."""
    stopped = any(e.status == 429 for e in exchanges)
    mine = _limits(tuple(e for e in exchanges if e.number == own and not stopped))
    seen = mine or _limits(exchanges)
    text = ", ".join(f"{name}: {value}" for name, value in seen.items())
    expected = "no limit reached"
    if stopped:
        log.add("rate-limit", False, expected, f"429, {text}" if text else "429", "The server asks to wait.")
    elif text:
        log.add("rate-limit", True, expected, answers.clean(text))
    else:
        log.add("rate-limit", None, expected, "no limit was named")


def _limits(exchanges: tuple[Exchange, ...]) -> dict[str, str]:
    return {
        name.lower(): answers.clean(value, 60)
        for exchange in exchanges
        for name, value in exchange.response_headers
        if name.lower().startswith(_LIMITS) or name.lower() == "retry-after"
    }


def as_text(value: object) -> str:
    """A tool's structured answer as one line."""
    return answers.clean(json.dumps(value, ensure_ascii=False, default=str))
