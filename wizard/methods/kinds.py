"""Every kind of method: what each brings along, and which this version can do."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from . import (
    api_key_custom,
    api_key_header,
    api_key_query,
    authorization_code,
    basic,
    bearer,
    client_credentials,
    custom_headers,
    device_code,
    jwt_bearer,
    none,
    sso,
    token_command,
    token_exchange,
    token_file,
    variables,
)
from .kind import Kind

_WITHOUT_LOGIN: Final = (
    "none",
    "bearer",
    "api_key_header",
    "api_key_query",
    "api_key_custom",
    "basic",
    "headers",
    "variables",
    "token_file",
    "token_command",
    "client_credentials",
)

STATIC: Final = frozenset(_WITHOUT_LOGIN)
"""Those whose fields suffice: nothing has to be discovered, and nobody to log in."""

IDS: Final = (
    *_WITHOUT_LOGIN,
    "authorization_code",
    "device_code",
    "sso",
    "token_exchange",
    "jwt_bearer",
)
"""The contract's method ids."""

_MODULES: Final = (
    none,
    bearer,
    api_key_header,
    api_key_query,
    api_key_custom,
    basic,
    custom_headers,
    variables,
    token_file,
    token_command,
    client_credentials,
    authorization_code,
    device_code,
    sso,
    token_exchange,
    jwt_bearer,
)
_KINDS: Final = MappingProxyType({module.KIND.id: module.KIND for module in _MODULES})


READY: Final = STATIC | {kind.id for kind in _KINDS.values() if kind.flows}
"""What this version can do."""


def get(id: str) -> Kind:
    """The kind; one that brings nothing along when it is only a name so far."""
    return _KINDS.get(id) or Kind(id, id.replace("_", " ").capitalize())
