"""Cognito's tokens, which are unlike others': the access token names its client and no audience, groups stand under a
name of Cognito's own, and the ID token is the one with an audience."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from servers.cognito import Cognito
from servers.real import free_port, running
from support.running import Put, Ran, Run

from diagnostics.causes.book import REGISTRY
from wizard.secret import Secret

ID_TOKEN = "id-token-used-as-access-token"
Doctor = Callable[[str, Secret], Ran]

pytestmark = pytest.mark.real("python3")


@contextmanager
def served(cognito: Cognito, *, audience: bool) -> Iterator[str]:
    """FastMCP that takes the pool's tokens; with ``audience`` those alone that are for its own address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"
    wanted = {"jwks_uri": cognito.jwks, "issuer": cognito.issuer, **({"audience": url} if audience else {})}
    with running("fastmcp_server.py", port, str(port), "jwt", SERVER_VERIFIER=json.dumps(wanted)):
        yield url


@pytest.fixture(scope="module")
def strict(cognito: Cognito) -> Iterator[str]:
    with served(cognito, audience=True) as url:
        yield url


@pytest.fixture(scope="module")
def lenient(cognito: Cognito) -> Iterator[str]:
    with served(cognito, audience=False) as url:
        yield url


@pytest.fixture
def doctor(run: Run, put: Put) -> Doctor:
    def go(url: str, token: Secret) -> Ran:
        done = run("doctor", url, "--credential", put(token), "--json")
        assert token.reveal() not in done.out + done.err
        return done

    return go


@pytest.mark.row("U3")
def test_the_access_token_is_explained(cognito: Cognito, run: Run, put: Put) -> None:
    access, _ = cognito.login()
    done = run("token", put(access), "--jwks", cognito.jwks, "--json")
    told = done.json
    assert (done.code, told["signature"], told["findings"]) == (0, "valid", []), done.out
    assert (told["claims"]["token_use"], told["claims"]["client_id"]) == ("access", cognito.client_id)
    assert told["claims"]["cognito:groups"] == told["groups"]
    assert sorted(told["groups"]) == sorted(cognito.groups)
    assert "aud" not in told["claims"]
    assert (told["audience"], told["issuer"]) == ([], cognito.issuer)
    assert access.reveal() not in done.out + done.err


@pytest.mark.row("U3")
def test_the_id_token_is_named_as_such(cognito: Cognito, run: Run, put: Put) -> None:
    _, identity = cognito.login()
    done = run("token", put(identity), "--jwks", cognito.jwks, "--json")
    assert (done.code, done.causes, done.json["signature"]) == (1, [ID_TOKEN], "valid"), done.out
    assert (done.json["claims"]["token_use"], done.json["audience"]) == ("id", [cognito.client_id])


def test_where_no_audience_is_wanted_the_access_token_is_good(
    cognito: Cognito, lenient: str, doctor: Doctor
) -> None:
    done = doctor(lenient, cognito.login()[0])
    assert (done.code, done.causes) == (0, []), done.out


def test_the_doctor_names_an_id_token_that_the_server_refuses(
    cognito: Cognito, strict: str, lenient: str, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, identity = cognito.login()
    done = doctor(strict, identity)
    assert (done.code, done.causes[0], done.json["findings"][0]["certainty"]) == (1, ID_TOKEN, "proven"), (
        done.out
    )
    # where it is taken there is nothing to be found
    assert doctor(lenient, identity).causes == []
    monkeypatch.delitem(REGISTRY, ID_TOKEN)
    assert ID_TOKEN not in doctor(strict, identity).causes


def test_an_access_token_that_is_refused_is_taken_for_no_id_token(
    cognito: Cognito, strict: str, doctor: Doctor
) -> None:
    done = doctor(strict, cognito.login()[0])
    assert done.code == 1
    assert done.causes and ID_TOKEN not in done.causes, done.out


def test_the_doctor_names_the_audience_that_cognito_leaves_out(
    cognito: Cognito, strict: str, doctor: Doctor
) -> None:
    assert doctor(strict, cognito.login()[0]).causes[0] == "audience-cognito-absent"
