"""Faults of the system's secret store."""

from __future__ import annotations

import json
import secrets

from keyring import core
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringError, KeyringLocked

from ..fault import Words, fault
from ..world import World


class Kept(KeyringBackend):
    """A store that holds one entry, or refuses."""

    priority = 5  # type: ignore[assignment]  # keyring reads it from the class

    def __init__(self, held: str, problem: KeyringError | None = None) -> None:
        super().__init__()
        self.held = held
        self.problem = problem

    def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002  keyring's own shape
        """The entry."""
        if self.problem is not None:
            raise self.problem
        return self.held

    def set_password(self, service: str, username: str, password: str) -> None:  # noqa: ARG002  as above
        """Nothing is kept."""
        raise KeyringLocked

    def delete_password(self, service: str, username: str) -> None:
        """Nothing is there."""


@fault("keychain-locked-or-unavailable", source="openai/codex#16728", herring="")
def shut(world: World) -> Words:
    """No D-Bus over SSH; a locked collection; one that cannot be opened."""
    server = world.protected()
    world.patch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    if world.variant.number == 0:
        world.env("SSH_CONNECTION", "192.0.2.7 50022 192.0.2.9 22")
        from keyring.backends.fail import Keyring

        world.patch.setattr(core, "_keyring_backend", Keyring())
    else:
        world.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus")
        problem = world.pick(
            KeyringLocked(), KeyringLocked("Failed to unlock the collection!"), InitError("no prompt")
        )
        world.patch.setattr(core, "_keyring_backend", Kept("", problem))
    name = world.pick(
        "keyring:notes", "keyring:authwizard/wiki/token", "keyring:Codex MCP Credentials/tickets"
    )
    return ("doctor", server.mcp, "--credential", name)


@fault("keychain-entry-size-truncation", source="anthropics/claude-code#28542", herring="")
def cut(world: World) -> Words:
    """The entry of a client with all its logins, without its end."""
    server = world.protected()
    whole = json.dumps(
        {
            "claudeAiOauth": {"accessToken": secrets.token_urlsafe(80), "scopes": ["user:inference"]},
            "mcpOAuth": {
                "notes": {
                    "accessToken": secrets.token_urlsafe(200),
                    "discoveryState": {
                        "endpoints": [f"https://api.notes.test/v1/{n}/oauth" for n in range(70)]
                    },
                }
            },
        }
    )
    world.patch.setattr(core, "_keyring_backend", Kept(whole[: world.pick(2010, 2560, 1280)]))
    name = world.pick("keyring:Claude Code-credentials/me", "keyring:app/tokens", "keyring:oauth")
    return ("doctor", server.mcp, "--credential", name)
