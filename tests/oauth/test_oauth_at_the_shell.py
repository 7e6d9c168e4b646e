"""Who runs a command is told how to log in; what they paste ends the wait as the browser would."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

import pytest
from loopback_support import free
from rotating_issuer import Issuer, rotating

from commands import login_person, output
from commands.login_person import person
from commands.output import Output
from commands.running import Waiting
from wizard.livetest import Step
from wizard.oauth.person import BROWSER, DEVICE, Ask
from wizard.qr import qr

ROOT = Path(__file__).resolve().parents[2]
_FOLLOWS = """
import sys, urllib.request
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1]).read()
"""
_QR = re.compile("[█▀▄]{8}")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with rotating() as made:
        yield made


class Shell:
    """``authwizard test`` on a pseudo-terminal of its own."""

    def __init__(self, issuer: Issuer, **environ: str) -> None:
        self.issuer = issuer
        self.port = free()
        self.master, child = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wizard", "test", issuer.mcp, "--port", str(self.port)],
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
        end = time.monotonic() + 30
        while words not in self.text:
            alive = self.process.poll() is None
            assert self._read() or alive, f"`{words}` did not come: {self.text}"
            assert time.monotonic() < end, f"`{words}` did not come: {self.text}"
        return self.text

    def _read(self, seconds: float = 0.2) -> bool:
        if select.select([self.master], [], [], seconds)[0]:
            with suppress(OSError):
                more = os.read(self.master, 65536).decode("utf-8", "replace").replace("\r\n", "\n")
                self.text += more
                return bool(more)
        return False

    def say(self, text: str) -> None:
        os.write(self.master, text.encode())

    def url(self) -> str:
        """The address that is shown."""
        self.until("Ctrl+C ends it.")
        begin = f"{self.issuer.url}/authorize?"
        return next(line for line in self.text.split("\n") if line.startswith(begin))

    def back(self) -> str:
        """The address at which the browser ends when somebody agrees."""
        return self.issuer.authorize(dict(parse_qsl(urlsplit(self.url()).query)))

    def logged_in(self) -> bool:
        """Whether the code has come to the issuer; what the test does after that is not waited for."""
        end = time.monotonic() + 30
        while not self.issuer.logins and time.monotonic() < end:
            self._read(0.05)
        return self.issuer.logins == 1

    def end(self) -> int:
        deadline = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < deadline:
            self._read(0.05)
        while self._read(0.05):
            pass
        return self.process.wait(5)


@pytest.fixture
def shell(issuer: Issuer) -> Iterator[Callable[..., Shell]]:
    made: list[Shell] = []

    def start(**environ: str) -> Shell:
        made.append(Shell(issuer, **environ))
        return made[-1]

    yield start
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()
        os.close(one.master)


def follows(folder: Path) -> str:
    """A BROWSER in which someone is logged in already."""
    script = folder / "browser.py"
    script.write_text(_FOLLOWS, "utf-8")
    return f"{sys.executable} {script}"


def test_a_pasted_address_ends_the_wait(shell: Callable[..., Shell]) -> None:
    at = shell()
    assert "Open this page in a browser" in at.until("Ctrl+C ends it.")
    before = at.text.split("Open this page")[0]
    assert re.findall(r"^  ● (.*?):", before, re.M) == [
        "who gives tokens for this server",
        "the authorization server",
        "this program as a client there",
    ]
    assert f"redirect_uri=http%3A%2F%2F127.0.0.1%3A{at.port}%2Fcallback" in at.url()
    at.say("\n")
    at.say("http://127.0.0.1:9/elsewhere?code=hidden\n")
    at.until("That is not the address to which this login sends the browser back.")
    at.say(at.back() + "\n")
    assert at.logged_in(), at.text


def test_the_browser_ends_the_wait(shell: Callable[..., Shell], tmp_path: Path) -> None:
    at = shell(BROWSER=follows(tmp_path))
    assert at.logged_in(), at.text
    assert "the browser that has opened" in at.text
    assert not _QR.search(at.text)


def test_the_end_of_the_typing_does_not_end_the_wait(shell: Callable[..., Shell]) -> None:
    at = shell()
    back = at.back()
    at.say("\x04")
    with urlopen(back) as page:  # noqa: S310  its own loopback address
        assert page.status == 200
    assert at.logged_in(), at.text


def test_over_ssh_the_ports_own_line_is_shown_and_ctrl_c_ends_it_cleanly(shell: Callable[..., Shell]) -> None:
    at = shell(SSH_CONNECTION="10.0.0.9 50000 10.0.0.5 2222", USER="ann")
    at.until("Ctrl+C ends it.")
    assert f"ssh -L {at.port}:127.0.0.1:{at.port} -p 2222 ann@10.0.0.5\n" in at.text
    at.say("\x03")
    assert at.end() == 130, at.text
    assert "Traceback" not in at.text
    assert "Interrupted." in at.text
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", at.port))


@pytest.mark.parametrize(("opens", "json"), [(True, []), (False, ["--json"])])
def test_off_a_terminal_the_address_is_shown_only_where_it_is_needed(
    json: list[str], opens: bool, tmp_path: Path, issuer: Issuer
) -> None:
    """A log keeps what is written there."""
    more = {"BROWSER": follows(tmp_path)} if opens else {}
    with subprocess.Popen(
        [sys.executable, "-m", "wizard", "test", issuer.mcp, "--port", str(free()), *json],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), **more},
        text=True,
    ) as process:
        assert process.stderr
        if opens:
            out, err = process.communicate(timeout=30)
            assert issuer.logins == 1
            assert "/authorize?" not in out + err
            return
        line = process.stderr.readline()
        while line and "/authorize?" not in line:
            line = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, rest = process.communicate(timeout=30)
    assert line.startswith(f"Open this page to log in: {issuer.url}/authorize?")
    assert "state=" in line
    assert "/authorize?" not in out + rest
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
    # where the terminal is low, the last lines are those that stay
    assert max(lines.index(line) for line in lines if _QR.search(line)) < lines.index("    ABCD-EFGH")


def test_no_word_is_broken_at_the_edge_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    monkeypatch.setattr(output, "_columns", lambda: 40)
    url = "https://id.example.com/authorize?" + "x" * 100
    advice = ("In another terminal, forward the port: ssh -L 3334:127.0.0.1:3334 ann@here", "a " * 60)
    who = person(Output())
    who.ask(Ask(BROWSER, url, opened=True, advice=advice))
    who.step(Step("token", "an access token from the token endpoint", False, seen="word " * 20 + "end"))
    lines = said_on(terminal).split("\n")
    assert {url, advice[0]} <= set(lines)
    assert all(len(line) <= 40 for line in lines if line not in {url, advice[0]})
    assert {word for line in lines for word in line.split()} >= {"word", "end", "endpoint:"}
    assert output.wrapped("x " * 50, 0) == ["x " * 50]


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


def test_another_way_to_log_in_is_named_where_the_browser_is_not_at_hand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = at_terminal(monkeypatch)
    url = "https://id.example.com/authorize"
    who = person(Output())
    who.ask(Ask(BROWSER, url, opened=True, instead=("device_code",)))
    who.ask(Ask(BROWSER, url))
    assert "--device" not in said_on(terminal)
    who.ask(Ask(BROWSER, url, instead=("device_code",)))
    assert "--method device_code" in said_on(terminal)


def test_a_page_that_is_to_be_opened_is_a_picture_too(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    url = "https://id.example.com/authorize?state=abc"
    person(Output()).ask(Ask(BROWSER, url, opened=True))
    assert not _QR.search(said_on(terminal))
    person(Output()).ask(Ask(BROWSER, url))
    assert qr(url) in said_on(terminal)


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
