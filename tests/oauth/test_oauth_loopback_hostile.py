"""The loopback listener under bytes that nobody's browser sends."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from loopback_support import get, raw, state, target
from support.examples import examples

from wizard.errors import UsageError
from wizard.oauth.answer import NoAnswer, answer
from wizard.oauth.loopback import Loopback, pasted
from wizard.secret import Secret

_PIECES = st.sampled_from(
    [
        b"GET ", b"POST ", b"HEAD ", b"/callback", b"?code=x", b"&state=STATE", b" HTTP/1.1", b" HTTP/1.0", b"\r\n",
        b"\n", b"Host: HOST", b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Expect: 100-continue",
        b"Upgrade: h2c", b"\0", b"\xff", b"\r\n\r\n", b": ", b" ", b"%", b"#", b"\x16\x03\x01", b"PRI * HTTP/2.0",
    ]
)  # fmt: skip
_BYTES = st.lists(st.one_of(_PIECES, st.binary(max_size=40)), max_size=14).map(b"".join)
_TEXT = st.text(max_size=30)


@given(sent=_BYTES)
@example(
    sent=b"GET /callback?code=x&state=STATE HTTP/1.1\r\nHost: HOST\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
)
@example(sent=b"GET / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip\r\n\r\n")
@example(sent=b"GET /callback?code=x&state=STATE HTTP/1.1\r\nHost: HOST\r\nExpect: 100-continue\r\n\r\n")
@settings(max_examples=examples(400), deadline=None)
def test_bytes_never_end_a_wait_that_they_do_not_answer(sent: bytes) -> None:
    """Whatever comes first, the true answer still gets through afterwards, and no byte of it comes back."""
    own = state()

    async def tried() -> None:
        async with Loopback(own, port=0) as one:
            host = f"127.0.0.1:{one.port}".encode()
            made = sent.replace(b"STATE", own.reveal().encode()).replace(b"HOST", host)
            heard = await raw(one.redirect_uri, made)
            assert heard.status in (0, 200, 400, 404, 405, 421, 431)
            assert own.reveal() not in heard.head + heard.body
            begun = b"GET /callback?code=x" in made and own.reveal().encode() in made
            assert begun or heard.status != 200
            after = await get(one, target(own, code="right"))
            assert after.status == (410 if heard.status == 200 else 200)
            found = await one.wait(5)
            assert found.code

    asyncio.run(tried())


@given(
    query=st.one_of(
        _TEXT,
        st.lists(st.tuples(st.sampled_from(["code", "state", "error", "iss", "x"]), _TEXT)).map(
            lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
        ),
    )
)
@settings(max_examples=examples(400), deadline=None)
def test_no_query_is_an_answer_without_the_state(query: str) -> None:
    with pytest.raises(NoAnswer):
        answer(query, state())


@given(text=st.text(max_size=200))
@example(text="http://[")
@example(text="http://127.0.0.1:99999999/callback")
@example(text="http://127.0.0.1:x/callback")
@example(text="http://127.0.0.1:3334/callback?state=\ud800")
@settings(max_examples=examples(400), deadline=None)
def test_no_pasted_text_but_this_logins_answer_is_taken(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        pasted(text, "http://127.0.0.1:3334/callback", state())
    assert caught.value.id == "pasted-address"
    if len(text.strip()) > 12:
        assert text.strip() not in caught.value.title + caught.value.detail


@given(
    code=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1), own=st.text(min_size=1)
)
@settings(max_examples=examples(200), deadline=None)
def test_a_code_comes_through_as_it_was_sent(code: str, own: str) -> None:
    from urllib.parse import urlencode

    try:
        query = urlencode({"code": code, "state": own, "session_state": "kept", "iss": "https://a.example"})
    except UnicodeEncodeError:
        return
    found = answer(query, Secret(own))
    assert found.code
    assert found.code.reveal() == code
