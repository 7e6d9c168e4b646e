"""Layer cache: the place where a program keeps its logins takes none, or the program does not use what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.lengths import ago, span
from wizard.livetest import Evidence
from wizard.pasting import pasted

from ..facts.cache import KeptLogins, KeptStore, Left
from ..facts.trail import BrowserTrail
from ..har import fate, places
from ..words import moment
from .book import Verdict, cause, likely, proven
from .kept_login import told

if TYPE_CHECKING:
    from wizard.caches import Cached

_OLD: Final = 60.0
"""Seconds. Such a lock is held while a file is written; a program that lives renews it every few seconds."""
_BROUGHT_ABOUT: Final = (
    *("stale-auth-cache-revoked-tokens", "expired-but-client-never-refreshes", "not-logged-in"),
    *("code-delivered-but-not-exchanged", "credential-store-corrupt-or-truncated", "access-token-expired"),
)


@cause(
    id="login-success-but-store-locked",
    layer="cache",
    owner="you",
    title="The login succeeds, and is not kept: a lock that nobody holds any more stands before its file.",
    explanation="A program makes a folder or file as a lock before it writes its logins, and takes it away afterwards."
    " One that was left behind by a program that was ended, or has the wrong kind, keeps every later login from being"
    " written, though the browser says that it was successful.",
    fix=(
        "End the program, remove the lock that the evidence names, and log in again.",
        "Update the program.",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/95425",
        "https://github.com/anthropics/claude-code/issues/62600",
        "https://github.com/NoeFabris/opencode-antigravity-auth/pull/515",
    ),
    standing=True,
    explains=_BROUGHT_ABOUT,
)
def locked(kept: KeptStore) -> Verdict | None:
    """A lock of the wrong kind, or one that is old while no process holds it; and no login is kept since."""
    for lock in kept.locks:
        if lock.alive or kept.written_after(lock):
            continue
        wrong = lock.folder != lock.ought
        if not wrong and lock.age < _OLD:
            continue
        kind, ought = ("a folder", "a file") if lock.folder else ("a file", "a folder")
        seen = f"{lock.path} is {kind}{f', where {kept.program} makes {ought}' if wrong else ''}, made {ago(lock.age)}"
        gone = f"; process {lock.pid}, which made it, is gone" if lock.pid is not None else ""
        command = f"rmdir {pasted(lock.path)}" if lock.folder else f"rm {pasted(lock.path)}"
        return proven(
            Evidence("login-store", seen + gone),
            Evidence("login-store", _since(kept, lock)),
            title=f"{kept.program} cannot keep a login: the lock {lock.path.name} was left behind.",
            fix=(
                f"End {kept.program}, then: {command}",
                f"Log in again, and see that {kept.store.name} changes.",
                f"If it comes back: update {kept.program}.",
            ),
        )
    return None


def _since(kept: KeptStore, lock: Left) -> str:
    if kept.written is None:
        return f"{kept.store} is not there"
    return f"{kept.store} was last written {span(max(kept.now - lock.age - kept.written, 0))} before that"


@cause(
    id="token-file-not-writable",
    layer="file-permission",
    owner="you",
    title="The program may not write the file in which it keeps its login.",
    explanation="A login is written down when it was made, and at each renewal. Where the file, its folder or the disk"
    " is closed to writing, the login succeeds, and the next start asks for it again; a refresh token that was"
    " exchanged is lost.",
    fix=("Give yourself the folder and the file, or mount the place writable, and log in again.",),
    sources=(
        "https://github.com/Azure/azure-cli/issues/571",
        "https://github.com/DefangLabs/defang/issues/1176",
    ),
    standing=True,
    explains=_BROUGHT_ABOUT,
)
def closed(kept: KeptStore) -> Verdict | None:
    """By mode, owner and mount of the file and its folder."""
    shut = kept.shut
    if shut is None:
        return None
    return proven(
        Evidence("login-store", f"{shut.path}: {shut.why}"),
        *(
            (Evidence("login-store", f"{kept.store} was last written {moment(kept.written)}"),)
            if kept.written
            else ()
        ),
        title=f"{kept.program} may not write {shut.path}, where it keeps its login.",
        fix=(shut.fix, f"Then log in again, and see that {kept.store.name} changes."),
    )


def _expired(kept: KeptLogins) -> Cached | None:
    return next((e for e in kept.mine if e.state == "renewable" and e.expires is not None), None)


@cause(
    id="expired-but-client-never-refreshes",
    layer="cache",
    owner="client-vendor",
    title="The program asks for a login though it could renew the one that it has.",
    explanation="A refresh token is kept beside the access token that has ended. The program was used since, and began"
    " a new login instead of renewing this one.",
    fix=(
        "Update the program, and log in again.",
        "Ask its vendor to renew a login before asking for a new one; the evidence says what happened.",
    ),
    sources=(
        "https://github.com/auth0/auth0-mcp-server/issues/166",
        "https://github.com/openai/codex/issues/17265",
        "https://github.com/fazer-ai/agents/pull/641",
        "https://github.com/anomalyco/opencode/issues/42875",
    ),
)
def never_renewed(kept: KeptLogins, store: KeptStore) -> Verdict | None:
    """Ended with a refresh token beside it; a login was begun since, or the program cannot bind the refresh token."""
    entry = _expired(kept)
    if entry is None or entry.expires is None:
        return None
    begun = store.begun
    if begun is not None and begun > entry.expires and (entry.written or 0.0) < entry.expires:
        return likely(
            told(entry, kept.program),
            Evidence(
                "login-store",
                f"a login was begun {span(begun - entry.expires)} later; this one was not renewed",
            ),
            title=f"{kept.program} began a new login for {kept.whose} though a refresh token is kept.",
            fix=(
                f"Update {kept.program}.",
                f"Else clear the login and log in: authwizard stores --remove {pasted(entry.id)}",
            ),
        )
    used = store.used
    if used is not None and used - _OLD > entry.expires and (entry.written or 0.0) < entry.expires:
        return likely(
            told(entry, kept.program),
            Evidence(
                "login-store",
                f"{kept.program} was used {span(used - entry.expires)} later, and did not renew it",
            ),
            title=f"{kept.program} does not renew its login for {kept.whose}, though a refresh token is kept.",
            fix=(
                f"Update {kept.program}.",
                "Else log in again there; tell its vendor what the evidence says.",
            ),
        )
    return None


@cause(
    id="code-delivered-but-not-exchanged",
    layer="cache",
    owner="you",
    title="The browser says that the login succeeded, and the program never fetched the token.",
    explanation="The code came back to this machine, to a program that did not wait for it: another copy of the client"
    " holds the port, or the one that began the login was ended or stuck. So the login is asked for again and again.",
    fix=(
        "End every copy of the client and of its bridge, then start one alone and log in.",
        "Remove what is left of the login that was begun (authwizard stores --remove ID).",
    ),
    sources=(
        "https://github.com/punkpeye/mcp-remote/issues/256",
        "https://github.com/punkpeye/mcp-remote/issues/298",
        "https://github.com/anthropics/claude-code/issues/82527",
        "https://github.com/vishalsachdev/canvas-mcp/issues/146",
    ),
)
def not_exchanged(
    kept: KeptLogins | None, store: KeptStore | None, trail: BrowserTrail | None
) -> Verdict | None:
    """A login that was begun and has no token, held by a process that lives; or a browser that came back twice."""
    if kept is not None and store is not None and (found := _begun(kept, store)) is not None:
        return found
    if trail is None:
        return None
    backs = [x.back for x in trail.logins if x.back is not None and not fate.refused(x)]
    here = [b for b in backs if places.is_loopback(b.place.host) and b.status == 200 and b.param("code")]
    if len(here) < 2 or here[-1] is not backs[-1]:
        return None
    return likely(
        Evidence(
            "har", f"{here[-1].shown()} took a code {len(here)} times, and each time the login began anew"
        ),
        title=f"{here[-1].place.bare} takes the code of the login, and the program does not use it.",
    )


def _begun(kept: KeptLogins, store: KeptStore) -> Verdict | None:
    begun, now = store.begun, store.now
    tokens = next((e for e in kept.mine if e.state in ("usable", "renewable")), None)
    if begun is None or now - begun < _OLD or (tokens is not None and (tokens.written or 0.0) >= begun):
        return None
    if not store.delivered and not any(h.alive for h in store.holders):
        return None
    said = [Evidence("login-store", f"a login was begun {ago(now - begun)}, and no token was written since")]
    said += [
        Evidence("login-store", f"{h.path.name} is held by process {h.pid}, which runs")
        for h in store.holders
    ]
    said += [Evidence("login-store", f"{store.delivered} says that the code came")] if store.delivered else []
    ids = ", ".join(pasted(e.id) for e in kept.mine)
    pids = ", ".join(str(h.pid) for h in store.holders if h.alive)
    return likely(
        *said,
        title=f"A login for {kept.whose} was begun by {kept.program}, and its code was never exchanged for a token.",
        fix=(
            f"End every {kept.program}{f' (process {pids})' if pids else ''}, and the clients that start it.",
            f"Clear what was begun: authwizard stores --remove {ids}",
            "Start one client alone, and log in.",
        ),
    )
