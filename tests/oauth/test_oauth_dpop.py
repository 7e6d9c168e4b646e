"""Proof of possession (RFC 9449): what each proof says, where it goes, nonces, and tokens bound to a key."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyed import RESOURCE, provider
from servers.raw import Asked, answer, raw_server
from support.examples import examples

from wizard.exchange import Headers
from wizard.oauth import OAuthClient, TokenRefused, ask
from wizard.oauth.dpop import Prover
from wizard.oauth.keys import made, signing_key
from wizard.oauth.model import Login
from wizard.secret import Secret
from wizard.transport import Transport

GRANT = {"grant_type": "client_credentials"}


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def judged(request: Asked, port: int, token: str = "") -> dict[str, Any]:
    """What a server finds in a proof by the list of RFC 9449 section 4.3; it fails at what is not as it should be."""
    proof = request.headers["dpop"]
    assert "," not in proof
    header = jwt.get_unverified_header(proof)
    assert set(header) == {"typ", "alg", "jwk"}
    assert (header["typ"], header["alg"]) == ("dpop+jwt", "ES256")
    assert set(header["jwk"]) == {"kty", "crv", "x", "y"}
    claims: dict[str, Any] = jwt.decode(proof, jwt.PyJWK(header["jwk"], "ES256").key, ["ES256"])
    assert claims["htm"] == request.method
    assert claims["htu"] == f"http://127.0.0.1:{port}{request.path.partition('?')[0]}"
    assert abs(claims["iat"] - time.time()) < 60
    assert len(claims["jti"]) > 20
    assert claims.get("ath") == (encoded(token.encode()) if token else None)
    return claims


Serve = Callable[[Asked], bytes]


async def during(serve: Serve, use: Callable[[Transport, str], Awaitable[Any]], **given: Any) -> Any:
    """What ``use`` gives against a server, with the requests that came, its port, the prover and all that is told."""

    async def run(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(serve(asked))

    async with raw_server(run) as raw, Transport(timeout=5) as transport:
        prover = given.get("prover") or Prover(raw.url(""))
        transport.sign(prover)
        try:
            got = await use(transport, raw.url(""))
        except TokenRefused as error:
            got = error
        told = json.dumps([e.as_json() for e in transport.exchanges])
        assert "eyJ" not in told
        return got, raw.asked, raw.port, prover, told


async def test_each_request_has_a_proof_of_its_own() -> None:
    token = secrets.token_urlsafe(24)

    async def use(transport: Transport, base: str) -> None:
        for path in ("/a?b=c", "/", "", "/%C3%BC/x"):
            await transport.send("GET", f"{base}{path}", headers={"X": "1"})
        prover.bind(Secret(token))
        for scheme in ("Bearer", "DPoP", "dpop"):
            await transport.send(
                "POST", base, headers={"authorization": Secret(f"{scheme} {token}")}, body=b"x"
            )

    prover = Prover()

    async def served(transport: Transport, base: str) -> None:
        prover.serve(base)
        await use(transport, base)

    _, asked, port, _, told = await during(lambda _: answer(200, b"ok"), served, prover=prover)
    found = [judged(r, port) for r in asked[:4]] + [judged(r, port, token) for r in asked[4:]]
    assert len({claims["jti"] for claims in found}) == len(found)
    assert [r.headers["authorization"] for r in asked[4:]] == [f"DPoP {token}"] * 3
    assert [r.body for r in asked[4:]] == [b"x"] * 3
    assert token not in told


async def test_nothing_goes_to_an_origin_that_was_not_named() -> None:
    async def use(transport: Transport, base: str) -> None:
        bound = Secret(secrets.token_urlsafe(24))
        prover.bind(bound)
        prover.serve(base.replace("127.0.0.1", "localhost"))
        await transport.send("GET", base, headers={"Authorization": bound.map("Bearer ")})

    prover = Prover()
    _, asked, _, _, _ = await during(lambda _: answer(200, dpop_nonce="n"), use, prover=prover)
    assert "dpop" not in asked[0].headers
    assert asked[0].headers["authorization"].startswith("Bearer ")
    transport = Transport()
    transport.sign(None)


async def test_a_token_of_another_kind_stays_a_bearer() -> None:
    async def use(transport: Transport, base: str) -> None:
        await transport.send("GET", base, headers={"Authorization": Secret("Bearer other")})
        await transport.send("GET", base, headers={"Authorization": "Basic b3RoZXI="})

    _, asked, port, _, _ = await during(lambda _: answer(200), use)
    assert [r.headers["authorization"] for r in asked] == ["Bearer other", "Basic b3RoZXI="]
    for request in asked:
        judged(request, port)


def wanting(nonce: str, refusal: bytes) -> Serve:
    def serve(asked: Asked) -> bytes:
        claims = jwt.decode(asked.headers["dpop"], options={"verify_signature": False})
        return answer(200, b"in") if claims.get("nonce") == nonce else refusal

    return serve


@pytest.mark.parametrize(
    "refusal",
    [
        answer(401, www_authenticate='DPoP error="use_dpop_nonce", algs="ES256"', dpop_nonce="one"),
        answer(401, www_authenticate='Bearer, dpop error="use_dpop_nonce"', dpop_nonce="one"),
        answer(400, {"error": "use_dpop_nonce"}, dpop_nonce="one"),
        answer(401, {"error": "use_dpop_nonce"}, dpop_nonce="one"),
    ],
    ids=["401", "401-two-schemes", "400", "401-body"],
)
async def test_the_nonce_is_learnt_and_remembered(refusal: bytes) -> None:
    async def use(transport: Transport, base: str) -> list[int]:
        first = await transport.send("POST", base, body=b"{}")
        second = await transport.send("POST", base, body=b"{}")
        return [first.status, second.status]

    got, asked, port, _, _ = await during(wanting("one", refusal), use)
    assert got == [200, 200]
    claims = [judged(r, port) for r in asked]
    assert [c.get("nonce") for c in claims] == [None, "one", "one"]
    assert len({c["jti"] for c in claims}) == 3
    assert [r.body for r in asked] == [b"{}"] * 3


@pytest.mark.parametrize(
    ("refusal", "count"),
    [
        (answer(401, www_authenticate='DPoP error="use_dpop_nonce"', dpop_nonce="other"), 2),
        (answer(401, www_authenticate='DPoP error="use_dpop_nonce"'), 1),
        (answer(401, www_authenticate='DPoP error="use_dpop_nonce"', dpop_nonce="a b"), 1),
        (answer(401, www_authenticate='DPoP error="use_dpop_nonce"', dpop_nonce="n" * 2000), 1),
        (answer(401, www_authenticate='DPoP error="invalid_token"', dpop_nonce="one"), 1),
        (answer(400, {"error": "invalid_grant"}, dpop_nonce="one"), 1),
        (answer(400, b"[" * 9000, dpop_nonce="one"), 1),
        (answer(403, {"error": "use_dpop_nonce"}, dpop_nonce="one"), 1),
    ],
    ids=["never", "no-nonce", "bad", "long", "other-error", "other-400", "nested", "403"],
)
async def test_a_request_is_repeated_once_and_for_a_nonce_alone(refusal: bytes, count: int) -> None:
    async def use(transport: Transport, base: str) -> bytes:
        return (await transport.send("POST", base, body=b"{}")).body

    got, asked, _, _, told = await during(wanting("right", refusal), use)
    assert len(asked) == count
    assert got == refusal.partition(b"\r\n\r\n")[2]
    assert len(json.loads(told)) == count


async def test_a_nonce_belongs_to_its_origin() -> None:
    prover = Prover("http://a.example", "https://a.example")
    prover.again("http://a.example/x", 200, Headers((("DPoP-Nonce", "one"),)), b"")
    proofs = [prover.headers("GET", f"{s}://a.example/y", {})["DPoP"].reveal() for s in ("http", "https")]
    claims = [jwt.decode(p, options={"verify_signature": False}) for p in proofs]
    assert [c.get("nonce") for c in claims] == ["one", None]


def test_the_key_is_kept_and_read_again() -> None:
    prover = Prover("https://a.example")
    again = Prover.from_key(prover.key, "https://a.example")
    assert again.thumbprint == prover.thumbprint
    header = jwt.get_unverified_header(
        again.headers("GET", "https://A.example:443/p?q#f", {})["DPoP"].reveal()
    )
    assert header["jwk"] == signing_key(prover.key).public()
    assert Prover().thumbprint != prover.thumbprint
    claims = jwt.decode(
        again.headers("GET", "https://A.example:443/p?q#f", {})["DPoP"].reveal(),
        options={"verify_signature": False},
    )
    assert claims["htu"] == "https://a.example/p"


async def test_a_kept_login_is_used_with_its_own_key() -> None:
    first = Prover()
    login = Login("https://as.example", "me", Secret(secrets.token_urlsafe(24)))
    assert Prover.of(login) is None
    login = replace(login, token_type="DPoP", dpop_key=first.key)

    async def use(transport: Transport, base: str) -> None:
        later = Prover.of(login, base)
        assert later is not None
        assert later.thumbprint == first.thumbprint
        before = transport.sign(later)
        await transport.send("GET", base, headers={"Authorization": login.access_token.map("Bearer ")})
        assert transport.sign(before) is later
        await transport.send("GET", base, headers={"Authorization": login.access_token.map("Bearer ")})

    _, asked, port, _, _ = await during(lambda _: answer(200), use)
    judged(asked[0], port, login.access_token.reveal())
    judged(asked[1], port)
    assert [r.headers["authorization"].split()[0] for r in asked] == ["DPoP", "Bearer"]


async def test_a_dpop_token_is_taken_only_for_a_proof() -> None:
    body = {"access_token": secrets.token_urlsafe(24), "token_type": "dpop", "expires_in": 60}

    async def use(transport: Transport, base: str) -> Any:
        got = await ask(f"{base}/token", OAuthClient("me", None, "none"), GRANT, transport)
        transport.sign(None)
        with pytest.raises(TokenRefused) as refused:
            await ask(f"{base}/token", OAuthClient("me", None, "none"), GRANT, transport)
        assert "expected Bearer" in refused.value.detail
        return got

    got, _, _, _, told = await during(lambda _: answer(200, body), use)
    assert got.token_type == "DPoP"
    assert body["access_token"] not in told


async def test_each_attempt_has_an_assertion_of_its_own() -> None:
    seen: list[str] = []

    def serve(asked: Asked) -> bytes:
        assertion = parse_qs(asked.body.decode())["client_assertion"][0]
        seen.append(jwt.decode(assertion, options={"verify_signature": False})["jti"])
        if len(seen) == 1:
            return answer(400, {"error": "use_dpop_nonce"}, dpop_nonce="n")
        return answer(200, {"access_token": "t" * 20, "token_type": "DPoP"})

    async def use(transport: Transport, base: str) -> Any:
        client = OAuthClient("me", None, "private_key_jwt", made().secret())
        return await ask(f"{base}/token", client, GRANT, transport)

    got, _, _, _, told = await during(serve, use)
    assert got.token_type == "DPoP"
    assert len(set(seen)) == 2
    assert [e["status"] for e in json.loads(told)] == [400, 200]


@settings(max_examples=examples(60), deadline=None)
@given(
    st.sampled_from([200, 400, 401, 403]),
    st.lists(
        st.tuples(st.sampled_from(["DPoP-Nonce", "WWW-Authenticate"]), st.text(max_size=40)), max_size=3
    ),
    st.one_of(
        st.binary(max_size=60),
        st.dictionaries(st.just("error"), st.one_of(st.just("use_dpop_nonce"), st.integers(), st.none())).map(
            lambda found: json.dumps(found).encode()
        ),
    ),
)
def test_whatever_a_server_says(status: int, lines: list[tuple[str, str]], body: bytes) -> None:
    prover = Prover("https://a.example")
    again = prover.again("https://a.example/", status, Headers(tuple(lines)), body)
    proof = prover.headers("GET", "https://a.example/", {})["DPoP"].reveal()
    assert proof.isascii()
    nonce = jwt.decode(proof, options={"verify_signature": False}).get("nonce")
    assert nonce or not again


@pytest.mark.real("npm")
@pytest.mark.parametrize("nonces", [True, False], ids=["nonces", "plain"])
async def test_a_real_provider_binds_the_token(nonces: bool) -> None:
    key, word = made(), secrets.token_urlsafe(24)
    bound = {"dpop_bound_access_tokens": True}
    clients: list[dict[str, object]] = [
        {
            **bound,
            "client_id": "key",
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "jwks": {"keys": [key.public()]},
        },
        {
            **bound,
            "client_id": "word",
            "token_endpoint_auth_method": "client_secret_basic",
            "client_secret": word,
        },
    ]
    with provider(clients, nonces=nonces) as issuer:
        async with Transport() as transport:
            ways = (
                OAuthClient("key", None, "private_key_jwt", key.secret(), audience=issuer),
                OAuthClient("word", Secret(word)),
            )
            for client in ways:
                prover = Prover(issuer)
                transport.sign(prover)
                before = len(transport.exchanges)
                for count in (2, 3) if nonces else (1, 2):
                    got = await ask(f"{issuer}/token", client, {**GRANT, "scope": "read"}, transport)
                    assert got.token_type == "DPoP"
                    assert len(transport.exchanges) - before == count
                    claims = jwt.decode(got.access_token.reveal(), options={"verify_signature": False})
                    assert (claims["cnf"], claims["aud"]) == ({"jkt": prover.thumbprint}, RESOURCE)
            transport.sign(None)
            with pytest.raises(TokenRefused):
                await ask(f"{issuer}/token", ways[1], GRANT, transport)
