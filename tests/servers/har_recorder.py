"""A browser that records: headless Chromium whose Network events of DevTools become a recording (HAR 1.2)."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from .person import _FLAGS, _LOOPBACK_ONLY, _SECONDS, Browser

_KINDS: Final = {"Document": "document", "XHR": "xhr", "Fetch": "fetch", "Image": "image"}


class Recorder(Browser):
    """A session whose Network events are kept by chromedriver."""

    def __init__(self, http: httpx.Client, profile: str) -> None:
        self.http, self.session = http, ""
        options = {"args": [*_FLAGS, _LOOPBACK_ONLY, f"--user-data-dir={profile}"]}
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"performance": "ALL"},
        }
        self.session = f"/session/{self._post('/session', capabilities={'alwaysMatch': wanted})['sessionId']}"

    def events(self) -> list[dict[str, Any]]:
        """The Network events since the last call."""
        rows = self("se/log", type="performance")
        found = [json.loads(row["message"])["message"] for row in rows]
        return [e for e in found if e["method"].startswith("Network.")]


@contextlib.contextmanager
def recording(folder: Path) -> Iterator[Recorder]:
    """Headless Chromium with a fresh profile; gone when the block ends."""
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as profile:
        driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert driver.stdout is not None
            says = next(line for line in driver.stdout if "successfully on port" in line)
            port = says.rstrip().rstrip(".").rpartition(" ")[2]
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=_SECONDS, trust_env=False) as http:
                browser = Recorder(http, profile)
                try:
                    yield browser
                finally:
                    http.delete(browser.session)
        finally:
            driver.terminate()
            driver.wait(10)
            if driver.stdout is not None:
                driver.stdout.close()


def har(events: Sequence[dict[str, Any]]) -> str:
    """The recording of these events. Redirects share one request id, each with its own headers beside it."""
    asked, sent, told, ends = (defaultdict(list) for _ in range(4))
    order: list[str] = []
    for event in events:
        words = event["params"]
        id = words.get("requestId", "")
        match event["method"].removeprefix("Network."):
            case "requestWillBeSent":
                if id not in order:
                    order.append(id)
                if "redirectResponse" in words:
                    ends[id].append((words["redirectResponse"], words["timestamp"]))
                asked[id].append(words)
            case "requestWillBeSentExtraInfo":
                sent[id].append(words["headers"])
            case "responseReceivedExtraInfo":
                told[id].append(words)
            case "responseReceived":
                ends[id].append((words["response"], words["timestamp"]))
    entries = []
    for id in order:
        for n, words in enumerate(asked[id]):
            response, end = ends[id][n] if n < len(ends[id]) else ({}, words["timestamp"])
            extra = told[id][n] if n < len(told[id]) else {}
            head = {**words["request"]["headers"], **(sent[id][n] if n < len(sent[id]) else {})}
            entries.append(_entry(words, head, response, extra, end - words["timestamp"]))
    log = {
        "version": "1.2",
        "creator": {"name": "WebInspector", "version": "537.36"},
        "pages": [],
        "entries": entries,
    }
    return json.dumps({"log": log})


def _entry(
    words: dict[str, Any], head: dict[str, str], response: dict[str, Any], extra: dict[str, Any], took: float
) -> dict[str, Any]:
    request = words["request"]
    headers = extra.get("headers") or response.get("headers") or {}
    status = extra.get("statusCode") or response.get("status") or 0
    entry: dict[str, Any] = {
        "startedDateTime": datetime.fromtimestamp(words["wallTime"], UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "time": took * 1000,
        "_resourceType": _KINDS.get(words.get("type", ""), "other"),
        "request": {
            "method": request["method"],
            "url": request["url"],
            "headers": _rows(head),
            "cookies": [],
        },
        "response": {
            "status": status,
            "headers": _rows(headers),
            "cookies": [],
            "content": {"size": 0, "mimeType": response.get("mimeType", "")},
            "redirectURL": next((v for n, v in headers.items() if n.lower() == "location"), ""),
        },
    }
    if request.get("hasPostData"):
        mime = "application/x-www-form-urlencoded"
        entry["request"]["postData"] = {"mimeType": mime, "text": request.get("postData", "")}
    return entry


def _rows(headers: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": n, "value": v} for n, v in headers.items()]
