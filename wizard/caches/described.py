"""Which caches there are: those of the services in the catalogue, and those of programs that are no service."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from wizard.described.reader import Table, opened
from wizard.services import TokenCache

_ID: Final = re.compile(r"[a-z][a-z0-9-]*")
_FOLDER: Final = re.compile(r"~|~?/[^*]*[^*/]")
_FILES: Final = re.compile(r"(?!/)(?!.*\.\.)[^\s]+")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENDING: Final = re.compile(r"_[a-z_]+\.[a-z]+")
_SUFFIX: Final = re.compile(r"(?:_[a-z_]+)?\.json")


def described(t: Table) -> TokenCache:
    """A cache, from its table. Raises: CatalogueError."""
    locks = t.texts("locks")
    if wrong := next((name for name in locks if not _SUFFIX.fullmatch(name)), ""):
        t.fault("locks", f"`{wrong}`", "the end of a file's name, such as _lock.json", wrong)
    found = TokenCache(
        id=t.shaped("id", _ID, "small letters, digits and -"),
        title=t.text("title"),
        program=t.text("program"),
        folder=t.shaped("folder", _FOLDER, "a folder, with ~ in front and without *"),
        files=t.shaped("files", _FILES, "files in that folder, as *_tokens.json"),
        variable=t.shaped("variable", _VARIABLE, "a variable's name", ""),
        client=t.shaped("client", _SUFFIX, "the end of a file's name, such as _client_info.json", ""),
        locks=locks,
        unit=t.text("unit", "s", among=("s", "ms", "either")),
        clear=t.text("clear", ""),
        held=t.texts("held"),
        begun=t.shaped("begun", _ENDING, "the end of a file's name, such as _code_verifier.txt", ""),
        client_id=t.shaped("client_id", _ID, "an MCP client's id", ""),
        at=t.texts("at"),
        named=t.text("named", ""),
        form=t.text("form", "json", among=("json", "yaml")),
    )
    if (found.client or found.locks) and not found.files.rpartition("*")[2].startswith(("_", ".")):
        t.fault(
            "files",
            f"`files` is `{found.files}`",
            "a name with *_ or *. in it, whose beginning the others share",
        )
    t.close()
    return found


@cache
def _programs() -> tuple[TokenCache, ...]:
    here = Path(__file__).parent
    return tuple(described(opened(p.read_text("utf-8"), p.name)) for p in sorted(here.glob("*.toml")))


def known() -> tuple[TokenCache, ...]:
    """Every cache, each id once."""
    from wizard import catalogue

    services = (c for s in catalogue.load().described for c in s.caches)
    return tuple({c.id: c for c in (*_programs(), *services)}.values())


def bridge() -> TokenCache:
    """That of mcp-remote."""
    return next(c for c in _programs() if c.id == "mcp-remote")
