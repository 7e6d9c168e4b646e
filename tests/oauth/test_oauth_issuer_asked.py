"""Who is asked about a token, and what is refused before anything is asked."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from oauth_support import Ask, asking
from support.issuing import Issuer, issuing, says
from support.running import Put, Run


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as made:
        yield made


@pytest.fixture
def ask(run: Run, put: Put) -> Ask:
    return asking(run, put)


class TestWhoIsAsked:
    """The token's own issuer, by its own metadata, and nobody else."""

    @pytest.mark.parametrize("words", [("--userinfo",), ("--introspect",)])
    def test_metadata_of_another_issuer_is_not_used(
        self, words: tuple[str, ...], issuer: Issuer, ask: Ask
    ) -> None:
        issuer.metadata["issuer"] = f"{issuer.url}/"
        done = ask(issuer.token(), *words)
        assert (done.code, done.json["findings"]) == (1, [])
        assert all(r.method == "GET" and "authorization" not in r.headers for r in issuer.asked)
        assert done.json["not_examined"]

    def test_an_issuer_that_the_person_names_does_not_replace_the_tokens(
        self, issuer: Issuer, ask: Ask
    ) -> None:
        with issuing() as other:
            done = ask(
                issuer.token(), "--userinfo", "--introspect", "--set", f"issuer={other.url}", client="server"
            )
            assert (done.code, other.asked, issuer.asked) == (1, [], [])
        assert issuer.url in done.json["not_examined"][0]["needs"]

    @pytest.mark.parametrize("end", ["userinfo", "introspect"])
    def test_a_redirect_is_not_followed(self, end: str, issuer: Issuer, ask: Ask) -> None:
        with issuing() as other:
            issuer.pages[f"/{end}"] = says(307, None, location=f"{other.url}/{end}")
            ask(issuer.token(), "--userinfo", "--introspect", client="server")
            assert other.asked == []

    def test_a_name_that_is_no_address(self, issuer: Issuer, ask: Ask) -> None:
        done = ask(issuer.token(iss="acme.com"), "--verify", "--userinfo")
        assert (done.code, issuer.asked) == (1, [])
        assert [n["what"] for n in done.json["not_examined"]] == ["signature", "user info"]

    def test_only_a_jwt_has_a_signature(self, issuer: Issuer, ask: Ask) -> None:
        done = ask(secrets.token_urlsafe(24), "--verify", "--set", f"issuer={issuer.url}")
        assert (done.code, done.json["signature"], issuer.asked) == (1, "unchecked", [])
        assert "only a JWT" in done.json["not_examined"][0]["needs"]

    def test_nothing_is_asked_unasked(self, issuer: Issuer, ask: Ask) -> None:
        done = ask(issuer.token())
        assert (done.code, done.json["signature"], issuer.asked) == (0, "unchecked", [])


class TestUsage:
    """Words that contradict each other are refused before anything is read or asked."""

    @pytest.mark.parametrize(
        ("words", "id"),
        [
            (("--verify", "--jwks", "x"), "wrong-usage"),
            (("--introspect", "--set", "color=red"), "unknown-field"),
            (("--introspect", "--set", "client_secret=x"), "bare-secret"),
            (("--introspect", "--secret", "password=env:X"), "unknown-field"),
            (("--introspect", "--secret", "client_secret=env:X"), "field-missing"),
            (("--verify", "--set", "client_id=x"), "wrong-usage"),
            (("--verify", "--timeout", "0"), "timeout-invalid"),
        ],
    )
    def test_refused(self, words: tuple[str, ...], id: str, run: Run, put: Put) -> None:
        done = run("token", put(secrets.token_urlsafe(24)), *words, "--json")
        assert (done.code, done.json["error"]["id"]) == (2, id)


def test_what_an_issuer_says_is_harmless_on_a_terminal(issuer: Issuer, run: Run, put: Put) -> None:
    token = issuer.token()
    said = {"sub": "\x1b[31mred\u202e", "name": "a\nb", "echo": f"you sent {token}", token: 1}
    issuer.pages["/userinfo"] = says(200, said)
    done = run("token", put(token), "--userinfo")
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert token not in done.out
    assert token not in run("token", put(token), "--userinfo", "--json").out
