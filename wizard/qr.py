"""A QR code in characters: two rows of it in one line of text, with half blocks."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

_QUIET: Final = 2
_HALVES: Final = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


def qr(text: str, *, on_dark: bool = True) -> str:
    """The text as a QR code; empty where it is longer than one can hold (2953 bytes).

    ``on_dark``: the terminal writes light on dark, so that the light squares are what is drawn. A caller that gives
    each character a dark colour on a light ground says False.
    """
    import segno

    try:
        code = segno.make(text, error="l", micro=False, boost_error=False)
    except segno.DataOverflowError:
        return ""
    drawn = [[bool(dark) != on_dark for dark in row] for row in code.matrix_iter(border=_QUIET)]
    nothing = [False] * len(drawn[0])
    return "\n".join(
        "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip_longest(drawn[::2], drawn[1::2], fillvalue=nothing)
    )


def fits(code: str, columns: int, lines: int) -> bool:
    """Whether a terminal of this size shows the code whole."""
    rows = code.split("\n")
    return bool(code) and len(rows) <= lines and len(rows[0]) <= columns
