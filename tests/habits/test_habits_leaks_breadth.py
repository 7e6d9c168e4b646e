"""However a server writes back what it was sent, and by whatever method that was sent, it is said nowhere."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import parse_qs, quote, unquote_plus, urlsplit

import pytest

from commands.main import main
from wizard.redaction import Redactor
from wizard.secret import Secret

pytestmark = pytest.mark.slow

_PIECE: Final = 14

TWISTS: Final[Mapping[str, Callable[[str], str]]] = {
    "as it is": str,
    "capitals": str.upper,
    "small letters": str.lower,
    "every character percent-encoded": lambda s: "".join(f"%{b:02x}" for b in s.encode()),
    "percent-encoded twice": lambda s: quote("".join(f"%{b:02X}" for b in s.encode()), safe=""),
    "JSON's escapes": lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
    "HTML's escapes": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "HTML's hexadecimal escapes": lambda s: "".join(f"&#x{ord(c):x};" for c in s),
    "hexadecimal": lambda s: s.encode().hex(),
    "hexadecimal in capitals": lambda s: s.encode().hex().upper(),
    "base64 of it": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 of a pair": lambda s: base64.b64encode(f"x:{s}".encode()).decode(),
    "base64 of a longer pair": lambda s: base64.b64encode(f"me:{s} or so".encode()).decode(),
    "its beginning": lambda s: s[:_PIECE],
    "its end": lambda s: s[-_PIECE:],
}


def _traces(secret: str) -> set[str]:
    """What must not be found of a secret: each of its forms without what stands around it there."""
    found = set()
    for twist in TWISTS.values():
        whole = twist(secret)
        found |= {whole, whole[8:-8]} if len(whole) > len(secret) else {whole}
    return found


def _nowhere(said: str, *given: str) -> None:
    for secret in given:
        # the assertion does not name the text: a failed test is an artefact too
        found = any(trace in said for trace in _traces(secret))
        assert not found, "a secret was said"


@pytest.mark.parametrize("twist", TWISTS)
def test_a_known_secret_is_hidden_in_every_disguise(twist: str) -> None:
    for made in (secrets.token_urlsafe(24), f"{secrets.token_urlsafe(9)}/+={secrets.token_urlsafe(9)}"):
        redactor = Redactor()
        redactor.know(Secret(made))
        said = redactor.text(f"it says {TWISTS[twist](made)} here")
        _nowhere(said, made)
        assert said.startswith("it says ")
        assert said.endswith(" here")


@pytest.mark.parametrize(
    "text",
    [
        "401 Unauthorized, 100% of it, at C:\\users\\x and &#8230; %zz \\u12",
        "GITHUB_PAT_ is the variable, github_pat_ the beginning",
        "",
        "%41",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    redactor = Redactor()
    redactor.know(Secret(f"github_pat_{secrets.token_hex(20)}"))
    assert redactor.known(text) == text


class _Parrot(BaseHTTPRequestHandler):
    """Says back what it was sent, in every disguise, wherever a client reads. ``/oauth`` is a token endpoint."""

    protocol_version = "HTTP/1.1"
    answers: ClassVar[str] = "401"
    token: ClassVar[str] = ""

    def _sent(self) -> list[str]:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        scheme, _, value = (self.headers.get("authorization") or "").partition(" ")
        sent = base64.b64decode(value).decode().split(":", 1) if scheme.lower() == "basic" else [value]
        sent += [v for n, v in self.headers.items() if n.lower().startswith("x-")]
        forms = [urlsplit(self.path).query, "" if body.startswith("{") else body]
        return [
            unquote_plus(s)
            for s in (*sent, *(v for f in forms for vs in parse_qs(f).values() for v in vs))
            if s
        ]

    def _answer(self) -> None:
        said = " ".join(twist(s) for s in self._sent() for twist in TWISTS.values())
        whole: dict[str, object] = {"error": f"bad {said}", "message": said, "detail": said}
        status, kind, more = int(self.answers[:3]), "application/json", {}
        if self.path.startswith("/oauth") and self.answers.endswith("token"):
            status, whole = (
                200,
                {"access_token": self.token, "token_type": "Bearer", "scope": said, "note": said},
            )
        if self.path.startswith("/oauth") and self.answers.endswith("kind"):
            status, whole = 200, {"access_token": self.token, "token_type": said}
        content = json.dumps(whole).encode()
        if self.answers.endswith("page"):
            status, kind, content = 200, "text/html", f"<html>{said}</html>".encode()
        if 300 <= status < 400:
            more = {"Location": f"http://127.0.0.1:1/{quote(said)}?x={quote(said)}"}
        self.send_response(status)
        for name, value in {
            "WWW-Authenticate": f'Bearer error="{said}", error_description="{said}", scope="{said}", realm="{said}"',
            "Retry-After": said,
            "X-RateLimit-Limit": said,
            "Server": said,
            "Via": said,
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            **more,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

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


_CLIENT: Final = (
    "--method",
    "client_credentials",
    "--set",
    "client_id=me",
    "--secret",
    "client_secret=env:A_SECRET",
)
METHODS: Final[Mapping[str, tuple[str, ...]]] = {
    "bearer": ("--credential", "env:A_SECRET"),
    "query": ("--method", "api_key_query", "--secret", "query.zone=env:A_SECRET"),
    "basic": ("--method", "basic", "--set", "username=bob", "--secret", "password=env:A_SECRET"),
    "header": ("--method", "api_key_header", "--secret", "header.X-Zed=env:A_SECRET"),
    "headers": (
        *("--method", "headers"),
        *("--secret", "header.X-One=env:A_SECRET", "--secret", "header.X-Two=env:B_SECRET"),
    ),
    "client": (*_CLIENT, "--set", "token_endpoint=ENDPOINT"),
    "client by body": (
        *(*_CLIENT, "--set", "token_endpoint=ENDPOINT"),
        *("--set", "token_endpoint_auth_method=client_secret_post"),
    ),
}


@pytest.mark.parametrize("command", ["test", "doctor"])
@pytest.mark.parametrize(
    ("method", "answers"),
    [
        *((m, a) for m in METHODS for a in ("401", "302")),
        *(("query", "200"), ("basic", "200")),
        *((m, a) for m in ("client", "client by body") for a in ("401 token", "200 kind", "200 page")),
    ],
)
def test_what_a_server_says_back_is_not_said(
    method: str,
    answers: str,
    command: str,
    parrot: str,
    home: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two, token = (secrets.token_urlsafe(24) for _ in range(3))
    monkeypatch.setenv("A_SECRET", one)
    monkeypatch.setenv("B_SECRET", two)
    monkeypatch.setattr(_Parrot, "answers", answers)
    monkeypatch.setattr(_Parrot, "token", token)
    words = [word.replace("ENDPOINT", f"{parrot}/oauth") for word in METHODS[method]]
    for more in ((), ("--json",)):
        code = main([command, f"{parrot}/api", "--kind", "api", *words, "--timeout", "10", *more])
        said = capfd.readouterr()
        assert code in (0, 1), "it is a finding, not a wrong usage"
        assert '"internal"' not in said.out
        _nowhere(said.out + said.err, one, two, token)
    for place in home.rglob("*"):
        if place.is_file():
            _nowhere(place.read_text("utf-8", "replace"), one, two, token)


ADDRESSES: Final = (
    "https://user:SECRET@127.0.0.1:1/x",
    "https://SECRET@127.0.0.1:1/x",
    "http://127.0.0.1:1/x?api_key=SECRET",
    "http://127.0.0.1:1/x?a=b&client_secret=SECRET",
    "http://127.0.0.1:1/x#access_token=SECRET&a=b",
)
"""Addresses that are a secret, as they are copied out of a browser or an example."""

_ENV: Final[Mapping[str, str]] = {
    "AUTH_PROVIDER": "keycloak",
    "REGISTRY_URL": "https://gateway.example.com",
    "KEYCLOAK_URL": "https://keycloak.example.com",
    "KEYCLOAK_REALM": "mcp-gateway",
    "KEYCLOAK_M2M_CLIENT_ID": "agent",
}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "words",
    [
        ("setup", "mcp", "--url", "ADDRESS", "--secret", "token=env:A_SECRET", "--yes"),
        (
            "setup",
            "http",
            "--url",
            "http://127.0.0.1:1/",
            *_CLIENT,
            "--set",
            "token_endpoint=ADDRESS",
            "--yes",
        ),
        ("test", "http://127.0.0.1:1/", *_CLIENT, "--set", "token_endpoint=ADDRESS"),
        ("doctor", "http://127.0.0.1:1/", *_CLIENT, "--set", "token_endpoint=ADDRESS"),
        ("doctor", "http://127.0.0.1:1/", *_CLIENT, "--set", "issuer=ADDRESS"),
    ],
)
def test_a_secret_in_an_address_is_refused_and_not_kept(
    words: tuple[str, ...],
    address: str,
    home: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = secrets.token_urlsafe(24)
    monkeypatch.setenv("A_SECRET", secrets.token_urlsafe(24))
    code = main([w.replace("ADDRESS", address.replace("SECRET", made)) for w in words])
    said = capfd.readouterr()
    assert code == 2
    _nowhere(said.out + said.err, made)
    assert not any(made.encode() in p.read_bytes() for p in home.rglob("*") if p.is_file())


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("key", ["REGISTRY_URL", "KEYCLOAK_URL"])
@pytest.mark.parametrize("more", [("--dry-run",), ("--yes", "--json", "--store", "file")])
def test_a_secret_in_an_address_of_a_gateways_file_is_not_taken_over(
    more: tuple[str, ...], key: str, address: str, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made, own = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    file = home / "project" / "gateway.env"
    values = {**_ENV, "KEYCLOAK_M2M_CLIENT_SECRET": own, key: address.replace("SECRET", made)}
    file.write_text("".join(f'{name}="{value}"\n' for name, value in values.items()))
    file.chmod(0o600)
    code = main(["import", "--env", str(file), *more])
    said = capfd.readouterr()
    assert code == 1
    assert key in said.out
    _nowhere(said.out + said.err, made, own)
    assert not any(made.encode() in p.read_bytes() for p in home.rglob("*") if p.is_file() and p != file)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_unfinished_draft_keeps_no_secret_of_an_address(address: str, home: Path) -> None:
    from wizard import catalogue, setup
    from wizard.setup import unfinished

    made = secrets.token_urlsafe(24)
    service = catalogue.load().get("http")
    whole = address.replace("SECRET", made)
    d = setup.with_service(setup.new(), service, service.environments[0], whole)
    assert setup.problems(d, "service")
    method = service.method("client_credentials")
    assert method is not None
    d = setup.with_setting(setup.with_method(d, method), "token_endpoint", whole)
    assert any(p.field == "token_endpoint" for p in setup.problems(d, "credentials"))
    unfinished.keep(d, "service")
    kept = [p.read_bytes() for p in home.rglob("*") if p.is_file()]
    assert kept
    assert not any(made.encode() in content for content in kept)


@pytest.mark.parametrize(
    "value", ["http://u:SECRET", "http://u:SECRET@127.0.0.1:SECRET", "u:SECRET@[::1", "SECRET@:x"]
)
def test_a_proxy_that_cannot_be_read_is_named_without_its_password(
    value: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = secrets.token_urlsafe(24)
    monkeypatch.setenv("HTTP_PROXY", value.replace("SECRET", made))
    monkeypatch.setenv("http_proxy", value.replace("SECRET", made))
    for command in ("test", "doctor"):
        assert main([command, "http://service.invalid/mcp", "--timeout", "5", "--json"]) == 1
        said = capfd.readouterr()
        _nowhere(said.out + said.err, made)


@pytest.mark.parametrize("client", ["env", "curl", "cursor", "vscode", "claude-code"])
def test_no_default_writes_an_odd_key_of_an_address_into_a_file(client: str, home: Path) -> None:
    from wizard import export
    from wizard.entries import RemotePlan, Slot
    from wizard.errors import UsageError

    made = f"{secrets.token_urlsafe(12)}/+ &={secrets.token_urlsafe(12)}"
    plan = RemotePlan(
        "c", "https://api.test/me", query={"zone": (Slot("query.zone", "C_ZONE"),)}, speaks="api"
    )
    place = home / "project" / "file"
    held = {"query.zone": Secret(made)}
    try:
        change = export.prepare(
            plan, "c", client, project=True, path=place, how=None, secrets=held, speaks="api"
        )
    except UsageError:
        # a client that puts the variable into the address as it is cannot carry it, and says so
        assert client not in ("env", "curl")
    else:
        export.write(change)
        assert change.how in ("env", "helper", "prompt")
    for file in (p for p in home.rglob("*") if p.is_file()):
        assert made not in file.read_text("utf-8", "replace")
        assert quote(made, safe="") not in file.read_text("utf-8", "replace")
