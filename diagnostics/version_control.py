"""Whether git keeps a file, or would keep it at the next `git add`: read from the repository's own files.

Git itself is not run: what a repository configures (`core.fsmonitor`) would run with it.
Sources: gitignore(5), gitformat-index(5).
"""

from __future__ import annotations

import os
import re
import stat
import struct
from functools import cache
from pathlib import Path
from typing import Final

from .globs import Glob

TRACKED: Final = "tracked"
UNIGNORED: Final = "unignored"

_LARGEST: Final = 64_000_000
_IGNORE_LARGEST: Final = 1_000_000
_SHORT: Final = 4096

Rule = tuple[bool, bool, Glob]
"""Negated, for folders only, the pattern."""


def kept(path: Path) -> tuple[str, str]:
    """``tracked`` or ``unignored`` with the work tree, or two empty texts. ``path`` is absolute, without links."""
    tree, store = _work_tree(path.parent)
    if tree is None or store is None:
        return "", ""
    name = path.relative_to(tree).as_posix()
    if name == ".git" or name.startswith(".git/"):
        return "", ""
    if name in _index(store):
        return TRACKED, str(tree)
    return ("", "") if _ignored(tree, store, name) else (UNIGNORED, str(tree))


def _work_tree(folder: Path) -> tuple[Path | None, Path | None]:
    """The work tree that a folder lies in, and the folder of its index."""
    for place in (folder, *folder.parents):
        mark = place / ".git"
        try:
            if mark.is_dir() and (mark / "HEAD").exists():
                return place, mark
            if mark.is_file():
                said = _content(mark, _SHORT).decode("utf-8").strip()
                store = Path(place / said.removeprefix("gitdir:").strip())
                return (place, store) if said.startswith("gitdir:") and store.is_dir() else (None, None)
        except (OSError, ValueError):
            return None, None
    return None, None


def _content(place: Path, most: int) -> bytes:
    """What a file holds; nothing of one that is larger, and nothing of a pipe or a device, which may never end.

    Raises: OSError.
    """
    with os.fdopen(os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:
        seen = os.fstat(stream.fileno())
        return stream.read() if stat.S_ISREG(seen.st_mode) and seen.st_size <= most else b""


def _common(store: Path) -> Path:
    """The repository's own folder, where a linked work tree has only its index."""
    try:
        said = _content(store / "commondir", _SHORT).decode("utf-8").strip()
        return (store / said).resolve() if said else store
    except (OSError, ValueError):
        return store


def _index(store: Path) -> frozenset[str]:
    """The names of the files that are tracked; none where the index cannot be read."""
    try:
        return frozenset(_names(_content(store / "index", _LARGEST)))
    except (OSError, struct.error, ValueError, IndexError):
        return frozenset()


def _names(data: bytes) -> list[str]:
    if data[:4] != b"DIRC":
        return []
    version, count = struct.unpack(">II", data[4:12])
    sha = 20
    at, before, names = 12, b"", []
    for _ in range(count):
        begin = at
        flags = struct.unpack(">H", data[at + 40 + sha : at + 42 + sha])[0]
        at += 42 + sha + (2 if flags & 0x4000 else 0)
        if version == 4:
            cut, at = _varint(data, at)
            end = data.index(b"\0", at)
            before = before[: len(before) - cut] + data[at:end]
            at = end + 1
        else:
            end = data.index(b"\0", at)
            before = data[at:end]
            at = begin + (end - begin + 8) // 8 * 8
        names.append(before.decode("utf-8", "surrogateescape"))
    return names


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Git's offset encoding: seven bits a byte, each further byte adding one."""
    byte = data[at]
    value = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, at + 1


def _ignored(tree: Path, store: Path, name: str) -> bool:
    """Whether a name of the work tree is ignored, by itself or by a folder above it."""
    parts = name.split("/")
    upper = [_excludes(), tree_rules(_common(store) / "info" / "exclude")]
    for depth in range(1, len(parts) + 1):
        here = "/".join(parts[:depth])
        verdict: bool | None = None
        lists = [(rules, here) for rules in upper]
        for level in range(depth):
            inside = "/".join(parts[:level])
            rules = tree_rules(tree / inside / ".gitignore")
            lists.append((rules, here[len(inside) + 1 :] if inside else here))
        for rules, relative in lists:
            for negated, only_folder, pattern in rules:
                if (not only_folder or depth < len(parts)) and pattern.matches(relative):
                    verdict = not negated
        if verdict:
            return True
    return False


def _excludes() -> tuple[Rule, ...]:
    """The person's own ignore file, in its usual place or where ``~/.gitconfig`` names it."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "git"
    place = config / "ignore"
    for settings in (config / "config", Path("~/.gitconfig").expanduser()):
        try:
            text = _content(settings, _IGNORE_LARGEST).decode("utf-8")
        except (OSError, ValueError):
            continue
        if found := re.search(r"(?im)^\s*excludesfile\s*=\s*\"?([^\"\n#;]+)", text):
            place = Path(found[1].strip()).expanduser()
    return tree_rules(place)


def tree_rules(place: Path) -> tuple[Rule, ...]:
    """The patterns of an ignore file in order."""
    try:
        text = (
            "" if place.is_symlink() else _content(place, _IGNORE_LARGEST).decode("utf-8", "surrogateescape")
        )
    except (OSError, ValueError):
        return ()
    return tuple(rule for line in text.removeprefix("\ufeff").split("\n") if (rule := _rule(line)))


@cache
def _rule(line: str) -> Rule | None:
    line = re.sub(r"(?<!\\)[ ]+$", "", line.removesuffix("\r"))
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    line = line[1:] if negated else line
    only_folder = line.endswith("/")
    line = line.rstrip("/") if only_folder else line
    anchored = "/" in line
    if not line:
        return None
    try:
        return negated, only_folder, Glob(line.removeprefix("/"), anchored=anchored)
    except re.error:
        return None
