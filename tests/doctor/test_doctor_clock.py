"""Whose clock is wrong: this machine's, one server's, or nobody can tell. No clock of this machine is moved."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from oddities.odd_server import Asked, Odd, OddServer
from servers.scripted import Asked as Request
from servers.scripted import Reply, scripted

from diagnostics import doctor, report, targets
from diagnostics.causes.clock import skew
from diagnostics.causes.tls import by_clock
from diagnostics.causes.token_time import expired
from diagnostics.facts import Clock, CredentialText, JwtView, Secured
from diagnostics.facts.wire import Answer, Differential
from wizard.secret import Secret
from wizard.transport import Transport

NOW = 1_790_000_000.0
HOUR = 3600.0


def clock(*ahead: float) -> Clock:
    """This machine's time is always the same; ``ahead`` is how far it is ahead of the server, and of each other."""
    return Clock(NOW - ahead[0], ahead[0], tuple((f"h{n}.test", each) for n, each in enumerate(ahead[1:])))


@pytest.mark.parametrize(
    ("found", "off", "ours", "theirs"),
    [
        (clock(1), 1, None, None),
        (clock(HOUR), HOUR, None, None),
        (clock(HOUR, HOUR + 20), HOUR + 10, HOUR + 10, None),
        (clock(-HOUR, -HOUR, -HOUR + 9), -HOUR, -HOUR, None),
        (clock(HOUR, 3), 3, None, -HOUR),
        (clock(-HOUR, 3, -5), -1, None, HOUR),
        (clock(-HOUR, HOUR), None, None, None),
        (clock(2, HOUR), None, None, None),
        (Clock(NOW), None, None, None),
    ],
)
def test_whose_clock_is_wrong(found: Clock, off: float, ours: float | None, theirs: float | None) -> None:
    assert (found.off, found.ours, found.theirs) == (off, ours, theirs)
    assert found.local == NOW
    assert found.right == NOW - (off or 0)


def refused(**claims: object) -> tuple[JwtView, Differential]:
    return JwtView({}, claims), Differential(
        "mcp", Answer(401), Answer(401), Answer(401, code="invalid_token")
    )


def test_a_token_between_the_two_times_proves_it_and_any_other_does_not() -> None:
    jwt, asked = refused(exp=NOW + HOUR / 2)
    found = skew(clock(-HOUR, -HOUR), jwt, asked)
    assert found is not None
    assert (found.certainty, found.aside) == ("proven", False)
    # by both times it has ended, or by nobody's
    for exp in (NOW - HOUR, NOW + 5 * HOUR):
        beside = skew(clock(-HOUR, -HOUR), *refused(exp=exp))
        assert beside is not None
        assert (beside.certainty, beside.aside) == ("likely", True)
    # one server alone may be what is wrong, and a minute proves nothing
    alone = skew(clock(-HOUR), jwt, asked)
    assert alone is not None
    assert alone.aside
    assert skew(clock(-40, -40), jwt, asked) is None
    assert skew(clock(-HOUR, 0), jwt, asked) is None


def test_a_server_whose_clock_is_ahead_is_told_so() -> None:
    jwt, asked = refused(exp=NOW + HOUR / 2)
    text = CredentialText("Authorization", "Bearer", Secret("x"))
    found = expired(text, clock(-HOUR, 1), jwt, asked)
    assert found is not None
    assert found.owner == "server-admin"
    assert "server's clock is 1 h ahead" in found.title
    usual = expired(text, clock(-HOUR, -HOUR), jwt, asked)
    assert usual is not None
    assert usual.owner == ""


def test_a_certificate_is_judged_by_the_right_time() -> None:
    met = Secured("h", "", NOW + 9 * HOUR, (), "", 9, "verify", not_before=NOW + HOUR)
    assert by_clock(met, clock(-2 * HOUR))
    assert not by_clock(met, clock(-HOUR / 2))
    assert not by_clock(met, clock(0))
    assert not by_clock(met, None)
    assert not by_clock(met, clock(-2 * HOUR, 0))


async def test_one_servers_wrong_clock_is_not_this_machines() -> None:
    """Its authorization server, which has the right time, is the witness."""
    both: list[OddServer] = []
    lies = formatdate(time.time() + 2 * HOUR, usegmt=True)

    def answering(request: Request) -> Reply:
        place = both[0].places.get((request.host, request.path), request.path)
        found = both[0].answer(Asked(request.method, place, request.headers, request.form, request.message))
        own = (("Date", lies),) if request.host == "127.0.0.1" else ()
        return Reply(found.status, found.body, found.kind, (*found.headers, *own))

    odd = Odd(
        instead={"accepted": Reply(401, {"error": "invalid_token", "error_description": "Token is expired"})}
    )
    with scripted(answering) as site:
        both.append(OddServer(odd, site.port))
        token = both[0].issue(exp=int(time.time() + HOUR))
        async with Transport(timeout=5) as transport:
            found = await doctor.diagnose(targets.from_url(both[0].mcp, credential=Secret(token)), transport)
    assert [f.cause for f in found.findings][:1] == ["access-token-expired"], report.text(found)
    assert found.findings[0].owner == "server-admin"
    assert "local-clock-skew" not in [f.cause for f in (*found.findings, *found.warnings)]
