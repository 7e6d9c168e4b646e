"""The loopback listener of a login: one answer ends the wait, and nothing else does."""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
from urllib.parse import quote, urlsplit

import pytest
from loopback_support import get, raw, state, target

from wizard.oauth import loopback as module
from wizard.oauth.loopback import Loopback
from wizard.oauth.problems import OAuthProblem


async def test_the_answer_with_this_logins_state_ends_the_wait() -> None:
    own, code = state(), secrets.token_urlsafe(24)
    async with Loopback(own, port=0, title="Acme <Cloud>") as one:
        heard = await get(one, target(own, code=code, iss="https://id.example.com"))
        answer = await one.wait(5)
    assert answer.code
    assert answer.code.reveal() == code
    assert (answer.iss, answer.error) == ("https://id.example.com", "")
    assert code not in repr(answer)
    assert own.reveal() not in repr(answer)
    assert heard.status == 200
    assert "You can close this tab" in heard.body
    assert "Go back to the terminal" in heard.body
    assert "Acme &lt;Cloud&gt;" in heard.body


async def test_the_page_claims_no_more_than_that_an_answer_came() -> None:
    own = state()
    async with Loopback(own, port=0) as one:
        heard = await get(one, target(own, code="x"))
    assert not re.search(r"(?i)success|logged in|welcome|complete", heard.body)


async def test_an_error_ends_the_wait_and_its_text_stays_off_the_page() -> None:
    own = state()
    given = {
        "error": "access_denied",
        "error_description": "<b>call</b> this number",
        "error_uri": "https://evil.example/",
    }
    async with Loopback(own, port=0) as one:
        heard = await get(one, target(own, **given))
        answer = await one.wait(5)
    assert answer.code is None
    assert (answer.error, answer.error_description, answer.error_uri) == tuple(given.values())
    assert heard.status == 200
    assert "did not work" in heard.body
    assert "terminal" in heard.body
    for word in ("access_denied", "this number", "evil"):
        assert word not in heard.head + heard.body


async def test_a_code_is_taken_once() -> None:
    own = state()
    async with Loopback(own, port=0) as one:
        assert (await get(one, target(own, code="first"))).status == 200
        again = await get(one, target(own, code="second"))
        assert again.status == 410
        assert "This login is done" in again.body
        answer = await one.wait(5)
    assert answer.code
    assert answer.code.reveal() == "first"


async def test_pages_load_nothing_and_are_kept_nowhere() -> None:
    own = state()
    async with Loopback(own, port=0) as one:
        pages = [await get(one, "/callback"), await get(one, target(own, error="no"))]
        pages += [await get(one, target(own, code="x"))]
    for page in pages:
        fields = dict(line.lower().split(": ", 1) for line in page.head.split("\r\n")[1:])
        assert fields["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
        assert fields["referrer-policy"] == "no-referrer"
        assert fields["cache-control"] == "no-store"
        assert fields["x-content-type-options"] == "nosniff"
        assert int(fields["content-length"]) == len(page.body.encode())
        assert not re.search(r"(?i)<script|<img|<link|src=|href=|url\(|https?://", page.body)
        assert "prefers-color-scheme: dark" in page.body
        assert not re.search(r"\$\w", page.body)


@pytest.mark.parametrize(
    ("status", "method", "wanted", "host"),
    [
        (404, "GET", "/favicon.ico", None),
        (404, "GET", "/", None),
        (404, "GET", "/callback/?code=x&state=STATE", None),
        (404, "GET", "/Callback?code=x&state=STATE", None),
        (404, "GET", "/%63allback?code=x&state=STATE", None),
        (404, "GET", "//callback?code=x&state=STATE", None),
        (405, "HEAD", "/callback?code=x&state=STATE", None),
        (405, "POST", "/callback?code=x&state=STATE", None),
        (405, "OPTIONS", "/callback?code=x&state=STATE", None),
        (421, "GET", "/callback?code=x&state=STATE", "evil.example"),
        (421, "GET", "/callback?code=x&state=STATE", "localhost:PORT"),
        (421, "GET", "/callback?code=x&state=STATE", "127.0.0.1"),
        (421, "GET", "/callback?code=x&state=STATE", "127.0.0.1:1"),
        (400, "GET", "/callback?code=x&state=STATE", ""),
        (404, "GET", "http://127.0.0.1:PORT/callback?code=x&state=STATE", None),
        (400, "GET", "/callback", None),
        (400, "GET", "/callback?code=x", None),
        (400, "GET", "/callback?code=x&state=", None),
        (400, "GET", "/callback?code=x&state=STATEx", None),
        (400, "GET", "/callback?code=x&state=ETATS", None),
        (400, "GET", "/callback?state=STATE", None),
        (400, "GET", "/callback?code=&state=STATE", None),
        (400, "GET", "/callback?code=x&code=y&state=STATE", None),
        (400, "GET", "/callback?code=x&state=STATE&state=STATE", None),
        (400, "GET", "/callback?code=x&state=STATE&iss=a&iss=b", None),
        (400, "GET", "/callback?code=x&state=STATE&other=a&other=a", None),
        (400, "GET", "/callback?code=x&error=y&state=STATE", None),
        (400, "GET", "/callback?code=%00&state=STATE", None),
        (400, "GET", "/callback?code=%ff&state=STATE", None),
        (400, "GET", "/callback?code=x&state=STATE#code=x", None),
        (400, "GET", "/callback?code=x y&state=STATE", None),
        (400, "GET", "/callback?" + "&".join(f"p{n}=" for n in range(80)) + "&code=x&state=STATE", None),
    ],
)
async def test_anything_else_is_refused_unquoted_and_the_wait_goes_on(
    status: int, method: str, wanted: str, host: str | None
) -> None:
    own = state()
    async with Loopback(own, port=0) as one:
        for name, value in (("STATE", own.reveal()), ("PORT", str(one.port)), ("ETATS", own.reveal()[::-1])):
            wanted = wanted.replace(name, value)
            host = host and host.replace(name, value)
        heard = await get(one, wanted, method=method, host=host)
        assert heard.status == status
        assert not one._answer.done()
        if method == "HEAD":
            assert heard.body == ""
        for secret in (own.reveal(), "code", "evil", "favicon"):
            assert secret not in heard.head + heard.body
        assert (await get(one, target(own, code="right"))).status == 200
        answer = await one.wait(5)
    assert answer.code
    assert answer.code.reveal() == "right"


async def test_a_get_with_a_body_is_refused() -> None:
    own = state()
    async with Loopback(own, port=0) as one:
        for headers in ({"Content-Length": "3"}, {"Transfer-Encoding": "chunked"}):
            assert (await get(one, target(own, code="x"), headers=headers)).status == 400
        assert (await get(one, target(own, code="x"), headers={"Content-Length": "0"})).status == 200


async def test_two_hosts_are_none() -> None:
    own = state()
    async with Loopback(own, port=0) as one:
        host = urlsplit(one.redirect_uri).netloc
        sent = f"GET {target(own, code='x')} HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n"
        assert (await raw(one.redirect_uri, sent.encode())).status == 400
        old = f"GET {target(own, code='x')} HTTP/1.0\r\n\r\n"
        assert (await raw(one.redirect_uri, old.encode())).status == 421


async def test_a_header_ends_at_16_kb() -> None:
    own = state()
    async with Loopback(own, port=0) as one:
        assert (await get(one, target(own, code="x"), headers={"X": "y" * 17_000})).status == 431
        assert (await get(one, target(own, code="x", pad="p" * 17_000))).status == 431
        assert (await get(one, target(own, code="c" * 12_000))).status == 200
        answer = await one.wait(5)
    assert answer.code
    assert len(answer.code) == 12_000


async def test_an_endless_body_is_not_read_for_ever() -> None:
    async with Loopback(state(), port=0) as one:
        sent = b"POST /callback HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n" + b"y" * 300_000
        assert (await raw(one.redirect_uri, sent)).status in (0, 421)


async def test_a_connection_that_says_nothing_blocks_nobody() -> None:
    """Chrome opens one ahead of need."""
    own = state()
    async with Loopback(own, port=0) as one:
        _, silent = await asyncio.open_connection("127.0.0.1", one.port)
        assert (await get(one, target(own, code="x"))).status == 200
        assert await one.wait(5)
        silent.close()


async def test_the_33rd_connection_ends_the_oldest() -> None:
    own = state()
    async with Loopback(own, port=0) as one:
        idle = [await asyncio.open_connection("127.0.0.1", one.port) for _ in range(40)]
        for reader, _ in idle[:8]:
            assert await reader.read() == b""
        assert len(one._clients) == 32
        assert (await get(one, target(own, code="x"))).status == 200
        for _, writer in idle:
            writer.close()


async def test_a_slow_client_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SLOW", 0.05)
    async with Loopback(state(), port=0) as one:
        reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
        writer.write(b"GET /callback HTTP/1.1\r\nHo")
        assert await reader.read() == b""
        writer.close()


async def test_a_browser_that_leaves_before_its_page_has_brought_the_code_all_the_same() -> None:
    own = state()
    async with Loopback(own, port=0) as one:
        with socket.create_connection(("127.0.0.1", one.port)) as gone:
            host = urlsplit(one.redirect_uri).netloc
            gone.sendall(f"GET {target(own, code='x')} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        answer = await one.wait(5)
    assert answer.code


async def test_what_came_is_told_when_the_time_is_up() -> None:
    own = state()
    async with Loopback(own, port=0) as one:
        await get(one, target(state(), code="x"))
        await raw(one.redirect_uri, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)))
        await get(one, target(own, path="/other", code="x"))
        await get(one, "/favicon.ico")
        with pytest.raises(OAuthProblem) as caught:
            await one.wait(0.01)
    problem = caught.value
    assert problem.id == "login-timed-out"
    fact = problem.evidence[0].fact
    assert fact.startswith(f"3 came to {one.redirect_uri} that was not this login's answer")
    for word in ("another login", "TLS", "another path"):
        assert word in fact
    assert own.reveal() not in fact


async def test_a_state_with_every_character_is_compared_decoded() -> None:
    from wizard.secret import Secret

    own = Secret("a+b/c=&ü %")
    async with Loopback(own, port=0) as one:
        wanted = f"/callback?code=x&state={quote(own.reveal(), safe='')}"
        assert (await get(one, wanted)).status == 200
