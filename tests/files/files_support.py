"""What the tests of credential files share."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from wizard.secret import Secret

NOBODY = 65534


def write(path: Path, text: str, mode: int = 0o600, folder: int = 0o700) -> Path:
    """A file with its mode, in a folder of its own with another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    path.parent.chmod(folder)
    return path


def fleet_file(
    path: Path, token: Secret, created: str = "2025-11-11T10:30:00Z", mode: int = 0o600, folder: int = 0o700
) -> Path:
    """A token file as Fleet writes it."""
    content = json.dumps({"value": token.reveal(), "created_at": created}, indent=2)
    return write(path, content + "\n", mode, folder)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)
