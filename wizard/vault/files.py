"""A secret out of a file: plain text, or a field of a JSON object."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Final

from ..errors import SourceError
from ..reading import read_text
from ..secret import Secret
from .sources import line_taken_off

USUAL: Final = ("access_token", "token", "value")
"""The fields that are looked for, in this order, when none is named."""

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")
_BOM: Final = "\ufeff"


def read_file(place: str) -> Secret:
    """The secret in ``PATH`` or ``PATH#FIELD``; ``~`` is the home folder.

    Raises:
        SourceError: `file-...` as `wizard.reading`, `file-empty`, `file-not-json`, `file-no-field`.
    """
    path, field = divided(place)
    return value_in(read_text(path, SourceError), path, field)


def value_in(text: str, path: Path, field: str = "") -> Secret:
    """The secret in a file's text; ``path`` is for messages. Raises: SourceError, as `read_file`."""
    if field or path.suffix.lower() == ".json" or _looks_like_json(text):
        return _from_json(text, path, field)
    return line_taken_off(text, str(path), "file")


def divided(place: str) -> tuple[Path, str]:
    """The path and the field that ``PATH#FIELD`` names."""
    whole = Path(os.path.expanduser(place))  # noqa: PTH111  Path's own raises where no home is known
    before, sharp, field = place.rpartition("#")
    if not sharp or not before or not field or os.path.lexists(whole):
        return whole, ""
    return Path(os.path.expanduser(before)), field  # noqa: PTH111  as above


def _looks_like_json(text: str) -> bool:
    """A token in braces (``{token}``) is an unfilled template, not JSON; it is kept, so that it can be named."""
    bare = text.lstrip(_BOM).lstrip()
    return bare.startswith("{") and '"' in bare


def _from_json(text: str, path: Path, field: str) -> Secret:
    if not text.strip():
        raise SourceError(
            "file-empty", f"{path} is empty.", fix=["Let the program that owns it write it again."]
        )
    try:
        whole = json.loads(text.removeprefix(_BOM))
    except json.JSONDecodeError as problem:
        raise SourceError(
            "file-not-json",
            f"{path} is not whole JSON.",
            f"Line {problem.lineno}, column {problem.colno}: {problem.msg}.",
            ["It may be cut off, or be written right now: try again, then let its owner write it again."],
        ) from None
    except (ValueError, RecursionError):
        raise SourceError("file-not-json", f"{path} is JSON that cannot be read.") from None
    if not isinstance(whole, dict):
        raise SourceError(
            "file-not-json", f"{path} is JSON, but not an object with fields.", f"It is {_kind(whole)}."
        )
    wanted = (field,) if field else USUAL
    for name in wanted:
        value = _at(whole, name)
        if value is not None:
            return _text(value, path, name)
    raise _no_field(whole, path, wanted)


def _at(whole: dict[str, object], name: str) -> object:
    """The field of this name, else, dot by dot, one deeper inside."""
    if name in whole:
        return whole[name]
    here: object = whole
    for part in name.split("."):
        if not isinstance(here, dict):
            return None
        here = here.get(part)
    return here


def _text(value: object, path: Path, name: str) -> Secret:
    if isinstance(value, str) and value:
        return Secret(value)
    seen = "It is empty." if value == "" else f"It is {_kind(value)}."
    raise SourceError(
        "file-no-field",
        f"The field {name} in {path} holds no text.",
        seen,
        ["Name the right field: file:PATH#FIELD", "Or let the program that owns the file write it again."],
    )


def _no_field(whole: dict[str, object], path: Path, wanted: tuple[str, ...]) -> SourceError:
    # a key that does not look like a field's name may itself be a secret
    names = [key for key in whole if _PLAIN_KEY.fullmatch(key)][:12]
    return SourceError(
        "file-no-field",
        f"{path} has no field {' or '.join(wanted)}.",
        f"It has: {', '.join(names)}." if names else "It has no field with a plain name.",
        ["Name the right field: file:PATH#FIELD"],
    )


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(value), "a number")
