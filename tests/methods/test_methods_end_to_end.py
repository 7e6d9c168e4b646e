"""Each method that only sends what was given, by command against a real server that records what arrives."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from servers.recorder import Arrived, recording
from support.keeping import found_in
from support.running import Put, Run

pytestmark = pytest.mark.slow

SECRET = secrets.token_urlsafe(20)
OTHER = secrets.token_urlsafe(20)
FALSE = secrets.token_urlsafe(20)


@dataclass(frozen=True)
class Case:
    """``given`` are plain fields, ``secret`` the secret ones; ``wants`` says what has to arrive."""

    method: str
    wants: Callable[[Arrived], bool]
    given: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, str] = field(default_factory=dict)
    cause: str = "token-not-recognised"
    challenge: str = ""
    named: bool = False

    def words(self, put: Put, *, false: bool = False) -> list[str]:
        """The options of the command line."""
        found = ["--method", self.method] if self.named else []
        for name, value in self.given.items():
            found += ["--set", f"{name}={value}"]
        for name, value in self.secret.items():
            text = (
                value if not false else FALSE if name.startswith("query.") else value.replace(SECRET, FALSE)
            )
            found += ["--secret", f"{name}={put(text)}"]
        return found


CASES = {
    "bearer": Case(
        "bearer",
        lambda a: a.headers.get("authorization") == f"Bearer {SECRET}",
        {},
        {"token": SECRET},
        challenge="Bearer",
    ),
    "header": Case(
        "api_key_header",
        lambda a: a.headers.get("x-company-key") == SECRET,
        {},
        {"header.X-Company-Key": SECRET},
    ),
    "header-named-by-a-setting": Case(
        "api_key_header",
        lambda a: a.headers.get("x-company-key") == SECRET and "x-api-key" not in a.headers,
        {"header_name": "X-Company-Key"},
        {"header.X-API-Key": SECRET},
    ),
    "query": Case("api_key_query", lambda a: a.query == {"key": SECRET}, {}, {"query.key": SECRET}),
    "query-with-odd-characters": Case(
        "api_key_query",
        lambda a: a.query == {"key": f"{SECRET}&x=1 +%#é"},
        {},
        {"query.key": f"{SECRET}&x=1 +%#é"},
    ),
    "query-named-by-a-setting": Case(
        "api_key_query",
        lambda a: a.query == {"key": SECRET, "v": "2"},
        {"query_name": "key", "query.v": "2"},
        {"query.api_key": SECRET},
        named=True,
    ),
    "scheme": Case(
        "api_key_custom",
        lambda a: a.headers.get("authorization") == f"ApiKey {SECRET}",
        {"scheme": "ApiKey"},
        {"token": SECRET},
    ),
    "scheme-in-a-header-of-its-own": Case(
        "api_key_custom",
        lambda a: a.headers.get("x-auth") == f"Token {SECRET}" and "authorization" not in a.headers,
        {"scheme": "Token", "header_name": "X-Auth"},
        {"token": SECRET},
        named=True,
    ),
    "basic": Case(
        "basic",
        lambda a: a.pair == f"alice:{SECRET}",
        {"username": "alice"},
        {"password": SECRET},
        "basic-credentials-wrong",
        'Basic realm="practice"',
    ),
    "basic-email-and-odd-characters": Case(
        "basic",
        lambda a: a.pair == f"alice@example.com:p:ä€{SECRET}",
        {"email": "alice@example.com"},
        {"password": f"p:ä€{SECRET}"},
        "basic-credentials-wrong",
        'Basic realm="practice", charset="UTF-8"',
    ),
    "basic-domain": Case(
        "basic",
        lambda a: a.pair == f"CORP\\alice:{SECRET}",
        {"username": "alice", "domain": "CORP"},
        {"password": SECRET},
        "basic-credentials-wrong",
        'Basic realm="practice"',
    ),
    "headers": Case(
        "headers",
        lambda a: (
            (a.headers.get("x-key"), a.headers.get("x-auth"), a.headers.get("x-tenant"))
            == (SECRET, f"Bearer {OTHER}", "blue")
        ),
        {"header.X-Tenant": "blue"},
        {"header.X-Key": SECRET, "header.X-Auth": f"Bearer {OTHER}"},
        named=True,
    ),
    "bearer-and-a-plain-header": Case(
        "bearer",
        lambda a: (
            a.headers.get("authorization") == f"Bearer {SECRET}" and a.headers.get("x-tenant") == "blue"
        ),
        {"header.X-Tenant": "blue"},
        {"token": SECRET},
    ),
}


def hidden(case: Case) -> list[str]:
    """What must stand nowhere: the secrets, also as they are sent."""
    pairs = [
        f"{case.given.get('domain', '')}\\" if "domain" in case.given else "",
        next(iter(case.given.values()), ""),
    ]
    password = case.secret.get("password", "")
    sent = base64.b64encode(f"{pairs[0]}{pairs[1]}:{password}".encode()).decode()
    return [SECRET, OTHER, FALSE, *([sent] if password else [])]


@pytest.mark.row("A2", "A3", "A4", "A5")
@pytest.mark.parametrize("id", CASES)
def test_set_up_tested_and_diagnosed(id: str, run: Run, put: Put, home: Path) -> None:
    case = CASES[id]
    with recording(case.wants, case.challenge) as api:
        options = [
            "--url",
            api.url,
            "--name",
            "mine",
            "--store",
            "file",
            "--client",
            "curl",
            "--yes",
            "--json",
        ]
        done = run("setup", "http", *case.words(put), *options)
        assert done.code == 0, done.out
        answer = done.json
        assert answer["method"] == case.method
        assert answer["test"]["ok"]
        assert {s["field"] for s in answer["secrets"]} == set(case.secret)
        assert [e["proof"]["answered"] for e in answer["exports"]] == [True]
        assert api.let_in(), "nothing arrived as it should"
        healthy = run("doctor", "mine", "--json")
        assert (healthy.code, healthy.json["verdict"], healthy.json["findings"]) == (0, "healthy", [])
        wrong = run("test", api.url, *case.words(put, false=True), "--method", case.method, "--json")
    assert wrong.code == 1
    assert wrong.json["finding"]["cause"] == case.cause, wrong.out
    texts = [done.out, done.err, healthy.out, healthy.err, wrong.out, wrong.err]
    assert found_in(hidden(case), home, *texts, but=("/secrets/mine/",)) == []


@pytest.mark.row("A2", "A3")
@pytest.mark.parametrize(
    ("method", "given", "wants"),
    [
        ("basic", ["--set", "username=alice"], lambda a: a.pair == f"alice:{SECRET}"),
        ("api_key_query", ["--set", "query_name=key"], lambda a: a.query == {"key": SECRET}),
        (
            "api_key_custom",
            ["--set", "scheme=Key"],
            lambda a: a.headers.get("authorization") == f"Key {SECRET}",
        ),
        ("api_key_header", [], lambda a: a.headers.get("x-api-key") == SECRET),
        ("token_command", [], lambda a: a.headers.get("authorization") == f"Bearer {SECRET}"),
    ],
)
def test_a_bare_credential_goes_where_its_method_says(
    method: str, given: list[str], wants: Callable[[Arrived], bool], run: Run, put: Put
) -> None:
    with recording(wants) as api:
        done = run("doctor", api.url, "--method", method, "--credential", put(SECRET), *given, "--json")
        assert (done.code, done.json["verdict"]) == (0, "healthy"), done.out
        assert len(api.let_in()) == 1, "the real credential is sent once"
    assert SECRET not in done.out + done.err


@pytest.mark.row("A2")
def test_an_environment_variable_stays_a_reference(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", SECRET)
    with recording(lambda a: a.headers.get("authorization") == f"Bearer {SECRET}", "Bearer") as api:
        words = ["--url", api.url, "--secret", "token=env:MY_KEY", "--name", "mine", "--yes", "--json"]
        done = run("setup", "http", *words, "--client", "curl", "--path", "ask.sh")
        assert done.json["secrets"] == [{"field": "token", "kept_in": "env:MY_KEY"}]
        assert done.json["exports"][0]["references"] == [
            {"field": "token", "how": "env", "var": "MY_KEY", "line": None}
        ]
        assert found_in([SECRET], home, done.out, done.err) == []
        # another value of the variable is another credential: nothing was copied
        monkeypatch.setenv("MY_KEY", FALSE)
        again = run("doctor", "mine", "--json")
        assert again.json["findings"][0]["cause"] == "token-not-recognised"
        monkeypatch.delenv("MY_KEY")
        unset = run("doctor", "mine", "--json")
        assert (unset.code, unset.json["error"]["id"]) == (1, "variable-unset")
