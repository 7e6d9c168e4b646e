"""A service's variables in a `.env` file: what stands there, what a shell makes of it, and that the rest stays."""

from __future__ import annotations

import secrets
import subprocess
from pathlib import Path

import pytest

from wizard import backups, dotenv, export, written
from wizard.entries import Remote, RemotePlan, Slot, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.export import Change
from wizard.secret import Secret

SECRET = secrets.token_urlsafe()
PLAN = RemotePlan(
    "acme",
    "https://api.acme.test/v1",
    {"Authorization": ("Bearer ", Slot("token", "ACME_TOKEN")), "X-Tenant": ("t-1",)},
)


def _prepare(
    path: Path | None,
    how: str | None = None,
    secret: str = SECRET,
    plan: RemotePlan | StdioPlan = PLAN,
    sources: dict[str, str] | None = None,
) -> Change:
    held = {"token": Secret(secret)}
    return export.prepare(
        plan,
        "acme",
        "env",
        project=False,
        path=path,
        how=how,
        secrets=held,
        sources=sources or {},
        speaks="api",
    )


def test_without_a_path_it_is_an_answer_that_holds_no_secret() -> None:
    change = _prepare(None)
    assert change.how == "env"
    assert change.text is not None
    head, url, line = change.text.splitlines()
    assert (
        head
        == "# authwizard acme: ACME_URL ACME_TOKEN (sent as Authorization: Bearer $ACME_TOKEN; X-Tenant: t-1)"
    )
    assert url == "ACME_URL=https://api.acme.test/v1"
    assert line.startswith('# export ACME_TOKEN="$(')
    assert line.endswith(' secret acme token)"')
    assert change.references[0].line == line.removeprefix("# ")
    assert not Path(".env").exists()


def test_a_value_needs_a_file() -> None:
    with pytest.raises(UsageError) as caught:
        _prepare(None, "inline")
    assert caught.value.id == "inline-needs-path"


@pytest.mark.real("sh")
@pytest.mark.parametrize("how", ["inline", "file"])
def test_a_value_in_it_is_what_a_shell_reads_and_the_file_is_private(how: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.env"
    path.write_bytes(b"# mine\r\nOTHER='x y'\r\n")
    path.chmod(0o644)
    secret = f"{SECRET} \"#$x'"[:-1]
    change = _prepare(path, how, secret)
    assert secret not in change.diff + repr(change)
    assert "OTHER" not in change.diff
    done = export.write(change)
    assert path.stat().st_mode & 0o777 == 0o600
    content = path.read_bytes()
    assert content.startswith(b"# mine\r\nOTHER='x y'\r\n")
    assert content.count(b"\r\n") == content.count(b"\n")
    path.write_bytes(content.replace(b"\r\n", b"\n"))
    ran = subprocess.run(
        ["sh", "-c", '. ./mine.env; printf \'%s\\0\' "$ACME_URL" "$ACME_TOKEN" "$OTHER"'],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert ran.stdout.decode().split("\0")[:3] == [PLAN.url, secret, "x y"]
    path.write_bytes(content)
    entry = export.read_back(done)
    assert isinstance(entry, Remote)
    assert entry.headers["Authorization"] == Secret(f"Bearer {secret}")
    assert not _prepare(path, how, secret).changed


def test_twice_is_once_and_only_its_own_lines_change(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    before = b"\xef\xbb\xbf# head\nA=1 # why\n\nACME_URL=old # keep\nB='2'"
    path.write_bytes(before)
    export.write(_prepare(path))
    text = path.read_text(encoding="utf-8")
    assert text.startswith(
        "\ufeff# head\nA=1 # why\n\nACME_URL=https://api.acme.test/v1 # keep\nB='2'\n# authwizard acme:"
    )
    assert path.stat().st_mode & 0o777 == 0o600
    again = _prepare(path)
    assert (again.changed, again.diff) == (False, "")


def test_from_a_value_to_a_reference_and_back(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    export.write(_prepare(path, "file"))
    inline = path.read_text(encoding="utf-8")
    change = _prepare(path, "env")
    assert SECRET not in change.diff
    assert "-ACME_TOKEN=•••••••• (as it was)" in change.diff
    export.write(change)
    assert SECRET not in path.read_text(encoding="utf-8")
    assert dotenv.load(path).get("ACME_TOKEN") is None
    export.write(_prepare(path, "file"))
    assert path.read_text(encoding="utf-8") == inline


def test_a_secret_over_several_lines_is_not_shown_when_it_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(f'ACME_TOKEN="one\n{SECRET}=two\n"\n', encoding="utf-8")
    export.write(_prepare(path, "file", "short"))
    path.write_text(
        path.read_text(encoding="utf-8").replace("ACME_TOKEN=short", f'ACME_TOKEN="a\n{SECRET}=b"')
    )
    change = _prepare(path, "file", "other")
    assert SECRET not in change.diff
    assert "(as it was)" in change.diff


def test_taken_out_it_is_as_before_and_known_as_ours(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"A=1\r\n# mine: ACME_TOKEN\r\n")
    for how in ("env", "file"):
        export.write(_prepare(path, how))
        (record,) = written.of("acme")
        assert written.untouched(record)
        change = export.remove("acme", "env", project=False, path=path)
        assert SECRET not in change.diff
        export.write(change)
        assert path.read_bytes() == b"A=1\r\n# mine: ACME_TOKEN\r\n"
    assert not export.remove("acme", "env", project=False, path=path).changed
    path.write_text("")
    assert not export.remove("acme", "env", project=False, path=path).changed


def test_undo_brings_the_file_back(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"A=1\n")
    export.write(_prepare(path, "file"))
    assert export.undo("env", project=False, path=path) == path
    assert path.read_bytes() == b"A=1\n"
    assert path.stat().st_mode & 0o777 == 0o644
    assert not list(backups.folder().glob("*"))


def test_a_variable_of_ones_own_is_named_and_no_line_is_needed(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    change = _prepare(path, sources={"token": "env:MY_OWN"})
    export.write(change)
    assert change.references[0].line is None
    assert "# MY_OWN is set elsewhere already\n" in path.read_text(encoding="utf-8")


def test_two_connections_in_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    export.write(_prepare(path, "file"))
    one = path.read_text(encoding="utf-8")
    other = RemotePlan("beta", "https://b.test", {"X-Key": (Slot("token", "BETA_KEY"),)})
    export.write(_prepare(path, "env", plan=other))
    export.write(export.remove("beta", "env", project=False, path=path))
    assert path.read_text(encoding="utf-8") == one


@pytest.mark.parametrize("secret", ["a${HOME}", "it's $5", "two\nlines"])
def test_what_readers_read_in_different_ways_is_refused(secret: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        _prepare(tmp_path / ".env", "file", secret)
    assert not (tmp_path / ".env").exists()


def test_what_is_obtained_anew_each_time_is_only_referred_to(tmp_path: Path) -> None:
    headers = {"Authorization": ("Bearer ", Slot("access_token", "ACME_T", fresh=True))}
    plan = RemotePlan("acme", PLAN.url, headers)
    change = _prepare(tmp_path / ".env", plan=plan)
    assert change.how == "env"
    with pytest.raises(UsageError):
        _prepare(tmp_path / ".env", "file", plan=plan)


def test_a_program_is_none_of_its_business() -> None:
    with pytest.raises(UsageError) as caught:
        _prepare(None, plan=StdioPlan("x", ("prog",), {}))
    assert caught.value.id == "client-cannot"


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"A=\xe9\n")
    for name in ("", "latin"):
        with pytest.raises(FileProblem):
            _prepare(tmp_path / name)
