"""The way out of a failure as marked lines: steps that follow each other are numbered, those to choose from are not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_OR: Final = re.compile(r"Or,? ")
EITHER, OR = "either:", "or:"


def marked(fix: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Each step with its mark: ``1.`` and so on, or ``either:`` and ``or:``. One that begins with "Or" is another way
    than the one before it, and loses that word."""
    groups: list[list[str]] = []
    for step in fix:
        if groups and (found := _OR.match(step)):
            groups[-1].append(step[found.end() :])
        else:
            groups.append([step])
    alone = len(groups) == 1 and len(groups[0]) > 1
    return tuple(
        (OR if place else EITHER if alone else f"{number}.", step)
        for number, group in enumerate(groups, 1)
        for place, step in enumerate(group)
    )


def lines(fix: Iterable[str], indent: int = 2) -> list[str]:
    """Plain lines of them."""
    return [f"{' ' * indent}{mark} {step}" for mark, step in marked(fix)]
