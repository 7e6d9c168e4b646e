"""The causes that the doctor can name: one module for each layer, each rule a pure function over facts.

To add one: put a function into the module of its layer, its parameters being the facts that it needs
(`diagnostics.facts`), decorate it with `cause`, and return `proven(...)`, `likely(...)` or None. Then add its fault
to the tests. A new layer is a new module in `_MODULES` and a name in `book.LAYERS`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from .book import LAYERS, REGISTRY, Cause, Verdict, get

__all__ = ["LAYERS", "REGISTRY", "Cause", "Verdict", "every", "get"]

_MODULES: Final = (
    "env",
    "env_file",
    "client_entry",
    "lost_header",
    "client_login",
    "client_config",
    "address",
    "file_permission",
    "careful",
    "other_way",
    "header_way",
    "header",
    "basic",
    "token_format",
    "truncated",
    "token_kind",
    "dns",
    "tcp",
    "proxy",
    "tls",
    "handshake",
    "clock",
    "scheme",
    "edge",
    "gatekeeping",
    "http",
    "mcp",
    "browsers",
    "sessions",
    "rate_limit",
    "server_misconfig",
    "reloading",
    "discovery",
    "well_known",
    "registration",
    "registering",
    "redirects",
    "callback",
    "redirect_uri",
    "login",
    "renewal",
    "kept_login",
    "kept_store",
    "keychain",
    "old_session",
    "session_cookie",
    "assertion",
    "token_time",
    "signature",
    "introspection",
    "issuer_spelling",
    "issuer",
    "audience",
    "scope_form",
    "scope",
    "tools",
    "group_claims",
    "group",
    "group_mapper",
    "role",
    "account",
    "tenant",
    "egress",
    "license",
    "client_policy",
    "entra",
    "entra_resource",
    "google",
    "github",
    "vendors",
    "overrides",
)

for _module in _MODULES:
    import_module(f"{__name__}.{_module}")


def every() -> tuple[Cause, ...]:
    """Every cause, in the order of judgement."""
    from .book import ordered

    return ordered()
