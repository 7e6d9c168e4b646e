"""A diagnosis as text on the screen: the answer first, its proof second, the machinery last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from ..words import mark, one_line, plain, say

if TYPE_CHECKING:
    from diagnostics.doctor import Diagnosis, ProbeState

    from wizard.exchange import Exchange
    from wizard.livetest import Finding

OWNERS = {
    "you": "you",
    "server-admin": "the server's admin",
    "idp-admin": "the identity provider's admin",
    "network-admin": "the network's admin",
    "client-vendor": "the client's vendor",
}


def probes_text(probes: tuple[ProbeState, ...]) -> Content:
    """One line for each question: its mark, its name, what it saw."""
    lines = []
    for probe in probes:
        state = {"running": "running", "done": "works", "failed": "warning"}.get(probe.state, "untested")
        lines.append(
            Content.assemble(
                mark(state, word=False),
                " ",
                plain(one_line(probe.title)),
                "  ",
                plain(one_line(probe.seen), "$text-muted"),
            )
        )
    return Content("\n").join(lines)


def finding_text(finding: Finding, state: str) -> Content:
    """A finding: its sentence, who must act, at most three lines of evidence, numbered steps."""
    proven = "proven" if finding.certainty == "proven" else "likely"
    owner = OWNERS.get(finding.owner, finding.owner)
    who = "you can mend it" if finding.owner == "you" else f"{owner} must act"
    parts = [
        Content.assemble(mark(state, word=False), " ", plain(finding.title, "bold"), "\n"),
        plain(f"  {proven}   {who}\n", "$text-accent"),
    ]
    for item in finding.evidence[:3]:
        parts.append(
            Content.assemble("  - ", plain(item.fact), "  ", plain(f"({item.probe})", "$text-muted"), "\n")
        )
    for number, step in enumerate(finding.fix, start=1):
        parts.append(Content.assemble("  ", (f"{number} ", "bold $text-accent"), plain(step), "\n"))
    if finding.explains:
        parts.append(plain(f"  explains: {', '.join(finding.explains)}\n", "$text-muted"))
    return Content.assemble(*parts)


def diagnosis_text(diagnosis: Diagnosis) -> Content:
    """The findings, the warnings, and what could not be examined."""
    parts: list[Content] = []
    if not diagnosis.findings:
        parts.append(_none_found(diagnosis))
    parts += [Content.assemble(finding_text(f, "broken"), "\n") for f in diagnosis.findings]
    parts += [Content.assemble(finding_text(w, "warning"), "\n") for w in diagnosis.warnings]
    checked = len(diagnosis.ruled_out)
    parts.append(plain(f"{checked} causes were ruled out in {diagnosis.seconds:.1f} s.\n", "$text-muted"))
    if diagnosis.not_examined:
        parts.append(plain(f"{len(diagnosis.not_examined)} could not be examined:\n", "$text-muted"))
        parts += [plain(f"  {_not_examined(item)}\n", "$text-muted") for item in diagnosis.not_examined]
    return Content.assemble(*parts)


def _none_found(diagnosis: Diagnosis) -> Content:
    if diagnosis.verdict == "healthy":
        return Content.assemble(mark("works"), ": nothing is wrong with it.\n\n")
    return Content.assemble(
        mark("warning"), ": no cause could be proven; see what could not be examined.\n\n"
    )


def _not_examined(item: object) -> str:
    cause, needs = getattr(item, "cause", ""), getattr(item, "needs", "")
    if isinstance(needs, (list, tuple)):
        needs = ", ".join(str(n) for n in needs)
    return f"{cause}: needs {needs}" if cause else str(item)


def exchanges_text(exchanges: tuple[Exchange, ...]) -> Content:
    """Each request and its answer."""
    if not exchanges:
        return Content("No request was sent.")
    parts: list[Content] = []
    for e in exchanges:
        outcome = e.error or str(e.status)
        parts.append(
            Content.assemble(
                (f"{e.number} ", "bold $text-accent"), plain(f"{e.method} {e.url}", "bold"), "\n"
            )
        )
        parts += [plain(f"    {name}: {value}\n", "$text-muted") for name, value in _items(e.request_headers)]
        parts.append(plain(f"  {say('→')} {outcome}  {e.seconds:.2f} s\n"))
        parts += [
            plain(f"    {name}: {value}\n", "$text-muted") for name, value in _items(e.response_headers)
        ]
        if e.excerpt:
            parts += [plain(f"    {row}\n") for row in e.excerpt.splitlines()[:12]]
        parts.append(Content("\n"))
    return Content.assemble(*parts)


def _items(headers: object) -> list[tuple[str, str]]:
    if isinstance(headers, dict):
        return [(str(k), str(v)) for k, v in headers.items()]
    return [(str(k), str(v)) for k, v in headers] if isinstance(headers, (list, tuple)) else []


def for_admin(diagnosis: Diagnosis) -> str:
    """The first finding as plain text for a letter; nothing in it is secret."""
    if not diagnosis.findings:
        from diagnostics import report

        return report.text(diagnosis)
    finding = diagnosis.findings[0]
    lines = [finding.title, "", "Seen:"]
    lines += [f"- {item.fact} ({item.probe})" for item in finding.evidence]
    lines += ["", "What to do:", *(f"{n}. {step}" for n, step in enumerate(finding.fix, start=1))]
    if finding.sources:
        lines += ["", "Sources:", *(f"- {s}" for s in finding.sources)]
    return "\n".join(lines) + "\n"
