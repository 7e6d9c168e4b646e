"""A token explained: whatever text it is given, in words and as the contract's JSON."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from diagnostics import token, token_text
from wizard.secret import Secret

_HMAC = secrets.token_bytes(64)


def made(**claims: Any) -> Secret:
    return Secret(jwt.encode(claims, _HMAC, algorithm="HS256"))


@given(st.text())
def test_it_never_raises_for_text(text: str) -> None:
    report = token.explain(Secret(text))
    json.dumps(report.as_json())
    token_text.text(report)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from(
    ["exp", "nbf", "iat", "aud", "iss", "scope", "scp", "groups", "roles", "realm_access", "resource_access"]
)


@given(st.dictionaries(_NAMES, _JSON))
def test_it_never_raises_for_claims(claims: dict[str, Any]) -> None:
    import base64

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    report = token.explain(Secret(f"{part({'alg': 'RS256'})}.{part(claims)}.c2ln"))
    json.dumps(report.as_json(), allow_nan=False)
    token_text.text(report)


def test_scopes_and_groups_wherever_they_stand() -> None:
    report = token.explain(
        made(
            exp=time.time() + 3600,
            scope="openid mcp:tools",
            scp=["read"],
            permissions=["write"],
            groups=["/finance/read"],
            roles=["admin"],
            realm_access={"roles": ["offline_access"]},
            resource_access={"gateway": {"roles": ["user"]}},
            **{"cognito:groups": ["ops"], "https://example.com/groups": ["team"]},
        )
    )
    assert report.scopes == ("openid", "mcp:tools", "read", "write")
    assert set(report.groups) == {"/finance/read", "admin", "offline_access", "gateway:user", "ops", "team"}
    assert (report.kind, report.signature, report.findings, report.warnings) == ("jwt", "unchecked", (), ())


@pytest.mark.parametrize(
    ("claims", "cause"),
    [
        ({"exp": 1}, "access-token-expired"),
        ({"exp": 9e9, "nbf": 8e9}, "token-not-yet-valid-iat-nbf-future"),
    ],
)
def test_times_that_are_wrong_are_findings(claims: dict[str, Any], cause: str) -> None:
    report = token.explain(made(**claims))
    assert [f.cause for f in report.findings] == [cause]
    assert report.as_json()["findings"]


def test_what_is_not_well_is_a_warning() -> None:
    assert [w.cause for w in token.explain(made(sub="x")).warnings] == ["token-without-expiry"]
    soon = token.explain(made(exp=time.time() + 100))
    assert [w.cause for w in soon.warnings] == ["token-expires-soon"]
    assert soon.findings == ()


def test_the_signature_is_checked_with_the_keys_given() -> None:
    from jwt.algorithms import RSAAlgorithm

    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
    sets = [{"keys": [RSAAlgorithm.to_jwk(k.public_key(), as_dict=True)]} for k in keys]
    signed = Secret(jwt.encode({"exp": 9e9, "aud": "x", "iss": "y"}, keys[0], algorithm="RS256"))
    assert token.explain(signed, jwks=sets[0]).signature == "valid"
    forged = token.explain(signed, jwks=sets[1])
    assert forged.signature == "invalid"
    assert [f.cause for f in forged.findings] == ["signature-invalid"]
    assert token.explain(made(exp=9e9), jwks=sets[0]).signature == "unchecked"


def test_an_opaque_token_is_not_shown() -> None:
    text = secrets.token_urlsafe(32)
    report = token.explain(Secret(text))
    assert report.kind == "opaque"
    assert text not in json.dumps(report.as_json()) + token_text.text(report)
    assert token.explain(Secret(f"{text}\r\n")).findings[0].cause == "token-trailing-newline-or-crlf"
    assert token.explain(Secret("")).kind == "empty"


@pytest.mark.parametrize(
    ("claim", "value", "certainty"),
    [
        ("exp", "soon", "proven"),
        ("exp", "1795000000", "proven"),
        ("exp", 1795000000000, "likely"),
        ("iat", 1695000000000, "likely"),
        ("nbf", [1], "proven"),
    ],
)
def test_a_time_that_is_none_is_found_and_not_called_endless(
    claim: str, value: object, certainty: str
) -> None:
    found = token.explain(made(sub="x", **{claim: value}))
    said = [(f.cause, f.certainty) for f in found.findings]
    assert said == [("time-claim-not-in-seconds", certainty)]
    assert ("token-without-expiry" in [w.cause for w in found.warnings]) == (claim != "exp")
