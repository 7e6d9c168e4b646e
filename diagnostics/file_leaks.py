"""Where else a credential file, or what is in it, has gone: version control, another machine, a shell's history."""

from __future__ import annotations

from collections.abc import Iterable

from .facts.file import Look, Place
from .file_faults import HISTORY, SYNCED, VERSIONED, Fault
from .shell_history import Remembered


def versioned(place: Place, look: Look) -> Fault | None:
    """Kept by git, or about to be."""
    if not look.version or not place.secret:
        return None
    tracked = look.version == "tracked"
    said = "git keeps it" if tracked else "git does not ignore it, so the next `git add` may take it"
    fix = (
        (
            f"Take it out: git -C {look.tree} rm --cached {look.real}",
            "Make a new token: the old one stays in the history.",
        )
        if tracked
        else ()
    )
    return Fault(
        VERSIONED,
        (f"{look.real} is in the git work tree {look.tree}; {said}",),
        f"{look.path} ({place.what}) is under version control."
        if tracked
        else f"{look.path} ({place.what}) may be committed by mistake.",
        (*fix, f"Name it in {look.tree}/.gitignore, or keep it outside."),
    )


def copied_away(place: Place, look: Look) -> Fault | None:
    """In a folder that a service copies."""
    if not look.synced or not place.secret:
        return None
    return Fault(
        SYNCED,
        (
            f"{look.real} is in {look.synced_in}, which {look.synced} copies to its servers and your other machines",
        ),
        f"{look.path} ({place.what}) is copied away by {look.synced}.",
        (
            f"Keep it outside of {look.synced_in}, and give the new place to what reads it.",
            "Make a new token then: the old one stays in the service's earlier versions.",
        ),
    )


def remembered(found: Iterable[Remembered]) -> tuple[Fault, ...]:
    """One fault for each history file that holds secrets."""
    by_file: dict[str, list[Remembered]] = {}
    for line in found:
        by_file.setdefault(line.path, []).append(line)
    return tuple(_in_history(path, lines) for path, lines in by_file.items())


def _in_history(path: str, lines: list[Remembered]) -> Fault:
    numbers = ", ".join(str(line.line) for line in lines)
    word = "lines" if len(lines) > 1 else "line"
    lines_out = "".join(f"{line.line}d;" for line in lines).removesuffix(";")
    return Fault(
        HISTORY,
        tuple(f"{path}, line {line.line}: {line.what}" for line in lines[:3]),
        f"The shell's history {path} holds a secret, in {word} {numbers}.",
        (
            f"Close the other shells, then: sed -i '{lines_out}' {path}",
            "Make a new secret in place of each: the old one stood there for every program of yours to read.",
            "Next time give it by a file, standard input or a store: --credential file:PATH, or -",
        ),
    )
