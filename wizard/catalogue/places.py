"""What a description says of places: the legs of the way, the files of credentials, the caches of logins."""

from __future__ import annotations

from wizard.described.reader import Table, quoted
from wizard.services import CredentialFile, Leg, TokenCache

from .pieces import HEADER, ID, MODE, VARIABLE


def leg(t: Table) -> Leg:
    """One stretch of the way."""
    headers = t.texts("headers", None)
    if wrong := next((name for name in headers if not HEADER.fullmatch(name)), ""):
        t.fault("headers", f"{quoted(wrong)}", "a header's name", wrong)
    found = Leg(t.shaped("id", ID, "small letters, digits and -"), t.text("title"), headers)
    t.close()
    return found


def credential_file(t: Table) -> CredentialFile:
    """One file in which credentials lie."""
    found = CredentialFile(
        path=t.text("path"),
        title=t.text("title"),
        variable=t.shaped("variable", VARIABLE, "a variable's name", ""),
        mode=int(t.shaped("mode", MODE, 'four octal digits, such as "0600"', "0600"), 8),
        folder_mode=int(t.shaped("folder_mode", MODE, 'four octal digits, such as "0700"', "0000"), 8),
        form=t.text("form", "any", among=("json", "any")),
        server=t.flag("server", False),
    )
    t.close()
    return found


def caches(t: Table) -> tuple[TokenCache, ...]:
    """The files in which programs keep their logins; their reader is imported where there are any."""
    if not (tables := t.tables("caches")):
        return ()
    from wizard.caches.described import described

    return tuple(described(c) for c in tables)
