"""The place where another program keeps its logins: whether it can be written, what holds it, what was begun there."""

from __future__ import annotations

import asyncio
import glob
import os
import re
import stat
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from wizard.caches import Cached, content
from wizard.caches.described import known
from wizard.errors import FileProblem
from wizard.locks import alive
from wizard.pasting import pasted
from wizard.reading import read_bytes
from wizard.services import TokenCache
from wizard.vault.files import divided

from ..engine import Context, Probe, Skip
from ..facts.cache import KeptLogins, KeptStore, Left, Shut
from ..file_look import user
from ..target import Target

_READ_ONLY: Final = getattr(os, "ST_RDONLY", 1)
_PID: Final = re.compile(rb'"pid"\s*:\s*(\d{1,9})\b|\A\s*(\d{1,9})\s*\Z')
_CAME: Final = re.compile(
    r"(?i)auth(?:orization)? code received|received auth(?:orization)? code|callback received.{0,40}code"
)
_TAKEN: Final = re.compile(
    r"(?i)saving tokens|tokens? saved|token exchange|POST \S*/token|completed authori[sz]ation"
)
_LOG: Final = 300_000


async def kept_store(context: Context, kept: KeptLogins | None) -> KeptStore | Skip:
    """Look, and change nothing."""
    if kept is None:
        return await asyncio.to_thread(_of_file, context.target)
    return await asyncio.to_thread(_look, kept, context.target)


def _of_file(target: Target) -> KeptStore | Skip:
    """The file that the credential is read from, where a login stands in it that has ended and can be renewed: whoever
    renews it writes there."""
    now = time.time()
    for source in target.sources.values():
        path = Path(divided(source.removeprefix("file:"))[0]) if source.startswith("file:") else None
        try:
            value = content.parsed(read_bytes(path, FileProblem)) if path is not None else None
        except (FileProblem, ValueError):
            continue
        for _, login in content.logins(value):
            told = content.told(login, "either", None)
            if path is not None and told.refreshes and told.expires is not None and told.expires <= now:
                return KeptStore("The program that renews it", path, now, _mtime(path), shut=_shut(path, ()))
    return Skip("no program keeps a login for it in a file")


def _look(kept: KeptLogins, target: Target) -> KeptStore | Skip:
    cache = next((c for c in known() if c.program == kept.program), None)
    if cache is None:
        return Skip("where that program keeps its logins is not known")
    folder = _folder(cache)
    entry = kept.mine[0] if kept.mine else None
    store = entry.path if entry else folder / cache.files if "*" not in cache.files else folder
    now = time.time()
    return KeptStore(
        kept.program,
        store,
        now,
        written=_mtime(store) if store.is_file() else None,
        begun=_begun(cache, kept.mine),
        locks=tuple(_locks(cache, folder, store, now)),
        shut=_shut(store, folder.glob(cache.files.rpartition("/")[0]) if "/" in cache.files else ()),
        holders=tuple(e.holder for e in kept.mine if e.holder is not None and e.holder.pid is not None),
        delivered=_delivered(kept.mine),
        used=_used(cache, target),
        due=any(e.state == "renewable" for e in kept.mine),
    )


def _folder(cache: TokenCache) -> Path:
    return Path(os.path.expanduser(os.environ.get(cache.variable, "") or cache.folder))  # noqa: PTH111  no home is no error


def _mtime(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def _begun(cache: TokenCache, mine: Iterable[Cached]) -> float | None:
    """When a login was last begun, by what its program writes down for it."""
    if not cache.begun:
        return None
    times = [_mtime(f) for e in mine for f in e.files if f.name.endswith(cache.begun)]
    return max((t for t in times if t is not None), default=None)


def _used(cache: TokenCache, target: Target) -> float | None:
    """When Claude Code last wrote its log of a server (`PROJECT/mcp-logs-NAME/` below its cache folder)."""
    if cache.client_id != "claude-code":
        return None
    mac = Path.home() / "Library/Caches"
    base = (
        mac if sys.platform == "darwin" else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    )
    name = glob.escape(target.label.partition(":")[2])
    times = [_mtime(p) for p in (base / "claude-cli-nodejs").glob(f"*/mcp-logs-{name}/*")]
    return max((t for t in times if t is not None), default=None)


def _locks(cache: TokenCache, folder: Path, store: Path, now: float) -> Iterable[Left]:
    """The locks that are known of the program, and those that stand beside the file by its name."""
    named = [(folder / name.rstrip("/"), name.endswith("/")) for name in cache.held]
    beside = [store.with_name(f"{store.name}.lock")] if store.suffix else []
    for path, ought in (*named, *((p, None) for p in beside)):
        try:
            seen = path.lstat()
        except OSError:
            continue
        is_folder = stat.S_ISDIR(seen.st_mode)
        pid = None if is_folder else _pid(path)
        runs = pid is not None and alive(pid)
        yield Left(
            path, is_folder, is_folder if ought is None else ought, max(now - seen.st_mtime, 0.0), pid, runs
        )


def _pid(path: Path) -> int | None:
    try:
        found = _PID.search(read_bytes(path, FileProblem, limit=10_000))
    except FileProblem:
        return None
    return int(found[1] or found[2]) if found else None


def _shut(store: Path, folders: Iterable[Path]) -> Shut | None:
    """Why the file or its folder cannot be written, judged by mode and owner: root may write all, its user may not."""
    for path in dict.fromkeys((store, _there(store.parent), *sorted(folders))):
        try:
            seen = path.stat()
            read_only = bool(os.statvfs(path).f_flag & _READ_ONLY) if hasattr(os, "statvfs") else False
        except OSError:
            continue
        if read_only:
            return Shut(
                path,
                "it lies on a file system that is mounted read-only",
                f"Mount the place of {path} writable.",
            )
        if os.name == "nt":
            continue
        if seen.st_uid not in (_owner(), os.geteuid()) or (seen.st_uid != _owner() and os.geteuid() == 0):
            mine = user(_owner())
            why = f"it belongs to {user(seen.st_uid)}, and the home to {mine}"
            return Shut(path, why, f"sudo chown {mine} {pasted(path)}")
        wanted = stat.S_IWUSR | (stat.S_IXUSR if stat.S_ISDIR(seen.st_mode) else 0)
        if seen.st_mode & wanted != wanted:
            mode = stat.S_IMODE(seen.st_mode)
            return Shut(
                path,
                f"mode {mode:04o}, without the owner's right to write",
                f"chmod u+rw{'x' * bool(wanted & 0o100)} {pasted(path)}",
            )
    return None


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _owner() -> int:
    try:
        return Path.home().stat().st_uid
    except (OSError, RuntimeError):
        return os.geteuid()


def _delivered(mine: Iterable[Cached]) -> str:
    """A log of the program's own in which a code came, and no token after it."""
    for entry in mine:
        for path in entry.files:
            if path.suffix not in (".log", ".txt") or "log" not in path.name:
                continue
            try:
                text = read_bytes(path, FileProblem, limit=_LOG).decode("utf-8", "replace")
            except FileProblem:
                continue
            came = [m.end() for m in _CAME.finditer(text)]
            if came and not _TAKEN.search(text, came[-1]):
                return path.name
    return ""


PROBE = Probe("login-store", "the place where its program keeps logins", KeptStore, kept_store)
