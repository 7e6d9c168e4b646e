"""What was chosen for one connection, in one piece: all that headers, variables, addresses and tokens depend on.

It is made of a draft (`wizard.setup.choice`), of a saved connection (`wizard.connections.choice`), and of an address
with what was given along with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .secret import Secret
from .services import Environment, Method, Service


@dataclass(frozen=True, slots=True)
class Choice:
    """``url`` is the address that was typed, empty where it is the deployment's own. ``settings`` are texts and
    ``secrets`` values at hand, both by field; ``kept`` are the fields whose secret is kept somewhere, at hand or not.
    ``name`` is the connection's, ``allow`` are the leniencies that the person named. ``connection`` is the name of the
    saved connection whose secrets these are, empty where they are kept nowhere yet: a login is renewed in its place.
    """

    service: Service
    environment: Environment
    method: Method
    url: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    name: str = ""
    scopes: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    kept: Collection[str] = ()
    connection: str = ""

    @property
    def address(self) -> str:
        """The address: the one typed, or the deployment's own."""
        return self.url or self.environment.url

    @property
    def called(self) -> str:
        """What a person calls it: by its connection; by the host whose address they typed; else by the service."""
        if self.connection or self.environment.url:
            return self.connection or self.service.title
        return urlsplit(self.address).netloc.rpartition("@")[2] or self.service.title

    @property
    def speaks(self) -> str:
        """``mcp`` or ``api``."""
        return self.service.speaks_at(self.environment)

    @property
    def given(self) -> frozenset[str]:
        """The fields that a secret was given for."""
        return frozenset((*self.secrets, *self.kept))
