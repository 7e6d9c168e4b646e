"""A person with a browser: ``python person.py FILE ADDRESS`` opens the address in headless Chromium and agrees to all;
``python person.py FILE ADDRESS CODE`` types that code where the page asks for one.

The file (JSON, mode 600) holds ``username``, ``password`` and ``folder``. A form with a password is filled and sent,
any other question answered with its first button, until the page is one of another origin (where the login comes
back to) or one that asks nothing more (a device is signed in, or something is wrong). A line of JSON then goes to
``folder/pages.jsonl``: the page's ``origin``, ``path``, ``title`` and ``text``; no query, for a code stands in it.
While it is at it, its process id is the name of a file in ``folder/running``.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

_SECONDS: Final = 60.0
_ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"
"""How W3C WebDriver section 12.2 names a reference to an element."""

_FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"),
    *("--no-first-run", "--no-proxy-server", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-extensions"),
)
_LOOPBACK_ONLY: Final = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
_LOOK: Final = """
const seen = e => e && e.offsetParent !== null && !e.disabled;
const all = s => [...document.querySelectorAll(s)].filter(seen);
const name = all('input[type=text], input[type=email], input:not([type])')[0] || null;
const password = all('input[type=password]')[0] || null;
const button = all('button[type=submit], input[type=submit], form button:not([type])')[0] || null;
return {ready: document.readyState, name, password, button, title: document.title,
        text: document.body ? document.body.innerText : '', address: location.href};
"""


class Browser:
    """A session of chromedriver's, by the W3C's protocol."""

    def __init__(self, http: httpx.Client, profile: str) -> None:
        self.http, self.session = http, ""
        options = {"args": [*_FLAGS, _LOOPBACK_ONLY, f"--user-data-dir={profile}"]}
        wanted = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}
        self.session = f"/session/{self._post('/session', capabilities=wanted)['sessionId']}"

    def __call__(self, what: str, **words: object) -> Any:
        return self._post(f"{self.session}/{what}", **words)

    def _post(self, path: str, **words: object) -> Any:
        said = self.http.post(path, json=words).json()["value"]
        if isinstance(said, dict) and "error" in said:
            raise LookupError(f"{said['error']}: {said.get('message', '')}")
        return said

    def look(self) -> dict[str, Any]:
        return dict(self("execute/sync", script=_LOOK, args=[]))

    def fill(self, element: dict[str, str], text: str) -> None:
        self(f"element/{element[_ELEMENT]}/clear")
        self(f"element/{element[_ELEMENT]}/value", text=text)

    def press(self, element: dict[str, str]) -> None:
        self(f"element/{element[_ELEMENT]}/click")


def origin(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def visit(browser: Browser, address: str, username: str, password: str, code: str = "") -> dict[str, str]:
    """The page at which it ended."""
    browser("url", url=address)
    deadline = time.monotonic() + _SECONDS
    tried = False
    while True:
        try:
            page = browser.look()
            if page["ready"] == "complete":
                asks = page["password"] or page["button"]
                away = origin(page["address"]) != origin(address)
                if away or not asks or (page["password"] and tried) or time.monotonic() > deadline:
                    where = urlsplit(page["address"])
                    told = {k: page[k] for k in ("title", "text")}
                    return {"origin": origin(page["address"]), "path": where.path, **told}
                if page["password"]:
                    if page["name"]:
                        browser.fill(page["name"], username)
                    browser.fill(page["password"], password)
                    tried = True
                elif page["name"] and code:
                    browser.fill(page["name"], code)
                    code = ""
                browser.press(page["button"])
        except LookupError:
            # the page went away while it was looked at
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Browser]:
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
                browser = Browser(http, profile)
                try:
                    yield browser
                finally:
                    http.delete(browser.session)
        finally:
            driver.terminate()
            driver.wait(10)


def main(file: str, address: str, code: str = "") -> None:
    """Do it, and tell."""
    given = json.loads(Path(file).read_text())
    folder = Path(given["folder"])
    mark = folder / "running" / str(os.getpid())
    mark.parent.mkdir(exist_ok=True)
    mark.touch()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with opened(folder) as browser:
            page = visit(browser, address, given["username"], given["password"], code)
        with (folder / "pages.jsonl").open("a", encoding="utf-8") as log:
            log.write(f"{json.dumps(page)}\n")
    finally:
        mark.unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
