"""Faults of the layer registration that the token endpoint shows: what it knows of the client, and how."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote_plus

from oddities.odd_server import Asked, OddServer
from servers.scripted import Reply

from ..fault import Words, fault
from ..world import World

_REFUSED: Final = (
    (401, {"error": "invalid_client", "error_description": "Client authentication failed"}),
    (400, {"error": "invalid_client"}),
    (401, {"error": "invalid_client", "error_description": "Invalid client or Invalid client credentials"}),
)

Judge = Callable[[str, str, str], Reply | None]
"""From the way in which client id and secret came (``basic``, ``post`` or none), and both as they stood there, to a
refusal; None lets them have a token."""


def _judging(server: OddServer, judge: Judge) -> None:
    def token(asked: Asked) -> Reply:
        refusal = judge(*_shown(asked.headers, asked.form))
        if refusal is not None:
            return refusal
        return Reply(200, {"access_token": server.issue(), "token_type": "Bearer", "expires_in": 300})

    server._token = token  # type: ignore[method-assign]  # so does this server


def _shown(headers: Mapping[str, str], form: Mapping[str, str]) -> tuple[str, str, str]:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        name, _, secret = base64.b64decode(value).decode().partition(":")
        return "basic", name, secret
    return (
        ("post" if "client_secret" in form else ""),
        form.get("client_id", ""),
        form.get("client_secret", ""),
    )


def _by_program(world: World, server: OddServer, secret: str, client: str = "batch") -> Words:
    issuer = server.own["issuer"]
    return (
        *("doctor", server.mcp, "--method", "client_credentials", "--set", f"client_id={client}"),
        *("--set", f"token_endpoint={issuer}/token", "--secret", f"client_secret={world.readable(secret)}"),
    )


@fault("basic-credentials-not-form-encoded", source="BerriAI/litellm#31635")
def a_secret_that_is_not_decoded(world: World) -> Words:
    server, status_body = world.protected(), world.pick(*_REFUSED)
    client = world.pick("batch", "nightly job", "svc:reports")
    secret = secrets.token_urlsafe(12) + world.pick("+/=", "%2B", ":&") + secrets.token_urlsafe(6)

    def judge(way: str, name: str, shown: str) -> Reply | None:
        joined = f"{client}:{secret}"
        good = f"{name}:{shown}" == joined if way else False
        return None if good else Reply(*status_body)

    _judging(server, judge)
    return _by_program(world, server, secret, client)


@fault("token-endpoint-auth-method-mismatch", source="openai/codex#40928")
def only_the_other_way(world: World) -> Words:
    server, status_body = world.protected(), world.pick(*_REFUSED)
    secret = secrets.token_urlsafe(24)

    def judge(way: str, name: str, shown: str) -> Reply | None:
        return None if (way, shown) == ("post", secret) else Reply(*status_body)

    _judging(server, judge)
    return _by_program(world, server, secret)


@fault("client-secret-wrong-or-id-instead-of-value", source="freescout-help-desk/freescout#5550")
def another_secret(world: World) -> Words:
    server = world.protected()
    right = secrets.token_urlsafe(24)
    body = world.pick(
        (401, {"error": "invalid_client", "error_description": "Invalid client secret provided."}),
        (
            401,
            {
                "error": "unauthorized_client",
                "error_description": "Invalid client or Invalid client credentials",
            },
        ),
        (
            401,
            {
                "error": "invalid_client",
                "error_description": "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in"
                " the request is the client secret value, not the client secret ID.",
            },
        ),
    )
    _judging(server, lambda _way, _name, shown: None if unquote_plus(shown) == right else Reply(*body))
    return _by_program(world, server, secrets.token_urlsafe(24))


@fault("client-secret-expired", source="AzureAD/microsoft-identity-web#3212")
def a_secret_that_ended(world: World) -> Words:
    server = world.protected()
    says = world.pick(
        "AADSTS7000222: The provided client secret keys for app 'batch' are expired.",
        "The client secret has expired; create a new one.",
        "Expired client secret",
    )
    body = {
        "error": world.pick("invalid_client", "invalid_client", "unauthorized_client"),
        "error_description": says,
    }
    _judging(server, lambda *_: Reply(world.pick(401, 400), body))
    return _by_program(world, server, secrets.token_urlsafe(24))


@fault(
    "client-grant-not-allowed", source="https://www.keycloak.org/docs/latest/server_admin/#_service_accounts"
)
def no_client_credentials(world: World) -> Words:
    server = world.protected()
    body = world.pick(
        {
            "error": "unauthorized_client",
            "error_description": "Client not enabled to retrieve service account",
        },
        {
            "error": "unauthorized_client",
            "error_description": "Grant type 'client_credentials' not allowed for the client.",
        },
        {"error": "unsupported_grant_type"},
    )
    _judging(server, lambda *_: Reply(world.pick(401, 403, 400), body))
    return _by_program(world, server, secrets.token_urlsafe(24))


@fault("token-request-refused", source="RFC 6749 section 5.2")
def a_scope_that_it_gives_not(world: World) -> Words:
    server = world.protected()
    body = world.pick(
        {"error": "invalid_scope", "error_description": "Invalid scopes: reports.write"},
        {"error": "invalid_request", "error_description": "Missing parameter: audience"},
        {"error": "invalid_scope"},
    )
    _judging(server, lambda *_: Reply(400, body))
    return (*_by_program(world, server, secrets.token_urlsafe(24)), "--set", "scope=reports.write")


@fault("token-endpoint-unreachable", source="RFC 6749 section 3.2")
def nobody_at_the_token_endpoint(world: World) -> Words:
    server = world.protected()
    words = _by_program(world, server, secrets.token_urlsafe(24))
    place = (
        f"token_endpoint={server.own['dead']}{world.pick('/token', '/oauth2/v1/token', '/as/token.oauth2')}"
    )
    return tuple(place if word.startswith("token_endpoint=") else word for word in words)
