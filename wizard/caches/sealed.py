"""Programs that keep their logins where no other program reads them: which, and how to end a login there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

KEYRING: Final = "in the system's keyring"
STORAGE: Final = "in its own secret storage, which the system's keyring locks"


@dataclass(frozen=True, slots=True)
class Sealed:
    """``client`` is the MCP client's id, ``where`` the end of the sentence that says where they are, ``clear`` how a
    person ends one. ``file`` is the sealed file, with ``~`` in front; empty where there is none of its own."""

    client: str
    program: str
    where: str
    clear: str
    file: str = ""

    def says(self) -> str:
        """The whole in one sentence."""
        return f"{self.program} keeps its logins {self.where}: they cannot be read here. {self.clear}"

    def as_json(self) -> dict[str, object]:
        """The contract's item of ``sealed``."""
        return {
            "store": self.client,
            "program": self.program,
            "path": self.file or None,
            "detail": self.says(),
        }


_ALL: Final = (
    Sealed("cursor", "Cursor", STORAGE, "Log out in Settings, Tools & MCP."),
    Sealed("vscode", "VS Code", STORAGE, "Log out by `MCP: List Servers`, the server, Disconnect Account."),
    Sealed("cline", "Cline in VS Code", STORAGE, "Log out in Cline's list of servers."),
    Sealed("goose", "Goose", KEYRING, "Take its item `goose` out of the keyring; that ends all of them."),
    Sealed("lmstudio", "LM Studio", "where it does not say", "Log out in the program."),
    Sealed(
        "gemini",
        "Gemini CLI",
        "encrypted",
        "Remove the file; that ends all of them.",
        "~/.gemini/gemini-credentials.json",
    ),
)


def found() -> tuple[Sealed, ...]:
    """Those that are on this machine."""
    from wizard import clients

    here = {client.id for client in clients.every() if client.found()}
    return tuple(s for s in _ALL if (_exists(s.file) if s.file else s.client in here))


def _exists(file: str) -> bool:
    try:
        return Path(file).expanduser().exists()
    except (OSError, RuntimeError):
        return False
