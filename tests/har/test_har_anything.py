"""No recording breaks the doctor: whatever a file holds, there is an answer, and it is plain JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples

from diagnostics import recorded
from diagnostics.har import cookies, places, read
from wizard.errors import FileProblem

_HOSTS = st.sampled_from(
    ["a.test", "b.a.test", "127.0.0.1", "[::1]", "localhost", "co.uk", "x" * 70, "ü.test", "a..b", ""]
)
_WORDS = st.sampled_from(
    ["state", "code", "error", "client_id", "redirect_uri", "response_type", "scope", "SAMLRequest"]
)
_TEXT = st.text(max_size=12) | st.sampled_from(
    ["abc", "https://a.test/cb", "http://localhost/cb", "access_denied", "openid x"]
)
_QUERY = st.lists(st.tuples(_WORDS, _TEXT), max_size=6).map(lambda q: "&".join(f"{n}={v}" for n, v in q))
_URL = st.builds(
    lambda scheme, host, path, query: f"{scheme}://{host}{path}?{query}",
    st.sampled_from(["https", "http", "data", "HTTPS"]),
    _HOSTS,
    st.sampled_from(["/", "/cb", "/login", "", "/a/../b", "//", "/%2e"]),
    _QUERY,
)
_COOKIE = st.builds(
    "{}={}; {}".format,
    st.sampled_from(["s", "session", "__Host-a", "", "csrf"]),
    _TEXT,
    st.lists(
        st.sampled_from(
            [
                *(
                    "Secure",
                    "SameSite=Strict",
                    "SameSite=None",
                    "Path=/cb",
                    "Path=",
                    "Domain=a.test",
                    "Domain=.",
                ),
                *(
                    "Max-Age=-1",
                    f"Max-Age={'9' * 30}",
                    "Expires=Thu, 01-Jan-1970 00:00:10 GMT",
                    "Expires=soon",
                ),
                "Domain=" + "a" * 2000,
            ]
        ),
        max_size=4,
    ).map("; ".join),
)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def _header(name: str, value: Any) -> dict[str, Any]:
    return {"name": name, "value": value}


def _entry(at: tuple[Any, ...]) -> dict[str, Any]:
    url, status, to, sets, sent, started, took, kind, body, junk = at
    told = [_header("Location", to), _header("Date", "Sat, 21 Nov 2026 22:00:00 GMT")]
    told += [_header("Set-Cookie", c) for c in sets]
    found: dict[str, Any] = {
        "startedDateTime": started,
        "time": took,
        "request": {"method": "GET", "url": url, "headers": [_header("Cookie", sent)]},
        "response": {"status": status, "headers": told, "content": {"mimeType": "text/html", "text": body}},
    }
    if kind:
        found["_resourceType"] = kind
    if junk is not None:
        found["request" if isinstance(junk, str) else "response"] = junk
    return found


_ENTRY = st.tuples(
    _URL | st.text(max_size=20),
    st.sampled_from([200, 302, 303, 401, 403, 500, 0, -1, 99999]) | _ANY,
    _URL | st.just(""),
    st.lists(_COOKIE, max_size=3),
    st.lists(_COOKIE, max_size=3).map("; ".join) | _ANY,
    st.sampled_from(["2026-11-21T22:00:00.5Z", "2026-11-21T22:00:01+02:00", "0000-00-00T99:99:99Z", ""])
    | _ANY,
    st.floats() | st.integers() | _ANY,
    st.sampled_from(["document", "fetch", ""]),
    st.sampled_from(
        [
            "",
            "state mismatch",
            "redirect_uri invalid",
            "{",
            '{"error": 1}',
            "<script>",
            "not a member of group x",
        ]
    ),
    st.none() | _ANY,
).map(_entry)
_LOG = st.builds(
    lambda entries, times: {"log": {"creator": {"name": "x"}, "entries": entries * times}},
    st.lists(_ENTRY | _ANY, max_size=6),
    st.integers(1, 5),
)


@pytest.mark.slow
@settings(max_examples=examples(400), deadline=None, suppress_health_check=list(HealthCheck))
@given(_LOG | _ANY)
def test_no_recording_breaks_it(value: Any) -> None:
    try:
        found = recorded.diagnose("x", read.parsed(json.dumps(value).encode("utf-8", "surrogatepass")))
    except FileProblem as problem:
        assert problem.id in ("har-not-json", "har-not-a-recording")
        return
    document = found.as_json()
    json.loads(json.dumps(document, allow_nan=False))
    assert found.verdict in ("healthy", "broken", "undetermined")


@settings(max_examples=examples(400), deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_no_bytes_break_it(content: bytes) -> None:
    try:
        read.parsed(content)
    except FileProblem as problem:
        assert problem.id in ("har-not-json", "har-not-a-recording")


@settings(max_examples=examples(400), deadline=None)
@given(_COOKIE | st.text(max_size=60), _URL, _URL, st.booleans())
def test_each_cookie_has_a_fate(text: str, set_at: str, to: str, cross: bool) -> None:
    cookie, at, there = cookies.parsed(text), places.place(set_at), places.place(to)
    if cookie is None or at is None or there is None:
        return
    assert all(lost.by and lost.why for lost in cookies.unkept(cookie, at, cross=cross))
    assert all(
        lost.by and lost.why for lost in cookies.unsent(cookie, at, cookies.Going(there, cross=cross), 1.0)
    )
    assert "\n" not in cookie.shown()
