"""What an issuer says of a token, by command: keys, user info and introspection, and what follows from them. Each cause
is named first, not without its rule, and not on the healthy twin."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
from oauth_support import Ask, asking
from support.issuing import Give, Issuer, cut, issuing, says, unknown_token
from support.running import Put, Run

from diagnostics.causes.book import REGISTRY

INACTIVE = says(200, {"active": False})


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as made:
        yield made


@pytest.fixture
def ask(run: Run, put: Put) -> Ask:
    return asking(run, put)


def unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


class TestSignature:
    """Checked against what the issuer publishes, or what the person gives."""

    @pytest.mark.row("U3")
    def test_valid(self, issuer: Issuer, ask: Ask) -> None:
        done = ask(issuer.token(), "--verify")
        assert (done.code, done.json["signature"], done.json["findings"]) == (0, "valid", [])
        assert done.json["not_examined"] == []
        assert all("authorization" not in r.headers and r.method == "GET" for r in issuer.asked)

    @pytest.mark.parametrize("fault", ["cut", "key gone", "other kind", "unsigned"])
    def test_each_fault_by_its_cause(
        self, fault: str, issuer: Issuer, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token, cause = issuer.token(), "jwt-alg-none-or-unsigned"
        if fault == "cut":
            token, cause = cut(token), "signature-invalid"
        elif fault == "key gone":
            issuer.kid, cause = "k2", "kid-not-in-jwks-keys-regenerated"
        elif fault == "other kind":
            issuer.pages["/jwks"], cause = (
                says(200, {"keys": [issuer.public(alg="ES384")]}),
                "jwt-alg-mismatch",
            )
        else:
            token = unsigned(token)
        done = ask(token, "--verify")
        assert (done.code, done.json["signature"], done.causes[0]) == (1, "invalid", cause), done.out
        assert done.json["findings"][0]["certainty"] == "proven"
        monkeypatch.delitem(REGISTRY, cause)
        assert cause not in ask(token, "--verify").causes

    def test_a_signature_that_was_cut_off(self, issuer: Issuer, ask: Ask) -> None:
        done = ask(f"{issuer.token().rpartition('.')[0]}.", "--verify")
        assert done.causes == ["token-truncated-or-placeholder", "jwt-alg-none-or-unsigned"]

    def test_a_shared_secret_cannot_be_checked_and_no_published_key_is_taken_for_one(
        self, issuer: Issuer, ask: Ask
    ) -> None:
        shared = secrets.token_bytes(32)
        token = jwt.encode({"iss": issuer.url}, shared, algorithm="HS256", headers={"kid": "k1"})
        own = {"kty": "oct", "kid": "k1", "k": base64.urlsafe_b64encode(shared).rstrip(b"=").decode()}
        issuer.pages["/jwks"] = says(200, {"keys": [own, issuer.public()]})
        done = ask(token, "--verify")
        assert (done.code, done.json["signature"], done.causes) == (1, "unchecked", [])
        assert "shared secret" in done.json["not_examined"][0]["needs"]

    @pytest.mark.parametrize("kind", ["URL", "FILE", "one key"])
    def test_keys_that_the_person_names(self, kind: str, issuer: Issuer, ask: Ask, tmp_path: Path) -> None:
        place = tmp_path / "keys.json"
        held = issuer.public() if kind == "one key" else {"keys": [issuer.public()]}
        place.write_text(json.dumps(held))
        where = f"{issuer.url}/jwks" if kind == "URL" else str(place)
        assert (
            ask(issuer.token(iss="https://elsewhere.invalid"), "--jwks", where).json["signature"] == "valid"
        )
        assert ask(cut(issuer.token()), "--jwks", where).causes == ["signature-invalid"]
        assert [r.path for r in issuer.asked] == (["/realms/test/jwks"] * 2 if kind == "URL" else [])

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": 1}', "\x00\xff"])
    def test_a_file_without_keys_says_so(
        self, content: str, issuer: Issuer, ask: Ask, tmp_path: Path
    ) -> None:
        place = tmp_path / "keys.json"
        place.write_text(content)
        done = ask(issuer.token(), "--jwks", str(place))
        assert (done.code, done.json["error"]["id"]) == (1, "keys-unreadable")
        assert ask(issuer.token(), "--jwks", str(tmp_path / "none")).json["error"]["id"] == "keys-unreadable"

    def test_what_cannot_be_reached_is_no_finding_and_not_passed_over(self, issuer: Issuer, ask: Ask) -> None:
        done = ask(issuer.token(iss="https://issuer.invalid/realms/test"), "--verify")
        assert (done.code, done.json["signature"], done.json["findings"]) == (1, "unchecked", [])
        assert done.json["not_examined"][0]["what"] == "signature"


class TestUserInfo:
    """Called and shown."""

    @pytest.mark.row("U7")
    def test_shown(self, issuer: Issuer, ask: Ask, run: Run, put: Put) -> None:
        token = issuer.token()
        done = ask(token, "--userinfo")
        assert (done.code, done.json["user_info"]["claims"]) == (0, {"sub": "alice", "groups": ["finance"]})
        assert [r.bearer for r in issuer.asked_for("/userinfo")] == [token]
        shown = run("token", put(token), "--userinfo")
        assert "user info: 200" in shown.out
        assert "finance" in shown.out
        assert token not in shown.out

    def test_as_a_signed_jwt(self, issuer: Issuer, ask: Ask) -> None:
        said = jwt.encode(
            {"sub": "alice", "name": "Alice"}, issuer.key, algorithm="ES256", headers={"kid": "k1"}
        )
        issuer.pages["/userinfo"] = says(200, said.encode(), content_type="application/jwt")
        done = ask(issuer.token(), "--userinfo")
        assert (done.code, done.json["user_info"]["claims"]["name"]) == (0, "Alice")

    @pytest.mark.parametrize(
        ("give", "claims", "cause", "certainty"),
        [
            (unknown_token("user_session_not_found"), {}, "idp-sso-session-idle-or-ended", "proven"),
            (unknown_token(), {}, "introspection-or-userinfo-other-hostname", "likely"),
            (unknown_token("revoked"), {}, "token-revoked-or-user-disabled", "likely"),
            (
                says(403, None, www_authenticate='Bearer error="insufficient_scope"'),
                {"scope": "email"},
                "userinfo-needs-openid",
                "proven",
            ),
        ],
    )
    def test_each_refusal_by_its_cause(
        self,
        give: Give,
        claims: dict[str, str],
        cause: str,
        certainty: str,
        issuer: Issuer,
        ask: Ask,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        issuer.pages["/userinfo"] = give
        token = issuer.token(**claims)
        done = ask(token, "--userinfo")
        assert (done.code, done.causes[0]) == (1, cause), done.out
        assert done.json["findings"][0]["certainty"] == certainty
        monkeypatch.delitem(REGISTRY, cause)
        assert cause not in ask(token, "--userinfo").causes

    @pytest.mark.row("U3")
    def test_another_name_is_proven_where_introspection_takes_the_token(
        self, issuer: Issuer, ask: Ask
    ) -> None:
        issuer.pages["/userinfo"] = unknown_token()
        done = ask(issuer.token(aud="server"), "--userinfo", "--introspect", client="server")
        found = done.json["findings"][0]
        assert (found["cause"], found["certainty"]) == ("introspection-or-userinfo-other-hostname", "proven")

    def test_a_token_bound_to_a_key_is_not_sent_as_a_bearer(self, issuer: Issuer, ask: Ask) -> None:
        done = ask(issuer.token(cnf={"jkt": "x"}), "--userinfo")
        assert (done.code, issuer.asked_for("/userinfo")) == (1, [])
        assert "DPoP" in done.json["not_examined"][0]["needs"]


class TestIntrospection:
    """Inactive or refused because client and audience differ, and the token being bad, are told apart."""

    @pytest.mark.row("U3")
    def test_active(self, issuer: Issuer, ask: Ask) -> None:
        done = ask(issuer.token(aud="server"), "--introspect", client="server")
        assert (done.code, done.json["introspection"]["active"], done.json["findings"]) == (0, True, [])
        (asked,) = issuer.asked_for("/introspect")
        assert asked.headers["authorization"].startswith("Basic ")
        assert asked.form["token_type_hint"] == "access_token"

    def test_an_opaque_token_is_explained_by_its_issuer(self, issuer: Issuer, ask: Ask) -> None:
        until = int(time.time()) + 600
        said = {
            "active": True,
            "iss": issuer.url,
            "aud": ["a"],
            "scope": "read write",
            "exp": until,
            "groups": ["ops"],
        }
        issuer.pages["/introspect"] = says(200, said)
        token = secrets.token_urlsafe(32)
        done = ask(token, "--introspect", "--set", f"issuer={issuer.url}", client="server")
        told = done.json
        assert (done.code, told["kind"], told["scopes"], told["groups"]) == (
            0,
            "opaque",
            ["read", "write"],
            ["ops"],
        )
        assert 590 < told["times"]["seconds_left"] <= 600
        assert ask(token, "--introspect", client="server").json["not_examined"][0]["what"] == "introspection"

    @pytest.mark.row("U3")
    @pytest.mark.parametrize(
        ("introspect", "claims", "info", "client_known", "cause", "certainty"),
        [
            (INACTIVE, {}, None, None, "introspection-client-mismatch", "proven"),
            (INACTIVE, {}, says(404), None, "introspection-client-mismatch", "likely"),
            (
                INACTIVE,
                {"aud": "server", "gty": ["client_credentials"]},
                None,
                None,
                "introspection-client-credentials-unsupported",
                "proven",
            ),
            (
                INACTIVE,
                {},
                None,
                says(401, {"error": "invalid_client"}),
                "introspection-auth-failure-masked-as-inactive",
                "proven",
            ),
            (
                says(401, {"error": "invalid_client"}),
                {},
                None,
                None,
                "introspection-client-refused",
                "proven",
            ),
            (
                INACTIVE,
                {"aud": "server"},
                unknown_token("gone"),
                None,
                "token-revoked-or-user-disabled",
                "proven",
            ),
            (
                INACTIVE,
                {},
                unknown_token("user_session_not_found"),
                None,
                "idp-sso-session-idle-or-ended",
                "proven",
            ),
            (
                INACTIVE,
                {"aud": "server"},
                None,
                None,
                "introspection-or-userinfo-other-hostname",
                "likely",
            ),
        ],
    )
    def test_each_answer_by_its_cause(
        self,
        introspect: Give,
        claims: dict[str, object],
        info: Give | None,
        client_known: Give | None,
        cause: str,
        certainty: str,
        issuer: Issuer,
        ask: Ask,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        issuer.pages |= {"/introspect": introspect}
        issuer.pages |= {"/userinfo": info} if info else {}
        issuer.pages |= {"/token": client_known} if client_known else {}
        token = issuer.token(**claims)
        done = ask(token, "--introspect", client="server")
        assert (done.code, done.causes[:1]) == (1, [cause]), done.out
        assert done.json["findings"][0]["certainty"] == certainty
        monkeypatch.delitem(REGISTRY, cause)
        assert cause not in ask(token, "--introspect", client="server").causes

    @pytest.mark.row("U3")
    @pytest.mark.parametrize("bad", ["cut", "expired"])
    def test_a_bad_token_is_not_called_good(self, bad: str, issuer: Issuer, ask: Ask) -> None:
        issuer.pages |= {"/introspect": INACTIVE, "/userinfo": unknown_token()}
        old = int(time.time()) - 100
        token = cut(issuer.token()) if bad == "cut" else issuer.token(exp=old, iat=old - 100)
        done = ask(token, "--introspect", client="server")
        assert done.causes == ["signature-invalid" if bad == "cut" else "access-token-expired"]

    def test_user_info_is_not_asked_where_it_owes_no_answer(self, issuer: Issuer, ask: Ask) -> None:
        issuer.pages["/introspect"] = INACTIVE
        done = ask(issuer.token(scope="read"), "--introspect", client="server")
        assert (done.causes, issuer.asked_for("/userinfo")) == (["introspection-client-mismatch"], [])
        assert done.json["findings"][0]["certainty"] == "likely"

    def test_without_a_client_the_token_goes_alone(self, issuer: Issuer, ask: Ask) -> None:
        assert ask(issuer.token(), "--introspect").code == 0
        (asked,) = issuer.asked_for("/introspect")
        assert ("authorization" in asked.headers, sorted(asked.form)) == (False, ["token", "token_type_hint"])

    def test_a_refusal_of_nobody_says_nothing_of_the_token(self, issuer: Issuer, ask: Ask) -> None:
        issuer.pages["/introspect"] = says(401, {"error": "invalid_client"})
        done = ask(issuer.token(), "--introspect")
        assert (done.code, done.json["findings"]) == (1, []), done.out
        (missed,) = done.json["not_examined"]
        assert missed["what"] == "introspection"
        assert "--set client_id=ID --secret client_secret=SOURCE" in missed["needs"]

    def test_in_the_body_where_the_metadata_wants_it(self, issuer: Issuer, ask: Ask) -> None:
        issuer.metadata["introspection_endpoint_auth_methods_supported"] = ["client_secret_post"]
        assert ask(issuer.token(), "--introspect", client="server").code == 0
        (asked,) = issuer.asked_for("/introspect")
        assert asked.form["client_id"] == "server"
