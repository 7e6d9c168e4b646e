"""Whatever an issuer answers: no traceback, nothing taken for good that is not, and no word of the token."""

from __future__ import annotations

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from support.examples import examples

from diagnostics import token_text
from diagnostics.issuer_says import Wishes, examine, judged
from diagnostics.token import TokenReport
from wizard.exchange import Headers, Reply
from wizard.oauth.client_auth import OAuthClient
from wizard.oauth.inspection import fusionauth, introspect, user_info
from wizard.oauth.model import ServerMetadata
from wizard.oauth.signatures import INVALID, VALID, check
from wizard.secret import Secret
from wizard.transport import Transport

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["active", "sub", "error", "error_reason", "error_description", "jwt", "exp", "groups"]
)
BODIES = st.binary(max_size=60) | (JSON | st.dictionaries(NAMES, JSON, max_size=5)).map(
    lambda v: json.dumps(v).encode()
)
KEY = st.fixed_dictionaries(
    {},
    optional={
        "kty": st.sampled_from(["RSA", "EC", "OKP", "oct", ""]) | JSON,
        "crv": st.sampled_from(["P-256", "P-384", "Ed25519"]) | JSON,
        "alg": st.sampled_from(["RS256", "ES256", "none", "HS256"]) | JSON,
        "kid": st.sampled_from(["k1", "k2"]) | JSON,
        "use": st.sampled_from(["sig", "enc"]) | JSON,
        **{part: st.text("AQab-_", max_size=60) | JSON for part in ("n", "e", "x", "y", "k")},
    },
)
ISSUER = "http://127.0.0.1:1"
SERVER = ServerMetadata(
    ISSUER,
    f"{ISSUER}/.well-known/openid-configuration",
    token_endpoint=f"{ISSUER}/token",
    introspection_endpoint=f"{ISSUER}/introspect",
    userinfo_endpoint=f"{ISSUER}/userinfo",
)
PRIVATE = {
    "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "PS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}


def public(algorithm: str) -> dict[str, Any]:
    held: Any = PRIVATE[algorithm].public_key()
    kinds: dict[str, Any] = {"R": RSAAlgorithm, "P": RSAAlgorithm, "E": ECAlgorithm}
    kind = OKPAlgorithm if algorithm == "EdDSA" else kinds[algorithm[0]]
    return dict(kind.to_jwk(held, as_dict=True))


def signed(algorithm: str, kid: str | None = "k1") -> str:
    headers = {"kid": kid} if kid else None
    return jwt.encode({"iss": ISSUER, "sub": "a"}, PRIVATE[algorithm], algorithm=algorithm, headers=headers)


class Answering(Transport):
    """A transport whose wire gives one answer."""

    def __init__(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        super().__init__()
        self.reply = Reply(status, Headers(headers), body, ISSUER, 1)

    async def send(self, *_: Any, **__: Any) -> Reply:
        return self.reply


@given(st.sampled_from(sorted(PRIVATE)), st.lists(KEY, max_size=4) | JSON, st.sampled_from(["k1", None]))
@settings(max_examples=examples(150), deadline=None)
def test_only_the_own_key_makes_a_signature_valid(algorithm: str, others: Any, kid: str | None) -> None:
    token = signed(algorithm, kid)
    strangers = check(token, {"keys": others} if isinstance(others, list) else {"keys": others, "x": others})
    assert strangers.state != VALID
    strangers.seen()
    own = {**public(algorithm), "kid": "k1", "use": "sig"}
    whole = check(token, {"keys": [*(others if isinstance(others, list) else []), own]})
    assert whole.state == VALID, whole
    head, _, _ = token.rpartition(".")
    assert check(f"{head}.", {"keys": [own]}).state == INVALID


@given(st.text(max_size=80), JSON)
@settings(max_examples=examples(100), deadline=None)
def test_any_text_and_any_set(text: str, keys: Any) -> None:
    found = check(text, keys if isinstance(keys, dict) else {"keys": keys})
    assert found.state != VALID
    judged(found)


@given(st.sampled_from([200, 204, 302, 400, 401, 403, 500]), BODIES, st.text(max_size=40))
@settings(max_examples=examples(150), deadline=None)
async def test_any_answer_of_an_issuer(status: int, body: bytes, challenge: str) -> None:
    line = "".join(c for c in challenge if c.isprintable())
    transport = Answering(status, body, ("www-authenticate", f'Bearer error="{line}"'))
    token = Secret(signed("ES256"))
    asked = await introspect(SERVER, token, transport, OAuthClient("me", Secret("some-secret-of-mine")))
    assert asked.active in (True, False, None)
    assert asked.active is None or status == 200
    info = await user_info(SERVER, token, transport)
    assert not info.good or status == 200
    report = TokenReport("jwt", introspection=asked, user_info=info, findings=judged(asked, info))
    json.dumps(report.as_json(), default=str)
    assert token.reveal() not in token_text.text(report)


@given(st.text(max_size=40), st.text(max_size=20))
@settings(max_examples=examples(60), deadline=None)
def test_only_fusionauths_own_metadata_is_fusionauths(issuer: str, path: str) -> None:
    root = "https://a.example"
    there = ServerMetadata(
        issuer,
        "",
        authorization_endpoint=f"{root}/oauth2/authorize",
        token_endpoint=f"{root}/oauth2/token",
        userinfo_endpoint=f"{root}/oauth2/userinfo{path}",
        jwks_uri=f"{root}/.well-known/jwks.json",
    )
    assert fusionauth(there) is (
        issuer.startswith(root) and not path and issuer[len(root) :][:1] in ("", "/", "?", "#")
    )


@given(st.text(max_size=60))
@settings(max_examples=examples(60), deadline=None)
async def test_an_issuer_of_any_text_is_not_asked_for_what_it_is_not(issuer: str) -> None:
    named = issuer if not issuer.lower().startswith(("http://", "https://")) else ""
    key = PRIVATE["ES256"]
    token = Secret(jwt.encode({"iss": named, "sub": "a"}, key, algorithm="ES256"))
    report = await examine(token, Wishes(verify=True, userinfo=True, introspect=True), Answering(200, b"{}"))
    assert {what for what, _ in report.not_examined} == {"signature", "user info", "introspection"}
    token_text.text(report)
