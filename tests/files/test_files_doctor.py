"""The doctor and credential files: each cause is named first, and told apart from its neighbours."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from files_support import NOBODY, fleet_file, write
from support.keeping import keep
from support.running import Run

from diagnostics.causes.book import REGISTRY
from diagnostics.facts.file import Seat
from sandbox.practice import Practice
from wizard import connections
from wizard.connections import Connection
from wizard.secret import Secret

pytestmark = pytest.mark.slow

TOO_OPEN = "token-file-too-permissive"
UNREADABLE = "token-file-unreadable-owner-or-mode"
REGENERATED = "token-file-regenerated-on-restart"
CHANGED = "token-file-changed-while-server-runs"
OTHER = "token-file-of-another-instance"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away; .ci/run runs as root")


def saved(
    services: Practice, source: str, name: str = "mine", method: str = "token_file", **more: object
) -> Connection:
    """A saved connection to the practice Fleet server."""
    return keep(name, "fleet", method, source, url=services.services["fleet"].url, **more)


def copy_of(services: Practice, place: Path) -> Path:
    """The server's token in a file of one's own."""
    kept = services.services["fleet"].token_file
    assert kept is not None
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(kept, place)
    place.chmod(0o600)
    place.parent.chmod(0o700)
    return place


def doctor(run: Run, name: str = "mine"):  # type: ignore[no-untyped-def]  # Ran
    return run("doctor", name, "--json")


def named_only_with_its_rule(run: Run, cause: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = doctor(run)
    assert first.causes[:1] == [cause], first.out
    with monkeypatch.context() as without:
        without.delitem(REGISTRY, cause)
        assert cause not in doctor(run).causes


@pytest.mark.row("L4")
def test_a_healthy_file_yields_nothing(run: Run, home: Path, services: Practice) -> None:
    saved(services, f"file:{copy_of(services, home / 'keys/token')}")
    done = doctor(run)
    assert (done.code, done.causes, done.warnings) == (0, [], []), done.out


@pytest.mark.row("L4")
@pytest.mark.parametrize(("mode", "folder"), [(0o644, 0o700), (0o660, 0o700), (0o600, 0o777)])
def test_a_file_that_others_may_read_is_a_warning(
    run: Run, home: Path, services: Practice, mode: int, folder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = copy_of(services, home / "keys/token")
    place.chmod(mode)
    place.parent.chmod(folder)
    saved(services, f"file:{place}")
    done = doctor(run)
    assert (done.code, done.json["verdict"], done.causes) == (0, "healthy", [])
    assert done.warnings == [TOO_OPEN]
    said = json.dumps(done.json["warnings"][0])
    assert str(place.parent) in said
    assert "chmod" in said
    monkeypatch.delitem(REGISTRY, TOO_OPEN)
    assert doctor(run).warnings == []


@pytest.mark.row("L4")
@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (None, "token-file-missing"),
        ("", "credential-store-corrupt-or-truncated"),
        ('{"value": "cut o', "credential-store-corrupt-or-truncated"),
        ('{"created_at": "2025-11-11T10:30:00Z"}', "credential-store-corrupt-or-truncated"),
    ],
)
def test_a_file_that_yields_nothing_is_named_first(
    run: Run, home: Path, services: Practice, content: str | None, cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = home / "keys/token.json"
    place.parent.mkdir(mode=0o700)
    if content is not None:
        write(place, content)
    saved(services, f"file:{place}")
    done = doctor(run)
    assert (done.code, done.json["verdict"]) == (1, "broken")
    finding = done.json["findings"][0]
    assert (finding["cause"], finding["certainty"], finding["layer"]) == (cause, "proven", "file-permission")
    assert "authorization-header-missing" in finding["explains"]
    assert len(done.causes) == 1, done.out
    named_only_with_its_rule(run, cause, monkeypatch)


@as_root
@pytest.mark.row("L4")
@pytest.mark.parametrize("how", ["owner", "mode", "folder"])
def test_a_file_that_may_not_be_read_is_named_first(
    as_nobody: Run, home: Path, services: Practice, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "owner":
        place = copy_of(services, home / "of-root/token")
        place.parent.chmod(0o711)
    else:
        place = copy_of(services, home / "keys/token")
        place.chmod(0o200 if how == "mode" else 0o600)
        place.parent.chmod(0o600 if how == "folder" else 0o700)
    saved(services, f"file:{place}")
    done = as_nobody("doctor", "mine", "--json")
    assert done.causes == [UNREADABLE], done.out
    said = json.dumps(done.json["findings"][0])
    assert {"owner": "owner root", "mode": "mode 0200", "folder": "does not let you in"}[how] in said
    assert {"owner": "sudo chown nobody", "mode": "chmod 600", "folder": "chmod u+rwx"}[how] in said
    with monkeypatch.context() as without:
        without.delitem(REGISTRY, UNREADABLE)
        assert UNREADABLE not in as_nobody("doctor", "mine", "--json").causes
    if how == "owner":
        os.chown(place, NOBODY, NOBODY)
        well = as_nobody("doctor", "mine", "--json")
        assert (well.code, well.causes) == (0, []), well.out


@as_root
def test_all_goes_on_and_names_each(as_nobody: Run, home: Path, services: Practice) -> None:
    saved(services, f"file:{copy_of(services, home / 'of-root/token')}", "a")
    saved(services, f"file:{copy_of(services, home / 'keys/token')}", "b")
    done = as_nobody("doctor", "--all", "--json")
    found = {t["target"]: t for t in done.json["targets"]}
    assert found["a"]["findings"][0]["cause"] == UNREADABLE
    assert (found["b"]["verdict"], found["b"]["findings"]) == ("healthy", [])


def test_a_clients_entry_whose_connection_cannot_be_read(run: Run, home: Path, services: Practice) -> None:
    saved(services, f"file:{home}/gone/token")
    helper = {
        "type": "http",
        "url": services.services["fleet"].url,
        "headersHelper": "authwizard headers mine",
    }
    write(home / "project/.mcp.json", json.dumps({"mcpServers": {"fleet": helper}}), 0o644, 0o755)
    done = run("doctor", "claude-code:fleet", "--json")
    assert done.causes[:1] == ["token-file-missing"], done.out
    every = run("doctor", "claude-code:", "--json")
    assert every.json["targets"][0]["findings"][0]["cause"] == "token-file-missing"


# --- what only times and comparisons tell


@pytest.mark.row("L4")
def test_a_token_that_was_made_anew_after_it_was_copied(
    run: Run, home: Path, services: Practice, monkeypatch: pytest.MonkeyPatch, token: Secret
) -> None:
    old = write(home / "keys/copied", token.reveal())
    monkeypatch.setenv("COPIED", token.reveal())
    saved(services, "env:COPIED", created="2025-11-11T10:30:00Z", method="bearer")
    old.unlink()
    done = doctor(run)
    finding = done.json["findings"][0]
    assert (finding["cause"], finding["certainty"], finding["owner"]) == (
        REGENERATED,
        "likely",
        "server-admin",
    )
    said = json.dumps(finding)
    assert "2025-11-11 10:30:00 UTC" in said
    assert "compared in memory" in said
    kept = services.services["fleet"].credentials["token"]
    assert token.reveal() not in done.out
    assert kept.reveal() not in done.out
    named_only_with_its_rule(run, REGENERATED, monkeypatch)
    # its healthy twin: the copy is the server's own token
    monkeypatch.setenv("COPIED", kept.reveal())
    assert doctor(run).code == 0


@pytest.mark.row("L4")
def test_a_copy_that_works_until_the_server_is_started_again(
    run: Run, services: Practice, monkeypatch: pytest.MonkeyPatch, token: Secret
) -> None:
    fleet = services.services["fleet"]
    assert fleet.token_file is not None
    monkeypatch.setenv("COPIED", fleet.credentials["token"].reveal())
    saved(services, "env:COPIED", method="bearer")
    assert doctor(run).warnings == []
    fleet_file(fleet.token_file, token)
    done = doctor(run)
    assert (done.code, done.json["verdict"], done.warnings) == (0, "healthy", [CHANGED]), done.out
    monkeypatch.delitem(REGISTRY, CHANGED)
    assert doctor(run).warnings == []


@pytest.mark.row("L4")
@pytest.mark.parametrize(
    ("look", "why"),
    [
        ({"room": 0}, "its disk is full"),
        ({"inodes": 0}, "its disk is full"),
        ({"fleeting": True}, "a restart empties"),
        ({"folder": Seat("/x", 0o500, 0, "root")}, "may not be written to, not even by its owner root"),
        ({}, "deleted or the token changed on purpose"),
    ],
)
def test_why_a_token_was_made_anew(look: dict[str, object], why: str, token: Secret) -> None:
    """The rule alone, over facts as the probe gives them: which of not persisted, deleted, disk full."""
    from diagnostics.facts.file import HERE, Look, Place, TokenFile, TokenFiles
    from diagnostics.facts.wire import Answer, Differential

    place = Place("/x/auth_token", "the token", form="json", server=True)
    other = Secret(token.reveal()[::-1])
    seen = Look(place.path, place.path, HERE, 0, modified=2e9, value=other, **look)  # type: ignore[arg-type]  # its own fields
    refused = Answer(401, code="invalid_token")
    differential = Differential("mcp", Answer(401, code="missing_token"), refused, refused)
    rule = REGISTRY[REGENERATED].rule
    verdict = rule(TokenFiles((), (TokenFile(place, seen),), True, None, 1e9, token), differential, None)
    assert verdict is not None
    assert why in verdict.evidence[1].fact
    same = TokenFiles((), (TokenFile(place, seen),), True, None, 1e9, other)
    assert rule(same, differential, None) is None
    healthy = Differential("mcp", differential.none, refused, Answer(200))
    assert rule(TokenFiles((), (TokenFile(place, seen),), True, None, 1e9, token), healthy, None) is None


def test_a_copy_younger_than_the_file_is_not_blamed_on_a_restart(
    run: Run, services: Practice, monkeypatch: pytest.MonkeyPatch, token: Secret
) -> None:
    monkeypatch.setenv("COPIED", token.reveal())
    saved(services, "env:COPIED", created="2099-01-01T00:00:00Z", method="bearer")
    assert doctor(run).causes == ["token-not-recognised"]


@pytest.mark.row("L4")
@pytest.mark.parametrize("later", [True, False])
def test_a_file_changed_under_the_server_and_one_it_does_not_use(
    run: Run, services: Practice, later: bool, monkeypatch: pytest.MonkeyPatch, token: Secret
) -> None:
    kept = services.services["fleet"].token_file
    assert kept is not None
    saved(services, f"file:{kept}")
    assert doctor(run).code == 0
    fleet_file(kept, token)
    # the server is this process: the file is dated from before its start, or from well after it
    when = time.time() + 3600 if later else 1_000_000_000
    os.utime(kept, (when, when))
    done = doctor(run)
    cause = CHANGED if later else REGENERATED
    assert done.causes[:1] == [cause], done.out
    said = json.dumps(done.json["findings"][0])
    assert str(kept) in said
    assert ("runs since" if later else "not persisted") in said
    assert token.reveal() not in done.out
    named_only_with_its_rule(run, cause, monkeypatch)


@pytest.mark.row("L4")
def test_two_instances_with_a_token_each(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, token: Secret
) -> None:
    """A server of its own process, told by its environment to use another file."""
    from servers_of_files import fleet_process

    theirs = fleet_file(home / "second/token.json", Secret(token.reveal()[::-1]))
    with fleet_process(theirs) as url:
        mine = fleet_file(home / ".fleet-mcp/auth_token", token)
        connections.save(Connection("mine", "fleet", "own", url, "token_file", {}, {"token": f"file:{mine}"}))
        done = doctor(run)
        assert done.causes[:1] == [OTHER], done.out
        assert done.json["findings"][0]["certainty"] == "proven"
        assert str(theirs) in json.dumps(done.json["findings"][0])
        named_only_with_its_rule(run, OTHER, monkeypatch)
        connections.save(
            Connection("mine", "fleet", "own", url, "token_file", {}, {"token": f"file:{theirs}"})
        )
        assert (doctor(run).code, doctor(run).causes) == (0, [])


@as_root
@pytest.mark.row("L4")
def test_a_full_disk_is_named_first(
    run: Run, home: Path, services: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from servers_of_files import full_disk

    place = home / "keys"
    place.mkdir(mode=0o700)
    with full_disk(place):
        saved(services, f"file:{place}/token")
        named_only_with_its_rule(run, "disk-full-or-inodes-exhausted", monkeypatch)
