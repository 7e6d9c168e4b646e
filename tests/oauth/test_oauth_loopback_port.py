"""Where the loopback listener of a login listens: on its own addresses, alone, and no longer than the login."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from loopback_support import free, get, has_v6, state, target

from wizard.errors import UsageError
from wizard.oauth.loopback import PORT, Loopback
from wizard.oauth.problems import OAuthProblem

needs_v6 = pytest.mark.skipif(not has_v6(), reason="this machine has no ::1")

_HOLDS = """
import socket, sys
one = socket.socket()
one.bind(("127.0.0.1", int(sys.argv[1])))
one.listen()
print("ready", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(port: int, script: Path) -> Iterator[int]:
    """Another program that holds the port; its process id."""
    script.write_text(_HOLDS, "utf-8")
    with subprocess.Popen(
        [sys.executable, str(script), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        try:
            yield process.pid
        finally:
            process.stdin.close()


@needs_v6
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_localhost_is_both_addresses(address: str) -> None:
    own = state()
    async with Loopback(own, host="localhost", port=0) as one:
        assert one.redirect_uri.startswith("http://localhost:")
        assert (await get(one, target(own, code="x"), address=address, host=f"{address}:1")).status == 421
        assert (await get(one, target(own, code="x"), address=address)).status == 200
        assert await one.wait(5)


@needs_v6
async def test_an_ipv6_address_is_written_in_brackets() -> None:
    own = state()
    async with Loopback(own, host="::1", port=0) as one:
        assert one.redirect_uri == f"http://[::1]:{one.port}/callback"
        assert (await get(one, target(own, code="x"))).status == 200
        assert await one.wait(5)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", one.port)


async def test_no_other_address_of_this_machine_listens() -> None:
    async with Loopback(state(), port=0) as one:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", one.port)


@needs_v6
async def test_half_of_localhost_is_not_enough() -> None:
    """A browser may try ::1 first: whoever listens there would get the code."""
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OAuthProblem, match="in use"):
            await Loopback(state(), host="localhost", port=port).__aenter__()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="no /proc here")
@pytest.mark.parametrize(
    ("script", "named"), [("holder.py", "`python"), ("authwizard", "another authwizard (")]
)
async def test_a_taken_port_names_who_holds_it(tmp_path: Path, script: str, named: str) -> None:
    port = free()
    with held(port, tmp_path / script) as pid, pytest.raises(OAuthProblem) as caught:
        await Loopback(state(), port=port).__aenter__()
    problem = caught.value
    assert (problem.id, problem.exit_code) == ("callback-port-in-use-or-reserved", 1)
    assert problem.title == f"Port {port} on 127.0.0.1, to which the browser would return, is in use."
    assert named in problem.detail
    assert f"process {pid}" in problem.detail
    assert "Nothing was opened" in problem.detail
    assert any("--port" in step for step in problem.fix)


async def test_a_second_login_of_one_program_is_told_apart() -> None:
    async with Loopback(state(), port=0) as one:
        with pytest.raises(OAuthProblem) as caught:
            await Loopback(state(), port=one.port).__aenter__()
    if Path("/proc/net/tcp").exists():
        assert "another login of this very authwizard" in caught.value.detail


async def test_two_logins_on_two_ports_keep_apart() -> None:
    first, second = state(), state()
    async with Loopback(first, port=0) as one, Loopback(second, port=None) as two:
        assert one.port != two.port
        assert (await get(one, target(second, code="x"))).status == 400
        assert (await get(two, target(second, code="x"))).status == 200
        assert await two.wait(5)
        assert not one._answer.done()


async def test_the_port_is_free_again_at_once() -> None:
    own, port = state(), free()
    for _ in range(2):
        async with Loopback(own, port=port) as one:
            assert (await get(one, target(own, code="x"))).status == 200


@pytest.mark.parametrize("when", ["waiting", "entering"])
async def test_a_login_that_is_cancelled_leaves_no_socket(when: str) -> None:
    one = Loopback(state(), port=0)
    ready = asyncio.Event()

    async def login() -> None:
        async with one:
            ready.set()
            await one.wait(60)

    task = asyncio.create_task(login())
    if when == "waiting":
        await ready.wait()
        await get(one, "/callback")
        _, silent = await asyncio.open_connection("127.0.0.1", one.port)
    else:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    if when == "waiting":
        silent.close()
    assert one._clients == {}
    assert one._servers == []
    if one.port:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", one.port)


def test_the_port_is_the_pinned_one_unless_another_is_given() -> None:
    assert PORT == 3334
    assert Loopback(state()).redirect_uri == "http://127.0.0.1:3334/callback"
    chosen = Loopback(state(), host="localhost", port=8123, path="/oauth/back")
    assert chosen.redirect_uri == "http://localhost:8123/oauth/back"
    assert Loopback(state(), host="[::1]", port=8123).redirect_uri == "http://[::1]:8123/callback"


@pytest.mark.parametrize("host", ["0.0.0.0", "example.com", "192.168.1.4", ""])
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(UsageError) as caught:
        Loopback(state(), host=host)
    assert caught.value.id == "not-loopback"


def test_a_port_is_a_port() -> None:
    for port in (-1, 65536):
        with pytest.raises(UsageError):
            Loopback(state(), port=port)
