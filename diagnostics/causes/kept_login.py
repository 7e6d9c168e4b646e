"""Layer cache: the login that another program keeps in a file of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.lengths import ago
from wizard.livetest import Evidence
from wizard.pasting import pasted

from ..facts.cache import KeptLogins
from ..facts.vendor import ToolTold
from ..words import moment
from .book import Verdict, cause, likely, proven

if TYPE_CHECKING:
    from wizard.caches import Cached

FAOS: Final = "FAOS: Authentication Setup"
_REFUSED: Final = re.compile(r"(?i)\b401\b|unauthori[sz]ed|invalid_token|authentication failed")
_LOOP: Final = (
    "If the login starts over again and again: clear the browser's cookies of the identity provider, or log in in a"
    " private window; then have the service's admin check its SSO configuration."
)


def clearing(entry: Cached, *more: str) -> tuple[str, ...]:
    """How the login is made anew."""
    own = f" (or by its own command: {entry.clear})" if entry.clear else ""
    return (
        f"Clear the login, with a copy kept: authwizard stores --remove {pasted(entry.id)}{own}",
        f"Use {entry.program} again: it opens a browser. Log in there.",
        *more,
    )


def told(entry: Cached, program: str) -> Evidence:
    """Where the login is kept, and what it says of itself."""
    return Evidence("login-cache", f"{program} keeps it in {entry.path}: {entry.says()}")


@cause(
    id="stale-auth-cache-revoked-tokens",
    layer="cache",
    owner="you",
    title="The login that a program keeps is good no more.",
    explanation="A program that logs in by itself keeps what it got in a file. The login ends there by its own time, or"
    " earlier at the service: an admin ended it, or it was made with settings that have changed since. The program goes"
    " on with what it keeps, and fails again and again.",
    fix=(
        "Clear the login: authwizard stores names it, authwizard stores --remove ID clears it and keeps a copy.",
        "Use the program again, and log in anew.",
        _LOOP,
    ),
    sources=(
        f"{FAOS}, SSO Token Refresh and Troubleshooting (SSO Login Loop)",
        "https://github.com/punkpeye/mcp-remote/issues/91",
        "https://github.com/punkpeye/mcp-remote/issues/74",
        "https://github.com/can1357/oh-my-pi/issues/1908",
    ),
    standing=True,
)
def stale(kept: KeptLogins, tool: ToolTold | None) -> Verdict | None:
    """Ended by its own time with nothing to renew it; or refused by the service though it is said to last."""
    for entry in kept.mine:
        if entry.state == "expired" and entry.expires is not None:
            return proven(
                told(entry, kept.program),
                Evidence("login-cache", f"here it is {moment(kept.now)}; no refresh token is kept"),
                title=f"The login of {kept.whose} that {kept.program} keeps ended {ago(kept.now - entry.expires)}.",
                fix=clearing(entry),
            )
        if entry.state in ("usable", "renewable") and tool is not None and _REFUSED.search(tool.says):
            return proven(
                Evidence("tool-told", tool.says),
                told(entry, kept.program),
                title=f"The login of {kept.whose} that {kept.program} keeps is not taken any more.",
                fix=clearing(entry, _LOOP),
            )
    return None


@cause(
    id="cache-key-version-or-url-mismatch",
    layer="cache",
    owner="you",
    title="A login is kept, but for another domain or address than the one that is configured.",
    explanation="A program finds its login by what it was told: the domain, the address to the letter. With another one"
    " it asks for a login again, though one is there.",
    fix=(
        "Use the same domain and address everywhere, to the letter; or log in once for the one that is new.",
    ),
    sources=(
        "https://github.com/punkpeye/mcp-remote/issues/74",
        "https://github.com/nicobailon/pi-mcp-adapter/issues/90",
        f"{FAOS}, SSO Authentication",
    ),
    standing=True,
)
def foreign(kept: KeptLogins) -> Verdict | None:
    """None of the target's, and others beside."""
    if kept.mine or not kept.others:
        return None
    other = kept.others[0]
    whose = other.domain if other.domain and other.domain != kept.whose else other.server or other.domain
    good = "://" in kept.whose and other.state in ("usable", "renewable")
    return (proven if good else likely)(
        Evidence("login-cache", f"{other.path}: a login of {whose}, none of {kept.whose}"),
        title=f"{kept.program} keeps a login of {whose}, and none of {kept.whose}.",
        fix=(
            f"If {whose} is meant: set the connection up again with it.",
            f"Else log in once for {kept.whose}: use a tool, and a browser opens.",
        ),
    )


@cause(
    id="cached-expiry-corrupt-or-wrong-unit",
    layer="cache",
    owner="you",
    title="The end of the login that is kept is no time.",
    explanation="A program decides by that time whether to renew the login. In milliseconds for seconds, or no number"
    " at all, it holds the login for good for ever, or for ended always.",
    fix=("Clear the login with authwizard stores --remove ID, and log in anew.", "Update the program."),
    sources=("https://github.com/NousResearch/hermes-agent/issues/118714", "RFC 6749 section 5.1"),
    standing=True,
)
def odd_expiry(kept: KeptLogins) -> Verdict | None:
    """No finite number of the unit that the program writes, or minutes apart from the token's own."""
    entry = next((e for e in kept.mine if e.state == "odd-expiry"), None)
    if entry is None:
        return None
    return proven(
        told(entry, kept.program), fix=clearing(entry, f"If it comes back: update {entry.program}.")
    )


@cause(
    id="stale-lock-file",
    layer="cache",
    owner="you",
    title="A process that is gone still holds the login.",
    explanation="A program that logs in keeps others out of it by a lock file. When it is killed the file stays, and"
    " the next one waits for somebody who is not there.",
    fix=("Clear what is left of that login with authwizard stores --remove ID, and log in anew.",),
    sources=(
        "https://github.com/vishalsachdev/canvas-mcp/issues/146",
        "https://github.com/punkpeye/mcp-remote/issues/256",
    ),
    standing=True,
    explains=("code-delivered-but-not-exchanged",),
)
def stale_lock(kept: KeptLogins) -> Verdict | None:
    """A lock file whose process does not run."""
    entry = next((e for e in kept.mine if e.state == "locked" and e.holder), None)
    if entry is None or entry.holder is None:
        return None
    since = f", since {moment(entry.holder.since)}" if entry.holder.since else ""
    good = entry.expires is not None and entry.expires > kept.now
    return (likely if good else proven)(
        Evidence(
            "login-cache", f"{entry.holder.path} names process {entry.holder.pid}{since}; it does not run"
        ),
        title=f"A {kept.program} that is gone still holds the login of {kept.whose}.",
        fix=clearing(entry),
    )
