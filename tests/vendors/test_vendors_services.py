"""``services new`` and ``services check``, and the example of docs/adding-a-service.md, built and set up."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples
from support.running import Put, Run

from wizard.catalogue import fresh, load, parse
from wizard.catalogue.parse import COMMANDS
from wizard.errors import AuthwizardError
from wizard.secret import Secret

PAGE = Path(__file__).parents[2] / "docs/adding-a-service.md"
VENDORS = ("atlassian", "google", "github", "slack", "notion", "fusionauth")


class Weather(BaseHTTPRequestHandler):
    """The API that the page describes."""

    key: ClassVar[str] = ""
    seen: ClassVar[list[tuple[str, str, str]]] = []

    def do_GET(self) -> None:
        """Open health, and a check that wants the key and tells its scopes in a header."""
        given_key = self.headers.get("X-Weather-Key") or ""
        self.seen.append((self.path, self.headers.get("X-Weather-Site") or "", self.path))
        ok = self.path == "/health" or (self.path == "/v1/me" and given_key == self.key)
        body = b'{"status": "ok"}' if ok else b'{"error": "unknown_key"}'
        self.send_response(200 if ok else 401)
        if ok and self.path == "/v1/me":
            self.send_header("X-Weather-Scopes", "forecast:read, forecast:write")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing to standard error."""


@pytest.fixture
def weather(home: Path) -> Iterator[str]:
    """The address of the weather API, with a key that is new each time."""
    Weather.key = f"wk_{secrets.token_urlsafe(24)}"
    Weather.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Weather) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def example() -> str:
    """The whole example of the page: its first block of TOML."""
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.row("A5")
def test_the_pages_example_is_built_checked_and_set_up(run: Run, put: Put, weather: str, home: Path) -> None:
    folder = home / ".config/authwizard/services"
    folder.mkdir(parents=True)
    file = folder / "weather.toml"
    file.write_text(example(), encoding="utf-8")
    checked = run("services", "check", str(file), "--json")
    assert checked.code == 0, checked.out + checked.err
    assert checked.json["services"][0]["id"] == "weather"
    words = [
        "setup",
        "weather",
        "--environment",
        "own",
        "--url",
        weather,
        "--set",
        "site=7",
        "--preset",
        "reader",
    ]
    done = run(
        *words,
        *("--secret", f"key={put(Secret(Weather.key))}", "--client", "curl", "--path", str(home / "w.sh")),
        *("--yes", "--json"),
    )
    assert done.code == 0, done.out + done.err
    steps = {s["id"]: s["ok"] for s in done.json["test"]["steps"]}
    assert (steps["health"], steps["no-credential"], steps["credential"], steps["scopes"]) == (True,) * 4
    assert done.json["test"]["granted_scopes"] == ["forecast:read", "forecast:write"]
    assert ("/v1/me", "7", "/v1/me") in Weather.seen
    assert "/v1/me" in (home / "w.sh").read_text()
    wrong = run(
        *words, "--secret", f"key={put(Secret('wk_' + secrets.token_urlsafe(24)))}", "--yes", "--json"
    )
    assert wrong.code == 1
    assert wrong.json["test"]["finding"]["cause"] == "token-not-recognised"


@pytest.mark.row("A5")
def test_a_new_description_is_valid_and_in_the_list(run: Run, home: Path) -> None:
    made = run("services", "new", "river-levels", "--json")
    assert made.code == 0, made.err
    where = home / ".config/authwizard/services/river-levels.toml"
    assert made.json["path"] == str(where)
    assert run("services", "check", str(where)).code == 0
    load.cache_clear()
    listed = [s["id"] for s in run("services", "--json").json["services"]]
    assert "river-levels" in listed
    shown = run("services", "river-levels", "--json").json["services"][0]
    assert shown["methods"][0]["fields"][0]["variable"] == "RIVER_LEVELS_TOKEN"


def test_new_replaces_nothing_and_refuses_what_cannot_be(run: Run, home: Path) -> None:
    place = home / "mine.toml"
    assert run("services", "new", "one", "--path", str(place)).code == 0
    before = place.read_bytes()
    again = run("services", "new", "two", "--path", str(place), "--json")
    assert (again.code, again.json["error"]["id"]) == (1, "file-exists")
    assert place.read_bytes() == before
    assert run("services", "new", "three", "--path", str(home)).code == 0
    assert (home / "three.toml").exists()
    for id in ("github", "setup", "Bad Name", "-x", "x" * 41, "../up", ""):
        refused = run("services", "new", id, "--json")
        assert refused.code == 2, id
    assert run("services", "new", "four", "--path", str(home / "no/such/x.toml"), "--json").code == 1
    assert run("services", "new", "--json").code == 2
    assert run("services", "github", "--path", str(home / "x"), "--json").code == 2


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    id=st.from_regex(r"[a-z][a-z0-9]{0,8}(?:[_-][a-z0-9]{1,6}){0,3}", fullmatch=True),
    name=st.text(max_size=20),
)
def test_the_template_is_right_whatever_the_id_and_the_place(id: str, name: str) -> None:
    if id in COMMANDS:
        return
    service = parse(fresh.text(id, Path("/") / name.replace("/", "_").replace("\0", "_")), "x.toml")
    assert (service.id, service.speaks, service.live.check) == (id, "api", "/v1/me")


@pytest.mark.row("A5", "A8", "U9", "F9")
def test_each_vendor_shows_what_it_needs_and_where_to_look(run: Run) -> None:
    for id in VENDORS:
        shown = run("services", id, "--json").json["services"][0]
        assert shown["needs"], id
        assert shown["links"], id
        assert shown["status"] or id == "fusionauth", id
        usable = [m for m in shown["methods"] if not m["unavailable"]]
        assert usable
        assert all(m["guide"] and m["link"] for m in usable), id
        by_browser = [m for m in shown["methods"] if m["kind"] == "authorization_code"]
        assert by_browser
        assert not any(m["unavailable"] for m in by_browser), id
        own = next(m for m in by_browser if m["id"] == "oauth")
        assert any(":3334/callback" in step for step in own["guide"]), own["guide"]
        text = run("services", id).out
        assert all(need in text for need in shown["needs"])
        assert not shown["status"] or shown["status"] in text
    needs = " ".join(run("services", "fusionauth", "--json").json["services"][0]["needs"])
    assert "Community" in needs
    assert "Essentials" in needs
    speaks = {
        (id, e["id"]): (e["speaks"], e["methods"])
        for id in VENDORS
        for e in run("services", id, "--json").json["services"][0]["environments"]
    }
    assert speaks["notion", "mcp"] == ("mcp", ["login"])
    assert speaks["slack", "mcp"] == ("mcp", ["oauth"])
    assert speaks["atlassian", "site"] == ("api", ["api_token"])
    assert speaks["github", "mcp"][0] == "mcp"
    assert "classic" in speaks["github", "mcp"][1]


def test_the_scopes_that_the_document_names_are_there() -> None:
    named = {
        "google": [f"https://www.googleapis.com/auth/gmail.{n}" for n in ("readonly", "send", "modify")],
        "slack": ["chat:write", "channels:read", "files:write", "users:read"],
        "github": ["repo", "issues", "pull_requests", "actions"],
    }
    for id, scopes in named.items():
        assert [s for s in scopes if s not in [x.id for x in load().get(id).scopes]] == [], id


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('includes = ["no-such"]', "an unknown scope `no-such`"),
        ("includes = 3", "`includes` is a number"),
    ],
)
def test_a_scope_that_includes_what_is_not_there_is_named_at_its_line(line: str, says: str) -> None:
    text = fresh.text("x", Path("x.toml")) + f'\n[[scopes]]\nid = "a"\n{line}\n'
    with pytest.raises(AuthwizardError) as caught:
        parse(text, "x.toml")
    assert says in caught.value.detail
    assert f"x.toml:{len(text.splitlines())}" in caught.value.detail


def test_beginnings_without_a_usual_one_are_refused() -> None:
    text = fresh.text("x", Path("x.toml")).replace('variable = "X_TOKEN"', 'also = ["b_"]')
    with pytest.raises(AuthwizardError) as caught:
        parse(text, "x.toml")
    assert "`also` without `prefix`" in caught.value.detail
