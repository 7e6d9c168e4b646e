from __future__ import annotations

from servers.real import (  # noqa: F401  # fixtures are found by name
    fastmcp_jwt,
    fastmcp_open,
    fastmcp_sse,
    fastmcp_static,
    sdk_server,
    sdk_sse_server,
    sdk_stdio,
)
