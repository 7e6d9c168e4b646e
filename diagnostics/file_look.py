"""Looking at a file, and mending its mode: the effects behind `diagnostics.files`.

The file is opened once, without following a link at its end, and judged by what was opened: between a look at a name
and an opening of it the name may come to mean another file. No link of somebody else is followed.
"""

from __future__ import annotations

import codecs
import errno
import json
import os
import stat
import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from wizard.errors import FileProblem, SourceError
from wizard.reading import LIMIT
from wizard.vault.files import value_in

from . import lock_files, synced, version_control
from .facts.file import (
    CLOSED,
    EMPTY,
    HERE,
    LOOP,
    MISSING,
    NO_VALUE,
    NOT_JSON,
    NOT_TEXT,
    STRANGE,
    Look,
    Place,
    Seat,
)

_ACL: Final = "system.posix_acl_access"
_USER, _GROUP_OBJ, _GROUP, _MASK = 0x02, 0x04, 0x08, 0x10
_LINKS: Final = 40
_FLAWS: Final = {
    "file-empty": EMPTY,
    "file-not-json": NOT_JSON,
    "file-no-field": NO_VALUE,
    "file-not-utf8": NOT_TEXT,
}
_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_FLEETING: Final = ("tmpfs", "ramfs", "overlay")


def look(place: Place) -> Look:
    """What can be seen of a file. Never raises for what the file system does."""
    path = Path(os.path.abspath(os.path.expanduser(place.path)))  # noqa: PTH100, PTH111  links stay; no home is no error
    me = _me()
    try:
        way = _way(path, me)
    except OSError as problem:
        return Look(
            str(path),
            str(path),
            LOOP if problem.errno == errno.ELOOP else STRANGE,
            me,
            user(me),
            flaw=_why(problem),
        )
    real, found = way.real, way
    base = Look(
        str(path),
        str(real),
        MISSING,
        me,
        user(me),
        folder=_seat(real.parent),
        shelf=_seat(path.parent),
        above=tuple(_above(real)),
        link=found.link,
        link_uid=found.link_uid,
        foreign=found.foreign,
        outside=bool(found.link) and not _inside(real),
        **_disk(real.parent),  # type: ignore[arg-type]  # the keys are Look's own fields
    )
    if found.foreign:
        return base
    if found.blocked is not None:
        return _but(base, state=CLOSED, blocked=found.blocked)
    try:
        seen = real.lstat()
    except OSError as problem:
        if isinstance(problem, PermissionError):
            return _but(base, state=CLOSED, blocked=_seat(real.parent))
        return base
    kind = next((name for test, name in _KINDS if test(seen.st_mode)), "")
    base = _but(
        base,
        state=STRANGE if kind or stat.S_ISLNK(seen.st_mode) else HERE,
        kind=kind,
        mode=stat.S_IMODE(seen.st_mode),
        uid=seen.st_uid,
        owner=user(seen.st_uid),
        size=seen.st_size,
        modified=seen.st_mtime,
        identity=(seen.st_dev, seen.st_ino),
        links=seen.st_nlink,
    )
    return _opened(base, real, place) if base.state == HERE else base


def change(path: str, before: int, after: int, identity: tuple[int, int] = (0, 0)) -> None:
    """Give the file or folder that was looked at another mode; ``identity`` are its device and inode, where known.

    Raises:
        FileProblem: `file-changed` when the name means something else by now, `cannot-change-mode`.
    """
    only_path = getattr(os, "O_PATH", 0)
    try:
        if not only_path:
            Path(path).chmod(after)
            return
        handle = os.open(path, only_path | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            found = os.fstat(handle)
            same = (
                identity in ((0, 0), (found.st_dev, found.st_ino)) and stat.S_IMODE(found.st_mode) == before
            )
            if stat.S_ISLNK(found.st_mode) or not same:
                raise FileProblem(
                    "file-changed",
                    f"{path} was changed or replaced while it was looked at.",
                    "Its mode was left as it is.",
                    ["Run it again."],
                )
            # a file without any permission cannot be opened for fchmod, even by its owner
            Path(f"/proc/self/fd/{handle}").chmod(after)
        finally:
            os.close(handle)
    except OSError as problem:
        raise FileProblem(
            "cannot-change-mode", f"The mode of {path} cannot be changed.", _why(problem)
        ) from None


class _Way:
    """The way to a file: where it ends, the first link, and a folder that may not be searched."""

    def __init__(self, real: Path) -> None:
        self.real = real
        self.link = ""
        self.link_uid: int | None = None
        self.foreign = False
        self.blocked: Seat | None = None


def _way(path: Path, me: int) -> _Way:
    """Follow a path part by part. Raises: OSError ``ELOOP``."""
    way = _Way(Path(path.anchor))
    left = list(path.parts[1:])
    links = 0
    while left:
        part = left.pop(0)
        if part == "..":
            way.real = way.real.parent
            continue
        here = way.real / part
        try:
            seen = here.lstat()
        except PermissionError:
            way.blocked = _seat(way.real)
            way.real = here.joinpath(*left)
            return way
        except OSError:
            way.real = here.joinpath(*left)
            return way
        if not stat.S_ISLNK(seen.st_mode):
            way.real = here
            continue
        links += 1
        if links > _LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if not way.link:
            way.link, way.link_uid = str(here), seen.st_uid
        if seen.st_uid not in (me, 0) and me >= 0 and not _owner_of_home(seen.st_uid):
            way.link, way.link_uid, way.foreign = str(here), seen.st_uid, True
            way.real = here.joinpath(*left)
            return way
        to = Path(os.readlink(here))  # noqa: PTH115  Path.readlink keeps no trailing part that matters here
        left = [*(to.parts[1:] if to.is_absolute() else to.parts), *left]
        way.real = Path(to.anchor) if to.is_absolute() else way.real
    return way


def _owner_of_home(uid: int) -> bool:
    """Root looks into the home of another, as under sudo: that person's links are in order there."""
    try:
        return _me() == 0 and Path.home().stat().st_uid == uid
    except (OSError, RuntimeError):
        return False


def _opened(base: Look, real: Path, place: Place) -> Look:
    """Mode, owner and content of what was really opened."""
    try:
        handle = os.open(real, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return _but(base, **_acl(str(real)), **_kept(real))
    with os.fdopen(handle, "rb") as stream:
        seen = os.fstat(handle)
        base = _but(
            base,
            readable=True,
            mode=stat.S_IMODE(seen.st_mode),
            uid=seen.st_uid,
            owner=user(seen.st_uid),
            size=seen.st_size,
            modified=seen.st_mtime,
            identity=(seen.st_dev, seen.st_ino),
            links=seen.st_nlink,
            **_acl(handle),
            **_kept(real),
        )
        try:
            content = stream.read(LIMIT + 1)
        except OSError as problem:
            return _but(base, readable=False, flaw=_why(problem))
    return _judged(base, content, place)


def _judged(base: Look, content: bytes, place: Place) -> Look:
    """What the content is good for; of it only the value stays, in memory."""
    if not content.strip():
        return _but(base, content=EMPTY)
    if place.form == "by-name" and base.path.lower().endswith(".json"):
        return _but(base, **_parsed(content))
    if place.form not in ("json", "value") or len(content) > LIMIT:
        return base
    if place.form == "json" and not content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return _but(base, content=NOT_JSON)
    path = Path(base.path)
    try:
        text = content.decode("utf-8")
        value = value_in(text, path, place.field)
    except UnicodeDecodeError:
        return _but(base, content=NOT_TEXT)
    except SourceError as problem:
        return _but(base, content=_FLAWS.get(problem.id, NO_VALUE), flaw=problem.detail)
    return _but(base, value=value, created=_created(text))


def _parsed(content: bytes) -> dict[str, str]:
    """Whether what is called JSON is any, comments and trailing commas allowed; where it breaks off."""
    from wizard.documents import jsonc

    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
        jsonc.scan(text)
    except UnicodeDecodeError:
        return {"content": NOT_TEXT}
    except jsonc.JsoncError as problem:
        at = jsonc.place(text, problem.at)
        return {"content": NOT_JSON, "flaw": f"{at[:1].upper()}{at[1:]}: {problem.says}."}
    return {}


def _created(text: str) -> float | None:
    """The ``created_at`` of a token file (Fleet), a time in ISO 8601."""
    try:
        whole = json.loads(text)
        said = whole.get("created_at") if isinstance(whole, dict) else None
        return datetime.fromisoformat(said).timestamp() if isinstance(said, str) else None
    except (ValueError, OverflowError, OSError, RecursionError):
        return None


def _acl(file: int | str) -> dict[str, object]:
    """The named users and groups that an access list lets read or write (acl(5)), its mask applied; and whether the
    owning group has no right of its own."""
    if not hasattr(os, "getxattr"):
        return {}
    try:
        data = os.getxattr(file, _ACL)
    except OSError:
        return {}
    entries = list(struct.iter_unpack("<HHI", data[4 : 4 + (len(data) - 4) // 8 * 8]))
    mask = next((perm for tag, perm, _ in entries if tag == _MASK), 7)
    found = []
    for tag, perm, id in entries:
        if tag in (_USER, _GROUP) and perm & mask & 0o6:
            may = "read and write" if perm & mask & 0o2 else "read"
            found.append(
                f"{'user' if tag == _USER else 'group'} {user(id) if tag == _USER else id} may {may} it"
            )
    group = next((perm for tag, perm, _ in entries if tag == _GROUP_OBJ), 7)
    return {"acl": tuple(found), "acl_alone": bool(found) and not group & mask & 0o6}


def _kept(real: Path) -> dict[str, object]:
    """Who else keeps it: git, a service that copies it elsewhere; and a lock that nobody holds."""
    version, tree = version_control.kept(real)
    service, folder = synced.service_of(real)
    return {
        "version": version,
        "tree": tree,
        "synced": service,
        "synced_in": folder,
        "lock": lock_files.dead(real),
    }


def _above(real: Path) -> Iterator[Seat]:
    """The folders further up, as far as the home, in which everybody may write: who may, can put another in the place
    of the one below."""
    try:
        home = Path.home().resolve()
    except (OSError, RuntimeError):
        return
    for folder in real.parent.parents:
        if not folder.is_relative_to(home):
            return
        seat = _seat(folder)
        if seat is not None and seat.mode & stat.S_IWOTH and not seat.mode & stat.S_ISVTX:
            yield seat


def _disk(folder: Path) -> dict[str, object]:
    """What the disk still takes; of an absent folder the nearest above it."""
    if not hasattr(os, "statvfs"):
        return {}
    place = next((p for p in (folder, *folder.parents) if os.access(p, os.F_OK)), folder)
    try:
        found = os.statvfs(place)
    except OSError:
        return {}
    # some file systems count no inodes and say 0 of 0
    inodes = found.f_favail if found.f_files else None
    return {"room": found.f_bavail * found.f_frsize, "inodes": inodes, "fleeting": _fleeting(place)}


def _fleeting(place: Path) -> bool:
    """Whether the folder's file system is gone at a restart of the machine or container (Linux)."""
    try:
        device = place.stat().st_dev
        wanted = f"{os.major(device)}:{os.minor(device)}"
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    except (OSError, AttributeError):
        return False
    for line in lines:
        before, _, after = line.partition(" - ")
        if before.split()[2:3] == [wanted]:
            return after.split()[:1][0] in _FLEETING
    return False


def _seat(folder: Path) -> Seat | None:
    try:
        seen = folder.stat()
    except OSError:
        return None
    return Seat(str(folder), stat.S_IMODE(seen.st_mode), seen.st_uid, user(seen.st_uid))


def _inside(real: Path) -> bool:
    try:
        return real.is_relative_to(Path.home().resolve()) or real.is_relative_to(Path.home())
    except (OSError, RuntimeError):
        return True


def _me() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else -1


def user(uid: int) -> str:
    """The name of a user, or `uid N` where none has it."""
    try:
        import pwd

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError, OverflowError):
        return f"uid {uid}"


def _why(problem: OSError) -> str:
    return problem.strerror or type(problem).__name__


def _but(seen: Look, **changes: object) -> Look:
    from dataclasses import replace

    return replace(seen, **changes)  # type: ignore[arg-type]  # the names are Look's own fields
