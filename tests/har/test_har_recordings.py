"""Recordings of a browser as they come: every shape, hostile ones too; no secret of theirs is ever shown."""

from __future__ import annotations

import base64
import gzip
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from keyring import core
from keyring.backends.fail import Keyring
from oddities.odd_server import Odd, served
from support.hars import CHROME, FIREFOX, SAFARI, Har, authorize, query, value
from support.running import Ran, Run

from wizard import connections
from wizard.connections import Connection

IDP = "https://login.idp.test/authorize"
APP = "https://app.acme.test"

Shown = Callable[[Har], Ran]


@pytest.fixture
def doctor(run: Run, tmp_path: Path) -> Shown:
    def ask(har: Har) -> Ran:
        place = tmp_path / "login.har"
        place.write_text(har.text())
        return run("doctor", "--har", str(place), "--json")

    return ask


def begin(har: Har, *, scope: str = "openid email", **more: str) -> tuple[str, str]:
    """The client sends the browser to the provider; what is asked there, and the state."""
    state = value()
    asked = authorize(IDP, "web", f"{APP}/callback", state, scope=scope, **more)
    har.ask(f"{APP}/login", 302, to=asked, sets=(f"csrf={state[:9]}; Path=/; Secure",), cookie="a=b")
    return asked, state


@pytest.mark.parametrize("browser", [CHROME, FIREFOX, SAFARI])
@pytest.mark.parametrize(
    "words", ["Invalid parameter: redirect_uri", "AADSTS50011: The redirect URI does not match"]
)
def test_a_redirect_uri_that_is_refused(doctor: Shown, browser: str, words: str) -> None:
    har = Har(browser)
    asked, _ = begin(har)
    har.ask(asked, 400, page=f"<h1>We are sorry</h1>{words}")
    found = doctor(har)
    assert (found.code, found.causes[0]) == (1, "redirect-uri-not-registered"), found.out
    assert "https://app.acme.test/callback" in found.json["findings"][0]["title"]


def test_an_error_that_two_parties_send_to_and_fro(doctor: Shown) -> None:
    har = Har()
    for _ in range(5):
        asked, state = begin(har)
        answer = query(f"{APP}/callback", error="access_denied", error_description="no consent", state=state)
        har.ask(asked, 302, to=answer)
        har.ask(answer, 302, to=f"{APP}/login", cookie=f"csrf={state[:9]}")
    found = doctor(har)
    assert found.causes[0] == "login-denied", found.out
    first = found.json["findings"][0]
    assert "5 times" in first["title"]
    shown = next(e["fact"] for e in first["evidence"] if "equal rounds" in e["fact"])
    assert "app.acme.test/login 302 -> login.idp.test/authorize 302 -> app.acme.test/callback 302" in shown


def test_a_group_that_is_refused_and_then_a_login_again(doctor: Shown) -> None:
    har = Har()
    for _ in range(2):
        asked, state = begin(har)
        answer = query(f"{APP}/callback", code=value(), state=state)
        har.ask(asked, 302, to=answer)
        session = value()
        har.ask(
            answer,
            302,
            to=f"{APP}/",
            cookie=f"csrf={state[:9]}",
            sets=(f"session={session}; Secure; Path=/",),
        )
        har.ask(
            f"{APP}/", 403, cookie=f"session={session}", page="You are not a member of the required group"
        )
    found = doctor(har)
    assert found.causes[0] == "user-not-in-group", found.out


def test_clocks_that_differ(doctor: Shown) -> None:
    har = Har(behind={"app.acme.test": 0.0, "login.idp.test": 700.0})
    asked, state = begin(har)
    answer = query(f"{APP}/callback", code=value(), state=state)
    har.ask(asked, 302, to=answer)
    har.ask(answer, 500, cookie=f"csrf={state[:9]}", page="id_token used before issued")
    found = doctor(har)
    assert found.causes[0] == "local-clock-skew", found.out
    assert "11 min" in found.json["findings"][0]["title"]


def test_a_consent_that_gives_nothing_new(doctor: Shown) -> None:
    har = Har()
    for _ in range(3):
        asked, state = begin(har, scope="openid notes:write", prompt="consent")
        har.ask(asked, page="<h1>Allow?</h1>")
        answer = query(f"{APP}/callback", code=value(), state=state, scope="openid notes:read")
        har.ask(f"{IDP}/consent", 302, method="POST", form={"allow": "yes"}, to=answer)
        har.ask(
            answer,
            302,
            to=f"{APP}/notes",
            cookie=f"csrf={state[:9]}",
            sets=(f"session={value()}; Secure; Path=/",),
        )
        har.ask(f"{APP}/notes", 302, to=f"{APP}/login", cookie="session=kept")
    found = doctor(har)
    assert "notes:write" in found.out, found.out


def test_another_state_than_was_sent(doctor: Shown) -> None:
    har = Har()
    asked, state = begin(har)
    har.ask(asked, page="<form></form>")
    har.ask(
        query(f"{APP}/callback", code=value(), state=value()),
        400,
        cookie=f"csrf={state[:9]}",
        page="invalid state",
    )
    found = doctor(har)
    assert found.causes[0] == "state-mismatch-cookie-lost", found.out


def test_secure_cookies_and_a_way_back_by_http(doctor: Shown) -> None:
    """A proxy ends TLS, and the server believes that it is asked by http."""
    har, state = Har(), value()
    back = "http://app.acme.test/callback"
    asked = authorize(IDP, "web", back, state)
    har.ask(f"{APP}/login", 302, to=asked, sets=(f"csrf={value()}; Path=/; Secure; HttpOnly",))
    har.ask(asked, 302, to=query(back, code=value(), state=state))
    har.ask(query(back, code=value(), state=state), 403, page="csrf cookie not found")
    found = doctor(har)
    assert found.causes[0] == "state-mismatch-cookie-lost", found.out
    first = found.json["findings"][0]
    assert "because of its Secure" in first["title"]
    assert any("X-Forwarded-Proto" in step for step in first["fix"])


def test_a_recording_without_cookies_says_so(doctor: Shown) -> None:
    har = Har()
    state = value()
    asked = authorize(IDP, "web", f"{APP}/callback", state)
    har.ask(f"{APP}/login", 302, to=asked)
    har.ask(asked, 302, to=query(f"{APP}/callback", code=value(), state=state))
    har.ask(query(f"{APP}/callback", code=value(), state=state), 403, page="state mismatch")
    found = doctor(har)
    missing = {n["cause"]: n["needs"] for n in found.json["not_examined"]}
    assert "without cookies" in missing["state-mismatch-cookie-lost"]
    assert found.json["verdict"] != "healthy"


def test_no_secret_of_it_is_shown(doctor: Shown, run: Run, tmp_path: Path) -> None:
    har, planted = Har(), []

    def made() -> str:
        planted.append(secrets.token_urlsafe(24))
        return planted[-1]

    state, code, csrf, password, saml, relay = (made() for _ in range(6))
    asked = authorize(IDP, "web", f"{APP}/callback", state, nonce=made(), login_hint=made())
    har.ask(f"{APP}/reset/{made()}", 302, to=asked, sets=(f"csrf={csrf}; Path=/; SameSite=Strict; Secure",))
    har.ask(asked, page="<form>", sets=(f"idp={made()}; Path=/",))
    har.ask(f"{IDP}/login", 302, method="POST", form={"user": "a", "password": password, "otp": made()})
    form = {
        "code": code,
        "state": state,
        "SAMLResponse": base64.b64encode(saml.encode()).decode(),
        "RelayState": relay,
    }
    page = f"state mismatch: {state} is not {csrf}; code={code} {password} {relay} Bearer {made()}"
    har.ask(f"{APP}/callback", 403, method="POST", form=form, page=page, cookie=f"other={made()}")
    found = doctor(har)
    text = run("doctor", "--har", str(tmp_path / "login.har"), "--verbose")
    assert found.causes[0] == "state-mismatch-cookie-lost", found.out
    for said in (found.out, found.err, text.out, text.err):
        assert not [p for p in planted if p in said or base64.b64encode(p.encode()).decode()[:24] in said], (
            said
        )


@pytest.mark.parametrize(
    ("content", "id"),
    [
        (b"", "har-not-json"),
        (b"{", "har-not-json"),
        (b"\xff\xfe{", "har-not-json"),
        (b"[" * 200_000, "har-not-json"),
        (b'{"log": {"entries": ' + b"9" * 5000 + b"}}", "har-not-json"),
        (b"[]", "har-not-a-recording"),
        (b'{"log": []}', "har-not-a-recording"),
        (b'{"log": {"entries": {}}}', "har-not-a-recording"),
        (b"\x1f\x8bno", "har-not-json"),
        (gzip.compress(b" " * 10_000_001), "har-too-large"),
        (b" " * 10_000_001, "file-too-large"),
    ],
    ids=["empty", "cut", "utf-16", "deep", "number", "list", "log", "entries", "gzip", "bomb", "large"],
)
def test_what_is_no_recording_is_a_sentence(content: bytes, id: str, run: Run, tmp_path: Path) -> None:
    place = tmp_path / "x.har"
    place.write_bytes(content)
    ran = run("doctor", "--har", str(place), "--json")
    assert (ran.code, ran.json["error"]["id"]) == (1, id), ran.out


def test_a_recording_in_gzip_and_with_a_mark_at_its_beginning(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "x.har.gz"
    place.write_bytes(gzip.compress(b"\xef\xbb\xbf" + Har().text().encode()))
    ran = run("doctor", "--har", str(place), "--json")
    assert (ran.code, ran.json["verdict"]) == (1, "undetermined"), ran.out


def test_entries_that_are_none_are_left_out(run: Run, tmp_path: Path) -> None:
    strange: list[Any] = [
        None,
        7,
        [],
        {},
        {"request": 1},
        {"request": {"url": "ftp://x"}},
        {"request": {"url": "http://["}},
    ]
    strange += [
        {"request": {"url": "https://a.test/", "headers": [1, {"name": 2}, {"name": "Cookie", "value": 3}]}}
    ]
    strange += [
        {"request": {"url": "https://a.test/?state=%00%ff&&=", "cookies": [{}]}, "response": {"status": True}}
    ]
    place = tmp_path / "x.har"
    place.write_text(json.dumps({"log": {"entries": strange}}))
    ran = run("doctor", "--har", str(place), "--json")
    assert (ran.code, ran.json["verdict"]) == (1, "undetermined"), ran.out


def rounds(har: Har, *, session: str = "", keeps: bool = False, provider: str = IDP) -> None:
    """Four logins that succeed, each with this cookie."""
    kept = ""
    for _ in range(4):
        state = value()
        asked = query(provider, client_id="web", redirect_uri=f"{APP}/callback", state=state)
        har.ask(f"{APP}/", 302, to=asked, sets=(f"csrf={state[:9]}; Path=/; Secure",), cookie=kept)
        answer = query(f"{APP}/callback", code=value(), state=state)
        har.ask(asked, 302, to=answer)
        made = value()
        sets = (session.format(made),) if session else ()
        har.ask(answer, 302, to=f"{APP}/", cookie=f"csrf={state[:9]}", sets=sets)
        kept = f"session={made}" if keeps else ""


@pytest.mark.parametrize(
    ("session", "keeps", "certainty", "says"),
    [
        ("", False, "proven", "gives no session cookie"),
        ("session={}; Path=/; Secure", False, "likely", "the browser keeps it back"),
        ("session={}; Path=/; Secure", True, "likely", "gets its session cookie back"),
    ],
)
def test_a_loop_without_an_attribute_at_fault(
    session: str, keeps: bool, certainty: str, says: str, doctor: Shown
) -> None:
    har = Har()
    rounds(har, session=session, keeps=keeps, provider="https://github.test/login/oauth/authorize")
    found = doctor(har)
    first = found.json["findings"][0]
    assert (first["cause"], first["certainty"]) == ("login-redirect-loop-after-success", certainty), found.out
    assert says in first["title"], first["title"]


def test_a_login_that_begins_anew_at_once_was_not_taken(doctor: Shown) -> None:
    """The answer is sent on to the provider with a new state, whose cookie is lost as well."""
    har = Har()
    state = value()
    asked = authorize(IDP, "web", f"{APP}/callback", state)
    har.ask(f"{APP}/", 302, to=asked, sets=("csrf=x; Path=/login; Secure",))
    for _ in range(3):
        answer = query(f"{APP}/callback", code=value(), state=state)
        har.ask(asked, 302, to=answer, cookie="idp=1")
        state = value()
        asked = authorize(IDP, "web", f"{APP}/callback", state)
        har.ask(answer, 302, to=asked, sets=("csrf=y; Path=/login; Secure",))
    found = doctor(har)
    assert found.causes[0] == "state-mismatch-cookie-lost", found.out
    assert "because of its Path" in found.json["findings"][0]["title"]


def test_a_login_that_a_page_begins_on_another_name_of_the_machine(doctor: Shown) -> None:
    har, state = Har(), value()
    back = "http://127.0.0.1:5000/callback"
    asked = authorize(IDP, "web", back, state)
    har.ask("http://localhost:5000/", page="<h1>Log in</h1>", sets=(f"session={value()}; Path=/; HttpOnly",))
    har.ask(asked, page="<form></form>", cookie="idp=1")
    har.ask(query(back, code=value(), state=state), 400, page="mismatching_state")
    found = doctor(har)
    assert found.causes[0] == "state-mismatch-cookie-lost", found.out
    assert "because of its Domain" in found.json["findings"][0]["title"]


def test_a_session_in_a_frame_of_another_site(doctor: Shown) -> None:
    har = Har()
    har.ask("https://portal.other.test/", page="<iframe></iframe>", cookie="p=1")
    before = len(har.entries)
    rounds(har, session="session={}; Path=/; Secure; SameSite=Lax")
    for entry in har.entries[before:]:
        entry["request"]["headers"].append({"name": "Sec-Fetch-Dest", "value": "iframe"})
    found = doctor(har)
    assert found.causes[0] in ("login-redirect-loop-after-success", "state-mismatch-cookie-lost"), found.out
    assert "SameSite" in found.json["findings"][0]["title"]


def test_code_that_a_program_takes_and_does_not_use(doctor: Shown) -> None:
    har = Har()
    for _ in range(2):
        state = value()
        asked = authorize(IDP, "cli", "http://localhost:8033/callback", state)
        har.ask(asked, page="<form></form>")
        har.ask(
            query("http://localhost:8033/callback", code=value(), state=state), page="You may close this tab"
        )
    found = doctor(har)
    warned = [w["cause"] for w in found.json["warnings"]]
    assert "code-delivered-but-not-exchanged" in [*found.causes, *warned], found.out


def test_a_recording_is_kept_as_a_case_and_judged_again(doctor: Shown, run: Run, tmp_path: Path) -> None:
    har = Har()
    rounds(har, session="session={}; Path=/; Domain=other.test; Secure")
    place, case = tmp_path / "login.har", tmp_path / "case.json"
    place.write_text(har.text())
    found = run("doctor", "--har", str(place), "--save", str(case), "--json")
    again = run("doctor", "--replay", str(case), "--json")
    for name in ("target", "verdict", "findings", "warnings", "not_examined", "ruled_out"):
        assert found.json[name] == again.json[name]
    held = [
        p["value"].partition("=")[2][:20]
        for e in har.entries
        for p in e["request"]["headers"]
        if p["name"] == "Cookie"
    ]
    assert not [v for v in held if len(v) > 8 and v in case.read_text()]


def test_beside_a_target_it_is_one_more_fact(run: Run, tmp_path: Path) -> None:
    har = Har()
    rounds(har, session="session={}; Path=/; Domain=other.test; Secure")
    place = tmp_path / "login.har"
    place.write_text(har.text())
    with served(Odd()) as server:
        found = run("doctor", server.mcp, "--har", str(place), "--json")
    assert "login-redirect-loop-after-success" in found.causes, found.out


@pytest.mark.row("F9")
def test_a_saved_connection_whose_keyring_is_locked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(Odd()) as server:
        connections.save(
            Connection(
                "notes",
                "mcp",
                "own",
                server.mcp,
                "bearer",
                secrets={"token": "keyring:authwizard/notes/token"},
            )
        )
        monkeypatch.setattr(core, "_keyring_backend", Keyring())
        found = run("doctor", "notes", "--json")
    assert found.causes[0] == "keychain-locked-or-unavailable", found.out


def test_a_recording_that_takes_too_long_is_a_sentence(run: Run, tmp_path: Path) -> None:
    har = Har()
    rounds(har)
    place = tmp_path / "login.har"
    place.write_text(har.text())
    found = run("doctor", "--har", str(place), "--timeout", "0.000001", "--json")
    assert (found.code, found.json["error"]["id"]) == (1, "timeout"), found.out
