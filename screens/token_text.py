"""A token's report as rows: what it is, its times in words, what its issuer said, what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from diagnostics import token_text
from diagnostics.token import TokenReport
from wizard.lengths import ago, span
from wizard.livetest import Step

from .widgets.rows import GAP, Row, numbered, row
from .words import mark, mark_of, one_line, plain

_STATES = {None: "running", True: "works", False: "broken"}


def explained(report: TokenReport) -> list[Row]:
    """The whole report; what is wrong comes first, since it is what one came for."""
    kind = token_text.named(report.kind)
    head = Content.assemble(
        plain(one_line(kind), "bold"), plain(f"   {token_text.signature(report)}", "$muted")
    )
    rows = [row(head), *_findings(report), GAP]
    rows += [_pair(label, value) for label, value in _pairs(report)]
    rows += [row(note, "$muted", indent=2) for note in report.notes]
    if report.claims:
        rows += [GAP, row("Claims", "bold")]
        rows += [_pair(one_line(name), value) for name, value in token_text.claim_rows(report)]
    for title, said, claims in token_text.sections(report):
        rows += [GAP, row(Content.assemble(plain(title, "bold"), plain(f"   {one_line(said)}", "$muted")))]
        rows += [_pair(one_line(name), value) for name, value in claims]
    if report.not_examined:
        rows += [GAP, row("Not asked", "bold")]
        rows += [_pair(what, why) for what, why in report.not_examined]
    return rows


def steps(asked: Iterable[Step]) -> list[Row]:
    """The questions that were put, each as it stands."""
    return [row(one_line(f"{s.title}: {s.seen}" if s.seen else s.title), prefix=_mark(s)) for s in asked]


def _mark(step: Step) -> Content:
    return Content.assemble(mark(_STATES[step.ok], word=step.ok is None), " ")


def _findings(report: TokenReport) -> list[Row]:
    rows: list[Row] = []
    for state, found in (("broken", report.findings), ("warning", report.warnings)):
        for item in found:
            act = token_text.OWNERS.get(item.owner, item.owner)
            rows += [GAP, row(item.title, "bold", prefix=mark_of(state))]
            rows.append(row(f"{item.certainty}, {act}", "$muted", indent=2))
            rows += [row(fact, "$muted", prefix="- ", indent=2) for fact in token_text.facts(item)]
            rows += numbered(item.fix, indent=2)
    return rows


def _pair(label: str, value: str) -> Row:
    return row(one_line(value), prefix=Content.styled(f"{label:<11} ", "$muted"), indent=2)


def _pairs(report: TokenReport) -> Iterable[tuple[str, str]]:
    header, times = report.header, report.times.as_json()
    subject = report.claims.get("sub") or ""
    rows = (
        ("kind", report.use.seen() if report.use.by else ""),
        ("algorithm", header.get("alg")),
        ("encryption", header.get("enc")),
        ("issuer", report.issuer),
        ("audience", ", ".join(report.audience)),
        ("subject", subject),
        ("issued", times["issued"]),
        ("not before", times["not_before"]),
        ("expires", times["expires"]),
        ("time left", _left(report.times.left)),
        ("scopes", token_text.few(report.scopes, " ", 30)),
        ("groups", token_text.few(report.groups, ", ")),
        ("signature", report.checked.seen() if report.checked is not None else ""),
    )
    return ((label, str(value)) for label, value in rows if value)


def _left(left: float | None) -> str:
    if left is None:
        return ""
    return f"ended {ago(left)}" if left < 0 else span(left)
