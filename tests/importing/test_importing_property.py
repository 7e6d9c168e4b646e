"""Whatever stands in an entry: what is told a secret stays out of what is kept in the open and shown, and nothing is a
traceback."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard import connections, importing, methods, telling
from wizard.connection_file import as_json
from wizard.errors import AuthwizardError
from wizard.names import check_field

_TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_ENTRY = st.fixed_dictionaries(
    {},
    optional={
        "url": st.sampled_from(["https://a.example.com/mcp", "https://a.example.com/mcp?key=${env:A}&x=1"])
        | _ANY,
        "command": st.sampled_from(["npx", "authwizard"]) | _ANY,
        "args": st.lists(
            st.sampled_from(["mcp-remote", "https://a.example.com", "--header", "A:${B}"]) | _TEXT
        )
        | _ANY,
        "env": st.dictionaries(_TEXT, st.sampled_from(["${env:A}", "x${env:B}"]) | _TEXT) | _ANY,
        "headers": st.dictionaries(
            _TEXT | st.just("X-Any"), st.sampled_from(["Bearer ${env:A}", "Basic eDp5"]) | _TEXT
        )
        | _ANY,
        "auth": st.dictionaries(st.sampled_from(["CLIENT_ID", "CLIENT_SECRET", "scopes"]), _ANY) | _ANY,
    },
)


@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(_TEXT, _ENTRY | _ANY, max_size=3))
def test_any_entry_is_a_plan_or_a_sentence(home: Path, servers: dict[str, Any]) -> None:
    path = home / ".cursor/mcp.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"mcpServers": servers}), "utf-8")
    plan = importing.prepare("cursor")
    assert len({f.connection.name for f in plan.found}) == len(plan.found)
    for one in plan.found:
        json.dumps(as_json(one.connection))
        kept = frozenset(w.field for w in one.wanted)
        methods.entry_plan(replace(connections.choice(one.connection), kept=kept))
        assert all(check_field("x", field) for field in kept)
        try:
            importing.prepare("cursor", one.server)
        except AuthwizardError as problem:
            raise AssertionError(one.server) from problem


_TOKENS = st.builds(secrets.token_urlsafe, st.integers(24, 60)) | st.builds(
    secrets.token_hex, st.integers(16, 40)
)


@settings(max_examples=examples(100), deadline=None)
@given(_TOKENS, st.sampled_from(["X-Whatever", "VALUE", "MODE", "X-Region"]))
def test_what_came_out_of_a_generator_is_never_plain(token: str, name: str) -> None:
    assert not telling.is_plain(name, token)
    assert not telling.is_plain(name, f"Bearer {token}")


_HIDDEN_WITHIN = [
    '{"apiKey": "VALUE"}',
    '{\\"apiKey\\":\\"VALUE\\"}',
    "--header=X-Api-Key: VALUE",
    "cd x && API_KEY=VALUE node y",
    "Server=h;User=sa;Password=VALUE;",
    "curl -d pin=VALUE https://h.example/",
    "${API_KEY:-VALUE}",
    "x" * 6000,
]


@pytest.mark.parametrize("text", _HIDDEN_WITHIN)
def test_a_secret_within_a_text_is_none_for_the_open(text: str) -> None:
    short = text.replace("VALUE", secrets.token_hex(3))
    assert telling.secret_word(("program", "run", short)) == 2
    assert not telling.is_plain("CONFIG", short)


@pytest.mark.parametrize(
    "text",
    [
        "ghcr.io/x/auth:latest",
        "token:read key:write",
        "TOKEN=${TOKEN}",
        "key=true",
        "auth=/etc/x",
        "a token: ",
    ],
)
def test_what_is_named_within_a_text_and_no_secret(text: str) -> None:
    assert not telling.looks_secret(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Accept", "application/json, text/event-stream"),
        ("X-Region", "us-east-1"),
        ("X-Api-Version", "2024-11-05"),
        ("LOG_LEVEL", "debug"),
        ("BASE_URL", "https://api.example.com/v1"),
        ("DATA_DIR", "/home/alice/data"),
        ("PORT", "8080"),
        ("X-Client-Id", "6f1c0f5e-7a51-4c5e-9d6a-0b6c1d0e2f3a"),
    ],
)
def test_what_is_plain(name: str, value: str) -> None:
    assert telling.is_plain(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_KEY", "debug"),
        ("KEY2", "debug"),
        ("DB_PASSWORD", "x"),
        ("X-Auth", "alice"),
        ("WEBHOOK", "https://hooks.example.com/x"),
        ("BASE_URL", "https://alice:pw@api.example.com"),
        ("X-Any", "6f1c0f5e-7a51-4c5e-9d6a-0b6c1d0e2f3a"),
        ("X-Any", "a1b2c3"),
    ],
)
def test_what_is_not_known_to_be_harmless_is_a_secret(name: str, value: str) -> None:
    assert not telling.is_plain(name, value)


@pytest.mark.parametrize(
    "words",
    [
        ("npx", "-y", "@acme/server@1.2.3", "--port", "8080"),
        ("docker", "run", "-i", "acme/mcp@sha256:" + "0a" * 32),
        ("uvx", "acme", "--token-file", "/home/alice/.acme/token"),
        ("acme", "--url", "https://acme.example.com/mcp?x=1"),
        ("acme", "-e", "API_KEY=${API_KEY}"),
    ],
)
def test_arguments_without_a_secret(words: tuple[str, ...]) -> None:
    assert telling.secret_word(words) is None
