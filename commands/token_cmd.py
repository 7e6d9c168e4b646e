"""``token``: what a token says of itself."""

from __future__ import annotations

import argparse

from .output import Output
from .running import Sources


def run(args: argparse.Namespace, out: Output) -> int:
    """Explain a token, from standard input when no source is named. 1 where something is wrong with it."""
    from diagnostics import token

    _, secret = Sources().read(args.source or "-")
    report = token.explain(secret)
    out.answer(report.as_json(), token.text(report).splitlines())
    return 1 if report.findings else 0
