"""A server that names an authorization server, or an endpoint of one, nearer to this machine than it lies itself."""

from __future__ import annotations

import pytest
from oddities.odd_server import Odd, OddServer

from wizard.oauth import discovery
from wizard.oauth.discovery import server_metadata
from wizard.oauth.nearness import ANYWHERE
from wizard.oauth.problems import OAuthProblem
from wizard.transport import Transport

ID = "authorization-server-nearer-than-server"


@pytest.mark.parametrize("odd", [Odd()], indirect=True, ids=["healthy"])
@pytest.mark.parametrize("depth", [0, 1, 2])
async def test_one_on_this_machine_is_not_asked_for_a_server_elsewhere(odd: OddServer, depth: int) -> None:
    async with Transport() as transport:
        with pytest.raises(OAuthProblem) as refused:
            await server_metadata(odd.own["issuer"], transport, depth=depth)
        assert (refused.value.id, odd.asked) == (ID, [])
        found = await server_metadata(odd.own["issuer"], transport, depth=ANYWHERE)
    assert found.issuer == odd.own["issuer"]


@pytest.mark.parametrize(
    "place", ["10.0.0.7", "192.168.1.1", "169.254.169.254", "127.0.0.1", "[::1]", "[fd00::1]"]
)
async def test_an_endpoint_nearer_than_its_issuer(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # behind a proxy no name is looked up, so that the address itself tells
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    from wizard.oauth import wellknown

    document = {"issuer": "https://issuer.example", "token_endpoint": f"https://{place}/token"}
    server = wellknown.server_metadata("https://issuer.example/x", document)
    assert server is not None
    async with Transport() as transport:
        looking = discovery._Looking(transport, ())
        with pytest.raises(OAuthProblem) as refused:
            await looking.checked(server, server.issuer)
    assert refused.value.id == ID
    assert "token_endpoint" in refused.value.title
