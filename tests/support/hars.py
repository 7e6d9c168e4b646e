"""Recordings of a browser (HAR 1.2), made at run time: no value in them is fixed."""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any, Final
from urllib.parse import urlencode

CHROME, FIREFOX, SAFARI = "WebInspector", "Firefox", "WebKit Web Inspector"
_PAGE: Final = "text/html; charset=utf-8"


class Har:
    """A recording that grows by one request after another, as ``browser`` writes it. ``now`` is by the browser's clock;
    ``behind`` are the seconds by which each host's clock is behind it."""

    def __init__(self, browser: str = CHROME, behind: dict[str, float] | None = None) -> None:
        self.browser = browser
        self.entries: list[dict[str, Any]] = []
        self.now = time.time() - 600
        self.behind = behind or {}

    def ask(
        self,
        url: str,
        status: int = 200,
        *,
        to: str = "",
        sets: tuple[str, ...] = (),
        cookie: str = "",
        method: str = "GET",
        form: dict[str, str] | None = None,
        page: str = "",
        data: dict[str, object] | None = None,
        kind: str = "document",
        took: float = 0.08,
        at: float | None = None,
        failure: str = "",
        authorization: str = "",
    ) -> None:
        """One request and its answer; ``at`` is when it began, in seconds after the last one's end."""
        began = self.now if at is None else self.now + at
        host = url.split("//", 1)[1].split("/", 1)[0].split(":", maxsplit=1)[0]
        date = formatdate(began + took - self.behind.get(host, 0.0), usegmt=True)
        told = [("Date", date), *((("Location", to),) if to else ())]
        if self.browser == CHROME and len(sets) > 1:
            told.append(("set-cookie", "\n".join(sets)))
        else:
            told += [("Set-Cookie", one) for one in sets]
        body = json.dumps(data) if data is not None else page
        mime = "application/json" if data is not None else _PAGE
        asked: list[tuple[str, str]] = [("Accept", "text/html,*/*" if kind == "document" else "*/*")]
        asked += [("Cookie", cookie)] if cookie else []
        asked += [("Authorization", authorization)] if authorization else []
        entry: dict[str, Any] = {
            "startedDateTime": datetime.fromtimestamp(began, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "time": took * 1000,
            "request": {
                "method": method,
                "url": url,
                "httpVersion": "HTTP/1.1",
                "headers": [{"name": n, "value": v} for n, v in asked],
                "cookies": [],
                "queryString": [],
                "headersSize": -1,
                "bodySize": 0,
            },
            "response": {
                "status": status,
                "statusText": "",
                "httpVersion": "HTTP/1.1",
                "headers": [{"name": n, "value": v} for n, v in told],
                "cookies": [],
                "content": {"size": len(body), "mimeType": mime, "text": body},
                "redirectURL": to,
                "headersSize": -1,
                "bodySize": len(body),
            },
            "cache": {},
            "timings": {"send": 0, "wait": took * 1000, "receive": 0},
        }
        if form is not None:
            mime = "application/x-www-form-urlencoded"
            entry["request"]["postData"] = {"mimeType": mime, "text": urlencode(form)}
        if self.browser == CHROME:
            entry["_resourceType"] = kind
        if failure:
            entry["response"]["_error"] = failure
        self.entries.append(entry)
        self.now = max(self.now, began + took) + 0.05

    def text(self) -> str:
        """The file."""
        log = {
            "version": "1.2",
            "creator": {"name": self.browser, "version": "1"},
            "pages": [],
            "entries": self.entries,
        }
        return json.dumps({"log": log})


def value(size: int = 24) -> str:
    """One that nobody else has."""
    return secrets.token_urlsafe(size)


def query(url: str, **words: str) -> str:
    """The address with these parameters."""
    return f"{url}?{urlencode(words)}"


def authorize(provider: str, client: str, back: str, state: str, **more: str) -> str:
    """A request for a login."""
    words = {
        "client_id": client,
        "response_type": "code",
        "redirect_uri": back,
        "scope": "openid email",
        "state": state,
    }
    return query(provider, **{**words, **more})
