"""Version control as git itself sees it: the judgement without git is compared with the program."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from files_support import write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples
from support.keeping import keep
from support.running import Run

from diagnostics.version_control import TRACKED, UNIGNORED, kept
from wizard.secret import Secret

pytestmark = pytest.mark.real("git")
VERSIONED = "credential-in-version-control"


def git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def tree(home: Path) -> Path:
    place = home / "repo"
    place.mkdir()
    assert git(place, "init", "-q").returncode == 0
    return place


def test_tracked_ignored_and_neither(tree: Path, home: Path) -> None:
    write(tree / "kept/token", "x", folder=0o755)
    write(tree / "new/token", "x", folder=0o755)
    write(tree / "out/token", "x", folder=0o755)
    (tree / ".gitignore").write_text("out/\n")
    git(tree, "add", "kept/token")
    assert kept(tree / "kept/token") == (TRACKED, str(tree))
    assert kept(tree / "new/token") == (UNIGNORED, str(tree))
    assert kept(tree / "out/token") == ("", "")
    assert kept(home / "project/token") == ("", "")
    assert kept(tree / ".git/config") == ("", "")


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_every_form_of_the_index(tree: Path, version: str) -> None:
    names = [f"folder{n % 3}/file-{n:04}" for n in range(300)] + ["a", "z" * 90, "päth/tökén"]
    for name in names:
        (tree / name).parent.mkdir(exist_ok=True, parents=True)
        (tree / name).write_text("x")
    git(tree, "add", "-A")
    (tree / "meant").write_text("x")
    if version == "3":
        git(tree, "add", "-N", "meant")
    git(tree, "update-index", f"--index-version={version}")
    listed = git(tree, "ls-files", "-z").stdout.split("\0")[:-1]
    assert len(listed) >= 303
    for name in listed:
        assert kept(tree / name)[0] == TRACKED, name


BROKEN = [
    b"",
    b"DIRC",
    b"DIRC\0\0\0\2\0\0\xff\xff",
    b"\xff" * 500,
    b"DIRC\0\0\0\4\0\0\0\1" + b"\xff" * 90,
]


@pytest.mark.parametrize("content", BROKEN)
def test_an_index_that_cannot_be_read_is_no_failure(tree: Path, content: bytes) -> None:
    (tree / "token").write_text("x")
    (tree / ".git/index").write_bytes(content)
    assert kept(tree / "token") == (UNIGNORED, str(tree))


def test_a_linked_work_tree_and_a_submodule_have_their_index_elsewhere(tree: Path, home: Path) -> None:
    (tree / "token").write_text("x")
    git(tree, "add", "token")
    git(tree, "commit", "-qm", "x")
    git(tree, "worktree", "add", "-q", str(home / "linked"))
    assert kept(home / "linked/token") == (TRACKED, str(home / "linked"))
    (tree / ".git/info").mkdir(exist_ok=True)
    (tree / ".git/info/exclude").write_text("secret\n")
    (home / "linked/secret").write_text("x")
    assert kept(home / "linked/secret") == ("", "")


def test_the_persons_own_ignore_file(tree: Path, home: Path) -> None:
    (tree / "token").write_text("x")
    assert kept(tree / "token")[0] == UNIGNORED
    write(home / ".config/git/ignore", "token\n")
    assert kept(tree / "token") == ("", "")
    (home / ".config/git/ignore").unlink()
    write(home / "mine", "tok*\n")
    (home / ".gitconfig").write_text("[core]\n\texcludesFile = ~/mine\n")
    assert kept(tree / "token") == ("", "")


PARTS = st.sampled_from(["a", "b", "token", ".env", "a b", "x.json", "#x", "!x"])
NAMES = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
PATTERNS = r"""a b/ /a *.json tok* ? **/token a/** a/**/token !a !token * !*.json [ab] [!a] a/b /a/token #x \#x \!x .env
** /*/ !/a/ a/* []a] a["""
GLOBS = st.sampled_from([*PATTERNS.split(), "a b", "x.json  ", ""])


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rules=st.lists(GLOBS, max_size=4), inner=st.lists(GLOBS, max_size=2), name=NAMES)
def test_what_is_ignored_is_what_git_ignores(
    tree: Path, rules: list[str], inner: list[str], name: str
) -> None:
    for left in tree.iterdir():
        if left.name != ".git":
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    (tree / ".gitignore").write_text("\n".join(rules) + "\n")
    if (tree / "a").is_dir():
        (tree / "a/.gitignore").write_text("\n".join(inner) + "\n")
    ignored = git(tree, "check-ignore", "-q", "--", name).returncode == 0
    assert (kept(path) == ("", "")) is ignored


@pytest.mark.row("F8")
def test_files_and_doctor_warn_of_it(run: Run, tree: Path, token: Secret, home: Path) -> None:
    from sandbox import practice

    with practice.start() as running:
        fleet = running.services["fleet"]
        file = write(tree / "secrets/token", fleet.credentials["token"].reveal())
        keep("mine", "fleet", "token_file", f"file:{file}", url=fleet.url)
        shown = run("files", "--json")
        assert (shown.code, shown.causes, shown.warnings) == (0, [], [VERSIONED])
        assert all(row["ok"] for row in shown.json["files"])
        git(tree, "add", "secrets/token")
        found = run("doctor", "mine", "--json")
        assert (found.code, found.json["verdict"], found.warnings) == (0, "healthy", [VERSIONED])
        assert "rm --cached" in found.out
        assert "Make a new token" in found.out
        git(tree, "rm", "-q", "--cached", "secrets/token")
        (tree / ".gitignore").write_text("secrets\n")
        assert run("doctor", "mine", "--json").warnings == []
