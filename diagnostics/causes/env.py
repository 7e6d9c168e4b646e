"""Layer env: values that should have come from the environment."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.entries import Reference
from wizard.livetest import Evidence
from wizard.redaction import tells_a_secret

from ..facts import ConfigText
from ..facts.entry import ClientEnvironment
from ..facts.own_form import OwnForm
from ..facts.wire import Differential
from .book import Verdict, cause, likely, proven

_EMPTY = (
    "authorization-header-missing",
    "token-not-recognised",
    "authorization-scheme-malformed",
    "entry-address-unusable",
)
_NOTHING_CAME = ("unexpanded-variable-literal", "variable-expands-to-empty", *_EMPTY)


@cause(
    id="gui-app-does-not-inherit-shell-env",
    layer="env",
    owner="you",
    title="The client was started from the desktop, and does not have the variable that your shell has.",
    explanation="What a shell's start-up file exports is known to that shell and to what is started from it. A program"
    " that the desktop starts (Dock, Start menu, launcher) gets the session's variables alone. It works in the"
    " terminal, and fails in the program.",
    fix=(
        "Quit the client whole, and start it from a shell that has the variable.",
        "For good: set it for the whole session. macOS: launchctl setenv NAME VALUE. Linux: a line NAME=VALUE in"
        " ~/.config/environment.d/mcp.conf, then log out and in.",
        "Or let the client start the server through authwizard, which needs no variable: authwizard export NAME"
        " --client CLIENT --secrets helper",
    ),
    sources=(
        "https://github.com/robinebers/openusage/pull/788",
        "https://github.com/justrach/codegraff/issues/40",
        "https://github.com/anthropics/claude-code/issues/70485",
        "https://github.com/Soju06/codex-lb/issues/454",
    ),
    standing=True,
    explains=_NOTHING_CAME,
)
def not_inherited(config: ConfigText, client: ClientEnvironment) -> Verdict | None:
    """By the client's own environment, where it runs; else by where alone the variable is set."""
    if client.unaware:
        lacks = client.unaware[0]
        lines = [
            f"{s.path}, line {s.line}, sets it for shells"
            for s in client.settings
            if s.variable == lacks.variable
        ]
        here = next((r for r in config.references if r.variable == lacks.variable), None)
        if here is None or (here.state != "resolved" and not lines):
            # it is set nowhere: nobody has it
            return None
        told = lines[:1] or ["this shell has it"]
        return proven(
            Evidence(
                "client-environment", f"{client.title} (process {lacks.pid}) runs without {lacks.variable}"
            ),
            *(Evidence("client-environment", said) for said in told),
            Evidence("config", f"{here.place}: {here.written}"),
            title=f"{client.title} runs without the variable {lacks.variable}, which your shell has.",
            fix=_starting(client.title, lacks.variable),
        )
    empty = {r.variable for r in config.references if r.state in ("unset", "empty")} - {*client.session}
    line = next((s for s in client.settings if s.variable in empty), None)
    if line is None:
        return None
    return (likely if client.asks_shell else proven)(
        Evidence(
            "client-environment", f"{line.path}, line {line.line}, sets {line.variable}, for shells alone"
        ),
        Evidence("config", f"{line.variable} is not set here"),
        title=f"{line.variable} is set in {line.path} alone, which {client.title} does not read.",
        fix=_starting(client.title, line.variable),
    )


def _starting(title: str, variable: str) -> tuple[str, ...]:
    return (
        f"Quit {title} whole, and start it from a shell that has {variable}.",
        f"For good, for the whole session: on Linux a line {variable}=... in ~/.config/environment.d/mcp.conf (mode"
        f" 600), then log out and in; on macOS: launchctl setenv {variable} ...",
        "Or let authwizard give the secret, so that no variable is needed: authwizard export NAME"
        " --client CLIENT --secrets helper",
    )


@cause(
    id="variable-expands-to-empty",
    layer="env",
    owner="you",
    title="The variable is empty, so nothing stands where the credential should.",
    explanation="The config refers to a variable that holds nothing, or that does not exist where the client puts"
    " nothing in its place. The server gets a header without a credential in it, as if none had been given.",
    fix=(
        "Set the variable where the client is started (not only in this terminal), and start the client anew.",
        "See what empties it: a line of a profile, an `env` block of the config.",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/93595",
        "https://github.com/spences10/my-pi/pull/149",
    ),
    standing=True,
    explains=_EMPTY,
)
def expands_to_empty(config: ConfigText, differential: Differential | None) -> Verdict | None:
    """A reference in whose place nothing stands, or a scheme with nothing after it; and a server that minds."""
    judged = differential.judged if differential else None
    if judged is not None and judged.accepted:
        return None
    found = next(iter(_empty(config)), None)
    if found is None:
        bare = next(iter(config.bare), None)
        if bare is None:
            return None
        return proven(
            Evidence("config", f"{bare.where} holds a scheme, and no credential after it"),
            *_answered(differential),
            title=f"The header {bare.where} holds the word {bare.written} and nothing after it.",
            fix=(
                "See what should have stood there: a variable that was empty when the entry was written, or the client"
                " started.",
                f"Write it as {bare.where}: {bare.written} <token>, with a reference in the client's own syntax.",
            ),
        )
    return proven(
        *(Evidence("config", f"{r.place}: {r.written} comes to nothing") for r in _empty(config)[:2]),
        *_answered(differential),
        title=f"The variable {found.variable} is empty or not set, so nothing is sent in its place.",
        fix=(
            f"Set {found.variable} where the client is started (not only in this terminal), and start it anew.",
            "See what empties it: a line of a profile, an `env` block of the config.",
        ),
    )


def _empty(config: ConfigText) -> tuple[Reference, ...]:
    """Those that stand for a secret, by the name of their place or of the variable: an option may well be empty."""
    return tuple(r for r in config.references if r.state == "empty" and _secret(r))


def _secret(reference: Reference) -> bool:
    return tells_a_secret(reference.place.rpartition(".")[2]) or tells_a_secret(reference.variable)


def _answered(differential: Differential | None) -> tuple[Evidence, ...]:
    judged = differential.judged if differential else None
    if judged is None or (judged.status is None and not judged.error):
        return ()
    return (Evidence("differential", f"the server {judged.gives()}"),)


@cause(
    id="unexpanded-variable-literal",
    layer="env",
    owner="you",
    title="A placeholder is sent in place of the value.",
    explanation="The config names a variable that nothing fills in: it is not set, or this client does not expand"
    " that syntax there. The server gets the placeholder's own letters, and refuses them.",
    fix=(
        "Set the variable where the client is started, and start the client anew.",
        "Or write the reference in the client's own syntax: Claude Code ${VAR}, VS Code ${env:VAR} or ${input:ID}.",
        "Then run authwizard doctor again.",
    ),
    sources=(
        "https://github.com/QwenLM/qwen-code/issues/11499",
        "https://github.com/anomalyco/opencode/issues/23664",
        "https://github.com/anthropics/claude-code/issues/70485",
    ),
    explains=_EMPTY,
)
def unexpanded_variable(config: ConfigText, differential: Differential | None) -> Verdict | None:
    """A reference that came to nothing, or a placeholder that is still there."""
    evidence = tuple(
        Evidence(
            "config",
            f"{r.place}: {r.written} " + ("is not set" if r.state == "unset" else "is not expanded here"),
        )
        for r in config.references
        if r.state in ("unset", "literal")
    )
    if not evidence:
        evidence = tuple(Evidence("config", f"{p.where} holds {p.written}") for p in config.placeholders)
    if not evidence:
        return None
    name = next((r.variable or r.written for r in config.references if r.state == "unset"), "")
    title = f"The variable {name} is not set, so its value is missing." if name else ""
    fix = tuple(dict.fromkeys(_filling(config.references, config.own))) if config.own else ()
    return proven(*evidence, *_answered(differential), title=title, fix=fix)


def _filling(references: tuple[Reference, ...], own: OwnForm) -> Iterator[str]:
    """What lets this client fill in what it did not; a form that it does not know before a variable that is not set."""
    anew = f"authwizard export NAME --client {own.client}"
    for r in references:
        if r.state == "literal" and own.holds(r.place):
            yield f"Write `{own.of(r.written)}` in {r.place}: that is how {own.title} refers to a variable."
        elif r.state == "literal":
            yield f"{own.title} replaces no variable in {r.place}. Have the entry written by a way that it has: {anew}"
    unset = [r.variable or r.written for r in references if r.state == "unset"]
    where = "in the entry's `env`, or " if own.bridged else ""
    for name in unset:
        yield (
            f"Set {name} {where}where {own.title} is started (not only in this terminal), and start {own.title} anew."
        )
    if unset:
        yield f"Or have the entry written anew: {anew}"
