"""From the text of one pack to a `Pack`, strictly."""

from __future__ import annotations

import re
from typing import Final

from wizard.described.reader import PACK, Table, opened
from wizard.livetest import LIKELY, PROVEN

from ..causes.book import OWNERS
from ..facts.refused import ANSWER, LOGIN, TOKEN, TOOL
from .model import Pack, Saying

_ID: Final = re.compile(r"[a-z][a-z0-9-]*")
_LINK: Final = re.compile(r"https://\S+|RFC \d+( section [\d.]+)?")
_HEADER: Final = re.compile(r"[a-z][a-z0-9-]*")
_AT: Final = {"answer": ANSWER, "login": LOGIN, "token": TOKEN, "tool": TOOL}


def parse(text: str, name: str) -> Pack:
    """A pack, from the text of its description. ``name`` is the file's, for messages.

    Raises:
        CatalogueError: the first thing at fault; its detail is ``name:LINE: what was found; expected ...``.
    """
    t = opened(text, name, PACK)
    known = t.table("recognised")
    words = known.text("words", "") if known else ""
    found = Pack(
        id=t.shaped("id", _ID, "small letters, digits and -"),
        title=t.text("title"),
        headers=tuple(h.lower() for h in known.texts("headers")) if known else (),
        services=known.texts("services") if known else (),
        begins=known.texts("begins") if known else (),
        words=_pattern(known, "words", words) if known and words else None,
        sayings=tuple(_saying(s, bool(known)) for s in t.tables("says")),
    )
    if known is not None:
        known.close()
    t.close()
    return found


def _saying(t: Table, recognisable: bool) -> Saying:
    codes = t.texts("codes")
    texts = [re.compile(rf"(?<![\w-]){re.escape(code)}(?![\w-])") for code in codes]
    texts += [_pattern(t, "texts", pattern) for pattern in t.texts("texts")]
    table = t.table("headers")
    headers = {name: _pattern(table, name, table.text(name)) for name in table.names()} if table else {}
    for header in headers:
        if not _HEADER.fullmatch(header):
            t.fault("headers", f"`{header}`", "a header's name in small letters")
    if not (texts or headers):
        t.fault("cause", "nothing that is said", "codes, texts or headers")
    found = Saying(
        cause=t.shaped("cause", _ID, "the id of a cause"),
        texts=tuple(texts),
        status=_numbers(t, "status"),
        headers=headers,
        begins=t.texts("begins"),
        at=_places(t),
        vendor=t.flag("vendor", False),
        to_all=t.flag("to_all", False),
        adds=t.flag("adds", False),
        certainty=t.text("certainty", PROVEN, among=(PROVEN, LIKELY)),
        title=t.text("title", ""),
        where=t.text("where", ""),
        request=t.text("request", ""),
        steps=t.texts("steps"),
        owner=t.text("owner", "", among=OWNERS),
        sources=_sources(t),
    )
    if found.vendor and not recognisable:
        t.fault("vendor", "`vendor` in a pack that is not recognised", "a table [recognised]")
    if not (found.where or found.request or found.steps):
        t.fault("cause", "nothing to do", "where, request or steps")
    t.close()
    return found


def _pattern(t: Table, key: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        t.fault(key, f"no regular expression ({error})", "one as Python reads it", text)


def _numbers(t: Table, key: str) -> tuple[int, ...]:
    values = t.texts(key)
    for value in values:
        if not re.fullmatch(r"[1-5]\d\d", value):
            t.fault(key, f"`{value}`", 'a status in quotes, such as "403"', value)
    return tuple(int(v) for v in values)


def _places(t: Table) -> tuple[str, ...]:
    values = t.texts("at")
    for value in values:
        if value not in _AT:
            t.fault("at", f"`{value}`", f"one of {', '.join(_AT)}", value)
    return tuple(_AT[v] for v in values)


def _sources(t: Table) -> tuple[str, ...]:
    values = t.texts("sources", None)
    for value in values:
        if not _LINK.fullmatch(value):
            t.fault("sources", f"`{value}`", "an https address, or RFC 6749 section 5.2", value)
    return values
