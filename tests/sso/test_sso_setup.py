"""FAOS's single sign-on through the shell: set up, logged in by OIDC and by SAML, cleared and forced again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from support import login_browser
from support.keeping import found_in
from support.running import Run

from sandbox.practice import Practice

PROTOCOLS = pytest.mark.parametrize("domain", ["sso_domain", "sso_domain_saml"], ids=["oidc", "saml"])


@pytest.fixture
def browser(services: Practice, monkeypatch: pytest.MonkeyPatch) -> Practice:
    """A browser that logs in at the practice identity provider."""
    given = services.services["faos"].credentials
    monkeypatch.setenv("BROWSER", f"{sys.executable} {login_browser.__file__}")
    monkeypatch.setenv("LOGIN_USERNAME", given["sso_username"].reveal())
    monkeypatch.setenv("LOGIN_PASSWORD", given["sso_password"].reveal())
    return services


def domain_of(services: Practice, domain: str) -> str:
    return services.services["faos"].credentials[domain].reveal()


def words(services: Practice, domain: str, *more: str) -> tuple[str, ...]:
    place = ("--environment", "practice", "--method", "sso")
    return (
        "setup",
        "faos",
        *place,
        "--set",
        f"domain={domain_of(services, domain)}",
        *more,
        "--yes",
        "--json",
    )


def cached(home: Path) -> list[str]:
    """Every token that is kept."""
    logins = json.loads((home / ".faos" / "auth_cache.json").read_text())["logins"]
    return [entry[name] for entry in logins.values() for name in ("access_token", "refresh_token")]


def logins(services: Practice) -> int:
    return [s.path for s in services.seen].count("/idp/login")


@pytest.mark.slow
@PROTOCOLS
@pytest.mark.row("F1", "F4")
def test_sso_is_set_up_cached_cleared_and_forced_again(
    browser: Practice, run: Run, home: Path, domain: str
) -> None:
    done = run(*words(browser, domain, "--client", "claude-code", "--project"))
    assert done.code == 0, done.out + done.err
    steps = {s["id"]: s for s in done.json["test"]["steps"]}
    assert steps["program-login"]["ok"], steps
    assert "Logged in until" in steps["program-login"]["seen"]
    assert "complete the login there" in done.err
    assert done.json["secrets"] == []
    entry = json.loads(Path(".mcp.json").read_text())["mcpServers"]["faos-practice"]
    assert entry["env"] == {
        "FAOS_API_URL": browser.services["faos"].url,
        "FAOS_AUTH_METHOD": "sso",
        "FAOS_SSO_DOMAIN": domain_of(browser, domain),
    }
    assert done.json["exports"][0]["proof"]["answered"]
    once = logins(browser)
    assert once == 2, "one page, one form"

    listed = run("stores", "--json").json["stores"]
    assert [(s["store"], s["domain"], s["state"], s["mode"]) for s in listed] == [
        ("faos", domain_of(browser, domain), "usable", "0600")
    ]
    assert listed[0]["issuer"].endswith("/idp")
    assert "context:read" in listed[0]["scopes"]
    tokens = cached(home)
    assert run("test", "faos-practice", "--json").json["ok"]
    assert logins(browser) == once, "the login that is kept is used"

    gone = run("stores", "--remove", listed[0]["id"], "--json")
    assert (gone.code, gone.json["stores"]) == (0, [])
    assert not (home / ".faos" / "auth_cache.json").exists()
    assert [Path(p).stat().st_mode & 0o777 for p in gone.json["backups"]] == [0o600]

    again = run("test", "faos-practice", "--json")
    assert again.json["ok"], again.out
    assert logins(browser) == 2 * once, "a login was forced"
    assert not set(cached(home)) & set(tokens)

    shown = [r.out + r.err for r in (done, gone, again)]
    secret = [*tokens, *cached(home)]
    assert found_in(secret, home, *shown, but=(".faos/auth_cache.json", "backups")) == []


@pytest.mark.slow
@pytest.mark.row("F4")
def test_logout_clears_it_and_login_forces_a_new_one(browser: Practice, run: Run, home: Path) -> None:
    assert run(*words(browser, "sso_domain")).code == 0
    once, first = logins(browser), cached(home)
    anew = run("login", "faos-practice", "--json")
    assert anew.code == 0, anew.out + anew.err
    assert logins(browser) == 2 * once
    assert not set(cached(home)) & set(first)
    assert (anew.json["renewable"], anew.json["kept_in"]) == (True, str(home / ".faos" / "auth_cache.json"))
    out = run("logout", "faos-practice", "--json")
    assert (out.code, out.json["removed"]) == (0, anew.json["cleared"])
    assert not (home / ".faos" / "auth_cache.json").exists()
    assert run("stores", "--undo", out.json["removed"][0]).code == 0
    assert run("logout", "faos-practice").code == 0
    assert "No login of faos-practice is kept" in run("logout", "faos-practice").out


@pytest.mark.slow
@pytest.mark.row("F4")
def test_two_domains_share_a_file_and_one_is_cleared(browser: Practice, run: Run, home: Path) -> None:
    for domain in ("sso_domain", "sso_domain_saml"):
        assert run(*words(browser, domain, "--name", domain.replace("_", "-"))).code == 0
    listed = run("stores", "--json").json["stores"]
    oidc = next(s for s in listed if s["domain"] == domain_of(browser, "sso_domain"))
    left = run("stores", "--remove", oidc["id"], "--json").json["stores"]
    assert [s["domain"] for s in left] == [domain_of(browser, "sso_domain_saml")]
    assert (home / ".faos" / "auth_cache.json").stat().st_mode & 0o777 == 0o600
    once = logins(browser)
    assert run("test", "sso-domain-saml", "--json").json["ok"]
    assert logins(browser) == once
    newer = run("stores", "--undo", oidc["id"], "--json")
    assert newer.code == 0, newer.out


@pytest.mark.slow
def test_a_cleared_login_is_put_back_and_overwrites_no_newer_one(
    browser: Practice, run: Run, home: Path
) -> None:
    assert run(*words(browser, "sso_domain")).code == 0
    before, once = (home / ".faos" / "auth_cache.json").read_bytes(), logins(browser)
    id = run("stores", "--json").json["stores"][0]["id"]
    assert run("stores", "--remove", id).code == 0
    assert [s["id"] for s in run("stores", "--undo", id, "--json").json["stores"]] == [id]
    assert (home / ".faos" / "auth_cache.json").read_bytes() == before
    assert run("test", "faos-practice", "--json").json["ok"]
    assert logins(browser) == once
    assert run("stores", "--remove", id).code == 0
    assert run("test", "faos-practice", "--json").json["ok"]
    refused = run("stores", "--undo", id, "--json")
    assert (refused.code, refused.json["error"]["id"]) == (1, "newer-login")


def test_the_licence_is_named_before_it_bites(run: Run) -> None:
    said = run("services", "faos").out
    assert "needs: A FAOS Enterprise license." in said


def test_a_login_that_fails_says_why(browser: Practice, run: Run) -> None:
    more = ("--set", "domain=nobody.example")
    done = run("setup", "faos", "--environment", "practice", "--method", "sso", *more, "--yes", "--json")
    step = next(s for s in done.json["test"]["steps"] if s["id"] == "program-login")
    assert (done.code, step["ok"]) == (1, False)
    assert "no SSO configuration for the domain nobody.example" in step["seen"]


@pytest.mark.slow
def test_a_login_that_nobody_completes_says_what_was_awaited(
    browser: Practice, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "true")
    done = run(*words(browser, "sso_domain"), "--timeout", "4")
    assert done.code == 1
    assert "complete the login there" in done.out
    assert "The login was not finished within 3 seconds." in done.out
    assert "--timeout 300" in done.out
