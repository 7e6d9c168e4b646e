"""Faults of the layer signature: the issuer's published keys did not make the token's signature, or none checks it."""

from __future__ import annotations

import base64
import json
import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from support.issuing import Issuer, cut, issuing, says

from ..fault import Words, fault
from ..world import World
from .audience import refusing

_PATHS = ("", "/realms/acme", "/oauth2/default")


def _both(world: World, *words: str | None) -> tuple[Issuer, str]:
    """An issuer, and a server that trusts it and takes no token."""
    issuer = world.enter(issuing(world.pick(*_PATHS)))
    server = refusing(world, *words, change={"resource": {"authorization_servers": [issuer.url]}})
    return issuer, server.mcp


@fault("signature-invalid", source="RFC 7515 section 5.2")
def another_signature(world: World) -> Words:
    issuer, mcp = _both(world, None, "invalid signature", "IDX10511: Signature validation failed.")
    return ("doctor", mcp, "--credential", world.readable(cut(issuer.token(aud=mcp))))


@fault("kid-not-in-jwks-keys-regenerated", source="coreos/go-oidc#243")
def a_key_that_is_gone(world: World) -> Words:
    issuer, mcp = _both(
        world, None, "failed to verify signature", "Unable to find a signing key that matches"
    )
    token = issuer.token(aud=mcp)
    issuer.kid, issuer.key = secrets.token_hex(6), ec.generate_private_key(ec.SECP256R1())
    return ("doctor", mcp, "--credential", world.readable(token))


@fault("jwt-alg-mismatch", source="nearform/fastify-jwt-jwks#10")
def another_algorithm(world: World) -> Words:
    issuer, mcp = _both(world, None, "invalid algorithm", "Unexpected signature algorithm")
    curve = world.pick({"alg": "ES384", "crv": "P-384"}, {"alg": "ES512", "crv": "P-521"}, {"alg": "RS256"})
    published = issuer.public(**curve)
    if curve["alg"] == "RS256":
        number = base64.urlsafe_b64encode(secrets.token_bytes(256)).rstrip(b"=").decode()
        published = {"kty": "RSA", "n": number, "e": "AQAB", "kid": issuer.kid, "alg": "RS256", "use": "sig"}
    issuer.pages["/jwks"] = says(200, {"keys": [published]})
    return ("doctor", mcp, "--credential", world.readable(issuer.token(aud=mcp)))


@fault("jwt-alg-none-or-unsigned", source="tsndr/cloudflare-worker-jwt#68")
def unsigned(world: World) -> Words:
    issuer, mcp = _both(world, None, "jwt signature is required", "invalid algorithm: none")
    parts = issuer.token(aud=mcp).split(".")
    header = {"alg": world.pick("none", "None", "none"), "typ": "JWT"}
    parts[0] = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return ("doctor", mcp, "--credential", world.readable(f"{parts[0]}.{parts[1]}."))


@fault(
    "kid-unknown-server-jwks-cache-stale",
    source="smallrye/smallrye-jwt#228",
    alone=False,
    certainty="likely",
)
def old_keys_at_the_server(world: World) -> Words:
    issuer, mcp = _both(world, None, "no matching key found", "Invalid signature")
    token = issuer.token(aud=mcp, scope=world.pick("read", "read write", "openid read"))
    return ("doctor", mcp, "--credential", world.readable(token))


@fault("kid-reused-with-new-key", source="DataZooDE/quack-oauth#15")
def a_new_key_under_the_old_id(world: World) -> Words:
    issuer, mcp = _both(world, None, "invalid signature", "signature verification failed")
    issuer.pages["/jwks"] = says(200, {"keys": [issuer.public()]})
    issuer.key = ec.generate_private_key(ec.SECP256R1())
    issuer.pages["/token"] = lambda _: (
        200,
        {"access_token": issuer.token(aud=mcp), "token_type": "Bearer", "expires_in": 300},
        {},
    )
    secret = world.readable(secrets.token_urlsafe(24))
    return (
        *("doctor", mcp, "--method", "client_credentials", "--set", "client_id=batch"),
        *("--set", f"token_endpoint={issuer.url}/token", "--secret", f"client_secret={secret}"),
    )
