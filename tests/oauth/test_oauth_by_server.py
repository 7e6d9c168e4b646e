"""Where nobody said how to sign in, the server does: by its answer to whoever brings nothing."""

from __future__ import annotations

import asyncio

import pytest
from rotating_issuer import Issuer
from servers.raw import Asked, answer, raw_server

from commands import by_server
from wizard import catalogue, setup
from wizard.setup import Draft


def draft(url: str, service: str = "mcp") -> Draft:
    found = catalogue.one(service)
    method = next(m for m in found.methods if m.kind == "authorization_code")
    d = setup.with_service(setup.new(), found, next(e for e in found.environments if not e.url), url)
    return setup.with_method(d, method)


async def test_a_server_that_names_who_logs_people_in(issuer: Issuer) -> None:
    assert await by_server.way(draft(issuer.mcp), seconds=5, ca=None) == by_server.LOGIN
    assert (issuer.registrations, issuer.logins) == (0, 0)


@pytest.mark.parametrize(("status", "way"), [(200, by_server.OPEN), (401, ""), (403, ""), (500, "")])
async def test_a_server_that_names_nobody(status: int, way: str) -> None:
    async def serve(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(status, {"items": []}))

    async with raw_server(serve) as raw:
        assert await by_server.way(draft(raw.url("/items"), "http"), seconds=5, ca=None) == way
    assert await by_server.way(draft(raw.url("/items"), "http"), seconds=5, ca=None) == "", "it is gone"


def test_only_where_nothing_was_said() -> None:
    d = draft("https://a.example/mcp")
    assert by_server.undecided(d, told=False)
    assert not by_server.undecided(d, told=True)
    bare = by_server.without(d)
    assert bare.method is not None
    assert bare.method.kind == "none"
    assert not by_server.undecided(bare, told=False)
