"""What is around a credential file: who may replace it, who copies it, who holds it, where else its value stands."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from files_support import fleet_file, mode_of, write
from support.keeping import keep
from support.running import Run

from sandbox.practice import Practice
from wizard.secret import Secret

TOO_OPEN = "token-file-too-permissive"


def one(run: Run, path: Path, *, causes: list[str]) -> str:
    """The only finding's title and fix."""
    done = run("files", str(path), "--json")
    assert done.causes == causes, done.out
    finding = done.json["findings"][0] if causes else (done.json["warnings"] or [{}])[0]
    return json.dumps([finding.get("title"), finding.get("evidence"), finding.get("fix")])


@pytest.mark.row("L4")
def test_an_access_list_is_named_as_what_lets_somebody_in(run: Run, home: Path) -> None:
    path = write(home / "keys/token", "x" * 30)
    entries = [
        (0x01, 6, 0xFFFFFFFF),
        (0x02, 4, 65534),
        (0x04, 0, 0xFFFFFFFF),
        (0x10, 4, 0xFFFFFFFF),
        (0x20, 0, 0xFFFFFFFF),
    ]
    data = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(path, "system.posix_acl_access", data)
    except OSError:
        pytest.skip("this file system has no access lists")
    said = one(run, path, causes=[TOO_OPEN])
    assert "By its access list, user nobody may read" in said
    assert f"setfacl -b {path}" in said
    assert run("files", str(path), "--fix", "--json").causes == []
    assert mode_of(path) == 0o600


@pytest.mark.row("L4")
def test_a_folder_further_up_in_which_everybody_may_write(run: Run, home: Path) -> None:
    path = write(home / "a/b/c/token", "x" * 30)
    (home / "a").chmod(0o777)
    said = one(run, path, causes=[TOO_OPEN])
    assert f"chmod 775 {home}/a" in said
    assert run("files", str(path), "--fix", "--json").causes == []
    (home / "a").chmod(0o1777)
    one(run, path, causes=[])


@pytest.mark.row("L4")
def test_a_link_to_where_nothing_is(run: Run, home: Path) -> None:
    link = home / "keys/token"
    link.parent.mkdir(mode=0o700)
    link.symlink_to(home / "gone/token")
    said = one(run, link, causes=["token-file-missing"])
    assert f"is a link to {home}/gone/token, where nothing is" in said


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("Dropbox", "Dropbox"),
        ("OneDrive - Acme", "OneDrive"),
        ("Library/Mobile Documents", "iCloud Drive"),
        ("Library/CloudStorage/GoogleDrive-me@acme.test", "Google Drive"),
        ("work/Dropbox", ""),
        ("dropbox-notes", ""),
    ],
)
def test_a_file_that_a_service_copies_away_is_a_warning(
    run: Run, home: Path, folder: str, service: str
) -> None:
    path = write(home / folder / "keys/token", "x" * 30)
    done = run("files", str(path), "--json")
    assert (done.code, done.causes) == (0, [])
    assert done.warnings == (["credential-in-synced-folder"] if service else [])
    assert service in json.dumps(done.json["warnings"])


def test_a_folder_that_says_of_itself_that_it_is_synced(run: Run, home: Path) -> None:
    path = write(home / "shared/keys/token", "x" * 30)
    (home / "shared/.stfolder").mkdir()
    assert "Syncthing" in one(run, path, causes=[])
    own = write(home / "own/token", "x" * 30)
    write(home / ".dropbox/info.json", json.dumps({"personal": {"path": str(home / "own")}}))
    assert "Dropbox" in one(run, own, causes=[])


@pytest.mark.row("L4")
@pytest.mark.parametrize("form", ["{}", '{{"pid": {}, "at": 1}}', "{}\nhost\n"])
def test_a_lock_whose_holder_is_gone(run: Run, home: Path, form: str) -> None:
    path = write(home / "keys/store.json", "{}")
    lock = home / "keys/store.json.lock"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    write(lock, form.format(gone.pid))
    said = one(run, path, causes=["stale-lock-file"])
    assert f"rm {lock}" in said
    write(lock, form.format(os.getpid()))
    one(run, path, causes=[])
    write(lock, "no number")
    one(run, path, causes=[])


@pytest.mark.row("L4")
def test_where_json_breaks_off_is_said_with_line_and_column(run: Run, home: Path) -> None:
    path = write(home / "keys/mine.json", '{\n  "a": 1,\n  "b" 2\n}')
    assert "Line 3, column 7" in one(run, path, causes=["credential-store-corrupt-or-truncated"])
    write(path, '{\n  // mine\n  "a": 1,\n}')
    one(run, path, causes=[])


@pytest.mark.row("L4")
def test_a_secret_in_a_history_is_told_by_file_and_line(run: Run, home: Path, token: Secret) -> None:
    path = fleet_file(home / ".fleet-mcp/auth_token", token)
    history = write(home / ".bash_history", f"ls\ncurl -H 'Authorization: Bearer {token.reveal()}' x\n")
    done = run("files", "--json")
    assert done.causes == ["secret-in-shell-history"], done.out
    said = json.dumps(done.json["findings"])
    assert f"{history}, line 2: the value of {path}" in said
    assert f"sed -i '2d' {history}" in said
    assert token.reveal() not in done.out + done.err
    write(history, "export GITHUB_TOKEN=ghp_" + "x" * 36 + "\nauthwizard files\n")
    assert run("files", "--json").causes == [], "an example is no secret"


def test_the_doctor_warns_of_a_credential_in_a_history(run: Run, home: Path, services: Practice) -> None:
    kept = services.services["fleet"].credentials["token"]
    source = write(home / "keys/token", kept.reveal())
    keep("mine", "fleet", "token_file", f"file:{source}", url=services.services["fleet"].url)
    assert run("doctor", "mine", "--json").warnings == []
    write(home / ".zsh_history", f": 1:0;export FLEET={kept.reveal()}\n")
    done = run("doctor", "mine", "--json")
    assert (done.code, done.warnings) == (0, ["secret-in-shell-history"])
    assert kept.reveal() not in done.out
