"""Forms that the services' own documents show, and that the programs they name read otherwise today: whoever follows
such a document can have its form. Each is marked "as in the guide", and says which client to take instead."""

from __future__ import annotations

import re
from typing import ClassVar

from ..documents import JSONC, Form
from .model import ENV, INLINE
from .syntax import Syntax
from .usual import Changes, Shape, UsualClient

_ACTS = ("Do with it what the guide says: as it is today, its program may read another file.",)


class GuideClient(UsualClient):
    """The base of these forms. ``within`` is the path of the object in which the servers stand."""

    rank: ClassVar[int] = 95
    within: ClassVar[tuple[str, ...]] = ("mcpServers",)
    form_of_file: ClassVar[Form] = JSONC
    shape: ClassVar[Shape] = Shape(
        reads={"http": "http", "streamable-http": "http", "sse": "sse", "stdio": "stdio"}
    )
    syntax: ClassVar[Syntax] = Syntax("${NAME}", re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}"))
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((ENV, INLINE), "${", "it holds `${`, which begins a variable in most of its readers"),
    )
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (_ACTS, _ACTS)

    @property
    def holder(self) -> tuple[str, ...]:
        """Where the guide has it."""
        return self.within

    def found(self) -> bool:
        """Only where somebody has such a file."""
        return any(path.exists() for path in self.own_files())
