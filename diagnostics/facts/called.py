"""By what names a person's commands reach what was diagnosed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Called:
    """``connection`` is the saved one behind it, or one of the entry's name to the same server. ``client`` is the id of
    the client whose ``entry`` it is; ``project`` is True where its file is the project's, ``path`` the file where it is
    neither that nor the client's usual one. ``address`` is the server's, where it holds nothing secret, ``free`` a name
    that a connection for the entry may have, ``near`` are saved ones nearly called as one that is gone. Each is empty
    where it is not known, and none is quoted for a shell."""

    connection: str = ""
    client: str = ""
    entry: str = ""
    project: bool = False
    path: str = ""
    address: str = ""
    free: str = ""
    near: tuple[str, ...] = ()

    def seen(self) -> str:
        """The connection, or that there is none."""
        return f"the connection {self.connection}" if self.connection else "no connection that is saved"
