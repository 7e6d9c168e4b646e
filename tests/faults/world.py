"""What a fault is arranged in: an empty home, variables, files, names, real servers; all gone when it ends."""

from __future__ import annotations

import secrets
import socket
import ssl
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import pytest
from oddities.odd_server import Odd, OddServer, served
from servers.scripted import Answering, Scripted, scripted

_T = TypeVar("_T")


@dataclass(frozen=True)
class Variant:
    """One of the three ways in which a fault is met: other names, other paths, other words."""

    number: int
    host: str
    issuer_host: str
    path: str


VARIANTS: Final = (
    Variant(0, "127.0.0.1", "localhost", "/mcp"),
    Variant(1, "localhost", "127.0.0.1", "/v1/tools/mcp"),
    Variant(2, "127.0.0.1", "localhost", "/teams/blue/mcp"),
)


class World:
    """Everything a fault may arrange. Nothing of it outlives the run, and nothing in it is a real secret."""

    def __init__(self, variant: Variant, home: Path, patch: pytest.MonkeyPatch, stack: ExitStack) -> None:
        self.variant = variant
        self.home = home
        self.patch = patch
        self._stack = stack
        self._names: dict[str, str] = {}

    @property
    def project(self) -> Path:
        """The working folder, below the home."""
        return self.home / "project"

    def pick(self, *each: _T) -> _T:
        """What differs between the variants: the first for the first one, the last where there are fewer."""
        return each[min(self.variant.number, len(each) - 1)]

    def enter(self, manager: AbstractContextManager[_T]) -> _T:
        """Start something that ends with the run."""
        return self._stack.enter_context(manager)

    def serve(self, answering: Answering, *, tls: ssl.SSLContext | None = None) -> Scripted:
        """A server of one's own writing."""
        return self.enter(scripted(answering, tls=tls))

    def url(self, site: Scripted, path: str | None = None) -> str:
        """Where this variant reaches it."""
        return site.url(self.variant.path if path is None else path, self.variant.host)

    def protected(self, odd: Odd | None = None) -> OddServer:
        """A protected MCP server with its authorization server, healthy but for what ``odd`` changes; `issue` of it
        gives tokens."""
        v = self.variant
        return self.enter(served(odd or Odd(), host=v.host, issuer_host=v.issuer_host, path=v.path))

    def env(self, name: str, value: str) -> None:
        """A variable of this run."""
        self.patch.setenv(name, value)

    def secret(self, value: str) -> str:
        """The value in a variable of its own; its SOURCE."""
        name = f"T_{secrets.token_hex(4)}".upper()
        self.env(name, value)
        return f"env:{name}"

    def file(self, place: str | Path, content: str | bytes, mode: int = 0o600) -> Path:
        """A file below the home, its folders 0700."""
        path = self.home / place
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return path

    def readable(self, value: str) -> str:
        """The value in a file that everybody may read; its SOURCE. The usual red herring: a rule notices the mode, and
        it explains nothing."""
        path = self.file(f"secrets/{secrets.token_hex(4)}", value, 0o644)
        return f"file:{path}"

    def name(self, host: str, address: str = "127.0.0.1") -> str:
        """Let a host's name lead to this machine."""
        if not self._names:
            self._lead()
        self._names[host] = address
        return host

    def nameless(self, host: str) -> str:
        """Let no name service know a host."""
        return self.name(host, "")

    def _lead(self) -> None:
        ask, names = socket.getaddrinfo, self._names

        def led(host: object, *rest: object, **more: object) -> object:
            plain = host.decode() if isinstance(host, bytes) else host
            if names.get(str(plain)) == "":
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            return ask(names.get(str(plain), plain), *rest, **more)  # type: ignore[arg-type]  # passed on

        self.patch.setattr(socket, "getaddrinfo", led)


def clean(patch: pytest.MonkeyPatch, home: Path, environment: Mapping[str, str]) -> None:
    """An empty home and a bare environment, for runs outside of pytest."""
    for name in environment:
        if name not in ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "TMPDIR"):
            patch.delenv(name)
    (home / "project").mkdir(parents=True, mode=0o700)
    patch.setenv("HOME", str(home))
    for name, place in _XDG.items():
        patch.setenv(f"XDG_{name}_HOME", str(home / place))
    patch.chdir(home / "project")


_XDG: Final = {"CONFIG": ".config", "DATA": ".local/share", "STATE": ".local/state", "CACHE": ".cache"}
