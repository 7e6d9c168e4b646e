"""Where a variable is set for shells alone, and where for the whole desktop session.

Sources: bash(1) and zsh(1), start-up files; environment.d(5); pam_env(8).
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from .facts.entry import Setting

_SHELLS: Final = (
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_aliases",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".config/fish/config.fish",
)
_SESSION: Final = (".profile", ".xprofile", ".xsessionrc", ".pam_environment")
_SYSTEM: Final = Path("/etc/environment")
_LARGEST: Final = 1_000_000
_SET: Final = re.compile(
    r"^\s*(?:export\s+|declare\s+-\w*x\w*\s+|typeset\s+-\w*x\w*\s+|set\s+(?:-\w+\s+)*)?([A-Za-z_]\w*)(?:=|\s+DEFAULT=|\s+\S)"
)


def in_shells(variables: Collection[str]) -> tuple[Setting, ...]:
    """The lines of the shells' own start-up files that set one of these; what they set it to is not looked at."""
    home = Path.home()
    return tuple(s for name in _SHELLS for s in _lines(home / name, variables))


def in_session(variables: Collection[str]) -> tuple[str, ...]:
    """Those that are set where the desktop session reads them too."""
    home = Path.home()
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "environment.d"
    places = [*(home / name for name in _SESSION), *sorted(folder.glob("*.conf")), _SYSTEM]
    return tuple({s.variable: None for place in places for s in _lines(place, variables)})


def _lines(place: Path, variables: Collection[str]) -> Iterator[Setting]:
    try:
        if not place.is_file() or place.stat().st_size > _LARGEST:
            return
        text = place.read_text("utf-8", "replace")
    except OSError:
        return
    for number, line in enumerate(text.splitlines(), 1):
        found = _SET.match(line)
        if found and found[1] in variables:
            yield Setting(str(place), number, found[1])
