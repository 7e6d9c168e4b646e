"""Who runs a command is told how to log in; what they paste ends the wait as the browser would."""

from __future__ import annotations

import io
import os
import pty
import re
import secrets
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest

from commands import login_person
from commands.login_person import person
from commands.output import Output
from commands.running import Waiting
from wizard.livetest import Step
from wizard.oauth.person import BROWSER, DEVICE, Ask
from wizard.qr import qr

ROOT = Path(__file__).resolve().parents[2]
LOGIN = Path(__file__).with_name("login_at_shell.py")
_FOLLOWS = """
import sys, urllib.parse, urllib.request
asked = urllib.parse.parse_qs(urllib.parse.urlsplit(sys.argv[1]).query)
back = asked["redirect_uri"][0] + "?" + urllib.parse.urlencode({"code": "c" * 20, "state": asked["state"][0]})
urllib.request.urlopen(back).read()
"""

_QR = re.compile("[█▀▄]{8}")


class Shell:
    """A login on a pseudo-terminal, wide enough for every line."""

    def __init__(self, **environ: str) -> None:
        self.state = secrets.token_urlsafe(24)
        self.master, child = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, str(LOGIN), self.state],
            stdin=child,
            stdout=child,
            stderr=child,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "PYTHONUTF8": "1", **environ},
            start_new_session=True,
            # the terminal is the child's own, so that Ctrl+C typed there reaches it
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509  nothing is threaded here
        )
        os.close(child)
        self.text = ""

    def until(self, words: str) -> str:
        end = time.monotonic() + 20
        while words not in self.text:
            assert time.monotonic() < end, f"`{words}` did not come: {self.text}"
            self._read()
        return self.text

    def _read(self) -> None:
        if select.select([self.master], [], [], 0.2)[0]:
            with suppress(OSError):
                self.text += os.read(self.master, 65536).decode("utf-8", "replace").replace("\r\n", "\n")

    def say(self, text: str) -> None:
        os.write(self.master, text.encode())

    def url(self) -> str:
        """The address that is shown."""
        self.until("Ctrl+C ends it.")
        return next(line for line in self.text.split("\n") if line.startswith("http://127.0.0.1:9/"))

    def back(self, **more: str) -> str:
        """The address at which the browser would end."""
        asked = parse_qs(urlsplit(self.url()).query)
        return f"{asked['redirect_uri'][0]}?{urlencode({**more, 'state': asked['state'][0]})}"

    def end(self) -> int:
        deadline = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < deadline:
            self._read()
        self._read()
        return self.process.wait(5)


@pytest.fixture
def shell() -> Iterator[Callable[..., Shell]]:
    made: list[Shell] = []

    def start(**environ: str) -> Shell:
        made.append(Shell(**environ))
        return made[-1]

    yield start
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()
        os.close(one.master)


def follows(folder: Path) -> str:
    """A BROWSER in which someone logs in at once."""
    script = folder / "browser.py"
    script.write_text(_FOLLOWS, "utf-8")
    return f"{sys.executable} {script}"


def test_a_pasted_address_ends_the_wait(shell: Callable[..., Shell]) -> None:
    at = shell()
    assert "Open this page in a browser" in at.until("Ctrl+C ends it.")
    assert f"state={at.state}" in at.url()
    assert at.url().endswith("p" * 300)
    at.say("\n")
    at.say("http://127.0.0.1:9/elsewhere?code=hidden\n")
    at.until("That is not the address to which this login sends the browser back.")
    at.say(at.back(code="c" * 33) + "\n")
    assert at.end() == 0, at.text
    assert "code of 33 characters" in at.text


def test_the_browser_ends_the_wait(shell: Callable[..., Shell], tmp_path: Path) -> None:
    at = shell(BROWSER=follows(tmp_path))
    assert at.end() == 0, at.text
    assert "code of 20 characters" in at.text
    assert "the browser that has opened" in at.text
    assert not _QR.search(at.text)


def test_the_end_of_the_typing_does_not_end_the_wait(shell: Callable[..., Shell]) -> None:
    at = shell()
    back = at.back(code="c" * 7)
    at.say("\x04")
    with urlopen(back) as page:  # noqa: S310  its own loopback address
        assert page.status == 200
    assert at.end() == 0, at.text
    assert "code of 7 characters" in at.text


def test_ctrl_c_ends_it_cleanly(shell: Callable[..., Shell]) -> None:
    at = shell()
    port = urlsplit(at.back()).port
    at.say("\x03")
    assert at.end() == 130, at.text
    assert "Traceback" not in at.text
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port or 0))


def test_over_ssh_the_ports_own_line_is_shown(shell: Callable[..., Shell]) -> None:
    at = shell(SSH_CONNECTION="10.0.0.9 50000 10.0.0.5 2222", USER="ann")
    port = urlsplit(at.back()).port
    assert f"ssh -L {port}:127.0.0.1:{port} -p 2222 ann@10.0.0.5\n" in at.text
    at.process.send_signal(signal.SIGINT)
    assert at.end() == 130


@pytest.mark.parametrize("json", [[], ["--json"]])
@pytest.mark.parametrize("opens", [True, False])
def test_off_a_terminal_the_address_is_shown_only_where_it_is_needed(
    json: list[str], opens: bool, tmp_path: Path
) -> None:
    """A log keeps what is written there."""
    state = secrets.token_urlsafe(24)
    more = {"BROWSER": follows(tmp_path)} if opens else {}
    with subprocess.Popen(
        [sys.executable, str(LOGIN), state, *json],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), **more},
        text=True,
    ) as process:
        assert process.stderr
        if opens:
            out, err = process.communicate(timeout=20)
            assert err == ""
            assert "code of 20" in out
            return
        line = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=20)
    assert line.startswith("Open this page to log in: http://127.0.0.1:9/authorize?")
    assert state in line
    assert rest == ""
    assert process.returncode == 130


def at_terminal(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int] = (100, 30), encoding: str = "utf-8"
) -> io.TextIOWrapper:
    """Standard error as a terminal."""
    made = io.TextIOWrapper(io.BytesIO(), encoding)
    made.isatty = lambda: True  # type: ignore[method-assign]  # this is the point of it
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setattr(login_person, "_size", lambda: size)
    return made


def said_on(terminal: io.TextIOWrapper) -> str:
    terminal.seek(0)
    return terminal.read()


def test_a_code_is_shown_with_its_page_and_as_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    waiting, complete = Waiting(), "https://id.example.com/device?user_code=ABCD-EFGH"
    who = person(Output(), waiting=waiting)
    who.ask(Ask(DEVICE, "https://id.example.com/device", "ABCD-EFGH", complete, seconds=900))
    said = said_on(terminal)
    lines = said.split("\n")
    assert "https://id.example.com/device" in lines
    assert "    ABCD-EFGH" in lines
    assert qr(complete) in said
    assert "15 minutes" in said
    assert waiting.what == "the login with the code"


@pytest.mark.parametrize("why", ["dumb", "small", "latin"])
def test_no_picture_is_drawn_that_cannot_be_seen_whole(why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if why == "dumb":
        monkeypatch.setenv("TERM", "dumb")
    terminal = at_terminal(
        monkeypatch, (100, 12 if why == "small" else 30), "iso-8859-1" if why == "latin" else "utf-8"
    )
    person(Output()).ask(Ask(DEVICE, "https://id.example.com/device", "ABCD"))
    said = said_on(terminal)
    assert "ABCD" in said
    assert not _QR.search(said)


@pytest.mark.parametrize("kind", [BROWSER, DEVICE])
@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "https://a.example/\x1b]0;x\x07", ""]
)
def test_no_address_is_shown_that_is_none_of_the_web(
    kind: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = at_terminal(monkeypatch)
    person(Output()).ask(Ask(kind, url, "CODE"))
    said = said_on(terminal)
    assert "no address of the web" in said
    for part in ("alert", "passwd", "a.example", "\x1b"):
        assert part not in said


def test_what_a_server_says_acts_on_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    who = person(Output())
    who.ask(Ask(DEVICE, "https://me:word@id.example.com/x", "AB\x1b[2JCD\n\n  \u202eEF"))
    who.step(Step("token", "a token", False, seen="no\x1b[1A"))
    said = said_on(terminal)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said)
    assert "word" not in said
    assert "AB[2JCD EF" in said


def test_each_step_is_told_as_it_ends_and_to_whoever_else_hears(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    heard: list[str] = []
    who = person(Output(), step=lambda step: heard.append(step.id), port=8123, opens=False, seconds=5)
    for id, ok in (("registration", True), ("authorization", None), ("token", False)):
        who.step(Step(id, f"the {id}", ok, seen="something"))
    assert heard == ["registration", "authorization", "token"]
    assert said_on(terminal).split("\n")[:3] == [
        "  ● the registration: something",
        "  ○ the authorization: something",
        "  ✗ the token: something",
    ]
    assert (who.port, who.opens, who.seconds) == (8123, False, 5)


def test_off_a_terminal_nobody_pastes_and_steps_are_left_to_the_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    who = person(Output())
    who.step(Step("token", "a token", True, seen="something"))
    who.ask(Ask(DEVICE, "https://id.example.com/device", "ABCD", seconds=60))
    assert who.paste is None
    assert (
        capsys.readouterr().err == "Open https://id.example.com/device on any device and type the code ABCD\n"
    )
