"""The causes of token endpoint and issuer, where no real server shows the fault on purpose: each is named first, none
without its rule, and nothing on the healthy twin. Answers of vendors are those of their own pages."""

from __future__ import annotations

import asyncio
import email.utils
import json
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from servers.raw import Asked, answer, raw_server

from commands import output
from diagnostics import doctor, ladder, report, targets
from diagnostics.causes.book import REGISTRY
from diagnostics.doctor import Diagnosis
from wizard import catalogue
from wizard.choice import Choice
from wizard.secret import Secret
from wizard.transport import Transport

pytestmark = pytest.mark.slow

Give = Callable[[Asked, str], bytes]

# https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes and the reports in causes' sources
ENTRA_SECRET = {
    "error": "invalid_client",
    "error_description": "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is"
    " the client secret value, not the client secret ID, for a secret added to app 'me'.",
    "error_codes": [7000215],
}
ENTRA_EXPIRED = {
    "error": "invalid_client",
    "error_description": "AADSTS7000222: The provided client secret keys for app 'me' are expired.",
    "error_codes": [7000222],
}


def token(**claims: object) -> str:
    now = int(time.time())
    whole = {"iss": "https://issuer.invalid", "sub": "me", "iat": now, "exp": now + 600, **claims}
    return jwt.encode(
        {k: v for k, v in whole.items() if v is not None}, secrets.token_bytes(32), algorithm="HS256"
    )


def given(text: str) -> bytes:
    return answer(200, {"access_token": text, "token_type": "Bearer", "expires_in": 600})


async def diagnosed(
    token_endpoint: Give,
    api: Give | None = None,
    *,
    secret: str = "",
    other: Give | None = None,
    live: bool = False,
    **more: str,
) -> Any:
    """What the doctor (or with ``live`` the live test) says of an API whose token comes from an endpoint; ``other``
    answers every other address, and each gets the server's own address as its second word."""

    async def serve(asked: Asked, writer: asyncio.StreamWriter) -> None:
        give = {"/token": token_endpoint, "/api": api}.get(asked.path.partition("?")[0], other)
        writer.write(give(asked, base) if give else answer(404))

    async with raw_server(serve) as raw, Transport(timeout=10) as transport:
        base = raw.url("")
        service = catalogue.load().get("http")
        environment, method = service.environment("own"), service.method("client_credentials")
        assert environment is not None
        assert method is not None
        settings = {"client_id": "me", "token_endpoint": f"{base}/token", **more}
        target = targets.build(
            Choice(
                service,
                environment,
                method,
                url=f"{base}/api",
                settings={k: v.replace("{base}", base) for k, v in settings.items()},
                secrets={"client_secret": Secret(secret or secrets.token_urlsafe(24))},
                name="mine",
            )
        )
        if live:
            return await ladder.run(target, transport)
        return await doctor.diagnose(target, transport)


def bearer(asked: Asked) -> Mapping[str, Any] | None:
    """The claims of the token that was sent; None for none and for what is no JWT."""
    sent = asked.headers.get("authorization", "").partition(" ")[2]
    try:
        return dict(jwt.decode(sent, options={"verify_signature": False}))
    except jwt.PyJWTError:
        return None


def taking(
    rule: Callable[[Mapping[str, Any]], bool], refusal: dict[str, str] | None = None, status: int = 401
) -> Give:
    """An API that takes a token by a rule; to one that it knows and refuses it may say more."""

    def api(asked: Asked, _: str) -> bytes:
        claims = bearer(asked)
        date = email.utils.formatdate(usegmt=True)
        if claims and rule(claims):
            return answer(200, {"ok": True}, date=date)
        if claims and refusal:
            return answer(status, refusal, date=date)
        return answer(
            401, {"error": "invalid_token"}, www_authenticate='Bearer error="invalid_token"', date=date
        )

    return api


async def first_and_only_by_its_rule(
    cause: str, *words: Any, certainty: str = "proven", **more: Any
) -> Diagnosis:
    found: Diagnosis = await diagnosed(*words, **more)
    assert (found.verdict, found.findings[0].cause) == ("broken", cause), report.text(found)
    assert found.findings[0].certainty == certainty
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(REGISTRY, cause)
        without = await diagnosed(*words, **more)
    assert cause not in [f.cause for f in without.findings]
    return found


def refusing(status: int, body: dict[str, Any] | bytes = b"") -> Give:
    return lambda *_: answer(status, body)


OPEN = taking(lambda _: True)


@pytest.mark.row("A11")
@pytest.mark.parametrize(
    ("endpoint", "cause", "words"),
    [
        (refusing(401, ENTRA_SECRET), "client-secret-wrong-or-id-instead-of-value", "`me`"),
        (refusing(401, {"error": "invalid_client"}), "client-secret-wrong-or-id-instead-of-value", "`me`"),
        # Glewlwyd answers a wrong secret so, and Keycloak so
        (refusing(403), "client-secret-wrong-or-id-instead-of-value", "`me`"),
        (
            refusing(
                401,
                {
                    "error": "unauthorized_client",
                    "error_description": "Invalid client or Invalid client credentials",
                },
            ),
            "client-secret-wrong-or-id-instead-of-value",
            "`me`",
        ),
        (refusing(401, ENTRA_EXPIRED), "client-secret-expired", "expired"),
        (refusing(400, {"error": "unauthorized_client"}), "client-grant-not-allowed", "`me`"),
        (refusing(400, {"error": "unsupported_grant_type"}), "client-grant-not-allowed", "`me`"),
        (refusing(400, {"error": "invalid_scope"}), "token-request-refused", "`nope`"),
        (refusing(200, {"error": "invalid_target"}), "token-request-refused", "invalid_target"),
        (refusing(503, b"busy"), "token-request-refused", "503"),
        (refusing(200, b"<html>Sign in</html>"), "token-request-refused", "no access token"),
        (lambda *_: b"", "token-endpoint-unreachable", "closed the connection"),
    ],
)
async def test_a_token_that_is_not_given(endpoint: Give, cause: str, words: str) -> None:
    found = await first_and_only_by_its_rule(cause, endpoint, OPEN, scope="nope")
    assert words in found.findings[0].title


async def test_an_id_in_place_of_the_value() -> None:
    cause = "client-secret-wrong-or-id-instead-of-value"
    found = await first_and_only_by_its_rule(
        cause, refusing(401, ENTRA_SECRET), OPEN, secret=str(uuid.uuid4())
    )
    assert "form of an id" in found.findings[0].title
    assert any("`Value`" in step for step in found.findings[0].fix)


@pytest.mark.parametrize("end", ["\n", " ", "\r\n"])
async def test_the_text_of_the_secret_is_judged_first(end: str) -> None:
    cause = "token-trailing-newline-or-crlf"
    await first_and_only_by_its_rule(
        cause, refusing(401, ENTRA_SECRET), OPEN, secret=secrets.token_urlsafe(24) + end, certainty="likely"
    )


async def test_the_other_way_is_tried_at_the_same_endpoint() -> None:
    made = secrets.token_urlsafe(24)

    def only_in_the_body(asked: Asked, _: str) -> bytes:
        if parse_qs(asked.body.decode()).get("client_secret") == [made]:
            return given(token())
        return answer(401, {"error": "invalid_client"})

    found = await first_and_only_by_its_rule(
        "token-endpoint-auth-method-mismatch", only_in_the_body, OPEN, secret=made
    )
    assert "client_secret_post" in found.findings[0].fix[0]
    right = await diagnosed(
        only_in_the_body, OPEN, secret=made, token_endpoint_auth_method="client_secret_post"
    )
    assert (right.verdict, right.findings, right.warnings) == ("healthy", (), ())


async def test_healthy_and_what_is_recorded() -> None:
    text = token()
    found: Diagnosis = await diagnosed(lambda *_: given(text), OPEN)
    assert (found.verdict, found.findings, found.warnings) == ("healthy", (), ()), report.text(found)
    assert (found.exchanges[0].method, found.exchanges[0].status) == ("POST", 200)
    told = text in json.dumps(found.as_json())
    assert not told


async def test_the_step_shows_scope_and_the_rest_waits() -> None:
    text = token()

    def scoped(*_: object) -> bytes:
        return answer(200, {"access_token": text, "token_type": "bearer", "scope": "a b"})

    def exact(asked: Asked, _: str) -> bytes:
        return answer(200 if asked.headers.get("authorization") == f"Bearer {text}" else 401, {})

    good = await diagnosed(scoped, exact, live=True)
    assert good.ok
    assert (good.steps[0].id, good.steps[0].ok, good.steps[0].expected) == ("token", True, "an access token")
    assert good.granted_scopes == ("a", "b")
    bad = await diagnosed(refusing(401, {"error": "invalid_client"}), OPEN, live=True)
    assert not bad.ok
    assert (bad.steps[0].id, bad.steps[0].ok, bad.steps[0].seen) == ("token", False, "401 invalid_client")
    rest = {s.id: s for s in bad.steps[1:]}
    # what needs no token is seen all the same
    assert [rest.pop(id).ok for id in ("connect", "tls", "no-credential")] == [True, None, True]
    assert {(s.ok, s.seen) for s in rest.values()} == {(None, "waits for an access token")}
    said = [line for line in output.test_lines(bad, output.Output()) if "waits for" in line]
    assert said == [
        "  ○ accepted with yours, refused with a false one, rate limit: waits for an access token"
    ]


@pytest.mark.parametrize(
    ("claims", "certainty"),
    [
        ({"typ": "ID", "aud": "me", "azp": "me"}, "proven"),
        ({"token_use": "id"}, "proven"),
        ({"at_hash": "x"}, "proven"),
        ({"aud": "me", "azp": "me"}, "likely"),
        ({"nonce": "n"}, "likely"),
    ],
)
async def test_an_id_token(claims: dict[str, object], certainty: str) -> None:
    text = token(**claims)
    api = taking(lambda held: "scope" in held)
    cause = "id-token-used-as-access-token"
    await first_and_only_by_its_rule(cause, lambda *_: given(text), api, certainty=certainty)


@pytest.mark.parametrize(
    "claims",
    [
        {"typ": "Bearer", "nonce": "n"},
        {"token_use": "access", "client_id": "me", "aud": "me"},
        {"aud": "me", "azp": "me", "scope": "other"},
        {"aud": "https://api.invalid", "azp": "me"},
    ],
)
async def test_a_refused_access_token_is_no_id_token(claims: dict[str, object]) -> None:
    text = token(**claims)
    found: Diagnosis = await diagnosed(lambda *_: given(text), taking(lambda _: False))
    assert "id-token-used-as-access-token" in found.ruled_out


@pytest.mark.parametrize(
    ("ahead", "claim", "certainty"), [(900, "iat", "proven"), (900, "nbf", "proven"), (40, "iat", "likely")]
)
async def test_a_token_of_the_future(ahead: int, claim: str, certainty: str) -> None:
    def issue(*_: object) -> bytes:
        return given(token(**{claim: int(time.time()) + ahead, "exp": int(time.time()) + 3600}))

    api = taking(lambda held: max(held["iat"], held.get("nbf", 0)) <= time.time())
    cause = "token-not-yet-valid-iat-nbf-future"
    await first_and_only_by_its_rule(cause, issue, api, certainty=certainty)
    healthy: Diagnosis = await diagnosed(lambda *_: given(token()), api)
    assert healthy.findings == ()


def keycloak(*realms: str, keys: Callable[[Asked], str] = lambda _: "one") -> Give:
    """Metadata and keys as Keycloak publishes them: the issuer follows the host asked."""

    def give(asked: Asked, _: str) -> bytes:
        here = f"http://{asked.headers['host']}"
        for realm in realms:
            issuer = f"{here}/realms/{realm}"
            if asked.path == f"/realms/{realm}/.well-known/openid-configuration":
                return answer(200, {"issuer": issuer, "jwks_uri": f"{issuer}/keys"})
            if asked.path == f"/realms/{realm}/keys":
                return answer(200, {"keys": [{"kty": "RSA", "kid": keys(asked)}]})
        return answer(404)

    return give


def of(realm: str, host: str = "127.0.0.1") -> Give:
    return lambda _, base: given(token(iss=f"{base.replace('127.0.0.1', host)}/realms/{realm}"))


@pytest.mark.row("G7")
@pytest.mark.parametrize("setting", ["issuer", "keycloak_realm", "header.X-Keycloak-Realm"])
async def test_a_token_of_another_realm(setting: str) -> None:
    value = "{base}/realms/mcp-gateway" if setting == "issuer" else "mcp-gateway"
    api = taking(lambda held: held["iss"].endswith("/mcp-gateway"))
    other = keycloak("mcp-gateway", "master")
    found = await first_and_only_by_its_rule(
        "wrong-realm", of("master"), api, other=other, **{setting: value}
    )
    assert "`master`" in found.findings[0].title
    healthy: Diagnosis = await diagnosed(of("mcp-gateway"), api, other=other, **{setting: value})
    assert healthy.findings == ()
    same: Diagnosis = await diagnosed(
        of("mcp-gateway"), taking(lambda _: False), other=other, **{setting: value}
    )
    assert "wrong-realm" not in [f.cause for f in same.findings]


@pytest.mark.row("G7")
async def test_the_refusal_names_the_issuer_that_it_expects() -> None:
    def api(asked: Asked, base: str) -> bytes:
        expected = f"{base}/realms/r"
        says = {"error": "invalid_token", "error_description": f"Invalid token issuer. Expected '{expected}'"}
        return taking(lambda held: held["iss"] == expected, says)(asked, base)

    cause = "issuer-hostname-mismatch-keycloak"
    found = await first_and_only_by_its_rule(cause, of("r", "localhost"), api, other=keycloak("r"))
    assert any("same keys" in e.fact for e in found.findings[0].evidence)
    assert (await diagnosed(of("r"), api, other=keycloak("r"))).findings == ()
    apart = keycloak("r", keys=lambda asked: asked.headers["host"])
    two: Diagnosis = await diagnosed(of("r", "localhost"), api, other=apart)
    assert cause not in [f.cause for f in two.findings]


async def test_an_issuer_that_only_the_token_names_is_not_asked() -> None:
    def elsewhere(*_: object) -> bytes:
        return given(token(iss="http://127.0.0.1:1/realms/x"))

    found: Diagnosis = await diagnosed(elsewhere, taking(lambda _: False))
    assert not any("127.0.0.1:1/" in e.url for e in found.exchanges)


@pytest.mark.row("G7")
async def test_a_token_without_groups_and_user_info_of_another() -> None:
    """User info goes only to the issuer that the token is of; one that calls itself otherwise gets nothing."""
    says = {"error": "access_denied", "error_description": "not in a group that may"}
    api = taking(lambda held: "g" in held.get("groups", []), says, 403)
    asked_for: list[str] = []

    def issuer(name: str) -> Give:
        def give(asked: Asked, base: str) -> bytes:
            if asked.path.endswith("/openid-configuration"):
                return answer(200, {"issuer": f"{base}/realms/{name}", "userinfo_endpoint": f"{base}/info"})
            if asked.path == "/info":
                asked_for.append(asked.headers["authorization"])
                return answer(200, {"sub": "me", "groups": ["g"]})
            return answer(404)

        return give

    def issue(_: Asked, base: str) -> bytes:
        return given(token(iss=f"{base}/realms/r", scope="openid", azp="me"))

    def with_groups(_: Asked, base: str) -> bytes:
        return given(token(iss=f"{base}/realms/r", groups=["g"]))

    words = {"issuer": "{base}/realms/r"}
    cause = "groups-mapper-missing"
    await first_and_only_by_its_rule(cause, issue, api, other=issuer("r"), **words)
    assert asked_for
    asked_for.clear()
    await first_and_only_by_its_rule(cause, issue, api, other=issuer("s"), certainty="likely", **words)
    assert not asked_for
    assert (await diagnosed(with_groups, api, other=issuer("r"), **words)).findings == ()
    # a 403 that does not speak of groups, at a service of which nobody says that groups decide
    other = await diagnosed(
        issue, taking(lambda _: False, {"error": "quota"}, 403), other=issuer("r"), **words
    )
    assert cause not in [f.cause for f in other.findings]
