"""What a server's answer says, in a few words fit to show: its status, its challenge, its error."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from wizard.challenge import parse_challenges

if TYPE_CHECKING:
    from wizard.transport import Reply

_LONGEST: Final = 200
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ERROR_KEYS: Final = ("error", "code", "message", "error_description", "detail", "title")


def clean(text: str, limit: int = _LONGEST) -> str:
    """One line of text from outside: no control or invisible characters, single spaces, at most ``limit``."""
    plain = "".join(c if unicodedata.category(c) not in _HIDDEN else " " for c in text[: limit * 8])
    plain = " ".join(plain.split())
    return plain if len(plain) <= limit else f"{plain[: limit - 1]}…"


def content_type(reply: Reply) -> str:
    """The media type without parameters, in lower case; empty where none was sent."""
    return (reply.headers.get("content-type") or "").split(";")[0].strip().lower()


def is_web_page(reply: Reply) -> bool:
    """Whether the answer is a page for people."""
    if content_type(reply) in ("text/html", "application/xhtml+xml"):
        return True
    return reply.body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def json_object(reply: Reply) -> Mapping[str, object]:
    """The body as a JSON object; empty where it is none."""
    from wizard.errors import TransportError

    try:
        found = reply.json()
    except TransportError:
        return {}
    return found if isinstance(found, dict) else {}


def error_words(reply: Reply) -> str:
    """The error that the answer names, by its challenge or its body; empty where it names none."""
    for challenge in parse_challenges(reply.headers.get_all("www-authenticate")):
        if challenge.get("error"):
            return clean(challenge.get("error"), 60)
    body = json_object(reply)
    nested = body.get("error")
    if isinstance(nested, dict):
        body = nested
    for key in _ERROR_KEYS:
        found = body.get(key)
        if isinstance(found, str) and found.strip():
            return clean(found, 60)
    return ""


def said(reply: Reply) -> str:
    """``401 invalid_token``, ``200``, ``403 a web page``: what a step shows as seen."""
    if is_web_page(reply):
        return f"{reply.status} a web page"
    words = error_words(reply) if reply.status >= 400 else ""
    return f"{reply.status} {words}".rstrip()
