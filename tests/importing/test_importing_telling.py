"""A command's words as they may be shown: without what looks like a secret, and with all else."""

from __future__ import annotations

import secrets

import pytest

from wizard.secret import MASK
from wizard.telling import secrets_among, without_secrets


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
        (("sh", "-c", "x --api-key {} --port 80"), ("sh", "-c", f"x --api-key {MASK} --port 80")),
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


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("npx", "x", "--api-key", "{}", "--port", "80"), "{}"),
        (("npx", "--api-key={}"), "{}"),
        (("npx", "--password", "/{}"), "/{}"),
        (("x", "--header", "Authorization: Bearer {}"), "Bearer {}"),
        (("x", "--auth-header", "X-Own: {}"), "X-Own: {}"),
        (("x", "postgres://u:{}@h/db"), "{}"),
        (("x", "https://{}@h/db"), "{}"),
        (("x", "https://h/p?token={}&a=1"), "{}"),
        (("sh", "-c", "TOKEN={} node x; rm y"), "{}"),
        (("sh", "-c", "x --api-key {} --port 80"), "{}"),
        (("sh", "-c", "echo some line\n" * 500 + "x token={}"), "{}"),
        (("x", "faosx_{}"), "faosx_{}"),
    ],
)
def test_the_secret_itself_is_found(words: tuple[str, ...], found: str) -> None:
    value = _word()
    assert [s.reveal() for s in secrets_among(w.replace("{}", value) for w in words)] == [
        found.replace("{}", value)
    ]


def test_a_password_in_an_address_is_found_as_it_is_meant() -> None:
    value = _word()
    found = [s.reveal() for s in secrets_among([f"postgres://u:{value}%40@h/db"])]
    assert found == [f"{value}%40", f"{value}@"]


@pytest.mark.parametrize(
    "words",
    [
        ("npx", "-y", "@scope/server-files@1.2.3", "/home/user/a folder"),
        ("x", "--token", "${MY_TOKEN}", "--api-key=$KEY"),
        ("x", "--key", "abc", "--password", "secret", "--pass", "12345"),
        ("x", "--no-auth", "/home/user/project", "--webhook", "https://example.com/of/mine"),
        ("x", "--token-file", "/home/user/x9f3ek2", "--auth-type", "client_credentials"),
        ("x", "postgres://postgres@h/db", "ssh://git@h/x"),
    ],
)
def test_what_is_short_or_plain_is_no_secret_to_take_out_of_all_texts(words: tuple[str, ...]) -> None:
    assert secrets_among(words) == ()
