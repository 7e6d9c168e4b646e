"""Faults of the layer token-format: what the token's own text, form and kind tell."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable

from oddities.odd_server import Answer as Reply
from oddities.odd_server import Asked, Odd, OddServer

from ..fault import Words, fault
from ..world import World
from .audience import refusing


def _part(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@fault("opaque-token-where-jwt-expected", source="IBM/mcp-context-forge#2149")
def opaque_for_a_jwt(world: World) -> Words:
    if world.variant.number == 2:
        server = _looking_into_jwts(world)
    else:
        server = refusing(world, "Invalid Compact JWS", "token contains an invalid number of segments")
    token = secrets.token_urlsafe(world.pick(24, 32, 40))
    return ("doctor", server.mcp, "--credential", world.readable(token))


def _looking_into_jwts(world: World) -> OddServer:
    """A server whose words differ only for what has three parts, as ASP.NET's and Spring's do."""
    return answering(world, lambda token: "The signature key was not found" if token.count(".") == 2 else "")


def answering(world: World, says: Callable[[str], str]) -> OddServer:
    """A server that takes no token, and says of each what this says; nothing where that is empty."""
    server = world.protected()
    healthy = server.answer

    def answer(asked: Asked) -> Reply:
        found = healthy(asked)
        token = asked.headers.get("authorization", "").partition(" ")[2]
        if asked.place != "mcp" or not token:
            return found
        words = says(token)
        more = f', error_description="{words}"' if words else ""
        where = f"{server.own['base']}/.well-known/oauth-protected-resource{server.own['path']}"
        challenge = f'Bearer error="invalid_token"{more}, resource_metadata="{where}"'
        return Reply(401, headers=(("WWW-Authenticate", challenge),))

    server.answer = answer  # type: ignore[method-assign]  # this server answers so
    return server


@fault("jwe-encrypted-token", source="auth0/nextjs-auth0#1809")
def encrypted(world: World) -> Words:
    server = refusing(world, None, "Invalid Compact JWS", "Unable to decode JWT.")
    header = {"alg": "dir", "enc": "A256GCM", "iss": "https://acme.eu.auth0.com/"}
    if world.variant.number == 1:
        header = {"alg": "RSA-OAEP-256", "enc": "A256CBC-HS512", "kid": secrets.token_hex(4)}
    key = b"" if header["alg"] == "dir" else secrets.token_bytes(256)
    parts = [
        json.dumps(header).encode(),
        key,
        secrets.token_bytes(12),
        secrets.token_bytes(420),
        secrets.token_bytes(16),
    ]
    return ("doctor", server.mcp, "--credential", world.readable(".".join(map(_part, parts))))


@fault("access-token-where-id-token-expected", source="punkpeye/mcp-remote#219")
def access_for_id(world: World) -> Words:
    server = refusing(
        world,
        "Token use not allowed: access. Expected: id",
        "JWT Token doesn't seem to be an ID Token",
        "Expected an id_token, got an access token",
    )
    token = server.issue(
        kind=world.pick("JWT", "JWT", "at+jwt"),
        token_use=world.pick("access", "access", None),
        username=world.pick("Test2", "bob", None),
        scope=world.pick("aws.cognito.signin.user.admin", "openid", "read"),
    )
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault("id-token-used-as-access-token", source="auth0-community/ember-simple-auth-auth0#175")
def id_for_access(world: World) -> Words:
    server = refusing(world, "Invalid audience", "invalid_token", "The access token could not be verified")
    marks = world.pick({"at_hash": secrets.token_urlsafe(16)}, {"token_use": "id"}, {"typ": "ID"})
    token = server.issue(
        kind="JWT", scope=None, client_id=None, aud=f"client-{secrets.token_hex(4)}", nonce="n", **marks
    )
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault("token-trailing-newline-or-crlf", source="balena-io/balena-cli#1800")
def a_line_end(world: World) -> Words:
    server = world.protected()
    text = world.pick("{}\r\n", "{} ", "{}\n\n").format(server.issue())
    return ("doctor", server.mcp, "--credential", world.readable(text))


@fault("token-quotes-or-invisible-characters", source="Huachao/vscode-restclient#942")
def quotes(world: World) -> Words:
    server = world.protected()
    token = server.issue()
    text = world.pick(f'"{token}"', f"{token[:40]}\u200b{token[40:]}", f"'{token}'")
    return ("doctor", server.mcp, "--credential", world.readable(text))


@fault("token-truncated-or-placeholder", source="anthropics/claude-code#28542")
def cut_off(world: World) -> Words:
    server = world.protected()
    token = server.issue()
    text = world.pick(token[:-7], "<your-token-here>", token.rpartition(".")[0] + ".")
    return ("doctor", server.mcp, "--credential", world.readable(text))


@fault("token-not-recognised", source="RFC 6750 section 3.1", alone=False, certainty="likely")
def unknown(world: World) -> Words:
    words = world.pick({"error": "invalid_token"}, {"message": "Bad credentials"}, {"detail": "Unauthorized"})
    where = 'resource_metadata="{base}/.well-known/oauth-protected-resource{path}"'
    refusal = Reply(401, words, headers=(("WWW-Authenticate", f'Bearer error="invalid_token", {where}'),))
    server = world.protected(Odd(instead={"unaccepted": refusal}))
    token = world.pick("", "tk_", "v1.") + secrets.token_urlsafe(30)
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault("dpop-or-mtls-bound-token-sent-as-bearer", source="modelcontextprotocol/conformance#369")
def bound(world: World) -> Words:
    server = refusing(world, None, "DPoP proof required", "invalid_dpop_proof")
    key = world.pick("jkt", "x5t#S256", "jkt")
    token = server.issue(cnf={key: secrets.token_urlsafe(32)})
    return ("doctor", server.mcp, "--credential", world.readable(token))
