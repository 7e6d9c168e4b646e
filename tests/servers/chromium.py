"""People with a real browser: ``chromium_browser(username, password)`` gives one, to be named in ``BROWSER``.

Mark the tests ``@pytest.mark.real("chromedriver")`` (Debian: chromium, chromium-driver). Each opens what it is given in
a fresh headless Chromium, logs in at oidc-provider's or Keycloak's own pages and agrees to what they ask (`person.py`).

* without a password it is any, which oidc-provider takes
* ``person.command``     for ``BROWSER``; no word of it is secret, and the file it names is 0600
* ``person.page()``      waits for the page at which the login ended: ``origin``, ``path``, ``title``, ``text``;
  ``page(2)`` for the second login's
* ``person.pages``       those so far
* ``person.types(address, code)``  the person opens the address by themselves, and types a code there: the page at which
  that ended
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

PERSON: Final = Path(__file__).with_name("person.py")
_PATIENCE: Final = 90.0


@dataclass(frozen=True)
class Person:
    """Someone who can log in; see the module's own words."""

    folder: Path

    @property
    def command(self) -> str:
        return shlex.join([sys.executable, str(PERSON), str(self.folder / "who.json"), "%s"])

    @property
    def pages(self) -> list[dict[str, str]]:
        log = self.folder / "pages.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def page(self, number: int = 1) -> dict[str, str]:
        deadline = time.monotonic() + _PATIENCE
        while len(self.pages) < number:
            assert time.monotonic() < deadline, "the browser told of no page"
            time.sleep(0.05)
        return self.pages[number - 1]

    def types(self, address: str, code: str) -> dict[str, str]:
        before = len(self.pages)
        words = [sys.executable, str(PERSON), str(self.folder / "who.json"), address, code]
        subprocess.run(words, timeout=_PATIENCE, check=True)
        return self.page(before + 1)

    def running(self) -> list[int]:
        """The process ids of the browsers that are still open."""
        return [int(mark.name) for mark in (self.folder / "running").glob("*")]


@pytest.fixture
def chromium_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], Person]]:
    """People of the module's own words; who is still at it when the test ends is ended."""
    people: list[Person] = []

    def person(username: str, password: str = "") -> Person:
        folder = tmp_path_factory.mktemp("person")
        file = folder / "who.json"
        file.touch(0o600)
        file.write_text(
            json.dumps(
                {
                    "username": username,
                    "password": password or secrets.token_urlsafe(9),
                    "folder": str(folder),
                }
            )
        )
        people.append(Person(folder))
        return people[-1]

    yield person
    deadline = time.monotonic() + _PATIENCE
    for one in people:
        for pid in one.running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        while one.running() and time.monotonic() < deadline:
            time.sleep(0.05)
