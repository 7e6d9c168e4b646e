"""A diagnosis as plain text and as Markdown: the answer first, its proof second, the machinery last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard import ways_out
from wizard.livetest import Finding

from . import allowed

if TYPE_CHECKING:
    from .doctor import Diagnosis

OWNERS: Final = {
    "you": "you can fix it",
    "server-admin": "the server's admin must act",
    "idp-admin": "the identity provider's admin must act",
    "network-admin": "the network's admin must act",
    "client-vendor": "the client's vendor must act",
}


def short(diagnosis: Diagnosis) -> str:
    """What it came to, as plain lines; nothing in them is secret. What it might have been is left out."""
    wants = diagnosis.wants
    lines = [f"{diagnosis.target}: {state(diagnosis)} ({diagnosis.seconds:.1f} s)"]
    lines += [f"{diagnosis.cut} This is what is known so far."] if diagnosis.cut else []
    for finding in diagnosis.findings:
        lines += ["", *_lines(finding)]
    if not diagnosis.findings:
        lines.append(_nothing(diagnosis))
    if wants is not None:
        lines += ["", *_lines(wants)]
    if aside := [w for w in diagnosis.warnings if w is not wants]:
        lines += ["", "Not well, though it changes nothing of the above:"]
        for warning in aside:
            lines += ["", *_lines(warning)]
    if may := allowed.lines(diagnosis.permissions):
        lines += ["", *may]
    return "\n".join(lines)


def text(diagnosis: Diagnosis, *, whole: bool = True) -> str:
    """`short`, and what was ruled out and what not examined. Without ``whole`` the latter is only counted."""
    lines = [short(diagnosis), "", f"Ruled out: {_causes(len(diagnosis.ruled_out))}."]
    if diagnosis.not_examined and not whole:
        lines.append(f"Not examined: {_causes(len(diagnosis.not_examined))}; --verbose says why.")
    elif diagnosis.not_examined:
        lines.append("Not examined:")
        lines += [f"  {said}" for said in missed(diagnosis)]
    return "\n".join(lines)


def markdown(diagnosis: Diagnosis) -> str:
    """For an issue or a chat; nothing in it is secret."""
    lines = [f"# {_safe(diagnosis.target)}: {state(diagnosis)}", ""]
    lines += [f"{_safe(diagnosis.cut)} This is what is known so far.", ""] if diagnosis.cut else []
    if not diagnosis.findings:
        lines += [_safe(_nothing(diagnosis)), ""]
    aside = "Warnings" if diagnosis.wants is None else "What comes next"
    for title, found in (("Findings", diagnosis.findings), (aside, diagnosis.warnings)):
        if found:
            lines += [f"## {title}", ""]
        for finding in found:
            lines += [f"### {_safe(finding.title)}", ""]
            lines += [
                f"`{finding.cause}`, {finding.certainty}; {OWNERS.get(finding.owner, finding.owner)}.",
                "",
            ]
            lines += [f"- {_safe(e.fact)} ({e.probe})" for e in finding.evidence]
            lines += ["", *(_item(mark, _safe(step)) for mark, step in ways_out.marked(finding.fix)), ""]
            lines += [f"{said}\n" for said in explained(finding)]
            lines += ["Sources: " + ", ".join(finding.sources), ""]
    if may := allowed.lines(diagnosis.permissions):
        lines += [
            "## Permissions",
            "",
            "```",
            *(_safe(m) if not m.startswith(" ") else m for m in may),
            "```",
            "",
        ]
    for finding, letter in diagnosis.letters():
        lines += [f"## To send: {OWNERS.get(finding.owner, finding.owner)}", ""]
        lines += [f"> {_safe(line)}".rstrip() for line in letter.splitlines()]
        lines.append("")
    if diagnosis.reproduce:
        lines += ["## To see it again", "", "```sh", diagnosis.reproduce, "```", ""]
    lines += ["## Checked", "", f"Ruled out: {_causes(len(diagnosis.ruled_out))}.", ""]
    lines += [f"- not examined: {_safe(said)}" for said in missed(diagnosis)]
    return "\n".join(lines).rstrip() + "\n"


def missed(diagnosis: Diagnosis) -> tuple[str, ...]:
    """What was not examined and why, one line for each reason: many causes lack the same fact."""
    return tuple(
        f"{ids[0]}: {needs}" if len(ids) == 1 else f"{len(ids)} causes ({needs}): {', '.join(ids)}"
        for needs, ids in lacking(diagnosis).items()
    )


def lacking(diagnosis: Diagnosis) -> dict[str, list[str]]:
    """The causes that were not examined, by what was missing."""
    by_need: dict[str, list[str]] = {}
    for one in diagnosis.not_examined:
        by_need.setdefault(one.needs, []).append(one.cause)
    return by_need


def state(diagnosis: Diagnosis) -> str:
    """The verdict in words: of a server that only wants a credential, that as well."""
    return diagnosis.verdict if diagnosis.wants is None else f"{diagnosis.verdict}, and wants a credential"


def well(diagnosis: Diagnosis) -> str:
    """What is said of a target with which nothing is wrong."""
    if diagnosis.wants is None:
        return "Nothing is wrong with it."
    return "Nothing is wrong with it as far as a stranger sees: it turns away who brings no credential, as it should."


def _nothing(diagnosis: Diagnosis) -> str:
    if diagnosis.verdict == "healthy":
        return well(diagnosis)
    told = " ".join(diagnosis.answered)
    if diagnosis.verdict == "unreachable":
        return f"It could not be reached, and no cause could be proven. {told}".strip()
    if told and not diagnosis.ruled_out:
        return told
    return f"No cause could be proven. {told or 'See what could not be examined.'}"


def _lines(finding: Finding) -> list[str]:
    lines = [
        finding.title,
        f"  {finding.cause}, {finding.certainty}; {OWNERS.get(finding.owner, finding.owner)}",
    ]
    lines += [f"  - {e.fact} ({e.probe})" for e in finding.evidence]
    lines += ways_out.lines(finding.fix)
    return [*lines, *(f"  {said}" for said in explained(finding))]


def explained(finding: Finding) -> tuple[str, ...]:
    """What else comes of it, a sentence each, with the cause's id."""
    from .causes import REGISTRY

    found = ((REGISTRY[e].title.removesuffix("."), e) for e in finding.explains if e in REGISTRY)
    return tuple(f"That also explains: {title} ({id})" for title, id in found)


def _causes(count: int) -> str:
    return f"{count} cause{'' if count == 1 else 's'}"


def _item(mark: str, step: str) -> str:
    """A line of a list in Markdown; ways to choose from stand as points."""
    if mark == ways_out.OR:
        return f"   - {mark} {step}"
    return f"- {mark} {step}" if mark == ways_out.EITHER else f"{mark} {step}"


def _safe(text: str) -> str:
    """Text from outside must not become markup."""
    return " ".join(text.replace("<", "&lt;").replace("](", "]\\(").replace("`" * 3, "'''").split())
