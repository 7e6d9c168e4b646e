"""Where the practice services run: one small file that the sandbox writes and every other program reads.

It holds addresses only, never a credential.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from .locks import alive
from .paths import state_dir, write_private

_NONE: Mapping[str, str] = MappingProxyType({})


def record_path() -> Path:
    """The file that names the running practice services."""
    return state_dir() / "practice.json"


def token_file(url: str) -> Path:
    """Where the practice service at this address keeps its token, if it is one that keeps it in a file."""
    port = url.split("://", 1)[-1].split("/", 1)[0].rpartition(":")[2]
    return state_dir() / "practice" / port / "auth_token"


def record(urls: Mapping[str, str]) -> None:
    """Say that this process serves these addresses (service id -> URL). Raises: FileProblem."""
    content = {"pid": os.getpid(), "services": dict(urls)}
    write_private(record_path(), (json.dumps(content, indent=1) + "\n").encode())


def forget(urls: Mapping[str, str]) -> None:
    """Take the record back, unless another practice has replaced it since."""
    if _read() == (os.getpid(), dict(urls)):
        with suppress(OSError):
            record_path().unlink()


def running() -> Mapping[str, str]:
    """Service id -> URL of the practice that runs now; empty when none does, or its process is gone."""
    found = _read()
    if found is None or not alive(found[0]):
        return _NONE
    return MappingProxyType(found[1])


def _read() -> tuple[int, dict[str, str]] | None:
    """What the file says; None where it is absent or is not ours to understand."""
    try:
        content = json.loads(record_path().read_text("utf-8"))
        pid, services = content["pid"], content["services"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if type(pid) is not int or pid <= 0 or not isinstance(services, dict):
        return None
    return pid, {str(name): url for name, url in services.items() if isinstance(url, str)}
