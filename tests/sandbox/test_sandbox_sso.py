"""Single sign-on of the practice FAOS: a login in the browser by OIDC and by SAML, and what is not let in."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from support import login_browser

from commands import sandbox_cmd
from sandbox import faos_saml, practice
from sandbox.practice import Practice

pytestmark = pytest.mark.slow

ROOT = Path(practice.__file__).parent.parent
MODULE = [sys.executable, "-m", "sandbox.faos_mcp"]
PROTOCOLS = pytest.mark.parametrize("domain", ["sso_domain", "sso_domain_saml"], ids=["oidc", "saml"])
CALL = {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "faos_list_workflows"}}


def environment(services: Practice, domain: str, home: Path, **more: str) -> dict[str, str]:
    faos = services.services["faos"]
    return {
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "FAOS_API_URL": faos.url,
        "FAOS_AUTH_METHOD": "sso",
        "FAOS_SSO_DOMAIN": faos.credentials[domain].reveal() if domain.startswith("sso_") else domain,
        "BROWSER": f"{sys.executable} {login_browser.__file__}",
        "LOGIN_USERNAME": faos.credentials["sso_username"].reveal(),
        "LOGIN_PASSWORD": faos.credentials["sso_password"].reveal(),
        **more,
    }


def used(env: Mapping[str, str]) -> dict[str, Any]:
    """What a tool says."""
    line = json.dumps(CALL).encode() + b"\n"
    done = subprocess.run(MODULE, input=line, capture_output=True, env=dict(env), timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])["result"]
    return result


def pages(services: Practice) -> list[str]:
    return [s.path for s in services.seen if s.path.startswith(("/sso/", "/idp/"))]


@pytest.mark.slow
@PROTOCOLS
@pytest.mark.row("F1", "F4")
def test_a_tool_opens_the_browser_once_and_clearing_asks_again(
    services: Practice, home: Path, domain: str
) -> None:
    env = environment(services, domain, home)
    assert not used(env)["isError"]
    way = pages(services)
    assert "/idp/login" in way
    assert ("/sso/acs" in way, "/sso/oidc" in way) == (domain == "sso_domain_saml", domain == "sso_domain")
    cache = home / ".faos" / "auth_cache.json"
    assert cache.stat().st_mode & 0o777 == 0o600
    assert not used(env)["isError"]
    assert pages(services) == way, "the login that is kept is used"
    done = subprocess.run([*MODULE, "auth", "clear"], capture_output=True, env=env, timeout=20, check=True)
    assert done.stdout == b"The login was cleared.\n"
    assert not cache.exists()
    assert not used(env)["isError"]
    assert pages(services).count("/idp/login") == 2 * way.count("/idp/login")


@pytest.mark.slow
def test_an_ended_login_is_renewed_without_a_browser(services: Practice, home: Path) -> None:
    env = environment(services, "sso_domain", home)
    used(env)
    cache = home / ".faos" / "auth_cache.json"
    content = json.loads(cache.read_text())
    for entry in content["logins"].values():
        entry["expires_at"] -= 7200
    cache.write_text(json.dumps(content))
    before = pages(services)
    assert not used(env)["isError"]
    assert pages(services) == [*before, "/sso/token"]


@pytest.mark.slow
def test_a_login_that_was_ended_on_the_server_is_told_and_kept(services: Practice, home: Path) -> None:
    env = environment(services, "sso_domain", home)
    used(env)
    services.end_logins()
    said = used(env)
    assert said["isError"]
    assert "HTTP 401" in said["content"][0]["text"]
    assert "auth clear" in said["content"][0]["text"]


@pytest.mark.parametrize(
    ("domain", "more", "says"),
    [
        ("nobody.example", {}, "no SSO configuration for the domain nobody.example"),
        ("sso_domain", {"BROWSER": "false"}, "No browser could be opened"),
    ],
)
def test_a_login_that_cannot_be(
    services: Practice, home: Path, domain: str, more: dict[str, str], says: str
) -> None:
    said = used(environment(services, domain, home, **more))
    assert said["isError"]
    assert says in said["content"][0]["text"]
    assert not (home / ".faos").exists()


@pytest.mark.parametrize("content", ["", "{", '{"access_token": "x"}', "[]"])
def test_a_file_that_is_not_its_own_is_left_alone(services: Practice, home: Path, content: str) -> None:
    cache = home / ".faos" / "auth_cache.json"
    cache.parent.mkdir()
    cache.write_text(content)
    env = environment(services, "sso_domain", home)
    assert used(env)["isError"]
    done = subprocess.run([*MODULE, "auth", "clear"], capture_output=True, env=env, timeout=20, check=False)
    assert (done.returncode, cache.read_text()) == (1, content)
    assert pages(services) == []


@pytest.mark.slow
def test_the_practice_takes_its_logins_along(home: Path) -> None:
    cache = home / ".faos" / "auth_cache.json"
    with practice.start() as first, practice.start() as second:
        for running in (first, second):
            assert not used(environment(running, "sso_domain", home))["isError"]
        second.stop()
        left = json.loads(cache.read_text())["logins"].values()
        assert [entry["api_url"] for entry in left] == [first.services["faos"].url]
    assert not cache.exists()
    cache.write_text('{"access_token": "of a real one"}')
    with practice.start():
        pass
    assert cache.exists()


@PROTOCOLS
def test_a_browser_without_cookies_never_gets_in(services: Practice, domain: str) -> None:
    """The login loop of the document: the page says what it lacks."""
    with httpx.Client(trust_env=False, follow_redirects=False) as web:
        page = web.get(_start(services, domain))
        login = web.get(page.headers["location"])
        web.cookies.clear()
        lost = web.get(login.headers["location"])
    assert (lost.status_code, "sent no cookie" in lost.text) == (400, True)


def _start(services: Practice, domain: str, back: str = "http://127.0.0.1:9/callback") -> str:
    faos = services.services["faos"]
    query = {
        "domain": faos.credentials[domain].reveal(),
        "redirect_uri": back,
        "state": "s" * 24,
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    return str(httpx.URL(f"{faos.url}/sso/start", params=query))


def _signed_in(services: Practice, web: httpx.Client, domain: str) -> httpx.Response:
    """The page after the login form: a redirect with a code (OIDC), or a form to post (SAML)."""
    faos = services.services["faos"]
    page = web.get(web.get(_start(services, domain)).headers["location"])
    form = {name: faos.credentials[f"sso_{name}"].reveal() for name in ("username", "password")}
    return web.post(page.headers["location"], data=form)


def test_an_answer_counts_once_and_for_its_own_login(services: Practice) -> None:
    with httpx.Client(trust_env=False) as web:
        back = _signed_in(services, web, "sso_domain").headers["location"]
        first = web.get(back)
        assert parse_qs(urlsplit(first.headers["location"]).query)["code"]
        assert web.get(back).status_code == 400
        web.cookies.clear()
        other = _signed_in(services, web, "sso_domain").headers["location"]
        foreign = other.replace("iss=http", "iss=https")
        assert web.get(foreign).status_code == 400


def test_a_code_of_the_program_needs_its_verifier(services: Practice) -> None:
    with httpx.Client(trust_env=False) as web:
        first = web.get(_signed_in(services, web, "sso_domain").headers["location"])
        code = parse_qs(urlsplit(first.headers["location"]).query)["code"][0]
        token = f"{services.services['faos'].url}/sso/token"
        for _ in range(2):
            answer = web.post(token, data={"code": code, "code_verifier": "v" * 43})
            assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


def test_the_program_is_on_this_machine(services: Practice) -> None:
    with httpx.Client(trust_env=False) as web:
        for back in ("https://evil.example/callback", "http://evil.example/", "javascript:alert(1)", ""):
            assert web.get(_start(services, "sso_domain", back)).status_code == 400


def test_a_false_password_asks_again(services: Practice) -> None:
    with httpx.Client(trust_env=False) as web:
        page = web.get(web.get(_start(services, "sso_domain")).headers["location"])
        wrong = web.post(page.headers["location"], data={"username": "x", "password": "y"})
        assert (wrong.status_code, "<form" in wrong.text) == (401, True)


# --- the assertion


IDP = faos_saml.party("https://idp.example")
ASKED = faos_saml.Request(faos_saml.number(), "https://faos.example", "https://faos.example/acs")


def test_the_login_page_says_what_it_takes_and_so_does_the_terminal(services: Practice) -> None:
    given = services.services["faos"].credentials
    with httpx.Client(follow_redirects=True) as web:
        shown = web.get(_start(services, "sso_domain")).text
    lines = "\n".join(sandbox_cmd._people(services))
    for field in ("sso_username", "sso_password"):
        assert given[field].reveal() in shown
        assert given[field].reveal() in lines


def test_a_request_is_what_was_asked() -> None:
    assert faos_saml.read_request(faos_saml.request(ASKED, "https://idp.example/saml")) == ASKED


def test_a_signed_assertion_names_the_person() -> None:
    assert faos_saml.read_answer(faos_saml.answer(IDP, ASKED, "a@b.example"), IDP, ASKED) == "a@b.example"


def _changed(what: str, into: str) -> str:
    text = base64.b64decode(faos_saml.answer(IDP, ASKED, "a@b.example")).decode()
    assert what in text
    return base64.b64encode(text.replace(what, into).encode()).decode()


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "no base64!",
        base64.b64encode(b"<a>").decode(),
        base64.b64encode(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>').decode(),
        base64.b64encode(b"<a/>").decode(),
        _changed("a@b.example", "evil@b.example"),
        _changed("https://faos.example/acs", "https://evil.example/acs"),
        _changed("<ds:Signature ", "<ds:Signatur ").replace("</ds:Signature>", "</ds:Signatur>"),
        faos_saml.answer(faos_saml.party(IDP.name), ASKED, "a@b.example"),
        faos_saml.answer(IDP, faos_saml.Request("_other", ASKED.issuer, ASKED.consumer), "a@b.example"),
        faos_saml.answer(IDP, faos_saml.Request(ASKED.id, "https://other.example", ASKED.consumer), "a@b.example"),
        faos_saml.answer(IDP, ASKED, ""),
    ],
    ids=[
        *("empty", "base64", "half", "doctype", "nothing", "person"),
        *("consumer", "unsigned", "key", "request", "audience", "nobody"),
    ],
)  # fmt: skip
def test_an_assertion_that_is_not_to_be_believed(answer: str) -> None:
    with pytest.raises(faos_saml.NotAccepted):
        faos_saml.read_answer(answer, IDP, ASKED)


def test_what_stands_beside_the_signed_assertion_is_not_read() -> None:
    """Signature wrapping: a second assertion, put before the signed one."""
    text = base64.b64decode(faos_saml.answer(IDP, ASKED, "a@b.example")).decode()
    start, end = text.index("<saml:Assertion"), text.index("</saml:Assertion>") + len("</saml:Assertion>")
    signature = text[text.index("<ds:Signature") : text.index("</ds:Signature>") + len("</ds:Signature>")]
    forged = text[start:end].replace(signature, "").replace("a@b.example", "evil@b.example")
    wrapped = text[:start] + forged.replace('ID="_', 'ID="_f') + text[start:]
    person = faos_saml.read_answer(base64.b64encode(wrapped.encode()).decode(), IDP, ASKED)
    assert person == "a@b.example"
