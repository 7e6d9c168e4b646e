"""Advice names only what this version can do: a person who follows it must not meet an unknown command."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import table
from diagnostics import causes

ROOT = Path(__file__).parents[2]
ROOMS = ("wizard", "diagnostics", "sandbox", "screens", "commands")
NAMED = re.compile(r"\bauthwizard ([a-z]+)\b")


def said() -> Iterator[tuple[str, str]]:
    """Every sentence that the code holds, where it stands; docstrings are for those who read the code."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.toml"):
            yield str(path), path.read_text("utf-8")
        for path in (ROOT / room).rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            apart = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
                    yield f"{path}:{node.lineno}", node.value


@pytest.mark.slow
def test_no_sentence_names_a_command_or_an_option_of_a_later_version() -> None:
    wrong = []
    for place, text in said():
        for word in NAMED.findall(text):
            later = table.LATER_OPTIONS.get(word, frozenset())
            if word in table.LATER or any(re.search(rf"{option}\b", text) for option in later):
                wrong.append(f"{place}: {text[:80]}")
    assert not wrong


@pytest.mark.parametrize("cause", causes.every(), ids=lambda c: c.id)
def test_a_causes_fix_names_commands_that_are_there(cause: causes.book.Cause) -> None:
    for step in cause.fix:
        for word in NAMED.findall(step):
            assert table.find(word), step


def test_the_habit_sees_what_it_is_for() -> None:
    assert any(NAMED.findall(text) for _, text in said())
    assert NAMED.findall("store it: authwizard rotate, or setup") == ["rotate"]
    assert "rotate" in table.LATER
