"""A server far away cannot make us ask what lies in the network around us, whatever it names as its issuer."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from servers.raw import Asked, Raw, answer, raw_server

from diagnostics.engine import Context
from diagnostics.facts import JwtView, Named
from diagnostics.facts.oauth import TOLD, Expected, Issuers, IssuersSaid
from diagnostics.facts.wire import Answer, Differential
from diagnostics.probes import issuer
from diagnostics.target import Target
from wizard.entries import Remote
from wizard.transport import Transport
from wizard.urls import seclusion

_FAR = "93.184.215.14"


@pytest.mark.parametrize(
    ("host", "near"),
    [
        (_FAR, 0),
        ("mcp.example.com", 0),
        ("2606:2800:21f:cb07::1", 0),
        ("10.1.2.3", 1),
        ("192.168.0.1", 1),
        ("100.64.0.1", 1),
        ("fd00::1", 1),
        ("169.254.169.254", 2),
        ("::ffff:169.254.169.254", 2),
        ("fe80::1%eth0", 2),
        ("127.9.9.9", 3),
        ("0.0.0.0", 3),
        ("[::1]", 3),
        ("::ffff:127.0.0.1", 3),
        ("LocalHost.", 3),
        ("a.localhost", 3),
    ],
)
def test_how_near_an_address_lies(host: str, near: int) -> None:
    assert seclusion(host) == near


async def _asked(who: str, url: str, address: str, *, jwks: str = "") -> tuple[Raw, object]:
    """What is asked of an issuer on this machine that ``who`` names, where the target has this address."""

    async def answerer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        base = f"http://127.0.0.1:{raw.port}/realms/x"
        document: dict[str, Any] = {"issuer": base, "jwks_uri": jwks or f"{base}/keys"}
        writer.write(answer(200, {"keys": [{"kid": "one"}]} if asked.path.endswith("keys") else document))

    async with raw_server(answerer) as raw, Transport(timeout=5) as transport:
        named = f"http://127.0.0.1:{raw.port}/realms/x"
        now = time.time()
        context, expected = Context(Target("t", Remote(url, {})), transport), Expected(((who, named),))
        at = Named("t", (address,), "")
        said = await issuer.said(
            context,
            JwtView({}, {"iss": named, "exp": now + 600}),
            expected,
            Differential("mcp", Answer(401), Answer(401), Answer(401)),
            at,
        )
        if not isinstance(said, IssuersSaid):
            return raw, said
        return raw, await issuer.issuers(context, said, expected, at)


@pytest.mark.parametrize("who", ["the server's metadata", "the server's refusal"])
@pytest.mark.parametrize("address", [_FAR, "10.0.0.7", "169.254.3.4"])
async def test_a_server_names_nothing_nearer_than_itself(who: str, address: str) -> None:
    raw, found = await _asked(who, "https://mcp.example.com/mcp", address)
    assert not raw.asked
    assert not isinstance(found, Issuers)


@pytest.mark.parametrize(
    ("who", "url", "address"),
    [
        ("the server's metadata", "http://127.0.0.1:1/mcp", "127.0.0.1"),
        ("the server's metadata", "https://mcp.corp.test/mcp", "127.0.0.1"),
        ("the setting issuer", "https://mcp.example.com/mcp", _FAR),
        (TOLD, "https://mcp.example.com/mcp", _FAR),
    ],
)
async def test_what_the_person_named_or_lies_as_near_is_asked(who: str, url: str, address: str) -> None:
    raw, found = await _asked(who, url, address)
    assert [a.path for a in raw.asked][:1] == ["/realms/x/.well-known/openid-configuration"]
    assert isinstance(found, Issuers)
    assert found.found[0].keys == ("one",)
