"""Keycloak as the other side of what a client shows by keys: bound tokens, signed assertions, and a code with PKCE."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets

import jwt
import pytest
from servers.keycloak import REALM, Keycloak

from wizard.oauth import OAuthClient, TokenRefused, ask
from wizard.oauth.device import poll, start
from wizard.oauth.dpop import Prover
from wizard.oauth.keys import made
from wizard.oauth.model import ServerMetadata
from wizard.secret import Secret
from wizard.transport import Transport

GRANT = {"grant_type": "client_credentials", "scope": "openid"}


def changed(keycloak: Keycloak, name: str, attributes: dict[str, str], **more: object) -> None:
    uuid = keycloak.uuid(name)
    whole = keycloak.admin("GET", f"/{REALM}/clients/{uuid}")
    whole["attributes"] = {**whole.get("attributes", {}), **attributes}
    keycloak.admin("PUT", f"/{REALM}/clients/{uuid}", {**whole, **more})


@pytest.mark.real("java")
async def test_a_bound_token_is_taken_with_its_proof_alone(keycloak: Keycloak) -> None:
    name, secret = keycloak.add_client("bound")
    changed(keycloak, name, {"dpop.bound.access.tokens": "true"})
    client, userinfo = OAuthClient(name, secret), f"{keycloak.realm_url}/protocol/openid-connect/userinfo"
    async with Transport() as transport:
        with pytest.raises(TokenRefused):
            await ask(keycloak.token_endpoint(), client, GRANT, transport)
        prover = Prover(keycloak.url)
        transport.sign(prover)
        got = await ask(keycloak.token_endpoint(), client, GRANT, transport)
        claims = jwt.decode(got.access_token.reveal(), options={"verify_signature": False})
        assert (got.token_type, claims["cnf"]["jkt"]) == ("DPoP", prover.thumbprint)
        held = {"Authorization": got.access_token.map("Bearer ")}
        prover.bind(got.access_token)
        statuses = [(await transport.send("GET", userinfo, headers=held)).status for _ in range(2)]
        again = Prover.from_key(prover.key, keycloak.url)
        again.bind(got.access_token)
        transport.sign(again)
        statuses.append((await transport.send("GET", userinfo, headers=held)).status)
        assert statuses == [200, 200, 200]
        other = Prover(keycloak.url)
        other.bind(got.access_token)
        for signer in (None, other):
            transport.sign(signer)
            assert (await transport.send("GET", userinfo, headers=held)).status == 401
        told = json.dumps([e.as_json() for e in transport.exchanges])
    assert "eyJ" not in told


@pytest.mark.real("java")
async def test_a_signed_assertion_is_taken(keycloak: Keycloak) -> None:
    name, _ = keycloak.add_client("asserting")
    key = made()
    public = {**key.public(), "use": "sig", "alg": "ES256", "kid": "k1"}
    changed(
        keycloak,
        name,
        {
            "use.jwks.string": "true",
            "jwks.string": json.dumps({"keys": [public]}),
            "token.endpoint.auth.signing.alg": "ES256",
        },
        clientAuthenticatorType="client-jwt",
    )
    kept = Secret(json.dumps({**json.loads(key.secret().reveal()), "kid": "k1"}))
    async with Transport() as transport:
        client = OAuthClient(name, None, "private_key_jwt", kept, audience=keycloak.realm_url)
        assert (await ask(keycloak.token_endpoint(), client, GRANT, transport)).access_token
        for wrong in (
            OAuthClient(name, None, "private_key_jwt", made().secret(), audience=keycloak.realm_url),
            OAuthClient(name, None, "private_key_jwt", kept, audience="https://other.example"),
        ):
            with pytest.raises(TokenRefused) as refused:
                await ask(keycloak.token_endpoint(), wrong, GRANT, transport)
            assert refused.value.error in ("invalid_client", "unauthorized_client")


@pytest.mark.real("java")
async def test_a_code_for_a_client_that_has_to_use_pkce(keycloak: Keycloak) -> None:
    """Without the challenge Keycloak refuses at the device endpoint already."""
    name, _ = keycloak.add_client("device-pkce")
    changed(
        keycloak,
        name,
        {"oauth2.device.authorization.grant.enabled": "true", "pkce.code.challenge.method": "S256"},
        publicClient=True,
        serviceAccountsEnabled=False,
    )
    issuer = keycloak.realm_url
    base = f"{issuer}/protocol/openid-connect"
    server = ServerMetadata(
        issuer,
        issuer,
        token_endpoint=f"{base}/token",
        device_authorization_endpoint=f"{base}/auth/device",
    )
    client = OAuthClient(name, None, "none")
    verifier = Secret(secrets.token_urlsafe(48))
    digest = hashlib.sha256(verifier.reveal().encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    async with Transport() as transport:
        with pytest.raises(TokenRefused) as refused:
            await start(server, client, "openid", "", transport)
        assert refused.value.error == "invalid_request"
        code = await start(server, client, "openid", "", transport, challenge=challenge)
        assert code.user_code in code.verification_uri_complete

        class Enough(Exception):  # ends the poll of this test alone
            pass

        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 4:
                raise Enough

        with pytest.raises(Enough):
            await poll(code, server, client, transport, verifier=verifier, sleep=sleep)
        # nobody waited, so Keycloak had to ask for patience after the first poll
        assert waits == [5, 5, 10, 15]
