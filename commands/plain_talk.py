"""Questions and answers in plain lines: no colour, no cursor movement, nothing that a screen reader trips over.

Questions go to standard error, so that standard output holds the answer alone. At every question ``?`` explains,
``<`` goes back, ``q`` leaves; Enter alone takes what stands in brackets.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wizard.secret import Secret

from .output import Output

KEYS = "At every question: ? explains, < goes back a step, q leaves. Enter takes what stands in [brackets]."


class Back(Exception):
    """The person wants the question before this one."""


class Quit(Exception):
    """The person wants to leave."""


@dataclass(frozen=True, slots=True)
class Item:
    """One answer of a list; ``shut`` is why it cannot be chosen."""

    id: str
    title: str
    note: str = ""
    shut: str = ""


class Talk:
    """One conversation."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def say(self, *lines: str) -> None:
        """Lines for the person, broken between words where a terminal would break them within."""
        for line in lines:
            for part in _wrapped(line):
                self._out.note(part)

    def show(self, *lines: str) -> None:
        """Lines as they stand: what is to be written, or copied."""
        for line in lines:
            self._out.note(line)

    def line(self, prompt: str, default: str = "", explain: Sequence[str] = ()) -> str:
        """One answer; ``default`` where nothing is typed.

        Raises:
            Back, Quit: as was typed. KeyboardInterrupt: standard input ended.
        """
        while True:
            text = self._read(f"{prompt}{f' [{default}]' if default else ''}: ").strip()
            if not self._meant(text, explain):
                return text or default

    def agreed(self, question: str, *, default: bool, explain: Sequence[str] = ()) -> bool:
        """Yes or no."""
        while True:
            text = self._read(f"{question} [{'Y/n' if default else 'y/N'}] ").strip().lower()
            if self._meant(text, explain):
                continue
            if text in ("", "y", "yes", "n", "no"):
                return default if not text else text.startswith("y")
            self.say("Type y or n.")

    def secret(self, prompt: str, explain: Sequence[str] = ()) -> Secret:
        """An answer that is not shown as it is typed; empty where nothing is."""
        while True:
            held = Secret(self._hidden(f"{prompt} (not shown): "))
            if len(held) > 1 or not self._meant(held.reveal(), explain):
                return held

    def pick(self, question: str, items: Sequence[Item], start: str = "", explain: Sequence[str] = ()) -> str:
        """One of the list, by its number or its id; ``start`` is taken with Enter."""
        can = self.listed(question, items)
        default = next((str(n) for n, item in enumerate(can, 1) if item.id == start), "")
        while True:
            text = self.line("Number", default, explain)
            chosen = _one(text, can)
            if chosen is not None:
                return chosen.id
            self.say(f"Type a number from 1 to {len(can)}.")

    def ticks(
        self, question: str, items: Sequence[Item], start: Iterable[str] = (), explain: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """Any of the list, by numbers or ids with commas between; ``none`` for none of them."""
        can = self.listed(question, items)
        begun = set(start)
        default = ",".join(str(n) for n, item in enumerate(can, 1) if item.id in begun) or "none"
        while True:
            text = self.line("Numbers, with commas between, or none", default, explain)
            words = [] if text == "none" else _words(text)
            chosen = [_one(word, can) for word in words]
            if all(chosen):
                return tuple(dict.fromkeys(item.id for item in chosen if item))
            self.say(f"Type numbers from 1 to {len(can)}, such as 1,2, or none.")

    def listed(self, question: str, items: Sequence[Item]) -> list[Item]:
        """Say the list; what can be chosen of it."""
        can = [item for item in items if not item.shut]
        self.say(question)
        for number, item in enumerate(can, 1):
            self.say(f"  {number}. {item.title}{f': {item.note}' if item.note else ''}")
        for item in items:
            if item.shut:
                self.say(f"  (not possible) {item.title}: {item.shut}")
        return can

    def _meant(self, text: str, explain: Sequence[str]) -> bool:
        """Whether the answer was one of the three that mean the same everywhere."""
        if text == "<":
            raise Back
        if text == "q":
            raise Quit
        if text == "?":
            self.say(*(explain or (KEYS,)))
        return text == "?"

    def _read(self, prompt: str) -> str:
        sys.stderr.write(prompt)
        sys.stderr.flush()
        text = sys.stdin.readline()
        if not text:
            sys.stderr.write("\n")
            raise KeyboardInterrupt
        return text

    def _hidden(self, prompt: str) -> str:
        """What a terminal does not echo; from a pipe just the next line."""
        if not sys.stdin.isatty():
            return self._read(prompt).rstrip("\n")
        from getpass import getpass

        try:
            return getpass(prompt, sys.stderr)
        except EOFError:
            raise KeyboardInterrupt from None


def _wrapped(line: str) -> list[str]:
    if not sys.stderr.isatty():
        return [line]
    import shutil
    import textwrap

    width = max(shutil.get_terminal_size().columns - 1, 20)
    indent = " " * (len(line) - len(line.lstrip()) + 2) if line.startswith(" ") else ""
    broken = textwrap.wrap(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return broken or [line]


def _words(text: str) -> list[str]:
    """Answers with commas between; between numbers a space will do."""
    if text.replace(",", " ").replace(" ", "").isdigit():
        return text.replace(",", " ").split()
    return [word.strip() for word in text.split(",") if word.strip()]


def _one(text: str, items: Sequence[Item]) -> Item | None:
    if text.isascii() and text.isdigit():
        # a number of many digits is no number of a list
        return items[int(text) - 1] if len(text) < 4 and 0 < int(text) <= len(items) else None
    return next((item for item in items if item.id == text), None)
