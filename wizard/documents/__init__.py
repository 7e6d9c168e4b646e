"""Other programs' config files, edited without changing a byte that is not ours: JSON, with comments or without, TOML,
YAML."""

from __future__ import annotations

from .model import JSON, JSON_COMMENTS, JSONC, TOML, YAML, Document, Form

__all__ = ["JSON", "JSONC", "JSON_COMMENTS", "TOML", "YAML", "Document", "Form", "read"]


def read(content: bytes, where: str, form: Form = JSONC, *, reader: str = "The program") -> Document:
    """A file's bytes, parsed as their reader would; nothing at all is an empty document.

    Raises:
        FileProblem: too big, not UTF-8, or not what the reader could read. The message names the place.
    """
    if form.language == "toml":
        from . import toml_text

        return toml_text.read(content, where, reader=reader)
    if form.language == "yaml":
        from . import yaml_text

        return yaml_text.read(content, where, form, reader=reader)
    from . import json_text

    return json_text.read(content, where, form, reader=reader)
