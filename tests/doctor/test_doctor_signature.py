"""A refused token is held against its issuer's keys: each fault of the signature is named first by the doctor, not
without its rule, and not where the server takes the token."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from servers.raw import Asked, answer, raw_server
from support.issuing import Issuer, cut, issuing, says

from diagnostics import doctor, targets
from diagnostics.causes.book import REGISTRY
from diagnostics.doctor import Diagnosis
from wizard.secret import Secret
from wizard.transport import Transport

pytestmark = pytest.mark.slow

Diagnose = Callable[..., Any]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as made:
        yield made


@asynccontextmanager
async def api(issuer: Issuer, keys: list[dict[str, object]], names: str = "") -> Any:
    """An API that verifies by these keys, read once; it publishes that ``names`` (else the issuer) gives its tokens."""

    async def serve(asked: Asked, writer: asyncio.StreamWriter) -> None:
        base = raw.url("")
        if asked.path.startswith("/.well-known/oauth-protected-resource"):
            told = {"resource": f"{base}/api", "authorization_servers": [names or issuer.url]}
            writer.write(answer(200, told))
        elif asked.path == "/api":
            token = asked.headers.get("authorization", "").partition(" ")[2]
            good = _verified(token, keys, issuer.url, f"{base}/api")
            refused = answer(401, {"error": "invalid_token"}, www_authenticate='Bearer error="invalid_token"')
            writer.write(answer(200, {"ok": True}) if good else refused)
        else:
            writer.write(answer(404))

    async with raw_server(serve) as raw:
        yield raw


def _verified(token: str, keys: list[dict[str, object]], issuer: str, audience: str) -> bool:
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        key = next(k for k in keys if k["kid"] == kid)
        jwt.decode(token, jwt.PyJWK(key), algorithms=["ES256"], issuer=issuer, audience=audience)
    except (jwt.PyJWTError, StopIteration):
        return False
    return True


async def diagnosed(url: str, token: str) -> Diagnosis:
    async with Transport(timeout=10) as transport:
        target = targets.resolve(url, targets.Given(credential=Secret(token), kind="api"))
        return await doctor.diagnose(target, transport)


def named(diagnosis: Diagnosis) -> list[str]:
    return [f.cause for f in diagnosis.findings]


def _with_header(token: str, **header: object) -> str:
    held = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{held}.{token.split('.')[1]}."


@pytest.mark.parametrize(
    ("fault", "cause", "certainty"),
    [
        ("cut", "signature-invalid", "proven"),
        ("key gone", "kid-not-in-jwks-keys-regenerated", "proven"),
        ("other kind", "jwt-alg-mismatch", "proven"),
        ("shared secret", "jwt-alg-mismatch", "likely"),
        ("unsigned", "jwt-alg-none-or-unsigned", "proven"),
        ("server's keys old", "kid-unknown-server-jwks-cache-stale", "likely"),
    ],
)
async def test_each_is_named_first_only_by_its_rule_and_not_where_it_works(
    fault: str, cause: str, certainty: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [issuer.public()]
    async with api(issuer, keys) as raw:
        url = raw.url("/api")
        good = token = issuer.token(aud=url)
        healthy = await diagnosed(url, good)
        assert (healthy.verdict, named(healthy)) == ("healthy", [])
        if fault == "cut":
            token = cut(good)
        elif fault == "key gone":
            keys.clear()
            issuer.kid = "k2"
        elif fault == "other kind":
            keys.clear()
            issuer.pages["/jwks"] = says(200, {"keys": [issuer.public(alg="ES384", crv="P-384")]})
        elif fault == "shared secret":
            token = jwt.encode(
                {"iss": issuer.url, "aud": url, "exp": time.time() + 600},
                secrets.token_bytes(32),
                algorithm="HS256",
            )
        elif fault == "unsigned":
            token = _with_header(good, alg="none")
        else:
            issuer.kid, issuer.key = "k2", ec.generate_private_key(ec.SECP256R1())
            token = issuer.token(aud=url)
        found = await diagnosed(url, token)
        first = found.findings[0]
        assert (found.verdict, first.cause, first.certainty) == ("broken", cause, certainty), named(found)
        assert token not in json.dumps(found.as_json())
        monkeypatch.delitem(REGISTRY, cause)
        assert cause not in named(await diagnosed(url, token))


async def test_a_right_signature_is_no_reason_where_something_else_is_wrong(issuer: Issuer) -> None:
    async with api(issuer, [issuer.public()]) as raw:
        url = raw.url("/api")
        other = await diagnosed(url, issuer.token(aud="https://elsewhere.example"))
        assert named(other) == ["audience-not-bound-to-resource"]
        old = int(time.time()) - 100
        ended = await diagnosed(url, issuer.token(aud=url, exp=old, iat=old - 100))
        assert named(ended)[0] == "access-token-expired"
        assert "kid-unknown-server-jwks-cache-stale" not in named(ended)


async def test_a_new_token_that_fails_is_the_issuers_fault(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key was replaced and kept its id: what the token endpoint gives does not match what is published."""
    from diagnostics.target import Target
    from wizard import catalogue
    from wizard.choice import Choice

    def target(url: str) -> Target:
        service = catalogue.load().get("http")
        environment, method = service.environment("own"), service.method("client_credentials")
        assert environment is not None
        assert method is not None
        settings = {"client_id": "me", "token_endpoint": f"{issuer.url}/token"}
        held = {"client_secret": Secret(secrets.token_urlsafe(24))}
        return targets.build(
            Choice(service, environment, method, url=url, settings=settings, secrets=held, name="mine")
        )

    async def ask(url: str) -> Diagnosis:
        async with Transport(timeout=10) as transport:
            return await doctor.diagnose(target(url), transport)

    published = issuer.public()
    async with api(issuer, [published]) as raw:
        url = raw.url("/api")
        issuer.pages["/token"] = lambda _: (
            200,
            {"access_token": issuer.token(aud=url), "token_type": "Bearer"},
            {},
        )
        assert named(await ask(url)) == []
        issuer.pages["/jwks"] = says(200, {"keys": [published]})
        issuer.key = ec.generate_private_key(ec.SECP256R1())
        found = await ask(url)
        assert named(found)[0] == "kid-reused-with-new-key", named(found)
        assert found.findings[0].certainty == "proven"
        monkeypatch.delitem(REGISTRY, "kid-reused-with-new-key")
        assert named(await ask(url))[0] == "signature-invalid"


async def test_an_issuer_that_only_the_token_names_is_not_asked_by_a_refusal(issuer: Issuer) -> None:
    with issuing("/elsewhere") as other:
        async with api(issuer, [issuer.public()]) as raw:
            found = await diagnosed(raw.url("/api"), cut(other.token(aud=raw.url("/api"))))
            assert "signature-invalid" not in named(found)
            assert other.asked == []
