"""OpenAI: a Python program with the Agents SDK, or (with a path that ends in `.json`) a tool of the Responses API.

The SDK takes `params` with `url` and `headers`, or `command`, `args` and `env` (openai-agents 0.24.0). The tool is
`{type: mcp, server_label, server_url, authorization | headers, require_approval}` (openai-python,
openai/types/responses/tool.py): OpenAI's own servers ask, so that the address has to be a public one, and nothing is
replaced in it, so that the values themselves stand in the request.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from ... import documents
from ...entries import RemotePlan, fill, slots
from ...errors import UsageError
from .. import addresses
from .. import python_text as py
from ..composing import Composed, merged
from ..model import FILE, INLINE, Edit, Job, masked
from ..python_text import PythonText
from ..text import remote

_BEARER = "Bearer "


class OpenAI(PythonText):
    """OpenAI."""

    id: ClassVar[str] = "openai"
    title: ClassVar[str] = "OpenAI (Agents SDK, Responses API)"
    rank: ClassVar[int] = 60
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        (
            "Refer to a secret in a request of the Responses API.",
            "Use the Agents SDK, or write the value inline.",
        ),
        (
            "Reach a server of your own machine from the Responses API.",
            "Use the Agents SDK, which runs here.",
        ),
    )

    def compose(self, job: Job, where: Path | None, before: bytes | None) -> Composed:
        """The program; or the request's tool, of which others in the file stay.

        Raises:
            UsageError: the request would need a value that is not to be written.
        """
        if where is None or where.suffix != ".json":
            return super().compose(job, where, before)
        if slots(job.plan) and job.how not in (INLINE, FILE):
            raise UsageError(
                "way-not-possible",
                "A request of the Responses API holds the value itself: nothing is replaced in it.",
                f"{where} ends in .json.",
                ["Use --secrets inline, or a path that ends in .py.", "Nothing was written."],
            )
        document = documents.read(before or b"", str(where), documents.JSON, reader=self.title)
        for index, tool in reversed(list(enumerate(_tools(document)))):
            if isinstance(tool, dict) and tool.get("server_label") == job.plan.name:
                if tool == _tool(job):
                    return Composed(before or b"", "")
                document = document.remove_item(("tools",), index)
        edits = [(Edit(("tools",), _tool(one), append=True),) for one in (job, masked(job))]
        return merged(document, edits[0], edits[1], before)

    def program(self, job: Job) -> tuple[str, ...]:
        """A main that connects and asks."""
        kind, params = _server(job)
        return (
            py.first_line(job.plan.name, "the OpenAI Agents SDK"),
            "",
            *py.imports(job),
            "",
            f"from agents.mcp import {kind}",
            "",
            "",
            *py.definitions(job),
            f"def server() -> {kind}:",
            f"    return {kind}(",
            f"        name={job.plan.name!r},",
            "        params={",
            *(f"            {name!r}: {value}," for name, value in params),
            "        },",
            "    )",
            "",
            "",
            "async def main() -> None:",
            "    async with server() as connected:",
            "        for tool in await connected.list_tools():",
            "            print(tool.name)",
            "",
            "",
            'if __name__ == "__main__":',
            "    asyncio.run(main())",
        )


def _server(job: Job) -> tuple[str, list[tuple[str, str]]]:
    """The SDK's class, and its params, each value an expression."""
    plan = job.plan
    if isinstance(plan, RemotePlan):
        kind = "MCPServerSse" if plan.transport == "sse" else "MCPServerStreamableHttp"
        found = [("url", py.url(job, plan)), ("headers", py.headers(job, plan))]
    else:
        kind = "MCPServerStdio"
        first, args = py.command(job, plan)
        found = [("command", first), ("args", args), ("env", py.environment(job, plan))]
    return kind, [(name, value) for name, value in found if value]


def _tools(document: documents.Document) -> list[Any]:
    found = document.get("tools")
    return found if isinstance(found, list) else []


def _tool(job: Job) -> dict[str, object]:
    plan = remote(job, "The Responses API")
    sent = {name: fill(value, job.secrets).reveal() for name, value in plan.headers.items()}
    out: dict[str, object] = {"type": "mcp", "server_label": plan.name}
    out["server_url"] = addresses.written(plan, lambda slot: job.secrets[slot.field])
    alone = sent.get("Authorization", "")
    if list(sent) == ["Authorization"] and alone.startswith(_BEARER):
        out["authorization"] = alone.removeprefix(_BEARER)
    elif sent:
        out["headers"] = sent
    return {**out, "require_approval": "always"}


CLIENT = OpenAI()
