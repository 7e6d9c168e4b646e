"""A server that takes the connection and never answers: what is waited for is said, and what is known comes in time."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from socket import create_server

import pytest

from commands.main import main
from diagnostics import case, doctor, targets
from diagnostics.diagnosis import Diagnosis
from diagnostics.examined import Examined
from diagnostics.watch import Watch
from wizard.transport import Transport


@contextmanager
def silent() -> Iterator[str]:
    """The address of a port that takes connections; nobody ever reads what they send."""
    with create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@asynccontextmanager
async def diagnosing(url: str, watch: Watch, timeout: float) -> AsyncIterator[asyncio.Task[Diagnosis]]:
    """The diagnosis of an address, under way."""
    async with Transport(timeout=timeout) as transport:
        yield asyncio.create_task(doctor.diagnose(targets.from_url(url), transport, watch=watch))


@pytest.mark.slow
async def test_within_its_time_the_silence_is_the_finding() -> None:
    with silent() as url:
        async with diagnosing(url, Watch(4.5), 2.0) as task:
            found = await task
    assert found.verdict == "unreachable"
    assert found.findings[0].cause == "connection-timed-out"
    assert found.cut.startswith(
        "It was not finished within 4.5 seconds, while waiting for an answer of 127.0.0.1"
    )


async def test_a_silent_process_of_this_machine_is_no_matter_of_a_vpn() -> None:
    with silent() as url:
        async with diagnosing(f"{url}/mcp", Watch(), 0.3) as task:
            finding = (await task).findings[0]
    assert finding.owner == "you"
    assert not any("VPN" in step for step in finding.fix)
    assert f"sport = :{url.rpartition(':')[2]}" in finding.fix[0]


async def test_what_is_waited_for_is_said_and_it_can_be_stopped() -> None:
    watch = Watch()
    with silent() as url:
        async with diagnosing(url, watch, 30.0) as task:
            while "an answer of 127.0.0.1" not in watch.waits(0.0):
                await asyncio.sleep(0.01)
            assert watch.waits() == ""
            watch.stop()
            found = await task
    assert found.verdict == "undetermined"
    assert found.cut.startswith("It was stopped, while waiting for an answer of 127.0.0.1")
    assert not found.findings
    assert not found.answered
    assert any("stopped" in n.needs for n in found.not_examined)


def test_why_it_ended_early_stands_in_its_case() -> None:
    kept = case.taken(Examined("x", cut="It was stopped."), str)
    assert case.of_text(case.to_text(kept.document), "x").examined.cut == "It was stopped."
    assert doctor.conclude(kept.examined).as_json()["cut"] == "It was stopped."


@pytest.mark.slow
@pytest.mark.parametrize("path", ["", "/mcp", "/sse"])
def test_a_short_time_is_enough_for_the_finding(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    with silent() as url:
        code = main(["doctor", url + path, "--timeout", "5", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert code == 1
    assert (found["verdict"], found["findings"][0]["cause"]) == ("unreachable", "connection-timed-out")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no signal of that kind")
def test_an_interrupt_gives_what_is_known() -> None:
    with create_server(("127.0.0.1", 0)) as listening, ExitStack() as kept:
        listening.settimeout(30)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
        words = [sys.executable, "-m", "wizard", "doctor", url, "--json"]
        process = kept.enter_context(subprocess.Popen(words, stdout=subprocess.PIPE, text=True))
        request = b""
        while b"POST" not in request:
            taken = kept.enter_context(listening.accept()[0])
            taken.settimeout(1)
            try:
                request = taken.recv(100)
            except TimeoutError:
                request = b""
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(said)["cut"].startswith("It was stopped, while waiting for an answer of 127.0.0.1")
