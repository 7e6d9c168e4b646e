"""What is not well though it works, as the do/don't list of the FAOS document has it: warnings, each in its layer."""

from __future__ import annotations

from typing import Final

from wizard.lengths import span
from wizard.livetest import Evidence
from wizard.pasting import pasted

from .. import files
from ..facts.entry import InHistory
from ..facts.file import Lifetime, Rights, Sharing, TokenFiles
from ..words import moment
from .book import Verdict, cause, proven

_FAOS: Final = "FAOS: Authentication Setup, Security Best Practices"
_SOON: Final = 7 * 86400.0
"""Seconds: a week before the end is time to have the next one ready."""


@cause(
    id=files.VERSIONED,
    layer="file-permission",
    owner="you",
    title="The file that holds the token is under version control.",
    explanation="What is committed is copied to everybody who has the repository, and stays in its history.",
    fix=(
        "Take the file out of the repository and name it in .gitignore.",
        "If it was committed: make a new token, the old one stays in the history.",
    ),
    sources=(_FAOS, "Quick Start: Fleet MCP Authentication, Security Best Practices"),
    advice=True,
)
def versioned(found: TokenFiles) -> Verdict | None:
    """By the repository's own index and ignore files."""
    for file in found.used:
        for fault in files.judge(file.place, file.look):
            if fault.cause == files.VERSIONED:
                evidence = [Evidence("file", said) for said in fault.evidence]
                return proven(*evidence, title=fault.title, fix=fault.fix)
    return None


@cause(
    id=files.SYNCED,
    layer="file-permission",
    owner="you",
    title="The file that holds the token is copied to other machines.",
    explanation="What lies in a folder of Dropbox, OneDrive, iCloud or Google Drive is on its servers and on every"
    " machine of yours, in all its versions. Two machines that renew one token there also destroy each other's file.",
    fix=(
        "Keep the file outside of the synced folder.",
        "Make a new token: the old one stays in earlier versions.",
    ),
    sources=(
        "https://cwe.mitre.org/data/definitions/552.html",
        "https://github.com/KoenZomers/KeePassOneDriveSync/issues/135",
        "https://github.com/pwsafe/pwsafe/issues/1002",
    ),
    advice=True,
)
def copied_away(found: TokenFiles) -> Verdict | None:
    """By the names and marks of the folders above it."""
    for file in found.used:
        for fault in files.judge(file.place, file.look):
            if fault.cause == files.SYNCED:
                evidence = [Evidence("file", said) for said in fault.evidence]
                return proven(*evidence, title=fault.title, fix=fault.fix)
    return None


@cause(
    id=files.HISTORY,
    layer="file-permission",
    owner="you",
    title="The secret stands in the history of a shell.",
    explanation="What is typed as an argument is kept in the shell's history, in plain text, for years; every program"
    " of yours can read it, and it goes into every backup.",
    fix=("Take the line out of the history, and make a new secret.",),
    sources=(
        "https://attack.mitre.org/techniques/T1552/003/",
        "https://cwe.mitre.org/data/definitions/214.html",
    ),
    advice=True,
)
def in_history(history: InHistory) -> Verdict | None:
    """The value in use, looked for in the histories; its text is not shown."""
    fault = next(iter(files.remembered(history.lines)), None)
    if fault is None:
        return None
    return proven(*(Evidence("history", said) for said in fault.evidence), title=fault.title, fix=fault.fix)


@cause(
    id="scopes-wider-than-needed",
    layer="scope",
    owner="you",
    title="The credential may do more than the chosen tools need.",
    explanation="Whoever gets hold of it may do all that it may do.",
    fix=("Make a token with only the scopes that the tools need.",),
    sources=(f"{_FAOS} (use minimal required scopes; no overly broad ones)",),
    advice=True,
)
def too_wide(rights: Rights) -> Verdict | None:
    """By the catalogue's list of tools and scopes."""
    if not rights.more:
        return None
    more = ", ".join(f"`{s}`" for s in rights.more)
    needed = ", ".join(f"`{s}`" for s in rights.needed) or "no scope at all"
    return proven(
        Evidence("rights", f"{rights.source} {' '.join(rights.held)}"),
        Evidence("rights", f"{', '.join(rights.tools)}: {' '.join(rights.needed) or 'none needed'}"),
        title=f"The credential also has {more}, which the chosen tools do not need.",
        fix=(f"Make a token with {needed}, and store it in place of this one.", "Then revoke this one."),
    )


@cause(
    id="token-expires-soon",
    layer="token-time",
    owner="you",
    title="The credential comes to its end soon.",
    explanation="After its end it is refused, and nothing here renews it.",
    fix=("Make the next one now, store it in place of this one, test it, and revoke the old one.",),
    sources=(f"{_FAOS} (do not ignore expiration warnings)", "RFC 7519 section 4.1.4"),
    advice=True,
)
def soon(lifetime: Lifetime) -> Verdict | None:
    """Less than a week is left."""
    if lifetime.until is None or lifetime.left is None or not 0 < lifetime.left < _SOON:
        return None
    told = Evidence("lifetime", f"valid until {moment(lifetime.until)}, by {lifetime.by}")
    if lifetime.of:
        return proven(
            told,
            Evidence("lifetime", lifetime.why),
            title=f"The login ends in {span(lifetime.left)}, and cannot be renewed.",
            fix=(f"Log in again: authwizard login {pasted(lifetime.of)}",),
        )
    return proven(
        told,
        title=f"The credential ends in {span(lifetime.left)}, and nothing renews it.",
    )


@cause(
    id="token-without-expiry",
    layer="token-time",
    owner="you",
    title="The credential never ends.",
    explanation="One that is lost or stolen stays good until somebody revokes it.",
    fix=("Make one with an end, and replace it regularly (every 90 days).",),
    sources=(f"{_FAOS} (set appropriate token expiration dates)", "RFC 6819 section 5.1.5.2"),
    advice=True,
)
def endless(lifetime: Lifetime) -> Verdict | None:
    """No end is set, as far as the token or its service tells."""
    if lifetime.until is not None:
        return None
    return proven(Evidence("lifetime", lifetime.seen()))


@cause(
    id="credential-shared",
    layer="client-config",
    owner="you",
    title="The same credential is used for several environments or people.",
    explanation="What leaks from one opens the others; and it cannot be taken from one without taking it from all.",
    fix=("Make a credential for each environment and each person, named after it.",),
    sources=(
        f"{_FAOS} (do not share tokens between users)",
        "Quick Start: Fleet MCP Authentication, Security Best Practices (do not reuse tokens across environments)",
    ),
    advice=True,
)
def shared(sharing: Sharing) -> Verdict | None:
    """The saved connections' secrets, compared in memory."""
    if not sharing.others:
        return None
    return proven(*(Evidence("sharing", said) for said in sharing.others[:3]))
