"""Clients that show who they are by a key (RFC 7523 section 2.2): keys in each form, and what is sent."""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
import secrets
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from keyed import RESOURCE, provider
from servers.raw import Asked, answer, raw_server
from support.examples import examples

from wizard.errors import UsageError
from wizard.oauth import Granted, OAuthClient, TokenRefused, ask
from wizard.oauth.keys import made, signing_key
from wizard.secret import Secret
from wizard.transport import Transport

GRANT = {"grant_type": "client_credentials"}
RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def pem(key: Any, form: PrivateFormat = PrivateFormat.PKCS8, lock: Any = None) -> str:
    return str(key.private_bytes(Encoding.PEM, form, lock or NoEncryption()).decode())


def jwk(key: Any, **more: str) -> str:
    kind: Any = {rsa.RSAPrivateKey: RSAAlgorithm, ec.EllipticCurvePrivateKey: ECAlgorithm}
    found = next((kind[k] for k in kind if isinstance(key, k)), OKPAlgorithm)
    return json.dumps({**found.to_jwk(key, as_dict=True), **more})


def public(key: Any) -> str:
    found = jwk(key)
    return json.dumps(
        {k: v for k, v in json.loads(found).items() if k not in ("d", "p", "q", "dp", "dq", "qi")}
    )


@pytest.mark.parametrize(
    ("text", "key", "algorithm"),
    [
        (pem(RSA_KEY), RSA_KEY, "RS256"),
        (pem(RSA_KEY, PrivateFormat.TraditionalOpenSSL), RSA_KEY, "RS256"),
        (pem(EC_KEY), EC_KEY, "ES256"),
        (pem(EC_KEY, PrivateFormat.TraditionalOpenSSL), EC_KEY, "ES256"),
        (pem(ED_KEY), ED_KEY, "EdDSA"),
        (pem(EC_KEY).replace("\n", "\\n"), EC_KEY, "ES256"),
        (pem(EC_KEY).replace("\n", " "), EC_KEY, "ES256"),
        (pem(EC_KEY).replace("\n", "\r\n"), EC_KEY, "ES256"),
        (f"Bag Attributes\n  friendlyName: me\n{pem(EC_KEY)}", EC_KEY, "ES256"),
        (jwk(RSA_KEY), RSA_KEY, "RS256"),
        (jwk(RSA_KEY, alg="PS256"), RSA_KEY, "PS256"),
        (jwk(RSA_KEY, alg="RSA-OAEP"), RSA_KEY, "RS256"),
        (jwk(EC_KEY), EC_KEY, "ES256"),
        (jwk(ED_KEY), ED_KEY, "EdDSA"),
        (json.dumps({"keys": [json.loads(public(EC_KEY)), json.loads(jwk(EC_KEY))]}), EC_KEY, "ES256"),
        (json.dumps({"type": "service_account", "private_key": pem(RSA_KEY)}), RSA_KEY, "RS256"),
    ],
    ids=lambda _: "",  # keys differ from worker to worker, names must not
)
def test_each_form_of_a_key(text: str, key: Any, algorithm: str) -> None:
    found = signing_key(Secret(text))
    assert found.algorithm == algorithm
    signed = found.sign({"a": 1})
    assert jwt.decode(signed.reveal(), key.public_key(), [algorithm]) == {"a": 1}
    assert set(found.public()) == set(json.loads(public(key))) - {"key_ops"}
    again = signing_key(found.secret())
    assert again.public() == found.public()
    for told in (repr(found), str(found)):
        assert "PRIVATE" not in told and "SigningKey" in told


@pytest.mark.parametrize(
    ("curve", "algorithm"), [(ec.SECP384R1(), "ES384"), (ec.SECP521R1(), "ES512")], ids=["p384", "p521"]
)
def test_a_curve_has_its_algorithm(curve: Any, algorithm: str) -> None:
    assert signing_key(Secret(pem(ec.generate_private_key(curve)))).algorithm == algorithm
    assert signing_key(Secret(pem(ed448.Ed448PrivateKey.generate()))).algorithm == "EdDSA"


def test_which_key_it_is_goes_along() -> None:
    assert signing_key(Secret(jwk(EC_KEY, kid="one"))).header == {"kid": "one"}
    account = json.dumps({"private_key": pem(RSA_KEY), "private_key_id": "two"})
    assert signing_key(Secret(account)).header == {"kid": "two"}
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "me")])
    today = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(RSA_KEY.public_key())
        .serial_number(1)
        .not_valid_before(today)
        .not_valid_after(today + datetime.timedelta(days=1))
        .sign(RSA_KEY, hashes.SHA256())
    )
    both = pem(RSA_KEY) + certificate.public_bytes(Encoding.PEM).decode()
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).decode().rstrip("=")
    assert signing_key(Secret(both)).header == {"x5t#S256": thumbprint}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("hello", "neither PEM nor a JWK"),
        (pem(EC_KEY)[:-40], "cut off"),
        ("\n".join(pem(EC_KEY).splitlines()[::2]), "cannot be read"),
        (
            EC_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
            "public key",
        ),
        (pem(EC_KEY, lock=BestAvailableEncryption(b"word")), "passphrase"),
        (pem(RSA_KEY, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"word")), "passphrase"),
        (pem(rsa.generate_private_key(65537, 1024)), "1024 bits"),  # noqa: S505  # a weak key is what is refused
        (pem(ec.generate_private_key(ec.SECP256K1())), "secp256k1"),
        (pem(x25519.X25519PrivateKey.generate()), "signs no JWT"),
        (public(EC_KEY), "public key"),
        ("{", "is none"),
        ('{"keys": []}', "private one"),
        ('{"kty": "oct", "k": "AAAA", "d": "x"}', "cannot be read"),
        ('{"kty": "EC", "d": 7}', "cannot be read"),
        ('{"private_key": "x"}', "neither PEM"),
    ],
    ids=lambda _: "",  # as above
)
def test_what_is_no_usable_key(text: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        signing_key(Secret(text))
    assert refused.value.id == "private-key-unusable"
    assert why in refused.value.detail
    assert refused.value.fix


def test_an_algorithm_that_does_not_fit() -> None:
    assert signing_key(Secret(pem(RSA_KEY)), "PS384").algorithm == "PS384"
    for text, algorithm in ((pem(EC_KEY), "RS256"), (pem(RSA_KEY), "none"), (pem(RSA_KEY), "HS256")):
        with pytest.raises(UsageError) as refused:
            signing_key(Secret(text), algorithm)
        assert refused.value.id == "signing-algorithm-unfit"


@settings(max_examples=examples(80), deadline=None)
@given(
    st.one_of(
        st.text(max_size=80),
        st.text(max_size=80).map(lambda t: f"-----BEGIN PRIVATE KEY-----{t}-----END PRIVATE KEY-----"),
        st.dictionaries(
            st.sampled_from(["kty", "crv", "d", "x", "y", "n", "e", "keys", "alg", "private_key"]),
            st.one_of(st.text(max_size=20), st.integers(), st.none(), st.just("EC"), st.just("P-256")),
        ).map(json.dumps),
    )
)
def test_any_text_is_a_key_or_a_sentence(text: str) -> None:
    try:
        signing_key(Secret(text))
    except UsageError as error:
        assert error.title and error.detail.isprintable()


async def asked_with(client: OAuthClient, **grant: str) -> tuple[Any, Asked, str, str]:
    async def serve(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, {"access_token": secrets.token_urlsafe(24), "token_type": "bearer"}))

    async with raw_server(serve) as raw, Transport(timeout=5) as transport:
        got = await ask(raw.url("/token"), client, {**GRANT, **grant}, transport)
        told = json.dumps([e.as_json() for e in transport.exchanges])
        return got, raw.asked[0], told, raw.url("/token")


async def test_what_is_sent() -> None:
    key = jwk(EC_KEY, kid="k1")
    client = OAuthClient("me ü&", None, "private_key_jwt", Secret(key), audience="https://issuer.example")
    seen = set()
    for _ in range(2):
        got, request, told, _ = await asked_with(client, scope="a b")
        sent = {k: v[0] for k, v in parse_qs(request.body.decode(), strict_parsing=True).items()}
        assertion = sent.pop("client_assertion")
        assert sent == {
            "grant_type": "client_credentials",
            "scope": "a b",
            "client_id": "me ü&",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        }
        claims = jwt.decode(assertion, EC_KEY.public_key(), ["ES256"], audience="https://issuer.example")
        assert (claims["iss"], claims["sub"]) == ("me ü&", "me ü&")
        assert 0 < claims["exp"] - claims["iat"] <= 300
        assert jwt.get_unverified_header(assertion) == {"alg": "ES256", "typ": "JWT", "kid": "k1"}
        assert "authorization" not in request.headers
        assert (got.token_type, assertion in told, key in told) == ("Bearer", False, False)
        seen.add(claims["jti"])
    assert len(seen) == 2


async def test_without_an_audience_it_is_the_endpoint() -> None:
    _, request, _, url = await asked_with(
        OAuthClient("me", None, "private_key_jwt", Secret(pem(RSA_KEY)), algorithm="PS256")
    )
    assertion = parse_qs(request.body.decode())["client_assertion"][0]
    assert jwt.decode(assertion, RSA_KEY.public_key(), ["PS256"], audience=url)["sub"] == "me"


async def test_without_a_key_nothing_is_sent() -> None:
    async with Transport() as transport:
        with pytest.raises(UsageError) as refused:
            await ask("http://127.0.0.1:1/", OAuthClient("me", None, "private_key_jwt"), GRANT, transport)
        assert refused.value.id == "private-key-missing"
        assert not transport.exchanges


@pytest.mark.real("npm")
async def test_a_real_provider_takes_each_kind_of_key() -> None:
    ours = {"RS256": pem(RSA_KEY), "PS256": pem(RSA_KEY), "ES256": jwk(EC_KEY), "EdDSA": pem(ED_KEY)}
    clients: list[dict[str, object]] = [
        {
            "client_id": algorithm,
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": algorithm,
            "jwks": {"keys": [signing_key(Secret(text)).public()]},
        }
        for algorithm, text in ours.items()
    ]
    with provider(clients) as issuer:
        async with Transport() as transport:
            for algorithm, text in ours.items():
                client = OAuthClient(algorithm, None, "private_key_jwt", Secret(text), algorithm, issuer)
                for _ in range(2):
                    got = await ask(f"{issuer}/token", client, {**GRANT, "scope": "read"}, transport)
                    assert isinstance(got, Granted)
                    claims = jwt.decode(got.access_token.reveal(), options={"verify_signature": False})
                    assert (claims["aud"], claims["client_id"]) == (RESOURCE, algorithm)
                foreign = OAuthClient(algorithm, None, "private_key_jwt", made().secret(), "", issuer)
                with pytest.raises(TokenRefused) as refused:
                    await ask(f"{issuer}/token", foreign, GRANT, transport)
                assert refused.value.error == "invalid_client"
            told = json.dumps([e.as_json() for e in transport.exchanges])
    assert "eyJ" not in told
