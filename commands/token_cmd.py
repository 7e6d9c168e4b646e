"""``token``: what a token says of itself."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .output import Output, finding_lines, table
from .running import Sources

if TYPE_CHECKING:
    from diagnostics.token import TokenReport


def run(args: argparse.Namespace, out: Output) -> int:
    """Explain a token, from standard input when no source is named. 1 where something is wrong with it."""
    from diagnostics import token

    _, secret = Sources().read(args.source or "-")
    report = token.explain(secret)
    out.answer(report.as_json(), _lines(report, out))
    return 1 if report.findings else 0


def _lines(report: TokenReport, out: Output) -> list[str]:
    """The answer, then what the token says, then why."""
    document = report.as_json()
    bad = bool(report.findings)
    says = "something is wrong with it" if bad else "nothing is wrong with what it says"
    lines = [f"{out.mark('broken' if bad else 'works')} {report.kind}: {says}."]
    rows = [("issuer", _text(document["issuer"])), ("audience", _text(document["audience"]))]
    rows += [(word, _text(value)) for word, value in _times(document["times"])]
    rows += [("scopes", _text(document["scopes"])), ("groups", _text(document["groups"]))]
    rows.append(("signature", _text(document["signature"])))
    lines += [f"  {line}" for line in table(row for row in rows if row[1])]
    for finding in report.findings:
        lines += ["", *finding_lines(finding, out.mark("broken"))]
    for warning in report.warnings:
        lines += ["", *finding_lines(warning, out.mark("warning"))]
    return lines


def _times(value: object) -> list[tuple[str, object]]:
    return [(str(k).replace("_", " "), v) for k, v in value.items()] if isinstance(value, dict) else []


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(str(v) for v in value)
    return str(value)
