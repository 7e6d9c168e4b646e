"""A real loop: Chromium at a real OpenID provider, and an app whose cookie cannot stick. The recording is made here."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from servers.har_recorder import Recorder, har, recording
from servers.oidc_provider import OpenIdProvider
from servers.scripted import Asked, Reply, Scripted, scripted
from support.running import Run

pytestmark = [pytest.mark.slow, pytest.mark.real("npm", "chromedriver")]

ROUNDS = 4
_PATIENCE = 90.0


class App:
    """A site that logs people in at the provider. ``state`` and ``session`` are what it adds to its two cookies; a
    session has ``size`` characters."""

    def __init__(self, oidc: OpenIdProvider, state: str, session: str, size: int = 40) -> None:
        self.oidc, self.state, self.session, self.size = oidc, state, session, size
        self.backs = 0
        self.base = ""
        self.sessions: set[str] = set()

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path
        cookies = dict(
            c.strip().split("=", 1) for c in asked.headers.get("cookie", "").split(";") if "=" in c
        )
        if path == "/callback":
            self.backs += 1
            if cookies.get("login_state") != asked.form.get("state"):
                return Reply(403, "<p>state mismatch</p>", "text/html")
            made = secrets.token_urlsafe(self.size)[: self.size]
            self.sessions.add(made)
            cookie = f"app_session={made}; HttpOnly; {self.session}"
            return Reply(302, headers=(("Location", "/"), ("Set-Cookie", cookie)))
        if path != "/":
            return Reply(404)
        if cookies.get("app_session") in self.sessions:
            return Reply(200, "<h1>Welcome</h1>", "text/html")
        if self.backs >= ROUNDS:
            return Reply(508, "<h1>It goes round</h1>", "text/html")
        state = secrets.token_urlsafe(24)
        words = {
            "client_id": "public",
            "response_type": "code",
            "redirect_uri": f"{self.base}/callback",
            "scope": "openid",
            "state": state,
            "code_challenge": secrets.token_urlsafe(32),
            "code_challenge_method": "S256",
        }
        to = f"{self.oidc.issuer}/auth?{urlencode(words)}"
        return Reply(
            302, headers=(("Location", to), ("Set-Cookie", f"login_state={state}; HttpOnly; {self.state}"))
        )


@pytest.fixture
def served() -> Iterator[Callable[[App], Scripted]]:
    import contextlib

    with contextlib.ExitStack() as stack:
        yield lambda app: stack.enter_context(scripted(app))


def through(browser: Recorder, address: str) -> None:
    """Log in and agree, until a page asks nothing more."""
    browser("url", url=address)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            page = browser.look()
            if page["ready"] == "complete":
                if not page["button"]:
                    return
                if page["password"]:
                    browser.fill(page["name"], "alice")
                    browser.fill(page["password"], secrets.token_urlsafe(9))
                browser.press(page["button"])
        except LookupError:
            # the page went away while it was looked at
            continue
        time.sleep(0.05)
    raise AssertionError("the login did not end")


@pytest.mark.row("F9")
@pytest.mark.parametrize(
    ("state", "session", "size", "cause", "by"),
    [
        (
            "Path=/; SameSite=Lax",
            "Path=/; Domain=apps.example",
            40,
            "login-redirect-loop-after-success",
            "Domain",
        ),
        ("Path=/; SameSite=Lax", "Path=/account", 40, "login-redirect-loop-after-success", "Path"),
        ("Path=/; SameSite=Lax", "Path=/", 4200, "login-redirect-loop-after-success", "Size"),
        (
            "Path=/; SameSite=Lax",
            "Path=/; SameSite=None",
            40,
            "login-redirect-loop-after-success",
            "SameSite",
        ),
        ("Path=/; SameSite=Strict", "Path=/", 40, "state-mismatch-cookie-lost", "SameSite"),
        ("Path=/login", "Path=/", 40, "state-mismatch-cookie-lost", "Path"),
        ("Path=/; SameSite=Lax", "Path=/; SameSite=Lax", 40, "", ""),
    ],
    ids=["domain", "path", "size", "none-without-secure", "strict-state", "state-path", "healthy"],
)
def test_the_loop_of_a_real_browser_is_named(
    state: str,
    session: str,
    size: int,
    cause: str,
    by: str,
    oidc: OpenIdProvider,
    served: Callable[[App], Scripted],
    run: Run,
    tmp_path: Path,
) -> None:
    app = App(oidc, state, session, size)
    site = served(app)
    app.base = site.url("", "localhost").rstrip("/")
    with recording(tmp_path) as browser:
        through(browser, f"{app.base}/")
        text = har(browser.events())
    place = tmp_path / "loop.har"
    place.write_text(text)
    found = run("doctor", "--har", str(place), "--json")
    if not cause:
        assert (found.code, found.json["verdict"], found.causes) == (0, "healthy", []), found.out
        return
    assert (found.code, found.causes[0]) == (1, cause), found.out
    first = found.json["findings"][0]
    assert first["certainty"] == "proven"
    assert f"because of its {by}" in first["title"]
    if cause.startswith("login-redirect"):
        assert any("equal rounds" in e["fact"] for e in first["evidence"]), first
