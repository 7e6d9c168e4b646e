"""The doctor against the public corpus: how often the true cause is named first, and how often something is found amiss
where nothing is.

Each fault of `tests/faults` in its three variants, each healthy system likewise, by the command line. Causes that no
single party can prove are counted apart. ``--without`` takes each cause's rule away in turn and says whose fault is
still named. ``--write`` puts what it printed into docs/measured/corpus.md, and the tables into the README. Bounds: 98
of 100 first, no false alarm.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from faults import fault  # noqa: E402  # the tests' folder is on the path a moment ago
from faults.corpus import Outcome, arranged, outcome  # noqa: E402
from faults.world import VARIANTS, Variant, clean  # noqa: E402

from diagnostics import causes  # noqa: E402

FIRST_BOUND: Final = 0.98


@dataclass(frozen=True)
class Scored:
    """One run: what was to be named, its layer, and what came of it."""

    cause: str
    layer: str
    alone: bool
    advice: bool
    found: Outcome

    @property
    def first(self) -> bool:
        """Whether it is named first; of what works, whether it is warned of."""
        return self.cause in self.found.warnings if self.advice else self.found.first == self.cause

    @property
    def among(self) -> bool:
        """Whether it is among the first three."""
        return self.first or self.cause in self.found.causes[:3]


def ran(arrange: fault.Arrange, variant: Variant) -> Outcome:
    """One run in a home of its own."""
    patch = pytest.MonkeyPatch()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        try:
            clean(patch, home, dict(os.environ))
            patch.setenv("BROWSER", f"{sys.executable} -I -S {ROOT / 'tests/conformance/browser.py'} %s")
            with arranged(arrange, variant, home, patch) as words:
                return outcome(words)
        finally:
            patch.undo()


def scored(only: str) -> list[Scored]:
    """Every fault in every variant."""
    registry = causes.REGISTRY
    return [
        Scored(f.cause, registry[f.cause].layer, f.alone, f.advice, ran(f.arrange, variant))
        for f in fault.FAULTS.values()
        if only in f.cause
        for variant in VARIANTS
    ]


def table(runs: list[Scored]) -> list[str]:
    """By layer: how many causes and runs, top-1, top-3, the median of the seconds."""
    lines = ["| layer | causes | runs | first | among three | seconds |", "|---|---|---|---|---|---|"]
    by_layer: dict[str, list[Scored]] = defaultdict(list)
    for run in runs:
        by_layer[run.layer].append(run)
    for layer in (x for x in causes.LAYERS if x in by_layer):
        lines.append(_row(layer, by_layer[layer]))
    return [*lines, _row("all", runs)] if runs else lines


def _row(name: str, runs: list[Scored]) -> str:
    first, among = sum(r.first for r in runs), sum(r.among for r in runs)
    seconds = statistics.median(r.found.seconds for r in runs)
    return (
        f"| {name} | {len({r.cause for r in runs})} | {len(runs)} | {first / len(runs):.1%} | "
        f"{among / len(runs):.1%} | {seconds:.2f} |"
    )


def without(only: str) -> list[str]:
    """The causes whose fault is named by its id although its rule is gone, or that nothing else reaches."""
    still = []
    for id in [c for c in fault.FAULTS if only in c]:
        rule = causes.REGISTRY.pop(id)
        try:
            if ran(fault.FAULTS[id].arrange, VARIANTS[0]).first == id:
                still.append(id)
        finally:
            causes.REGISTRY[id] = rule
    return still


def commit() -> str:
    """The commit that was measured."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), "log", "-1", "--format=%h %cs"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def report(runs: list[Scored], alarms: list[tuple[str, tuple[str, ...]]], systems: int) -> list[str]:
    """Everything that is printed, as Markdown."""
    alone, others = [r for r in runs if r.alone], [r for r in runs if not r.alone]
    lines = [
        f"Commit {commit()}; {len(causes.REGISTRY)} causes, {len(fault.FAULTS)} of them with a fault here.",
        "",
    ]
    lines += table(alone)
    if others:
        lines += ["", "What no single party can prove, and is called likely:", "", *table(others)]
    confused = Counter((r.cause, r.found.first or "nothing") for r in runs if not r.first)
    lines += ["", "Named in its place:" if confused else "Nothing was named in another's place."]
    lines += [f"- {wanted}: {got} ({n})" for (wanted, got), n in confused.most_common()]
    lines += ["", f"Healthy systems: {systems}, in three variants each; false alarms: {len(alarms)}."]
    return lines + [f"- {name}: {', '.join(found)}" for name, found in alarms]


def write(lines: list[str]) -> None:
    """Keep what was printed: whole in docs/measured, and in the README between its marks."""
    about = "# The doctor against the corpus\n\nWritten by `benchmarks/corpus.py --write`.\n\n"
    (ROOT / "docs/measured/corpus.md").write_text(about + "\n".join(lines) + "\n")
    readme = ROOT / "README.md"
    before, begin, rest = readme.read_text().partition("<!-- corpus -->\n")
    _, end, after = rest.partition("<!-- /corpus -->")
    if not (begin and end):
        sys.exit("README.md has no marks for the corpus")
    readme.write_text(before + begin + "\n".join(lines) + "\n" + end + after)


def main() -> int:
    """Print the tables; exit 1 where a bound is not held."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("only", nargs="?", default="", help="only causes whose id holds this")
    options.add_argument("--without", action="store_true", help="take each rule away in turn")
    options.add_argument("--write", action="store_true", help="keep it in docs/measured and README.md")
    given = options.parse_args()
    fault.load()
    if given.without:
        still = without(given.only)
        print(
            "\n".join(f"named without its rule: {id}" for id in still) or "each rule is needed by its fault"
        )
        return bool(still)
    runs = scored(given.only)
    systems = {} if given.only else fault.SYSTEMS
    found = [(s.name, ran(s.arrange, v).causes) for s in systems.values() for v in VARIANTS]
    alarms = [(name, named) for name, named in found if named]
    lines = report(runs, alarms, len(systems))
    print("\n".join(lines))
    if given.write and not given.only:
        write(lines)
    alone = [r for r in runs if r.alone]
    first = sum(r.first for r in alone) / len(alone) if alone else 1.0
    return int(first < FIRST_BOUND or bool(alarms))


if __name__ == "__main__":
    raise SystemExit(main())
