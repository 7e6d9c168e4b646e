"""A diagnosis as text on the screen: the answer first, its proof second, the machinery last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from textual.content import Content

from diagnostics.report import explained, lacking, well

from ..widgets.rows import GAP, Row, numbered, row
from ..words import mark_of, one_line, plain

if TYPE_CHECKING:
    from diagnostics.doctor import Diagnosis, ProbeState
    from diagnostics.offers import Offers
    from wizard.errors import AuthwizardError
    from wizard.exchange import Exchange
    from wizard.livetest import Finding

OWNERS = {
    "you": "you",
    "server-admin": "the server's admin",
    "idp-admin": "the identity provider's admin",
    "network-admin": "the network's admin",
    "client-vendor": "the client's vendor",
}


_SHOWN = 5
"""Reasons for which causes were not examined that stand on the first sheet; the report has them all."""


def probe_rows(probes: Iterable[ProbeState]) -> list[Row]:
    """One row for each question that was put: its mark, its name, what it saw. Those that wait, and those that did not
    arise, are counted."""
    rows, number = [], Counter[str]()
    for probe in probes:
        number[probe.state] += 1
        if probe.state in ("waiting", "skipped"):
            continue
        state = {"running": "running", "done": "works", "failed": "warning"}.get(probe.state, "untested")
        seen = plain(f"  {one_line(probe.seen)}" if probe.seen else "", "$muted")
        rows.append(row(Content.assemble(plain(one_line(probe.title)), seen), prefix=mark_of(state)))
    told = (f"{number['waiting']} wait" if number["waiting"] else "", f"{number['skipped']} did not arise")
    said = ", ".join(t for t in told if t and not t.startswith("0 "))
    return [*rows, row(said, "$muted", prefix=mark_of("untested"))] if said else rows


def finding_rows(finding: Finding, state: str) -> list[Row]:
    """A finding: its sentence, who must act, at most three lines of evidence, numbered steps."""
    proven = "proven" if finding.certainty == "proven" else "likely"
    owner = OWNERS.get(finding.owner, finding.owner)
    who = "you can fix it" if finding.owner == "you" else f"{owner} must act"
    rows = [
        row(finding.title, "bold", prefix=mark_of(state)),
        row(f"{proven}   {who}", "$text-accent", indent=2),
    ]
    for item in finding.evidence[:3]:
        fact = Content.assemble(plain(item.fact), plain(f"  ({item.probe})", "$muted"))
        rows.append(row(fact, prefix="- ", indent=2))
    rows += numbered(finding.fix, indent=2)
    rows += [row(said, "$muted", indent=2) for said in explained(finding)]
    return [*rows, GAP]


def trouble_rows(error: AuthwizardError) -> tuple[Row, ...]:
    """Why nothing could be diagnosed, and what to do."""
    detail = [row(error.detail, indent=2)] if error.detail else []
    return (row(error.title, "bold", prefix=mark_of("broken")), *detail, *numbered(error.fix, indent=2))


def offer_rows(offers: Offers) -> list[Row]:
    """What can be done about it from here, a key each."""
    login = "l logs in in the browser, and diagnoses with that." if offers.login else ""
    give = "g takes a credential, and diagnoses with it." if offers.credential else ""
    start = f"x starts it, and diagnoses that: {offers.start}" if offers.start else ""
    rows = [row(says, "$text-accent", prefix="→ ") for says in (login, give, start) if says]
    return [*rows, GAP] if rows else []


def diagnosis_rows(diagnosis: Diagnosis, ways: Iterable[Row] = ()) -> list[Row]:
    """The findings, the warnings, and what could not be examined. ``ways`` are what can be done at once, and stand
    under the answer."""
    rows: list[Row] = []
    if diagnosis.cut:
        rows += [row(f"{diagnosis.cut} This is what is known so far.", prefix=mark_of("warning")), GAP]
    if not diagnosis.findings and diagnosis.verdict == "healthy":
        rows += [row(well(diagnosis), "bold", prefix=mark_of("works")), GAP]
    elif not diagnosis.findings:
        says = "No cause could be proven." + (
            "" if diagnosis.answered else " What could not be examined stands below."
        )
        rows += [row(says, "bold", prefix=mark_of("warning"))]
        rows += [*(row(sentence, indent=2) for sentence in diagnosis.answered), GAP]
    rows += ways if not diagnosis.findings else ()
    for finding in diagnosis.findings:
        rows += finding_rows(finding, "broken")
    rows += ways if diagnosis.findings else ()
    for warning in diagnosis.warnings:
        rows += finding_rows(warning, "warning" if warning is not diagnosis.wants else "untested")
    rows.append(row(f"{_were(len(diagnosis.ruled_out))} ruled out in {diagnosis.seconds:.1f} s.", "$muted"))
    if diagnosis.not_examined:
        # where the cause is known, or all is well, nobody looks for what else it might have been
        known = diagnosis.verdict == "healthy" or bool(diagnosis.findings or diagnosis.answered)
        missed = len(diagnosis.not_examined)
        count = f"{missed} cause{'' if missed == 1 else 's'}"
        most = [] if known else sorted(lacking(diagnosis).items(), key=lambda item: -len(item[1]))[:_SHOWN]
        rows.append(
            row(f"{count} could not be examined; m says why{'.' if known else ', mostly:'}", "$muted")
        )
        rows += [row(f"{len(ids)}: {need}", "$muted", indent=2) for need, ids in most]
    return rows


def _were(count: int) -> str:
    return "1 cause was" if count == 1 else f"{count} causes were"


def exchange_rows(exchanges: Iterable[Exchange], which: Mapping[int, str] = {}) -> list[Row]:
    """Each request and its answer; ``which`` says by which credential one went, by its number."""
    rows: list[Row] = []
    for e in exchanges:
        rows.append(row(f"{e.method} {e.url}", "bold", prefix=f"{e.number} "))
        rows += [row(which[e.number], "$text-accent", indent=2)] if e.number in which else []
        rows += [row(f"{name}: {value}", "$muted", indent=4) for name, value in _items(e.request_headers)]
        rows.append(row(f"{e.error or e.status}  {e.seconds:.2f} s", prefix="→ ", indent=2))
        rows += [row(f"{name}: {value}", "$muted", indent=4) for name, value in _items(e.response_headers)]
        rows += [row(line, indent=4) for line in (e.excerpt or "").splitlines()[:12]]
        rows.append(GAP)
    return rows or [row("No request was sent.")]


def _items(headers: object) -> list[tuple[str, str]]:
    if isinstance(headers, Mapping):
        return [(str(k), str(v)) for k, v in headers.items()]
    return [(str(k), str(v)) for k, v in headers] if isinstance(headers, (list, tuple)) else []
