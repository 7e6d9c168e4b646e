"""A browser for tests, called as ``BROWSER`` is: it follows redirects, keeps cookies, fills in the login form and posts
the form that a page posts by itself. User name and password come in ``LOGIN_USERNAME`` and ``LOGIN_PASSWORD``;
``LOGIN_COOKIES=off`` keeps no cookie, as a browser that was told so."""

from __future__ import annotations

import os
import sys
from html.parser import HTMLParser
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

_MOST = 12


class _Forms(HTMLParser):
    """The first form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action = told.get("action", "")
        elif tag == "input" and told.get("name"):
            self.fields[told["name"]] = told.get("value", "")


def main(url: str) -> None:
    """Go where the pages lead, until one has no form to send."""
    typed = {
        "username": os.environ.get("LOGIN_USERNAME", ""),
        "login": os.environ.get("LOGIN_USERNAME", ""),
        "password": os.environ.get("LOGIN_PASSWORD", ""),
    }
    none = DefaultCookiePolicy(allowed_domains=[])
    cookies = CookieJar(none) if os.environ.get("LOGIN_COOKIES") == "off" else None
    with httpx.Client(follow_redirects=True, trust_env=False, timeout=20, cookies=cookies) as web:
        page = web.get(url)
        for _ in range(_MOST):
            form = _Forms()
            form.feed(page.text)
            if form.action is None or page.status_code != 200:
                return
            filled = {name: typed.get(name) or value for name, value in form.fields.items()}
            page = web.post(str(page.url.join(form.action)), data=filled)


if __name__ == "__main__":
    main(sys.argv[1])
