"""An address that nothing can be asked at, by its form."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from diagnostics.causes.address import unusable
from diagnostics.facts import Situation


def situation(url: str) -> Situation:
    host = urlsplit(url).hostname or ""
    return Situation(url, host, 443, True, True, False, (), "streamable-http")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("localhost:8000/mcp", "neither https:// nor http://"),
        ("htps://mcp.acme.test/mcp", "does not begin with https://"),
        ("https:///mcp", "names no host"),
        ("https://mcp.acme.test /mcp", "spaces"),
        ("https://<your-domain>/mcp", "its host is <your-domain>"),
    ],
)
def test_what_is_wrong_with_it_is_said(url: str, says: str) -> None:
    verdict = unusable(situation(url), None)
    assert verdict is not None
    assert says in verdict.evidence[0].fact
    assert ("<your-domain>" in verdict.title) is ("<" in url)


@pytest.mark.parametrize(
    "url", ["", "https://mcp.acme.test/mcp", "http://[::1]:8000/", "https://u@h.test/mcp"]
)
def test_one_that_can_be_asked_is_none_of_these(url: str) -> None:
    assert unusable(situation(url), None) is None


@pytest.mark.parametrize(
    ("url", "whole"),
    [("localhost:8000/mcp", "http://localhost:8000/..."), ("mcp.acme.test", "https://mcp.acme.test")],
)
def test_the_beginning_that_it_lacks_is_told(url: str, whole: str) -> None:
    verdict = unusable(situation(url), None)
    assert verdict is not None
    assert verdict.fix[0].endswith(f": {whole}")


def test_what_stands_behind_the_host_is_not_repeated() -> None:
    verdict = unusable(situation("mcp.acme.test/s/a-long-secret/mcp?x=another"), None)
    assert verdict is not None
    assert "https://mcp.acme.test/..." in verdict.fix[0]
    assert "secret" not in str(verdict)
    assert "another" not in str(verdict)
