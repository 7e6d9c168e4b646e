"""The practice services as a whole: start, stop, ports, the record, faults."""

from __future__ import annotations

import http.client
import json
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin, urlsplit

import pytest

from sandbox import practice
from sandbox.faults import FAULTS, chosen
from sandbox.practice import Practice
from wizard import practice as record
from wizard.errors import JobError, UsageError
from wizard.secret import Secret

pytestmark = pytest.mark.slow

DISCOVER = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "server/discover",
    "params": {
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    },
}
MODERN = {
    "Content-Type": "application/json",
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "server/discover",
}


class Reply:
    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def json(self) -> dict[str, object]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found


def ask(
    url: str, method: str = "GET", token: Secret | None = None, body: object = None, **headers: str
) -> Reply:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent["Authorization"] = f"Bearer {token.reveal()}"
    content = None if body is None else json.dumps(body).encode()
    try:
        connection.request(method, parts.path or "/", content, sent)
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def discover(url: str, token: Secret | None = None) -> Reply:
    return ask(url, "POST", token, DISCOVER, **{k.replace("-", "_"): v for k, v in MODERN.items()})


def serving() -> set[threading.Thread]:
    """The threads that serve a practice; another room's may run through the whole session."""
    return {t for t in threading.enumerate() if t.name == "authwizard-practice"}


@pytest.fixture
def running(home: object) -> Iterator[Practice]:
    with practice.start() as started:
        yield started


def test_every_service_answers_and_knows_its_credentials(running: Practice) -> None:
    assert list(running.services)[:4] == ["faos", "fleet", "mcp", "gateway"]
    faos, fleet, mcp = (running.services[name] for name in ("faos", "fleet", "mcp"))
    for service in (faos, fleet, mcp):
        origin = urljoin(service.url, "/").rstrip("/")
        assert ask(f"{origin}/health").status == 200
    assert ask(f"{faos.url}/v1/whoami", token=faos.credentials["token"]).status == 200
    assert discover(fleet.url, fleet.credentials["token"]).status == 200
    assert discover(mcp.url, mcp.credentials["token"]).status == 200


def test_credentials_are_new_at_each_start(home: object) -> None:
    with practice.start() as first, practice.start() as second:
        for name, service in first.services.items():
            for field, secret in service.credentials.items():
                assert second.services[name].credentials[field] != secret


def test_json_reveals_practice_credentials_and_is_the_contracts_shape(running: Practice) -> None:
    said = json.loads(json.dumps(practice.as_json(running)))
    assert set(said["services"]) == set(running.services)
    assert said["services"]["fleet"]["credentials"]["token"] == (
        running.services["fleet"].credentials["token"].reveal()
    )
    assert said["services"]["faos"]["url"].startswith("http://127.0.0.1:")


def test_the_record_names_running_services_and_goes_with_them(home: object) -> None:
    assert dict(record.running()) == {}
    started = practice.start()
    assert dict(record.running()) == {name: s.url for name, s in started.services.items()}
    text = record.record_path().read_text("utf-8")
    assert not any(s.reveal() in text for p in started.services.values() for s in p.credentials.values())
    started.stop()
    assert dict(record.running()) == {}
    assert not record.record_path().exists()


def test_a_later_practice_keeps_its_record_when_an_earlier_one_stops(home: object) -> None:
    first, second = practice.start(), practice.start()
    first.stop()
    assert record.running()["faos"] == second.services["faos"].url
    second.stop()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"pid": true, "services": {}}',
        b'{"pid": 0, "services": {}}',
        b'{"pid": -1, "services": {"faos": "http://127.0.0.1:1"}}',
        b'{"pid": 99999999999999999999, "services": {"faos": "http://127.0.0.1:1"}}',
        b'{"pid": 1, "services": []}',
        b"[" * 100_000,
    ],
)
def test_a_broken_record_means_that_nothing_runs(home: object, content: bytes) -> None:
    path = record.record_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert dict(record.running()) == {}


def test_a_record_of_a_process_that_is_gone_is_ignored(home: object) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    path = record.record_path()
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"pid": child, "services": {"faos": "http://127.0.0.1:1"}}), "utf-8")
    assert dict(record.running()) == {}


def test_ports_follow_the_first(home: object) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        first = probe.getsockname()[1]
    try:
        started = practice.start(first)
    except JobError:
        pytest.skip("another program took a neighbouring port meanwhile")
    with started:
        ports = [urlsplit(s.url).port for s in started.services.values()]
        assert ports == list(range(first, first + len(ports)))


def test_a_taken_port_is_a_sentence_and_leaves_nothing_behind(home: object) -> None:
    before = serving()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(JobError) as caught:
            practice.start(taken.getsockname()[1])
    assert caught.value.id == "port-taken"
    assert not record.record_path().exists()
    assert serving() == before


@pytest.mark.parametrize("port", [-1, 65535, 70000])
def test_a_port_that_cannot_be_is_the_same_sentence(home: object, port: int) -> None:
    with pytest.raises(JobError) as caught:
        practice.start(port)
    assert caught.value.id == "port-taken"


def test_stopping_is_quick_also_with_an_open_stream_and_frees_the_port(home: object) -> None:
    before = serving()
    started = practice.start()
    mcp = started.services["mcp"]
    parts = urlsplit(mcp.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    bearer = f"Bearer {mcp.credentials['token'].reveal()}"
    connection.request("GET", "/sse", headers={"Authorization": bearer, "Accept": "text/event-stream"})
    assert connection.getresponse().status == 200
    began = time.monotonic()
    started.stop()
    started.stop()
    assert time.monotonic() - began < 1
    connection.close()
    with pytest.raises(OSError, match="refused"):
        ask(mcp.url)
    assert serving() == before


def test_the_token_file_is_private_and_holds_the_token(running: Practice) -> None:
    fleet = running.services["fleet"]
    path = fleet.token_file
    assert path is not None
    content = json.loads(path.read_text("utf-8"))
    assert set(content) == {"value", "created_at"}
    assert Secret(content["value"]) == fleet.credentials["token"]
    assert len(content["value"]) == 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_nothing_is_logged(running: Practice, capfd: pytest.CaptureFixture[str], caplog: object) -> None:
    for service in running.services.values():
        ask(service.url, token=service.credentials["token"])
        ask(service.url, token=Secret("false"))
    assert capfd.readouterr() == ("", "")


def test_what_was_seen_names_the_credential_but_never_holds_it(running: Practice) -> None:
    faos = running.services["faos"]
    ask(f"{faos.url}/v1/whoami", token=faos.credentials["token_analyst"])
    last = running.seen[-1]
    assert (last.service, last.credential, last.account, last.tenant, last.kind) == (
        "faos",
        "token_analyst",
        "practice-analyst",
        "tenant-prod",
        "real",
    )
    assert faos.credentials["token_analyst"].reveal() not in repr(running.seen)


# --- faults: each shows its cause, and the service is healthy without it


def probes(started: Practice, name: str) -> tuple[int, int, int, int]:
    """Status of health, then of a harmless call with no, a false and the real credential."""
    service = started.services[name]
    false = Secret("faosx_" + "x" * 43)

    def call(token: Secret | None) -> int:
        if name == "faos":
            return ask(f"{service.url}/v1/whoami", token=token).status
        return discover(service.url, token).status

    return (
        ask(urljoin(service.url, "/health")).status,
        call(None),
        call(false),
        call(service.credentials["token"]),
    )


@pytest.mark.parametrize("name", ["faos", "fleet", "mcp"])
def test_a_healthy_service_refuses_none_and_false_and_takes_the_real_one(
    running: Practice, name: str
) -> None:
    assert probes(running, name) == (200, 401, 401, 200)


OURS = {"faos", "fleet", "mcp"}
SHOWN = {
    "health-requires-auth": (401, 401, 401, 200),
    "auth-disabled": (200, 200, 200, 200),
    "rate-limited": (200, 429, 429, 429),
    "server-error": (200, 500, 500, 500),
    "access-token-expired": (200, 401, 401, 401),
    "audience-not-bound-to-resource": (200, 401, 401, 401),
    "insufficient-scope": (200, 401, 401, 403),
    "wrong-transport-or-endpoint-path": (200, 405, 405, 405),
    "token-not-recognised": (200, 401, 401, 401),
    "wrong-environment-url": (200, 401, 401, 401),
    "auth-error-hidden-in-200": (200, 401, 401, 200),
    "token-file-regenerated-on-restart": (200, 401, 401, 401),
    "token-file-missing": (200, 401, 401, 200),
    "credential-store-corrupt-or-truncated": (200, 401, 401, 200),
    "token-file-too-permissive": (200, 401, 401, 200),
    "redirect-trailing-slash-drops-auth": (200, 301, 301, 301),
    "access-proxy-redirects-to-login": (200, 302, 302, 302),
}


def test_every_fault_is_shown_below() -> None:
    assert set(SHOWN) == {f.cause for f in FAULTS.values() if OURS & set(f.services)}


@pytest.mark.parametrize(
    ("cause", "name"), [(f.cause, s) for f in FAULTS.values() for s in f.services if s in OURS]
)
def test_a_fault_shows_in_one_way(home: object, cause: str, name: str) -> None:
    with practice.start(faults={name: cause}) as started:
        assert probes(started, name) == SHOWN[cause]
        for other in OURS - {name}:
            assert probes(started, other) == (200, 401, 401, 200)


def claims_of(token: Secret) -> dict[str, object]:
    import jwt

    found = jwt.decode(token.reveal(), options={"verify_signature": False})
    assert isinstance(found, dict)
    return found


def test_jwt_faults_are_wrong_in_their_one_claim(home: object) -> None:
    for cause, changed in {
        "access-token-expired": {"exp"},
        "audience-not-bound-to-resource": {"aud"},
        "wrong-environment-url": {"iss", "aud"},
    }.items():
        with practice.start(faults={"mcp": cause}) as started:
            mcp = started.services["mcp"]
            claims = claims_of(mcp.credentials["token"])
            good = claims_of(started.issue_jwt())
            wrong = {k for k in ("iss", "aud", "sub", "scope") if claims[k] != good[k]}
            if isinstance(claims["exp"], int) and claims["exp"] < time.time():
                wrong.add("exp")
            assert wrong == changed


def test_a_wrong_path_still_works_at_mcp(home: object) -> None:
    for name in ("fleet", "mcp"):
        with practice.start(faults={name: "wrong-transport-or-endpoint-path"}) as started:
            service = started.services[name]
            assert discover(f"{service.url}/mcp", service.credentials["token"]).status == 200


def test_a_credential_of_another_environment_works_there(home: object) -> None:
    with practice.start(faults={"faos": "wrong-environment-url"}) as started:
        token = started.services["faos"].credentials["token"]
        assert ask(f"{started.services['faos-staging'].url}/v1/whoami", token=token).status == 200


def test_rate_limit_and_scope_say_what_to_do(home: object) -> None:
    with practice.start(faults={"faos": "rate-limited", "mcp": "insufficient-scope"}) as started:
        assert ask(f"{started.services['faos'].url}/v1/whoami").headers["retry-after"] == "30"
        mcp = started.services["mcp"]
        said = discover(mcp.url, mcp.credentials["token"]).headers["www-authenticate"]
        assert 'error="insufficient_scope"' in said
        assert 'scope="mcp:tools mcp:admin"' in said
        assert "resource_metadata=" in said


def test_an_unknown_fault_and_a_fault_elsewhere_are_sentences(home: object) -> None:
    with pytest.raises(UsageError) as unknown:
        practice.start(faults={"fleet": "gremlins"})
    assert unknown.value.id == "unknown-fault"
    with pytest.raises(UsageError) as elsewhere:
        practice.start(faults={"fleet": "audience-not-bound-to-resource"})
    assert elsewhere.value.id == "fault-not-here"
    assert [name for name, _ in chosen("access-token-expired")] == ["faos", "mcp"]
