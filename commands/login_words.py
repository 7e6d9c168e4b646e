"""A login in an answer: what it is good for and until when, and nothing of its tokens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wizard.names import LOGIN

if TYPE_CHECKING:
    from wizard.connections import Connection
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


def kept_of(c: Connection) -> tuple[dict[str, object] | None, list[str]]:
    """The login that is kept for a connection, as JSON and as lines: whose it is, and what `login_json` says. None, and
    a line that says so, where nobody is logged in; no line where nobody has to."""
    from wizard.errors import AuthwizardError
    from wizard.methods import kinds
    from wizard.oauth import granted, sessions

    if LOGIN not in c.secrets and not kinds.get(c.method).person:
        return None, []
    try:
        kept = sessions.read(c.name)
    except AuthwizardError as error:
        return None, ["login", f"  {error.title}", *(f"  {step}" for step in error.fix)]
    name = granted.who(kept.login)
    return {"who": name, **login_json(kept)}, [
        "login",
        *([f"  of {name}"] if name else []),
        *login_lines(kept),
    ]


def login_lines(kept: Kept) -> list[str]:
    """The same for people."""
    from diagnostics.words import moment
    from wizard.lengths import span
    from wizard.oauth import granted

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
    missing = [scope.name for scope in granted.beside_asked(login) if scope.state == granted.MISSING]
    if missing:
        lines.append(f"  asked for and not granted: {' '.join(missing)}")
    return lines
