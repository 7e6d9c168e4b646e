"""What is put on the screen as text: marks of state, and texts from outside made harmless.

State is a mark, a word and a colour, in that order of trust: the word is always there.
"""

from __future__ import annotations

import locale
import os
import unicodedata
from dataclasses import dataclass
from typing import Final

from textual.content import Content


@dataclass(frozen=True, slots=True)
class State:
    """How something stands: its mark, its ASCII twin, its word, and the style of both."""

    mark: str
    twin: str
    word: str
    style: str


STATES: Final = {
    "works": State("●", "*", "works", "$text-success"),
    "warning": State("▲", "!", "warning", "$text-warning"),
    "broken": State("✗", "x", "broken", "$text-error"),
    "untested": State("○", "o", "not tested", "$muted"),
    "running": State("◌", ".", "running", "$text-accent"),
}

_TWINS: Final = str.maketrans(
    {
        "●": "*",
        "▲": "!",
        "✗": "x",
        "○": "o",
        "◌": ".",
        "▸": ">",
        "▾": "v",
        "✓": "+",
        "•": "*",
        "…": "...",
        "·": "-",
        "—": "-",
        "–": "-",
        "→": "->",
        "×": "x",
        "│": "|",
        "“": '"',
        "”": '"',
        "’": "'",
        "‘": "'",
    }
)


def plain_ascii() -> bool:
    """Whether only ASCII may be drawn: the terminal's encoding is not UTF-8, or AUTHWIZARD_ASCII is set."""
    if os.environ.get("AUTHWIZARD_ASCII"):
        return True
    encoding = locale.getpreferredencoding(do_setlocale=False)
    return encoding.lower().replace("-", "").replace("_", "") != "utf8"


def say(text: str) -> str:
    """Text of any origin as one that a terminal cannot be driven by.

    Line feeds stay, tabs become a space; every other control, bidirectional or surrogate character is shown as
    its escape. Where only ASCII may be drawn, marks become their twins.
    """
    if not text.isprintable():
        text = "".join(_harmless(c) for c in text)
    return text.translate(_TWINS) if plain_ascii() else text


def one_line(text: str) -> str:
    """The same on one line."""
    return say(" ".join(text.split()) if any(c in text for c in "\r\n\t") else text)


def _harmless(char: str) -> str:
    if char == "\n" or char.isprintable():
        return char
    if char in "\t\r":
        return " "
    if unicodedata.category(char) in ("Zs", "Zl", "Zp"):
        return " "
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def plain(text: str, style: str = "") -> Content:
    """Text of any origin as content; nothing in it is read as markup."""
    return Content.styled(say(text), style) if style else Content(say(text))


def mark(state: str, *, word: bool = True, width: int = 0) -> Content:
    """A state's mark and word in its colour; the word padded to ``width``."""
    of = STATES[state]
    glyph = of.twin if plain_ascii() else of.mark
    return Content.styled(f"{glyph} {of.word}".ljust(width + 2) if word else glyph, of.style)


def mark_of(state: str) -> Content:
    """A state's mark alone and a space: what stands before a sentence that says the state in words."""
    return Content.assemble(mark(state, word=False), " ")


def pad(text: str, width: int) -> str:
    """One line of exactly ``width`` characters, cut with an ellipsis where it is longer."""
    return shortened(one_line(text), width).ljust(width)


def shortened(text: str, width: int) -> str:
    """At most ``width`` characters, cut with an ellipsis where there are more."""
    if len(text) <= width:
        return text
    end = "~" if plain_ascii() else "…"
    return text[: max(width - 1, 0)].rstrip() + end if width else ""
