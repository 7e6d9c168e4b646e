"""A login in an answer: what it is good for and until when, and nothing of its tokens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.oauth.kept import Kept


def login_json(kept: Kept) -> dict[str, object]:
    """``expires`` is when the access token ends, null where the issuer does not say; ``renewable`` whether there is a
    refresh token that was not refused; ``asked_scopes`` beside ``granted_scopes``."""
    from diagnostics.words import iso

    login = kept.login
    left = None if login.expires_at is None else round(login.expires_at - time.time())
    return {
        "issuer": login.issuer,
        "how": login.how,
        "token_type": login.token_type,
        "made": iso(kept.made_at or None),
        "expires": iso(login.expires_at),
        "seconds_left": left,
        "renewable": login.refresh_token is not None and kept.refused is None,
        "asked_scopes": list(login.asked),
        "granted_scopes": list(login.scopes),
    }


def login_lines(kept: Kept) -> list[str]:
    """The same for people."""
    from diagnostics.words import moment, span

    login = kept.login
    lines = [f"  by {login.issuer}"]
    if login.expires_at is None:
        lines.append("  its access token has no end that was told")
    else:
        left = login.expires_at - time.time()
        length = f"for {span(left)}" if left > 0 else f"ended {span(left)} ago"
        lines.append(f"  access token: {length}, until {moment(login.expires_at)}")
    if login.refresh_token is None:
        lines.append("  no refresh token was given: when it ends, log in again")
    lines.append(f"  granted scopes: {' '.join(login.scopes) or 'none was named'}")
    missing = [scope for scope in login.asked if scope not in login.scopes]
    if missing:
        lines.append(f"  asked for and not granted: {' '.join(missing)}")
    return lines
