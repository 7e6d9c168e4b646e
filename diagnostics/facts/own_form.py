"""How the client whose entry it is refers to a variable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NAMED: Final = re.compile(
    r"\$\{\{\s*(?:secrets\.|env\.)?(\w+)\s*\}\}|\$?\{(?:env:)?([A-Za-z_]\w*)(?::?[-=+?].*)?\}|[$%](\w+)%?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class OwnForm:
    """``client`` is its id. ``form`` has ``NAME`` for the variable's name, and is empty where it replaces nothing;
    ``places`` are the members in which it does. ``bridged``: mcp-remote replaces more, from the entry's ``env``."""

    client: str
    title: str
    form: str
    places: tuple[str, ...]
    bridged: bool = False

    def of(self, written: str) -> str:
        """The same variable in the client's form; ``NAME`` stays where another's form does not tell one."""
        found = _NAMED.fullmatch(written)
        return self.form.replace("NAME", found[found.lastindex or 0] if found else "NAME")

    def holds(self, place: str) -> bool:
        """Whether it replaces one in this place (such as ``headers.Authorization`` or ``args[2]``)."""
        return bool(self.form) and re.split(r"[.\[]", place)[0] in self.places
