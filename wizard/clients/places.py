"""Where a client's files are: data, and one pure function, so that each system's paths are tested on any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_XDG: Final[Mapping[str, tuple[str, str]]] = {
    "config": ("XDG_CONFIG_HOME", "~/.config"),
    "data": ("XDG_DATA_HOME", "~/.local/share"),
}
_APPLICATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "linux": ("XDG_CONFIG_HOME", "~/.config"),
    "darwin": ("", "~/Library/Application Support"),
    "win32": ("APPDATA", "~/AppData/Roaming"),
}


@dataclass(frozen=True, slots=True)
class Places:
    """A client's files. ``own`` are the person's: where there are several, the first that exists is used, else the
    first. They begin with ``~`` (the home), ``{apps}`` (where the system keeps the settings of desktop programs),
    ``{config}`` or ``{data}`` (the XDG folders, also on the other systems). ``other`` names those of a system
    (``linux``, ``darwin``, ``win32``) where it differs. ``project`` are relative to the working folder. ``variable`` is
    an environment variable that names the folder of the person's file instead."""

    own: tuple[str, ...] = ()
    project: tuple[str, ...] = ()
    other: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variable: str = ""


def own(places: Places, platform: str, home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The person's files on ``linux``, ``darwin`` or ``win32``, in order."""
    templates = places.other.get(platform, places.own)
    if places.variable and (folder := environ.get(places.variable)):
        return tuple(Path(folder) / template.rpartition("/")[2] for template in templates)
    return tuple(_path(template, platform, home, environ) for template in templates)


def _path(template: str, platform: str, home: Path, environ: Mapping[str, str]) -> Path:
    roots = {**_XDG, "apps": _APPLICATIONS[platform]}
    for name, (variable, usual) in roots.items():
        if template.startswith(f"{{{name}}}/"):
            base = Path(environ[variable]) if environ.get(variable) else home / usual.removeprefix("~/")
            return base / template.partition("/")[2]
    return home / template.removeprefix("~/")


def first(candidates: tuple[Path, ...]) -> Path | None:
    """The first that exists, else the first; None where there is none."""
    return next((path for path in candidates if path.exists()), candidates[0] if candidates else None)
