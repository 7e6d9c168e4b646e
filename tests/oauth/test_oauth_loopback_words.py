"""What a person is told around the wait for the browser: the pasted address, SSH, a time-out, a held port."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from loopback_support import state, target

from wizard import providers
from wizard.errors import UsageError
from wizard.oauth.loopback import pasted, qr, ssh_advice
from wizard.oauth.port_holder import holder
from wizard.oauth.waiting import probably_shows, taken, timed_out
from wizard.qr import fits

BACK = "http://127.0.0.1:3334/callback"


def at(place: str, wanted: str) -> str:
    return place.removesuffix("/callback") + wanted


@pytest.mark.parametrize(
    "form",
    ["{}", "  {}\n", '"{}"', "<{}>", "'{}'", "{}#_=_", "{}\r\n"],
    ids=["bare", "space", "q", "a", "s", "hash", "cr"],
)
def test_a_pasted_address_is_the_answer(form: str) -> None:
    own = state()
    found = pasted(form.format(at(BACK, target(own, code="x", iss="https://a.example"))), BACK, own)
    assert found.code
    assert (found.code.reveal(), found.iss) == ("x", "https://a.example")


def test_a_pasted_address_may_be_broken_by_the_terminal_and_lack_its_scheme() -> None:
    own = state()
    whole = at(BACK, target(own, code="x" * 90))
    found = pasted(f"{whole[:60]}\n  {whole[60:100]}\n{whole[100:]}", BACK, own)
    assert found.code
    assert len(found.code) == 90
    assert pasted(whole.removeprefix("http://"), BACK, own).code
    assert pasted(
        at("HTTP://LOCALHOST:3334", target(own, code="x")), "http://localhost:3334/callback", own
    ).code
    assert pasted(at("http://[::1]:3334", target(own, code="x")), "http://[::1]:3334/callback", own).code
    bare = "http://127.0.0.1:3334"
    assert pasted(at(bare + "/", target(own, path="", code="x")), bare, own).code


def test_a_pasted_error_is_an_answer_too() -> None:
    own = state()
    found = pasted(
        at(BACK, target(own, error="access_denied", error_description="a\x1b[2Jb\u202ec")), BACK, own
    )
    assert (found.code, found.error, found.error_description) == (None, "access_denied", "a[2Jbc")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Nothing was pasted"),
        ("   \n", "Nothing was pasted"),
        ("http://127.0.0.1:3334/callback", "no `state`"),
        ("http://127.0.0.1:3334/callback?state=STATE", "neither a code nor an error"),
        ("http://127.0.0.1:3334/callback?code=CODE&state=other", "another login"),
        ("http://127.0.0.1:3334/callback?code=CODE&code=CODE&state=STATE", "twice"),
        ("http://127.0.0.1:3335/callback?code=CODE&state=STATE", "another port"),
        ("http://localhost:3334/callback?code=CODE&state=STATE", "not the address"),
        ("https://127.0.0.1:3334/callback?code=CODE&state=STATE", "not the address"),
        ("http://127.0.0.1:3334/other?code=CODE&state=STATE", "not the address"),
        (
            "https://id.example.com/authorize?client_id=a&code_challenge=CODE&state=STATE",
            "where the login begins",
        ),
        ("CODE", "not the address"),
    ],
)
def test_a_pasted_address_that_is_none_is_refused_with_what_is_wrong(text: str, why: str) -> None:
    own, code = state(), state().reveal()
    with pytest.raises(UsageError) as caught:
        pasted(text.replace("STATE", own.reveal()).replace("CODE", code), BACK, own)
    error = caught.value
    assert error.exit_code == 2
    assert why in error.title
    said = " ".join((error.title, error.detail, *error.fix))
    assert BACK in said
    assert code not in said
    assert own.reveal() not in said


def command_of(advice: tuple[str, ...]) -> list[str]:
    """The words of the ssh command in the advice, as a shell takes them."""
    line = next(line for line in advice if "ssh -L" in line)
    return shlex.split(line[line.index("ssh -L") :])


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22", "USER": "ann"}, ["ann@10.0.0.5"]),
        (
            {"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 2222", "LOGNAME": "ann"},
            ["-p", "2222", "ann@10.0.0.5"],
        ),
        ({"SSH_CONNECTION": "fe80::1%e 5 2001:db8::7 22", "USER": "ann"}, ["ann@2001:db8::7"]),
        ({"SSH_CONNECTION": "a b $(reboot) 22", "USER": "$(id)"}, ["USER@HOST"]),
        ({"SSH_CONNECTION": "nonsense", "USER": "-oProxyCommand=x"}, ["USER@HOST"]),
        ({"SSH_TTY": "/dev/pts/1", "USER": "ann"}, ["ann@HOST"]),
    ],
)
def test_over_ssh_the_line_that_forwards_the_port_is_given(
    environ: dict[str, str], words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "HOST")
    advice = ssh_advice(3334, environ)
    assert command_of(advice) == ["ssh", "-L", "3334:127.0.0.1:3334", *words]
    assert not any("aste" in line for line in advice), "each front end has its own way to paste"


def test_without_ssh_there_is_no_such_advice() -> None:
    assert ssh_advice(3334, {"USER": "ann"}) == ()


def test_the_forwarded_address_is_the_one_that_listens() -> None:
    environ = {"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22", "USER": "ann"}
    assert command_of(ssh_advice(99, environ, "::1"))[2] == "[::1]:99:[::1]:99"
    assert command_of(ssh_advice(99, environ, "localhost"))[2] == "99:127.0.0.1:99"


@pytest.mark.parametrize(
    ("endpoint", "provider", "words"),
    [
        ("https://accounts.google.com/o/oauth2/v2/auth", "Google", "redirect_uri_mismatch"),
        ("https://login.microsoftonline.com/common/oauth2/v2.0/authorize", "Entra ID", "AADSTS50011"),
        ("https://acme.okta.com/oauth2/default/v1/authorize", "Okta", "Login redirect URI"),
        ("https://acme.eu.auth0.com/authorize", "Auth0", "Callback URL mismatch"),
        ("https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize", "Cognito", "redirect_mismatch"),
        ("https://github.com/login/oauth/authorize", "GitHub", "not associated"),
        ("https://slack.com/oauth/v2/authorize", "Slack", "did not match"),
        ("https://api.notion.com/v1/oauth/authorize", "Notion", "Missing or invalid"),
        ("https://auth.atlassian.com/authorize", "Atlassian", "not registered"),
        ("https://acme.fusionauth.io/oauth2/authorize", "FusionAuth", "invalid_redirect_uri"),
        ("https://sso.example.com/realms/a/protocol/openid-connect/auth", "Keycloak", "Invalid parameter"),
    ],
)
def test_a_time_out_says_what_the_page_of_this_provider_probably_shows(
    endpoint: str, provider: str, words: str
) -> None:
    problem = timed_out(BACK, 300, [], {}, endpoint)
    assert problem.id == "login-timed-out"
    assert "300 seconds" in problem.title
    assert provider in problem.detail
    assert words in problem.detail
    said = " ".join(problem.fix)
    assert BACK in said
    made = providers.of(endpoint)
    assert made
    assert made.redirect.add.rstrip(".") in said
    assert problem.evidence[0].fact == f"no browser came to {BACK} within 300 s"


def test_of_an_unknown_provider_no_wording_is_claimed() -> None:
    for endpoint in (
        "https://id.example.com/authorize",
        "https://evilgithub.com/",
        "http://[",
        "",
        "github.com",
    ):
        assert "redirect URI" in probably_shows(endpoint)
        assert "“" not in probably_shows(endpoint)
        assert BACK in " ".join(timed_out(BACK, 300, [], {}, endpoint).fix)


@pytest.mark.parametrize(
    ("heard", "word"),
    [
        (["other-state", "other-state", "tls"], "another login"),
        (["tls"], "https://"),
        (["other-host"], "`localhost` and `127.0.0.1`"),
        (["other-path"], "another path"),
        (["no-state"], "`state`"),
    ],
)
def test_a_time_out_says_what_came_instead(heard: list[str], word: str) -> None:
    problem = timed_out(BACK, 2.5, heard, {"SSH_TTY": "x"}, "https://github.com/login/oauth/authorize")
    assert problem.id == "login-timed-out"
    assert word in problem.detail
    assert f"{len(heard)} came to" in problem.evidence[0].fact


@pytest.mark.parametrize(
    ("environ", "word"),
    [({"SSH_TTY": "/dev/pts/0", "USER": "ann"}, "ssh -L 3334:"), ({"CODESPACES": "true"}, "container")],
)
def test_where_the_browser_is_elsewhere_a_time_out_says_that(environ: dict[str, str], word: str) -> None:
    problem = timed_out(BACK, 300, [], environ)
    assert problem.id == "callback-unreachable-from-browser"
    assert any(word in step for step in problem.fix)
    assert any("aste" in step for step in problem.fix)


def test_a_port_that_the_system_keeps_is_told_from_one_in_use() -> None:
    reserved = taken("127.0.0.1", 80, True, "")
    assert "is reserved" in reserved.title
    assert "1023" in reserved.fix[0]
    strange = taken("127.0.0.1", 80, False, "`nginx` (process 8)")
    assert "`nginx` (process 8)" in strange.detail
    assert "--port PORT" in strange.fix[0]
    assert "End" not in " ".join(strange.fix)
    assert taken("127.0.0.1", 80, False, "another authwizard (process 8)").fix[0].startswith("End another")


def test_a_time_out_without_a_browser_does_not_speak_of_one() -> None:
    problem = timed_out(BACK, 300, [], {}, opened=False, instead="Port 3334 on 127.0.0.1 is in use.")
    assert "open the address" in problem.fix[0] and "--device" in problem.fix[0]
    assert "Port 3334 on 127.0.0.1 is in use." in [e.fact for e in problem.evidence]
    assert timed_out(BACK, 300, [], {}).fix[0] == "Look at the page that the browser shows."


def test_who_holds_a_port_is_read_from_proc_alone(tmp_path: Path) -> None:
    """Arguments are not shown, for they may be secrets; a process that cannot be looked into is passed over."""
    (tmp_path / "net").mkdir()
    line = " 0: 0100007F:0D06 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0 100"
    (tmp_path / "net" / "tcp").write_text(f"  sl  local_address\n{line}\n nonsense\n", "ascii")
    for pid, link in (("11", "socket:[1]"), ("812", "socket:[4242]"), ("13", "")):
        (tmp_path / pid / "fd").mkdir(parents=True)
        if link:
            (tmp_path / pid / "fd" / "3").symlink_to(link)
    (tmp_path / "812" / "comm").write_text("ngi\x1bnx\n", "utf-8")
    (tmp_path / "812" / "cmdline").write_bytes(b"/usr/sbin/nginx\0--token\0hidden\0")
    assert holder(3334, tmp_path) == "`nginx` (process 812)"
    (tmp_path / "812" / "cmdline").write_bytes(b"/usr/bin/python3\0-m\0wizard\0login\0")
    assert holder(3334, tmp_path) == "another authwizard (process 812)"
    assert holder(3335, tmp_path) == ""
    assert holder(3334, tmp_path / "absent") == ""


@pytest.mark.parametrize("on_dark", [True, False])
def test_a_qr_code_says_what_it_was_made_of(on_dark: bool) -> None:
    import segno

    text = "https://auth.example.com/device?user_code=ABCD-EFGH"
    lines = qr(text, on_dark=on_dark)
    halves = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
    rows: list[tuple[int, ...]] = []
    for line in lines.split("\n"):
        pairs = [halves[c] for c in line]
        rows += [tuple(upper for upper, _ in pairs), tuple(lower for _, lower in pairs)]
    wanted = [
        tuple(int(bool(cell) != on_dark) for cell in row)
        for row in segno.make(text, error="l", micro=False, boost_error=False).matrix_iter(border=2)
    ]
    assert rows[: len(wanted)] == wanted
    assert fits(lines, 80, 24)
    assert not fits(lines, 30, 24)
    assert not fits(lines, 80, 10)


def test_what_no_qr_code_can_hold_is_none() -> None:
    assert qr("x" * 3000) == ""
    assert not fits("", 80, 24)
