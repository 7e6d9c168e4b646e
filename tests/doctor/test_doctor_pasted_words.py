"""A word of a command that somebody will paste is one word to the shell, and the home is still found."""

from __future__ import annotations

import subprocess

import pytest

from wizard.pasting import pasted


@pytest.mark.parametrize(
    ("word", "seen"),
    [
        ("~/.fleet-mcp/auth_token", "/home/of mine/.fleet-mcp/auth_token"),
        ("~/my files/$(id)", "/home/of mine/my files/$(id)"),
        ("/srv/a b; id", "/srv/a b; id"),
        ("~", "~"),
        ("~root/x", "~root/x"),
        ("", ""),
    ],
)
def test_a_shell_sees_one_word(word: str, seen: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f"printf '[%s]' {pasted(word)}"],
        env={"HOME": "/home/of mine"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"[{seen}]"
