"""Proxies on loopback: tinyproxy from Debian, and a small one that knows names which nobody else knows."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from servers.real import free_port


@contextlib.contextmanager
def tinyproxy(folder: Path, user: str = "", password: str = "") -> Iterator[int]:
    """A running tinyproxy; with ``user`` it asks for one. Its port."""
    port = free_port()
    place = folder / "tinyproxy.conf"
    lines = [f"Port {port}", "Listen 127.0.0.1", "Timeout 20", "MaxClients 50", "LogLevel Critical"]
    lines += [f"BasicAuth {user} {password}"] if user else []
    place.write_text("\n".join(lines) + "\n")
    program = shutil.which("tinyproxy")
    assert program
    process = subprocess.Popen(
        [program, "-d", "-c", str(place)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None:
                assert process.stderr is not None
                raise AssertionError(process.stderr.read().decode()[-2000:])
            assert time.monotonic() < deadline, "tinyproxy did not start"
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(10)
        assert process.stderr is not None
        process.stderr.close()


@contextlib.asynccontextmanager
async def gateway(port: int, refuses: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A proxy whose every host is this machine at ``port`` (another network's, seen from outside). ``refuses`` is a
    status that it answers instead, as a proxy with rules does; with ``tls`` it is an https proxy."""
    tasks: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method, target, _ = head.split("\r\n", 1)[0].split(" ")
            if refuses:
                writer.write(
                    f"HTTP/1.1 {refuses} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
                )
                await writer.drain()
                if tls is None:
                    writer.write_eof()
            else:
                there, onward = await asyncio.open_connection("127.0.0.1", port)
                if method == "CONNECT":
                    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    path = "/" + target.split("://", 1)[1].partition("/")[2]
                    rest = head.split("\r\n", 1)[1].replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
                    onward.write(f"{method} {path} HTTP/1.1\r\n{rest}".encode())
                try:
                    await asyncio.gather(pump(reader, onward), pump(there, writer))
                finally:
                    onward.transport.abort()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
