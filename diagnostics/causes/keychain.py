"""The system's secret store: it does not open, or keeps less than it was given."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence

from ..facts.keychain import Keychain
from .book import Verdict, cause, proven

_BROUGHT_ABOUT: Final = (
    *("authorization-header-missing", "token-not-recognised", "not-logged-in", "token-file-missing"),
    *("double-bearer-prefix", "token-truncated-or-placeholder", "token-quotes-or-invisible-characters"),
    *("token-trailing-newline-or-crlf",),
)
_SAYS: Final = {
    "keyring-absent": "there is no system keyring in this session",
    "keyring-locked": "the system keyring is locked, and its password could not be asked for",
    "keyring-silent": "the system keyring did not answer",
    "keyring-refused": "the keyring that is chosen here keeps nothing safely, and is not used",
    "keyring-failed": "the system keyring failed",
}
_LIMITS: Final = (
    (1900, 2100, "about 2,000 characters"),
    (2400, 2600, "2,560 bytes"),
    (1200, 1300, "1,280 characters"),
)
"""Where stores cut: https://github.com/anthropics/claude-code/issues/28542; Windows takes 2,560 bytes (wincred.h,
CRED_MAX_CREDENTIAL_BLOB_SIZE), which are 1,280 characters of UTF-16."""


@cause(
    id="keychain-locked-or-unavailable",
    layer="file-permission",
    owner="you",
    title="The system keyring does not open here, so the secret that is kept in it cannot be read.",
    explanation="A keyring is opened by signing in to the desktop. Over SSH, in a container, or in a service there is"
    " no desktop, and often no D-Bus: what is kept in it is out of reach there, and every login seems to be lost.",
    fix=(
        "Sign in on the desktop, or unlock it: on macOS `security unlock-keychain`; on Linux start the session by"
        " `dbus-run-session -- bash`, then `gnome-keyring-daemon --unlock`.",
        "Or keep the secret elsewhere: authwizard setup ... --store file",
    ),
    sources=(
        "https://github.com/openai/codex/issues/16728",
        "https://github.com/jaraco/keyring/issues/280",
        "https://github.com/jaraco/keyring/issues/514",
        "https://github.com/bman654/clodex/issues/7",
        "https://github.com/open-source-cooperative/keyring-rs/issues/167",
    ),
    standing=True,
    explains=_BROUGHT_ABOUT,
)
def shut(keychain: Keychain) -> Verdict | None:
    """What the store said when the secret was read."""
    if not keychain.problem:
        return None
    said = [Evidence("keychain", f"{keychain.places[0]}: {_SAYS.get(keychain.problem, keychain.problem)}")]
    linux = keychain.system.startswith("linux")
    if linux and not keychain.bus:
        said.append(Evidence("keychain", "this session has no D-Bus: DBUS_SESSION_BUS_ADDRESS is not set"))
    if keychain.remote:
        said.append(Evidence("keychain", "this session came over SSH"))
    if keychain.chosen:
        said.append(Evidence("keychain", f"PYTHON_KEYRING_BACKEND={keychain.chosen}"))
    why = _SAYS.get(keychain.problem, "the system keyring cannot be used")
    return proven(
        *said,
        title=f"The secret is kept in the system keyring, and {why}.",
        fix=_fix(keychain, linux),
    )


def _fix(keychain: Keychain, linux: bool) -> tuple[str, ...]:
    if keychain.chosen:
        first = "Unset PYTHON_KEYRING_BACKEND, or name a backend that keeps secrets encrypted."
    elif keychain.system == "darwin":
        first = "Unlock it: security unlock-keychain ~/Library/Keychains/login.keychain-db"
    elif linux and not keychain.bus:
        first = (
            "Run it in a session with a D-Bus: dbus-run-session -- bash, then gnome-keyring-daemon --unlock"
        )
    else:
        first = "Unlock it: sign in on the desktop, or answer the window that asks for its password."
    return (first, "Or keep the secret elsewhere: set the connection up again with --store file.")


@cause(
    id="keychain-entry-size-truncation",
    layer="cache",
    owner="client-vendor",
    title="The keyring's entry was cut off: it is longer than the keyring keeps.",
    explanation="Some keyrings take so many characters and no more. A program that keeps all its logins in one entry"
    " gets back JSON without its end at the next start, throws it away, and asks for every login again.",
    fix=(
        "Remove what is large in the entry (logins that are not used, cached metadata), and log in again.",
        "Let the program keep its logins in a file, where it can. Ask its vendor for smaller entries.",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/28542",
        "https://learn.microsoft.com/en-us/windows/win32/api/wincred/ns-wincred-credentialw",
    ),
    standing=True,
    explains=_BROUGHT_ABOUT,
)
def cut(keychain: Keychain) -> Verdict | None:
    """JSON that ends within itself."""
    if not keychain.cut:
        return None
    found = keychain.cut[0]
    limit = next((says for low, high, says in _LIMITS if low <= found.length <= high), "")
    near = f", which is where such stores cut: {limit}" if limit else ""
    return proven(
        Evidence("keychain", f"{found.place}: JSON of {found.length} characters without its end{near}"),
        title=f"The entry {found.place} is cut off after {found.length} characters.",
    )
