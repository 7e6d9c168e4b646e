"""Roo Code replaces references in the text of an entry before it parses it: `read()` says the same of any value."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard import clients
from wizard.entries import Remote
from wizard.errors import FileProblem

ROO = clients.get("roo")
URL = "https://e.test/mcp"
PIECES = st.lists(
    st.sampled_from(
        ["${env:A}", "${env:B}", "${env:GONE}", "${workspaceFolder}", "${A}", "x", "\\", '"', "$", "}", "é"]
    ),
    max_size=5,
).map("".join)
VALUES = st.text(st.sampled_from('ab\\"\n$ {}é'), max_size=6) | st.sampled_from(["${env:B}", "\\\\?\\C:\\x"])


def _made(entry: dict[str, Any], environ: dict[str, str]) -> dict[str, Any] | None:
    """What its source does (src/utils/config.ts); None where what comes out is no JSON."""

    def posix(value: str) -> str:
        return value if value.startswith("\\\\?\\") else value.replace("\\", "/")

    text = re.sub(
        r"\$\{env:(\w+)\}",
        lambda m: posix(environ[m[1]]) if m[1] in environ else m[0],
        json.dumps(entry, ensure_ascii=False),
    )
    try:
        found = json.loads(text.replace("${workspaceFolder}", Path.cwd().as_posix()))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


@settings(max_examples=examples(400), deadline=None)
@given(PIECES, VALUES, VALUES)
def test_the_reading_is_what_its_source_makes(header: str, one: str, other: str) -> None:
    entry = {"type": "sse", "url": URL, "headers": {"X": header}}
    environ = {"A": one, "B": other}
    path = Path("f.json").absolute()
    path.write_text(json.dumps({"mcpServers": {"a": entry}}), encoding="utf-8")
    made = _made(entry, environ)
    if made is None or made["headers"].keys() != {"X"}:
        with pytest.raises(FileProblem, match="which breaks it"):
            ROO.effective(path, "a", environ)
        return
    try:
        read = ROO.effective(path, "a", environ)[0]
    except FileProblem:
        # a quote that happens to leave something which can be parsed is refused all the same
        assert any(mark in value for value in environ.values() for mark in '"\\\n')
        return
    assert isinstance(read, Remote)
    assert read.headers["X"].reveal() == made["headers"]["X"]
