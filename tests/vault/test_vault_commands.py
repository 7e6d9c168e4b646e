"""What a client's helper, a shell's profile and a stdio client get from `secret`, `headers` and `exec`."""

from __future__ import annotations

import json
import os
import pty
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from commands import secrets_cmds
from wizard import connections
from wizard.connections import Connection
from wizard.errors import AuthwizardError, FileProblem, JobError, SourceError, UsageError

HERE = Path(__file__).resolve().parents[2]
SHOW = "import json, os, sys; json.dump([sys.argv[1:], dict(os.environ)], sys.stdout)"


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    made = secrets.token_urlsafe(32)
    monkeypatch.setenv("KEPT", made)
    return made


def save(name: str, service: str, method: str, **more: object) -> None:
    given = {"environment": "", "url": "http://127.0.0.1:9/mcp", "secrets": {"token": "env:KEPT"}, **more}
    connections.save(Connection(name, service, method=method, **given))  # type: ignore[arg-type]  # tests' shorthand


def child(code: str, **more: object) -> subprocess.CompletedProcess[str]:
    """Run the function in a process of its own, as a client would."""
    given = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": 60, **more}
    code = f"import sys; from commands.secrets_cmds import *; sys.exit({code})"
    env = {**os.environ, "PYTHONPATH": str(HERE)}
    return subprocess.run([sys.executable, "-c", code], env=env, check=False, **given)  # type: ignore[call-overload]  # as above


def execute(name: str, *words: str) -> tuple[list[str], Mapping[str, str]]:
    done = child(f"exec_({name!r}, {[sys.executable, '-c', SHOW, *words]!r})")
    assert done.returncode == 0, done.stderr
    arguments, environment = json.loads(done.stdout)
    return arguments, environment


def on_terminal(code: str) -> tuple[int, str]:
    """The exit code and what a terminal shows."""
    ours, theirs = pty.openpty()
    script = (
        "import sys; from commands.secrets_cmds import *; from wizard.errors import AuthwizardError\n"
        f"try: code = {code}\n"
        "except AuthwizardError as e: code = e.exit_code; print(e.id)\n"
        "sys.exit(code)"
    )
    env = {**os.environ, "PYTHONPATH": str(HERE)}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=theirs, stdout=theirs, stderr=theirs, env=env
    ) as process:
        os.close(theirs)
        seen = b""
        try:
            while chunk := os.read(ours, 4096):
                seen += chunk
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        return process.wait(30), seen.decode()


class TestSecret:
    def test_to_a_pipe_bare_with_one_line_feed(
        self, token: str, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        save("one", "fleet", "bearer")
        assert secrets_cmds.secret("one") == 0
        assert secrets_cmds.secret("one", "token", True) == 0
        assert capfdbinary.readouterr() == (f"{token}\n{token}\n".encode(), b"")

    def test_a_shell_gets_exactly_the_secret(self, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KEPT", f"ü {token}\r")
        monkeypatch.setenv("LC_ALL", "C")
        save("one", "fleet", "bearer")
        call = f"{sys.executable} -c \"from commands.secrets_cmds import *; secret('one')\""
        line = f'V="$({call})"; export V; exec {sys.executable} -c "$0"'
        code = "import os; print(os.environb[b'V'] == os.environb[b'KEPT'])"
        done = subprocess.run(
            ["sh", "-c", line, code],
            env={**os.environ, "PYTHONPATH": str(HERE)},
            capture_output=True,
            check=True,
        )
        assert done.stdout == b"True\n"

    def test_not_on_a_terminal(self, token: str) -> None:
        save("one", "fleet", "bearer")
        assert on_terminal("secret('one', None, False)") == (2, "terminal\r\n")
        assert on_terminal("secret('one', None, True)") == (0, f"{token}\r\n")

    def test_what_a_terminal_would_act_on_is_shown_as_text(
        self, token: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KEPT", f"{token}\x1b[2J")
        save("one", "fleet", "bearer")
        assert on_terminal("secret('one', None, True)") == (0, f"{token}\\x1b[2J\r\n")

    @pytest.mark.usefixtures("token")
    def test_which_field(self) -> None:
        save("two", "fleet", "bearer", secrets={"client_id": "env:A", "client_secret": "env:B"})
        save("none", "fleet", "bearer", secrets={})
        for words, id, said in (
            (("two", None), "field-needed", "client_id, client_secret"),
            (("two", "token"), "unknown-field", "client_id, client_secret"),
            (("none", None), "no-secret", ""),
            (("absent", None), "unknown-connection", "two"),
        ):
            with pytest.raises(UsageError) as caught:
                secrets_cmds.secret(*words, False)
            assert caught.value.id == id
            assert said in caught.value.detail
        with pytest.raises(SourceError):
            secrets_cmds.secret("two", "client_id", False)

    @pytest.mark.usefixtures("token")
    def test_a_reader_that_is_gone(self) -> None:
        save("one", "fleet", "bearer")
        reader, writer = os.pipe()
        os.close(reader)
        done = child("secret('one')", capture_output=False, stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        assert (done.returncode, done.stderr) == (1, "")

    def test_half_a_character_cannot_be_printed(self, home: Path) -> None:
        (home / "t.json").write_text('{"token": "\\ud800"}')
        save("one", "fleet", "bearer", secrets={"token": "file:~/t.json"})
        with pytest.raises(SourceError) as caught:
            secrets_cmds.secret("one")
        assert caught.value.id == "secret-not-text"


class TestHeaders:
    def test_as_json_with_texts(self, token: str) -> None:
        save("one", "fleet", "bearer", environment="own")
        done = child("headers('one')")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout) == {"Authorization": f"Bearer {token}"}

    def test_out_of_a_token_file(self, token: str, home: Path) -> None:
        (home / "auth_token").write_text(json.dumps({"value": token, "created_at": "2025-11-11T10:30:00Z"}))
        save("one", "fleet", "token_file", secrets={"token": "file:~/auth_token"})
        assert json.loads(child("headers('one')").stdout) == {"Authorization": f"Bearer {token}"}

    @pytest.mark.usefixtures("token")
    def test_not_on_a_terminal(self) -> None:
        save("one", "fleet", "bearer")
        assert on_terminal("headers('one')") == (2, "terminal\r\n")

    def test_nothing_is_printed_when_the_secret_is_not_there(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        save("one", "fleet", "bearer")
        with pytest.raises(SourceError) as caught:
            secrets_cmds.headers("one")
        assert caught.value.id == "variable-unset"
        assert capsys.readouterr().out == ""

    @pytest.mark.parametrize(("service", "method"), [("nosuch", "bearer"), ("fleet", "nosuch")])
    @pytest.mark.usefixtures("token")
    def test_a_connection_that_the_catalogue_does_not_know(
        self,
        service: str,
        method: str,
    ) -> None:
        save("one", service, method)
        for act in (secrets_cmds.headers, lambda name: secrets_cmds.exec_(name, ["true"])):
            with pytest.raises(UsageError) as caught:
                act("one")
            assert caught.value.id in ("unknown-service", "unknown-method")


class TestExec:
    def test_a_stdio_program_gets_its_variables(self, token: str) -> None:
        save(
            "faos-prod",
            "faos",
            "api_token",
            environment="prod",
            url="https://api.faosx.ai",
            settings={"tenant_id": "tenant-prod"},
        )
        words, environment = execute("faos-prod", "--flag", "$HOME ä")
        assert words == ["--flag", "$HOME ä"]
        assert environment["FAOS_API_TOKEN"] == token
        assert environment["FAOS_API_URL"] == "https://api.faosx.ai"
        assert environment["FAOS_TENANT_ID"] == "tenant-prod"
        assert environment["HOME"] == os.environ["HOME"]

    def test_its_own_variables_win(self, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FAOS_API_TOKEN", "of the shell")
        save("faos-prod", "faos", "api_token", environment="prod", url="https://api.faosx.ai")
        assert execute("faos-prod")[1]["FAOS_API_TOKEN"] == token

    def test_for_a_remote_server_the_variables_of_its_slots(self, token: str) -> None:
        from wizard import catalogue, methods

        service = catalogue.load().get("fleet")
        method = service.method("bearer")
        assert method
        save("my-fleet", "fleet", "bearer", environment="own")
        variable = methods.variable_of(service, method, "my-fleet", "token")
        assert execute("my-fleet")[1][variable] == token

    @pytest.mark.usefixtures("token")
    def test_it_becomes_the_command(self) -> None:
        save("one", "fleet", "bearer")
        assert child("exec_('one', ['sh', '-c', 'exit 7'])").returncode == 7
        assert child("exec_('one', ['cat'])", stdin=None, input="x").stdout == "x"
        # a program that inherits an ignored SIGPIPE goes on writing to a reader that is gone
        done = child("exec_('one', ['sh', '-c', 'kill -PIPE $$; echo still here'])")
        assert (done.returncode, done.stdout) == (-signal.SIGPIPE, "")

    def test_what_cannot_be_started(self, token: str, home: Path) -> None:
        save("one", "fleet", "bearer")
        (home / "text").write_text("x")
        before = signal.getsignal(signal.SIGPIPE)
        for command, id in (
            (["no-such-program-here"], "command-not-found"),
            ([str(home / "absent")], "command-not-found"),
            ([str(home / "text")], "command-not-started"),
            ([str(home)], "command-not-started"),
            ([], "command-missing"),
            (["a\0b"], "command-missing"),
        ):
            with pytest.raises(AuthwizardError) as caught:
                secrets_cmds.exec_("one", command)
            assert caught.value.id == id
            assert token not in json.dumps(caught.value.as_json())
        assert signal.getsignal(signal.SIGPIPE) is before

    @pytest.mark.usefixtures("token")
    def test_a_secret_that_is_not_there(self, home: Path) -> None:
        save("one", "faos", "api_token", environment="prod", secrets={})
        with pytest.raises(JobError) as caught:
            secrets_cmds.exec_("one", ["true"])
        assert caught.value.id == "secret-missing"
        (home / "t").write_bytes(b"a\0b")
        save("one", "faos", "api_token", environment="prod", secrets={"token": "file:~/t"})
        with pytest.raises(JobError) as caught:
            secrets_cmds.exec_("one", ["true"])
        assert caught.value.id == "secret-not-text"

    @pytest.mark.usefixtures("token")
    def test_where_a_program_cannot_be_replaced_it_is_waited_for(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(secrets_cmds.os, "name", "other")
        assert secrets_cmds._become(["sh", "-c", "exit 5"], os.environ) == 5
        with pytest.raises(JobError) as caught:
            secrets_cmds._become(["no-such-program-here"], os.environ)
        assert caught.value.id == "command-not-found"

    def test_a_broken_file_of_connections_is_said(self) -> None:
        connections.path().parent.mkdir(parents=True)
        connections.path().write_text("{")
        with pytest.raises(FileProblem):
            secrets_cmds.exec_("one", ["true"])
