"""What is wrong with a credential file: pure judgement of what `diagnostics.file_look` saw."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from typing import Final

from wizard.livetest import PROVEN, Evidence, Finding
from wizard.pasting import pasted

from .facts.file import CLOSED, EMPTY, HERE, LOOP, MISSING, NO_VALUE, NOT_JSON, NOT_TEXT, Look, Place, Seat
from .file_faults import (
    ABSENT,
    CORRUPT,
    DISK_FULL,
    HISTORY,
    STALE_LOCK,
    SYNCED,
    TOO_OPEN,
    UNREADABLE,
    VERSIONED,
    WARNED,
    Fault,
    Mend,
)
from .file_leaks import copied_away, remembered, versioned
from .words import moment

__all__ = [
    "ABSENT",
    "CORRUPT",
    "DISK_FULL",
    "HISTORY",
    "STALE_LOCK",
    "SYNCED",
    "TOO_OPEN",
    "UNREADABLE",
    "VERSIONED",
    "WARNED",
    "Fault",
    "Mend",
    "about",
    "findings",
    "judge",
    "mends",
    "remembered",
]

_OTHERS: Final = 0o077
_WRITABLE: Final = 0o022
_SEVERAL: Final = 2


def judge(place: Place, look: Look) -> tuple[Fault, ...]:
    """Every fault of a file, what keeps it from being read first."""
    if look.foreign:
        return (_foreign(look),)
    if look.state == MISSING:
        return (_missing(place, look),) if place.wanted else ()
    if look.state == CLOSED:
        return (_closed(look),)
    if look.state != HERE or look.mode is None:
        return (_strange(look),)
    found = [
        _unreadable(look),
        _owner(look),
        _content(place, look),
        _mode(place, look),
        *_folders(place, look),
        _locked(look),
    ]
    return tuple(f for f in (*found, versioned(place, look), copied_away(place, look)) if f is not None)


def findings(faults: Iterable[Fault]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """As findings and warnings (`WARNED`)."""
    from .causes.book import REGISTRY

    made: list[Finding] = []
    for fault in faults:
        cause = REGISTRY.get(fault.cause)
        if cause is None:
            continue
        evidence = tuple(Evidence("file", said) for said in fault.evidence)
        made.append(
            Finding(
                fault.cause, PROVEN, cause.layer, "you", fault.title, evidence, fault.fix, (), cause.sources
            )
        )
    return (
        tuple(f for f in made if f.cause not in WARNED),
        tuple(f for f in made if f.cause in WARNED),
    )


def mends(faults: Iterable[Fault]) -> tuple[Mend, ...]:
    """The changes of mode among these faults, one for each path: the first, which makes it readable."""
    found: dict[str, Mend] = {}
    for fault in faults:
        if fault.mend is not None:
            found.setdefault(fault.mend.path, fault.mend)
    return tuple(found.values())


def about(look: Look) -> str:
    """Mode and owner in one clause."""
    link = f", reached by the link {look.link}" if look.link else ""
    out = ", which leads out of your home" if look.link and look.outside else ""
    return f"{look.path}: mode {look.octal}, owner {look.owner}{link}{out}"


def _foreign(look: Look) -> Fault:
    return Fault(
        UNREADABLE,
        (f"{look.link} is a symbolic link that uid {look.link_uid} made; it leads to another place",),
        f"{look.link} is a link of somebody else, and is not followed.",
        (
            f"See who made it and where it leads: ls -l {pasted(look.link)}",
            "Remove it, and put the file itself there.",
        ),
        stops=True,
    )


def _missing(place: Place, look: Look) -> Fault:
    above = look.folder
    near = f"its folder {above.path} is there" if above else "its folder is not there either"
    seen = (f"{look.path} does not exist; {near}", *_link(look))
    if look.full:
        return _full(look, f"{look.path} is missing, and its disk is full.")
    fix: tuple[str, ...] = ("Check the path for a typing mistake.",)
    if place.server:
        fix = (
            "Start the server with authentication on: it makes the file on its first start.",
            f"If it runs already: see whether it may write into {above.path if above else 'that folder'}, and its log.",
            "If the file was deleted while the server runs: it keeps its token until it is started again, and then"
            " makes a new one.",
        )
    if look.link:
        title = f"{look.link} is a link to {look.real}, where nothing is ({place.what})."
        again = f"Let it lead to the right file: ln -sfn RIGHT_FILE {pasted(look.link)}"
        return Fault(ABSENT, seen, title, (again, *fix), stops=True)
    return Fault(ABSENT, seen, f"There is no file {look.path} ({place.what}).", fix, stops=True)


def _closed(look: Look) -> Fault:
    blocked = look.blocked
    if blocked is None:
        return _strange(look)
    ours = blocked.uid == look.me
    what = f"{blocked.path}: mode {blocked.mode & 0o777:04o}, owner {blocked.owner}"
    fix = (
        (f"chmod u+rwx {pasted(blocked.path)}",)
        if ours
        else (f"sudo chown {look.us} {pasted(blocked.path)}",)
    )
    return Fault(
        UNREADABLE,
        (f"you ({look.us}) may not search the folder {what}",),
        f"The folder {blocked.path} does not let you in, so {look.path} cannot be read.",
        (*fix, "In a container: run it with the uid that owns the folder."),
        stops=True,
        mend=Mend(blocked.path, blocked.mode, (blocked.mode & 0o7777) | 0o700) if ours else None,
    )


def _strange(look: Look) -> Fault:
    kind = look.kind or ("a link that leads in a circle" if look.state == LOOP else "no regular file")
    said = f"{look.path} is {kind}"
    return Fault(
        CORRUPT,
        (f"{said}{f': {look.flaw}' if look.flaw else ''}",),
        f"{said}, where a file should be.",
        ("Move it away, and let the program that owns the file write it again.",),
        stops=True,
    )


def _unreadable(look: Look) -> Fault | None:
    if look.readable:
        return None
    mode, ours = look.mode or 0, look.uid == look.me
    by_mode = ours and not mode & stat.S_IRUSR
    fix: tuple[str, ...]
    if by_mode:
        why = f"its mode is {look.octal}"
        fix = (f"chmod 600 {pasted(look.path)}",)
    elif ours or look.me == 0:
        why = "neither its mode nor its owner is the reason"
        fix = (
            f"See whether SELinux or AppArmor keeps you out: ls -Z {pasted(look.path)}",
            "See the system's audit log.",
        )
    else:
        why = f"it belongs to {look.owner}, with mode {look.octal}"
        fix = (
            f"If it ought to be yours: sudo chown {look.us} {pasted(look.path)}",
            "Do not run with sudo what writes it; in a container run as the uid that owns it.",
        )
    folder = (f"its folder: {_of(look.folder)}",) if look.folder else ()
    return Fault(
        UNREADABLE,
        (about(look), f"you are {look.us}", *folder),
        f"You may not read {look.path}: {why}.",
        fix,
        stops=True,
        mend=Mend(look.real, mode, 0o600, look.identity) if by_mode and look.links < _SEVERAL else None,
    )


def _owner(look: Look) -> Fault | None:
    """Readable, yet another's. Root's own eyes are judged by the folder: what it wrote there, the folder's owner
    cannot read."""
    if not look.readable or look.uid is None or look.me < 0:
        return None
    if look.me != 0:
        expected, command = look.me, f"sudo chown {look.us} {pasted(look.path)}"
    elif look.folder is not None and not look.folder.mode & stat.S_ISVTX:
        expected, command = look.folder.uid, f"chown {look.folder.owner} {pasted(look.path)}"
    else:
        return None
    if look.uid == expected:
        return None
    meant = look.us if look.me != 0 else f"{look.folder.owner}, who owns the folder" if look.folder else ""
    return Fault(
        UNREADABLE,
        (about(look), f"it should belong to {meant}"),
        f"{look.path} belongs to {look.owner}.",
        (command, "Do not run with sudo what writes it."),
    )


def _content(place: Place, look: Look) -> Fault | None:
    if not look.content or (look.content == EMPTY and place.form in ("any", "by-name")):
        return None
    if look.content == EMPTY and look.full:
        return _full(look, f"{look.path} is empty, and its disk is full.")
    told = {
        EMPTY: "is empty",
        NOT_JSON: "is not whole JSON",
        NO_VALUE: "is JSON without a value for the credential",
        NOT_TEXT: "is not UTF-8 text",
    }[look.content]
    when = f", last changed {moment(look.modified)}" if look.modified is not None else ""
    return Fault(
        CORRUPT,
        (f"{look.path}: {look.size} bytes{when}", *([look.flaw] if look.flaw else [])),
        f"{look.path} {told}.",
        (
            "Keep a copy of it, delete it, and let the program that owns it write it again.",
            "A server makes a new token then: give it to every client.",
        )
        if place.server
        else ("Let the program that owns it write it again, or set it up anew.",),
        stops=True,
    )


def _mode(place: Place, look: Look) -> Fault | None:
    if look.me < 0:
        # a system without owners and permission bits (Windows): its own access lists rule there
        return None
    mode = look.mode or 0
    # what holds no secret must only not be changed by others
    wide = mode & _OTHERS & ~place.mode if place.secret else mode & _WRITABLE & ~place.mode
    if not wide:
        return None
    who = [name for name, bits in (("its group", 0o060), ("everybody", 0o006)) if wide & bits] or ["others"]
    may = "read and write" if wide & _WRITABLE and wide & 0o044 else "write" if wide & _WRITABLE else "read"
    after = mode & 0o777 & ~wide
    ours = look.me in (look.uid, 0)
    others = (f"It has {look.links} names (hard links), so --fix leaves it: see which they are.",)
    lists = [f"access list: {said}" for said in look.acl[:1]]
    if len(look.acl) > 1:
        lists = [f"access list: {look.acl[0]}, and {len(look.acl) - 1} more"]
    subject = f"{' and '.join(who).capitalize()} may {may}"
    if look.acl_alone and not wide & 0o007:
        # the mode's group bits are the list's mask: it is the list that lets somebody in
        subject = f"By its access list, {look.acl[0].removesuffix(' it')}"
    return Fault(
        TOO_OPEN,
        (about(look), *lists),
        f"{subject} {look.path} ({place.what}).",
        (
            f"{'' if ours else 'sudo '}chmod {after:o} {pasted(look.path)}",
            *(
                (f"That shuts the access list too; setfacl -b {pasted(look.path)} takes it away.",)
                if look.acl
                else ()
            ),
            *(others if look.links >= _SEVERAL else ()),
        ),
        # its other name may be one that the mode has to stay for, and somebody else may have made this one
        mend=Mend(look.real, mode, after, look.identity) if ours and look.links < _SEVERAL else None,
    )


def _folders(place: Place, look: Look) -> Iterator[Fault]:
    """The folder that is the service's own, and, where a link leads out of it, the one where the file really lies."""
    shelf = (look.shelf or look.folder) if look.me >= 0 else None
    if shelf is not None:
        yield from _folder(shelf, look, place.folder_mode)
    if look.folder is not None and shelf is not None and look.folder.path != shelf.path:
        yield from _folder(look.folder, look, 0)
    for seat in look.above if look.me >= 0 else ():
        yield from _folder(seat, look, 0)


def _folder(seat: Seat, look: Look, widest: int) -> Iterator[Fault]:
    sticky = bool(seat.mode & stat.S_ISVTX)
    wide = seat.mode & _OTHERS & ~widest if widest else (0 if sticky else seat.mode & 0o002)
    if not wide:
        return
    after = seat.mode & 0o7777 & ~wide
    ours = look.me in (seat.uid, 0)
    what = "replace what is in it" if wide & _WRITABLE else "see what is in it"
    yield Fault(
        TOO_OPEN,
        (f"the folder {_of(seat)}",),
        f"Others may {what}: the folder {seat.path} has mode {seat.mode & 0o777:04o}.",
        (f"{'' if ours else 'sudo '}chmod {after & 0o777:o} {pasted(seat.path)}",),
        mend=Mend(seat.path, seat.mode, after) if ours else None,
    )


def _locked(look: Look) -> Fault | None:
    lock = look.lock
    if lock is None:
        return None
    return Fault(
        STALE_LOCK,
        (f"{lock.path} names process {lock.pid}; it does not run",),
        f"A process that is gone (number {lock.pid}) still holds {look.path} locked.",
        (f"rm {pasted(lock.path)}", "Then start the program that uses the file again."),
    )


def _full(look: Look, title: str) -> Fault:
    what = "no byte is free" if look.room == 0 else "no file can be made any more"
    return Fault(
        DISK_FULL,
        (f"the disk of {look.path}: {what}", f"the file has {look.size} bytes"),
        title,
        ("Make room: df -h, df -i", "Then let the program that owns the file write it again."),
        stops=True,
    )


def _of(seat: Seat) -> str:
    return f"{seat.path}: mode {seat.mode & 0o777:04o}, owner {seat.owner}"


def _link(look: Look) -> tuple[str, ...]:
    return (f"{look.link} is a link to a place where nothing is",) if look.link else ()
