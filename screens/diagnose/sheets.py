"""What lies behind a diagnosis, as sheets: pure, from what was looked at to rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from textual.content import Content

from ..widgets.rows import GAP, Row, row
from ..words import mark_of, one_line, plain
from .details import Sheet
from .text import exchange_rows

if TYPE_CHECKING:
    from diagnostics.doctor import Diagnosis, ProbeState
    from diagnostics.token import TokenReport
    from wizard.exchange import Exchange

    from ..jobs import Looked

EXCHANGES: Final = "e"
TOKEN: Final = "t"  # noqa: S105  # a key on the keyboard
PERMISSIONS: Final = "h"
FILES: Final = "f"
REPORT: Final = "m"

_OF_FILES: Final = frozenset(
    (
        *(
            "config",
            "rivals",
            "arguments",
            "program",
            "client-environment",
            "client-policy",
            "file",
            "rights",
        ),
        *("sharing", "other-kept", "login-cache", "login-store", "running", "trust"),
    )
)
"""Probes that look at this machine's own files and settings."""


def sheets(looked: Looked, probes: Iterable[ProbeState], token: TokenReport | None) -> tuple[Sheet, ...]:
    """All of them, in the order of their keys on the last line."""
    diagnosis = looked.diagnosis
    return (
        Sheet(EXCHANGES, "exchanges", tuple(exchange_rows(looked.exchanges, _which(diagnosis)))),
        Sheet(TOKEN, "token", tuple(_token(token))),
        Sheet(PERMISSIONS, "have/need", tuple(_permissions(diagnosis))),
        Sheet(FILES, "files", tuple(_files(probes))),
        Sheet(REPORT, "report", tuple(_report(diagnosis))),
    )


def of_exchanges(exchanges: Iterable[Exchange]) -> Sheet:
    """The exchanges alone."""
    return Sheet(EXCHANGES, "Exchanges, with secrets taken out", tuple(exchange_rows(exchanges)))


def _which(diagnosis: Diagnosis) -> dict[int, str]:
    from diagnostics.attempts import WITH

    return {a.number: WITH[a.which] for a in diagnosis.attempts}


def _token(token: TokenReport | None) -> list[Row]:
    from ..token_text import explained

    return explained(token) if token else [row("No credential was sent, so there is none to explain.")]


def _permissions(diagnosis: Diagnosis) -> Iterable[Row]:
    told = diagnosis.as_json().get("permissions")
    found = told if isinstance(told, dict) else {}
    rows: list[Row] = []
    for kind, held in found.items():
        if not isinstance(held, dict) or not any(held.get(n) for n in ("have", "need", "missing")):
            continue
        rows.append(row(kind, "bold"))
        missing = {_name(m): bool(m.get("sure")) for m in held.get("missing", ()) if isinstance(m, dict)}
        needed = [_name(n) for n in held.get("need", ())]
        for name in needed:
            says, state = "needed, and there", "works"
            if name in missing:
                says = "needed, and missing" if missing[name] else "supported, and not in the token"
                state = "broken" if missing[name] else "untested"
            elif not held.get("known", True):
                says, state = "named; what the token has cannot be read", "untested"
            rows.append(_held(name, says, state))
        rows += [_held(n, "there", "untested") for n in map(_name, held.get("have", ())) if n not in needed]
        rows.append(GAP)
    return rows or [row("Nothing is known of scopes, groups or roles that it has or would need.")]


def _held(name: str, says: str, state: str) -> Row:
    return row(Content.assemble(plain(name), plain(f"  {says}", "$muted")), prefix=mark_of(state), indent=2)


def _name(held: object) -> str:
    return str(held.get("name") or held.get("value")) if isinstance(held, dict) else str(held)


def _files(probes: Iterable[ProbeState]) -> list[Row]:
    rows: list[Row] = []
    for probe in probes:
        if probe.id in _OF_FILES and probe.state == "done":
            rows += [row(one_line(probe.title), "bold"), row(one_line(probe.seen), indent=2), GAP]
    return rows or [row("No file of this machine has to do with it.")]


def _report(diagnosis: Diagnosis) -> list[Row]:
    from diagnostics import report

    return [row(line) if line else GAP for line in report.markdown(diagnosis).splitlines()]
