"""What the screens say of a client: what it can do, what would be written, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from .widgets.rows import GAP, Row, row
from .words import mark_of, plain, say

if TYPE_CHECKING:
    from wizard.change import ExportReport
    from wizard.errors import AuthwizardError
    from wizard.setup.places import Facts
    from wizard.taking_back import TakenBack


def refused(error: AuthwizardError) -> str:
    """A refusal in the words of a screen: where a command line has options, it has keys."""
    steps = [step for step in error.fix if "--" not in step]
    if error.id == "way-not-possible":
        steps.append("h goes on to the next way.")
    parts = [part for part in (error.title, error.detail, *steps) if part]
    return " ".join(part if part[-1] in ".?!:" else f"{part}." for part in parts)


def about(facts: Facts, where: str) -> list[Row]:
    """What a client can do and what it cannot; ``where`` is the file, and how much of it would change."""
    rows = [row(facts.title, "bold")]
    if where:
        rows.append(row(where))
    if facts.ways:
        rows += [GAP, row("How it comes by the secret", "bold")]
        width = max(len(way) for way, _ in facts.ways)
        for way, says in facts.ways:
            now = way == facts.now
            before = Content.assemble(
                (say("▸ ") if now else "  ", "$text-accent"),
                plain(way.ljust(width), "bold" if now else ""),
                "  ",
            )
            rows.append(row(says, "$muted", prefix=before))
    rows += [GAP, row("What it can do", "bold")]
    rows += [row(facts.logs_in)] if facts.logs_in else []
    rows += [row(f"The entry {facts.holds}.")] if facts.holds else []
    rows.append(row(f"Its form: {facts.judged}.", "$muted"))
    if facts.cannot:
        rows += [GAP, row("What it cannot do", "bold")]
        for what, instead in facts.cannot:
            rows += [row(what, prefix="• "), row(instead, "$muted", indent=2)]
    if facts.command:
        rows += [GAP, row("The same by its own command", "bold"), row(facts.command, "$muted")]
    return rows


def diff(text: str) -> list[Row]:
    """A change, line by line."""
    styles = {"+": "$text-success", "-": "$text-error"}
    return [row(line, styles.get(line[:1], "$muted")) for line in text.splitlines()]


def by_hand(snippet: str) -> list[Row]:
    """The entry as it is to be put in by hand; none where there is none."""
    if not snippet:
        return []
    return [row("The entry, to be put in by hand", "bold"), *(row(t) for t in snippet.splitlines())]


def exported(title: str, report: ExportReport, short: str) -> list[Row]:
    """What came of one client: written, read back, answered, and from when it holds. ``short`` is its file."""
    from wizard.clients import telling

    change = report.change
    said = ["written" if change.changed else "already the same"] if change.path else ["made"]
    # None: there was nothing to try
    if report.read_back is not None:
        said.append("read back" if report.read_back else "not read back")
    if report.answered is not None and report.read_back is not False:
        said.append("answered" if report.answered else "did not answer")
    good = False not in (report.read_back, report.answered)
    head = Content.assemble(plain(title, "bold"), "  ", ", ".join(said))
    rows = [row(head, prefix=mark_of("works" if good else "broken"), indent=2)]
    if change.path:
        holds = f"  {telling.HOLDS[change.proof_after]}" if good else ""
        rows.append(row(Content.assemble(plain(short, "$muted"), plain(holds)), indent=4))
    if change.text:
        rows += [row(line, indent=4) for line in change.text.splitlines()]
    if good and report.why:
        rows.append(row(report.why, "$muted", indent=4))
    return rows


def changes(done: Iterable[tuple[str, ExportReport]], short: Callable[[str], str]) -> list[Row]:
    """What was written into each client, and what does the same; ``short`` shortens the paths in a text."""
    rows: list[Row] = []
    for title, report in done:
        rows += [row(title, "bold"), *diff(short(report.change.diff)), GAP]
        if report.change.command:
            says = row(report.change.command_line, "$muted")
            rows += [row("The same by its own command"), says, GAP]
    return rows


def acts(report: ExportReport, first_sentence: str = "") -> tuple[str, ...]:
    """What comes next: the way to the first tool, or what to do where nothing answered."""
    from wizard import clients

    found = report.acts
    for line in (r.line for r in report.change.references if r.line):
        # whole on a line of its own, it can be copied
        found = tuple(act.replace(f": {line}", f":\n{line}") for act in found)
    if report.answered is False or not first_sentence or not clients.speaks_mcp(report.change.client):
        return found
    return (*found, f"Then type: {first_sentence}")


def taken_back(done: Sequence[TakenBack], titles: Iterable[str], shorts: Iterable[str]) -> list[Row]:
    """What was taken back, and what was not, each with its file."""
    rows: list[Row] = []
    for one, title, short in zip(done, titles, shorts, strict=True):
        says = "not taken back" if one.why else "as it was before"
        head = Content.assemble(plain(title, "bold"), f"  {says}")
        rows.append(row(head, prefix=mark_of("broken" if one.why else "works"), indent=2))
        rows.append(row(short, "$muted", indent=4))
        rows += [row(one.why, indent=4)] if one.why else []
    return rows
