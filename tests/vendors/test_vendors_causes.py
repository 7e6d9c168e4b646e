"""Each cause that a vendor can show is named first; taken out, it is named no more; a healthy vendor yields nothing."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from vendors_support import VENDORS, diagnosed, target_of

from diagnostics import report, targets
from diagnostics.causes.book import REGISTRY
from diagnostics.causes.license import not_licensed
from diagnostics.facts.wire import Answer, Differential
from sandbox import practice
from sandbox.faults import FAULTS
from sandbox.practice import Practice
from sandbox.vendors import IDS, made
from wizard.livetest import PROVEN
from wizard.secret import Secret

pytestmark = pytest.mark.slow

OURS = (
    "slack-error-in-200-not-authed",
    "github-classic-scope-missing",
    "google-scope-insufficient",
    "auth-error-hidden-in-200",
    "credential-of-wrong-kind",
    "tenant-header-missing-or-wrong",
    "license-or-policy-disables-feature",
)
CASES = [(s, c) for c in OURS for s in FAULTS[c].services]
SHARED = {f.cause: [s for s in f.services if s in IDS] for f in FAULTS.values() if f.cause not in OURS}


@pytest.fixture(params=CASES, ids=["-".join(c) for c in CASES])
def faulty(request: pytest.FixtureRequest, home: object) -> Iterator[tuple[Practice, str, str]]:
    """A practice service that shows one cause."""
    service, cause = request.param
    with practice.start(faults={service: cause}) as running:
        yield running, service, cause


async def test_the_fault_is_named_first_and_not_without_its_rule(
    faulty: tuple[Practice, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    running, service, cause = faulty
    target = target_of(running, service)
    found = await diagnosed(target)
    assert found.findings, report.text(found)
    assert (found.verdict, found.findings[0].cause) == ("broken", cause), report.text(found)
    token = running.services[service].credentials["token"].reveal()
    assert token not in str(found.as_json()) + report.text(found) + report.markdown(found)
    assert found.findings[0].certainty == PROVEN
    assert len(found.findings) == 1, report.text(found)
    monkeypatch.delitem(REGISTRY, cause)
    without = await diagnosed(target)
    assert cause not in [f.cause for f in without.findings]


@pytest.mark.parametrize("cause", [c for c, services in SHARED.items() if services])
async def test_a_fault_of_every_service_is_named_first_at_each_vendor(home: object, cause: str) -> None:
    with practice.start(faults=dict.fromkeys(SHARED[cause], cause)) as running:
        found = await asyncio.gather(*(diagnosed(target_of(running, id)) for id in SHARED[cause]))
    for diagnosis in found:
        expected = (cause, "basic-credentials-wrong") if cause == "token-not-recognised" else (cause,)
        assert diagnosis.findings, report.text(diagnosis)
        assert diagnosis.findings[0].cause in expected, report.text(diagnosis)


async def test_a_healthy_vendor_yields_nothing(vendors: Practice) -> None:
    wanted = [target_of(vendors, id) for id in VENDORS]
    found = await asyncio.gather(*(diagnosed(t) for t in wanted))
    for each in found:
        assert (each.verdict, each.findings, each.warnings) == ("healthy", (), ()), report.text(each)
    bare = await asyncio.gather(*(diagnosed(targets.from_url(t.url)) for t in wanted))
    for each in bare:
        assert (each.verdict, each.findings) == ("healthy", ()), report.text(each)


async def test_a_fine_grained_token_is_no_wrong_kind(vendors: Practice) -> None:
    site = vendors.services["github"]
    good = await diagnosed(target_of(vendors, "github", site.credentials["token_fine_grained"]))
    assert (good.verdict, good.findings) == ("healthy", ())
    unknown = await diagnosed(target_of(vendors, "github", made("github_pat_")))
    assert [f.cause for f in unknown.findings] == ["token-not-recognised"], report.text(unknown)


@pytest.mark.parametrize("begins", ["ghs_", "ghu_"])
async def test_another_token_of_the_same_vendor_proves_nothing_by_its_kind(
    vendors: Practice, begins: str
) -> None:
    found = await diagnosed(target_of(vendors, "github", made(begins)))
    assert [f.cause for f in found.findings] == ["token-not-recognised"], report.text(found)


@pytest.mark.parametrize("begins", ["GOCSPX-", "1//0", "ghr_"])
async def test_what_opens_no_api_is_told_where_no_service_is_known(begins: str) -> None:
    def answer(_: str, __: Mapping[str, str]) -> tuple[int, dict[str, str], object]:
        return 401, {}, {"error": "invalid_token"}

    with serving(answer) as url:
        found = await diagnosed(targets.from_url(url, credential=made(begins), kind="api"))
    assert found.findings[0].cause == "credential-of-wrong-kind", report.text(found)
    assert found.findings[0].certainty == "likely"


@pytest.mark.parametrize(
    ("service", "path", "credential", "cause", "says"),
    [
        (
            "slack",
            "/api/conversations.list",
            "token_narrow",
            "slack-missing-scope-or-token-type",
            "channels:read",
        ),
        (
            "slack",
            "/api/search.messages",
            "token",
            "slack-missing-scope-or-token-type",
            "another type of token",
        ),
        ("github", "/user/orgs", "token_narrow", "github-classic-scope-missing", "`read:org`"),
        ("github", "/repos/practice/private", "token_narrow", "github-classic-scope-missing", "`repo`"),
        (
            "google",
            "/gmail/v1/users/me/profile",
            "token_narrow",
            "google-scope-insufficient",
            "gmail.readonly",
        ),
    ],
)
async def test_an_address_that_wants_more_names_what(  # five words of one case
    vendors: Practice, service: str, path: str, credential: str, cause: str, says: str
) -> None:
    site = vendors.services[service]
    parts = urlsplit(site.url)
    url = f"{parts.scheme}://{parts.netloc}{path}"
    found = await diagnosed(targets.from_url(url, credential=site.credentials[credential]))
    assert found.findings[0].cause == cause, report.text(found)
    assert found.findings[0].certainty == PROVEN
    assert says in found.findings[0].title
    assert len([f for f in found.findings if f.certainty == PROVEN]) == 1


async def test_notion_says_403_for_a_capability_that_is_not_there(vendors: Practice) -> None:
    site = vendors.services["notion"]
    version = {"Notion-Version": Secret("2026-03-11")}
    found = await diagnosed(
        targets.from_url(f"{site.url}/v1/users", credential=site.credentials["token_narrow"], headers=version)
    )
    assert found.verdict in ("broken", "undetermined")
    assert not {"credential-of-wrong-kind", "token-not-recognised"} & {f.cause for f in found.findings}


@pytest.mark.parametrize("credential", ["token", "token_narrow"])
async def test_a_wider_scope_brings_the_narrower_along(vendors: Practice, credential: str) -> None:
    site = vendors.services["github"]
    wanted = ("issues", "pull_requests", "actions")
    found = await diagnosed(target_of(vendors, "github", site.credentials[credential], scopes=wanted))
    causes = [f.cause for f in found.findings]
    assert causes == ([] if credential == "token" else ["insufficient-scope"]), report.text(found)


async def test_fusionauth_with_a_key_that_is_bound_to_a_tenant(vendors: Practice) -> None:
    site = vendors.services["fusionauth"]
    url = f"{site.url}/api/user"

    def at(url: str, key: str, **headers: str) -> object:
        sent = {"Authorization": site.credentials[key], **{n: Secret(v) for n, v in headers.items()}}
        return targets.from_url(url, headers=sent, method="api_key_header", kind="api")

    missing = await diagnosed(at(url, "api_key"))  # type: ignore[arg-type]  # `at` gives a Target
    assert missing.findings[0].cause == "tenant-header-missing-or-wrong", report.text(missing)
    assert "X-FusionAuth-TenantId" in missing.findings[0].title
    tenant = {"X-FusionAuth-TenantId": site.credentials["tenant_id"].reveal()}
    for headers, key in ((tenant, "api_key"), ({}, "api_key_of_tenant")):
        good = await diagnosed(at(url, key, **headers))  # type: ignore[arg-type]  # as above
        assert (good.verdict, good.findings) == ("healthy", ()), report.text(good)
    other = await diagnosed(at(url, "api_key", **{"X-FusionAuth-TenantId": "another"}))  # type: ignore[arg-type]  # as above
    assert other.findings[0].cause == "tenant-header-missing-or-wrong"
    assert "`another`" in other.findings[0].title


Answering = Callable[[str, Mapping[str, str]], tuple[int, dict[str, str], object]]


@contextmanager
def serving(answer: Answering) -> Iterator[str]:
    """A server whose every answer the test says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self.path, {n.lower(): v for n, v in self.headers.items()})
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing to standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1/me"
        finally:
            server.shutdown()
            thread.join()


async def test_a_tenants_header_that_is_wrong_is_proven_by_leaving_it_out() -> None:
    token = Secret(secrets.token_urlsafe(24))

    def answer(_: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], object]:
        if headers.get("authorization") != f"Bearer {token.reveal()}":
            return 401, {}, {"error": "invalid_token"}
        if headers.get("x-org-id", "acme") != "acme":
            return 403, {}, {"error": "forbidden"}
        return 200, {}, {"id": 1}

    with serving(answer) as url:
        wrong = targets.from_url(url, credential=token, headers={"X-Org-Id": Secret("umbrella")}, kind="api")
        found = await diagnosed(wrong)
        assert found.findings[0].cause == "tenant-header-missing-or-wrong", report.text(found)
        assert "X-Org-Id names `umbrella`" in found.findings[0].title
        right = targets.from_url(url, credential=token, headers={"X-Org-Id": Secret("acme")}, kind="api")
        assert (await diagnosed(right)).findings == ()
        none = targets.from_url(url, credential=token, kind="api")
        assert (await diagnosed(none)).findings == ()


BODIES = [
    {"ok": False, "error": "invalid_token"},
    {"success": False, "message": "The API key is missing"},
    {"error": {"code": 401, "message": "Request had invalid authentication"}},
    {
        "jsonrpc": "2.0",
        "id": 1,
        "result": {"isError": True, "content": [{"type": "text", "text": "Bad credentials"}]},
    },
    {"jsonrpc": "2.0", "id": 1, "error": {"code": -32001, "message": "Unauthorized"}},
]
INNOCENT = [
    {"ok": True, "error": None},
    {"id": 1, "title": "Invalid token issue"},
    {"ok": False, "error": "channel_not_found"},
    {"error": "", "message": "token expired"},
    {"message": "Your token expires in 3 days"},
    [{"error": "invalid token"}],
    "invalid token",
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("guarded", [True, False])
async def test_a_refusal_in_a_200_is_named_and_told_apart(body: object, guarded: bool) -> None:
    token = Secret(secrets.token_urlsafe(24))

    def answer(_: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], object]:
        known = headers.get("authorization") == f"Bearer {token.reveal()}"
        return (200, {}, body) if known or not guarded else (401, {}, {"error": "who are you"})

    with serving(answer) as url:
        found = await diagnosed(targets.from_url(url, credential=token, kind="api"))
    assert found.findings[0].cause == "auth-error-hidden-in-200", report.text(found)
    assert found.findings[0].certainty == PROVEN
    assert ("what is behind it refuses" in found.findings[0].title) is guarded


@pytest.mark.parametrize("body", INNOCENT, ids=range(len(INNOCENT)))
async def test_a_200_that_only_speaks_of_tokens_is_no_refusal(body: object) -> None:
    token = Secret(secrets.token_urlsafe(24))

    def answer(_: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], object]:
        known = headers.get("authorization") == f"Bearer {token.reveal()}"
        return (200, {}, body) if known else (401, {}, {"error": "invalid_token"})

    with serving(answer) as url:
        found = await diagnosed(targets.from_url(url, credential=token, kind="api"))
    assert (found.verdict, found.findings) == ("healthy", ()), report.text(found)


async def test_a_pair_in_place_of_a_token_shows_no_part_of_it(vendors: Practice) -> None:
    site = vendors.services["atlassian"]
    token = made("ATATT", 180)
    found = await diagnosed(target_of(vendors, "atlassian", token))
    assert found.findings[0].cause in ("basic-credentials-wrong", "token-not-recognised"), report.text(found)
    pair = base64.b64encode(f"{site.credentials['username'].reveal()}:{token.reveal()}".encode()).decode()
    said = str(found.as_json()) + report.text(found)
    assert token.reveal() not in said
    assert pair not in said


@pytest.mark.row("U9")
@pytest.mark.parametrize(
    ("status", "says", "certainty"),
    [
        (403, "unauthorized: not licensed to use Copilot", "proven"),
        (400, "[notLicensedFor]scopes", "proven"),
        (400, "not_licensed", "proven"),
        (403, "MCP servers are disabled by your organization's policy", "likely"),
        (403, "This license plate is not yours", ""),
        (200, "You are not licensed to use this", ""),
    ],
)
def test_a_licence_is_named_by_the_server_s_own_word_alone(status: int, says: str, certainty: str) -> None:
    none = Answer(401)
    real = Answer(status, says=says)
    verdict = not_licensed(Differential("api", none, none, real))
    assert (verdict.certainty if verdict else "") == certainty
