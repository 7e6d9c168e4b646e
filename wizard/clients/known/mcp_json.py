"""The plain form that many programs share: `mcpServers` with `url` and `headers`, or `command`, `args` and `env`.

It is the form that OpenAI's and Fleet's documents show, without a program of its own: text to copy, or with --path a
file of that form. `${NAME}` is what most of its readers replace; some send it as it stands.
"""

from __future__ import annotations

import re
from typing import ClassVar

from ...documents import JSONC, Form
from ..model import ENV, INLINE
from ..syntax import Syntax
from ..usual import Changes, Shape, UsualClient


class McpJson(UsualClient):
    """Any program that reads `mcpServers`."""

    id: ClassVar[str] = "mcp-json"
    title: ClassVar[str] = "mcpServers JSON"
    rank: ClassVar[int] = 82
    form_of_file: ClassVar[Form] = JSONC
    shape: ClassVar[Shape] = Shape(
        reads={
            "http": "http",
            "streamable-http": "http",
            "streamableHttp": "http",
            "sse": "sse",
            "stdio": "stdio",
        }
    )
    syntax: ClassVar[Syntax] = Syntax("${NAME}", re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}"))
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((ENV, INLINE), "${", "it holds `${`, which begins a variable in most of its readers"),
    )
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Promise that its reader replaces `${NAME}`.", "Use the way `helper`, which works in every one."),
    )
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        ("Put it into your program's file of MCP servers, and start the program again.",),
        ("Put it into your program's file of MCP servers, and start the program again.",),
    )

    def found(self) -> bool:
        """It is a form, and always there."""
        return True


CLIENT = McpJson()
