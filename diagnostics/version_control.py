"""Whether git keeps a file, or would keep it at the next `git add`: read from the repository's own files.

Git itself is not run: what a repository configures (`core.fsmonitor`) would run with it.
Sources: gitignore(5), gitformat-index(5).
"""

from __future__ import annotations

import os
import re
import struct
from functools import cache
from pathlib import Path
from typing import Final

TRACKED: Final = "tracked"
UNIGNORED: Final = "unignored"

_LARGEST: Final = 64_000_000
_IGNORE_LARGEST: Final = 1_000_000


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
                said = mark.read_text("utf-8")[:4096].strip()
                store = Path(place / said.removeprefix("gitdir:").strip())
                return (place, store) if said.startswith("gitdir:") and store.is_dir() else (None, None)
        except (OSError, ValueError):
            return None, None
    return None, None


def _common(store: Path) -> Path:
    """The repository's own folder, where a linked work tree has only its index."""
    try:
        return (store / (store / "commondir").read_text("utf-8").strip()).resolve()
    except (OSError, ValueError):
        return store


def _index(store: Path) -> frozenset[str]:
    """The names of the files that are tracked; none where the index cannot be read."""
    try:
        place = store / "index"
        data = place.read_bytes() if place.stat().st_size <= _LARGEST else b""
        return frozenset(_names(data))
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
                if (not only_folder or depth < len(parts)) and pattern.fullmatch(relative):
                    verdict = not negated
        if verdict:
            return True
    return False


def _excludes() -> tuple[tuple[bool, bool, re.Pattern[str]], ...]:
    """The person's own ignore file, in its usual place or where ``~/.gitconfig`` names it."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "git"
    place = config / "ignore"
    for settings in (config / "config", Path("~/.gitconfig").expanduser()):
        try:
            text = settings.read_text("utf-8")
        except (OSError, ValueError):
            continue
        if found := re.search(r"(?im)^\s*excludesfile\s*=\s*\"?([^\"\n#;]+)", text):
            place = Path(found[1].strip()).expanduser()
    return tree_rules(place)


def tree_rules(place: Path) -> tuple[tuple[bool, bool, re.Pattern[str]], ...]:
    """The patterns of an ignore file in order: negated, for folders only, the expression."""
    try:
        if place.stat().st_size > _IGNORE_LARGEST or place.is_symlink():
            return ()
        text = place.read_text("utf-8", "surrogateescape")
    except (OSError, ValueError):
        return ()
    return tuple(rule for line in text.removeprefix("\ufeff").split("\n") if (rule := _rule(line)))


@cache
def _rule(line: str) -> tuple[bool, bool, re.Pattern[str]] | None:
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
        pattern = re.compile(("" if anchored else "(?:.*/)?") + _expression(line.removeprefix("/")), re.S)
    except re.error:
        return None
    return negated, only_folder, pattern


def _expression(glob: str) -> str:
    """A gitignore pattern as a regular expression over a whole relative name."""
    out, at = "", 0
    while at < len(glob):
        rest = glob[at:]
        if rest.startswith("**/") and (at == 0 or glob[at - 1] == "/"):
            out, at = f"{out}(?:.*/)?", at + 3
        elif rest == "**" and (at == 0 or glob[at - 1] == "/"):
            out, at = f"{out}.+", at + 2
        elif rest[0] == "*":
            out, at = f"{out}[^/]*", at + len(rest) - len(rest.lstrip("*"))
        elif rest[0] == "?":
            out, at = f"{out}[^/]", at + 1
        elif rest[0] == "[" and (found := re.match(r"\[([!^]?)(\]?[^\]]*)\]", rest)):
            inner = found[2].replace("\\", "\\\\").replace("[", "\\[")
            out, at = f"{out}(?!/)[{'^' if found[1] else ''}{inner}]", at + len(found[0])
        elif rest[0] == "\\" and len(rest) > 1:
            out, at = out + re.escape(rest[1]), at + 2
        else:
            out, at = out + re.escape(rest[0]), at + 1
    return out
