"""What a program that we start gets of our environment: all of it but what opens the store of every secret."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_OURS: Final = frozenset({"AUTHWIZARD_PASSPHRASE"})
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def environment(more: Mapping[str, str] = _NOTHING) -> dict[str, str]:
    """This process's environment without our passphrase, with ``more`` laid over it. A child that is given the
    passphrase by name in ``more`` gets it: someone wrote it there for it."""
    kept = {name: value for name, value in os.environ.items() if name.upper() not in _OURS}
    return {**kept, **more}
