"""What is handed to a browser: only a page of the web, encoded, as one argument of the command that `BROWSER` is."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard import browsing

_PARTS = st.sampled_from(
    [
        *("http://", "https://", "file://", "javascript:", "a.example", "[::1]", "me:word@", ":80", ":99999"),
        *("/x y", "?a=ü", "&b=\n", "'", "`x`"),
    ]
)
_URLS = st.one_of(
    st.text(max_size=60), st.lists(st.one_of(_PARTS, st.text(max_size=8)), max_size=7).map("".join)
)


@given(url=_URLS)
@example(url="https://user:word@a.example/")
@example(url="https://a.example@b.example@c.example/")
@example(url="https://a.example/\\..\\x'\"`<>|{}^")
@example(url="https://ex\u0430mple.com/")
@example(url="http://a.example:٣/")
@settings(max_examples=examples(600), deadline=None)
def test_only_an_encoded_page_of_the_web_is_handed_on(url: str) -> None:
    page = browsing.page(url)
    if not page:
        assert browsing.page("https://a.example/x")
        return
    assert re.fullmatch(r"https?://[!#-;=?-\[\]_a-z~]+", page), page
    assert "@" not in urlsplit(page).netloc
    assert browsing.page(page) == page
    assert browsing.command(page, {"BROWSER": "see --url=%s --again %s"}) == (
        "see",
        f"--url={page}",
        "--again",
        page,
    )
    assert browsing.command(page, {"BROWSER": "'my browser' --new"}) == ("my browser", "--new", page)


@given(
    values=st.dictionaries(st.text(min_size=1, max_size=9), st.text(max_size=20), max_size=5).filter(
        lambda d: all(not re.search("[\ud800-\udfff]", k + v) for k, v in d.items())
    )
)
@settings(max_examples=examples(200), deadline=None)
def test_parameters_come_to_the_browser_as_they_were_meant(values: dict[str, str]) -> None:
    page = browsing.page(f"https://a.example/authorize?{urlencode(values)}")
    assert dict(parse_qsl(urlsplit(page).query, keep_blank_values=True)) == values


@pytest.mark.parametrize("browser", ["", "  ", "/nowhere/browser", "'open"])
def test_without_a_browser_that_starts_none_has_opened(browser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", browser)
    assert not browsing.open_page("https://a.example/")


def test_no_shell_and_no_passphrase_reach_the_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\nprintf "%s|" "$@" > {tmp_path}/words\nenv > {tmp_path}/env\n', "utf-8")
    script.chmod(0o700)
    monkeypatch.setenv("BROWSER", f"{script} -n %s")
    monkeypatch.setenv("AUTHWIZARD_PASSPHRASE", "not for a browser")
    assert browsing.open_page(f"https://a.example/?x=1&y=$(touch {tmp_path}/z);touch%20z")
    assert (tmp_path / "words").read_text("utf-8") == (
        f"-n|https://a.example/?x=1&y=$(touch%20{tmp_path}/z);touch%20z|"
    )
    assert not (tmp_path / "z").exists()
    assert "not for a browser" not in (tmp_path / "env").read_text("utf-8")
