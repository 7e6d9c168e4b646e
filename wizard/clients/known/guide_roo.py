"""The gateway's document has `~/.roocode/mcp_servers.json` for Roo Code; Roo Code reads another file today."""

from __future__ import annotations

from typing import ClassVar

from ..guides import GuideClient
from ..places import Places
from ..usual import Shape


class GuideRoo(GuideClient):
    """`{type: streamable-http, url, headers, disabled, alwaysAllow}`."""

    id: ClassVar[str] = "guide-roo"
    title: ClassVar[str] = "Roo Code (as in the gateway's guide)"
    places: ClassVar[Places] = Places(own=("~/.roocode/mcp_servers.json",))
    kept: ClassVar[frozenset[str]] = frozenset(["disabled", "alwaysAllow"])
    shape: ClassVar[Shape] = Shape(
        http="streamable-http",
        sse="sse",
        stdio="stdio",
        reads={"http": "http"},
        always={"disabled": False, "alwaysAllow": []},
    )
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Be read by Roo Code as it is today.", "Take the client `roo`."),
    )


CLIENT = GuideRoo()
