"""What every editor of another program's file needs: its bytes as text, and edits that leave the rest in place."""

from __future__ import annotations

import codecs
from typing import Any, Final

from ..errors import FileProblem

MAX_BYTES: Final = 20_000_000
BOM: Final = "\ufeff"
UNTOUCHED: Final = "Nothing was changed."

Edit = tuple[int, int, str]
"""What stands from one index up to another, and the text that takes its place. Edits are in order and apart."""


def decoded(content: bytes, where: str, reader: str) -> tuple[bool, str]:
    """Whether a byte-order mark stands first, and the text without it.

    Raises:
        FileProblem: too big, or not UTF-8.
    """
    if len(content) > MAX_BYTES:
        raise too_big(where, len(content))
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        kind = "UTF-16" if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "not UTF-8"
        raise FileProblem(
            "file-not-utf8",
            f"{where} is not UTF-8 text.",
            f"It is {kind}; the first byte that does not fit is number {error.start + 1}.",
            [f"Save it as UTF-8: {reader} cannot read it as it is either.", UNTOUCHED],
        ) from None
    return text.startswith(BOM), text.removeprefix(BOM)


def too_big(where: str, size: int) -> FileProblem:
    """The refusal of a file of so many bytes."""
    return FileProblem(
        "file-too-big",
        f"{where} is larger than {MAX_BYTES // 1_000_000} MB, which no such config file should be.",
        f"{size} bytes",
        ["Check that this is the right file.", UNTOUCHED],
    )


def encoded(text: str, bom: bool) -> bytes:
    """The bytes of a text."""
    return (BOM + text if bom else text).encode()


def spliced(text: str, edits: list[Edit]) -> tuple[str, bool]:
    """The text with the edits, and whether everything else is in it unchanged and where it belongs."""
    pieces: list[str] = []
    done = 0
    for start, end, new in edits:
        pieces += [text[done:start], new]
        done = end
    out = "".join([*pieces, text[done:]])
    return out, _kept(text, out, edits)


def unsafe(
    where: str, why: str = "The result was parsed again and was not the old content plus the entry."
) -> FileProblem:
    """The refusal of an edit that could not be verified, or for another reason: ``why`` is a sentence."""
    return FileProblem(
        "merge-not-safe",
        f"The entry could not be put into {where} without a risk to the rest of the file.",
        why,
        ["Change the file by hand.", UNTOUCHED],
    )


def got(tree: Any, path: tuple[str, ...]) -> object:
    """The value at a path of names, None where there is none."""
    for name in path:
        if not isinstance(tree, dict) or name not in tree:
            return None
        tree = tree[name]
    return tree


def nested(path: tuple[str, ...], value: object) -> object:
    """A value in an object for each name."""
    for name in reversed(path):
        value = {name: value}
    return value


def with_value(tree: Any, path: tuple[str, ...], value: object) -> object:
    """A parsed document with a value at a path, missing parents made."""
    if not path:
        return value
    base = tree if isinstance(tree, dict) else {}
    return {**base, path[0]: with_value(base.get(path[0]), path[1:], value)}


def without_value(tree: Any, path: tuple[str, ...]) -> object:
    """A parsed document without the value at a path, which it has."""
    if len(path) == 1:
        return {k: v for k, v in tree.items() if k != path[0]}
    return {**tree, path[0]: without_value(tree[path[0]], path[1:])}


def line_end(text: str) -> str:
    """How the file ends its lines: by its first."""
    at = text.find("\n")
    if at < 0:
        return "\r" if "\r" in text else "\n"
    return "\r\n" if text[at - 1 : at] == "\r" else "\n"


def _kept(old: str, new: str, edits: list[Edit]) -> bool:
    """Whether a text differs from the old one in the edits alone."""
    at, moved = 0, 0
    for start, end, text in edits:
        if not at <= start <= end or new[at + moved : start + moved] != old[at:start]:
            return False
        at, moved = end, moved + len(text) - (end - start)
    return new[at + moved :] == old[at:]
