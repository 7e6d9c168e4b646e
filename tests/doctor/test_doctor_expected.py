"""Whose tokens a server takes, and for whom: by what the person says, and where another spelling proves nothing."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from oddities.odd_server import Answer, Odd, OddServer, served
from support.running import Put, Ran, Run

from diagnostics import token_words
from diagnostics.issuer_spelling import OTHER, SAME, SCHEME, SLASH, TENANT, VARIANT, VERSION, apart
from wizard.secret import Secret

TENANT_ID = "8d1b0c5e-3f4a-4a77-b2c6-5e9d1a2f7c44"
V1, V2 = f"https://sts.windows.net/{TENANT_ID}/", f"https://login.microsoftonline.com/{TENANT_ID}/v2.0"


@contextmanager
def refusing(change: Mapping[str, Mapping[str, object]] | None = None) -> Iterator[OddServer]:
    no = Answer(
        401, {"error": "invalid_token"}, headers=(("WWW-Authenticate", 'Bearer error="invalid_token"'),)
    )
    with served(Odd(change=change or {}, instead={"unaccepted": no, "accepted": no})) as server:
        yield server


def asked(run: Run, put: Put, server: OddServer, token: str, *more: str) -> Ran:
    return run("doctor", server.mcp, "--credential", put(Secret(token)), *more, "--json")


def test_what_the_person_says_is_compared_with_the_token(run: Run, put: Put) -> None:
    with refusing() as server:
        token = server.issue()
        wants = asked(run, put, server, token, "--audience", "tools-api")
        assert wants.causes[0] == "audience-not-bound-to-resource", wants.out
        assert "`tools-api`" in wants.json["findings"][0]["title"]
        issuer = asked(run, put, server, token, "--issuer", f"{server.own['issuer']}/")
        assert issuer.causes[0] == "issuer-trailing-slash", issuer.out
        assert any(e["fact"].startswith("you say") for e in issuer.json["findings"][0]["evidence"])


def test_what_the_person_says_and_the_token_fits_is_no_finding(run: Run, put: Put) -> None:
    with served(Odd()) as server:
        more = ("--audience", server.mcp, "--issuer", server.own["issuer"])
        assert asked(run, put, server, server.issue(), *more).json["findings"] == []


def test_an_issuer_is_an_address(run: Run, put: Put) -> None:
    with served(Odd()) as server:
        assert asked(run, put, server, server.issue(), "--issuer", "keycloak").code == 2


def test_a_slash_that_a_library_writes_after_a_bare_host_proves_nothing(run: Run, put: Put) -> None:
    with refusing({"resource": {"authorization_servers": ["{issuer}/"]}}) as server:
        assert "issuer-trailing-slash" not in asked(run, put, server, server.issue()).causes


def test_another_authorization_server_of_the_same_host(run: Run, put: Put) -> None:
    with refusing({"resource": {"authorization_servers": ["{issuer}/oauth2/default"]}}) as server:
        done = asked(run, put, server, server.issue())
        assert done.causes[0] == "authorization-server-variant-wrong", done.out


@pytest.mark.parametrize("words", ["Bad credentials", "The token is unknown", "expected"])
def test_an_opaque_token_that_nobody_reads_as_a_jwt_is_only_unknown(words: str, run: Run, put: Put) -> None:
    no = Answer(401, {"error": "invalid_token", "error_description": words})
    with served(Odd(instead={"unaccepted": no})) as server:
        done = asked(run, put, server, secrets.token_urlsafe(30))
        assert "opaque-token-where-jwt-expected" not in json.dumps(done.json["findings"])


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("https://a.test", "https://a.test", SAME),
        ("https://a.test/x", "https://a.test/x/", SLASH),
        ("http://a.test/x", "https://a.test/x", SCHEME),
        ("http://a.test:8080/x", "https://a.test/x", SCHEME),
        (V1, V2, VERSION),
        (V2, V1, VERSION),
        (V1, "https://login.microsoftonline.com/common/v2.0", VERSION),
        (V2, "https://login.microsoftonline.com/organizations/v2.0", TENANT),
        (V1, "https://login.microsoftonline.com/another/v2.0", OTHER),
        ("https://a.okta.com", "https://a.okta.com/oauth2/default", VARIANT),
        ("https://a.test/realms/a", "https://a.test/realms/b", OTHER),
        ("https://a.test", "https://b.test", OTHER),
        ("http://[", "https://[", OTHER),
        ("x", "http://a:b", OTHER),
    ],
)
def test_how_two_issuers_differ(one: str, other: str, how: str) -> None:
    assert apart(one, other) == how


@pytest.mark.parametrize(
    ("words", "audiences", "issuers"),
    [
        ("jwt audience invalid. expected: tools-api", ["tools-api"], []),
        ("jwt issuer invalid. expected: https://a.test/", [], ["https://a.test/"]),
        ('oidc: expected audience "web" got ["account"]', ["web"], []),
        ('id token issued by a different provider, expected "https://a.test" got "https://b.test"', [], ["https://a.test"]),
        ("Expected iss claim to be: https://a.test/v2.0, but was: https://b.test.", [], ["https://a.test/v2.0"]),
        ("value [account] of aud does not match with any of allowed audiences map[web:{}]", ["web"], []),
        ("Audiences: 'aa'. Did not match: ValidAudience: 'bb' or ValidAudiences: 'null'.", ["bb"], []),
        ("Invalid token issuer. Expected 'http://kc:8080/r', but was 'https://kc/r'", [], ["http://kc:8080/r"]),
        ("unexpected aud claim", [], []),
        ("jwt issuer invalid. expected: undefined", [], []),
    ],
)  # fmt: skip
def test_what_a_refusal_expects(words: str, audiences: list[str], issuers: list[str]) -> None:
    assert list(token_words.expected_audiences(words)) == audiences
    assert list(token_words.expected_issuers(words)) == issuers


def test_what_one_server_expects_is_not_asked_of_all(run: Run) -> None:
    assert run("doctor", "--all", "--audience", "a", "--json").code == 2
