"""What a fault of a credential file is, and the causes that there are for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wizard.pasting import pasted

TOO_OPEN: Final = "token-file-too-permissive"
UNREADABLE: Final = "token-file-unreadable-owner-or-mode"
ABSENT: Final = "token-file-missing"
CORRUPT: Final = "credential-store-corrupt-or-truncated"
DISK_FULL: Final = "disk-full-or-inodes-exhausted"
VERSIONED: Final = "credential-in-version-control"
SYNCED: Final = "credential-in-synced-folder"
HISTORY: Final = "secret-in-shell-history"
STALE_LOCK: Final = "stale-lock-file"
WARNED: Final = frozenset({VERSIONED, SYNCED})
"""What may be so on purpose: git may be a private one, and so may the person's own cloud."""


@dataclass(frozen=True, slots=True)
class Mend:
    """A change of mode that puts a fault right; ``identity`` are the device and inode of what was judged."""

    path: str
    before: int
    after: int
    identity: tuple[int, int] = (0, 0)

    def says(self) -> str:
        """The command that does the same."""
        return f"chmod {self.after:o} {pasted(self.path)}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``stops`` is True where the credential cannot be had because of it; ``mend`` is what
    puts it right, where a mode is all that is wrong and it is ours to change."""

    cause: str
    evidence: tuple[str, ...]
    title: str
    fix: tuple[str, ...]
    stops: bool = False
    mend: Mend | None = None
