"""Where this program keeps things, and how a private file is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .errors import FileProblem

_APP = "authwizard"


def config_dir() -> Path:
    """Choices a person made: connections, own services. Not created by asking."""
    from platformdirs import user_config_path

    return user_config_path(_APP, appauthor=False)


def data_dir() -> Path:
    """Secrets kept in files, backups."""
    from platformdirs import user_data_path

    return user_data_path(_APP, appauthor=False)


def state_dir() -> Path:
    """What may be lost: where a practice service runs, history."""
    from platformdirs import user_state_path

    return user_state_path(_APP, appauthor=False)


def private_folder(path: Path) -> None:
    """Make a folder, 0700 where it is new; one that exists keeps its mode."""
    missing = [p for p in (path, *path.parents) if not p.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)


def write_atomic(path: Path, content: bytes, mode: int, last_look: Callable[[], None] | None = None) -> None:
    """Replace a file whole, or leave it as it was: `wizard.replacing.replace`."""
    from .replacing import replace

    replace(path, content, mode, last_look)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read (0600), in folders that are 0700 where they are new."""
    try:
        private_folder(path.parent)
    except OSError as error:
        raise FileProblem(
            "cannot-write",
            f"The folder {path.parent} could not be made.",
            error.strerror or type(error).__name__,
            ["Check who owns the folder above it."],
        ) from error
    write_atomic(path, content, 0o600)
