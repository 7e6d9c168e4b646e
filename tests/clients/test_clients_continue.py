"""Continue: a list of servers in a file that is taken whole or not, and secrets that go into its text."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any

import pytest
import yaml

from wizard import clients, export
from wizard.clients import places
from wizard.clients.base import ConfigClient
from wizard.clients.known.continue_ import CLIENT, Continue
from wizard.clients.model import Reading
from wizard.entries import Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.importing.marks import Marks, Ref
from wizard.secret import Secret

SLOT = Slot("token", "A_TOKEN")
REMOTE = RemotePlan(
    "fleet", "https://example.test/mcp", {"Authorization": ("Bearer ", SLOT), "X-Tenant": ("t 1",)}
)
STDIO = StdioPlan("faos", ("faos-mcp",), {"FAOS_API_TOKEN": (SLOT,), "FAOS_API_URL": ("https://a.test",)})
FILE = Path("config.yaml")
TOP = "name: mine\nversion: 1.0.0\n"


def _write(plan: Any, how: str | None, secret: Secret) -> export.Written:
    change = export.prepare(
        plan, "c", "continue", project=False, path=FILE, how=how, secrets={"token": secret}
    )
    return export.write(change)


def _whole() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def _read(servers: str, environ: dict[str, str] | None = None) -> Reading:
    FILE.write_text(f"{TOP}mcpServers:\n{servers}", encoding="utf-8")
    client = clients.get("continue")
    assert isinstance(client, ConfigClient)
    return client.read(FILE, "x", environ or {})


def _remote(more: str, environ: dict[str, str] | None = None) -> dict[str, str]:
    found = _read(f"- name: x\n  url: https://example.test/mcp\n{more}", environ).entry
    assert isinstance(found, Remote)
    return {n: v.reveal() for n, v in found.headers.items()}


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_its_file_on_each_system(platform: str) -> None:
    assert places.own(Continue.places, platform, Path("/h"), {}) == (Path("/h/.continue/config.yaml"),)
    moved = places.own(Continue.places, platform, Path("/h"), {"CONTINUE_GLOBAL_DIR": "/g"})
    assert moved == (Path("/g/config.yaml"),)
    assert CLIENT.path(True) is None


def test_a_new_file_gets_what_its_top_needs() -> None:
    secret = Secret(secrets.token_urlsafe())
    written = _write(REMOTE, "env", secret)
    assert _whole() == {
        "name": "Local Config",
        "version": "1.0.0",
        "schema": "v1",
        "mcpServers": [
            {
                "name": "fleet",
                "type": "streamable-http",
                "url": REMOTE.url,
                "requestOptions": {
                    "headers": {"Authorization": "Bearer ${{ secrets.A_TOKEN }}", "X-Tenant": "t 1"}
                },
            }
        ],
    }
    assert export.read_back(written) == Remote(
        REMOTE.url, {"Authorization": secret.map("Bearer "), "X-Tenant": Secret("t 1")}
    )


def test_an_older_file_is_not_hidden_by_a_new_one() -> None:
    FILE.with_name("config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(FileProblem, match="would no longer read your"):
        _write(REMOTE, "env", Secret(secrets.token_urlsafe()))
    assert not FILE.exists()


@pytest.mark.parametrize("how", ["env", "inline"])
def test_a_program_and_a_comment_that_stays(how: str) -> None:
    FILE.write_text(f"{TOP}# mine\nmcpServers:\n  - name: other # too\n    command: o\n", encoding="utf-8")
    secret = Secret(secrets.token_urlsafe())
    before = FILE.read_bytes()
    written = _write(STDIO, how, secret)
    assert FILE.read_bytes().startswith(before)
    env = {"FAOS_API_TOKEN": secret, "FAOS_API_URL": Secret("https://a.test")}
    assert export.read_back(written) == Stdio(STDIO.command, env)
    export.write(export.remove("faos", "continue", project=False, path=FILE))
    assert FILE.read_bytes() == before


def test_what_a_person_set_stays() -> None:
    secret = Secret(secrets.token_urlsafe())
    text = "- name: fleet\n  url: http://old.test\n  connectionTimeout: 9\n  requestOptions:\n    verifySsl: false\n"
    FILE.write_text(f"{TOP}mcpServers:\n{text}    headers: {{Old: '1'}}\n", encoding="utf-8")
    _write(REMOTE, "env", secret)
    (entry,) = _whole()["mcpServers"]
    assert entry["connectionTimeout"] == 9
    assert entry["requestOptions"]["verifySsl"] is False
    assert set(entry["requestOptions"]["headers"]) == {"Authorization", "X-Tenant"}


@pytest.mark.parametrize(
    "value", ['a"b', "a\\b", "a: b", "a #b", "'a", "@a", "&a", "a:", " a", "a\tb", "- a"]
)
def test_a_value_that_means_something_in_yaml_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match=r"would change this secret|control character"):
        _write(REMOTE, "env", Secret(value))


@pytest.mark.parametrize("value", ["123", "1e5", "true", "null", "~", ".5", "0x1f"])
def test_a_value_that_is_no_text_alone_is_refused_alone(value: str) -> None:
    _write(REMOTE, "env", Secret(value))
    with pytest.raises(UsageError, match="would change this secret"):
        _write(RemotePlan("key", REMOTE.url, {"X-API-Key": (SLOT,)}), "env", Secret(value))


@pytest.mark.parametrize("how", ["env", "inline"])
def test_a_value_that_begins_a_reference_is_refused(how: str) -> None:
    with pytest.raises(UsageError, match="begins a reference"):
        _write(REMOTE, how, Secret("a${{ secrets.B }}"))


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a: b", "a #b", "123", "true", "$a"])
def test_inline_carries_them(value: str) -> None:
    written = _write(RemotePlan("key", REMOTE.url, {"X-API-Key": (SLOT,)}), "inline", Secret(value))
    assert export.read_back(written) == Remote(REMOTE.url, {"X-API-Key": Secret(value)})


def test_references_and_what_only_looks_like_one() -> None:
    headers = {
        "A": "${{ secrets.KNOWN }}",
        "B": "b ${{secrets.KNOWN}}",
        "C": "${{ secrets.owner/package/KNOWN }}",
        "D": "${KNOWN}",
        "E": "${{ inputs.KNOWN }}",
        "F": "${{ secrets.NOT }}",
        "G": "${{ secrets.EMPTY }}",
    }
    lines = "".join(f"      {n}: '{v}'\n" for n, v in headers.items())
    text = f"- name: x\n  url: https://example.test/mcp\n  requestOptions:\n    headers:\n{lines}"
    reading = _read(text, {"KNOWN": "k", "EMPTY": ""})
    assert isinstance(reading.entry, Remote)
    assert [v.reveal() for v in reading.entry.headers.values()] == [
        *("k", "b k", "k", "${KNOWN}", "${{ inputs.KNOWN }}"),
        *("${{ secrets.//NOT }}", "${{ secrets.//EMPTY }}"),
    ]
    states = [r.state for r in reading.references]
    assert states == ["resolved"] * 3 + ["literal"] * 2 + ["unset"] * 2
    assert sum("`cn -p` stops there" in note.fact for note in reading.notes) == 2


def test_secrets_come_from_the_environment_then_from_files(home: Path) -> None:
    for folder, names in ((home / ".continue", "ABC"), (Path(".continue"), "BCD"), (Path(), "C")):
        folder.mkdir(exist_ok=True)
        text = "".join(f"{n}={folder.resolve().name}\n" for n in names)
        (folder / ".env").write_text(text, encoding="utf-8")
    more = "".join(f"      {n}: '${{{{ secrets.{n} }}}}'\n" for n in "ABCDE")
    found = _remote(f"  requestOptions:\n    headers:\n{more}", {"A": "shell", "B": "", "E": "e"})
    assert found == {"A": "shell", "B": ".continue", "C": Path.cwd().name, "D": ".continue", "E": "e"}


def test_a_key_goes_before_the_header() -> None:
    more = "  apiKey: ${{ secrets.K }}\n  requestOptions: {headers: {Authorization: other}}\n  headers: {Top: x}\n"
    assert _remote(more, {"K": "k"}) == {"Authorization": "Bearer k"}


def test_the_first_of_a_name_counts() -> None:
    found = _read("- {name: x, command: first}\n- {name: x, command: second}\n").entry
    assert found == Stdio(("first",))


def test_a_value_that_breaks_the_file_is_told() -> None:
    with pytest.raises(FileProblem, match="the value of K goes into its text"):
        _remote("  apiKey: ${{ secrets.K }}\n", {"K": "a: b"})


@pytest.mark.parametrize(
    ("servers", "says"),
    [
        ("  x: {url: 'https://a.test'}\n", "`mcpServers` in it is not a list"),
        ("- {name: x, command: c}\n- {url: 'https://a.test'}\n", "server 2 in it has no name"),
        (
            "- {name: x, command: c}\n- {name: y, type: http, url: u}\n",
            "entry `y`, as it does not know the type",
        ),
        ("- {name: x, type: stdio, url: 'https://a.test'}\n", "has a `url` and the type `stdio`"),
        ("- {name: x, command: c, env: {A: 1}}\n", "`env` in it is not an object of texts"),
        (
            "- {name: x, url: u, requestOptions: {headers: {A: 1}}}\n",
            "`headers` in it is not an object of texts",
        ),
        ("- {name: x, url: u, requestOptions: 1}\n", "`requestOptions` in it is no mapping"),
        ("- {name: x, url: u, apiKey: 1}\n", "`apiKey` in it is no text"),
        ("- {name: x}\n", "it has no `command`"),
    ],
)
def test_one_wrong_server_and_none_is_taken(servers: str, says: str) -> None:
    with pytest.raises(FileProblem, match=re.escape(says)):
        _read(servers)
    with pytest.raises(FileProblem, match=re.escape(says)):
        _write(REMOTE, "env", Secret(secrets.token_urlsafe()))


@pytest.mark.parametrize(
    ("text", "says"), [("version: 1.0.0\n", "`name`"), ("name: a\nversion: 1\n", "`version`")]
)
def test_a_top_that_is_not_taken(text: str, says: str) -> None:
    FILE.write_text(text, encoding="utf-8")
    with pytest.raises(FileProblem, match=f"it has no text as its {says}"):
        _write(REMOTE, "env", Secret(secrets.token_urlsafe()))


def test_an_import_finds_what_stands_in_the_place_of_each_variable() -> None:
    marks = Marks()
    FILE.write_text(
        f"{TOP}mcpServers:\n- {{name: x, command: c, env: {{A: 'b ${{{{ secrets.K }}}}'}}}}\n",
        encoding="utf-8",
    )
    found = CLIENT.read(FILE, "x", marks).entry
    assert isinstance(found, Stdio)
    assert marks.parts(found.env["A"].reveal()) == ("b ", Ref("K"))
