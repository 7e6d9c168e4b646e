"""The gateway's own files: five at once, in the document's forms, private, and back together."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest

from wizard import clients, export
from wizard.entries import Remote, RemotePlan, Slot, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.export import Change
from wizard.gateway import tokens
from wizard.secret import Secret

URL = "https://gw.test/atlassian/mcp"
EXPIRES = int(time.time()) + 3600
ACCESS = jwt.encode({"exp": EXPIRES, "groups": ["x"]}, secrets.token_urlsafe(32), algorithm="HS256")
EGRESS = secrets.token_urlsafe()
HELD = {"access_token": Secret(ACCESS), "egress_token": Secret(EGRESS)}
HEADERS = {
    "Authorization": ("Bearer ", Slot("egress_token", "E")),
    "X-Atlassian-Cloud-Id": ("cloud-1",),
    "X-Authorization": ("Bearer ", Slot("access_token", "A", fresh=True)),
    "X-Client-Id": ("agent-x-m2m",),
    "X-Keycloak-Realm": ("mcp-gateway",),
    "X-Keycloak-URL": ("http://localhost:8080",),
}
SENT = {
    "Authorization": f"Bearer {EGRESS}",
    "X-Atlassian-Cloud-Id": "cloud-1",
    "X-Authorization": f"Bearer {ACCESS}",
    "X-Client-Id": "agent-x-m2m",
    "X-Keycloak-Realm": "mcp-gateway",
    "X-Keycloak-URL": "http://localhost:8080",
}
FOLDER = Path(".oauth-tokens")
NAMES = {"mcp.json", "vscode_mcp.json", "ingress.json", "egress.json", "agent-x-m2m-token.json"}


def _prepare(plan: Any = None, path: Path | None = None, held: dict[str, Secret] | None = None) -> Change:
    return export.prepare(
        plan or RemotePlan("atlassian", URL, HEADERS),
        "c",
        "gateway",
        project=False,
        path=path,
        how=None,
        secrets=HELD if held is None else held,
    )


def _json(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def test_five_files_in_the_documents_forms() -> None:
    change = _prepare()
    assert ACCESS not in change.diff + repr(change)
    assert EGRESS not in change.diff + repr(change)
    assert not FOLDER.exists()
    written = export.write(change)
    assert {p.name for p in FOLDER.iterdir()} == NAMES
    assert FOLDER.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in FOLDER.iterdir()} == {0o600}
    assert _json("mcp.json") == {
        "mcpServers": {
            "atlassian": {
                "type": "streamable-http",
                "url": URL,
                "headers": SENT,
                "disabled": False,
                "alwaysAllow": [],
            }
        }
    }
    assert _json("vscode_mcp.json") == {"mcp": {"servers": {"atlassian": {"url": URL, "headers": SENT}}}}
    ingress = tokens.read(FOLDER / "ingress.json")
    assert (ingress.provider, ingress.access_token, ingress.expires_at) == (
        "keycloak_m2m",
        Secret(ACCESS),
        EXPIRES,
    )
    assert (ingress.keycloak_url, ingress.realm, ingress.client_id) == (
        "http://localhost:8080",
        "mcp-gateway",
        "agent-x-m2m",
    )
    agent = tokens.read(FOLDER / "agent-x-m2m-token.json")
    assert (agent.access_token, agent.expires_at, agent.realm) == (Secret(ACCESS), EXPIRES, "mcp-gateway")
    egress = tokens.read(FOLDER / "egress.json")
    assert (egress.provider, egress.access_token, egress.cloud_id) == ("atlassian", Secret(EGRESS), "cloud-1")
    entry = export.read_back(written)
    assert isinstance(entry, Remote)
    assert {n: v.reveal() for n, v in entry.headers.items()} == SENT
    answer = export.ExportReport(change, written.backup, True, True).as_json()
    assert {Path(str(a["path"])).name for a in answer["also"]} == NAMES - {"mcp.json"}  # type: ignore[attr-defined]  # a list, in this test


def test_twice_is_once_and_the_same_way_in_every_form_of_the_path(tmp_path: Path) -> None:
    export.write(_prepare())
    again = _prepare()
    assert (again.changed, again.diff) == (False, "")
    for path in (Path.cwd(), FOLDER, FOLDER / "mcp.json"):
        assert not _prepare(path=path).changed
    assert _prepare(path=tmp_path / "other").changed


def test_what_others_wrote_there_stays() -> None:
    FOLDER.mkdir(mode=0o700)
    old = {
        "mcpServers": {
            "currenttime": {"type": "streamable-http", "url": "u"},
            "atlassian": {"disabled": True},
        }
    }
    (FOLDER / "mcp.json").write_text(json.dumps(old), encoding="utf-8")
    (FOLDER / "ingress.json").write_text('{"saved_at": "then", "access_token": "old"}', encoding="utf-8")
    (FOLDER / "mcp.json").chmod(0o644)
    export.write(_prepare())
    assert _json("mcp.json")["mcpServers"]["currenttime"] == {"type": "streamable-http", "url": "u"}
    assert _json("mcp.json")["mcpServers"]["atlassian"]["disabled"] is True
    assert _json("ingress.json")["saved_at"] == "then"
    assert (FOLDER / "mcp.json").stat().st_mode & 0o777 == 0o600


def test_undo_takes_every_file_back_or_none() -> None:
    FOLDER.mkdir()
    (FOLDER / "ingress.json").write_text('{"access_token": "old"}', encoding="utf-8")
    export.write(_prepare())
    kept = (FOLDER / "egress.json").read_bytes()
    (FOLDER / "egress.json").write_bytes(b"{}")
    with pytest.raises(FileProblem) as caught:
        export.undo("gateway", project=False, path=None)
    assert caught.value.id == "file-changed-meanwhile"
    assert {p.name for p in FOLDER.iterdir()} == NAMES
    (FOLDER / "egress.json").write_bytes(kept)
    export.undo("gateway", project=False, path=None)
    assert [(p.name, p.read_text(encoding="utf-8")) for p in FOLDER.iterdir()] == [
        ("ingress.json", '{"access_token": "old"}')
    ]


@pytest.mark.parametrize("step", range(15))
def test_an_undo_that_was_killed_goes_on(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    FOLDER.mkdir()
    (FOLDER / "ingress.json").write_text('{"access_token": "old"}', encoding="utf-8")
    export.write(_prepare())
    left = [step]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def go(*words: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return real(*words, **named)

        return go

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", counted(Path.unlink))
        patch.setattr(Path, "replace", counted(Path.replace))
        with contextlib.suppress(KeyboardInterrupt):
            export.undo("gateway", project=False, path=None)
    with contextlib.suppress(UsageError):
        export.undo("gateway", project=False, path=None)
    kept = [p for p in FOLDER.iterdir() if not p.name.endswith(".authwizard")]
    assert [(p.name, p.read_text(encoding="utf-8")) for p in kept] == [
        ("ingress.json", '{"access_token": "old"}')
    ]


def test_a_file_that_cannot_be_written_leaves_the_others_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from wizard import paths

    export.write(_prepare())
    before = {p.name: p.read_bytes() for p in FOLDER.iterdir()}
    change = _prepare(held={**HELD, "egress_token": Secret("another")})
    real = paths.write_atomic

    def full(path: Path, content: bytes, mode: int, last_look: Callable[[], None] | None = None) -> None:
        if path.name == "mcp.json":
            raise FileProblem("cannot-write", "The disk is full.")
        real(path, content, mode, last_look)

    monkeypatch.setattr(paths, "write_atomic", full)
    with pytest.raises(FileProblem):
        export.write(change)
    assert {p.name: p.read_bytes() for p in FOLDER.iterdir()} == before


def test_an_entry_is_taken_out_of_both_configs_and_tokens_stay() -> None:
    export.write(_prepare())
    export.write(_prepare(RemotePlan("fininfo", "https://gw.test/fininfo/mcp"), held={}))
    change = export.remove("atlassian", "gateway", project=False, path=None)
    assert ACCESS not in change.diff
    export.write(change)
    assert list(_json("mcp.json")["mcpServers"]) == ["fininfo"]
    assert list(_json("vscode_mcp.json")["mcp"]["servers"]) == ["fininfo"]
    assert (FOLDER / "ingress.json").exists()
    assert not export.remove("atlassian", "gateway", project=False, path=None).changed


def test_a_server_without_a_sign_in_is_private_too() -> None:
    export.write(
        _prepare(RemotePlan("currenttime", "https://gw.test/currenttime/sse", transport="sse"), held={})
    )
    assert {p.name for p in FOLDER.iterdir()} == {"mcp.json", "vscode_mcp.json"}
    assert _json("mcp.json")["mcpServers"]["currenttime"]["type"] == "sse"
    assert {p.stat().st_mode & 0o777 for p in FOLDER.iterdir()} == {0o600}
    assert FOLDER.stat().st_mode & 0o777 == 0o700


def test_a_token_that_is_not_at_hand_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        _prepare(held={"egress_token": Secret("e")})
    assert caught.value.id == "secret-missing"
    assert export.wants_values("gateway", RemotePlan("a", URL, HEADERS), None)
    assert not export.wants_values("claude-code", RemotePlan("a", URL, HEADERS), None)


def test_the_value_is_no_way_but_the_file_is(tmp_path: Path) -> None:
    for how in ("inline", "env", "helper"):
        with pytest.raises(UsageError):
            export.prepare(
                RemotePlan("a", URL, HEADERS),
                "c",
                "gateway",
                project=False,
                path=tmp_path,
                how=how,
                secrets=HELD,
            )
    with pytest.raises(UsageError):
        _prepare(StdioPlan("a", ("x",), {}))


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"url": URL}, "it has no `type`"),
        ({"type": "stdio", "url": URL}, "its type is `stdio`"),
        ({"type": "streamable-http"}, "it has no `url`"),
        ({"type": "http", "url": URL, "headers": []}, "`headers` in it is not an object of texts"),
        (3, "it is not an object"),
    ],
)
def test_an_entry_that_is_none_is_named(entry: object, says: str) -> None:
    FOLDER.mkdir()
    (FOLDER / "mcp.json").write_text(json.dumps({"mcpServers": {"a": entry}}), encoding="utf-8")
    with pytest.raises(FileProblem) as caught:
        clients.get("gateway").effective(FOLDER / "mcp.json", "a", {})
    assert says in caught.value.title


@pytest.mark.parametrize("name", ["mcp.json", "vscode_mcp.json", "ingress.json"])
def test_a_broken_file_stops_all_of_them(name: str) -> None:
    FOLDER.mkdir()
    (FOLDER / name).write_text("{", encoding="utf-8")
    with pytest.raises(FileProblem):
        _prepare()
    assert [p.name for p in FOLDER.iterdir()] == [name]
