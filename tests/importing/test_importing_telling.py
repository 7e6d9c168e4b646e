"""A command's words as they may be shown: without what looks like a secret, and with all else."""

from __future__ import annotations

import secrets

import pytest

from wizard.importing.telling import without_secrets
from wizard.secret import MASK


def _word() -> str:
    return "Pw" + secrets.token_hex(4)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("npx", "x", "--api-key", "{}", "--port", "80"), ("npx", "x", "--api-key", MASK, "--port", "80")),
        (("npx", "--api-key={}"), ("npx", f"--api-key={MASK}")),
        (("npx", "--password", "/{}"), ("npx", "--password", MASK)),
        (("docker", "-e", "API_KEY=two {}", "img"), ("docker", "-e", f"API_KEY={MASK}", "img")),
        (("x", "--header", "Authorization: Bearer {}"), ("x", "--header", f"Authorization: {MASK}")),
        (("x", "--header=Authorization: Basic {}"), ("x", f"--header=Authorization: {MASK}")),
        (("x", "postgres://u:{}@h/db"), ("x", f"postgres://{MASK}@h/db")),
        (("x", "postgres://u:a/{}@h/db"), ("x", f"postgres://{MASK}@h/db")),
        (("x", "https://h/p?token={}&a=1"), ("x", f"https://h/p?token={MASK}&a=1")),
        (("sh", "-c", "TOKEN={} node x; rm y"), ("sh", "-c", f"TOKEN={MASK} node x; rm y")),
        (("x", "faosx_{}"), ("x", MASK)),
        (("sh", "-c", "a" * 5000 + " token={}"), ("sh", "-c", MASK)),
    ],
)
def test_a_secret_among_the_words_is_masked(words: tuple[str, ...], shown: tuple[str, ...]) -> None:
    value = _word()
    assert without_secrets(w.replace("{}", value) for w in words) == shown


@pytest.mark.parametrize(
    "words",
    [
        ("npx", "-y", "@scope/server-files@1.2.3", "/home/user/a folder"),
        ("x", "--token", "${MY_TOKEN}", "--api-key=$KEY"),
        ("x", "https://h:8080/@scope/pkg"),
        ("docker", "run", "img@sha256:" + "0a" * 32),
        ("sh", "-c", "touch /tmp/x && node y.js"),
    ],
)
def test_all_else_is_shown_as_it_is(words: tuple[str, ...]) -> None:
    assert without_secrets(words) == words
