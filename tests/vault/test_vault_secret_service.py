"""The real Secret Service of a Linux desktop, without the desktop."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

ROUND = """
    import sys
    from wizard.errors import StoreError
    from wizard.secret import Secret
    from wizard.vault import default_store, get_store, parse_source
    token = Secret(sys.stdin.readline())
    store = get_store("keyring")
    assert store.unavailable() == "", store.unavailable()
    assert default_store().id == "keyring"
    reference = store.save("faos-prod", "token", token)
    assert parse_source(reference).read() == token
    other = store.save("faos-prod", "client_secret", Secret(token.reveal()[::-1]))
    assert parse_source(reference).read() == token
    store.remove(reference)
    store.remove(reference)
    assert parse_source(other).read().reveal() == token.reveal()[::-1]
    try:
        parse_source(reference).read()
    except Exception as problem:
        print(problem.id)
"""

REFUSED = """
    import sys, time
    from wizard.errors import StoreError
    from wizard.secret import Secret
    from wizard.vault import default_store, get_store
    began = time.monotonic()
    try:
        get_store("keyring").save("faos-prod", "token", Secret(sys.stdin.readline()))
    except StoreError as problem:
        print(problem.id)
    assert default_store().id == "file"
    assert time.monotonic() - began < 25
"""


def run(code: str, home: Path, before: str, words: tuple[str, ...] = ("dbus-run-session", "--")) -> str:
    script = home / "run.py"
    script.write_text(textwrap.dedent(code))
    here = Path(__file__).resolve().parents[2]
    # a socket's path may have 108 bytes, which pytest's folders would use up
    with tempfile.TemporaryDirectory(prefix="aw-") as runtime:
        done = subprocess.run(
            [
                *words,
                "sh",
                "-c",
                f'{before} exec "$0" -W error::ResourceWarning "$1"',
                sys.executable,
                str(script),
            ],
            input=secrets.token_urlsafe(32),
            env={**os.environ, "PYTHONPATH": str(here), "XDG_RUNTIME_DIR": runtime},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout.strip().splitlines()[-1]


UNLOCKED = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null;"


@pytest.mark.real("gnome-keyring-daemon", "dbus-run-session")
def test_unlocked_it_keeps_gives_back_and_forgets(home: Path) -> None:
    assert run(ROUND, home, UNLOCKED) == "keyring-entry-missing"


@pytest.mark.real("gnome-keyring-daemon", "dbus-run-session")
def test_one_that_was_never_unlocked_is_said_to_be_locked(home: Path) -> None:
    assert (
        run(REFUSED, home, "gnome-keyring-daemon --start --components=secrets >/dev/null;")
        == "keyring-locked"
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the keyring needs no session bus")
def test_without_a_session_bus_there_is_none(home: Path) -> None:
    assert run(REFUSED, home, "", ("env",)) == "keyring-absent"
