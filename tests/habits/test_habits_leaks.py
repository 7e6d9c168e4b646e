"""A secret is nowhere but where it was stored: not in an answer, a note, a file, whatever the server says back."""

from __future__ import annotations

import base64
import json
import secrets
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from _pytest.mark.structures import ParameterSet

from commands.main import main
from sandbox import practice
from sandbox.practice import Practice
from wizard.redaction import Redactor
from wizard.secret import Secret

pytestmark = pytest.mark.slow

_PIECE = 16


def _odd() -> dict[str, str]:
    """Secrets as they are met, and as nobody expects them; made anew for each run."""
    made = secrets.token_urlsafe
    return {
        "plain": made(32),
        "quotes": f"{made(12)}\"'{made(12)}",
        "shell": f"{made(12)}$HOME`id`%PATH%\\n{made(12)}",
        "json": f'{made(16)}\\"}}{{{made(16)}',
        "spaces": f" {made(24)} ",
        "unicode": f"{made(12)}Жé✗{made(12)}",
        "newline": f"{made(24)}\n{made(24)}",
        "long": made(12_000),
        "prefixed": f"Bearer {made(24)}",
        "hyphens": f"faosx_{made(24)}",
    }


ODD = _odd()


def slow(name: str) -> ParameterSet:
    """A case that takes its time: `.ci/run` has them all."""
    return pytest.param(name, marks=pytest.mark.slow)


KINDS = [slow(kind) if kind in ("long", "json", "spaces", "prefixed") else kind for kind in ODD]


def _forms(secret: str) -> set[bytes]:
    """The secret, its beginning and its end, in each form in which they may stand somewhere."""
    bare = secret.strip().removeprefix("Bearer ")
    texts = {bare, bare[:_PIECE], bare[-_PIECE:]}
    out: set[bytes] = set()
    for text in texts:
        out |= {
            form.encode()
            for form in (
                text,
                quote(text, safe=""),
                json.dumps(text)[1:-1],
                json.dumps(text, ensure_ascii=False)[1:-1],
            )
        }
    encoded = base64.b64encode(bare.encode()).rstrip(b"=")
    return out | {encoded}


class Seen:
    """What a run left behind: standard output, standard error, and every file below the home folder."""

    def __init__(self, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self._home, self._capfd = home, capfd

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command; its exit code, and all that it said."""
        code = main(words)
        said = self._capfd.readouterr()
        return code, said.out + said.err

    def nowhere(self, secret: str, said: str, *but: Path) -> None:
        """The secret is neither in what was said nor in a file, save those named."""
        places = [p for p in self._home.rglob("*") if p.is_file() and p not in but]
        for form in _forms(secret):
            # the assertions do not name the text: a failed test is an artefact too
            found = form in said.encode("utf-8", "surrogateescape")
            assert not found, "a secret was said"
            held = [str(p) for p in places if form in p.read_bytes()]
            assert not held, f"a secret stands in {held}"


@pytest.fixture
def seen(home: Path, capfd: pytest.CaptureFixture[str]) -> Seen:
    return Seen(home, capfd)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("practice")))
        with practice.start() as running:
            yield running


class _Parrot(BaseHTTPRequestHandler):
    """A server that says back whatever it is sent, in every place that a client reads."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        asked = json.loads(self.rfile.read(length) or b"{}") if length else {}
        whole = (self.headers.get("authorization") or self.headers.get("x-api-key") or "").strip()
        token = whole.removeprefix("Bearer ")
        way = self.path.strip("/").split("/")[0]
        status, body = 401, {"error": f"bad {token}", "message": token, "detail": whole}
        if way == "api" and token:
            status = 403
        if way == "rpc":
            error = {"code": -32000, "message": f"the token {token} is not known"}
            status, body = 200, {"jsonrpc": "2.0", "id": asked.get("id"), "error": error}
        if way == "tools" and token:
            status, body = (
                200,
                {"jsonrpc": "2.0", "id": asked.get("id"), "result": self._result(asked, token)},
            )
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "WWW-Authenticate": f'Bearer error="invalid_token {token}", error_description="{token}", scope="{token}"',
            "Retry-After": token,
            "X-RateLimit-Limit": token,
            "X-Echo": whole,
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _result(self, asked: dict[str, object], token: str) -> dict[str, object]:
        if asked.get("method") == "tools/list":
            return {"tools": [{"name": f"say_{token}", "description": token, "inputSchema": {}}]}
        info = {"name": f"server of {token}", "version": token}
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": info}

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815  the base class's names

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def parrot() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Parrot) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", ["test", "doctor"])
def test_a_wrong_credential_is_not_said(
    kind: str, command: str, services: Practice, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", ODD[kind])
    for service in ("faos", "fleet", "mcp"):
        url = services.services[service].url
        for more in ((), ("--json",)):
            code, said = seen.run(command, url, "--credential", "env:A_SECRET", "--timeout", "10", *more)
            assert code in (0, 1)
            assert "internal" not in said
            seen.nowhere(ODD[kind], said)


@pytest.mark.parametrize("kind", ["plain", "quotes", *map(slow, ("shell", "json", "long", "hyphens"))])
@pytest.mark.parametrize("command", ["test", "doctor"])
@pytest.mark.parametrize("way", ["api", "mcp", *map(slow, ("rpc/mcp", "tools/mcp"))])
def test_a_server_that_says_it_back(
    kind: str, command: str, way: str, parrot: str, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", ODD[kind])
    code, said = seen.run(
        command, f"{parrot}/{way}", "--credential", "env:A_SECRET", "--timeout", "10", "--json"
    )
    assert code in (0, 1)
    assert '"internal"' not in said
    seen.nowhere(ODD[kind], said)


@pytest.mark.parametrize("kind", KINDS)
def test_token_says_nothing_of_an_opaque_one(kind: str, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", ODD[kind])
    for more in ((), ("--json",)):
        _, said = seen.run("token", "env:A_SECRET", *more)
        seen.nowhere(ODD[kind], said)


@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_setup_leaves_nothing(
    kind: str, services: Practice, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", ODD[kind])
    url = services.services["mcp"].url
    code, said = seen.run(
        "setup", "mcp", "--url", url, "--secret", "token=env:A_SECRET", "--allow", "http",
        "--client", "claude-code", "--project", "--yes", "--json",
    )  # fmt: skip
    assert code in (1, 2)
    assert '"internal"' not in said
    seen.nowhere(ODD[kind], said)


@pytest.mark.parametrize("client", ["claude-code", "vscode", "curl"])
@pytest.mark.parametrize("how", [None, "inline"])
def test_a_setup_keeps_it_in_one_place(
    client: str, how: str | None, services: Practice, seen: Seen, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = services.services["mcp"]
    good = next(iter(service.credentials.values())).reveal()
    other = secrets.token_urlsafe(24)
    monkeypatch.setattr(sys, "stdin", _Stdin(good))
    place = home / "project" / ("ask.sh" if client == "curl" else "mcp.json")
    if client != "curl":
        key = "servers" if client == "vscode" else "mcpServers"
        old = {
            "type": "http",
            "url": "http://127.0.0.1:1/mcp",
            "headers": {"Authorization": f"Bearer {other}"},
        }
        # somebody else's entry, and our own entry of an earlier time, both with a secret in them
        place.write_text(json.dumps({key: {"theirs": old, "ours": {**old, "command": {"x": other}}}}))
        place.chmod(0o644)
    words = ["setup", "mcp", "--url", service.url, "--name", "ours", "--secret", "token=-", "--store", "file"]
    words += ["--allow", "http", "--client", client, "--path", str(place), "--yes", "--json"]
    code, said = seen.run(*words, *(("--secrets", how) if how else ()))
    assert code in (0, 1), said
    kept = [p for p in home.rglob("*") if p.is_file() and ".local/share/authwizard" in p.as_posix()]
    assert kept
    assert {p.stat().st_mode & 0o077 for p in kept} == {0}
    if how == "inline":
        assert good in place.read_text()
        assert place.stat().st_mode & 0o077 == 0
    stored = [p for p in kept if "secrets" in p.parts]
    assert stored
    seen.nowhere(good, said, *stored, *([place] if how else []))
    seen.nowhere(other, said, place, *kept)
    for command in (("connections", "--json"), ("connections", "show", "ours"), ("doctor", "ours", "--json")):
        _, said = seen.run(*command)
        seen.nowhere(good, said, *stored, *([place] if how else []))
    if client != "curl":
        taken_out = ("export", "ours", "--client", client, "--path", str(place), "--remove", "--yes")
        for command in (("doctor", f"{client}:ours"), taken_out):
            _, said = seen.run(*command)
            copies = [p for p in home.rglob("*") if "backups" in p.parts and p.is_file()]
            assert {p.stat().st_mode & 0o077 for p in copies} == {0}
            seen.nowhere(good, said, *kept, *copies, place)
            seen.nowhere(other, said, *kept, *copies, place)


class _Stdin:
    """Standard input with one secret in it."""

    def __init__(self, text: str) -> None:
        import io

        self.buffer = io.BytesIO(text.encode())
        self.closed = False

    def isatty(self) -> bool:
        return False


@pytest.mark.parametrize(
    "words",
    [
        ("setup", "faos", "--set", "token=SECRET", "--yes"),
        ("setup", "faos", "--secret", "token=SECRET", "--yes"),
        ("setup", "faos", "--secret", "token=env:SECRET", "--yes"),
        ("setup", "SECRET", "--yes"),
        ("setup", "mcp", "--token", "SECRET"),
        ("setup", "mcp", "--url", "http://user:SECRET@127.0.0.1:1/", "--yes"),
        ("setup", "mcp", "--method", "SECRET"),
        ("setup", "mcp", "--store", "SECRET"),
        ("setup", "mcp", "--allow", "SECRET"),
        ("test", "http://127.0.0.1:1/", "--credential", "SECRET"),
        ("test", "http://127.0.0.1:1/?api_key=SECRET"),
        ("doctor", "http://127.0.0.1:1/?access_token=SECRET"),
        ("doctor", "http://user:SECRET@127.0.0.1:1/"),
        ("doctor", "http://127.0.0.1:1/", "--header", "SECRET"),
        ("doctor", "http://127.0.0.1:1/", "--header", "X-Api-Key=SECRET"),
        ("doctor", "http://127.0.0.1:1/", "--timeout", "SECRET"),
        ("token", "SECRET"),
        ("token", "eySECRET"),
        ("token", "env:SECRET"),
        ("causes", "SECRET"),
        ("clients", "SECRET"),
        ("completion", "SECRET"),
        ("SECRET",),
        ("--SECRET",),
    ],
)
def test_a_secret_on_the_command_line_is_not_repeated(words: tuple[str, ...], seen: Seen) -> None:
    made = f"ghp_{secrets.token_hex(18)}"
    for more in ((), ("--json",)):
        code, said = seen.run(*(w.replace("SECRET", made) for w in words), *more)
        assert code in (1, 2)
        seen.nowhere(made, said)


def test_a_cut_secret_is_known_by_its_beginning_and_its_end() -> None:
    text = secrets.token_hex(4000)
    redactor = Redactor()
    redactor.know(Secret(f"Bearer {text}"))
    assert text[:40] not in redactor.text(f"it says {text[:2000]}")
    assert text[:40] not in redactor.text(f"it says {text[:60]}… and more")
    assert text[-40:] not in redactor.text(f"{text[-3000:]} was not known")
    assert text[:8] not in redactor.text(f"it says {text[:8]}…")
    assert redactor.text("Nothing of it stands here.") == "Nothing of it stands here."


@pytest.mark.parametrize("kind", KINDS)
def test_a_known_secret_goes_in_every_form(kind: str) -> None:
    text = ODD[kind]
    redactor = Redactor()
    redactor.know(Secret(text))
    for form in (json.dumps(text), json.dumps(text, ensure_ascii=False), quote(text), repr(text)):
        said = redactor.text(f"before {form} after").encode()
        assert not any(f in said for f in _forms(text))


def test_every_cookie_of_a_request_is_hidden() -> None:
    one, two = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    shown = Redactor().header("Cookie", f"theme={one}; sid={two}")
    assert one not in shown
    assert two not in shown


def test_a_word_that_looks_like_an_option_is_named(seen: Seen) -> None:
    _, said = seen.run("doctor", "http://127.0.0.1:1/", "--no-such-thing")
    assert "--no-such-thing" in said


@pytest.mark.parametrize("words", [("doctor", "claude-code:theirs"), ("doctor", "claude-code:")])
def test_nothing_of_a_found_config_is_run_by_the_doctor(
    words: tuple[str, ...], seen: Seen, home: Path
) -> None:
    mark = home / "run"
    entries = {
        "theirs": {"type": "http", "url": "http://127.0.0.1:1/mcp", "headersHelper": f"touch {mark}"},
        "child": {"command": "/bin/sh", "args": ["-c", f"touch {mark}"]},
        "ours": {
            "type": "http",
            "url": "http://127.0.0.1:1/mcp",
            "headersHelper": f"authwizard headers x; touch {mark}",
        },
    }
    (home / "project" / ".mcp.json").write_text(json.dumps({"mcpServers": entries}))
    seen.run(*words, "--json")
    seen.run("doctor", "claude-code:child", "--json")
    seen.run("test", "claude-code:theirs", "--json")
    assert not mark.exists()


def test_a_helper_that_is_not_ours_is_not_run_when_read_back(home: Path) -> None:
    from wizard import export
    from wizard.entries import RemotePlan, Slot
    from wizard.errors import FileProblem

    place, mark = home / "mcp.json", home / "run"
    plan = RemotePlan(
        "ours", "http://127.0.0.1:1/mcp", {"Authorization": ("Bearer ", Slot("token", "OURS_TOKEN"))}
    )
    held = {"token": Secret(secrets.token_urlsafe(16))}
    change = export.prepare(plan, "ours", "claude-code", project=True, path=place, how="helper", secrets=held)
    written = export.write(change)
    entry = json.loads(place.read_text())
    entry["mcpServers"]["ours"]["headersHelper"] = f"touch {mark}"
    place.write_text(json.dumps(entry))
    with pytest.raises(FileProblem):
        export.read_back(written)
    assert not mark.exists()
