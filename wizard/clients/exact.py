"""A client that holds its whole file against a schema: one entry that it does not take, and it takes none.

It takes no byte order mark, no value that is not a text where a text belongs, and no address that is not whole.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from ..documents import Document
from ..entries import Remote
from ..errors import FileProblem
from .model import Edit, Job, Reading
from .refusing import beyond_measure
from .syntax import Expanding, beyond
from .usual import UsualClient


class ExactClient(UsualClient):
    """A client that refuses a whole file; what it says of one entry it says of all."""

    takes: ClassVar[tuple[type, ...]] = (str,)

    def document(self, content: bytes | None, where: str) -> Document:
        """The file, without a byte order mark."""
        if content and content.startswith(codecs.BOM_UTF8):
            raise self.ignored(
                Path(where), "it begins with a byte order mark", "Save it as UTF-8 without one."
            )
        return super().document(content, where)

    def edits(self, document: Document, job: Job) -> tuple[Edit, ...]:
        """What changes. Raises: FileProblem where another entry makes the client refuse the file, ours with it."""
        held = document.get(*self.holder)
        others = {n: raw for n, raw in held.items() if n != job.plan.name} if isinstance(held, dict) else {}
        self.check_all(Path(document.where), others)
        return super().edits(document, job)

    def read(self, path: Path, server: str, environ: Mapping[str, str]) -> Reading:
        """The entry, where all of them are taken."""
        reading = super().read(path, server, environ)
        self.check_all(path, self.servers(path))
        return reading

    def check_all(self, path: Path, entries: Mapping[str, object]) -> None:
        """Raises: FileProblem where one entry of a file is not taken."""
        for name, raw in entries.items():
            if not isinstance(raw, dict):
                raise self.skipped(path, name, "it is not an object (`{...}`)", "Write it as an object.")
            if why := beyond(raw):
                raise beyond_measure(path, name, why)
            self.entry(path, name, raw, self.expanding({}, path))

    def skipped(self, path: Path, server: str, why: str, fix: str) -> FileProblem:
        """The sentence for an entry for which the client refuses the file."""
        return self.ignored(path, f"it refuses the whole file for its entry `{server}`, as {why}", fix)

    def texts(self, path: Path, server: str, raw: Mapping[str, Any], name: str) -> dict[str, str]:
        """An object of texts; nothing is none."""
        if name in raw and raw[name] is None:
            raise self.not_texts(path, server, name)
        return super().texts(path, server, raw, name)

    def read_remote(
        self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding, kind: str
    ) -> Remote:
        """The server, whose address is whole as it is written."""
        url = raw.get(self.shape.url)
        if isinstance(url, str) and not _whole(url):
            fix = f"Write the server's whole address as `{self.shape.url}`."
            raise self.skipped(path, server, f"its `{self.shape.url}` is no whole address", fix)
        return super().read_remote(path, server, raw, met, kind)


def _whole(url: str) -> bool:
    """Whether ``new URL`` of JavaScript takes it."""
    try:
        parts = urlsplit(url)
        return bool(parts.scheme and parts.hostname) and parts.port != 0
    except ValueError:
        return False
