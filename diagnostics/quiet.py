"""The secrets of other connections, for a comparison in memory: read without anything being run."""

from __future__ import annotations

from typing import Final

from wizard.connections import Connection
from wizard.errors import AuthwizardError
from wizard.secret import Secret
from wizard.vault import parse_source

_QUIET: Final = ("file", "env", "keyring")


def secrets_of(connection: Connection) -> dict[str, Secret]:
    """By field, those that can be read; a command is not run to diagnose another connection."""
    found: dict[str, Secret] = {}
    for field, text in connection.secrets.items():
        try:
            source = parse_source(text)
            if source.kind in _QUIET:
                found[field] = source.read()
        except AuthwizardError:
            continue
    return found
