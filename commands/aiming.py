"""From a TARGET and its options to what the diagnostics take."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from wizard.errors import UsageError

from .running import Sources, pairs

if TYPE_CHECKING:
    from diagnostics.target import Target


def aimed(args: argparse.Namespace, sources: Sources) -> Target:
    """The target that the words name.

    Raises:
        UsageError: no target, or options that contradict each other. SourceError: a source yields nothing.
    """
    from diagnostics import targets

    headers = pairs(getattr(args, "header", []), "--header", "NAME=SOURCE")
    if args.credential and any(name.lower() == "authorization" for name in headers):
        raise UsageError("wrong-usage", "--header Authorization and --credential contradict each other.")
    credential = sources.read(args.credential)[1] if args.credential else None
    secrets = {k: sources.read(v)[1] for k, v in pairs(args.secret, "--secret", "FIELD=SOURCE").items()}
    settings = pairs(args.set, "--set", "FIELD=VALUE")
    wanted = (
        getattr(args, "require_scope", None)
        or (getattr(args, "scopes", None) or "").replace(",", " ").split()
    )
    return targets.resolve(
        args.target,
        kind=args.kind or "",
        method=args.method or "",
        credential=credential,
        headers={name: sources.read(text)[1] for name, text in headers.items()},
        settings=settings,
        secrets=secrets,
        scopes=tuple(wanted),
    )
