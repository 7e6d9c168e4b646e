"""What the proof of a written entry came to: the report of an export, with the reason where nothing answered."""

from __future__ import annotations

from typing import Final

from .change import ExportReport, Written
from .clients import bridge
from .entries import Entry
from .errors import JobError
from .livetest import LiveTestReport

FETCHES: Final = "npx fetches mcp-remote the first time; that can take a minute."
"""Said before the proof of an entry that goes by the bridge."""

_STARTING: Final = ("start", "session")


def fetches(entry: Entry) -> bool:
    """Whether npx may have to fetch the bridge before the entry can answer."""
    return bridge.read(entry) is not None


def report(written: Written, entry: Entry, tested: LiveTestReport) -> ExportReport:
    """The export's report; ``tested`` is the live test of the entry as read back."""
    why, fix = (written.change.unproven, ()) if tested.ok else _failure(entry, tested)
    return ExportReport(written.change, written.backup, read_back=True, answered=tested.ok, why=why, fix=fix)


def unread(written: Written, error: JobError) -> ExportReport:
    """The export's report where the written entry could not be read back as its client would; it stays, and can be
    taken back."""
    why = " ".join(part for part in (error.title, error.detail) if part)
    return ExportReport(
        written.change, written.backup, read_back=False, answered=False, why=why, fix=error.fix
    )


def _failure(entry: Entry, tested: LiveTestReport) -> tuple[str, tuple[str, ...]]:
    failed = [s for s in tested.steps if s.ok is False]
    first = next((s for s in failed if s.id in _STARTING), failed[0] if failed else None)
    if first is not None and first.id in _STARTING and fetches(entry):
        words = " ".join(part for part in (first.seen, first.detail) if part)
        return words, (
            f"See what it says in a shell: npx -y {bridge.PACKAGE} --help",
            "If it was stopped while it was fetched: delete the folder ~/.npm/_npx (npm config get cache names another"
            " place), and run this again.",
        )
    if tested.finding:
        return tested.finding.title, tested.finding.fix
    return (" ".join(part for part in (first.seen, first.detail) if part) if first else ""), ()
