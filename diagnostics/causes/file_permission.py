"""Layer file-permission: the file in which a credential lies, and the server that writes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from wizard.lengths import span
from wizard.livetest import Evidence
from wizard.pasting import pasted

from .. import files
from ..facts import CredentialText
from ..facts.cache import KeptLogins
from ..facts.file import EMPTY, HERE, MISSING, Look, TokenFile, TokenFiles
from ..facts.wire import Differential
from ..files import Fault
from ..words import moment
from . import kept_login
from .book import Verdict, cause, likely, proven

FLEET: Final = "Quick Start: Fleet MCP Authentication"
_BROUGHT_ABOUT: Final = (
    "authorization-header-missing",
    "authorization-scheme-malformed",
    "token-not-recognised",
    "unexpanded-variable-literal",
)
_STARTING: Final = 30.0
"""Seconds within which a server writes its file after its start."""


def _faults(found: TokenFiles, cause: str, *, stops: bool) -> Iterator[Fault]:
    for file in found.used:
        # the token may stand in a file that is not the one to be read from: a config is judged for its mode alone
        for fault in files.judge(file.place, file.look):
            if fault.cause == cause and fault.stops == stops:
                yield fault


def _first(found: TokenFiles, cause: str, *more: Evidence, stops: bool = True) -> Verdict | None:
    """The first such fault, with its own evidence and what else was seen: three lines in all."""
    fault = next(_faults(found, cause, stops=stops), None)
    if fault is None:
        return None
    told = [Evidence("file", said) for said in fault.evidence[: 3 - len(more)]]
    return proven(*told, *more, title=fault.title, fix=fault.fix)


@cause(
    id=files.TOO_OPEN,
    layer="file-permission",
    owner="you",
    title="Others may read the file that holds the token.",
    explanation="Whoever can read the file can use the token. Strict programs (ssh among them) refuse such a file.",
    fix=("chmod 600 FILE, and chmod 700 its folder; or: authwizard files --fix",),
    sources=(
        "https://github.com/1mcp-app/agent/issues/517",
        "https://github.com/punkpeye/mcp-remote/issues/160",
        "https://github.com/wanaku-ai/wanaku/issues/1316",
        f"{FLEET}, Token File Location",
    ),
    advice=True,
)
def too_permissive(found: TokenFiles) -> Verdict | None:
    """By mode and access list, of the file and of its folder."""
    return _first(found, files.TOO_OPEN, stops=False)


@cause(
    id=files.UNREADABLE,
    layer="file-permission",
    owner="you",
    title="You may not read the file that holds the token.",
    explanation="It belongs to somebody else, has a mode that keeps you out, or lies in a folder that does. It often"
    " happens after a run with sudo, or in a container with another uid.",
    fix=(
        "See who owns it: ls -la FILE and its folder.",
        "If it ought to be yours: sudo chown YOU FILE, then chmod 600 FILE.",
    ),
    sources=(
        "https://github.com/Azure/azure-cli/issues/571",
        "https://github.com/forseti-security/forseti-security/issues/1377",
        f"{FLEET}, Troubleshooting (Permission Denied)",
    ),
    standing=True,
    explains=_BROUGHT_ABOUT,
)
def unreadable(found: TokenFiles) -> Verdict | None:
    """By what the system says to an attempt to open it: uid, mode and the folder that stops it."""
    return _first(found, files.UNREADABLE)


@cause(
    id=files.ABSENT,
    layer="file-permission",
    owner="you",
    title="The token's file is not there.",
    explanation="The program that writes it has not run, writes elsewhere, or the file was deleted. A server that has"
    " read its token keeps it until it is started again, and then makes a new one.",
    fix=("Check the path.", "Start the program that writes the file; see in its log whether it could."),
    sources=(f"{FLEET}, Troubleshooting (Token File Not Found) and FAQ",),
    standing=True,
    explains=_BROUGHT_ABOUT,
)
def absent(found: TokenFiles, differential: Differential | None) -> Verdict | None:
    """Not found; where the server answers, it was deleted or lies elsewhere."""
    runs = differential is not None and differential.none.status is not None and found.local
    kept = runs and any(f.place.server for f in found.used)
    told = (Evidence("differential", "the server runs, and keeps the token that it has in memory"),)
    return _first(found, files.ABSENT, *(told if kept else ()))


@cause(
    id=files.CORRUPT,
    layer="file-permission",
    owner="you",
    title="The token's file is empty, cut off, or not what it should be.",
    explanation="It was cut off while it was written, edited by hand, or is another program's file.",
    fix=("Keep a copy, delete it, and let the program that owns it write it again.",),
    sources=(
        "https://github.com/yadayada/acd_cli/issues/294",
        "https://github.com/openclaw/mcporter/issues/208",
        "https://github.com/google-gemini/gemini-cli/issues/19850",
    ),
    standing=True,
    explains=_BROUGHT_ABOUT,
)
def corrupt(found: TokenFiles | None, kept: KeptLogins | None) -> Verdict | None:
    """By reading it as what it should be: the file of a credential, or that in which a program keeps its login."""
    broken = next((e for e in kept.mine if e.state == "half-written"), None) if kept else None
    if kept is not None and broken is not None:
        return proven(
            Evidence("login-cache", f"{broken.path}: {broken.flaw}"),
            title=f"The file in which {kept.program} keeps its login is cut off, or no JSON.",
            fix=kept_login.clearing(broken),
        )
    return _first(found, files.CORRUPT) if found else None


@cause(
    id=files.DISK_FULL,
    layer="file-permission",
    owner="you",
    title="The disk is full, so the token could not be written.",
    explanation="A file that was opened for writing on a full disk is left empty, or is not made at all.",
    fix=("Make room: df -h and df -i show where.", "Then let the program that owns the file write it again."),
    sources=(
        "https://github.com/easy-wi/developer/issues/1321",
        "https://github.com/autohandai/code-cli/issues/207",
        f"{FLEET}, Troubleshooting (Token Regenerates on Every Restart)",
    ),
    standing=True,
    explains=_BROUGHT_ABOUT,
)
def disk_full(found: TokenFiles) -> Verdict | None:
    """Missing or empty, on a file system that takes nothing more."""
    return _first(found, files.DISK_FULL)


@cause(
    id="token-file-of-another-instance",
    layer="file-permission",
    owner="you",
    title="The server at this address keeps its token in another file.",
    explanation="Each instance of the server makes a token of its own. The token of one is unknown to the other.",
    fix=("Read the token from the file of the instance that the address names.",),
    sources=(f"{FLEET}, FAQ (several instances)",),
    explains=("token-not-recognised",),
)
def other_instance(found: TokenFiles, differential: Differential | None) -> Verdict | None:
    """By the file that the listening process was told to use, and by another token that lies there."""
    read = _refused_file(found, differential)
    named = found.listener.names if found.listener else ""
    if read is None or not named:
        return None
    other = next((f for f in found.beside if f.look.path == named), None)
    same = other is not None and other.look.value == read.look.value
    if same or named in (read.look.real, read.look.path):
        return None
    return proven(
        Evidence("file", f"this token is read from {read.look.path}"),
        Evidence(
            "file",
            f"the server (process {found.listener.pid if found.listener else 0}) was told to use {named}",
        ),
        *_answer(differential),
        fix=(f"Use that file: authwizard setup ... --secret {pasted(f'token=file:{named}')}",),
    )


@cause(
    id="token-file-changed-while-server-runs",
    layer="file-permission",
    owner="you",
    title="The token's file was changed after the server had read it.",
    explanation="The server reads its token when it starts and keeps it in memory. What is written into the file later"
    " is unknown to it until it is started again.",
    fix=("Start the server again, so that it reads the file.", "Or put the former content back."),
    sources=(f"{FLEET}, FAQ (the file deleted while the server runs)",),
    explains=("token-not-recognised",),
)
def changed(found: TokenFiles, differential: Differential | None) -> Verdict | None:
    """The file's own value is refused by the server that writes it, and the file is younger than the process."""
    if differential is not None and differential.real is not None and differential.real.accepted:
        return _outdated(found)
    read = _refused_file(found, differential)
    if read is None or not read.place.server or found.listener is None or read.look.modified is None:
        return None
    later = read.look.modified - found.listener.started
    if later <= _STARTING or (found.listener.names and found.listener.names != read.look.path):
        return None
    return likely(
        Evidence("file", f"{read.look.path} was changed {moment(read.look.modified)}"),
        Evidence(
            "file",
            f"the server (process {found.listener.pid}) runs since {moment(found.listener.started)},"
            f" {span(later)} before that",
        ),
        *_answer(differential),
    )


def _outdated(found: TokenFiles) -> Verdict | None:
    """The copy in use still works, while the server's file holds another token already: a warning of what comes."""
    if found.listener is None or found.value is None or any(f.field for f in found.used):
        return None
    for file in found.beside:
        look = file.look
        if look.value is None or look.value == found.value or found.listener.names not in ("", look.path):
            continue
        return likely(
            Evidence("file", f"{look.path} holds another token than the one in use (compared in memory)"),
            Evidence("file", "the server takes the one in use, which it has in memory since its start"),
            title="At its next start the server will want another token than this one.",
            fix=(
                "Put the former content back, or store the new token here when the server is started again.",
            ),
        )
    return None


@cause(
    id="token-file-regenerated-on-restart",
    layer="file-permission",
    owner="server-admin",
    title="The server has made a new token since this one was copied.",
    explanation="The server makes a token when it finds none at its start. Where its file is not kept, is deleted or"
    " cannot be written, each start makes another, and every copy stops working.",
    fix=(
        "Ask the server's admin for the new token, and store it; or, on the server's own machine, let the token be"
        " read from its file (method token_file), so that nothing has to be copied.",
        "Keep the file's folder across restarts: a volume for a container.",
        "See that the server may write there (0600, folder 0700), and that the disk has room: df -h",
    ),
    sources=(f"{FLEET}, Troubleshooting (Token Regenerates on Every Restart) and Rotate Token",),
    explains=("token-not-recognised",),
)
def regenerated(
    found: TokenFiles, differential: Differential | None, credential: CredentialText | None
) -> Verdict | None:
    """A copy that is refused, beside a file of the same server that is younger and holds another value; or a file
    that is older than the server which refuses its value."""
    # a text that is at fault is refused by every server, started anew or not
    if not _refused(differential) or (credential is not None and credential.faults):
        return None
    for file in found.beside:
        look = file.look
        made = look.created or look.modified
        if look.state != HERE or look.value is None or look.value == found.value or made is None:
            continue
        # of a value that nobody stored earlier it is not known that it ever was the server's
        if any(f.field for f in found.used) or found.copied is None or made <= found.copied:
            continue
        copied = f"; the token in use was stored {moment(found.copied)}"
        return likely(
            Evidence("file", f"{look.path} was made {moment(made)}{copied}"),
            Evidence(
                "file", f"it holds another token than the one in use (compared in memory); {_why(look)}"
            ),
            *_answer(differential),
        )
    read = _refused_file(found, differential)
    if read is None or not read.place.server or found.listener is None or read.look.modified is None:
        return None
    if read.look.modified >= found.listener.started or found.listener.names not in ("", read.look.path):
        return None
    return likely(
        Evidence("file", f"{read.look.path} was last written {moment(read.look.modified)}"),
        Evidence(
            "file",
            f"the server was started later, {moment(found.listener.started)}, and did not keep its token there:"
            f" not persisted; {_why(read.look)}",
        ),
        *_answer(differential),
        title="The server was started anew and does not use the token in this file.",
    )


def _refused(differential: Differential | None) -> bool:
    real = differential.real if differential else None
    if differential is None or real is None or not real.refused:
        return False
    return real.same_as(differential.false) and real.status != 403


def _refused_file(found: TokenFiles, differential: Differential | None) -> TokenFile | None:
    """The file whose value is what the server refuses as it does one that nobody was given."""
    if not _refused(differential):
        return None
    return next((f for f in found.used if f.field and f.look.value is not None), None)


def _why(look: Look) -> str:
    if look.full:
        return "its disk is full"
    if look.folder is not None and not look.folder.mode & 0o200:
        return f"its folder may not be written to, not even by its owner {look.folder.owner}"
    if look.state == MISSING or look.content == EMPTY:
        return "nothing was kept in it"
    if look.fleeting:
        return "its folder is on a file system that a restart empties"
    return "its folder is kept, so the file was deleted or the token changed on purpose"


def _answer(differential: Differential | None) -> tuple[Evidence, ...]:
    real = differential.real if differential else None
    return (Evidence("differential", f"the server {real.gives()}"),) if real else ()
