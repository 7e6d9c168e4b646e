"""Token exchange and assertions: an identity provider and an issuer that check what they are given, and Keycloak."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.keycloak import REALM, Keycloak
from servers.raw import Asked, answer, raw_server
from support.examples import examples

from wizard.errors import AuthwizardError
from wizard.oauth import OAuthClient, TokenRefused
from wizard.oauth.assertions import (
    EXCHANGE,
    ID_JAG,
    ID_TOKEN,
    JWT_BEARER,
    exchange,
    exchange_id_jag,
    jwt_bearer,
)
from wizard.oauth.problems import OAuthProblem
from wizard.secret import Secret
from wizard.transport import Transport

MCP = "https://mcp.example/mcp"
KEY = ec.generate_private_key(ec.SECP256R1())
AT_IDP = OAuthClient("me-at-idp", None, "none")


def signed(*, typ: str = "JWT", key: Any = KEY, **claims: object) -> Secret:
    now = int(time.time())
    whole = {"sub": "alice", "iat": now, "exp": now + 300, **claims}
    return Secret(
        jwt.encode(
            {k: v for k, v in whole.items() if v is not None}, key, algorithm="ES256", headers={"typ": typ}
        )
    )


@dataclass
class Company:
    """A company's identity provider at /idp, and the server's own issuer at /as; both check what they are given."""

    secret: Secret = field(default_factory=lambda: Secret(secrets.token_urlsafe(24)))
    url: str = ""
    gives: Callable[[Secret], dict[str, Any]] = lambda grant: {
        "access_token": grant.reveal(),
        "issued_token_type": ID_JAG,
        "token_type": "N_A",
        "expires_in": 300,
    }
    asked: list[Asked] = field(default_factory=list)
    told: str = ""

    @property
    def issuer(self) -> str:
        return f"{self.url}/as"

    @property
    def client(self) -> OAuthClient:
        return OAuthClient("me-at-as", self.secret)

    def identity(self, **more: object) -> Secret:
        return signed(iss=f"{self.url}/idp", **{"aud": "me-at-idp", **more})

    def idp(self, form: dict[str, str]) -> bytes:
        if form["grant_type"] != EXCHANGE or form["requested_token_type"] != ID_JAG:
            return answer(400, {"error": "unsupported_grant_type"})
        if form["subject_token_type"] != ID_TOKEN or not form.get("audience") or not form.get("resource"):
            return answer(400, {"error": "invalid_request"})
        try:
            claims = jwt.decode(
                form["subject_token"],
                KEY.public_key(),
                ["ES256"],
                audience="me-at-idp",
                issuer=f"{self.url}/idp",
            )
        except jwt.PyJWTError:
            return answer(400, {"error": "invalid_grant", "error_description": "no"})
        grant = signed(
            typ="oauth-id-jag+jwt",
            iss=f"{self.url}/idp",
            sub=claims["sub"],
            aud=form["audience"],
            resource=form["resource"],
            client_id="me-at-as",
        )
        return answer(200, self.gives(grant))

    def issue(self, request: Asked, form: dict[str, str]) -> bytes:
        if form["grant_type"] != JWT_BEARER:
            return answer(400, {"error": "unsupported_grant_type"})
        if not request.headers.get("authorization", "").startswith("Basic "):
            return answer(401, {"error": "invalid_client"})
        try:
            jwt.decode(form["assertion"], KEY.public_key(), ["ES256"], audience=self.issuer)
        except jwt.PyJWTError as error:
            return answer(400, {"error": "invalid_grant", "error_description": str(error)})
        return answer(200, {"access_token": secrets.token_urlsafe(24), "token_type": "Bearer"})


@asynccontextmanager
async def company() -> AsyncIterator[tuple[Company, Transport]]:
    made = Company()

    async def serve(request: Asked, writer: asyncio.StreamWriter) -> None:
        made.asked.append(request)
        form = {k: v[0] for k, v in parse_qs(request.body.decode(), strict_parsing=True).items()}
        writer.write(made.idp(form) if request.path == "/idp/token" else made.issue(request, form))

    async with raw_server(serve) as raw, Transport(timeout=5) as transport:
        made.url = raw.url("")
        yield made, transport
        made.told = json.dumps([e.as_json() for e in transport.exchanges])
        assert "eyJ" not in made.told


async def id_jag(made: Company, transport: Transport, identity: Secret | None = None) -> Any:
    try:
        return await exchange_id_jag(
            f"{made.url}/idp/token",
            AT_IDP,
            identity or made.identity(),
            transport,
            audience=made.issuer,
            resource=MCP,
            scope="read",
        )
    except AuthwizardError as error:
        return error


async def test_the_company_vouches_and_the_issuer_takes_it() -> None:
    async with company() as (made, transport):
        granted = await id_jag(made, transport)
        assert (granted.token_type, granted.issued, granted.expires_in) == ("N_A", ID_JAG, 300)
        got = await jwt_bearer(
            f"{made.issuer}/token",
            made.client,
            granted.access_token,
            transport,
            issuer=made.issuer,
            resource=MCP,
        )
        assert got.token_type == "Bearer"
        first, second = (parse_qs(r.body.decode()) for r in made.asked)
        assert first["audience"] + first["resource"] + first["scope"] == [made.issuer, MCP, "read"]
        assert (first["client_id"], set(first) & {"actor_token", "actor_token_type"}) == (
            ["me-at-idp"],
            set(),
        )
        assert set(second) == {"grant_type", "assertion", "resource"}
    assert granted.access_token.reveal() not in made.told
    assert got.access_token.reveal() not in made.told


@pytest.mark.parametrize(
    ("more", "id", "words"),
    [
        # seconds from when the test runs, which may be long after it was read
        ({"exp": -7300}, "subject-token-expired", "2 h ago"),
        ({"exp": -90}, "subject-token-expired", "1 min ago"),
        ({"aud": "another"}, "subject-token-refused", "does not take"),
    ],
    ids=["hours", "minute", "audience"],
)
async def test_an_identity_that_is_not_taken(more: dict[str, Any], id: str, words: str) -> None:
    if "exp" in more:
        more = {"exp": int(time.time()) + more["exp"]}
    async with company() as (made, transport):
        got = await id_jag(made, transport, made.identity(**more))
        assert got.id == id
        assert words in got.title
        assert got.fix
        assert any("400 invalid_grant" in e.fact for e in got.evidence)
        assert len(made.asked) == 1


async def test_what_is_no_id_jag_goes_nowhere() -> None:
    async with company() as (made, transport):
        for body in (
            {"issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "token_type": "Bearer"},
            {"token_type": "N_A"},
        ):
            made.gives = lambda _, body=body: {"access_token": secrets.token_urlsafe(24), **body}  # type: ignore[misc]  # bound at once
            got = await id_jag(made, transport)
            assert (got.id, got.owner) == ("id-jag-not-given", "idp-admin")
        # draft -02 of the grant has its own type, by which it is known where the answer is silent
        made.gives = lambda grant: {"access_token": grant.reveal(), "token_type": "n_a"}
        assert (await id_jag(made, transport)).token_type == "N_A"
        made.gives = lambda _: {
            "access_token": signed(aud="https://other.example").reveal(),
            "issued_token_type": ID_JAG,
            "token_type": "N_A",
        }
        got = await id_jag(made, transport)
        assert got.id == "assertion-wrong-audience"
        assert "https://other.example" in got.title
        assert made.issuer in got.title
        assert {r.path for r in made.asked} == {"/idp/token"}


@pytest.mark.parametrize(
    ("more", "id", "words"),
    [
        ({"exp": int(time.time()) - 200000}, "assertion-expired", "2 days ago"),
        ({"aud": "https://other.example"}, "assertion-wrong-audience", "https://other.example"),
        ({"aud": None}, "assertion-wrong-audience", "nobody"),
        ({"key": ec.generate_private_key(ec.SECP256R1())}, "assertion-refused", "does not take"),
        (None, "assertion-refused", "does not take"),
    ],
    ids=["expired", "audience", "none", "signature", "opaque"],
)
async def test_a_refused_assertion_is_sent_once(more: dict[str, Any] | None, id: str, words: str) -> None:
    async with company() as (made, transport):
        if more is None:
            assertion = Secret(secrets.token_urlsafe(30))
        else:
            assertion = signed(**{"iss": "https://platform.example", "aud": made.issuer, **more})
        with pytest.raises(OAuthProblem) as caught:
            await jwt_bearer(f"{made.issuer}/token", made.client, assertion, transport, issuer=made.issuer)
        assert caught.value.id == id
        assert words in caught.value.title
        assert caught.value.evidence[0].fact == "400 invalid_grant"
        assert len(made.asked) == 1
        assert assertion.reveal() not in json.dumps(caught.value.as_json()) + repr(caught.value.evidence)


async def test_what_is_refused_of_the_client_is_no_fault_of_the_assertion() -> None:
    async with company() as (made, transport):
        for client in (OAuthClient("me", None, "none"), OAuthClient("", None, "none")):
            with pytest.raises(TokenRefused) as refused:
                await jwt_bearer(f"{made.issuer}/token", client, made.identity(), transport)
            assert refused.value.error == "invalid_client"
        ids = [parse_qs(r.body.decode()).get("client_id") for r in made.asked]
        assert ids == [["me"], None]


async def test_a_workload_asks_with_its_own_token_alone() -> None:
    def workload(request: Asked, form: dict[str, str]) -> bytes:
        assert "authorization" not in request.headers
        jwt.decode(form["assertion"], KEY.public_key(), ["ES256"], audience=made.issuer)
        return answer(200, {"access_token": secrets.token_urlsafe(24), "token_type": "bearer"})

    async with company() as (made, transport):
        made.issue = workload  # type: ignore[method-assign]  # another issuer, that knows the workload by its token
        client = OAuthClient("workload", None, "none")
        got = await jwt_bearer(
            f"{made.issuer}/token", client, signed(aud=made.issuer), transport, scope="a b"
        )
        assert got.access_token
        form = parse_qs(made.asked[0].body.decode())
        assert (form["scope"], form["client_id"]) == (["a b"], ["workload"])


async def test_an_exchange_in_general() -> None:
    seen: list[dict[str, list[str]]] = []

    async def serve(request: Asked, writer: asyncio.StreamWriter) -> None:
        seen.append(parse_qs(request.body.decode()))
        writer.write(
            answer(200, {"access_token": "t" * 24, "issued_token_type": "urn:x", "token_type": "bearer"})
        )

    async with raw_server(serve) as raw, Transport() as transport:
        subject, actor = Secret(secrets.token_urlsafe(20)), Secret(secrets.token_urlsafe(20))
        got = await exchange(
            raw.url("/t"),
            OAuthClient("me", Secret("s" * 20)),
            subject,
            transport,
            audience="other",
            resource=MCP,
            actor=actor,
        )
        told = json.dumps([e.as_json() for e in transport.exchanges])
    assert (got.token_type, got.issued) == ("Bearer", "urn:x")
    access = "urn:ietf:params:oauth:token-type:access_token"
    assert seen == [
        {
            "grant_type": [EXCHANGE],
            "subject_token": [subject.reveal()],
            "subject_token_type": [access],
            "audience": ["other"],
            "resource": [MCP],
            "actor_token": [actor.reveal()],
            "actor_token_type": [access],
        }
    ]
    assert subject.reveal() not in told and actor.reveal() not in told


_CLAIMS = st.dictionaries(
    st.sampled_from(["aud", "exp", "iss", "sub"]),
    st.one_of(
        st.none(), st.integers(), st.floats(), st.text(max_size=20), st.lists(st.text(max_size=5), max_size=3)
    ),
)


@settings(max_examples=examples(50), deadline=None)
@given(_CLAIMS, st.sampled_from(["invalid_grant", "invalid_request", "invalid_client", "\x1b[0m"]))
def test_whatever_stands_in_an_assertion(claims: dict[str, object], error: str) -> None:
    async def run() -> None:
        async def serve(_: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(answer(400, {"error": error}))

        parts = (json.dumps({"alg": "none"}), json.dumps(claims))
        text = ".".join(jwt.utils.base64url_encode(p.encode()).decode() for p in parts) + "."
        async with raw_server(serve) as raw, Transport() as transport:
            for use in (jwt_bearer, exchange):
                with pytest.raises((OAuthProblem, TokenRefused)) as caught:
                    await use(raw.url("/t"), OAuthClient("me", None, "none"), Secret(text), transport)  # type: ignore[operator]  # two functions
                assert caught.value.title.isprintable()
                evidence = getattr(caught.value, "evidence", ())
                assert all(e.fact.isprintable() for e in evidence)

    asyncio.run(run())


@pytest.mark.real("java")
async def test_keycloak_exchanges_a_token(keycloak: Keycloak) -> None:
    name, secret = keycloak.add_client("exchanger")
    uuid = keycloak.uuid(name)
    client = OAuthClient(name, secret)
    whole = keycloak.admin("GET", f"/{REALM}/clients/{uuid}")
    whole["attributes"] = {**whole.get("attributes", {}), "standard.token.exchange.enabled": "true"}
    keycloak.admin("PUT", f"/{REALM}/clients/{uuid}", whole)
    subject = keycloak.token(name)
    async with Transport() as transport:
        got = await exchange(keycloak.token_endpoint(), client, subject, transport)
        assert got.issued == "urn:ietf:params:oauth:token-type:access_token"
        assert got.access_token != subject
        claims = jwt.decode(got.access_token.reveal(), options={"verify_signature": False})
        assert claims["azp"] == name
        with pytest.raises((OAuthProblem, TokenRefused)) as caught:
            await exchange(keycloak.token_endpoint(), client, Secret(secrets.token_urlsafe(20)), transport)
        assert caught.value.title
        other = OAuthClient(*keycloak.client("no-group"))
        with pytest.raises(TokenRefused):
            await exchange(keycloak.token_endpoint(), other, subject, transport)
        told = json.dumps([e.as_json() for e in transport.exchanges])
    assert "eyJ" not in told
