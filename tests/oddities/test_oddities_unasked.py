"""What is wrong with the public metadata of a login is found without one, and what gives no answer is no finding."""

from __future__ import annotations

import json

import pytest
from oddities.odd_ones import CLIENTS, DISCOVERY
from oddities.odd_server import Odd, OddServer
from support.running import Run

pytestmark = pytest.mark.slow

SEEN = [
    *(
        "prm-500",
        "prm-401",
        "prm-html",
        "prm-empty",
        "prm-of-another-origin",
        "prm-mismatch",
        "prm-other-path",
    ),
    *("as-500", "as-401", "as-404", "as-html", "as-redirects-to-another-host", "as-redirects-for-ever"),
    *("issuer-slash", "issuer-mismatch", "issuer-with-escapes", "endpoint-javascript", "endpoint-file"),
    *("pkce-absent", "pkce-plain"),
]
UNSEEN = ["as-dead", "no-registration", "no-authorization-endpoint", "no-token-endpoint", "registration-dead"]
ALL = {**DISCOVERY, **CLIENTS, "healthy": Odd()}


def of(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("odd", [ALL[n] for n in names], ids=names, indirect=True)


@pytest.mark.row("F9")
@of(SEEN)
def test_it_is_named_without_a_login(odd: OddServer, run: Run) -> None:
    ran = run("doctor", odd.mcp, "--json")
    found = ran.json["findings"][0]
    assert (ran.code, found["cause"], found["certainty"]) == (1, odd.odd.cause, "proven"), ran.out
    assert odd.times("register") == odd.times("authorize") == odd.times("token") == 0
    assert odd.odd.hidden not in json.dumps(ran.json["findings"])


@of([*UNSEEN, "healthy"])
def test_what_says_nothing_by_itself_is_no_finding(odd: OddServer, run: Run) -> None:
    ran = run("doctor", odd.mcp, "--json")
    assert (ran.code, ran.json["verdict"], ran.json["findings"]) == (0, "healthy", []), ran.out
    asked = [a.place for a in odd.asked if a.method == "GET"]
    assert len(asked) == len(set(asked)), asked
