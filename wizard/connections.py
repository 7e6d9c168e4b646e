"""A connection: a named, saved choice, with references to its secrets and no secret inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Connection:
    """``secrets`` maps a field to a SOURCE (``keyring:…``, ``env:VAR``, ``file:PATH``, ``cmd:…``)."""

    name: str
    service: str
    environment: str
    url: str
    method: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    created: str = ""
