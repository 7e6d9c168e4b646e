from __future__ import annotations

import base64
import secrets

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.counterfeit import counterfeit
from diagnostics.mcp.events import Event, events
from wizard.secret import Secret


def _false(text: str) -> str:
    return counterfeit(Secret(text)).reveal()


def test_scheme_prefix_and_length_are_kept() -> None:
    real = f"Bearer faosx_{secrets.token_hex(16)}"
    false = _false(real)
    assert false.startswith("Bearer faosx_")
    assert len(false) == len(real)
    assert false != real


def test_a_jwt_keeps_its_claims_and_loses_its_signature() -> None:
    key = secrets.token_bytes(32)
    real = jwt.encode({"sub": "alice"}, key, algorithm="HS256")
    false = _false(real)
    assert false.rsplit(".", 1)[0] == real.rsplit(".", 1)[0]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(false, key, algorithms=["HS256"])


def test_of_basic_the_user_is_false_too_so_that_no_account_is_locked() -> None:
    pair = base64.b64encode(b"CORP\\alice:s3cret").decode()
    user, _, password = (
        base64.b64decode(_false(f"Basic {pair}").removeprefix("Basic ")).decode().partition(":")
    )
    assert user.startswith("CORP\\")
    assert user != "CORP\\alice"
    assert password != "s3cret"


@given(st.text())
def test_it_is_never_the_real_one(text: str) -> None:
    assert _false(text) != text.strip() or not text.strip()


@given(
    st.lists(
        st.tuples(st.sampled_from(["message", "endpoint"]), st.text(st.characters(exclude_characters="\r\n")))
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(1, 7),
)
async def test_events_survive_any_cut(sent: list[tuple[str, str]], end: str, size: int) -> None:
    text = "".join(f"event: {n}{end}data: {d}{end}{end}" for n, d in sent)
    content = text.encode("utf-8", "surrogatepass")

    async def pieces():  # type: ignore[no-untyped-def]  # an async generator of bytes
        for at in range(0, len(content), size):
            yield content[at : at + size]

    expected = [Event(n, d.encode("utf-8", "surrogatepass").decode("utf-8", "replace")) for n, d in sent]
    assert [e async for e in events(pieces())] == expected
