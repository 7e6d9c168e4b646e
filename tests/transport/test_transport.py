"""The one HTTP client against servers that behave, misbehave and lie."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.errors import TransportError, UsageError
from wizard.secret import Secret
from wizard.transport import Limits, Transport, check_url, is_loopback, origin

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], "asyncio.Future[None]"]


@asynccontextmanager
async def serving(answer: Callable[[bytes], bytes | None]) -> AsyncIterator[str]:
    """A raw server: bytes of the request's head in, bytes of the whole answer out (None: hang)."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            reply = answer(head)
            if reply is None:
                await asyncio.sleep(30)
            else:
                writer.write(reply)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{k.replace('_', '-')}: {v}" for k, v in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def failure(url: str, transport: Transport, **options: object) -> TransportError:
    with pytest.raises(TransportError) as met:
        await transport.send("GET", url, **options)  # type: ignore[arg-type]  # keyword options as given
    return met.value


async def test_an_answer_is_recorded_without_the_secret() -> None:
    token = secrets.token_urlsafe(32)
    body = f'{{"seen": "{token}", "access_token": "abcdefgh", "name": "fleet"}}'.encode()
    async with (
        serving(lambda _: answer("200 OK", body, Set_Cookie="sid=abcdef; Path=/")) as url,
        Transport() as t,
    ):
        reply = await t.send(
            "GET", f"{url}/x?api_key={token}", headers={"Authorization": Secret(f"Bearer {token}")}
        )
        recorded = repr(t.exchanges) + str([e.as_json() for e in t.exchanges])
    assert reply.json()["seen"] == token
    assert token not in recorded
    assert "abcdef" not in recorded
    assert "fleet" in recorded
    assert "Bearer ••••••••" in recorded


@pytest.mark.parametrize("padding", ["\n", " ", "\u200b", "\r\n", "\x00"])
async def test_a_value_that_cannot_be_sent_is_named_and_not_quoted(padding: str) -> None:
    token = secrets.token_urlsafe(32)
    async with Transport() as t:
        error = await failure(
            "http://127.0.0.1:1/", t, headers={"Authorization": Secret(f"Bearer {token}{padding}")}
        )
    assert error.id == "header-invalid"
    assert token not in f"{error.title}{error.detail}{error!r}{error.__cause__!r}{error.__context__!r}"


async def test_nothing_listens() -> None:
    async with Transport() as t:
        error = await failure("http://127.0.0.1:1/", t)
    assert (error.id, t.exchanges[0].error) == ("connection-refused", "connection-refused")


async def test_no_such_name() -> None:
    async with Transport() as t:
        assert (await failure("http://nowhere.invalid/", t)).id == "dns-unresolved"


async def test_a_server_that_hangs_is_left_in_time() -> None:
    async with serving(lambda _: None) as url, Transport(timeout=0.2) as t:
        assert (await failure(url, t)).id == "timeout"


async def test_a_server_that_closes() -> None:
    async with serving(lambda _: b"") as url, Transport() as t:
        assert (await failure(url, t)).id == "connection-closed"


async def test_a_body_past_the_limit_is_not_read() -> None:
    async with (
        serving(lambda _: answer("200 OK", b"x" * 5000)) as url,
        Transport(limits=Limits(body=1000)) as t,
    ):
        assert (await failure(url, t)).id == "too-large"


async def test_headers_past_the_limit() -> None:
    async with serving(lambda _: answer("200 OK", X_Long="x" * 300_000)) as url, Transport() as t:
        assert (await failure(url, t)).id == "too-large"


async def test_redirects_without_end() -> None:
    async with serving(lambda _: answer("302 Found", Location="/again")) as url, Transport() as t:
        assert (await failure(url, t, follow=True)).id == "too-many-redirects"


async def test_a_credential_never_follows_to_another_origin() -> None:
    seen: list[bytes] = []

    def other(head: bytes) -> bytes:
        seen.append(head)
        return answer("200 OK", b"{}")

    async with (
        serving(other) as far,
        serving(lambda _: answer("307 Temporary Redirect", Location=f"{far}/x")) as url,
        Transport() as t,
    ):
        reply = await t.send("GET", url, headers={"X-Api-Key": Secret("s" * 20)}, follow=True)
        assert reply.status == 307
        assert not seen
        assert (await t.send("GET", url, follow=True)).status == 200
    assert b"s" * 20 not in b"".join(seen)


async def test_cookies_are_not_kept() -> None:
    heads: list[bytes] = []

    def keep(head: bytes) -> bytes:
        heads.append(head)
        return answer("200 OK", Set_Cookie="session=abc; Path=/")

    async with serving(keep) as url, Transport() as t:
        await t.send("GET", url)
        await t.send("GET", url)
    assert b"cookie" not in heads[1].lower()


async def test_cancelling_leaves_nothing_behind() -> None:
    async with serving(lambda _: None) as url, Transport() as t:
        task = asyncio.create_task(t.send("GET", url))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert t.exchanges[0].status is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fleet",
        "ftp://host/",
        "https://",
        "http://host:99999/",
        "https://user:pw@host/",
        "http://a b/",
        "http://[::1",
        "javascript:x",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UsageError) as met:
        check_url(text)
    assert met.value.id == "not-a-url"
    assert "pw" not in str(met.value.as_json())


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_sentence(text: str) -> None:
    try:
        url = check_url(text)
    except UsageError:
        return
    assert origin(url)[0] in ("http", "https")


def test_origins() -> None:
    assert origin("HTTPS://Host/x") == origin("https://host:443/y")
    assert origin("https://host") != origin("http://host")
    assert is_loopback("http://127.0.0.1:1/")
    assert is_loopback("http://[::1]/")
    assert not is_loopback("http://127.0.0.1.example.com/")


def test_of_a_text_without_end_the_beginning_is_redacted() -> None:
    token = secrets.token_urlsafe(32)
    transport = Transport()
    transport.know(Secret(token))
    said = transport.redact(f"{token} {'x' * 5_000_000} {token}")
    assert token not in said
    assert len(said) <= 64_000
    assert len(transport.spoken("x" * 5_000_000)) <= 64_000
