"""``doctor`` with a case file: one that is saved, one that is judged again, one beside which another is put."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.errors import UsageError

if TYPE_CHECKING:
    from diagnostics.case import Case
    from diagnostics.comparing import Comparison
    from diagnostics.doctor import Diagnosis
    from diagnostics.examined import Examined

_ELSE = ("target", "all", "credential", "header", "set", "secret", "method", "kind", "save")


class Kept:
    """The case of this run, taken up while it is judged; `save` and `compare` are what was asked for it."""

    def __init__(self, args: argparse.Namespace, *, several: bool) -> None:
        if several and (args.save or args.compare):
            raise UsageError("wrong-usage", "--save and --compare go with one target.")
        self._save = args.save
        # read first: a file that is none must not be found out after a login
        self._other = _read(args.compare) if args.compare else None
        self._case: Case | None = None

    def keep(self, examined: Examined, hide: Callable[[str], str]) -> None:
        """Take up all that was found out."""
        if not (self._save or self._other):
            return
        from diagnostics import case

        self._case = case.taken(examined, hide)

    def finish(self) -> tuple[Comparison | None, str]:
        """Write the file, and compare. The comparison, and a sentence about the file. Raises: FileProblem."""
        if self._case is None:
            return None, ""
        said = ""
        if self._save:
            from diagnostics import case

            path = Path(self._save)
            case.write(path, self._case)
            said = f"Saved: {path}. No secret stands in it; addresses, names and claims do."
        if self._other is None:
            return None, said
        from diagnostics.comparing import compared

        return compared(self._case, self._other), said


def replayed(args: argparse.Namespace) -> Diagnosis:
    """What a saved case comes to by the rules of this version. Raises: FileProblem, UsageError."""
    beside = [f"--{n}" if n != "target" else "a target" for n in _ELSE if getattr(args, n, None)]
    if beside:
        raise UsageError("wrong-usage", f"--replay judges what is in the file; it goes without {beside[0]}.")
    from diagnostics.doctor import conclude

    return conclude(_read(args.replay).examined)


def _read(path: str) -> Case:
    from diagnostics import case

    return case.read(Path(path))
