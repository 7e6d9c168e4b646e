"""The way back from the browser, walked by `authwizard test URL`: on the port that was named, or not at all."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loopback_support import free
from rotating_issuer import Issuer, rotating
from support.running import Run

from commands import live
from diagnostics.causes import REGISTRY

_BROWSER = """
import sys, urllib.error, urllib.parse, urllib.request
open(sys.argv[1], "a").write(sys.argv[2] + "\\n")

class Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None

def get(url, **more):
    request = urllib.request.Request(url, **more)
    try:
        with urllib.request.build_opener(Stays, urllib.request.ProxyHandler({})).open(request) as page:
            return page.status, page.headers, page.read()
    except urllib.error.HTTPError as page:
        return page.code, page.headers, page.read()

asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(sys.argv[2]).query))
ACTS
"""
_AGREES = "get(get(sys.argv[2])[1]['location'])"
_REFUSES = "get(asked['redirect_uri'] + '?error=access_denied&state=' + asked['state'] + '&iss=' + ISSUER)"
_TRIES = """
back = asked["redirect_uri"]
for wrong in ("?code=x", "?code=x&state=other", "?code=x&code=y&state=" + asked["state"], "/more?code=x"):
    assert get(back + wrong)[0] in (400, 404), wrong
right = get(sys.argv[2])[1]["location"]
assert get(right, data=b"x")[0] == 405
assert get(right, method="HEAD")[0] == 405
assert get(right, headers={"Host": "evil.example"})[0] == 421
assert get(right)[0] == 200
assert get(right)[0] in (410, 500)
"""


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with rotating() as made:
        yield made


Browser = Callable[[str], Path]


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, issuer: Issuer) -> Browser:
    """A browser that does this; the file in which it notes what it was given."""

    def made(acts: str) -> Path:
        script, log = tmp_path / "browser.py", tmp_path / "opened"
        script.write_text(_BROWSER.replace("ACTS", acts).replace("ISSUER", repr(issuer.url)), "utf-8")
        monkeypatch.setenv("BROWSER", f"{sys.executable} {script} {log} %s")
        return log

    return made


@pytest.mark.row("U2")
def test_the_browser_comes_back_on_the_port_that_was_named(
    run: Run, issuer: Issuer, browser: Browser
) -> None:
    opened, port = browser(_AGREES), free()
    ran = run("test", issuer.mcp, "--port", str(port), "--json")
    assert issuer.logins == 1, ran.out
    (client,) = issuer.clients.values()
    assert client["redirect_uris"] == [f"http://127.0.0.1:{port}/callback"]
    (url,) = opened.read_text("utf-8").splitlines()
    assert f"127.0.0.1%3A{port}%2Fcallback" in url
    state = url.partition("state=")[2].partition("&")[0]
    assert len(state) > 30
    assert state not in ran.out + ran.err


@pytest.mark.row("U2")
def test_a_port_that_is_taken_opens_nothing(
    run: Run, issuer: Issuer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = browser(_AGREES)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ran = run("test", issuer.mcp, "--port", str(port), "--json")
    assert ran.code == 1
    assert not opened.exists()
    assert issuer.registrations == 0
    assert ran.json["finding"]["cause"] == "callback-port-in-use-or-reserved"
    assert str(port) in ran.json["finding"]["title"]
    monkeypatch.delitem(REGISTRY, "callback-port-in-use-or-reserved")
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        ran = run("test", issuer.mcp, "--port", str(port), "--json")
    assert ran.code == 1
    assert (ran.json["finding"] or {}).get("cause") != "callback-port-in-use-or-reserved"


def test_what_is_no_answer_does_not_end_the_wait(run: Run, issuer: Issuer, browser: Browser) -> None:
    opened = browser(_TRIES)
    ran = run("test", issuer.mcp, "--port", str(free()), "--json")
    assert issuer.logins == 1, ran.out
    assert len(opened.read_text("utf-8").splitlines()) == 1


def test_a_login_that_the_person_refuses_ends_the_wait(run: Run, issuer: Issuer, browser: Browser) -> None:
    browser(_REFUSES)
    ran = run("test", issuer.mcp, "--port", str(free()), "--json")
    assert ran.code == 1
    assert issuer.logins == 0
    step = next(s for s in ran.json["steps"] if s["id"] == "authorization")
    assert step["ok"] is False
    assert "refused" in step["seen"]


_LOST = [
    ("login-timed-out", {}),
    ("callback-unreachable-from-browser", {"SSH_TTY": "/dev/pts/0", "USER": "ann"}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("cause", "environ"), _LOST)
def test_a_browser_that_never_comes_back_is_named(
    cause: str,
    environ: dict[str, str],
    run: Run,
    issuer: Issuer,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser("pass")
    monkeypatch.setattr(live, "for_a_person", lambda seconds: seconds * 0.1)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    back = f"127.0.0.1:{(port := free())}"
    words = ("test", issuer.mcp, "--port", str(port), "--timeout", "6", "--json")
    ran = run(*words)
    assert ran.code == 1
    finding = ran.json["finding"]
    assert finding["cause"] == cause, ran.out
    assert finding["certainty"] == "proven"
    assert f"http://{back}/callback" in finding["evidence"][0]["fact"]
    assert any(back in step or f"ssh -L {port}:127.0.0.1:{port}" in step for step in finding["fix"])
    monkeypatch.delitem(REGISTRY, cause)
    assert (run(*words).json["finding"] or {}).get("cause") != cause


@pytest.mark.parametrize(("cause", "environ"), [("callback-port-in-use-or-reserved", {}), *_LOST])
def test_a_login_that_comes_back_has_none_of_these(
    cause: str,
    environ: dict[str, str],
    run: Run,
    issuer: Issuer,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser(_AGREES)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    ran = run("test", issuer.mcp, "--port", str(free()), "--json")
    assert issuer.logins == 1, ran.out
    assert (ran.json["finding"] or {}).get("cause") != cause


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", "33 34", ""])
def test_what_is_no_port_is_wrong_usage(port: str, run: Run, issuer: Issuer, browser: Browser) -> None:
    opened = browser(_AGREES)
    assert run("test", issuer.mcp, f"--port={port}", "--json").code == 2
    assert not opened.exists()
