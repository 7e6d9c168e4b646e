"""Faults of the layer audience that Entra tells in a login: the resource, and the API of the scopes."""

from __future__ import annotations

import uuid

from oddities.odd_server import KNOWN, Odd
from oddities.odd_server import Answer as Reply

from ..fault import Words, fault
from ..world import World

_CONFLICT = (
    "AADSTS9010010: The resource parameter provided in the request doesn't match with the requested scopes."
)


def _login(world: World, said: str, error: str) -> Words:
    """A login that Entra ends: at the token endpoint, on the way back, or on its own page before it begins."""
    trace = f"{said} Trace ID: {uuid.uuid4()} Correlation ID: {uuid.uuid4()} Timestamp: 2026-08-21 10:02:11Z"
    answer = {"error": error, "error_description": trace, "error_codes": [9010010]}
    odd = world.pick(
        Odd(instead={"token": Reply(400, answer)}),
        Odd(change={"authorize": {"code": None, "error": error, "error_description": trace}}),
        Odd(
            instead={
                "authorize": Reply(
                    400,
                    f"<html><body>Sorry, but we're having trouble signing you in.<p>{trace}</p></body></html>",
                    "text/html",
                )
            }
        ),
    )
    server = world.protected(odd)
    known = ("--set", f"client_id={KNOWN}") if world.variant.number == 2 else ()
    return ("test", server.mcp, "--method", "authorization_code", *known)


@fault("resource-scope-conflict-aadsts9010010", source="microsoft/vscode#321249", herring="")
def conflict(world: World) -> Words:
    return _login(world, _CONFLICT, world.pick("invalid_target", "invalid_request", "invalid_target"))


@fault("resource-principal-not-found-aadsts500011", source="CyberDrain/CIPP#159", herring="")
def not_found(world: World) -> Words:
    named = world.pick(
        "https://tools.azurewebsites.net", f"api://{uuid.uuid4()}", "https://mcp.acme.test/mcp"
    )
    said = (
        f"AADSTS500011: The resource principal named {named} was not found in the tenant named"
        f" {world.pick('Contoso', str(uuid.uuid4()), 'Acme')}. This can happen if the application has not been"
        " installed by the administrator of the tenant or consented to by any user in the tenant."
    )
    return _login(world, said, world.pick("invalid_resource", "invalid_resource", "invalid_target"))
