"""Imports that bring only what is used."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Final, cast

_COMMAND_LINE: Final = "httpx._main"
_SOUGHT: Final = "sniffio"
"""httpcore tries to import it at every lock and every connection: one that is not there is sought on every path each
time, which costs more than the lock."""


def httpx_alone() -> ModuleType:
    """httpx without its own command line, which it imports where Rich and Click are at hand (as with Textual) and which
    costs as much as all the rest. Without it httpx says how it would be installed, to whoever calls that command."""
    if "httpx" not in sys.modules and _COMMAND_LINE not in sys.modules:
        # a module that is None there cannot be imported (docs.python.org, sys.modules)
        sys.modules[_COMMAND_LINE] = cast("ModuleType", None)
        try:
            import httpx
        finally:
            sys.modules.pop(_COMMAND_LINE, None)
        _settle(_SOUGHT)
        return httpx
    import httpx

    return httpx


def _settle(name: str) -> None:
    """Where a module is not at hand, it is so once for all."""
    try:
        import_module(name)
    except ImportError:
        sys.modules.setdefault(name, cast("ModuleType", None))
