"""Each method's own refusal, by command: exit 2, a reason, and no value repeated."""

from __future__ import annotations

import base64
import secrets
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.recorder import recording
from support.keeping import found_in
from support.running import Put, Run

from wizard.errors import UsageError
from wizard.methods import basic
from wizard.secret import Secret

KEY = secrets.token_urlsafe(20)
WHERE = "http://127.0.0.1:9/v1/me"


@pytest.mark.row("A2", "A3", "A4")
@pytest.mark.parametrize("verb", ["setup", "test", "doctor"])
@pytest.mark.parametrize(
    ("words", "secret", "id", "says"),
    [
        (["username=alice:x"], {"password": KEY}, "basic-user-colon", "the first colon ends the user name"),
        (["username=al\x01ice"], {"password": KEY}, "basic-control-character", "user name holds a line end"),
        (
            ["username=alice"],
            {"password": f"{KEY}\r"},
            "basic-control-character",
            "password holds a line end",
        ),
        (["username=A\\bob", "domain=B"], {"password": KEY}, "basic-two-domains", "the domain A"),
        (["username=alice"], {}, "missing", "Password is missing"),
        (["scheme=ApiKey x"], {"token": KEY}, "scheme-invalid", "one word"),
        (["scheme=ApiKey"], {}, "missing", "API key is missing"),
        (["header_name=X Key"], {"header.X-API-Key": KEY}, "header-invalid", "not the name of a header"),
        (["query_name=a=b"], {"query.api_key": KEY}, "parameter-invalid", "not the name of a parameter"),
    ],
)
def test_what_cannot_be_sent(
    verb: str, words: list[str], secret: dict[str, str], id: str, says: str, run: Run, put: Put
) -> None:
    given_ = [w for word in words for w in ("--set", word)]
    given_ += [w for name, text in secret.items() for w in ("--secret", f"{name}={put(text)}")]
    method = {"username": "basic", "scheme": "api_key_custom", "header_name": "api_key_header"}
    given_ += ["--method", method.get(words[0].partition("=")[0], "api_key_query")]
    where = ["setup", "http", "--url", WHERE, "--yes"] if verb == "setup" else [verb, WHERE]
    done = run(*where, *given_, "--json")
    assert (done.code, done.json["error"]["id"]) == (2, id), done.out
    error = done.json["error"]
    assert says in f"{error['title']} {error['detail']}"
    assert KEY not in done.out + done.err


@pytest.mark.row("A2")
@pytest.mark.parametrize("verb", ["setup", "test", "doctor"])
@pytest.mark.parametrize(
    "name", ["password", "token", "header.X-API-Key", "header.Authorization", "query.api_key"]
)
def test_a_bare_secret_is_no_argument(verb: str, name: str, run: Run) -> None:
    method = {"password": "basic", "token": "bearer", "query.api_key": "api_key_query"}.get(name, "headers")
    where = ["setup", "http", "--url", WHERE, "--yes"] if verb == "setup" else [verb, WHERE]
    done = run(*where, "--method", method, "--set", f"{name}={KEY}", "--json")
    assert (done.code, done.json["error"]["id"]) == (2, "bare-secret"), done.out
    assert KEY not in done.out + done.err
    assert "--secret" in done.json["error"]["fix"][0]


def test_of_several_headers_one_at_least_is_named(run: Run, put: Put) -> None:
    done = run("setup", "http", "--url", WHERE, "--method", "headers", "--yes", "--json")
    assert (done.code, done.json["error"]["id"]) == (2, "missing")
    bare = run("test", WHERE, "--method", "headers", "--credential", put(KEY), "--json")
    assert (bare.code, bare.json["error"]["id"]) == (2, "header-unnamed")
    unknown = run("test", WHERE, "--method", "nonsense", "--credential", put(KEY), "--json")
    assert (unknown.code, unknown.json["error"]["id"]) == (2, "unknown-method")


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A plain HTTP proxy that answers 200 itself; what it was sent. So http to another machine stays on this one."""
    seen: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(5)
                text = b""
                try:
                    while b"\r\n\r\n" not in text and (more := peer.recv(65536)):
                        text += more
                except OSError:
                    continue
                seen.append(text.decode("latin-1"))
                good = f"Bearer {KEY}" in seen[-1]
                head = "200 OK" if good else "401 Unauthorized\r\nWWW-Authenticate: Bearer"
                peer.sendall(
                    f"HTTP/1.1 {head}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode()
                )

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.getsockname()[1]}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.getsockname()[1]}")
    yield seen
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


@pytest.mark.row("U6")
@pytest.mark.parametrize("verb", ["setup", "test"])
@pytest.mark.parametrize(
    ("method", "given_"),
    [
        ("bearer", ["token"]),
        ("api_key_query", ["query.key"]),
        ("basic", ["password"]),
        ("headers", ["header.X-Key"]),
    ],
)
def test_plain_http_to_another_machine_is_refused(
    verb: str, method: str, given_: list[str], run: Run, put: Put, proxy: list[str]
) -> None:
    url = "http://api.example.com/v1/me"
    where = ["setup", "http", "--url", url, "--yes"] if verb == "setup" else [verb, url]
    words = [*(["--set", "username=alice"] if method == "basic" else []), "--method", method]
    done = run(*where, *words, *(w for n in given_ for w in ("--secret", f"{n}={put(KEY)}")), "--json")
    assert done.code == 2, done.out
    assert "plain http" in done.json["error"]["title"]
    assert proxy == [], "nothing was sent"


@pytest.mark.row("U6")
def test_plain_http_may_be_allowed_by_name_and_that_is_recorded(
    run: Run, put: Put, proxy: list[str], home: Path
) -> None:
    url = "http://api.example.com/v1/me"
    tested = run("test", url, "--secret", f"token={put(KEY)}", "--allow", "http", "--json")
    assert tested.code == 0, tested.out
    words = [
        "--url",
        url,
        "--secret",
        f"token={put(KEY)}",
        "--name",
        "mine",
        "--allow",
        "http",
        "--yes",
        "--json",
    ]
    done = run("setup", "http", *words)
    assert done.code == 0, done.out
    assert any(f"Authorization: Bearer {KEY}" in text for text in proxy)
    assert run("connections", "show", "mine", "--json").json["connections"][0]["allow"] == ["http"]
    assert found_in([KEY], home, tested.out, done.out, but=("/secrets/mine/",)) == []


@pytest.mark.row("U6")
def test_plain_http_on_this_machine_is_no_question(run: Run, put: Put) -> None:
    with recording(lambda a: a.headers.get("authorization") == f"Bearer {KEY}", "Bearer") as api:
        done = run("test", api.url, "--secret", f"token={put(KEY)}", "--json")
    assert done.code == 0, done.out


@given(
    user=st.text(min_size=1, max_size=20),
    password=st.text(max_size=20),
    domain=st.sampled_from(["", "CORP", "corp.example", "\\CORP\\"]),
)
def test_what_is_made_of_user_and_password_can_be_taken_apart(user: str, password: str, domain: str) -> None:
    texts = {"username": user, "domain": domain}
    try:
        made = basic.compute(texts, {"password": Secret(password)})
    except UsageError as refused:
        bad = ":" in user or "\\" in user or any(ord(c) < 0x20 or ord(c) == 0x7F for c in user + password)
        assert bad, refused.id
        return
    pair = base64.b64decode(made[basic.DERIVED].reveal()).decode("utf-8", "surrogatepass")
    left, colon, right = pair.partition(":")
    assert (colon, right) == (":", password)
    assert left.endswith(user)
    assert left in (user, f"{domain.strip(chr(92))}\\{user}")
