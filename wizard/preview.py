"""How a change of a config file is shown: only our own entry's lines, and no secret in them.

What an old entry holds may be somebody's secret, so of it only what also stands in the new one is shown.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from pathlib import Path
from typing import Final

from .secret import MASK

_KINDS: Final = frozenset({"http", "sse", "stdio", "streamable-http"})
_ONLY_A_REFERENCE: Final = re.compile(r"((Bearer|Basic) )?\$\{((env|input):)?[\w-]+\}")


def diff(path: Path, label: str, old: list[str], new: list[str], *, existed: bool) -> str:
    """A unified diff of two entries, without the file around them; `label` stands where line numbers would."""
    body = list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]
    lines = [f"@@ {label} @@" if line.startswith("@@") else line for line in body]
    head = [f"--- {path if existed else os.devnull}", f"+++ {path}"]
    return "".join(f"{line}\n" for line in [*head, *lines])


def pretty(name: str, value: object) -> list[str]:
    """A member's lines, indented by two; none for None."""
    if value is None:
        return []
    return f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, indent=2, ensure_ascii=False)}".splitlines()


def texts(value: object) -> frozenset[str]:
    """Every text in a value."""
    if isinstance(value, str):
        return frozenset({value})
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return frozenset(text for part in inner for text in texts(part))


def masked(value: object, known: frozenset[str], *, top: bool = True) -> object:
    """An old entry as it may be shown: its program, what also stands in the new one, and mere references."""
    if isinstance(value, dict):
        return {
            k: v if top and k == "command" and _is_program(v) else masked(v, known, top=False)
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [masked(v, known, top=False) for v in value]
    if value is None or isinstance(value, bool) or value in known | _KINDS:
        return value
    if isinstance(value, str) and _ONLY_A_REFERENCE.fullmatch(value):
        return value
    return f"{MASK} (as it was)"


def _is_program(value: object) -> bool:
    """Whether it is a program's name or path alone; a whole command line may hold a secret."""
    return isinstance(value, str) and not any(c.isspace() or c == "=" for c in value)
