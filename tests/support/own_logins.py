"""A program in its own terminal that logs in to a server of its file: the entry is written as a person would have it
written, the browser only notes the address, and the server says whether the token came."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from servers.terminal import Terminal

from wizard import export
from wizard.entries import OwnLogin, RemotePlan

from .authorizing import GRANTED, REGISTERED, authorizing, browser, consent

NAME: Final = "x"
OFFERED: Final = ("read", "write", "other")
"""The scopes that the server names."""
_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Login:
    """A program that was started, the server's address, and what was seen: addresses that were opened, paths that were
    asked."""

    terminal: Terminal
    url: str
    wanted: OwnLogin
    opened: Callable[[], list[str]]
    asked: list[str]

    def address(self, holding: str = "") -> str:
        """The first address that it opened, or the first that holds this; waits for it."""
        self.until(lambda: any(holding in one for one in self.opened()), "it opened no such address")
        return next(one for one in self.opened() if holding in one)

    def request(self, address: str) -> dict[str, str]:
        """The parameters of an authorize request; what every right one has is looked at here."""
        parts = urlsplit(address)
        sent = {n: v[0] for n, v in parse_qs(parts.query).items()}
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == self.url.replace("/mcp", "/authorize")
        assert (sent["response_type"], sent["code_challenge_method"]) == ("code", "S256")
        assert (len(sent["code_challenge"]), bool(sent["state"])) == (43, True)
        assert sent["resource"] == self.url
        assert sent["client_id"] == (self.wanted.client_id or REGISTERED)
        assert ("/register" in self.asked) is not bool(self.wanted.client_id)
        return sent

    def granted(self, address: str) -> None:
        """Consent in the browser's place, and wait until the server is asked with a token."""
        assert consent(address) == 200
        self.until(lambda: GRANTED in self.asked, "no token came")

    def until(self, so: Callable[[], bool], else_: str) -> None:
        """Wait until it is so; ``else_`` says what did not come."""
        end = time.monotonic() + _SECONDS
        while not so():
            assert time.monotonic() < end, f"{else_}; asked: {self.asked}\n{self.terminal.screen()}"
            time.sleep(0.1)

    def command(self, words: str) -> None:
        """Type a command of the program, the last key as slowly as a person: some take quick keys for a paste."""
        self.terminal.type(words[:-1])
        self.terminal.press(words[-1])
        self.terminal.until(words, _SECONDS)
        self.terminal.press("Enter")


@contextlib.contextmanager
def own_login(
    client: str,
    wanted: OwnLogin,
    home: Path,
    words: tuple[str | Path, ...],
    more: Mapping[str, str],
    *,
    says_iss: bool = True,
) -> Iterator[Login]:
    """Write the entry of a server that wants a login, and start the program with ``words`` in a terminal, with
    ``more`` variables. All that it started has ended afterwards. ``says_iss`` is as for `authorizing`."""
    with authorizing(OFFERED, says_iss=says_iss) as (url, asked):
        plan = RemotePlan(NAME, url, login=wanted)
        export.write(export.prepare(plan, "c", client, project=False, path=None, how="oauth", secrets={}))
        opened, found = browser(home)
        terminal = Terminal(home)
        try:
            terminal.start(*map(str, words), more={**more, **found})
            yield Login(terminal, url, wanted, opened, asked)
        finally:
            terminal.tmux("kill-server")
            _end(home)


def _end(home: Path) -> None:
    """End every process that lives in this home. A terminal that is closed ends not all: Cline goes on without it."""
    end = time.monotonic() + 20
    while found := [pid for pid in _pids() if _lives_in(pid, home)]:
        assert time.monotonic() < end, f"they do not end: {found}"
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _pids() -> list[int]:
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and int(p.name) != os.getpid()]


def _lives_in(pid: int, home: Path) -> bool:
    try:
        return f"HOME={home}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
