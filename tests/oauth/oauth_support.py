"""What the tests of OAuth share."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from support.running import Put, Ran, Run

Verifying = Callable[..., str]
Ask = Callable[..., Ran]


def asking(run: Run, put: Put) -> Ask:
    """The command about a token, which lies in a variable; with ``client`` a client of that name introspects."""

    def go(token: str, *words: str, client: str = "") -> Ran:
        made = secrets.token_urlsafe(24)
        more = ("--set", f"client_id={client}", "--secret", f"client_secret={put(made)}") if client else ()
        done = run("token", put(token), *words, *more, "--json")
        assert token not in done.out + done.err
        assert made not in done.out + done.err
        return done

    return go
