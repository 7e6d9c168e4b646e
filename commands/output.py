"""What leaves the program: one JSON document or plain lines, neither with a character that acts on a terminal."""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TextIO

from wizard import ways_out
from wizard.errors import AuthwizardError
from wizard.livetest import Finding, LiveTestReport, Step

_BIDI: Final = "\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_ESCAPED: Final = re.compile(f"[\x7f-\x9f{_BIDI}\ud800-\udfff]")
_STRIPPED: Final = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDI}\ud800-\udfff]")
_COMMAND: Final = re.compile(r"\b(ssh -|authwizard [a-z])")
_MARKS: Final = {"works": "●", "warning": "▲", "broken": "✗", "untested": "○"}
_PLAIN_MARKS: Final = {"works": "*", "warning": "!", "broken": "x", "untested": "o"}


def to_json(document: object, *, ascii_only: bool = False, indent: int | None = 2) -> str:
    r"""One JSON document; control characters, bidirectional controls and lone surrogates are ``\u`` escapes.

    A float that JSON cannot hold (NaN, Infinity) becomes null.
    """
    text = json.dumps(_plain(document), ensure_ascii=ascii_only, allow_nan=False, indent=indent)
    return _ESCAPED.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def clean(text: str) -> str:
    """The text without control characters (line feed and tab stay), bidirectional controls and surrogates."""
    return _STRIPPED.sub("", text)


def _plain(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"{type(value).__name__} is no JSON")


@dataclass(frozen=True, slots=True)
class Output:
    """How this run answers: ``as_json`` makes standard output one JSON document."""

    as_json: bool = False

    def answer(self, document: object, lines: Iterable[str]) -> None:
        """Print the answer in the form that was asked for."""
        if self.as_json:
            write(sys.stdout, to_json(document, ascii_only=not _unicode(sys.stdout)) + "\n")
        else:
            write(sys.stdout, "".join(f"{clean(line)}\n" for line in lines))

    def text(self, document: object, text: str, lines: Iterable[str]) -> None:
        """Print an answer that is a text to be used as it stands: it alone on standard output, the lines beside it."""
        if self.as_json:
            self.answer(document, ())
        else:
            write(sys.stdout, clean(text))
            self.note("\n".join(lines))

    def note(self, text: str) -> None:
        """A line beside the answer, on standard error."""
        write(sys.stderr, clean(text) + "\n")

    def tell(self, text: str) -> None:
        """A note in sentences, with no word broken at the terminal's edge. A line that holds a command stays whole: it
        is there to be copied."""
        self.note("\n".join(wrapped(text, _columns())))

    def failure(self, error: AuthwizardError) -> int:
        """Say what failed and what to do; the exit code."""
        if self.as_json:
            self.answer({"schema": 1, "error": error.as_json()}, ())
        else:
            self.note("\n".join(failure_lines(error)))
        return error.exit_code

    def mark(self, state: str) -> str:
        """The mark of a state (`works`, `warning`, `broken`, `untested`), ASCII where the stream needs it."""
        return (_MARKS if _unicode(sys.stdout) else _PLAIN_MARKS)[state]


def wrapped(text: str, columns: int) -> list[str]:
    """The lines of a text, none longer than that where it can be helped; what goes on is indented as its line is."""
    from textwrap import wrap

    lines: list[str] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        if columns <= 0 or len(line) <= columns or _COMMAND.search(line):
            lines.append(line)
            continue
        more = indent + ("  " if indent else "")
        lines += wrap(line, columns, subsequent_indent=more, break_long_words=False, break_on_hyphens=False)
    return lines


def _columns() -> int:
    """Those of the terminal that standard error is; 0 where it is none."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns if sys.stderr.isatty() else 0
    except (OSError, ValueError, AttributeError):
        return 0


def write(stream: TextIO, text: str) -> None:
    """Write and flush; what the stream's encoding cannot say becomes an escape."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def failure_lines(error: AuthwizardError) -> list[str]:
    """Title, detail, then the fix: steps are numbered, ways to choose from are not; last what is to be pasted."""
    lines = [error.title, *([f"  {error.detail}"] if error.detail else [])]
    choices = len(error.fix) == 1 or any(step.startswith("Or ") for step in error.fix)
    lines += [f"  {'-' if choices else f'{number}.'} {step}" for number, step in enumerate(error.fix, 1)]
    if error.snippet:
        lines += ["This is the entry, to be put in by hand:", *error.snippet.splitlines()]
    return lines


def finding_lines(finding: Finding, mark: str) -> list[str]:
    """A finding: its title, how sure, who must act, the evidence and the fix."""
    owners = {
        "you": "you can fix it",
        "server-admin": "the server's admin must act",
        "idp-admin": "the identity provider's admin must act",
        "network-admin": "the network's admin must act",
        "client-vendor": "the client's vendor must act",
    }
    lines = [f"{mark} {finding.title}", f"  {finding.certainty}, {owners.get(finding.owner, finding.owner)}"]
    lines += [f"  - {e.fact} ({e.probe})" for e in finding.evidence]
    lines += ways_out.lines(finding.fix)
    if finding.explains:
        from diagnostics.report import explained

        lines += [f"  {said}" for said in explained(finding)]
    return lines


def test_lines(report: LiveTestReport, out: Output) -> list[str]:
    """A live test: the answer, then each step with what was expected and seen."""
    head = "warning" if report.wants else "works" if report.ok else "broken"
    says = report.wants or ("it works." if report.ok else "it does not work.")
    lines = [f"{out.mark(head)} {report.target}: {says}"]
    lines += unchecked_lines(report, out)
    folded: dict[str, list[str]] = {}
    for step in report.steps:
        if _waits(step):
            folded.setdefault(step.seen, []).append(step.title)
            continue
        state = "untested" if step.ok is None else "works" if step.ok else "broken"
        seen = ", ".join(
            part
            for part in (
                f"expected {step.expected}" if step.expected else "",
                f"saw {step.seen}" if step.seen else "",
            )
            if part
        )
        detail = f" ({step.detail})" if step.detail and step.ok is not True else ""
        lines.append(f"  {out.mark(state)} {step.title}: {seen or 'not run'}{detail}")
    lines += [f"  {out.mark('untested')} {', '.join(titles)}: {seen}" for seen, titles in folded.items()]
    if report.tools:
        lines.append(f"  tools: {', '.join(report.tools)}")
    if report.granted_scopes:
        lines.append(f"  granted scopes: {', '.join(report.granted_scopes)}")
    if report.finding:
        lines += ["", *finding_lines(report.finding, out.mark("broken"))]
    return lines


def _waits(step: Step) -> bool:
    """Whether a step was not run, because of another."""
    return step.ok is None and step.seen.startswith("waits for ") and not step.detail


def unchecked_lines(report: LiveTestReport, out: Output) -> list[str]:
    """That nobody has looked at the credential, where it is so."""
    return [f"  {out.mark('warning')} {report.unchecked}"] if report.unchecked else []


def table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows as aligned columns, two spaces apart."""
    cells = [tuple(clean(c) for c in row) for row in rows]
    if not cells:
        return []
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    return ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]


def _unicode(stream: TextIO) -> bool:
    return (stream.encoding or "utf-8").lower().replace("-", "").startswith("utf")
