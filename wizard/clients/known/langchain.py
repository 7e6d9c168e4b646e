"""LangChain: a Python program with `MultiServerMCPClient` of langchain-mcp-adapters, as the gateway's guide has it.

The adapter replaces nothing in headers, so that the program reads what it needs itself; in the variables of a program
that it starts it replaces `${NAME}` (langchain_mcp_adapters/sessions.py). Seen with langchain-mcp-adapters 0.3.2, which
needs mcp below 2.
"""

from __future__ import annotations

from typing import ClassVar

from ...entries import RemotePlan
from .. import python_text as py
from ..model import INLINE, Job
from ..python_text import PythonText
from ..refusing import refuse_characters


class LangChain(PythonText):
    """LangChain."""

    id: ClassVar[str] = "langchain"
    title: ClassVar[str] = "LangChain (MultiServerMCPClient)"
    rank: ClassVar[int] = 61
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Read a config file of its own.", "The entry is a Python program, or a part to take into yours."),
        ("Run beside version 2 of the package mcp.", "Install `langchain-mcp-adapters` with `mcp<2`."),
    )

    def check(self, job: Job) -> None:
        """Where it starts a program it replaces `${NAME}` in the variables."""
        super().check(job)
        if not isinstance(job.plan, RemotePlan) and job.how == INLINE:
            because = "it holds `${`, which the adapter replaces in a program's variables"
            refuse_characters(job, "LangChain", "${", because, "Use --secrets helper.")

    def program(self, job: Job) -> tuple[str, ...]:
        """A function with the servers, and a main that asks them."""
        return (
            py.first_line(job.plan.name, "MultiServerMCPClient of langchain-mcp-adapters"),
            "",
            *py.imports(job),
            "",
            "from langchain_mcp_adapters.client import MultiServerMCPClient",
            "",
            "",
            *py.definitions(job),
            "def servers() -> dict:",
            "    return {",
            f"        {job.plan.name!r}: {{",
            *(f"            {name!r}: {value}," for name, value in _entry(job)),
            "        }",
            "    }",
            "",
            "",
            "async def main() -> None:",
            "    for tool in await MultiServerMCPClient(servers()).get_tools():",
            "        print(tool.name)",
            "",
            "",
            'if __name__ == "__main__":',
            "    asyncio.run(main())",
        )


def _entry(job: Job) -> list[tuple[str, str]]:
    """The members, each value an expression."""
    plan = job.plan
    if isinstance(plan, RemotePlan):
        found = [
            ("transport", repr(plan.transport)),
            ("url", py.url(job, plan)),
            ("headers", py.headers(job, plan)),
        ]
    else:
        first, args = py.command(job, plan)
        found = [
            ("transport", "'stdio'"),
            ("command", first),
            ("args", args),
            ("env", py.environment(job, plan)),
        ]
    return [(name, value) for name, value in found if value]


CLIENT = LangChain()
