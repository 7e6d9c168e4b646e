"""The probes: one module for one question, each with a `PROBE` that the engine runs.

To add one: write a module with an async function whose parameters are the facts it needs (and `Context`), a fact
in `diagnostics.facts` for its answer, and name the module in `_MODULES`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Final

from ..engine import Probe

_MODULES: Final = (
    # what others wait for comes first: of several that may begin at once, the first sends first
    "situation",
    "token_answer",
    "basic_coding",
    "logged_in",
    "login",
    "login_way",
    "har",
    "redirects",
    "config_text",
    "called",
    "client_login",
    "root_metadata",
    "client_environment",
    "split_arguments",
    "client_policy",
    "program",
    "credential_text",
    "basic_pair",
    "jwt_view",
    "sealed",
    "token_shape",
    "token_file",
    "kept_logins",
    "kept_store",
    "keychain",
    "old_session",
    "history",
    "sharing",
    "belonging",
    "name",
    "tcp",
    "other_family",
    "proxy",
    "trust_settings",
    "tls",
    "chain",
    "old_tls",
    "request",
    "differential",
    "metadata",
    "expected_issuer",
    "audiences",
    "issuer_said",
    "issuer",
    "client_certificate",
    "clock",
    "mended",
    "other_form",
    "one_changed",
    "made_up",
    "redirected",
    "again",
    "follow_ups",
    "preflight",
    "running",
    "as_header",
    "rivals",
    "env_file",
    "kind",
    "tool_told",
    "tenant",
    "health",
    "signature",
    "user_info",
    "wanted_groups",
    "neighbours",
    "other_scheme",
    "other_spelling",
    "hosts",
    "as_browser",
    "legs",
    "access",
    "rules_age",
    "opened",
    "group_setup",
    "scopes",
    "permissions",
    "rights",
    "lifetime",
    "started",
    "tool_names",
    "refused",
    "owner",
    "scoped_gateway",
    "cloud_sites",
    "other_kept",
)


@cache
def every() -> tuple[Probe, ...]:
    """Every probe, in the order in which it is shown."""
    found = tuple(import_module(f"{__name__}.{module}").PROBE for module in _MODULES)
    return tuple(p for p in found if isinstance(p, Probe))
