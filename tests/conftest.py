"""Shared ground of all tests: an empty home, a clean environment, and nothing that leaves loopback."""

from __future__ import annotations

import ipaddress
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.chromium import chromium_browser
from servers.cognito import cognito
from servers.keycloak import keycloak
from servers.keycloak_people import people
from servers.oidc_provider import oidc, oidc_like
from servers.protected import keycloak_protected, oidc_protected
from servers.real import (
    fastmcp_jwt,
    fastmcp_open,
    fastmcp_sse,
    fastmcp_static,
    sdk_server,
    sdk_sse_server,
    sdk_stdio,
)
from support.running import put, run, services

# Real servers are started once for all rooms: a fixture that a second module imports would be a second server.
__all__ = [
    "chromium_browser",
    "cognito",
    "fastmcp_jwt",
    "fastmcp_open",
    "fastmcp_sse",
    "fastmcp_static",
    "keycloak",
    "keycloak_protected",
    "oidc",
    "oidc_like",
    "oidc_protected",
    "people",
    "put",
    "run",
    "sdk_server",
    "sdk_sse_server",
    "sdk_stdio",
    "services",
]

_INHERITED = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "TMPDIR", "SYSTEMROOT", "CI", "VIRTUAL_ENV")
_PATH = os.environ.get("PATH")
_KEEP_PREFIX = ("PYTEST_", "AUTHWIZARD_CI_", "COVERAGE_")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, with `project` in it as the working folder; no variable of the developer's."""
    for name in list(os.environ):
        if name not in _INHERITED and not name.startswith(_KEEP_PREFIX):
            monkeypatch.delenv(name)
    place = tmp_path / "home"
    project = place / "project"
    project.mkdir(parents=True)
    place.chmod(0o700)
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("USERPROFILE", str(place))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / ".config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(place / ".local/share"))
    monkeypatch.setenv("XDG_STATE_HOME", str(place / ".local/state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / ".cache"))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    # a rule that raises is told to a user as "not examined", and seen here
    monkeypatch.setenv("AUTHWIZARD_RAISE", "1")
    monkeypatch.chdir(project)
    return place


def _is_loopback(address: object) -> bool:
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


class LeftLoopback(AssertionError):
    """A test tried to reach another machine."""


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail any test that connects to, or asks a name server for, something that is not this machine."""
    seen: list[str] = []
    connect, connect_ex, lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def refuse(where: object) -> None:
        seen.append(str(where))
        raise LeftLoopback(f"a test left loopback: {where}")

    def guarded_connect(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address):
            refuse(address)
        connect(self, address)  # type: ignore[arg-type]  # the socket module's own argument, passed on

    def guarded_connect_ex(self: socket.socket, address: object) -> int:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address):
            refuse(address)
        return connect_ex(self, address)  # type: ignore[arg-type]  # as above

    def guarded_lookup(host: object, *rest: object, **more: object) -> object:
        name = host.decode() if isinstance(host, bytes) else str(host or "")
        if name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if not _is_loopback((name,)):
            refuse(name)
        return lookup(host, *rest, **more)  # type: ignore[arg-type]  # as above

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_lookup)
    yield
    assert not seen, f"left loopback: {seen}"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long text is named by its length: a test's name goes to every worker, to every child and into every report."""
    if isinstance(val, str | bytes) and len(val) > 80:
        return f"{argname}-of-{len(val)}"
    return None


def pytest_configure() -> None:
    """A script in the background hands Ctrl+C on as ignored, and every child would ignore it as well."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs an absent program, with its reason; under CI that is a failure instead."""
    for item in items:
        marker = item.get_closest_marker("real")
        if marker is None:
            continue
        needs = [program for program in marker.args if not _present(program)]
        if needs and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(needs)}; .ci/run installs it"))


@pytest.fixture(autouse=True)
def _nothing_real_is_missing(request: pytest.FixtureRequest) -> None:
    marker = request.node.get_closest_marker("real")
    if marker is not None:
        needs = [program for program in marker.args if not _present(program)]
        assert not needs, f"under CI this may not be skipped: {', '.join(needs)} is missing"


def _present(program: str) -> bool:
    if program in _INSTALLED:
        return bool(os.environ.get(f"AUTHWIZARD_CI_{program.upper().replace('-', '_')}"))
    # a server such as nginx stands where a person's PATH often does not lead
    return shutil.which(program, path=f"{_PATH or ''}:/usr/sbin") is not None


_INSTALLED = frozenset(
    {"claude", "mcp-remote", "oidc-provider", "keycloak"}
    | {"codex", "gemini", "opencode", "copilot", "cline", "continue", "langchain", "openai"}
)
"""Programs that `.ci/run` installs below `.ci/built`, and names by a variable."""

_rows: dict[str, set[str]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect which feature rows a passed test showed."""
    if report.when == "call" and report.passed:
        for name, value in report.user_properties:
            if name == "row":
                _rows.setdefault(str(value), set()).add(report.nodeid)


@pytest.fixture(autouse=True)
def _record_rows(request: pytest.FixtureRequest) -> None:
    for marker in request.node.iter_markers("row"):
        for row in marker.args:
            request.node.user_properties.append(("row", row))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the rows shown where `.ci/run` asks for them."""
    place = os.environ.get("AUTHWIZARD_CI_ROWS")
    if place:
        with Path(place).open("a", encoding="utf-8") as stream:
            stream.writelines(f"{row}\n" for row in sorted(_rows))
    if terminalreporter.config.getoption("verbose") > 0 and _rows:
        terminalreporter.write_line(f"rows shown: {' '.join(sorted(_rows))}")
