"""Whether a file lies in a folder that a service copies to other machines, told by the folders' own names and marks.

Sources: help.dropbox.com (info.json), support.microsoft.com (OneDrive's folder and variable), support.apple.com
(~/Library/Mobile Documents), support.google.com (My Drive), docs.syncthing.net (.stfolder).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_NAMES: Final = (
    ("Dropbox", re.compile(r"Dropbox(?: \(.+\))?")),
    ("OneDrive", re.compile(r"OneDrive(?: - .+|-.+)?")),
    ("iCloud Drive", re.compile(r"iCloudDrive|iCloud Drive|com~apple~CloudDocs|Mobile Documents")),
    ("Google Drive", re.compile(r"Google ?Drive(?:-.+)?|My Drive")),
    ("Nextcloud", re.compile(r"Nextcloud|ownCloud")),
)
_MARKS: Final = (
    (".dropbox.cache", "Dropbox"),
    (".stfolder", "Syncthing"),
    (".nextcloudsync.log", "Nextcloud"),
    (".tmp.drivedownload", "Google Drive"),
)
_VARIABLES: Final = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")


def service_of(path: Path) -> tuple[str, str]:
    """The service and its folder; two empty texts where none is known."""
    home = _home()
    named = {str(place): service for service, place in _told()}
    for folder in path.parents:
        if folder in (home, folder.parent):
            return "", ""
        if str(folder) in named:
            return named[str(folder)], str(folder)
        marked = next((service for mark, service in _MARKS if (folder / mark).exists()), "")
        # a name alone tells only where those services put their folder
        if not marked and folder.parent in _roots(home):
            marked = next((service for service, pattern in _NAMES if pattern.fullmatch(folder.name)), "")
        if marked:
            return marked, str(folder)
    return "", ""


def _roots(home: Path) -> tuple[Path, ...]:
    library = home / "Library"
    return (home, library, library / "CloudStorage", library / "Mobile Documents")


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        return Path("/")


def _told() -> Iterator[tuple[str, Path]]:
    """The folders that the services' own settings name."""
    try:
        told = json.loads((_home() / ".dropbox/info.json").read_text("utf-8"))
        for account in told.values() if isinstance(told, dict) else ():
            if isinstance(account, dict) and isinstance(account.get("path"), str):
                yield "Dropbox", Path(account["path"])
    except (OSError, ValueError):
        pass
    for name in _VARIABLES:
        if os.environ.get(name):
            yield "OneDrive", Path(os.environ[name])
