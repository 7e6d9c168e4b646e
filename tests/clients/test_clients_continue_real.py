"""The real Continue: what our reading says of its file is what a server was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.judges.continue_ import JUDGE
from support.judging import Bench, noting

from wizard.clients.known.continue_ import CLIENT
from wizard.entries import Remote
from wizard.errors import FileProblem

pytestmark = pytest.mark.real("continue")

VALUES = (
    *("-a", "--a", "~b", "=x", "a:b", "a#b", "a b", "a,b]", "a%b!c*d&e", "$x", "a{b}[c", ".5x", "a`b@c|d>e"),
    *("a?b", "1_0", "0b1", "1:2", "2001-01-01", "yes", "a<b", "+", "/", "A" * 200),
)


def _run(home: Path, servers: list[dict[str, object]], environ: Mapping[str, str]) -> str:
    file = home / ".continue" / "config.yaml"
    file.parent.mkdir(exist_ok=True)
    top = {"name": "mine", "version": "1.0.0", "schema": "v1", "mcpServers": servers}
    lines = (f"{name}: {json.dumps(value)}\n" for name, value in top.items())
    file.write_text("".join(lines), encoding="utf-8")
    return JUDGE.run(Bench(home, file, False, environ))


def _says(home: Path, environ: Mapping[str, str], server: str = "x") -> dict[str, str]:
    found = CLIENT.read(home / ".continue" / "config.yaml", server, environ).entry
    assert isinstance(found, Remote)
    return {n: v.reveal() for n, v in found.headers.items()}


def _server(url: str, headers: Mapping[str, str], name: str = "x") -> dict[str, object]:
    return {"name": name, "url": url, "requestOptions": {"headers": dict(headers)}}


def test_references_are_what_the_reading_says(home: Path) -> None:
    (home / ".continue").mkdir()
    (home / ".continue" / ".env").write_text("SET=file\nFILED=filed\nEMPTY=instead\n", encoding="utf-8")
    Path(".env").write_text("FILED=folder\nHERE=here\n", encoding="utf-8")
    hidden = Path(".continue") / "mcpServers" / "other.yaml"
    hidden.parent.mkdir(parents=True)
    environ = {"SET": "shell", "EMPTY": ""}
    headers = {
        "A": "${{ secrets.SET }}",
        "B": "b ${{secrets.SET}} c",
        "C": "${{ secrets.owner/package/SET }}",
        "D": "${SET} ${env:SET} $SET",
        "E": "${{ inputs.SET }}",
        "F": "${{ secrets.FILED }}",
        "G": "${{ secrets.EMPTY }}",
        "H": "${{ secrets.HERE }}",
        "Authorization": "over",
    }
    with noting() as (url, arrived), noting() as (other, not_asked):
        text = f"name: o\nversion: 1.0.0\nschema: v1\nmcpServers:\n- name: o\n  url: {other}\n"
        hidden.write_text(text, encoding="utf-8")
        says = _run(home, [{**_server(url, headers), "apiKey": "${{ secrets.SET }}"}], environ)
        assert arrived, says
        wanted = _says(home, environ)
        assert {n: arrived[0].headers.get(n.lower()) for n in wanted} == wanted
        assert wanted["F"] == "folder"
        assert wanted["G"] == "instead"
        assert not not_asked


def test_every_value_that_is_let_through_arrives_unchanged(home: Path) -> None:
    environ = {f"V{i}": value for i, value in enumerate(VALUES)}
    kinds = {"alone": "{}", "bearer": "Bearer {}", "quoted": "a # {} b", "both": "'\": {}"}
    with noting() as (url, arrived):
        servers = [
            _server(url, {f"{k}-{i}": a.format(f"${{{{ secrets.V{i} }}}}") for i in range(len(VALUES))}, k)
            for k, a in kinds.items()
        ]
        says = _run(home, servers, environ)
        assert arrived, says
        for kind, around in kinds.items():
            (sent, *_) = [one.headers for one in arrived if f"{kind}-0" in one.headers]
            wanted = _says(home, environ, kind)
            assert [sent[f"{kind}-{i}"] for i in range(len(VALUES))] == list(wanted.values())
            assert list(wanted.values()) == [around.format(value) for value in VALUES]


@pytest.mark.parametrize(("value", "around"), [("123", "{}"), ("a: b", "Bearer {}"), ('a"b', "a # {}")])
def test_a_value_that_breaks_the_file_does(value: str, around: str, home: Path) -> None:
    with noting() as (url, arrived):
        headers = {"A": around.format("${{ secrets.V }}")}
        _run(home, [_server(url, headers), _server(url, {}, "other")], {"V": value})
        assert not arrived
        with pytest.raises(FileProblem):
            _says(home, {"V": value})


def test_a_secret_that_is_not_known_stops_its_server(home: Path) -> None:
    with noting() as (url, arrived):
        servers = [_server(url, {"A": "${{ secrets.NOT_SET }}"}), _server(url, {"B": "b"}, "other")]
        says = _run(home, servers, {})
        assert "unresolved secrets: NOT_SET" in says
        assert all("a" not in one.headers for one in arrived)
        (note,) = CLIENT.read(home / ".continue" / "config.yaml", "x", {}).notes
        assert "stops there" in note.fact


def test_of_two_of_one_name_the_first_is_asked(home: Path) -> None:
    with noting() as (url, arrived):
        says = _run(home, [_server(url, {"A": "first"}), _server(url, {"A": "second"})], {})
        assert {one.headers["a"] for one in arrived} == {"first"}, says
        assert _says(home, {}) == {"A": "first"}
