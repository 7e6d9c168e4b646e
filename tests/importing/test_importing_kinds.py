"""What stands in a client's entry becomes a method, settings and sources; a secret goes nowhere but into a store."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from support.keeping import found_in
from support.running import Run

from wizard import connections, importing, methods
from wizard.entries import Remote, Stdio, realise

URL = "https://notion.example.com/mcp"
TOKEN = f"t0{secrets.token_urlsafe(24)}"
BASIC = base64.b64encode(f"alice:{TOKEN}".encode()).decode()


@pytest.fixture(autouse=True)
def files_as_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTION_TOKEN", "of-the-shell-1")


def cursor(home: Path, **servers: Any) -> Path:
    path = home / ".cursor/mcp.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"mcpServers": servers}), "utf-8")
    return path


KINDS: dict[str, tuple[dict[str, Any], str, dict[str, str], dict[str, str], dict[str, str]]] = {
    # the entry, method, settings, references that stay, values for a store
    "reference": (
        {"headers": {"Authorization": "Bearer ${env:NOTION_TOKEN}"}},
        "bearer",
        {},
        {"token": "env:NOTION_TOKEN"},
        {},
    ),
    "unset reference": (
        {"headers": {"Authorization": "Bearer ${env:NOT_HERE}"}},
        "bearer",
        {},
        {"token": "env:NOT_HERE"},
        {},
    ),
    "literal": (
        {"headers": {"Authorization": f"bearer {TOKEN}", "X-Region": "us-east-1"}},
        "bearer",
        {"header.X-Region": "us-east-1"},
        {},
        {"token": TOKEN},
    ),
    "whole reference": (
        {"headers": {"Authorization": "${env:NOTION_TOKEN}"}},
        "api_key_header",
        {},
        {"header.Authorization": "env:NOTION_TOKEN"},
        {},
    ),
    "basic": (
        {"headers": {"Authorization": f"Basic {BASIC}"}},
        "basic",
        {"username": "alice"},
        {},
        {"password": TOKEN},
    ),
    "basic by reference": (
        {"headers": {"Authorization": "Basic ${env:NOTION_TOKEN}"}},
        "api_key_custom",
        {"scheme": "Basic"},
        {"token": "env:NOTION_TOKEN"},
        {},
    ),
    "key": ({"headers": {"X-Api-Key": TOKEN}}, "api_key_header", {}, {}, {"header.X-Api-Key": TOKEN}),
    "own scheme": (
        {"headers": {"X-Auth": f"ApiKey {TOKEN}"}},
        "api_key_custom",
        {"scheme": "ApiKey", "header_name": "X-Auth"},
        {},
        {"token": TOKEN},
    ),
    "two": (
        {"headers": {"X-Authorization": f"Bearer {TOKEN}", "Authorization": "${env:NOTION_TOKEN}"}},
        "headers",
        {"header_names": "X-Authorization, Authorization"},
        {"header.Authorization": "env:NOTION_TOKEN"},
        {"header.X-Authorization": f"Bearer {TOKEN}"},
    ),
    "two behind a word": (
        {
            "headers": {
                "X-Authorization": "Bearer ${env:NOTION_TOKEN}",
                "Authorization": "Bearer ${env:NOT_HERE}",
            }
        },
        "bearer",
        {},
        {"token": "env:NOT_HERE"},
        {"header.X-Authorization": "Bearer of-the-shell-1"},
    ),
    "in the address": (
        {"url": f"{URL}?api_key=${{env:NOTION_TOKEN}}&v=2"},
        "api_key_query",
        {},
        {"query.api_key": "env:NOTION_TOKEN"},
        {},
    ),
    "nothing": ({}, "none", {}, {}, {}),
    "nothing secret": (
        {"headers": {"Accept": "text/plain"}},
        "none",
        {"header.Accept": "text/plain"},
        {},
        {},
    ),
    "its own login": (
        {"auth": {"CLIENT_ID": "cursor-1", "scopes": ["read", "write"]}},
        "authorization_code",
        {"client_id": "cursor-1", "scope": "read write"},
        {},
        {},
    ),
    "its own login with a secret": (
        {"auth": {"CLIENT_ID": "cursor-1", "CLIENT_SECRET": "${env:NOTION_TOKEN}"}},
        "authorization_code",
        {"client_id": "cursor-1"},
        {"client_secret": "env:NOTION_TOKEN"},
        {},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_remote_entry(home: Path, kind: str) -> None:
    entry, method, settings, references, kept = KINDS[kind]
    path = cursor(home, notion={"url": URL, **entry})
    [found] = importing.prepare("cursor").found
    made = found.connection
    assert (made.name, made.service, made.method) == ("notion", "mcp", method)
    assert dict(made.settings) == settings
    assert dict(made.secrets) == references
    assert {n: s.reveal() for n, s in found.keep.items()} == kept
    assert found.scope.path == path
    [(done, _)] = importing.carry_out(importing.prepare("cursor"), "file")
    saved = connections.get("notion")
    assert saved == done.connection
    methods.entry_plan(connections.choice(saved))
    assert importing.prepare("cursor").found[0].changed is False


def test_what_is_sent_is_the_same_afterwards(home: Path) -> None:
    sent = {"Authorization": f"Bearer {TOKEN}", "X-Api-Key": f"k{TOKEN}", "X-Company": "acme"}
    cursor(home, dual={"url": f"{URL}?token={TOKEN}", "headers": sent})
    importing.carry_out(importing.prepare("cursor:dual".partition(":")[0], "dual"), "file")
    saved = connections.get("dual")
    entry = realise(methods.entry_plan(connections.choice(saved)), connections.secrets_of(saved))
    assert isinstance(entry, Remote)
    assert {n: v.reveal() for n, v in entry.headers.items()} == sent
    assert (entry.url, {n: v.reveal() for n, v in entry.query.items()}) == (URL, {"token": TOKEN})


def test_a_program_can_be_started_again(home: Path) -> None:
    words = ["-y", "@acme/server", "a b", "it's"]
    env = {"ACME_TOKEN": TOKEN, "LOG_LEVEL": "debug", "OTHER": "${env:NOTION_TOKEN}", "EMPTY": ""}
    cursor(home, acme={"command": "npx", "args": words, "env": env})
    [(found, _)] = importing.carry_out(importing.prepare("cursor"), "file")
    made = found.connection
    assert (made.service, made.method, made.url) == ("program", "variables", "")
    assert {n: v for n, v in made.settings.items() if n != "command"} == {
        "env.LOG_LEVEL": "debug",
        "env.EMPTY": "",
    }
    assert made.secrets["env.OTHER"] == "env:NOTION_TOKEN"
    entry = realise(methods.entry_plan(connections.choice(made)), connections.secrets_of(made))
    assert isinstance(entry, Stdio)
    assert entry.command == ("npx", *words)
    assert {n: v.reveal() for n, v in entry.env.items()} == {**env, "OTHER": "of-the-shell-1"}


def test_the_bridge_is_the_server_behind_it(home: Path) -> None:
    words = ["-y", "mcp-remote@0.1.38", URL, "--header", "Authorization:${AUTH}", "--transport", "sse-only"]
    cursor(
        home,
        literal={"command": "npx", "args": words, "env": {"AUTH": f"Bearer {TOKEN}"}},
        referred={"command": "npx", "args": ["mcp-remote", URL, "--header", "X-Api-Key: ${SHELLS}"]},
        logs_in={
            "command": "npx",
            "args": ["mcp-remote", URL, "--static-oauth-client-info", '{"client_id": "c1"}'],
        },
    )
    literal, referred, logs_in = importing.prepare("cursor").found
    assert (literal.connection.url, literal.connection.method) == (URL, "bearer")
    assert (literal.connection.settings, literal.keep["token"].reveal()) == ({"transport": "sse"}, TOKEN)
    assert referred.connection.secrets == {"header.X-Api-Key": "env:SHELLS"}
    assert (logs_in.connection.method, logs_in.connection.settings) == (
        "authorization_code",
        {"client_id": "c1"},
    )


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"command": "x", "args": ["--api-key", TOKEN]}, "argument 2"),
        ({"command": "x", "args": [f"--token={TOKEN}"]}, "argument 1"),
        ({"command": "x", "args": ["-H", f"Authorization: Bearer {TOKEN}"]}, "argument 2"),
        ({"command": "x", "args": ["--key", "${env:NOTION_TOKEN}"]}, "NOTION_TOKEN, which is a secret"),
        ({"command": "x", "args": ["${env:NOT_HERE}"]}, "NOT_HERE, which is not set"),
        ({"url": f"https://alice:{TOKEN}@notion.example.com/mcp"}, "user name or password"),
        ({"url": f"https://hooks.example.com/s/a1B2{secrets.token_hex(16)}/mcp"}, "address holds a secret"),
        ({"url": "https://${env:NOT_HERE}/mcp"}, "NOT_HERE, which is not set"),
        ({"url": "ftp://notion.example.com"}, "does not begin with"),
        ({"url": "http://notion.example.com/mcp", "headers": {"X-Api-Key": TOKEN}}, "plain http"),
        ({"command": "authwizard", "args": ["exec", "gone", "--", "x"]}, "the connection gone"),
        ({"url": URL, "headers": {"X A": TOKEN}}, "not the name of a header"),
        ({"command": "x", "env": {"A/TOKEN": TOKEN}}, "name of a field"),
    ],
)
def test_what_cannot_be_a_connection_is_said_without_its_secret(
    home: Path, run: Run, entry: dict[str, Any], says: str
) -> None:
    cursor(home, odd=entry, good={"url": URL})
    found = run("import", "cursor", "--yes", "--store", "file", "--json")
    assert found.code == 1
    assert [c["name"] for c in found.json["connections"]] == ["good"]
    [problem] = found.json["problems"]
    assert (problem["key"], problem["severity"]) == ("odd", "error")
    assert says in problem["says"]
    assert not found_in([TOKEN], home, found.out, found.err, but=(".cursor",))
    alone = run("import", "cursor:odd", "--yes", "--json")
    assert (alone.code, [c.name for c in connections.load_all()]) == (1, ["good"])


def test_what_looks_random_in_an_address_goes_into_a_store(home: Path) -> None:
    value = f"a1{secrets.token_hex(16)}"
    cursor(home, one={"url": f"{URL}?x=1&id={value}"})
    importing.carry_out(importing.prepare("cursor"), "file")
    (saved,) = connections.load_all()
    assert (saved.url, saved.method) == (f"{URL}?x=1", "api_key_query")
    assert connections.secrets_of(saved)["query.id"].reveal() == value


def test_names_that_collide_get_another_one(home: Path) -> None:
    cursor(
        home,
        **{"my notion!": {"url": URL}, "my.notion": {"url": f"{URL}/2"}, "my-notion": {"url": f"{URL}/3"}},
    )
    found = importing.prepare("cursor").found
    assert [f.connection.name for f in found] == ["my-notion", "my-notion-cursor", "my-notion-cursor-2"]
    importing.carry_out(importing.prepare("cursor"))
    again = importing.prepare("cursor").found
    assert [(f.connection.name, f.changed) for f in again] == [(f.connection.name, False) for f in found]


def test_another_account_of_the_same_server_is_another_connection(home: Path) -> None:
    for token in (TOKEN, TOKEN[::-1]):
        cursor(home, notion={"url": URL, "headers": {"Authorization": f"Bearer {token}"}})
        importing.carry_out(importing.prepare("cursor"), "file")
    assert [c.name for c in connections.load_all()] == ["notion", "notion-cursor"]
    held = [connections.secrets_of(c)["token"].reveal() for c in connections.load_all()]
    assert held == [TOKEN, TOKEN[::-1]]
