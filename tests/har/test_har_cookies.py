"""What becomes of a cookie, by RFC 6265bis: each attribute on its own."""

from __future__ import annotations

import pytest

from diagnostics.har import cookies, places
from diagnostics.har.cookies import Going
from diagnostics.har.model import Place, SetCookie


def at(url: str) -> Place:
    found = places.place(url)
    assert found is not None
    return found


def cookie(text: str) -> SetCookie:
    found = cookies.parsed(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "url", "by"),
    [
        ("a=1", "https://x.acme.test/", []),
        ("a=1; Secure", "https://x.acme.test/", []),
        ("a=1; Secure", "http://x.acme.test/", ["Secure"]),
        ("a=1; Domain=acme.test", "https://x.acme.test/", []),
        ("a=1; Domain=.acme.test", "https://x.acme.test/", []),
        ("a=1; Domain=other.test", "https://x.acme.test/", ["Domain"]),
        ("a=1; Domain=y.acme.test", "https://x.acme.test/", ["Domain"]),
        ("a=1; Domain=co.uk", "https://acme.co.uk/", ["Domain"]),
        ("a=1; Domain=github.io", "https://acme.github.io/", ["Domain"]),
        ("a=1; Domain=127.0.0.1", "http://127.0.0.1:8080/", []),
        ("__Host-a=1; Secure; Path=/", "https://x.acme.test/", []),
        ("__Host-a=1; Secure; Path=/b", "https://x.acme.test/", ["Prefix"]),
        ("__Host-a=1; Secure; Path=/; Domain=acme.test", "https://x.acme.test/", ["Prefix"]),
        ("__secure-a=1", "https://x.acme.test/", ["Prefix"]),
        ("a=1; SameSite=None", "https://x.acme.test/", ["SameSite"]),
        ("a=1; SameSite=None; Secure", "https://x.acme.test/", []),
        (f"a={'v' * 4095}", "https://x.acme.test/", []),
        (f"a={'v' * 4096}", "https://x.acme.test/", ["Size"]),
        ("a=1; Secure; Domain=other.test", "http://x.acme.test/", ["Domain", "Secure"]),
    ],
)
def test_whether_it_is_kept(text: str, url: str, by: list[str]) -> None:
    assert [lost.by for lost in cookies.unkept(cookie(text), at(url))] == by


@pytest.mark.parametrize(
    ("text", "set_at", "to", "cross", "method", "by"),
    [
        ("a=1; Path=/", "https://a.acme.test/x", "https://a.acme.test/cb", True, "GET", []),
        ("a=1", "https://a.acme.test/auth/start", "https://a.acme.test/auth/cb", True, "GET", []),
        ("a=1", "https://a.acme.test/auth/start", "https://a.acme.test/cb", False, "GET", ["Path"]),
        ("a=1; Path=/auth", "https://a.acme.test/", "https://a.acme.test/authorized", False, "GET", ["Path"]),
        ("a=1; Path=/auth/", "https://a.acme.test/", "https://a.acme.test/auth/cb", False, "GET", []),
        ("a=1; Path=/", "https://a.acme.test/", "https://b.acme.test/", False, "GET", ["Domain"]),
        ("a=1; Path=/; Domain=acme.test", "https://a.acme.test/", "https://b.acme.test/", False, "GET", []),
        (
            "a=1; Path=/; Domain=a.acme.test",
            "https://a.acme.test/",
            "https://acme.test/",
            False,
            "GET",
            ["Domain"],
        ),
        ("a=1; Path=/", "http://localhost:3000/", "http://127.0.0.1:3000/cb", False, "GET", ["Domain"]),
        ("a=1; Path=/; Secure", "https://a.acme.test/", "http://a.acme.test/cb", False, "GET", ["Secure"]),
        (
            "a=1; Path=/; SameSite=Strict",
            "https://a.acme.test/",
            "https://a.acme.test/cb",
            True,
            "GET",
            ["SameSite"],
        ),
        ("a=1; Path=/; SameSite=Strict", "https://a.acme.test/", "https://a.acme.test/cb", False, "GET", []),
        ("a=1; Path=/; SameSite=Lax", "https://a.acme.test/", "https://a.acme.test/cb", True, "GET", []),
        (
            "a=1; Path=/; SameSite=Lax",
            "https://a.acme.test/",
            "https://a.acme.test/cb",
            True,
            "POST",
            ["SameSite"],
        ),
        (
            "a=1; Path=/; SameSite=None; Secure",
            "https://a.acme.test/",
            "https://a.acme.test/cb",
            True,
            "POST",
            [],
        ),
    ],
)
def test_whether_it_goes_along(
    text: str, set_at: str, to: str, cross: bool, method: str, by: list[str]
) -> None:
    going = Going(at(to), method, cross)
    assert [lost.by for lost in cookies.unsent(cookie(text), at(set_at), going)] == by


def test_a_cookie_ends_with_its_time() -> None:
    here = at("https://a.acme.test/")
    assert [x.by for x in cookies.unsent(cookie("a=1; Max-Age=5"), here, Going(here), age=6.0)] == ["Expires"]
    assert not list(cookies.unsent(cookie("a=1; Max-Age=5"), here, Going(here), age=4.0))
    assert cookies.deleted(cookie("a=; Max-Age=0"), None)
    assert cookies.deleted(cookie("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), None)
    assert cookies.deleted(cookie("a=; expires=Thu, 01-Jan-1970 00:00:10 GMT"), None)
    assert not cookies.deleted(cookie("a=1"), 0.0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.acme.test", "https://b.acme.test", True),
        ("http://a.acme.test", "https://a.acme.test", False),
        ("https://a.acme.co.uk", "https://b.acme.co.uk", True),
        ("https://a.co.uk", "https://b.co.uk", False),
        ("https://a.github.io", "https://b.github.io", False),
        ("http://localhost:1", "http://localhost:2", True),
        ("http://localhost", "http://127.0.0.1", False),
        ("http://10.0.0.1", "http://11.0.0.1", False),
    ],
)
def test_what_one_site_is(one: str, other: str, same: bool) -> None:
    assert places.same_site(at(one), at(other)) is same
