"""``doctor --login``: the login that a diagnosis begins with."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from wizard.errors import UsageError

from . import live
from .running import BUDGET, LOGIN_BUDGET, budget, port

if TYPE_CHECKING:
    from wizard.oauth.person import Person

    from .output import Output


def seconds_of(args: argparse.Namespace) -> float:
    """The budget of the whole; longer where somebody logs in."""
    return budget(args.timeout, LOGIN_BUDGET if args.login else BUDGET)


def someone(args: argparse.Namespace, out: Output, seconds: float) -> Person | None:
    """Whoever logs in first: the option is their yes to a browser, and to registering this program. None without it.

    Raises:
        UsageError: together with what needs no login, or for many targets.
    """
    if not args.login:
        if args.port:
            raise UsageError("wrong-usage", "--port goes with --login.")
        return None
    if args.all or args.target.endswith(":"):
        raise UsageError("wrong-usage", "--login logs in to one target: it goes without --all and CLIENT:.")
    if args.credential:
        raise UsageError("wrong-usage", "--login gets a credential, so it goes without --credential.")
    from .login_person import person

    return person(out, port=port(args.port), seconds=live.for_a_person(seconds), budget=seconds)
