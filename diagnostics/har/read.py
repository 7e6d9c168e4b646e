"""Reading a recording: bounded, tolerant of what each browser does otherwise, and forgetting secrets as it goes.

Chrome, Firefox and Safari write HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/) with names of their own
beside it (``_resourceType``, ``_error``). An entry that cannot be understood is left out and counted.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import math
import re
import time
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from wizard import jwt
from wizard.errors import FileProblem, JobError
from wizard.reading import read_bytes

from ..answers import clean
from ..words import number
from . import cookies, places
from .hide import Hider
from .model import Hop, Param, Place, Recording, SamlSeen, Sent, mark
from .pieces import COOKIES, fields, first, rows, set_texts, table, text_of

LIMIT: Final = 10_000_000
"""Bytes after decoding (CONTRACT, Limits)."""
_HOPS: Final = 5000
_BODY: Final = 200_000
_WORDS: Final = 300
_SHOWN: Final = 20_000
_PAGES: Final = ("document", "main_frame", "iframe", "sub_frame")
_TAGS: Final = re.compile(r"(?is)<(script|style|head)\b.*?</\1\s*>|<[^>]*>")
_TIMES: Final = ("exp", "nbf", "iat")


def recording(path: Path, seconds: float = math.inf) -> Recording:
    """The file's hops. ``seconds`` is how long it may take.

    Raises:
        FileProblem: as `wizard.reading.read_bytes`; `har-too-large`, `har-not-json`, `har-not-a-recording`. JobError
        `timeout`.
    """
    return parsed(_unpacked(read_bytes(path, FileProblem, limit=LIMIT)), seconds)


def parsed(content: bytes, seconds: float = math.inf) -> Recording:
    """The hops in a recording. Raises: FileProblem, JobError as `recording`."""
    until = time.monotonic() + seconds
    value = _json(content)
    log = value.get("log") if isinstance(value, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(log, dict) or not isinstance(entries, list):
        raise FileProblem(
            "har-not-a-recording",
            "This is JSON, but no recording of a browser.",
            "It has no `log` with `entries` (HAR 1.2).",
            [HOW],
        )
    whole = [e for e in entries if isinstance(e, dict)]
    hide = Hider(whole[:_HOPS])
    made = []
    for n, entry in enumerate(whole[:_HOPS], 1):
        if time.monotonic() > until:
            raise JobError(
                "timeout",
                f"The recording was not read within {seconds:g} seconds.",
                f"{n - 1} of its {len(whole)} entries were.",
                ["Record the login alone.", f"Or give it longer: --timeout {max(60.0, 2 * seconds):g}"],
            )
        made.append(_hop(n, entry, hide))
    hops = sorted((h for h in made if h is not None), key=_began)
    hops = [replace(h, number=n) for n, h in enumerate(hops, 1)]
    any_cookie = any(h.sent or h.set for h in hops)
    creator = log.get("creator")
    name = text_of(creator.get("name"), 60) if isinstance(creator, dict) else ""
    return Recording(tuple(hops), name, any_cookie, len(entries) - len(hops))


HOW: Final = (
    "Record the login again: developer tools, Network, Preserve log; then save it as HAR. In Chrome choose the one with"
    " sensitive data, else it holds no cookies."
)
"""How to make one."""


def _unpacked(content: bytes) -> bytes:
    """Out of gzip, where it is in one."""
    if content[:2] != b"\x1f\x8b":
        return content
    stream = zlib.decompressobj(31)
    try:
        whole = stream.decompress(content, LIMIT + 1)
    except zlib.error:
        raise FileProblem("har-not-json", "The recording is broken: its gzip cannot be unpacked.") from None
    if len(whole) > LIMIT:
        raise FileProblem(
            "har-too-large",
            f"The recording has more than {LIMIT:,} bytes when it is unpacked.",
            "",
            ["Record the login alone, with nothing else in it."],
        )
    return whole


def _json(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        why = f"Byte {problem.start + 1} is no UTF-8."
    except json.JSONDecodeError as problem:
        why = f"{problem.msg}, in line {problem.lineno}."
    except RecursionError:
        why = "It is nested without end."
    except ValueError:
        why = "It holds a number without end."
    raise FileProblem("har-not-json", "The recording is not whole JSON.", why, [HOW])


def _began(hop: Hop) -> tuple[bool, float, int]:
    return hop.started is None, hop.started or 0.0, hop.number


def _hop(n: int, entry: Mapping[str, Any], hide: Hider) -> Hop | None:
    asked, answered = table(entry.get("request")), table(entry.get("response"))
    at = places.place(text_of(asked.get("url"), 100_000))
    if at is None:
        return None
    at = replace(at, params=_told(at.params, hide))
    head, told = fields(asked), fields(answered)
    form = _told(_form(table(asked.get("postData"))), hide)
    started = places.moment(text_of(entry.get("startedDateTime"), 60))
    took = number(entry.get("time"))
    status = answered.get("status")
    code = status if isinstance(status, int) and not isinstance(status, bool) and 100 <= status < 600 else 0
    sent = _sent(asked, head)
    set_ = [c for text in set_texts(answered, told) if (c := cookies.parsed(text))][:COOKIES]
    body = _body(answered)
    data = _data(body)
    kind = text_of(entry.get("_resourceType"), 30).lower()
    dest = first(head, "sec-fetch-dest").lower()
    return Hop(
        n,
        clean(text_of(asked.get("method"), 20).upper(), 20) or "GET",
        at,
        code,
        document=_navigates(kind, dest, head, answered, code),
        frame=dest in ("iframe", "frame") or kind in ("iframe", "sub_frame"),
        location=_onward(at, answered, told, hide) if 300 <= code < 400 else None,
        form=form,
        sent=sent,
        set=tuple(set_),
        started=started,
        ended=started + max(took, 0.0) / 1000 if started is not None and took is not None else started,
        date=places.date(first(told, "date")),
        failure=clean(hide(text_of(answered.get("_error") or entry.get("_error"), 200)), 80),
        says=_says(body, data, hide) if code == 0 or code >= 400 or _is_page(told, answered) else "",
        error=clean(text_of(data.get("error"), 100), 60),
        scope=clean(text_of(data.get("scope"), 2000), 400),
        tokens=_tokens(data),
        saml=_saml(asked) if "SAMLResponse" in form or "SAMLResponse" in at.params else None,
        authorized=bool(first(head, "authorization").strip()),
    )


def _navigates(
    kind: str, dest: str, head: Mapping[str, list[str]], answered: Mapping[str, Any], code: int
) -> bool:
    """Whether the browser went there as a page; where nobody says, by what it accepts and gets."""
    if kind:
        return kind in _PAGES
    if dest:
        return dest in ("document", "iframe", "frame")
    if first(head, "x-requested-with"):
        return False
    accepts = first(head, "accept")
    if accepts:
        return "text/html" in accepts
    return 300 <= code < 400 or "html" in text_of(table(answered.get("content")).get("mimeType"), 100)


def _is_page(told: Mapping[str, list[str]], answered: Mapping[str, Any]) -> bool:
    mime = first(told, "content-type") or text_of(table(answered.get("content")).get("mimeType"), 100)
    return "html" in mime.lower()


def _told(params: Mapping[str, Param], hide: Hider) -> Mapping[str, Param]:
    """The same parameters, the open ones without what is secret elsewhere: servers quote codes in error texts."""
    return {n: replace(p, text=clean(hide(p.text), 400)) if p.text else p for n, p in params.items()}


def _onward(
    at: Place, answered: Mapping[str, Any], told: Mapping[str, list[str]], hide: Hider
) -> Place | None:
    found = _location(at, answered, told)
    return replace(found, params=_told(found.params, hide)) if found is not None else None


def _location(at: Place, answered: Mapping[str, Any], told: Mapping[str, list[str]]) -> Place | None:
    from urllib.parse import urljoin

    text = first(told, "location") or text_of(answered.get("redirectURL"), 100_000)
    if not text:
        return None
    try:
        return places.place(urljoin(f"{at.scheme}://{_netloc(at)}{at.path}", text.strip()))
    except ValueError:
        return None


def _netloc(at: Place) -> str:
    host = f"[{at.host}]" if ":" in at.host else at.host
    return f"{host}:{at.port}"


def _sent(asked: Mapping[str, Any], head: Mapping[str, list[str]]) -> tuple[Sent, ...]:
    """The ``Cookie`` header as it was, for the list beside it may drop one that came twice."""
    pairs: list[tuple[str, str]] = []
    for value in head.get("cookie", ()):
        for part in value.split(";"):
            name, equals, text = part.partition("=")
            # what has no name is a value (RFC 6265bis section 5.6)
            pairs += [(name.strip(), text.strip())] if equals else []
    if not pairs:
        pairs = [
            (text_of(r.get("name"), 4096), text_of(r.get("value"), 10_000))
            for r in rows(asked.get("cookies"))
        ]
    return tuple(Sent(clean(n, 120), len(v), mark(v)) for n, v in pairs[:COOKIES] if n)


def _form(posted: Mapping[str, Any]) -> Mapping[str, Param]:
    pairs = [
        (text_of(r.get("name"), 200), text_of(r.get("value"), 2_000_000)) for r in rows(posted.get("params"))
    ]
    if pairs:
        return places.params(pairs)
    text = text_of(posted.get("text"), 2_000_000)
    return places.form(text) if text and not text.lstrip().startswith(("{", "[", "<", "--")) else {}


def _body(answered: Mapping[str, Any]) -> str:
    content = table(answered.get("content"))
    text = text_of(content.get("text"), _BODY)
    if text_of(content.get("encoding"), 20).lower() != "base64":
        return text
    try:
        return base64.b64decode(text[: len(text) // 4 * 4]).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _data(body: str) -> Mapping[str, Any]:
    if not body.lstrip().startswith("{"):
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _says(body: str, data: Mapping[str, Any], hide: Hider) -> str:
    """A few words of an answer, redacted."""
    if data:
        named = (data.get(k) for k in ("error", "error_description", "message", "detail", "title"))
        return clean(hide(" ".join(v[:400] for v in named if isinstance(v, str))), _WORDS)
    return clean(hide(html.unescape(_TAGS.sub(" ", body[:_SHOWN]))[: 2 * _WORDS]), _WORDS)


def _tokens(data: Mapping[str, Any]) -> Mapping[str, Mapping[str, float]]:
    """The times in the JWTs of an answer; nothing else of them."""
    found: dict[str, Mapping[str, float]] = {}
    for name in ("id_token", "access_token"):
        value = data.get(name)
        peek = jwt.peek(value) if isinstance(value, str) else None
        if peek is not None:
            found[name] = {c: at for c in _TIMES if (at := peek.time(c)) is not None}
    return found


def _saml(asked: Mapping[str, Any]) -> SamlSeen | None:
    """The SAML response of a request; None for what is none."""
    from wizard import saml

    posted = table(asked.get("postData"))
    text, url = text_of(posted.get("text"), 2_000_000), text_of(asked.get("url"), 200_000)
    told = [
        (text_of(r.get("name"), 60), text_of(r.get("value"), 2_000_000)) for r in rows(posted.get("params"))
    ]
    told += [*places.pairs(text), *places.pairs(url.partition("?")[2])]
    found = saml.read(next((v for n, v in told if n == "SAMLResponse"), ""))
    if found is None:
        return None
    return SamlSeen(
        clean(found.status, 60),
        clean(found.issuer, 200),
        tuple(clean(a, 200) for a in found.audience[:5]),
        found.not_before,
        found.not_on_or_after,
        len(found.groups),
        bool(found.encrypted),
        found.signed,
    )
