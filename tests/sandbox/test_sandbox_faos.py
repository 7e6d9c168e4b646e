"""The practice FAOS: its API with scopes and tenants, and its stdio server, met by the MCP SDK's own client."""

from __future__ import annotations

import http.server
import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox import practice
from sandbox.practice import Practice, PracticeService
from wizard import catalogue

pytestmark = pytest.mark.slow

ROOT = Path(practice.__file__).parent.parent
MODULE = [sys.executable, "-m", "sandbox.faos_mcp"]


@pytest.fixture
def running(home: object) -> Iterator[Practice]:
    with practice.start() as started:
        yield started


@pytest.fixture
def faos(running: Practice) -> PracticeService:
    return running.services["faos"]


@pytest.fixture
def web(faos: PracticeService) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=faos.url, trust_env=False) as client:
        yield client


def bearing(faos: PracticeService, name: str, tenant: str = "") -> dict[str, str]:
    headers = {"Authorization": f"Bearer {faos.credentials[name].reveal()}"}
    return headers | ({"X-FAOS-Tenant-Id": tenant} if tenant else {})


def machine(faos: PracticeService) -> dict[str, str]:
    return {
        "X-FAOS-Service-Account-Id": faos.credentials["service_account_id"].reveal(),
        "X-FAOS-Service-Account-Secret": faos.credentials["service_account_secret"].reveal(),
    }


def test_tokens_have_the_documents_form(faos: PracticeService) -> None:
    for name in ("token", "token_analyst", "token_narrow", "token_expired", "token_staging"):
        assert faos.credentials[name].reveal().startswith("faosx_")
    assert faos.credentials["service_account_id"].reveal().startswith("sa_")


def test_whoami_says_account_tenant_and_scopes(faos: PracticeService, web: httpx.Client) -> None:
    service = catalogue.load().get("faos")
    presets = {p.id: list(p.scopes) for p in service.presets}
    for headers, scopes, tenant in (
        (bearing(faos, "token"), presets["developer"], "tenant-prod"),
        (bearing(faos, "token_analyst"), presets["analyst"], "tenant-prod"),
        (bearing(faos, "token_narrow"), ["context:read"], "tenant-prod"),
        (bearing(faos, "token_staging"), presets["developer"], "tenant-staging"),
        (machine(faos), presets["ci-cd"], "tenant-prod"),
    ):
        said = web.get("/v1/whoami", headers=headers).json()
        assert (sorted(said["scopes"]), said["tenant"]) == (sorted(scopes), tenant)
        assert said["expires_at"].endswith("Z")


def test_every_tool_needs_just_its_scopes(faos: PracticeService, web: httpx.Client) -> None:
    service = catalogue.load().get("faos")
    assert len(service.tools) == 17
    analyst = set(next(p.scopes for p in service.presets if p.id == "analyst"))
    for tool in service.tools:
        assert web.post(f"/v1/tools/{tool.name}", headers=bearing(faos, "token"), json={}).status_code == 200
        answer = web.post(f"/v1/tools/{tool.name}", headers=bearing(faos, "token_analyst"), json={})
        if set(tool.scopes) <= analyst:
            assert answer.status_code == 200
        else:
            assert answer.status_code == 403
            assert answer.json() == {"error": "insufficient_scope", "required": list(tool.scopes)}
            assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
            assert f'scope="{" ".join(tool.scopes)}"' in answer.headers["www-authenticate"]
    assert web.post("/v1/tools/nothing", headers=bearing(faos, "token")).status_code == 404


def test_refusals(faos: PracticeService, web: httpx.Client) -> None:
    nothing = web.get("/v1/whoami")
    assert nothing.status_code == 401
    assert "error=" not in nothing.headers["www-authenticate"]
    half = dict(list(machine(faos).items())[:1])
    for headers in (
        {"Authorization": f"Bearer faosx_{secrets.token_urlsafe(32)}"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic eA=="},
        {"Authorization": f"Bearer Bearer {faos.credentials['token'].reveal()}"},
        {"Authorization": f'Bearer "{faos.credentials["token"].reveal()}"'},
        bearing(faos, "token_expired"),
        half,
        machine(faos) | {"X-FAOS-Service-Account-Secret": "secret_false"},
    ):
        answer = web.get("/v1/whoami", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_credential_is_good_for_its_own_tenant_only(faos: PracticeService, web: httpx.Client) -> None:
    for name, right, wrong in (
        ("token", "tenant-prod", "tenant-staging"),
        ("token_staging", "tenant-staging", "tenant-prod"),
    ):
        assert web.get("/v1/whoami", headers=bearing(faos, name, right)).status_code == 200
        assert web.get("/v1/whoami", headers=bearing(faos, name, wrong)).status_code == 401


# --- the stdio server


def environment(faos: PracticeService, **more: str) -> dict[str, str]:
    return {"FAOS_API_URL": faos.url, "PYTHONPATH": str(ROOT), **more}


def talk(env: Mapping[str, str], *messages: object) -> list[dict[str, Any]]:
    lines = b"".join((m if isinstance(m, bytes) else json.dumps(m).encode()) + b"\n" for m in messages)
    done = subprocess.run(MODULE, input=lines, capture_output=True, env=dict(env), timeout=20, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.splitlines()]


def call(tool: str = "faos_get_context") -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": tool}}


INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    },
}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_sdk_client_lists_all_tools_and_calls_one(
    running: Practice, faos: PracticeService, mode: Any
) -> None:
    from mcp import Client, StdioServerParameters

    env = environment(faos, FAOS_API_TOKEN=faos.credentials["token"].reveal(), FAOS_TENANT_ID="tenant-prod")
    server = StdioServerParameters(command=MODULE[0], args=MODULE[1:], env=env)
    async with Client(server, mode=mode) as client:
        names = [t.name for t in (await client.list_tools()).tools]
        assert names == [t.name for t in catalogue.load().get("faos").tools]
        said = await client.call_tool("faos_get_my_tasks", {"limit": 3})
        assert not said.is_error
        assert "tenant-prod" in said.content[0].text
    greeted, called = running.seen[0], running.seen[-1]
    assert (greeted.path, greeted.credential) == ("/v1/whoami", "token")
    assert (called.path, called.account) == ("/v1/tools/faos_get_my_tasks", "practice-developer")


def test_the_api_learns_who_is_there_before_any_tool_is_called(
    running: Practice, faos: PracticeService
) -> None:
    staging = faos.credentials["token_staging"].reveal()
    talk(environment(faos, FAOS_API_TOKEN=staging, FAOS_TENANT_ID="tenant-staging"), INITIALIZE)
    assert [(s.credential, s.tenant) for s in running.seen] == [("token_staging", "tenant-staging")]


def test_a_service_account_reaches_the_api(running: Practice, faos: PracticeService) -> None:
    env = environment(
        faos,
        FAOS_SERVICE_ACCOUNT_ID=faos.credentials["service_account_id"].reveal(),
        FAOS_SERVICE_ACCOUNT_SECRET=faos.credentials["service_account_secret"].reveal(),
    )
    run, read = talk(env, call("faos_run_workflow"), call("faos_get_context"))
    assert run["result"]["isError"] is False
    assert read["result"]["isError"] is True
    assert "insufficient_scope" in read["result"]["content"][0]["text"]
    assert {s.account for s in running.seen} == {"practice-ci"}


def test_a_refused_credential_lets_it_start_and_each_tool_says_why(faos: PracticeService) -> None:
    for token in ({}, {"FAOS_API_TOKEN": "${FAOS_API_TOKEN}"}):
        begun, listed, said = talk(
            environment(faos, **token),
            INITIALIZE,
            {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
            call(),
        )
        assert begun["result"]["serverInfo"]["name"] == "faos-mcp"
        assert len(listed["result"]["tools"]) == 17
        assert said["result"]["isError"] is True
        assert "HTTP 401" in said["result"]["content"][0]["text"]


@pytest.mark.slow
def test_a_token_that_no_header_can_hold_is_not_repeated(faos: PracticeService) -> None:
    token = f"faosx_{secrets.token_urlsafe(32)}"
    for broken in (f"{token}\n", f"{token}\r\nX: y", f"{token}\u2026"):
        (said,) = talk(environment(faos, FAOS_API_TOKEN=broken), call())
        assert said["result"]["isError"] is True
        assert token not in json.dumps(said)


def test_no_api_is_a_sentence(home: object) -> None:
    started = practice.start()
    url = started.services["faos"].url
    started.stop()
    begun, said = talk({"FAOS_API_URL": url, "PYTHONPATH": str(ROOT)}, INITIALIZE, call())
    assert "result" in begun
    assert "refused" in said["result"]["content"][0]["text"].lower()


def test_lines_that_are_no_message_are_answered_and_the_server_goes_on(faos: PracticeService) -> None:
    answers = talk(
        environment(faos),
        b"{",
        b"\xff",
        b"",
        b"[]",
        b"3",
        b"[" * 50_000,
        {"jsonrpc": "2.0", "id": 9, "method": "ping"},
    )
    assert [a.get("error", {}).get("code") for a in answers] == [-32700, -32700, -32600, -32600, -32700, None]


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"FAOS_API_URL": "http://127.0.0.1:1", "FAOS_AUTH_METHOD": "sso"}, "FAOS_SSO_DOMAIN is not set"),
        ({"FAOS_API_URL": "http://127.0.0.1:1", "FAOS_AUTH_METHOD": "oidc"}, "FAOS_AUTH_METHOD is not sso"),
        ({}, "FAOS_API_URL is not set"),
        ({"FAOS_API_URL": "nonsense"}, "FAOS_API_URL"),
        ({"FAOS_API_URL": "https://api.faosx.ai"}, "not on this machine"),
    ],
)
def test_an_environment_that_cannot_work_is_one_sentence(
    home: object, env: dict[str, str], says: str
) -> None:
    token = f"faosx_{secrets.token_urlsafe(32)}"
    done = subprocess.run(
        MODULE,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={"PYTHONPATH": str(ROOT), "FAOS_API_TOKEN": token, **env},
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert token not in done.stderr


def test_it_ends_quietly_when_the_client_goes(faos: PracticeService) -> None:
    child = subprocess.Popen(
        MODULE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(faos)
    )
    assert child.stdin and child.stdout and child.stderr
    child.stdout.close()
    child.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
    child.stdin.close()
    assert child.wait(10) == 0
    assert child.stderr.read() == b""
    child.stderr.close()


@pytest.mark.slow
def test_an_api_that_never_answers_does_not_hold_up_the_first_answer_for_ever(home: object) -> None:
    answered = threading.Event()

    class Silent(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answered.wait(30)

        def log_message(self, *_: object) -> None:
            return None

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        env = {"FAOS_API_URL": f"http://127.0.0.1:{server.server_port}", "PYTHONPATH": str(ROOT)}
        child = subprocess.Popen(MODULE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        assert child.stdin and child.stdout
        child.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
        child.stdin.flush()
        first = child.stdout.readline()
        answered.set()
        child.stdin.close()
        assert child.wait(10) == 0
        child.stdout.close()
        server.shutdown()
    assert b"serverInfo" in first


def test_it_loads_nothing_heavy(home: object) -> None:
    heavy = ("starlette", "uvicorn", "httpx", "textual", "rich", "cryptography")
    code = f"import sys, sandbox.faos_mcp; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
        check=True,
        timeout=20,
    )
    assert done.stdout.strip() == "[]"
