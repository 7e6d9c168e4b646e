"""Real client programs as judges of what is written: the program reads its own file, and a server on loopback notes
what it was sent. What the program prints proves nothing by itself.

A judge is a module of `support.judges` (found by itself) with `JUDGE`. For each variant and each way that the client's
module declares (`wizard.clients`), `tests/clients/test_clients_judged_real.py` writes the entry and lets it be judged.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, urlsplit

from wizard.entries import EntryPlan, RemotePlan, Slot, StdioPlan, Value
from wizard.secret import Secret

NAME: Final = "judged-1"
CONNECTION: Final = "some-connection"
TOKEN, KEY = Slot("token", "JUDGED_TOKEN"), Slot("key", "JUDGED_API_KEY")

_BEARER: Final[Value] = ("Bearer ", TOKEN)
_INGRESS: Final[Mapping[str, Value]] = {"X-Authorization": ("Bearer ", KEY), "X-Client-Id": ("agent-1",)}
_EGRESS: Final[Mapping[str, Value]] = {"Authorization": _BEARER, "X-Atlassian-Cloud-Id": ("cloud-1",)}


@dataclass(frozen=True)
class Variant:
    """One sort of entry. ``headers`` and ``query`` for a remote server, else ``env`` for a program."""

    id: str
    headers: Mapping[str, Value] = field(default_factory=dict)
    query: Mapping[str, Value] = field(default_factory=dict)
    env: Mapping[str, Value] = field(default_factory=dict)

    def plan(self, url: str, command: tuple[str, ...]) -> EntryPlan:
        """The plan, for the server at ``url`` or the program."""
        return (
            StdioPlan(NAME, command, self.env)
            if self.env
            else RemotePlan(NAME, url, self.headers, query=self.query)
        )


VARIANTS: Final[tuple[Variant, ...]] = (
    Variant("no secret"),
    Variant("token", {"Authorization": _BEARER}),
    Variant("API key", {"X-API-Key": (KEY,)}),
    Variant("two headers", {"Authorization": _BEARER, "X-API-Key": (KEY,), "X-Tenant": ("tenant prod",)}),
    Variant(
        "dual token, Keycloak",
        {**_INGRESS, "X-Keycloak-Realm": ("mcp-gateway",), "X-Keycloak-URL": ("https://kc.test",), **_EGRESS},
    ),
    Variant(
        "dual token, Cognito", {**_INGRESS, "X-User-Pool-Id": ("eu-1_a",), "X-Region": ("eu-1",), **_EGRESS}
    ),
    Variant("key in the address", query={"api_key": (KEY,)}),
    Variant("program", env={"FAOS_API_URL": ("https://api.test",), "FAOS_API_TOKEN": (TOKEN,)}),
)


@dataclass(frozen=True)
class Arrived:
    """One request of MCP: headers by small letters, parameters decoded."""

    headers: Mapping[str, str]
    query: Mapping[str, str]


@dataclass
class Bench:
    """Where a program is judged: its home and folder (the working folder), the file that was written, the variables
    that a new shell would hold, what arrived at the server, and where the started program writes its environment."""

    home: Path
    file: Path | None
    project: bool
    variables: Mapping[str, str] = field(default_factory=dict)
    arrived: Sequence[Arrived] = ()
    log: Path | None = None

    def reached(self) -> bool:
        """Whether the server was asked for its tools, or the program was started: no more is to be seen."""
        return len(self.arrived) > 2 or (self.log is not None and self.log.exists())

    def run(
        self,
        words: Sequence[str | Path],
        more: Mapping[str, str] | None = None,
        *,
        input: str | None = None,  # as subprocess calls it
        timeout: float = 120,
        until: Callable[[], bool] | None = None,
    ) -> str:
        """Run a program to its end, or until something is seen (it is ended then); all that it printed."""
        process = subprocess.Popen(
            [str(w) for w in words],
            env={**os.environ, **self.variables, **(more or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        ended = threading.Event()
        if until is not None:
            threading.Thread(target=_end_when, args=(process, until, ended), daemon=True).start()
        try:
            return process.communicate(input, timeout=timeout)[0]
        finally:
            ended.set()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()


def _end_when(process: subprocess.Popen[str], until: Callable[[], bool], ended: threading.Event) -> None:
    while not ended.wait(0.1):
        if until():
            for signal in (15, 9):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal)
                if ended.wait(3):
                    return
            return


class Judge(Protocol):
    """A real program. ``client`` is our client's id, ``program`` the name of its marker ``real``, ``projects`` whether
    its project file is judged too. One whose client has no file of its own names it as ``file``."""

    client: str
    program: str
    projects: bool

    def version(self) -> str:
        """The program's version."""

    def run(self, bench: Bench) -> str:
        """Start it so that it connects to its servers; what it printed."""


@cache
def judges() -> tuple[Judge, ...]:
    """All of them."""
    from . import judges as found

    names = sorted(module.name for module in pkgutil.iter_modules(found.__path__))
    return tuple(importlib.import_module(f"support.judges.{name}").JUDGE for name in names)


def installed(program: str) -> Path:
    """The folder (or file) of a program that `.ci/run` installs."""
    return Path(os.environ[f"AUTHWIZARD_CI_{program.upper().replace('-', '_')}"])


def printed(words: Sequence[str | Path], more: Mapping[str, str] | None = None) -> str:
    """What a program prints by itself."""
    given = {**os.environ, **(more or {})}
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, env=given, check=True)
    return done.stdout


_ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "initialize": {
        "protocolVersion": "2025-06-18",
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "judge", "version": "1"},
    },
    "tools/list": {"tools": []},
    "ping": {},
}


def answered(message: Mapping[str, Any]) -> dict[str, Any] | None:
    """What an MCP server without tools answers; nothing to a message that wants no answer."""
    if "id" not in message:
        return None
    known = _ANSWERS.get(message.get("method", ""))
    error = {"code": -32601, "message": "Method not found"}
    body = {"error": error} if known is None else {"result": known}
    return {"jsonrpc": "2.0", "id": message["id"], **body}


def record(judge: Judge, **seen: object) -> None:
    """One line of what was seen, for the page docs/clients.md, where its script asks for it."""
    place = os.environ.get("AUTHWIZARD_CI_JUDGED")
    if place:
        told = {"client": judge.client, "version": judge.version(), **seen}
        with Path(place).open("a", encoding="utf-8") as stream:
            stream.write(f"{json.dumps(told)}\n")


@contextlib.contextmanager
def noting() -> Iterator[tuple[str, list[Arrived]]]:
    """An MCP server on loopback that answers anybody: its address, and what arrived."""
    arrived: list[Arrived] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            parts = urlsplit(self.path)
            headers = {k.lower(): v for k, v in self.headers.items()}
            if parts.path == "/mcp":
                arrived.append(Arrived(headers, dict(parse_qsl(parts.query, keep_blank_values=True))))
            answer = answered(message)
            self._send(202 if answer is None else 200, b"" if answer is None else json.dumps(answer).encode())

        def do_GET(self) -> None:
            self._send(405 if urlsplit(self.path).path == "/mcp" else 404, b"")

        do_DELETE = do_GET  # noqa: N815  # the name that http.server asks for

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/mcp", arrived
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


CHILD: Final = """
import json, os, sys
answers = json.loads(sys.argv[2])
for line in sys.stdin:
    message = json.loads(line)
    whole = f"{sys.argv[1]}.{os.getpid()}"
    with open(whole, "w") as out:
        json.dump(dict(os.environ), out)
    os.replace(whole, sys.argv[1])
    if "id" not in message:
        continue
    body = {"jsonrpc": "2.0", "id": message["id"]}
    known = message.get("method") in answers
    body |= {"result": answers[message["method"]]} if known else {"error": {"code": -32601, "message": "no"}}
    print(json.dumps(body), flush=True)
"""


def child(place: Path) -> tuple[tuple[str, ...], Path]:
    """The command of a program that speaks MCP and writes its environment into the file beside."""
    script, log = place / "child.py", place / "child-environ.json"
    script.write_text(CHILD, encoding="utf-8")
    return (sys.executable, str(script), str(log), json.dumps(_ANSWERS)), log


def stand_in(
    place: Path, headers: Mapping[str, Secret], env: Mapping[str, Secret], kept: Mapping[str, Secret]
) -> Path:
    """An `authwizard` that knows one connection: the vault and the commands are other rooms' business."""
    store, script = place / "stand-in.json", place / "authwizard"
    held = [{n: v.reveal() for n, v in part.items()} for part in (headers, env, kept)]
    store.write_text(json.dumps(held), encoding="utf-8")
    store.chmod(0o600)
    script.write_text(
        f"#!{sys.executable}\n"
        "import json, os, sys\n"
        f"headers, env, kept = json.load(open({str(store)!r}))\n"
        f"if sys.argv[1:] == ['headers', {CONNECTION!r}]:\n"
        "    print(json.dumps(headers))\n"
        f"elif sys.argv[1:4] == ['exec', {CONNECTION!r}, '--']:\n"
        "    os.execvpe(sys.argv[4], sys.argv[4:], {**os.environ, **env})\n"
        f"elif sys.argv[1:3] == ['secret', {CONNECTION!r}]:\n"
        "    print(kept[sys.argv[3]])\n"
        "else:\n    sys.exit(2)\n",
        encoding="utf-8",
    )
    script.chmod(0o700)
    return script
