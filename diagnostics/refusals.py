"""What an answer says of a refusal and of scopes, beside its status: each vendor has places of its own for it.

The places are data of the catalogue (`wizard.services.LiveTest`); where a service is not known, only what says by
itself that it is an error is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.challenge import parse_challenges
from wizard.services import LiveTest

from . import answers

if TYPE_CHECKING:
    from wizard.exchange import Reply

UNKNOWN: Final = LiveTest()
"""Nothing is known of the service."""

_AUTH: Final = re.compile(
    r"\bnot authed\b|\binvalid auth\b|\bunauthori[sz]ed\b|\bunauthenticated\b|\b401\b"
    r"|\b(?:invalid|expired|revoked|missing|bad)\b.{0,40}\b(?:token|authori[sz]ation|credentials?|api[ _-]?key)\b"
    r"|\b(?:token|credentials?|api[ _-]?key)\b.{0,40}\b(?:invalid|expired|revoked|missing)\b",
    re.IGNORECASE | re.DOTALL,
)
_SEPARATORS: Final = re.compile(r"[,\s]+")
_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Hidden:
    """A refusal within a success: the error's name or text; ``documented`` where the service's document says that
    it refuses so (Slack), and what it says of this one (``means``)."""

    says: str
    documented: bool
    means: str = ""


def hidden(reply: Reply, live: LiveTest = UNKNOWN) -> Hidden | None:
    """The refusal that an answer of 2xx holds; None where it holds none."""
    if not 200 <= reply.status < 300:
        return None
    body = _object(reply)
    if live.ok_at:
        if at(body, live.ok_at) is not False:
            return None
        code = at(body, live.error_at) if live.error_at else None
        code = code if isinstance(code, str) else "no reason given"
        return Hidden(answers.clean(code, _LONGEST), True, live.errors.get(code, ""))
    said = _told(body)
    return Hidden(answers.clean(said, _LONGEST), False) if speaks_of_auth(said) else None


def speaks_of_auth(text: str) -> bool:
    """Whether an error's text is about a credential."""
    return bool(_AUTH.search(text.replace("_", " ")))


def granted(reply: Reply, live: LiveTest) -> tuple[str, ...] | None:
    """The scopes that the credential has, by the answer; None where it does not say.

    GitHub and Slack say it in a header, also of a refusal; others at a key of a good answer (``a.b`` goes deeper).
    """
    if live.scopes_header and reply.status != 401:
        told = reply.headers.get(live.scopes_header)
        if told is not None:
            return _split(told)
    if not live.scopes_at or reply.status >= 300:
        return None
    return texts(at(_object(reply), live.scopes_at))


def needed(reply: Reply, live: LiveTest = UNKNOWN) -> tuple[str, ...]:
    """The scopes that a refusal asks for: by its challenge, its body or its header; empty where it names none."""
    if reply.status < 300 and hidden(reply, live) is None:
        return ()
    challenges = parse_challenges(reply.headers.get_all("www-authenticate"))
    named = tuple(s for c in challenges if reply.status == 403 for s in c.scopes())
    if not named and live.needs_at:
        named = texts(at(_object(reply), live.needs_at)) or ()
    if not named and live.needs_header and reply.status in (403, 404):
        named = _split(reply.headers.get(live.needs_header) or "")
    return tuple(dict.fromkeys(named))


def at(found: object, path: str) -> object:
    """What stands at a key of a JSON object; None where nothing does."""
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def texts(found: object) -> tuple[str, ...] | None:
    """A list of texts, or one text of several words; None for anything else."""
    if isinstance(found, str):
        return _split(found)
    return tuple(s for s in found if isinstance(s, str)) if isinstance(found, list) else None


def _split(text: str) -> tuple[str, ...]:
    return tuple(s for s in _SEPARATORS.split(text) if s)


def _object(reply: Reply) -> Mapping[str, object]:
    """The body as a JSON object, that of an event stream's first message included; empty where it is none."""
    if answers.content_type(reply) != "text/event-stream":
        return answers.json_object(reply)
    data = next((line[5:] for line in reply.body.splitlines() if line.startswith(b"data:")), b"")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _told(body: Mapping[str, object]) -> str:
    """The error that a body declares: JSON-RPC's, a tool's, or that of an object which says ``ok: false``."""
    error = body.get("error")
    if isinstance(error, Mapping):
        return f"{error.get('code', '')} {error.get('message', '')}".strip()
    failed = body.get("ok") is False or body.get("success") is False
    if isinstance(error, str) and error:
        return f"{error} {body.get('error_description') or body.get('message') or ''}".strip()
    if failed:
        return str(body.get("message") or body.get("detail") or "")
    result = body.get("result")
    if isinstance(result, Mapping) and result.get("isError") is True:
        content = result.get("content")
        parts = content if isinstance(content, list) else []
        return " ".join(str(p.get("text", "")) for p in parts if isinstance(p, Mapping))
    return ""
