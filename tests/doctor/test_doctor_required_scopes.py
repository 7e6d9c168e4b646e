"""Scopes that a server and a tool of it want (`openid profile email`, and the tool's own), held against the token."""

from __future__ import annotations

from collections.abc import Iterator

import jwt
import pytest
from support.issuing import Answer, Issuer, Request, issuing
from support.running import Put, Run

from diagnostics.causes.book import REGISTRY

WANTED = ("openid", "profile", "email", "get_name")
ALL = " ".join(WANTED)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """With an API beside it that wants all four, and says 401 to everything else."""

    def api(request: Request) -> Answer:
        refused = 401, {"error": "invalid_token"}, {"www-authenticate": 'Bearer error="invalid_token"'}
        try:
            claims = jwt.decode(request.bearer, made.key.public_key(), algorithms=["ES256"], audience="api")
        except jwt.PyJWTError:
            return refused
        return (200, {"ok": True}, {}) if set(WANTED) <= set(claims["scope"].split()) else refused

    with issuing("/tenant") as made:
        made.pages["/api"] = api
        yield made


@pytest.mark.slow
@pytest.mark.row("U4")
@pytest.mark.parametrize("missing", ["get_name", "email"])
def test_the_doctor_names_the_one_that_is_missing(
    missing: str, issuer: Issuer, run: Run, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = [word for scope in WANTED for word in ("--require-scope", scope)]

    def doctor(scope: str) -> tuple[int, list[str], str]:
        place = put(issuer.token(aud="api", scope=scope))
        done = run("doctor", f"{issuer.url}/api", "--credential", place, "--kind", "api", *needs, "--json")
        return done.code, done.causes, done.out

    assert doctor(ALL)[:2] == (0, [])
    short = " ".join(s for s in WANTED if s != missing)
    code, causes, out = doctor(short)
    assert (code, causes[0]) == (1, "insufficient-scope"), out
    assert missing in out
    monkeypatch.delitem(REGISTRY, "insufficient-scope")
    assert "insufficient-scope" not in doctor(short)[1]


@pytest.mark.row("U4")
def test_what_the_token_has_is_shown(issuer: Issuer, run: Run, put: Put) -> None:
    shown = run("token", put(issuer.token(scope=ALL, groups=["/staff"])))
    assert f"scopes     {ALL}" in shown.out
    assert "groups     /staff" in shown.out
