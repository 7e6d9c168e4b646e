"""The practice services, started together on loopback: real HTTP on real sockets, new credentials at each start."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING

from wizard import practice as record
from wizard.errors import JobError
from wizard.secret import Secret

if TYPE_CHECKING:
    import uvicorn

    from .faults import Fault
    from .sites import Seen, Site

HOST = "127.0.0.1"
_READY = 10.0
_STOP = 5.0


@dataclass(frozen=True, slots=True)
class PracticeService:
    """One running service: where it is, and every credential it knows by name (``token`` is the usual one)."""

    url: str
    credentials: Mapping[str, Secret]
    token_file: Path | None = None


class Practice:
    """The running services by id (``faos``, ``fleet``, ``mcp``, ``gateway``); a context manager that stops them."""

    def __init__(self, sites: Mapping[str, Site], running: _Running) -> None:
        self._sites = sites
        self._running = running
        self._urls = {name: site.url for name, site in sites.items()}
        self.services: Mapping[str, PracticeService] = MappingProxyType(
            {
                name: PracticeService(site.url, MappingProxyType(dict(site.credentials)), site.token_file)
                for name, site in sites.items()
            }
        )
        record.record(self._urls)

    @property
    def seen(self) -> tuple[Seen, ...]:
        """Every request so far in the order of time: what arrived, by the names of credentials."""
        every = (seen for site in self._sites.values() for seen in tuple(site.seen))
        return tuple(sorted(every, key=lambda seen: seen.number))

    def issue_jwt(self, **changes: object) -> Secret:
        """A JWT that the service ``mcp`` accepts; ``changes`` replace claims, None drops one."""
        from .protected import ProtectedSite

        site = self._sites["mcp"]
        if not isinstance(site, ProtectedSite):
            raise TypeError("the service mcp issues JWTs")
        return site.jwt(**changes)

    def end_logins(self) -> None:
        """Every login at the practice FAOS by single sign-on is ended there, and nobody is told."""
        from .faos import FaosSite

        for site in self._sites.values():
            if isinstance(site, FaosSite):
                site.end_logins()

    def stop(self) -> None:
        """End every service; doing it twice is harmless."""
        self._running.stop()
        record.forget(self._urls)
        _remove_token_files(self._sites.values())
        _forget_logins(self._sites.values())

    def __enter__(self) -> Practice:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(port: int = 0, *, faults: Mapping[str, str] | None = None, trusted: str = "") -> Practice:
    """Start the practice services and return when they answer.

    Args:
        port: the first service's port, the others take the next ones; 0 takes any free ports.
        faults: service id -> cause that it is to show (see `sandbox.faults`).
        trusted: the issuer of a Keycloak whose tokens the gateway believes as well.

    Raises:
        JobError: ``port-taken``, or ``practice-not-started``.
        UsageError: an unknown fault, or one that the service cannot show.
        FileProblem: the state folder cannot be written.
    """
    from . import vendors
    from .faults import chosen

    wanted: dict[str, Fault] = {}
    for service, cause in (faults or {}).items():
        wanted |= dict(chosen(cause, service))
    names = ["faos", "fleet", "mcp", "gateway", *vendors.IDS]
    if "faos" in wanted and wanted["faos"].staging:
        names.append("faos-staging")
    with ExitStack() as undo:
        sockets = _bind(names, port)
        for bound in sockets.values():
            undo.callback(bound.close)
        closing = asyncio.Event()
        sites = {
            name: _site(name, f"http://{HOST}:{s.getsockname()[1]}", closing, trusted)
            for name, s in sockets.items()
        }
        undo.callback(_remove_token_files, sites.values())
        for name, site in sites.items():
            site.peers = sites
            if name in wanted:
                wanted[name].prepare(site)
        running = _Running(closing, [(_server(sites[n], wanted.get(n)), s) for n, s in sockets.items()])
        undo.callback(running.stop)
        running.start()
        practice = Practice(sites, running)
        undo.pop_all()
        return practice


def as_json(practice: Practice) -> dict[str, object]:
    """The contract's ``sandbox`` line. Credentials are revealed: they open nothing but this practice."""
    return {
        "services": {
            name: {
                "url": service.url,
                "credentials": {field: secret.reveal() for field, secret in service.credentials.items()},
                **({"token_file": str(service.token_file)} if service.token_file else {}),
            }
            for name, service in practice.services.items()
        }
    }


def _bind(names: list[str], first: int) -> dict[str, socket.socket]:
    """A listening socket for each name."""
    bound: dict[str, socket.socket] = {}
    try:
        for offset, name in enumerate(names):
            number = first + offset if first else 0
            bound[name] = sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((HOST, number))
            sock.listen(128)
            sock.setblocking(False)
    except (OSError, OverflowError) as error:
        for sock in bound.values():
            sock.close()
        reason = (error.strerror if isinstance(error, OSError) else None) or "It is no port number."
        raise JobError(
            "port-taken",
            f"Port {number} on {HOST} cannot be used.",
            reason,
            ["Choose another with --port, or leave it out: free ports are taken then."],
        ) from error
    return bound


def _site(name: str, origin: str, closing: asyncio.Event, trusted: str) -> Site:
    from . import vendors
    from .faos import FaosSite
    from .fleet import FleetSite
    from .gateway import GatewaySite
    from .protected import ProtectedSite

    if name in vendors.IDS:
        return vendors.site(name, origin, closing)
    if name == "fleet":
        return FleetSite(origin, closing, record.token_file(origin).parent)
    if name == "gateway":
        return GatewaySite(origin, closing, record.token_file(origin).parent, trusted)
    if name == "mcp":
        return ProtectedSite(origin, closing)
    return FaosSite(origin, closing, name)


def _remove_token_files(sites: Iterable[Site]) -> None:
    """Their tokens open nothing once the services have stopped."""
    for site in sites:
        if site.token_file is not None:
            with suppress(OSError):
                site.token_file.unlink(missing_ok=True)
                site.token_file.parent.rmdir()


def _forget_logins(sites: Iterable[Site]) -> None:
    from . import faos_login
    from .faos import FaosSite

    for site in sites:
        if isinstance(site, FaosSite):
            faos_login.forget(site.url)


def _server(site: Site, fault: Fault | None) -> uvicorn.Server:
    import uvicorn

    from .serving import PromptServer

    config = uvicorn.Config(
        site.app((fault.answer,) if fault else ()),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return PromptServer(site.closing, config)


class _Running:
    """The thread that serves, with a loop of its own."""

    def __init__(self, closing: asyncio.Event, servers: list[tuple[uvicorn.Server, socket.socket]]) -> None:
        self._closing = closing
        self._servers = servers
        self._loop: asyncio.AbstractEventLoop | None = None
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="authwizard-practice", daemon=True)

    def start(self) -> None:
        """Serve, and return when every service accepts. Raises: JobError."""
        self._thread.start()
        if not self._up.wait(_READY) or not all(server.started for server, _ in self._servers):
            raise JobError(
                "practice-not-started",
                "The practice services did not start.",
                f"They were not ready within {_READY:.0f} seconds.",
                ["Try again."],
            )

    def stop(self) -> None:
        """Ask every server to end, and wait for the thread."""
        for server, _ in self._servers:
            server.should_exit = True
        if self._loop is not None:
            # the loop may have ended by itself meanwhile
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._closing.set)
        if self._thread.is_alive():
            self._thread.join(_STOP)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._up.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        serving = [asyncio.ensure_future(server.serve(sockets=[sock])) for server, sock in self._servers]
        while not all(  # noqa: ASYNC110  uvicorn has a flag to look at, no event to wait for
            server.started for server, _ in self._servers
        ) and not any(t.done() for t in serving):
            await asyncio.sleep(0.005)
        self._up.set()
        await asyncio.gather(*serving)
