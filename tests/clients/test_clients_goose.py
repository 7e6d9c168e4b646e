"""Goose: its extensions, the variables that each may use, and what it makes of their values."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.judging import VARIANTS, Variant

from wizard import clients, export
from wizard.clients import choosing, places
from wizard.clients.base import ConfigClient
from wizard.clients.known.goose import CLIENT, Goose
from wizard.clients.model import Reading
from wizard.entries import OwnLogin, Remote, RemotePlan, Slot, Stdio, StdioPlan, slots
from wizard.errors import FileProblem, UsageError
from wizard.importing.marks import Marks, Ref
from wizard.secret import Secret

SLOT = Slot("token", "A_TOKEN")
REMOTE = RemotePlan(
    "fleet", "https://example.test/mcp", {"Authorization": ("Bearer ", SLOT), "X-Tenant": ("t 1",)}
)
KEYED = RemotePlan("keyed", "https://example.test/mcp", query={"key": (SLOT,)})
STDIO = StdioPlan("faos", ("faos-mcp", "-v"), {"A_TOKEN": (SLOT,), "FAOS_API_URL": ("https://a.test",)})
FILE = Path("config.yaml")


def _write(plan: Any, how: str | None, secret: Secret, **more: Any) -> export.Written:
    change = export.prepare(
        plan, "c", "goose", project=False, path=FILE, how=how, secrets={"token": secret}, **more
    )
    return export.write(change)


def _entry(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8"))["extensions"][name])


def _read(entry: dict[str, Any], environ: dict[str, str] | None = None) -> Reading:
    whole = {"enabled": True, "type": "streamable_http", "uri": "https://example.test/mcp", **entry}
    FILE.write_text(json.dumps({"extensions": {"x": whole}}), encoding="utf-8")
    client = clients.get("goose")
    assert isinstance(client, ConfigClient)
    return client.read(FILE, "x", environ or {})


@pytest.mark.parametrize(
    ("platform", "environ", "wanted"),
    [
        ("linux", {}, "/h/.config/goose/config.yaml"),
        ("linux", {"XDG_CONFIG_HOME": "/x"}, "/x/goose/config.yaml"),
        ("darwin", {}, "/h/.config/goose/config.yaml"),
        ("win32", {"APPDATA": "/h/Roaming"}, "/h/Roaming/Block/goose/config/config.yaml"),
    ],
)
def test_its_file_on_each_system(platform: str, environ: dict[str, str], wanted: str) -> None:
    assert places.own(Goose.places, platform, Path("/h"), environ) == (Path(wanted),)


def test_a_variable_names_the_folder_of_all(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOSE_PATH_ROOT", str(home / "root"))
    assert CLIENT.path(False) == home / "root" / "config" / "config.yaml"
    monkeypatch.setenv("GOOSE_PATH_ROOT", "root")
    assert CLIENT.path(False) == home / ".config" / "goose" / "config.yaml"
    assert CLIENT.path(True) is None


def test_a_reference_is_written_with_its_name_in_env_keys() -> None:
    secret = Secret(secrets.token_urlsafe())
    written = _write(REMOTE, "env", secret)
    assert _entry("fleet") == {
        "enabled": True,
        "type": "streamable_http",
        "uri": REMOTE.url,
        "headers": {"Authorization": "Bearer ${A_TOKEN}", "X-Tenant": "t 1"},
        "name": "fleet",
        "description": "fleet",
        "env_keys": ["A_TOKEN"],
        "timeout": 300,
    }
    assert export.read_back(written) == Remote(
        REMOTE.url, {"Authorization": secret.map("Bearer "), "X-Tenant": Secret("t 1")}
    )


@pytest.mark.parametrize("how", ["env", "inline"])
def test_a_key_in_the_address_is_read_back(how: str) -> None:
    secret = Secret("k" + secrets.token_urlsafe())
    written = _write(KEYED, how, secret)
    assert export.read_back(written) == Remote(KEYED.url, query={"key": secret})


@pytest.mark.parametrize("how", ["env", "inline"])
def test_a_program_gets_its_variables(how: str) -> None:
    secret = Secret(secrets.token_urlsafe())
    written = _write(STDIO, how, secret)
    entry = _entry("faos")
    assert (entry["cmd"], entry["args"], entry["type"]) == ("faos-mcp", ["-v"], "stdio")
    assert ("A_TOKEN" in entry["envs"], entry.get("env_keys")) == (
        (False, ["A_TOKEN"]) if how == "env" else (True, None)
    )
    assert export.read_back(written) == Stdio(
        STDIO.command, {"A_TOKEN": secret, "FAOS_API_URL": Secret("https://a.test")}
    )


def test_a_program_gets_no_variable_under_another_name() -> None:
    other = StdioPlan("faos", ("faos-mcp",), {"FAOS_API_TOKEN": (SLOT,)})
    assert CLIENT.ways(other) == ("helper", "inline")
    with pytest.raises(UsageError, match="from the variable MINE"):
        _write(STDIO, "env", Secret(secrets.token_urlsafe()), sources={"token": "env:MINE"})
    with pytest.raises(UsageError, match="no program the variable PYTHONPATH"):
        _write(StdioPlan("p", ("p",), {"PYTHONPATH": ("/x",)}), None, Secret("-"))


def test_a_server_of_the_older_transport_goes_by_the_bridge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, *_a, **_k: f"/bin/{name}")
    plan = RemotePlan("old", "https://example.test/sse", {"A": (SLOT,)}, "sse")
    assert CLIENT.ways(plan) == ("helper", "inline")
    _write(plan, "helper", Secret(secrets.token_urlsafe()))
    assert _entry("old")["type"] == "stdio"


@pytest.mark.parametrize("value", ["12345", "1e5", "true", ".5", '"quoted"', "[1]", "a$b"])
def test_what_goose_would_change_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="would change this secret"):
        _write(REMOTE, "env", Secret(value))


def test_a_name_with_capitals_is_refused() -> None:
    with pytest.raises(UsageError, match="does not take `Fleet`"):
        _write(RemotePlan("Fleet", "https://example.test/mcp"), None, Secret("-"))


def test_its_own_login_gets_a_client_id_and_scopes() -> None:
    plan = RemotePlan("fleet", REMOTE.url, REMOTE.headers, login=OwnLogin("some-id", scopes=("a", "b")))
    _write(plan, "oauth", Secret("-"))
    assert (_entry("fleet")["client_id"], _entry("fleet")["scopes"]) == ("some-id", ["a", "b"])
    assert _entry("fleet")["headers"] == {"X-Tenant": "t 1"}


def test_what_a_person_set_stays() -> None:
    secret = Secret(secrets.token_urlsafe())
    _write(REMOTE, "env", secret)
    text = FILE.read_text(encoding="utf-8").replace("timeout: 300", "timeout: 20 # mine")
    FILE.write_text(text, encoding="utf-8")
    _write(RemotePlan("fleet", "https://other.test/mcp"), None, secret)
    assert (_entry("fleet")["timeout"], _entry("fleet")["uri"]) == (20, "https://other.test/mcp")


def test_a_reference_holds_for_what_the_entry_names_alone() -> None:
    entry = {
        "headers": {
            "Braced": "${ KNOWN }",
            "Bare": "$KNOWN",
            "Own": "$OWN",
            "Not-Named": "${SHELL_ONLY}",
            "Twice": "$OUTER",
            "Foreign": "${env:KNOWN}",
        },
        "envs": {"OWN": "o", "OUTER": "a$OWN", "PATH": "/x"},
        "env_keys": ["KNOWN"],
    }
    reading = _read(entry, {"KNOWN": "k", "SHELL_ONLY": "s", "env": "e"})
    assert isinstance(reading.entry, Remote)
    assert {n: v.reveal() for n, v in reading.entry.headers.items()} == {
        "Braced": "k",
        "Bare": "k",
        "Own": "o",
        "Not-Named": "${SHELL_ONLY}",
        "Twice": "a$OWN",
        "Foreign": "${env:KNOWN}",
    }
    states = {r.place: r.state for r in reading.references}
    assert states["headers.Not-Named"] == states["headers.Foreign"] == "literal"
    assert states["headers.Braced"] == states["env_keys"] == "resolved"
    assert any("${SHELL_ONLY}" in note.fact for note in reading.notes)


def test_a_value_that_brings_a_reference_is_replaced_after_a_braced_one() -> None:
    entry = {"headers": {"A": "${OUTER}"}, "envs": {"OWN": "o", "OUTER": "a$OWN"}}
    found = _read(entry).entry
    assert isinstance(found, Remote)
    assert found.headers["A"] == Secret("ao")


@pytest.mark.parametrize(
    ("environ", "state", "says"),
    [
        ({}, "unset", "does not start the entry"),
        ({"KEY": "123"}, "literal", "reads as a number or as JSON"),
        ({"KEY": ""}, "empty", "puts nothing in the place of `KEY`"),
    ],
)
def test_a_name_in_env_keys_without_a_text(environ: dict[str, str], state: str, says: str) -> None:
    reading = _read({"headers": {"A": "b${KEY}"}, "env_keys": ["KEY"]}, environ)
    assert isinstance(reading.entry, Remote)
    assert reading.entry.headers["A"].reveal() == ("b" if state == "empty" else "b${KEY}")
    assert reading.references[0].state == state
    assert [says in note.fact for note in reading.notes] == [True]


def test_names_are_looked_up_in_capitals_and_then_in_its_own_file() -> None:
    FILE.with_name("secrets.yaml").write_text("kept: from-file\nnumber: 1\n", encoding="utf-8")
    entry = {"headers": {"A": "${kept}", "B": "${shell}"}, "env_keys": ["kept", "shell"]}
    found = _read(entry, {"SHELL": "from-shell", "shell": "not"}).entry
    assert isinstance(found, Remote)
    assert [v.reveal() for v in found.headers.values()] == ["from-file", "from-shell"]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"enabled": False}, "switched off"),
        ({"enabled": None}, "no `enabled`"),
        ({"type": None}, "no `type`"),
        ({"type": "sse"}, "does not know the type `sse`"),
        ({"uri": None}, "no `uri`"),
        ({"headers": {"A": 1}}, "not a mapping of texts"),
        ({"env_keys": "KEY"}, "not a list of names"),
        ({"name": 1}, "`name` in it is no text"),
        ({"type": "stdio", "cmd": "p"}, "no `args`"),
        ({"type": "stdio", "args": []}, "no `cmd`"),
    ],
)
def test_what_it_skips(entry: dict[str, Any], says: str) -> None:
    with pytest.raises(FileProblem, match=re.escape(says)):
        _read(entry)


def test_its_own_extensions_are_no_servers() -> None:
    FILE.write_text(
        "extensions:\n  developer: {enabled: true, type: builtin, name: developer}\n", encoding="utf-8"
    )
    assert CLIENT.servers(FILE) == {}


def test_another_clients_key_is_told() -> None:
    FILE.write_text("mcpServers:\n  a: {url: 'https://a.test'}\n", encoding="utf-8")
    with pytest.raises(FileProblem, match="it has `mcpServers` where Goose wants `extensions`"):
        CLIENT.servers(FILE)


def _cases() -> list[object]:
    return [
        pytest.param(variant, way, id=f"{variant.id}-{way}".replace(" ", "_"))
        for variant in VARIANTS
        for way in choosing.ways_of(CLIENT, variant.plan(REMOTE.url, ("some-mcp",)))
    ]


MEMBERS = {
    "streamable_http": {"uri": str, "headers": dict, "envs": dict, "env_keys": list},
    "stdio": {"cmd": str, "args": list, "envs": dict, "env_keys": list},
}
GENERAL = {"enabled": bool, "type": str, "name": str, "description": str, "timeout": int}


@pytest.mark.row("U5")
@pytest.mark.parametrize(("variant", "way"), _cases())
def test_each_entry_is_as_its_source_wants_it(
    variant: Variant, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name, *_a, **_k: f"/bin/{name}")
    given = {f: Secret("s" + secrets.token_urlsafe()) for f in ("token", "key")}
    plan = variant.plan(REMOTE.url, ("some-mcp",))
    written = export.write(
        export.prepare(plan, "c", "goose", project=False, path=FILE, how=way, secrets=given)
    )
    export.read_back(written)
    entry = _entry("judged-1")
    allowed = {**GENERAL, **MEMBERS[entry["type"]]}
    assert {n: type(v) for n, v in entry.items()} == {n: allowed.get(n) for n in entry}
    needed = {*GENERAL, *(("cmd", "args") if entry["type"] == "stdio" else ("uri",))}
    assert needed <= set(entry)
    for texts in (entry.get("headers", {}), entry.get("envs", {})):
        assert all(isinstance(v, str) for v in texts.values())
    text = FILE.read_text(encoding="utf-8")
    assert any(s.reveal() in text for s in given.values()) is (way == "inline" and bool(slots(plan)))


def test_an_import_finds_what_stands_in_the_place_of_each_variable() -> None:
    marks = Marks()
    FILE.write_text(
        "extensions:\n"
        "  x: {enabled: true, type: streamable_http, uri: u, headers: {A: b $K}, env_keys: [K]}\n"
        "  y: {enabled: true, type: stdio, cmd: c, args: [], envs: {P: p}, env_keys: [K]}\n",
        encoding="utf-8",
    )
    remote, program = (CLIENT.read(FILE, name, marks).entry for name in "xy")
    assert isinstance(remote, Remote)
    assert isinstance(program, Stdio)
    assert marks.parts(remote.headers["A"].reveal()) == ("b ", Ref("K"))
    assert {n: marks.parts(v.reveal()) for n, v in program.env.items()} == {"P": ("p",), "K": (Ref("K"),)}
