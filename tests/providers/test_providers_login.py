"""A login at each vendor's practice service, through the command, in the vendor's own way."""

from __future__ import annotations

import asyncio
import socket
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support.running import Put, Run

from sandbox.practice import Practice
from sandbox.vendor_login import Desk
from sandbox.vendors import VendorSite
from sandbox.vendors_fusionauth_clients import Instance
from wizard import catalogue, connections, methods
from wizard.entries import RemotePlan
from wizard.oauth import sites
from wizard.secret import Secret

pytestmark = pytest.mark.slow

SCOPES = {
    "github": "repo,read:org",
    "slack": "channels:read,users:read",
    "notion": "",
    "atlassian": "read:jira-user,read:jira-work",
    "google": "https://www.googleapis.com/auth/gmail.readonly",
}
_FUSIONAUTH = ("fusionauth", "--environment", "login", "--method", "oauth", "--yes", "--json")
_BROWSER = """
import sys, urllib.error, urllib.request
try:
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=20).read()
except urllib.error.URLError as error:
    print(error, file=sys.stderr)
"""


@pytest.fixture(autouse=True)
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """A browser in which someone consents at once: it follows where it is led."""
    script = tmp_path / "browser.py"
    script.write_text(_BROWSER, "utf-8")
    monkeypatch.setenv("BROWSER", f"{sys.executable} {script}")
    catalogue.load.cache_clear()


def desk_of(services: Practice, id: str) -> Desk:
    site = services._sites[id]
    assert isinstance(site, VendorSite) and isinstance(site.issuer, Desk)
    return site.issuer


def words(services: Practice, id: str, put: Put, *more: str) -> list[str]:
    desk = desk_of(services, id)
    secret = ["--secret", f"client_secret={put(desk.secret)}"] if not desk.ways.public else []
    scopes = ["--scopes", SCOPES[id]] if SCOPES[id] else []
    # the usual port may be in use where several tests run at once
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if not desk.ways.any_port:
        desk.redirect_uri = f"http://{desk.ways.hosts[0]}:{port}/callback"
    given = ["--port", str(port), "--set", f"client_id={desk.client_id}", *secret, *scopes]
    return ["setup", id, "--environment", "practice", "--method", "oauth", *given, *more, "--yes", "--json"]


@pytest.mark.row("A5", "G2")
@pytest.mark.parametrize("id", sorted(SCOPES))
def test_a_login_at_each_vendor_ends_in_a_call_that_its_api_takes(
    id: str, services: Practice, run: Run, put: Put
) -> None:
    done = run(*words(services, id, put))
    assert done.code == 0, done.out + done.err
    answer = done.json
    assert answer["test"]["ok"], answer["test"]
    assert any(s["field"] == "login" for s in answer["secrets"]), answer["secrets"]
    desk = desk_of(services, id)
    asked = desk.asked[-1]
    assert asked["redirect_uri"].startswith(f"http://{desk.ways.hosts[0]}:")
    assert asked["code_challenge_method"] == "S256"
    assert all(asked[name] == value for name, value in desk.ways.wants.items())
    separator = "," if desk.ways.comma else " "
    sent = set(asked.get(desk.ways.scope, "").split(separator)) - {"", "offline_access"}
    assert sent == set(SCOPES[id].split(",")) - {""}
    # what was made is used again: the saved connection answers by itself
    again = run("test", answer["connection"], "--json")
    assert again.code == 0, again.out + again.err


@pytest.mark.row("A1", "A5")
@pytest.mark.parametrize("id", ["atlassian", "google", "notion", "slack"])
def test_a_login_is_renewed_in_the_vendor_s_own_way(id: str, services: Practice, run: Run, put: Put) -> None:
    made = run(*words(services, id, put))
    assert made.code == 0, made.out
    name = made.json["connection"]
    before = dict(desk_of(services, id).refreshing)
    done = run("refresh", name, "--json")
    assert done.code == 0, done.out + done.err
    after = desk_of(services, id).refreshing
    assert len(before) == 1 and len(after) == 1 and before.keys() != after.keys()
    assert run("test", name, "--json").code == 0


@pytest.mark.row("G2")
def test_the_sites_of_an_atlassian_login_are_offered_and_one_is_put_into_the_address(
    services: Practice, run: Run, put: Put
) -> None:
    url = services.services["atlassian"].url
    given = words(services, "atlassian", put)
    given[given.index("practice")] = "cloud"
    done = run(*given, "--url", url, "--set", f"issuer={url}")
    assert done.code == 0, done.out + done.err
    choice = connections.choice(connections.get(done.json["connection"]))
    found = asyncio.run(sites.of(choice))
    assert [(s.name, s.url) for s in found] == [("practice", "https://practice.atlassian.net")]
    chosen = replace(choice, settings={**choice.settings, "cloud_id": found[0].id})
    plan = methods.entry_plan(chosen)
    assert isinstance(plan, RemotePlan)
    assert plan.base == f"{url}/ex/jira/{found[0].id}"
    env = run(
        *given,
        "--url",
        url,
        "--set",
        f"issuer={url}",
        "--set",
        f"cloud_id={found[0].id}",
        "--client",
        "env",
        "--dry-run",
    )
    assert env.code == 0, env.out + env.err


@pytest.mark.row("A11")
@pytest.mark.parametrize("id", ["github", "notion", "atlassian", "google"])
def test_a_wrong_client_secret_is_told_in_the_vendor_s_own_words(
    id: str, services: Practice, run: Run, put: Put
) -> None:
    given = words(services, id, put)
    at = next(n for n, w in enumerate(given) if w.startswith("client_secret="))
    given[at] = f"client_secret={put(Secret('wrong' + 'x' * 20))}"
    done = run(*given)
    assert done.code == 1
    failed = next(s for s in done.json["test"]["steps"] if s["id"] == "token")
    told = f"{failed['seen']} {failed['detail']}"
    assert failed["ok"] is False and ("refused" in told or "does not take the client id" in told), failed
    assert "It said: " in told or "refused: " in told, failed


@pytest.mark.row("A5", "U7")
def test_a_user_logs_in_at_an_application_of_fusionauth(services: Practice, run: Run) -> None:
    site = services._sites["fusionauth"]
    assert isinstance(site, VendorSite) and isinstance(site.issuer, Instance)
    desk = site.issuer.login
    given = [
        "--url",
        site.url,
        "--set",
        f"client_id={desk.client_id}",
        "--set",
        "scope=openid email offline_access",
    ]
    desk.redirect_uri = "http://localhost:3335/callback"
    done = run("setup", *_FUSIONAUTH, *given, "--port", "3335")
    assert done.code == 0, done.out + done.err
    assert "offline_access" in desk.asked[-1]["scope"]
    assert run("test", done.json["connection"], "--json").code == 0
