"""A repository that somebody else made keeps nobody waiting: no pattern and no pipe in it does."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics import version_control
from diagnostics.globs import Glob

_DEEP = "/".join(["a" * 10] * 12)


def _tree(home: Path) -> Path:
    tree = home / "project"
    (tree / ".git/info").mkdir(parents=True)
    (tree / ".git/HEAD").write_text("ref: refs/heads/main\n")
    file = tree / _DEEP / "token.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    return file


def _kept(file: Path) -> tuple[str, str]:
    """The answer; a test that waits for it without end would say nothing."""
    found: list[tuple[str, str]] = []
    thread = threading.Thread(target=lambda: found.append(version_control.kept(file)), daemon=True)
    thread.start()
    thread.join(20)
    assert found, "it waits without end"
    return found[0]


@pytest.mark.parametrize(
    "pattern",
    [
        "**/" * 40 + "zzz",
        "*a" * 40 + "z",
        "a*" * 40 + "z",
        "**/a*" * 20 + "z",
        "?*" * 40 + "z",
        "[a-z]*" * 40 + "9",
    ],
)
def test_no_pattern_takes_longer_than_its_length(pattern: str, home: Path) -> None:
    file = _tree(home)
    (home / "project/.gitignore").write_text(f"{pattern}\n")
    assert _kept(file)[0] == version_control.UNIGNORED


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name here")
@pytest.mark.parametrize("name", [".gitignore", ".git/index", ".git/info/exclude", ".git/commondir"])
def test_no_pipe_is_waited_for(name: str, home: Path) -> None:
    file = _tree(home)
    os.mkfifo(home / "project" / name)
    assert _kept(file)[0] == version_control.UNIGNORED


@given(
    st.text(alphabet="ab*?/.[]!", max_size=9).filter(lambda p: "**" not in p and "[" not in p),
    st.text(alphabet="ab/.", max_size=9),
)
def test_a_pattern_says_what_its_expression_says(pattern: str, name: str) -> None:
    """Without ``**`` a pattern is a plain expression over each part."""
    expression = "".join({"*": "[^/]*", "?": "[^/]"}.get(c, re.escape(c)) for c in pattern)
    assert Glob(pattern, anchored=True).matches(name) == bool(re.fullmatch(expression, name))


@pytest.mark.parametrize(
    ("pattern", "anchored", "name", "fits"),
    [
        ("x", False, "x", True),
        ("x", False, "a/b/x", True),
        ("x", False, "ax", False),
        ("x", True, "a/x", False),
        ("a/**/x", True, "a/x", True),
        ("a/**/x", True, "a/b/c/x", True),
        ("a/**/x", True, "a/bx", False),
        ("a/**", True, "a/b/c", True),
        ("a/**", True, "a/", False),
        ("[!a]x", True, "bx", True),
        ("[!a]x", True, "/x", False),
        ("[a-c]", True, "b", True),
        ("\\*", True, "*", True),
        ("\\*", True, "x", False),
    ],
)
def test_what_fits(pattern: str, anchored: bool, name: str, fits: bool) -> None:
    assert Glob(pattern, anchored=anchored).matches(name) is fits
