"""`authwizard files`: each fault of a real file is found, and `--fix` changes modes and nothing else."""

from __future__ import annotations

import json
import os
import socket
import struct
from pathlib import Path

import pytest
from files_support import NOBODY, fleet_file, mode_of, write
from servers_of_files import full_disk
from support.keeping import keep
from support.running import Run

from wizard.secret import Secret

TOO_OPEN = "token-file-too-permissive"
UNREADABLE = "token-file-unreadable-owner-or-mode"
CORRUPT = "credential-store-corrupt-or-truncated"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away; .ci/run runs as root")


def test_nothing_is_a_helpful_line(run: Run) -> None:
    done = run("files")
    assert done.code == 0
    assert "authwizard files PATH" in done.out
    assert run("files", "--json").json == {
        "schema": 1, "files": [], "findings": [], "warnings": [], "done": [], "failed": [],
    }  # fmt: skip


@pytest.mark.row("L4")
def test_a_file_and_folder_in_order(run: Run, home: Path, token: Secret) -> None:
    file = fleet_file(home / ".fleet-mcp/auth_token", token)
    done = run("files", "--json")
    assert (done.code, done.causes, done.warnings) == (0, [], [])
    row = done.json["files"][0]
    assert (row["path"], row["mode"], row["wanted"], row["ok"]) == (str(file), "0600", "0600", True)
    assert token.reveal() not in done.out + done.err + run("files").out


@pytest.mark.row("L4")
@pytest.mark.parametrize(
    ("mode", "folder", "after", "folder_after"),
    [
        (0o644, 0o700, 0o600, 0o700),
        (0o640, 0o750, 0o600, 0o700),
        (0o666, 0o777, 0o600, 0o700),
        (0o600, 0o755, 0o600, 0o700),
        (0o444, 0o700, 0o400, 0o700),
        (0o400, 0o700, 0o400, 0o700),
    ],
)
def test_modes_are_found_and_mended(
    run: Run, home: Path, token: Secret, mode: int, folder: int, after: int, folder_after: int
) -> None:
    file = fleet_file(home / ".fleet-mcp/auth_token", token, mode=mode, folder=folder)
    before = file.read_bytes()
    wrong = (mode, folder) != (after, folder_after)
    done = run("files", "--json")
    assert done.code == int(wrong)
    assert set(done.causes) == ({TOO_OPEN} if wrong else set())
    assert (mode_of(file), mode_of(file.parent)) == (mode, folder), "without --fix nothing is changed"

    mended = run("files", "--fix", "--json")
    assert (mended.code, mended.causes) == (0, []), mended.out
    assert (mode_of(file), mode_of(file.parent)) == (after, folder_after)
    assert file.read_bytes() == before
    assert bool(mended.json["done"]) is wrong
    if wrong:
        assert mended.err.startswith("These modes will be changed:\n  chmod ")
    again = run("files", "--fix", "--json")
    assert (again.code, again.json["done"], again.err) == (0, [], "")


def test_another_place_by_the_services_variable(
    run: Run, home: Path, token: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_MCP_AUTH_TOKEN_FILE", str(home / "elsewhere/token.json"))
    missing = run("files", "--json")
    assert (missing.code, missing.causes) == (1, ["token-file-missing"])
    assert "FLEET" in missing.out or "Start the server" in missing.out
    fleet_file(home / "elsewhere/token.json", token, mode=0o644)
    assert run("files", "--json").causes == [TOO_OPEN]


def test_faos_cache_and_the_files_of_connections(run: Run, home: Path, token: Secret) -> None:
    write(home / ".faos/auth_cache.json", json.dumps({"access_token": token.reveal()}), 0o640)
    kept = write(home / "keys/key", token.reveal(), 0o604)
    keep("api", "http", "bearer", f"file:{kept}", url="http://127.0.0.1:9/", environment="own")
    keep("lost", "http", "bearer", f"file:{home}/no", url="http://127.0.0.1:9/", environment="own")
    done = run("files", "--json")
    assert done.code == 1
    assert sorted(done.causes) == ["token-file-missing", TOO_OPEN, TOO_OPEN]
    shown = {Path(row["path"]).name: row["ok"] for row in done.json["files"]}
    assert shown == {"auth_cache.json": False, "key": False, "no": False, "connections.json": True}
    assert "the token of the connection lost" in done.out
    mended = run("files", "--fix", "--json")
    assert mended.causes == ["token-file-missing"], "what a mode cannot mend stays, and is said"
    assert mended.code == 1


def test_this_programs_own_files(run: Run, home: Path, token: Secret) -> None:
    from wizard import backups
    from wizard.vault import get_store

    reference = get_store("file").save("mine", "token", token)
    file = Path(reference.removeprefix("file:"))
    assert run("files").code == 0
    file.chmod(0o644)
    backups.keep(home / ".claude.json", "claude-code", token.reveal().encode(), b"", 0o600)
    copy = next(p for p in backups.folder().iterdir() if p.suffix == ".json" and "claude" in p.name)
    copy.chmod(0o664)
    found = run("files", "--json")
    assert found.causes == [TOO_OPEN, TOO_OPEN]
    assert run("files", "--fix").code == 0
    assert (mode_of(file), mode_of(copy)) == (0o600, 0o600)


@pytest.mark.row("L4")
def test_the_gateways_tokens_and_env_files(run: Run, home: Path, token: Secret) -> None:
    project = home / "project"
    write(project / ".oauth-tokens/ingress.json", json.dumps({"access_token": token.reveal()}), 0o644)
    write(project / ".oauth-tokens/egress.json", json.dumps({"access_token": token.reveal()}), 0o600)
    write(
        project / "credentials-provider/oauth/.env", f"EGRESS_OAUTH_CLIENT_SECRET_1={token.reveal()}\n", 0o664
    )
    write(project / ".env.example", "EMPTY=\n", 0o644, 0o755)
    done = run("files", "--json")
    shown = {str(Path(row["path"]).relative_to(project)): row["ok"] for row in done.json["files"]}
    assert shown == {
        ".oauth-tokens/ingress.json": False,
        ".oauth-tokens/egress.json": True,
        "credentials-provider/oauth/.env": False,
    }
    assert run("files", "--fix").code == 0
    assert token.reveal() not in done.out


@pytest.mark.parametrize(("value", "wrong"), [("{token}", True), ("${FLEET_TOKEN}", False)])
def test_a_clients_config_counts_where_it_holds_a_secret(
    run: Run, home: Path, token: Secret, value: str, wrong: bool
) -> None:
    header = "Bearer " + value.replace("{token}", token.reveal())
    server = {"type": "http", "url": "http://127.0.0.1:9/", "headers": {"Authorization": header}}
    config = write(home / ".claude.json", json.dumps({"mcpServers": {"fleet": server}}), 0o644, 0o755)
    done = run("files", "--json")
    assert (done.code, bool(done.causes)) == (int(wrong), wrong)
    assert token.reveal() not in done.out
    if wrong:
        assert run("files", "--fix").code == 0
        assert mode_of(config) == 0o600


@pytest.mark.row("L4")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ('{"value": "abc', "is not whole JSON"),
        ("just-words", "is not whole JSON"),
        ('{"created_at": "2025-11-11T10:30:00Z"}', "without a value"),
        ('{"value": ""}', "without a value"),
        ('{"value": 7}', "without a value"),
        ("[1, 2]", "is not whole JSON"),
    ],
)
def test_contents_that_cannot_be_used(run: Run, home: Path, content: str, says: str) -> None:
    write(home / ".fleet-mcp/auth_token", content)
    done = run("files", "--json")
    assert (done.code, done.causes) == (1, [CORRUPT])
    assert says in done.json["findings"][0]["title"]


def test_text_that_is_no_text(run: Run, home: Path) -> None:
    file = write(home / ".fleet-mcp/auth_token", "")
    file.write_bytes(b'{"value": "\xff\xfe"}')
    assert run("files", "--json").causes == [CORRUPT]


def test_a_folder_a_pipe_and_a_circle_where_a_file_should_be(run: Run, home: Path) -> None:
    place = home / ".fleet-mcp/auth_token"
    place.mkdir(parents=True)
    place.parent.chmod(0o700)
    assert "is a folder" in run("files", "--json").json["findings"][0]["title"]
    place.rmdir()
    os.mkfifo(place, 0o600)
    assert "is a pipe" in run("files", "--json").json["findings"][0]["title"]
    place.unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(place.parent)
        listening.bind("auth_token")
        assert "is a socket" in run("files", str(place), "--json").json["findings"][0]["title"]
    place.unlink()
    place.symlink_to(place.name)
    assert run("files", "--json").causes == [CORRUPT]


def test_named_paths_alone_are_looked_at(run: Run, home: Path, token: Secret) -> None:
    fleet_file(home / ".fleet-mcp/auth_token", token, mode=0o644)
    other = write(home / "folder/.env", f"TOKEN={token.reveal()}\n", 0o666, 0o755)
    write(home / "folder/fine-token", token.reveal(), 0o600, 0o755)
    open_to_all = [
        write(home / "folder" / n, "x", 0o644, 0o755) for n in ("README.md", "run.sh", ".env.example")
    ]
    done = run("files", str(other), "--json")
    assert [row["path"] for row in done.json["files"]] == [str(other)]
    both = run("files", str(other.parent), "--json")
    assert [Path(row["path"]).name for row in both.json["files"]] == [".env", "fine-token"]
    assert both.causes == [TOO_OPEN]
    assert run("files", str(other.parent), "--fix").code == 0
    assert [mode_of(p) for p in (other, *open_to_all)] == [0o600, 0o644, 0o644, 0o644]
    nothing = run("files", str(home / "absent"), "--json")
    assert (nothing.code, nothing.causes) == (1, ["token-file-missing"])


@pytest.mark.parametrize(
    "path", ["", "\0", "x" * 5000, "~nobody-of-that-name/x", "/proc/self/mem", "/dev/null"]
)
def test_a_path_that_is_none_is_a_sentence(run: Run, path: str) -> None:
    done = run("files", path, "--json")
    assert done.code in (0, 1, 2)
    assert done.json["schema"] == 1


# --- links


def test_a_link_is_judged_by_its_target_and_named(
    run: Run, home: Path, token: Secret, tmp_path: Path
) -> None:
    target = fleet_file(tmp_path / "outside/auth_token", token, mode=0o644)
    link = home / ".fleet-mcp/auth_token"
    link.parent.mkdir(mode=0o700)
    link.symlink_to(target)
    done = run("files", "--json")
    assert done.causes == [TOO_OPEN]
    assert done.json["files"][0]["link_to"] == str(target)
    assert "leads out of your home" in done.json["findings"][0]["evidence"][0]["fact"]
    assert "outside your home" in run("files").out
    run("files", "--fix")
    assert mode_of(target) == 0o600
    assert link.is_symlink()


@as_root
def test_a_link_of_somebody_else_is_not_followed(as_nobody: Run, home: Path, token: Secret) -> None:
    target = fleet_file(home / "real/auth_token", token, mode=0o644)
    theirs = home / "of-root/link"
    theirs.parent.mkdir(mode=0o755)
    theirs.symlink_to(target)
    os.chown(theirs, 1234, 1234, follow_symlinks=False)
    link = home / ".fleet-mcp/auth_token"
    link.parent.mkdir(mode=0o700)
    link.symlink_to(theirs)
    done = as_nobody("files", "--fix", "--json")
    assert done.causes == [UNREADABLE]
    assert f"{theirs} is a link of somebody else" in done.json["findings"][0]["title"]
    assert mode_of(target) == 0o644


def test_a_file_that_was_replaced_meanwhile_is_left_alone(home: Path, token: Secret) -> None:
    from diagnostics import files
    from diagnostics.facts.file import Place
    from diagnostics.file_look import change, look
    from wizard.errors import FileProblem

    file = fleet_file(home / ".fleet-mcp/auth_token", token, mode=0o644)
    place = Place(str(file), "the token")
    (mend,) = files.mends(files.judge(place, look(place)))
    other = write(home / "other/file", "x", 0o644)
    file.unlink()
    file.symlink_to(other)
    for _ in ("a link", "another file"):
        with pytest.raises(FileProblem) as refused:
            change(mend.path, mend.before, mend.after, mend.identity)
        assert refused.value.id == "file-changed"
        assert mode_of(other) == 0o644
        if other != file:
            file.unlink()
            other.rename(file)
            other = file
    file.unlink()
    with pytest.raises(FileProblem) as gone:
        change(mend.path, mend.before, mend.after, mend.identity)
    assert gone.value.id == "cannot-change-mode"


# --- other users


@as_root
@pytest.mark.row("L4")
def test_a_file_of_root_in_ones_own_folder(as_nobody: Run, home: Path, token: Secret) -> None:
    place = home / ".fleet-mcp/auth_token"
    place.parent.mkdir(mode=0o700)
    of_root = fleet_file(home / "of-root/auth_token", token, folder=0o711)
    place.symlink_to(of_root)
    done = as_nobody("files", "--json")
    assert (done.code, done.causes) == (1, [UNREADABLE])
    said = json.dumps(done.json["findings"][0])
    assert "0600" in said and "root" in said and "sudo chown nobody" in said
    fixed = as_nobody("files", "--fix", "--json")
    assert (fixed.code, fixed.json["done"]) == (1, [])
    assert of_root.stat().st_uid == 0


@as_root
@pytest.mark.row("L4")
def test_a_folder_that_lets_nobody_in(as_nobody: Run, home: Path, token: Secret) -> None:
    fleet_file(home / ".fleet-mcp/auth_token", token, folder=0o600)
    done = as_nobody("files", "--json")
    assert done.causes == [UNREADABLE]
    assert "does not let you in" in done.json["findings"][0]["title"]
    assert as_nobody("files", "--fix", "--json").causes == []
    assert mode_of(home / ".fleet-mcp") == 0o700


@as_root
def test_a_file_that_its_owner_may_not_read(as_nobody: Run, home: Path, token: Secret) -> None:
    file = fleet_file(home / ".fleet-mcp/auth_token", token, mode=0o000)
    done = as_nobody("files", "--json")
    assert done.causes == [UNREADABLE]
    assert "its mode is 0000" in done.json["findings"][0]["title"]
    assert as_nobody("files", "--fix", "--json").causes == []
    assert mode_of(file) == 0o600


@as_root
def test_readable_but_of_another(as_nobody: Run, run: Run, home: Path, token: Secret) -> None:
    place = home / ".fleet-mcp/auth_token"
    place.parent.mkdir(mode=0o700)
    place.symlink_to(fleet_file(home / "of-root/auth_token", token, mode=0o604, folder=0o755))
    done = as_nobody("files", "--json")
    assert done.causes == [UNREADABLE, TOO_OPEN]
    assert "sudo chmod 600" in done.out
    # and root, who sees all, is told what its own write did to the folder's owner
    place.unlink()
    fleet_file(place, token)
    os.chown(place.parent, NOBODY, NOBODY)
    os.chown(place, 0, 0)
    seen = run("files", str(place), "--json")
    assert seen.causes == [UNREADABLE]
    assert "chown nobody" in seen.out


# --- access lists (acl(5)), written as the kernel keeps them, so that no program is needed


def _acl(user: int, permission: int, mask: int) -> bytes:
    entries = [
        (0x01, 6, 0xFFFFFFFF),
        (0x02, permission, user),
        (0x04, 0, 0xFFFFFFFF),
        (0x10, mask, 0xFFFFFFFF),
    ]
    entries.append((0x20, 0, 0xFFFFFFFF))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def test_an_access_list_is_seen_and_closed(run: Run, home: Path, token: Secret) -> None:
    file = fleet_file(home / ".fleet-mcp/auth_token", token)
    try:
        os.setxattr(file, "system.posix_acl_access", _acl(NOBODY, 4, 4))
    except OSError as problem:
        assert not os.environ.get("CI"), f"this file system keeps no access lists: {problem}"
        pytest.skip(f"this file system keeps no access lists: {problem.strerror}")
    done = run("files", "--json")
    assert done.causes == [TOO_OPEN]
    assert "user nobody may read it" in done.out
    assert run("files", "--fix").code == 0
    assert mode_of(file) == 0o600


# --- a disk that is full


@as_root
@pytest.mark.row("L4")
def test_a_disk_that_is_full_is_told_from_a_file_that_is_missing(run: Run, home: Path) -> None:
    place = home / ".fleet-mcp"
    place.mkdir(mode=0o700)
    write(place / "auth_token", "")
    assert run("files", "--json").causes == [CORRUPT], "an empty file on a disk with room"
    with full_disk(place):
        os.close(os.open(place / "auth_token", os.O_CREAT, 0o600))
        done = run("files", "--json")
        assert done.causes == ["disk-full-or-inodes-exhausted"], done.out
